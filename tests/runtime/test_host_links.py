"""Who may link to a host, and what becomes of those who may not (facts: SPICE 1.2, 1.3, 3.3)."""

from __future__ import annotations

import pytest
from host_bench import BESIDE_MAIN, Bench, HostOnBench, Wire, new_client, preconnect
from switchover.models.spice.link_timing.endpoints import SLOTS, ServerDesign
from switchover.models.spice.link_timing.variant import Repairs
from switchover.models.spice.protocol import inputs, main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import Ended, MessageSeen, NotAllowed
from switchover.runtime.spice.host_events import Happening
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.link import LinkRequest

MAIN, DISPLAY = ChannelType.MAIN, ChannelType.DISPLAY
PERMISSION_DENIED, BAD_CONNECTION_ID, CHANNEL_NOT_AVAILABLE = 7, 8, 9


def reasons(host: HostOnBench) -> list[str]:
    return [event.reason for event in host.all(Ended)]


def result(bench: Bench, host: HostOnBench, password: str, connection_id: int = 0) -> int | None:
    wire = bench.connect(host).link(MAIN, connection_id, password=password)
    assert wire.is_closed == (wire.result != 0)
    return wire.result


def test_without_ticketing_any_password_will_do() -> None:
    bench = Bench()
    assert result(bench, bench.host("a"), "whatever") == 0


@pytest.mark.parametrize(("password", "expected"), [("right", 0), ("wrong", 7), ("", 7), ("right ", 7)])
def test_with_ticketing_the_right_one_is_needed(password: str, expected: int) -> None:
    bench = Bench()
    assert result(bench, bench.host("a", HostOptions(password="right")), password) == expected


def test_every_link_needs_a_ticket_that_has_not_run_out_and_established_channels_live_on() -> None:
    bench = Bench()
    a = bench.host("a", HostOptions(password="first"))
    bench.tell(a, a.endpoint.set_password, "second", lifetime=5)
    wire = bench.connect(a).link(MAIN, 0, password="second")
    session = wire.last(main.Init).session_id
    bench.advance(5)
    assert a.happened(Happening.TICKET_EXPIRED) == 1
    late = bench.connect(a).link(DISPLAY, session, password="second")
    assert (late.result, wire.is_closed) == (PERMISSION_DENIED, False)
    bench.tell(a, a.endpoint.set_password, "second")
    assert bench.connect(a).link(DISPLAY, session, password="second").result == 0


@pytest.mark.parametrize("in_one_piece", [True, False])
def test_a_ticket_that_cannot_be_read_is_refused_in_the_result_however_it_comes(in_one_piece: bool) -> None:
    bench = Bench()
    a = bench.host("a")
    wire = bench.connect(a)
    request = LinkRequest(0, MAIN, 0, frozenset((0, 1, 3)), frozenset())
    steps = [request.message, (1).to_bytes(4, "little"), bytes(128)]
    for each in [b"".join(steps)] if in_one_piece else steps:
        wire.write(each)
    seen = [each.message for each in a.all(MessageSeen)]
    assert [type(each).__name__ for each in seen] == ["Link", "LinkReply", "Auth", "LinkResult"]
    assert (seen[1].error, seen[3].result) == (0, PERMISSION_DENIED)  # type: ignore[union-attr, attr-defined]
    assert reasons(a) == ["link refused: PERMISSION_DENIED"]


def test_without_a_password_nobody_is_let_in() -> None:
    bench = Bench()
    a = bench.host("a")
    bench.tell(a, a.endpoint.set_password, None)
    assert result(bench, a, "") == PERMISSION_DENIED
    with pytest.raises(ValueError, match="60 bytes"):
        a.endpoint.set_password("x" * 61, now=bench.now)


def test_a_channel_must_know_its_session() -> None:
    bench = Bench()
    a = bench.host("a")
    client = new_client(bench, a, channels=())
    for connection_id in (0, client.session + 1):
        wire = bench.connect(a).link(DISPLAY, connection_id)
        assert (wire.result, wire.is_closed) == (BAD_CONNECTION_ID, True)
    assert not client.main.is_closed


