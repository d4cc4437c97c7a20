"""Why a session was lost: the refusal or the end that did it, not what followed from that."""

from __future__ import annotations

from switchover.models.spice.protocol import link
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.refusals import Refusals
from switchover.runtime.spice.events import Ended, MessageSeen, Opened, StateChanged

MAIN, INPUTS = (ChannelType.MAIN, 0), (ChannelType.INPUTS, 0)
LOST = StateChanged(2.0, "session", "completed", "lost")


def opened(connection: int, server: str = "a:1", channel: tuple[ChannelType, int] = MAIN) -> Opened:
    return Opened(0.0, connection, channel, server, server)


def replied(connection: int, error: int, channel: tuple[ChannelType, int] = MAIN) -> MessageSeen:
    return MessageSeen(1.0, connection, channel, Side.SERVER, "LINK_REPLY", None, 0, link.LinkReply(error, b"", (), ()))


def resulted(connection: int, error: int) -> MessageSeen:
    return MessageSeen(1.0, connection, MAIN, Side.SERVER, "LINK_RESULT", None, 0, link.LinkResult(error))


def fed(*events: object) -> Refusals:
    found = Refusals()
    for each in events:
        found.feed(each)
    return found


def test_a_session_that_is_not_lost_has_no_reason() -> None:
    ended = Ended(1.0, 1, MAIN, Side.SERVER, "closed by the server", "a:1")
    assert fed(opened(1), ended, StateChanged(1.0, "inputs 0", "completed", "lost")).reason is None


def test_the_latest_on_main_is_the_reason() -> None:
    events = (
        opened(1),
        replied(1, link.LinkError.OK),
        resulted(1, link.LinkError.OK),
        opened(2, "b:2"),
        resulted(2, link.LinkError.PERMISSION_DENIED),
        Ended(1.0, 2, MAIN, Side.CLIENT, "closed by the client", "b:2"),
    )
    assert fed(*events, LOST).reason == "main at b:2: LINK_RESULT 7 PERMISSION_DENIED"
    end = Ended(1.5, 1, MAIN, None, "connection reset", "a:1")
    beside = Ended(1.5, 3, INPUTS, Side.SERVER, "closed by the server", "a:1")
    assert fed(*events, end, beside, LOST).reason == "main at a:1: connection reset"


def test_an_error_that_spice_does_not_have_is_a_number() -> None:
    assert fed(opened(1), resulted(1, 77), LOST).reason == "main at a:1: LINK_RESULT 77"


def test_the_name_of_a_host_does_not_control_the_terminal_and_has_an_end() -> None:
    end = Ended(1.0, 1, MAIN, None, "connection refused", "\x1b[2J" + "h" * 5000)
    reason = fed(end, LOST).reason
    assert reason is not None
    assert reason.isprintable()
    assert len(reason) < 400


def test_who_wants_tls() -> None:
    need = link.LinkError.NEED_SECURED
    first = fed(opened(1), opened(2, channel=INPUTS), replied(2, need, INPUTS), replied(2, need, INPUTS))
    assert (first.wanting_tls, first.is_tls_wanted) == (["inputs"], True)
    target = fed(opened(1), opened(2, "b:2"), replied(2, need))
    assert (target.wanting_tls, target.is_tls_wanted) == ([], True)
    nobody = fed(opened(1), replied(1, link.LinkError.NEED_UNSECURED))
    assert (nobody.wanting_tls, nobody.is_tls_wanted) == ([], False)
