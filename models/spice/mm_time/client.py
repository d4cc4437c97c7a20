"""The client's clock, sound and one video stream by themselves, with any servers (facts: SPICE 5.3, 5.4)."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import cache

from switchover.models.language import Actor, Binding, Message, System, Timing, Wrap32
from switchover.models.language.execution import Execution
from switchover.models.language.outputs import Send
from switchover.models.language.process import Effect, Place, Process

from .display import DisplayStream, DisplayStreamSince032, PatchedDisplayStream
from .playback import PlaybackChannel
from .reference_display import ReferenceDisplayStream
from .reports import ReportWindow
from .session import ClientSession

#: The designs of a client's display stream.
STREAM_DESIGNS = ("unpatched", "patch_2013", "since_0_32", "since_0_34", "reference")

_ROLES = ("session", "playback", "display")
_CLOCK = {"set_to": Wrap32.of(0)}


@dataclass(frozen=True)
class ClientCharts:
    """The charts of a client's clock, sound and video."""

    session: ClientSession
    playback: PlaybackChannel
    display: Actor


@cache
def client_charts(audio_back_end: int | None = None, design: str = "since_0_34") -> ClientCharts:
    """A client that knows no server's time yet. ``audio_back_end``: the delay in ms that its audio back end answers;
    None: it does not. ``design``: one of ``STREAM_DESIGNS``.
    """
    return ClientCharts(
        ClientSession(waits_for_clock=design == "reference", initial=_CLOCK),
        PlaybackChannel(delay=audio_back_end, initial={"last_time": Wrap32.of(0)}),
        _display(design),
    )


def _display(design: str) -> Actor:
    if design == "reference":
        return ReferenceDisplayStream(streams_are_announced=True, initial=_CLOCK)
    if design in ("unpatched", "patch_2013"):
        kind = DisplayStream if design == "unpatched" else PatchedDisplayStream
        return kind(zero_is_invalid=True, streams_are_announced=True, initial=_CLOCK)
    return DisplayStreamSince032(
        signed_differences=design == "since_0_34",
        zero_is_invalid=True,
        streams_are_announced=True,
        initial=_CLOCK,
    )


class StreamClient:
    """One client with one stream: messages of its servers go in, in order; what it shows, drops and reports comes out.

    In a handover the client has two servers, the source and the target. A time ``at`` is in ms, on any clock.
    """

    def __init__(self, charts: ClientCharts) -> None:
        actors = {"session": charts.session, "playback": charts.playback, "display": charts.display}
        bindings = (Binding("session.display", "display.session"), Binding("session.playback", "playback.session"))
        self._execution = Execution(System("client", actors, bindings=bindings, timing=Timing()), remember=False)
        self.start_anew()

    def start_anew(self) -> None:
        """The client starts a new session."""
        self.process = Process(self._execution)
        for role in _ROLES:
            for port in ("source", "target"):
                self.process.set_open(Place(role, port), True)

    def copy(self) -> StreamClient:
        """The same client with another stream: it has heard what this one has."""
        other = copy(self)
        other.process = self.process.copy()
        return other

    def begin_handover(self) -> None:
        """What was the target of a handover is the source of the next."""
        if self.process.view("session").is_in("on_target"):
            self.process.rewrite("session", states=("on_source",))
        self.process.rewrite("session", target_clock_known=False, has_handshake_time=False)
        self.process.rewrite("display", on_target=False)

    def deliver(self, role: str, on_target: bool, message: Message, at: int) -> list[Message]:
        """``message`` comes to ``role`` on its connection to the source or the target. Returns what is shown, dropped
        and reported (``Shown``, ``Dropped``, ``Drawn``, ``StreamReport``).

        Raises UnexpectedMessageError for what the charts do not expect.
        """
        found = self.let_time_pass(at)
        reaction = self.process.receive(Place(role, "target" if on_target else "source"), message, at)
        if not reaction.is_handled:
            raise UnexpectedMessageError(reaction.reason)
        return found + _messages(reaction.effects)

    def let_time_pass(self, until: int) -> list[Message]:
        """Fire the timers that are due up to ``until``. Returns what is shown and dropped then."""
        found: list[Message] = []
        while (reaction := self.process.expire(until)) is not None:
            if not reaction.is_handled:
                raise UnexpectedMessageError(reaction.reason)
            found += _messages(reaction.effects)
        return found

    def mm_time(self, at: int) -> int:
        """What the session's clock shows, 0 to 2^32 - 1."""
        session = self.process.view("session")
        return int((session.set_to + (at - session.set_at)).bits)

    def clock(self) -> tuple[int, int]:
        """What the clock by which frames are judged was set to, 0 to 2^32 - 1, and when, in ms."""
        display = self.process.view("display")
        return int(display.set_to.bits), int(display.set_at)

    def window(self) -> ReportWindow | None:
        """What was counted of the stream; None while no reports are asked for."""
        window: ReportWindow | None = self.process.view("display").reporting.window
        return window


class UnexpectedMessageError(Exception):
    """A message that the charts do not expect; one line."""


def _messages(effects: tuple[Effect, ...]) -> list[Message]:
    return [
        each.output.message
        for each in effects
        if isinstance(each.output, Send) and each.place.port in ("screen", "server")
    ]