@pytest.mark.parametrize(("channel", "number"), [(ChannelType.RECORD, 0), (DISPLAY, 1), (ChannelType.MAIN, 1)])
def test_a_channel_must_exist(channel: ChannelType, number: int) -> None:
    bench = Bench()
    a = bench.host("a")
    assert bench.connect(a).link(channel, 0, number=number).result == CHANNEL_NOT_AVAILABLE


def test_each_new_client_has_a_session_of_its_own_and_displaces_the_one_before() -> None:
    bench = Bench()
    a = bench.host("a")
    first, second = new_client(bench, a), new_client(bench, a)
    assert first.session != second.session
    assert all(wire.is_closed for wire in first.all())
    assert bench.connect(a).link(DISPLAY, first.session).result == BAD_CONNECTION_ID
    assert not any(wire.is_closed for wire in second.all())


def test_a_client_of_another_host_is_known_by_the_id_that_it_brings() -> None:
    bench = Bench()
    b = bench.host("b")
    wire = bench.connect(b).link(MAIN, 0xABCD)
    assert (wire.result, wire.take()) == (0, [])
    assert bench.connect(b).link(DISPLAY, 0xABCD).result == 0
    assert bench.connect(b).link(DISPLAY, 0xABCE).result == BAD_CONNECTION_ID


def test_parked_channels_are_not_read_and_nothing_is_lost() -> None:
    bench = Bench()
    b = bench.host("b")
    wire = bench.connect(b).link(MAIN, 0xABCD)
    parked = bench.connect(b).link(ChannelType.INPUTS, 0xABCD)
    assert parked.is_paused
    parked.is_paused = False  # these bytes were under way when the host stopped to read
    parked.send(inputs.KeyModifiers(1))
    for _ in range(4):
        parked.send(inputs.MouseMotion(1, 1, 0))
    parked.is_paused = True
    assert b.said(ChannelType.INPUTS, Side.CLIENT) == []
    wire.send(main.MigrateEnd())
    assert not parked.is_paused
    assert parked.take() == ["INIT", "MOUSE_MOTION_ACK"]


@pytest.mark.parametrize("repaired", [False, True])
def test_a_parked_channel_of_a_client_that_left_is_closed_by_the_repair_alone(repaired: bool) -> None:
    """N26: shipped software forgets the socket."""
    bench = Bench()
    b = bench.host("b", HostOptions(design=ServerDesign(repairs=Repairs(closes_parked=repaired))))
    wire = bench.connect(b).link(MAIN, 0xABCD)
    parked = bench.connect(b).link(DISPLAY, 0xABCD)
    wire.close()
    assert parked.is_closed == repaired


def test_sockets_of_a_channel_run_out() -> None:
    """The ones that were forgotten count too."""
    bench = Bench()
    b = bench.host("b")
    for number in range(SLOTS + 1):
        wire = bench.connect(b).link(MAIN, 0xAB00 + number)
        parked = bench.connect(b).link(DISPLAY, 0xAB00 + number)
        wire.close()
    assert parked.is_closed
    assert any(f"no more than {SLOTS}" in reason for reason in reasons(b))


def test_a_link_that_is_not_finished_in_time_is_closed() -> None:
    bench = Bench()
    a = bench.host("a", HostOptions(link_limit=10))
    wire = bench.connect(a)
    wire.write(b"REDQ")
    bench.advance(9)
    assert not wire.is_closed
    bench.advance(1)
    assert wire.is_closed
    assert reasons(a) == ["no link within 10 s"]


def test_connections_that_do_not_link_are_limited() -> None:
    bench = Bench()
    a = bench.host("a", HostOptions(most_unlinked=3))
    wires = [bench.connect(a) for _ in range(5)]
    assert [wire.is_closed for wire in wires] == [False, False, False, True, True]
    bench.advance(11)
    assert not bench.connect(a).is_closed


def test_full_headers_are_used_with_a_client_that_has_no_others() -> None:
    bench = Bench()
    a = bench.host("a")
    wire = bench.connect(a).link(MAIN, 0, common=frozenset((0, 1)))
    assert wire.take()[:2] == ["INIT", "NAME"]
    wire.send(main.AttachChannels())
    assert wire.take() == ["CHANNELS_LIST"]


