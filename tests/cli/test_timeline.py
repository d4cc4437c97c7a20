"""The timeline of a client: one line an event, which fits, and names instead of numbers."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from switchover.models.language import Message
from switchover.models.spice.protocol import base, link
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import Ended, MessageSeen, NotAllowed, Opened, StateChanged
from switchover.timeline import Timeline

MAIN = (ChannelType.MAIN, 0)


def printed(*events: object, width: int = 100, everything: bool = True) -> list[str]:
    out = io.StringIO()
    console = Console(width=width, file=out, highlight=False, emoji=False, markup=False)
    timeline = Timeline(console, lambda _: "A", lambda _: 0, everything)
    timeline.show(Opened(0.0, 1, MAIN, "127.0.0.1:1"))
    out.truncate(0)
    out.seek(0)
    for each in events:
        timeline.show(each)
    return out.getvalue().splitlines()


def said(message: Message, name: str) -> str:
    (line,) = printed(MessageSeen(0.0, 1, MAIN, Side.SERVER, name, None, 0, message))
    return " ".join(line.partition("main")[2].removesuffix("–").split())


@pytest.mark.parametrize("error", list(link.LinkError))
def test_the_errors_of_a_link_have_names(error: link.LinkError) -> None:
    shown = f" {error.value} {error.name}" if error else ""
    assert said(link.LinkResult(error), "LINK_RESULT") == f"← LINK_RESULT{shown}"
    assert said(link.LinkReply(error, b"", (), ()), "LINK_REPLY") == f"← LINK_REPLY{shown}"


def test_of_replies_to_links_only_refusals_are_shown_among_what_matters() -> None:
    ok, refused = (
        MessageSeen(0.0, 1, MAIN, Side.SERVER, "LINK_REPLY", None, 0, link.LinkReply(error, b"", (), ()))
        for error in (link.LinkError.OK, link.LinkError.INVALID_DATA)
    )
    assert printed(ok, everything=False) == []
    (line,) = printed(ok, refused, everything=False)
    assert "← LINK_REPLY 3 INVALID_DATA" in line


def test_an_error_that_spice_does_not_have_is_a_number() -> None:
    assert said(link.LinkResult(77), "LINK_RESULT") == "← LINK_RESULT 77"


def test_tls_is_said_once() -> None:
    reason = "TLS: the certificate is not accepted"
    (line,) = printed(Ended(0.0, 2, MAIN, None, reason, "127.0.0.1:6001 (TLS)"))
    assert "127.0.0.1:6001 (TLS): the certificate is not accepted" in line
    (line,) = printed(Ended(0.0, 2, MAIN, None, "TLS: only one side speaks it", "127.0.0.1:6001"))
    assert "127.0.0.1:6001: TLS: only one side speaks it" in line


def test_a_session_begins_with_connecting() -> None:
    first, second = printed(
        StateChanged(0.0, "session", "on_source", "switching"), StateChanged(0.0, "session", "leaving", "switching")
    )
    assert first.split()[1:3] == ["session:", "connecting"]
    assert "session: leaving → switching" in second


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_a_long_text_goes_on_in_the_next_line(width: int) -> None:
    text = " ".join(f"word{number}" for number in range(40)) + " " + "x" * 150
    lines = printed(NotAllowed(0.0, 1, text), width=width)
    assert max(map(len, lines)) <= width
    assert all(each.startswith(" " * 25) for each in lines[1:])
    shown = "".join("".join(each[25:].removesuffix("–").split()) for each in lines)
    assert shown == "notallowed:" + text.replace(" ", "")


@pytest.mark.parametrize("width", [10, 30, 45])
def test_hardly_any_room_is_enough(width: int) -> None:
    assert "connected" not in "".join(printed(NotAllowed(0.0, 1, "text"), width=width))


def test_of_a_notice_without_end_the_beginning_is_shown() -> None:
    notice = base.Notify(0, 0, 2, 0, "n" * 70_000)
    lines = printed(MessageSeen(0.0, 1, MAIN, Side.SERVER, "NOTIFY", 7, 0, notice))
    assert 300 < len("".join(lines)) < 700
