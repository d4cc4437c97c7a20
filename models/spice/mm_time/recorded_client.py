"""The client's charts as one machine that is fed the messages of a recording."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Actor, Binding, Message, System, Timing, Wrap32
from switchover.models.language.execution import Execution
from switchover.models.language.outputs import Arm, Disarm, Output, Send
from switchover.models.language.snapshot import Snapshot, with_open_port
from switchover.models.language.stepping import Expire, Input, Outcome, Receive, step
from switchover.models.language.view import ActorView

from .display import DisplayStreamSince032
from .messages import StreamData, StreamReport
from .playback import PlaybackChannel
from .reports import NONE_ON_THE_WIRE, ReportWindow
from .session import ClientSession

_ROLES = ("session", "playback", "display")
#: What the session and the display start with when a handover begins anew at what was the last one's target.
_BEFORE_HANDOVER: dict[str, object] = {"on_target": False, "target_clock_known": False, "has_handshake_time": False}


@dataclass(frozen=True)
class ClientCharts:
    """The charts that predict what a client reports."""

    session: ClientSession
    playback: PlaybackChannel
    display: Actor


def client_charts(audio_back_end: int | None = None) -> ClientCharts:
    """spice-gtk since 0.34. ``audio_back_end``: the delay in ms that its audio back end answers; None: it does not."""
    clock = {"set_to": Wrap32.of(0)}
    return ClientCharts(
        ClientSession(initial=clock),
        PlaybackChannel(delay=audio_back_end, initial={"last_time": Wrap32.of(0)}),
        DisplayStreamSince032(zero_is_invalid=True, streams_are_announced=True, initial=clock),
    )


class UnexpectedMessageError(Exception):
    """A recording has a message that the charts do not expect; one line."""


class RecordedClient:
    """One client with one stream. In-process calls are delivered within the step; the screen and the servers are not
    there, what goes to them is dropped.

    A time ``at`` is in ms, on any clock. Raises UnexpectedMessageError for what the charts do not expect.
    """

    def __init__(self, charts: ClientCharts) -> None:
        actors = (charts.session, charts.playback, charts.display)
        bindings = (
            Binding("session.display", "display.session"),
            Binding("session.playback", "playback.session"),
        )
        system = System("recorded client", dict(zip(_ROLES, actors, strict=True)), bindings=bindings, timing=Timing())
        self._layout = system.layout
        self._snapshots = [_with_open_ports(each) for each in Execution(system).initial().snapshots]
        self._start = tuple(self._snapshots)
        self._deadlines: dict[tuple[int, str], int] = {}
        self._reports: list[StreamReport] = []

    def deliver(self, role: str, on_target: bool, message: Message, at: int) -> list[StreamReport]:
        """``message`` comes to ``role`` on its connection to the source or the target. Returns the reports sent."""
        self._let_time_pass(at)
        actor, port = self._layout.endpoint(f"{role}.{'target' if on_target else 'source'}", "recorded client")
        self._step(actor, Receive(port, message, at))
        reports, self._reports = self._reports, []
        return reports

    def start_anew(self) -> None:
        """The client starts a new session."""
        self._snapshots = list(self._start)
        self._deadlines.clear()

    def begin_handover(self) -> None:
        """What was the target of a handover is the source of the next."""
        if "on_target" in self._snapshots[0].states:
            self._snapshots[0] = self._snapshots[0]._replace(states=("on_source",))
        self._snapshots = [
            _with_values(actor, each, _BEFORE_HANDOVER)
            for actor, each in zip(self._layout.workers, self._snapshots, strict=True)
        ]

    def margin(self, frame: StreamData, at: int) -> int:
        """How long until a frame that comes now is due, in ms."""
        view = self._display()
        here: int = frame.multi_media_time - (view.set_to + (at - view.set_at))
        return here

    def window(self) -> ReportWindow | None:
        """What was counted of the stream; None while no reports are asked for."""
        window: ReportWindow | None = self._display().reporting.window
        return window

    def _display(self) -> ActorView:
        return ActorView(self._layout.workers[2], self._snapshots[2])

    def _let_time_pass(self, until: int) -> None:
        while due := sorted((at, key) for key, at in self._deadlines.items() if at <= until):
            at, (actor, timer) = due[0]
            del self._deadlines[actor, timer]
            self._step(actor, Expire(timer, at))

    def _step(self, actor: int, event: Input) -> None:
        result = step(self._layout.workers[actor], self._snapshots[actor], event)
        if result.outcome is not Outcome.HANDLED:
            raise UnexpectedMessageError(result.reason)
        self._snapshots[actor] = result.snapshot
        for output in result.outputs:
            self._put_out(actor, output, event.at or 0)

    def _put_out(self, actor: int, output: Output, at: int) -> None:
        if isinstance(output, Arm) and output.after is not None:
            self._deadlines[actor, output.timer] = at + output.after
        elif isinstance(output, Disarm):
            self._deadlines.pop((actor, output.timer), None)
        elif isinstance(output, Send) and isinstance(output.message, StreamReport):
            self._reports.append(output.message)
        elif isinstance(output, Send) and (wire := self._layout.wires[actor][output.port]) is not None:
            self._step(wire.actor, Receive(wire.port, output.message, at))


def is_on_no_stream(report: StreamReport) -> bool:
    """Whether a report answers a message for a stream that does not exist."""
    return report.num_drops == NONE_ON_THE_WIRE


def _with_open_ports(snapshot: Snapshot) -> Snapshot:
    for port in range(len(snapshot.open_ports)):
        snapshot = with_open_port(snapshot, port, True)
    return snapshot


def _with_values(actor: Actor, snapshot: Snapshot, values: dict[str, object]) -> Snapshot:
    names = type(actor)._variables
    found = zip(names, snapshot.variables, strict=True)
    return snapshot._replace(variables=tuple(values.get(name, value) for name, value in found))
