"""The reference semantics of a timed System: when each action may happen, and what time it leaves behind.

The same code runs on numbers and on numbers left open: comparisons are where an engine's paths part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .errors import DefinitionError
from .execution import PROGRESS, Action, ActionKind, Execution, Firing, GlobalState, LocalStep, is_disabled
from .outputs import Arm, Disarm
from .stepping import Expire, Outcome
from .system import Latency, System

#: When each message on its way to an end of a connection was sent, first to arrive first.
Departures = tuple[tuple[int, ...], tuple[int, ...]]
#: An actor's armed timers with the times at which they fire, by name.
Deadlines = tuple[tuple[str, int], ...]


class TimedState(NamedTuple):
    """A state of a timed system. Times are in ms since the start, on the system's own clock.

    ``departures[c][e]`` belong to the messages of ``system.connections[c].queues[e]``; ``deadlines[i]`` to actor i.
    """

    now: int
    system: GlobalState
    departures: tuple[Departures, ...]
    deadlines: tuple[Deadlines, ...]


class Moment(NamedTuple):
    """An action and when it may happen: not before ``earliest``; at ``earliest`` alone when ``exact``.

    What else limits it, the other things that are due, is in ``TimedExecution.limits``.
    """

    action: Action
    earliest: int
    exact: bool


@dataclass(frozen=True)
class TimedFiring:
    """What an action does: ``firing`` as in an untimed system, and the successor with its times."""

    firing: Firing
    state: TimedState | None


class TimedExecution:
    """Runs a timed System one action at a time.

    Time passes only up to the next thing that is due: a timer's deadline, the latest arrival of a message that is
    read. What arrives while it is not read is due as soon as it is. A task is due at once.
    Raises DefinitionError for an untimed system. ``remember`` as in ``Execution``.
    """

    def __init__(self, system: System, *, reference: bool = False, remember: bool = True) -> None:
        if system.timing is None:
            raise DefinitionError(f"system {system.name} is untimed")
        self.system = system
        self.execution = Execution(system, reference=reference, remember=remember)
        names = self.execution.layout.actor_names
        self._latencies = [
            tuple(system.timing.latency(each.name, names[actor]) for actor, _ in ends)
            for each, ends in zip(system.connections, self.execution.layout.ends, strict=True)
        ]

        exact = all(_is_exact(each) for both in self._latencies for each in both)
        self._schedule = system.timing.schedule
        chosen = self._schedule is None and any(type(each)._decisions for each in self.execution.layout.workers)
        self._is_free = chosen or not exact

    def initial(self) -> TimedState:
        """The state every run starts from, at time 0."""
        state = self.execution.initial()
        deadlines = [dict(each._initial_deadlines) for each in self.execution.layout.workers]
        for (actor, decision), at in (self._schedule or {}).items():
            deadlines[self.execution.layout.actor_names.index(actor)][decision] = at
        ordered = tuple(_ordered(each) for each in deadlines)
        return TimedState(0, state, (((), ()),) * len(state.connections), ordered)

    def moments(self, state: TimedState) -> list[Moment]:
        """Every action worth trying, with when it may happen, in a fixed order."""
        candidates = self.execution.candidates(state.system)
        found = [self._moment(state, action) for action in candidates if not self._is_unscheduled(action)]
        for actor, deadlines in enumerate(state.deadlines):
            found += [Moment(Action(self._due_kind(actor, name), actor, 0, name), due, True) for name, due in deadlines]
        return found

    def _is_unscheduled(self, action: Action) -> bool:
        return action.kind is ActionKind.DECIDE and self._schedule is not None

    def _due_kind(self, actor: int, name: str) -> ActionKind:
        is_timer = name in type(self.execution.layout.workers[actor])._timers
        return ActionKind.TIMEOUT if is_timer else ActionKind.DECIDE

    def _moment(self, state: TimedState, action: Action) -> Moment:
        if action.kind is ActionKind.TASK:
            return Moment(action, state.now, True)
        if action.kind is not ActionKind.DELIVER:
            return Moment(action, state.now, False)
        latency = self._latencies[action.subject][action.end]
        arrival = state.departures[action.subject][action.end][0] + latency.low
        earliest = arrival if arrival > state.now else state.now
        return Moment(action, earliest, _is_exact(latency))

    def limits(self, state: TimedState) -> list[int]:
        """The times beyond which the clock cannot pass before something that is due has happened."""
        found = [due for deadlines in state.deadlines for _, due in deadlines]
        for action in self.execution.candidates(state.system):
            if action.kind is ActionKind.DELIVER:
                high = self._latencies[action.subject][action.end].high
                if high is not None:
                    latest = state.departures[action.subject][action.end][0] + high
                    found.append(latest if latest > state.now else state.now)
        if self._has_task(state):
            found.append(state.now)
        return found

    def allows(self, state: TimedState, action: Action, at: int) -> bool:
        """Whether ``action`` may happen ``at`` this time: neither too early nor after something else that is due."""
        moment = next((each for each in self.moments(state) if each.action == action), None)
        if moment is None or at < moment.earliest or (moment.exact and at != moment.earliest):
            return False
        return all(at <= limit for limit in self.limits(state))

    def fire(self, state: TimedState, action: Action, at: int) -> TimedFiring:
        """What ``action`` does ``at`` this time."""
        firing = self.execution.fire(state.system, action, at)
        if action.kind is ActionKind.DECIDE and self._schedule is not None:
            return self._take_scheduled(state, action, at, firing)
        return self._timed(state, action, at, firing)

    def _take_scheduled(self, state: TimedState, action: Action, at: int, firing: Firing) -> TimedFiring:
        """A decision at its time; when it is not enabled then, nothing happens."""
        deadlines = list(state.deadlines)
        deadlines[action.subject] = tuple(each for each in deadlines[action.subject] if each[0] != action.name)
        before = state._replace(deadlines=tuple(deadlines))
        if is_disabled(action, firing):
            return TimedFiring(Firing(Outcome.HANDLED, state.system), before._replace(now=at))
        return self._timed(before, action, at, firing)

    def _timed(self, state: TimedState, action: Action, at: int, firing: Firing) -> TimedFiring:
        if firing.state is None:
            return TimedFiring(firing, None)
        deadlines = list(state.deadlines)
        for each in firing.steps:
            missing = _without_duration(each)
            if missing:
                name = self.execution.layout.actor_names[each.actor]
                reason = f"{name} arms {missing} without a duration, in a timed system"
                return TimedFiring(Firing(Outcome.ERROR, None, firing.steps, reason), None)
            deadlines[each.actor] = _next_deadlines(deadlines[each.actor], each, at)
        departures = tuple(self._departures(state, firing.state, action, at))
        return TimedFiring(firing, TimedState(at, firing.state, departures, tuple(deadlines)))

    def _departures(self, before: TimedState, after: GlobalState, action: Action, at: int) -> Iterator[Departures]:
        for number, known in enumerate(before.departures):
            old, new = before.system.connections[number].queues, after.connections[number].queues
            if old is new:
                yield known
                continue
            received = (number, action.end) if action.kind is ActionKind.DELIVER and action.subject == number else None
            first, second = (_departed(old[e], new[e], known[e], received == (number, e), at) for e in (0, 1))
            yield first, second

    def needs_present(self, state: TimedState) -> bool:
        """Whether what can happen from ``state`` depends on its ``now``: an action may be taken at any time, a message
        takes an uncertain time, or one may be overdue because it is not read.
        """
        return (
            self._is_free
            or self._has_task(state)
            or any(
                queue and not self.execution.masks(actor, state.system.snapshots[actor])[0][port]
                for number, connection in enumerate(state.system.connections)
                for queue, (actor, port) in zip(connection.queues, self.execution.layout.ends[number], strict=True)
            )
        )

    def _has_task(self, state: TimedState) -> bool:
        return any(
            action.kind is ActionKind.TASK and self.execution.fire(state.system, action, state.now).state is not None
            for action in self.execution.candidates(state.system)
        )

    def arrivals(self, state: TimedState) -> list[int]:
        """The earliest arrival of each message under way."""
        return [
            departure + self._latencies[number][end].low
            for number, departures in enumerate(state.departures)
            for end in (0, 1)
            for departure in departures[end]
        ]

    def is_quiescent(self, state: TimedState) -> bool:
        """Whether nothing is under way: no timer runs, no message that is read is on its way, no task is left."""
        if any(state.deadlines):
            return False
        for action in self.execution.candidates(state.system):
            if action.kind is ActionKind.DELIVER:
                return False
            if action.kind in PROGRESS and self.execution.fire(state.system, action, state.now).state is not None:
                return False
        return True


def _is_exact(latency: Latency) -> bool:
    # Two numbers left open are the same only if that is no question.
    return latency.high is not None and (latency.low == latency.high) is True


def _departed(
    old: tuple[object, ...], new: tuple[object, ...], known: tuple[int, ...], received: bool, at: int
) -> tuple[int, ...]:
    """The departures of the messages in ``new``: those of ``old`` that are still there, then ``at`` for the rest."""
    waiting, times = (old[1:], known[1:]) if received else (old, known)
    kept = 0
    while kept < min(len(waiting), len(new)) and waiting[kept] is new[kept]:
        kept += 1
    if kept < len(waiting):  # an ending has replaced what was on its way
        kept = 0
    return (*times[:kept], *(at,) * (len(new) - kept))


def _without_duration(step: LocalStep) -> str:
    return next((each.timer for each in step.result.outputs if isinstance(each, Arm) and each.after is None), "")


def _next_deadlines(deadlines: Deadlines, step: LocalStep, at: int) -> Deadlines:
    due = dict(deadlines)
    if isinstance(step.event, Expire):
        due.pop(step.event.timer, None)
    for output in step.result.outputs:
        if isinstance(output, Arm):
            assert output.after is not None
            due[output.timer] = at + output.after
        elif isinstance(output, Disarm):
            due.pop(output.timer, None)
    return _ordered(due)


def _ordered(due: Mapping[str, int]) -> Deadlines:
    return tuple(sorted(due.items(), key=lambda item: item[0]))
