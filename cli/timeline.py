"""What a client sees, as it happens: a line for each event that matters to a handover."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import wrap

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from switchover.models.spice.protocol import base, link, main
from switchover.models.spice.protocol.channels import Side
from switchover.runtime.spice.events import (
    Channel,
    ClockSet,
    Ended,
    FrameShown,
    MessageSeen,
    NotAllowed,
    Opened,
    StateChanged,
)

from .excerpt import excerpt, printable
from .judging_words import Judged, judgement_lines

_FREQUENT = frozenset(("PING", "PONG", "ACK", "ACK_SYNC", "SET_ACK", "STREAM_CLIP", "STREAM_REPORT", "KEY_MODIFIERS"))
_FREQUENT |= {"STREAM_DATA", "STREAM_DATA_SIZED", "DATA", "LATENCY", "VOLUME", "MUTE", "LINK_REPLY", "NAME", "UUID"}
_FREQUENT |= {"INVAL_ALL_PALETTES", "INVAL_ALL_PIXMAPS", "MONITORS_CONFIG"}
_DRAWINGS = ("DRAW_", "COPY_BITS")
#: Columns before a text, those that it has at least, those that it takes where there is room, those of the clock.
_INDENT = 25
_NARROWEST = 20
_WIDEST = 50
_CLOCK = 13
#: Characters of a server's notice.
_MOST_SAID = 300
#: What was possible instead is told in so many lines; the report at the end has all of them.
_MOST_TOLD = 4
_LINK_ERRORS = frozenset(link.LinkError)
_TARGETS = (main.MigrateBegin, main.MigrateBeginSeamless, main.MigrateSwitchHost)


class Timeline:
    """Prints events: seconds since the first, host, channel, what came or went, and what the client's clock shows.

    ``name``: what a server's address is called. ``clock``: the clock in ms at a time. ``everything``: frequent messages
    too.
    """

    def __init__(
        self, console: Console, name: Callable[[str], str], clock: Callable[[float], int], everything: bool
    ) -> None:
        self._console = console
        self._name = name
        self._clock = clock
        self._everything = everything
        self._began: float | None = None
        self._hosts: dict[int, str] = {}
        self._has_clock = False
        self._pictured: set[str] = set()

    def show(self, event: object) -> None:
        """Print an event, if it is one that is shown."""
        if isinstance(event, Opened):
            self._hosts[event.connection] = self._name(event.server)
            self._line(event.at, event.connection, event.channel, f"connected to {event.address}", "dim")
        elif isinstance(event, MessageSeen):
            self._message(event)
        elif isinstance(event, Ended):
            text = event.reason if event.connection in self._hosts else f"{event.address}: {cause(event)}"
            self._line(event.at, event.connection, event.channel, text, "dim" if event.by is not None else "red")
        elif isinstance(event, StateChanged) and event.actor == "session":
            self._line(event.at, 0, None, f"session: {_change(event)}", "bold")
        elif isinstance(event, ClockSet):
            self._set_clock(event)
        elif isinstance(event, FrameShown):
            self._first_picture(event.at, event.connection, "a frame of video")
        elif isinstance(event, NotAllowed):
            self._line(event.at, event.connection, None, f"not allowed: {event.text}", "bold red")
        elif isinstance(event, Judged):
            self._judged(event)

    def say(self, at: float, host: str, text: str, style: str) -> None:
        """Print what was seen at a host, rather than by the client."""
        self._print(at, host, "", text, style)

    def _judged(self, event: Judged) -> None:
        text, *more = judgement_lines(event.judgement, event.moment)
        self._line(event.at, 0, None, text, "bold red" if event.judgement.is_wrong else "yellow")
        for each in more[:_MOST_TOLD]:
            self._console.print(Padding(Text(each), (0, 0, 0, _INDENT), expand=False))

    def _set_clock(self, event: ClockSet) -> None:
        if not self._has_clock:
            self._has_clock = True
            self._line(event.at, 0, None, "clock set for the first time", "magenta")
        elif event.jump:
            reset = ", mm-time-reset" if event.reset else ""
            self._line(event.at, 0, None, f"clock set: {event.jump:+,} ms{reset}", "magenta")

    def _message(self, event: MessageSeen) -> None:
        if event.sender is Side.SERVER and event.name.startswith(_DRAWINGS):
            self._first_picture(event.at, event.connection, event.name)
        if not self._everything and is_frequent(event):
            return
        arrow = "←" if event.sender is Side.SERVER else "→"
        style = "cyan" if "MIGRATE" in event.name else ""
        self._line(event.at, event.connection, event.channel, f"{arrow} {event.name}{details(event)}", style)

    def _first_picture(self, at: float, connection: int, what: str) -> None:
        host = self._hosts.get(connection, "")
        if host not in self._pictured:
            self._pictured.add(host)
            self._line(at, connection, None, f"first picture from {host}: {what}", "green")

    def _line(self, at: float, connection: int, channel: Channel | None, text: str, style: str) -> None:
        name = "" if channel is None else channel[0].name.lower() + (f" {channel[1]}" if channel[1] else "")
        self._print(at, self._hosts.get(connection, ""), name, text, style)

    def _print(self, at: float, host: str, channel: str, text: str, style: str) -> None:
        self._began = at if self._began is None else self._began
        line = Text(f"{at - self._began:9.3f}  ")
        line.append(f"{host:2} {channel:10} ", "bold")
        room = max(_NARROWEST, self._console.width - _INDENT - _CLOCK)
        first, *more = wrap(text, room, break_on_hyphens=False) or [""]
        line.append(f"{first:{min(_WIDEST, room)}}", style)
        line.append(f" {self._clock(at) if self._has_clock else '–':>12}", "dim")
        self._console.print(line, soft_wrap=True)
        for each in more:
            self._console.print(Text(" " * _INDENT + each, style), soft_wrap=True)


def is_frequent(event: MessageSeen) -> bool:
    """Whether this is upkeep or service, which comes all the time, and says nothing that matters to a handover."""
    return (event.name in _FREQUENT or event.name.startswith(_DRAWINGS)) and not details(event)


def details(event: MessageSeen) -> str:
    """What a message says that matters to a handover; empty for most."""
    message = event.message
    if isinstance(message, _TARGETS):
        return f" to {printable(message.host)}:{message.port}"
    if isinstance(message, main.Init):
        return f" session {message.session_id:08x}, time {message.multi_media_time}"
    if isinstance(message, main.MultiMediaTime):
        return f" {message.time}"
    if isinstance(message, base.Notify):
        said = message.message
        return f": {printable(excerpt(said, _MOST_SAID))}"
    if isinstance(message, link.LinkResult):
        return _link_error(message.result)
    if isinstance(message, link.LinkReply):
        return _link_error(message.error)
    return ""


def _link_error(number: int) -> str:
    """Nothing for OK; a number that SPICE does not have stands alone."""
    if number == link.LinkError.OK:
        return ""
    return f" {int(number)}" + (f" {link.LinkError(number)}" if number in _LINK_ERRORS else "")


def _change(event: StateChanged) -> str:
    # The chart has a first connection as one that is made anew; nothing else leads a session from here to there.
    is_first = (event.before, event.after) == ("on_source", "switching")
    return "connecting" if is_first else f"{event.before} → {event.after}"


def cause(event: Ended) -> str:
    """Why a connection did not come about; that it was to have TLS is said by its address."""
    return event.reason.removeprefix("TLS: ") if event.address.endswith(" (TLS)") else event.reason
