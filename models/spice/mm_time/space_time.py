"""A run of this family as a space-time picture: two host clocks, the client's clock, and what becomes of each frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from switchover.models.language import Message, ReplayError, System, TimedExecution, TimedState, Trace, TraceStep
from switchover.models.language.execution import Action, ActionKind
from switchover.models.language.outputs import Arm
from switchover.models.language.space_time import (
    ClockJump,
    EventKind,
    Fate,
    FrameBar,
    Lifeline,
    MessageKind,
    Schedule,
    SpaceTime,
    TimedEvent,
    TimedMessage,
)
from switchover.models.language.stepping import Receive
from switchover.models.language.timed import TimedFiring
from switchover.models.language.tracing import label

from .calls import Dropped, MmTimeSet, Shown
from .destination import DestinationServer
from .messages import (
    DrawCopy,
    GuestState,
    HandshakeTime,
    Host,
    Init,
    MultiMediaTime,
    PlaybackStart,
    StreamData,
)
from .source import SourceServer

SOURCE, DESTINATION, CLIENT, SCREEN = "source", "destination", "client", "screen"
LIFELINES = (
    Lifeline(SOURCE, "source clock"),
    Lifeline(DESTINATION, "destination clock"),
    Lifeline(CLIENT, "session clock"),
    Lifeline(SCREEN),
)

#: Where the client's actors are drawn: what has to do with frames beside the screen, the rest beside its clock.
_PLACES = {"session": CLIENT, "playback": CLIENT, "display": SCREEN}

_CLOCK_MESSAGES: dict[type[Message], str] = {
    MultiMediaTime: "MULTI_MEDIA_TIME v={0.time}",
    Init: "INIT v={0.multi_media_time}",
    HandshakeTime: "handshake v={0.time}",
    PlaybackStart: "START v={0.time}",
}

#: A message under way: when and by whom it was sent.
_Flight = tuple[int, str, Message]
_FrameKey = tuple[Host, int]


def space_time(system: System, trace: Trace) -> SpaceTime:
    """The picture of ``trace``, which is run again. Raises ReplayError when it is no run of ``system``."""
    picture = _Picture(system)
    for step, before, fired in _run(picture.execution, trace):
        picture.add(step, before, fired)
    return picture.finished(trace)


def _run(execution: TimedExecution, trace: Trace) -> Iterator[tuple[TraceStep, TimedState, TimedFiring]]:
    state = execution.initial()
    for number, step in enumerate(trace.steps, start=1):
        at = step.at
        action = None if at is None else _action(execution, state, step, at)
        if at is None or action is None:
            raise ReplayError(f"step {number}: {step.kind} {step.message} at {at} ms is not possible")
        fired = execution.fire(state, action, at)
        yield step, state, fired
        state = fired.state or state


def _action(execution: TimedExecution, state: TimedState, step: TraceStep, at: int) -> Action | None:
    wanted = (step.kind, step.subject, step.actor, step.message, step.sender)
    for moment in execution.moments(state):
        same = label(execution.execution, state.system, moment.action) == wanted
        if same and execution.allows(state, moment.action, at):
            return moment.action
    return None


class _Picture:
    """What has been read from the run so far."""

    def __init__(self, system: System) -> None:
        self.execution = TimedExecution(system)
        self.names = self.execution.execution.layout.actor_names
        self.workers = dict(zip(self.names, self.execution.execution.layout.workers, strict=True))
        session = self.variables("session", self.execution.initial())
        self.clock: tuple[Any, int] = (session["set_to"], session["set_at"])
        self.under_way: dict[tuple[int, int], list[_Flight]] = {}
        self.events: list[TimedEvent] = []
        self.jumps: list[ClockJump] = []
        self.messages: list[TimedMessage] = []
        self.frames: dict[_FrameKey, FrameBar] = {}

    def add(self, step: TraceStep, before: TimedState, fired: TimedFiring) -> None:
        """Read one step of the run."""
        at = step.at or 0
        if step.kind == ActionKind.DELIVER.value:
            self.arrive(step, before, at)
        for part in fired.firing.steps:
            if isinstance(part.event, Receive):
                self.receive(part.event.message, at)
        if fired.state is not None:
            self.note_flights(step, before, fired.state, at)
            self.note_schedule(fired, fired.state, at)

    def finished(self, trace: Trace) -> SpaceTime:
        """The picture of the whole run."""
        for (connection, end), flights in self.under_way.items():
            receiver = self.names[self.execution.execution.layout.ends[connection][end][0]]
            for sent_at, sender, message in flights:
                self.draw(sent_at, sender, None, receiver, message)
        bars = tuple(self.frames.values())
        return SpaceTime(LIFELINES, tuple(self.events), tuple(self.jumps), tuple(self.messages), bars)

    def variables(self, role: str, state: TimedState) -> dict[str, Any]:
        """An actor's variables by name."""
        values = state.system.snapshots[self.names.index(role)].variables
        return dict(zip(type(self.workers[role])._variables, values, strict=True))

    # Messages.

    def arrive(self, step: TraceStep, before: TimedState, at: int) -> None:
        action = _action(self.execution, before, step, at)
        assert action is not None
        waiting = self.under_way.get((action.subject, action.end))
        if waiting:
            sent_at, sender, message = waiting.pop(0)
            self.draw(sent_at, sender, at, step.actor, message)

    def note_flights(self, step: TraceStep, before: TimedState, after: TimedState, at: int) -> None:
        """What the step put on its way."""
        for number, (old, new) in enumerate(zip(before.system.connections, after.system.connections, strict=True)):
            for end in (0, 1) if old is not new else ():
                flights = self.under_way.setdefault((number, end), [])
                for message in new.queues[end][len(flights) :]:
                    sender = self.names[self.execution.execution.layout.ends[number][1 - end][0]]
                    flights.append((at, sender, message))
                    self.note_sending(sender, message, at)

    def note_sending(self, sender: str, message: Message, at: int) -> None:
        if isinstance(message, GuestState):
            self.events.append(TimedEvent(at, SOURCE, "guest leaves", self.host_clock(sender, at), EventKind.READING))
            for stamp in dict.fromkeys(message.ring):
                self.events.append(TimedEvent(at, SOURCE, "", int(stamp), EventKind.STAMPED))
        elif isinstance(message, StreamData):
            own = (message.stamped_by is Host.SOURCE) is (sender == "source")
            kind = EventKind.STAMPED if own else EventKind.SENT
            shown = int(message.multi_media_time) if own else self.host_clock(sender, at)
            self.events.append(TimedEvent(at, self.place(sender), "", shown, kind))

    def host_clock(self, host: str, at: int) -> int:
        """What a host's own clock shows."""
        server = self.workers[host]
        assert isinstance(server, SourceServer | DestinationServer)
        return int(server.uptime + at)

    def draw(self, sent_at: int, sender: str, at: int | None, receiver: str, message: Message) -> None:
        """Only what carries frames or a clock: the rest would hide it."""
        if isinstance(message, StreamData):
            kind, text = MessageKind.FRAME, _frame_label(message)
        elif isinstance(message, DrawCopy):
            kind, text = MessageKind.FRAME, f"image {message.number}"
        elif type(message) in _CLOCK_MESSAGES:
            kind, text = MessageKind.CLOCK, _CLOCK_MESSAGES[type(message)].format(message)
        else:
            return
        self.messages.append(TimedMessage(sent_at, self.place(sender), at, self.place(receiver), text, kind))

    def place(self, actor: str) -> str:
        return _PLACES.get(actor, actor)

    # The client.

    def receive(self, message: Message, at: int) -> None:
        """What an actor of the client is told."""
        if isinstance(message, MmTimeSet):
            before = self.reading(at)
            self.clock = (message.time, at)
            text = "mm-time-reset" if message.reset else "no signal"
            self.jumps.append(ClockJump(at, CLIENT, int(before), int(message.time), text))
        elif isinstance(message, StreamData):
            key = _key(message)
            self.frames[key] = FrameBar(_frame_label(message), SCREEN, at, Fate.WAITING)
        elif isinstance(message, Shown):
            self.end(message.frame, Fate.SHOWN, at)
        elif isinstance(message, Dropped):
            self.end(message.frame, Fate.DROPPED, at)

    def reading(self, at: int) -> Any:
        """What the session's clock shows."""
        set_to, set_at = self.clock
        return set_to + (at - set_at)

    def end(self, frame: StreamData, fate: Fate, at: int) -> None:
        late = int(self.reading(at) - frame.multi_media_time)
        note = f"dropped, {late} ms late" if fate is Fate.DROPPED and late > 0 else ""
        bar = self.frames.get(_key(frame)) or FrameBar(_frame_label(frame), SCREEN, at, fate, at)
        self.frames[_key(frame)] = FrameBar(bar.label, SCREEN, bar.arrived_at, fate, at, bar.schedules, note)

    def note_schedule(self, fired: TimedFiring, after: TimedState, at: int) -> None:
        """The render timer is for the scheduled frame, which is the queue's head unless it is kept apart."""
        display = self.names.index("display")
        outputs = [each for part in fired.firing.steps if part.actor == display for each in part.result.outputs]
        due = dict(after.deadlines[display]).get("render")
        if due is None or not any(isinstance(each, Arm) and each.timer == "render" for each in outputs):
            return
        variables = self.variables("display", after)
        waiting: Sequence[StreamData] = (*variables.get("current", ()), *variables["queue"])
        bar = self.frames[_key(waiting[0])]
        schedules = (*bar.schedules, Schedule(at, due))
        self.frames[_key(waiting[0])] = FrameBar(bar.label, SCREEN, bar.arrived_at, bar.fate, bar.ended_at, schedules)


def _key(frame: StreamData) -> _FrameKey:
    return frame.stamped_by, frame.number


def _frame_label(frame: StreamData) -> str:
    mark = " (source's)" if frame.stamped_by is Host.SOURCE else ""
    return f"f={frame.multi_media_time}{mark}"
