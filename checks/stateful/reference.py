"""The run that the reference semantics make of what was chosen, and what they would allow next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from switchover.checks.explicit.deadlock import is_deadlock, what_is_stuck
from switchover.models.language import Actor, Execution, GlobalState, TimedExecution, TimedState
from switchover.models.language.execution import Action, Firing, is_disabled
from switchover.models.language.stepping import Outcome
from switchover.models.language.timed import Moment

#: Situations that are remembered: the first steps of most runs, which are the same.
_REMEMBERED = 10_000


@dataclass(frozen=True)
class Choice:
    """Something that can happen next, in ms since the start: not before ``earliest``, not after ``latest`` (None: at
    any time later). ``breaks``: how it ends if not handled. In an untimed system the times are 0.
    """

    action: Action
    earliest: int = 0
    latest: int | None = 0
    breaks: Outcome | None = None


@dataclass(frozen=True)
class Situation:
    """A state's future: ``choices`` in a fixed order; ``bounds`` that disable a step; what is ``stuck`` in a deadlock
    (None: it is none).
    """

    choices: tuple[Choice, ...]
    is_quiescent: bool
    stuck: str | None
    bounds: frozenset[str] = frozenset()


class Reference(Protocol):
    """One run. ``system`` is the state without its times."""

    @property
    def execution(self) -> Execution:
        """What runs its local steps."""
        ...

    @property
    def state(self) -> GlobalState | TimedState:
        """Where it is."""
        ...

    @property
    def system(self) -> GlobalState:
        """Where it is, times left out."""
        ...

    def situation(self) -> Situation:
        """What can happen next."""
        ...

    def take(self, action: Action, at: int) -> Firing:
        """Let something happen; the state stays when it has no successor."""
        ...


#: Marks of states that were met, by which they are counted.
Marks = set[int]


@dataclass
class Memory:
    """What runs of one untimed system share."""

    execution: Execution
    marks: Marks
    situations: dict[GlobalState, Situation] = field(default_factory=dict)

    def situation(self, state: GlobalState) -> Situation:
        """What can happen in a state."""
        known = self.situations.get(state)
        if known is None:
            if len(self.situations) >= _REMEMBERED:
                self.situations.clear()
            known = self.situations[state] = _situation(self.execution, state)
            self.marks.add(hash(state))
        return known


def _situation(execution: Execution, state: GlobalState) -> Situation:
    firings = execution.firings(state)
    choices = tuple(
        Choice(action, breaks=None if firing.state is not None else firing.outcome)
        for action, firing in firings
        if not firing.bound
    )
    stuck = what_is_stuck(execution, state) if is_deadlock(execution, state, firings) else None
    bounds = frozenset(firing.bound for _, firing in firings if firing.bound)
    return Situation(choices, execution.is_quiescent(firings), stuck, bounds)


class UntimedReference:
    """A run of an untimed system."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.execution = memory.execution
        self.state = self.execution.initial()

    @property
    def system(self) -> GlobalState:
        """Where it is."""
        return self.state

    def situation(self) -> Situation:
        """What can happen next."""
        return self._memory.situation(self.state)

    def take(self, action: Action, at: int) -> Firing:
        """Let something happen; the state stays when it has no successor."""
        firing = self.execution.fire(self.state, action)
        self.state = firing.state or self.state
        return firing


class TimedReference:
    """A run of a timed system."""

    def __init__(self, timed: TimedExecution, marks: Marks) -> None:
        self._timed = timed
        self._marks = marks
        self.execution = self._timed.execution
        self.state = self._timed.initial()

    @property
    def system(self) -> GlobalState:
        """Where it is, times left out."""
        return self.state.system

    def situation(self) -> Situation:
        """What can happen next."""
        self._marks.add(hash((self.system, self.state.now)))
        latest = min(self._timed.limits(self.state), default=None)
        tried: list[tuple[Action, Firing]] = []
        choices = []
        for moment in self._timed.moments(self.state):
            if latest is not None and moment.earliest > latest:
                continue
            for action, firing, choice in self._tried(moment, latest):
                tried.append((action, firing))
                choices += [] if firing.bound else [choice]
        stuck = None
        if is_deadlock(self.execution, self.system, tried):
            stuck = what_is_stuck(self.execution, self.system)
        bounds = frozenset(firing.bound for _, firing in tried if firing.bound)
        return Situation(tuple(choices), self._timed.is_quiescent(self.state), stuck, bounds)

    def _tried(self, moment: Moment, latest: int | None) -> Iterator[tuple[Action, Firing, Choice]]:
        fired = self._timed.fire(self.state, moment.action, moment.earliest)
        last = moment.earliest if moment.exact else latest
        if not is_disabled(moment.action, fired.firing) or self._may_be_enabled_later(moment, fired.firing):
            breaks = None if fired.state is not None else fired.firing.outcome
            yield moment.action, fired.firing, Choice(moment.action, moment.earliest, last, breaks)

    def _may_be_enabled_later(self, moment: Moment, firing: Firing) -> bool:
        if moment.exact or firing.outcome is Outcome.UNEXPECTED:
            return False
        actor: Actor = self.execution.layout.workers[firing.steps[-1].actor]
        return type(actor)._reads_time

    def take(self, action: Action, at: int) -> Firing:
        """Let something happen; the state stays when it has no successor."""
        fired = self._timed.fire(self.state, action, at)
        self.state = fired.state or self.state
        return fired.firing