def test_the_ticket_is_asked_for_without_auth_selection_too() -> None:
    bench = Bench()
    assert bench.connect(bench.host("a")).link(MAIN, 0, common=frozenset((3,))).result == 0


def test_a_stale_link_does_not_displace_the_client_in_service_in_the_repaired_design() -> None:
    bench = Bench()
    repaired = HostOptions(design=ServerDesign(repairs=Repairs(keeps_served_client=True)))
    a = bench.host("a", repaired, with_guest=True)
    client = new_client(bench, a)
    stale = bench.connect(a).link(MAIN, 0xABCD, frozenset())
    assert (stale.result, stale.is_closed) == (BAD_CONNECTION_ID, True)
    bench.tell(a, a.endpoint.client_migrate_info, "b", 1)
    assert client.main.take()[-1] == "MIGRATE_BEGIN"  # the stranger's capabilities are not taken for the client's


def test_a_stale_link_does_not_make_the_host_forget_the_session_in_service() -> None:
    bench = Bench()
    b = bench.host("b", HostOptions(design=ServerDesign(repairs=Repairs(keeps_served_client=True))))
    bench.connect(b).link(MAIN, 0xABCD).send(main.MigrateEnd())
    for stale in (1, 2, 3):
        assert bench.connect(b).link(MAIN, stale).result == BAD_CONNECTION_ID
    assert bench.connect(b).link(DISPLAY, 0xABCD).result == 0


def wait_for_data(bench: Bench, repairs: Repairs) -> tuple[HostOnBench, Wire]:
    """A target whose guest runs, and whose display waits for MIGRATE_DATA: its worker is blocked (N10)."""
    options = HostOptions(design=ServerDesign(seamless=True, repairs=repairs))
    a, b = bench.host("a", options, with_guest=True), bench.host("b", options)
    client = new_client(bench, a)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    twin = preconnect(bench, client, b)
    twin.main.send(main.MigrateDstDoSeamless(1))
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.complete)
    assert b.endpoint.runs_guest
    return b, bench.connect(b).link(MAIN, 0)


def test_n10_a_new_client_waits_until_the_blocked_target_gives_up() -> None:
    bench = Bench()
    b, late = wait_for_data(bench, Repairs())
    assert late.result is None
    bench.advance(9.9)
    assert late.result is None
    bench.advance(0.2)
    assert late.result == 0
    assert b.endpoint.state == "completed"


def test_n10_is_repaired() -> None:
    bench = Bench()
    _, late = wait_for_data(bench, Repairs(never_blocks=True))
    assert late.result == 0


def test_options_are_checked() -> None:
    with pytest.raises(ValueError, match="channels"):
        HostOptions(channels=((ChannelType.RECORD, 0),))
    with pytest.raises(ValueError, match="channels"):
        HostOptions(channels=((DISPLAY, 0), (DISPLAY, 0)))
    with pytest.raises(ValueError, match="uuid"):
        HostOptions(uuid=b"")
    with pytest.raises(ValueError, match="listener"):
        Bench().host("a").endpoint.accepted("telnet", "somebody", 0.0)


def test_the_list_has_the_channels_of_the_options() -> None:
    bench = Bench()
    channels = ((DISPLAY, 0), (DISPLAY, 1), (ChannelType.INPUTS, 0))
    a = bench.host("a", HostOptions(channels=channels))
    client = new_client(bench, a, channels=())
    assert client.main.last(main.Init).display_channels_hint == 2
    listed = client.main.last(main.ChannelsList).channels
    assert tuple((each.type, each.id) for each in listed) == channels
    assert bench.connect(a).link(DISPLAY, client.session, number=1).result == 0


def test_nothing_is_complained_about_in_an_ordinary_session() -> None:
    bench = Bench()
    a = bench.host("a", with_guest=True)
    client = new_client(bench, a)
    bench.advance(1)
    client.close()
    assert a.all(NotAllowed) == []
    assert a.endpoint.state == "vacant"
    assert len(BESIDE_MAIN) + 1 == len(a.all(Ended))
