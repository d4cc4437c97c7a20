"""Explores a timed system on numbers: breadth first, every order of its events, at times on a grid.

What has a time of its own happens at that time. What may happen at any of several times is tried at the first, at the
last, and at every multiple of the grid's step between. With a step of 1 ms nothing is left out: times are whole ms.

Two states are the same only if all their times are the same, counted from the start. Times counted from the present
would make fewer states, but nothing declares which variables of an actor hold a time, so that such a state might
not be what it seems. A system that runs for ever therefore needs a horizon or a limit.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from switchover.checks.built_in import BROKEN_BY, BUILT_IN, NO_DEADLOCK
from switchover.models.language import (
    Actor,
    Answer,
    DefinitionError,
    Property,
    System,
    TimedExecution,
    TimedState,
    Trace,
    Verdict,
    make_timed_trace,
)
from switchover.models.language.execution import Action, Firing, is_disabled
from switchover.models.language.stepping import Outcome
from switchover.models.language.timed import Moment

from .deadlock import is_deadlock, what_is_stuck
from .exploration import Limits
from .findings import sought_truth
from .memory import default_memory
from .naming import wrong_names_explained
from .predicates import DecisionTree
from .verdicts import assumptions

__all__ = ["GridResult", "explore_grid"]

ENGINE = "explicit (grid)"
#: What a state costs beyond its own tuples: its place in the index, its parent, and what it changed.
_OVERHEAD = 1000
_BOUND_TEXT = {
    "depth": "states at the depth bound were not followed",
    "grid": "times between the multiples of {step} ms were left out",
    "horizon": "nothing after {horizon} ms was followed",
    "queue": "a full queue disabled some step",
    "slot": "a connection slot in use disabled some step",
}

#: An action and when it happens, in ms since the start.
Event = tuple[Action, int]


@dataclass(frozen=True)
class GridResult:
    """The outcome of exploring one timed system on a grid of times.

    ``verdicts``: one for each property asked, then the built-in ones. ``states``: distinct states, each with its times;
    ``transitions``: actions, each at a time, that have a successor; ``depth``: events to the farthest state.
    ``bounds_hit``: what was cut off: ``grid`` (times between its points), ``horizon``, ``queue``, ``slot``, ``depth``.
    ``stopped``: the limit that ended the search, or "interrupted"; empty when everything was followed.
    """

    system: str
    step: int
    horizon: int | None
    verdicts: tuple[Verdict, ...]
    states: int
    transitions: int
    depth: int
    seconds: float
    bounds_hit: tuple[str, ...]
    stopped: str

    def verdict(self, name: str) -> Verdict:
        """The verdict on the property of this name. Raises KeyError when it was not asked."""
        for each in self.verdicts:
            if each.property == name:
                return each
        raise KeyError(name)


def explore_grid(
    system: System,
    properties: Sequence[Property] | None = None,
    *,
    step: int = 1,
    horizon: int | None = None,
    limits: Limits | None = None,
) -> GridResult:
    """Explore every run of a timed ``system`` and judge ``properties`` (None: its own) and the built-in checks.

    ``step``: of the grid, in ms. ``horizon``: ms since the start after which nothing is followed. A verdict is *holds*
    only if nothing was cut off, *bounded* if only bounds cut something off. A trace is of the fewest events.

    Raises DefinitionError for an untimed system, a step below 1, a property that does not fit the system, and
    without a horizon for a system in which something may happen arbitrarily late.
    """
    if step < 1:
        raise DefinitionError(f"a grid of {step} ms: its step is 1 ms or more")
    asked = system.properties if properties is None else tuple(properties)
    for each in asked:
        each.check_parameters(system.name, system.roles, tuple(c.name for c in system.connections))
    started = time.perf_counter()
    found = _Search(TimedExecution(system), asked, step, horizon, limits or Limits())
    with wrong_names_explained():
        found.run()
    seconds = time.perf_counter() - started
    return GridResult(
        system.name,
        step,
        horizon,
        _Judge(found, seconds).verdicts(asked),
        len(found.order),
        found.transitions,
        found.depth,
        seconds,
        tuple(sorted(found.bounds_hit)),
        found.stopped,
    )


@dataclass(frozen=True)
class _Finding:
    """State ``number`` decides a property; when ``last`` is given, that step from it does."""

    number: int
    last: Event | None = None
    note: str = ""


@dataclass
class _Tried:
    """What was tried in one state. ``is_cut``: something that may happen was not tried, for a bound."""

    firings: list[tuple[Action, Firing]] = field(default_factory=list)
    is_cut: bool = False


class _Search:
    def __init__(
        self, execution: TimedExecution, asked: Sequence[Property], step: int, horizon: int | None, limits: Limits
    ) -> None:
        self.execution = execution
        self.step, self.horizon = step, horizon
        self.max_states = limits.max_states
        self.max_memory = default_memory() if limits.max_memory is None else limits.max_memory
        searchable = [each for each in asked if each.kind not in ("eventually", "leads_to")]
        self.trees = [DecisionTree(execution.execution, each) for each in searchable]
        self.order: list[TimedState] = []
        self.index: set[TimedState] = set()
        self.reached: list[tuple[int, Event] | None] = []
        self.state_size = 0
        self.transitions, self.depth = 0, 0
        self.bounds_hit: set[str] = set()
        self.stopped = ""
        self.first: dict[str, _Finding] = {}
        self.errors: dict[str, _Finding] = {}

    def run(self) -> None:
        try:
            self._levels()
        except KeyboardInterrupt:
            self.stopped = "interrupted"

    def _levels(self) -> None:
        initial = self.execution.initial()
        self.state_size = _OVERHEAD + sum(sys.getsizeof(each) for each in (initial, *initial, *initial.system))
        self._add(initial, None)
        bound = self.execution.system.bounds.depth
        start, end = 0, len(self.order)
        while start < end:
            for number in range(start, end):
                self._expand(number, bound is not None and self.depth >= bound)
                if self.stopped:
                    return
            start, end = end, len(self.order)
            self.depth += start < end

    def path(self, finding: _Finding) -> list[Event]:
        """The events that lead to what was found."""
        events = [] if finding.last is None else [finding.last]
        place = self.reached[finding.number]
        while place is not None:
            events.append(place[1])
            place = self.reached[place[0]]
        return events[::-1]

    def _add(self, state: TimedState, reached: tuple[int, Event] | None) -> None:
        if self.max_states is not None and len(self.order) >= self.max_states:
            self.stopped = "max_states"
        elif (len(self.order) + 1) * self.state_size > self.max_memory:
            self.stopped = "max_memory"
        else:
            self.index.add(state)
            self.order.append(state)
            self.reached.append(reached)
            self._judge(len(self.order) - 1, state)

    def _expand(self, number: int, is_last: bool) -> None:
        state, tried = self.order[number], _Tried()
        latest = min(self.execution.limits(state), default=None)
        for moment in self.execution.moments(state):
            for at in self._times(state, moment, latest, tried):
                self._fire(number, (moment.action, at), is_last, tried)
                if self.stopped:
                    return
        if not tried.is_cut and is_deadlock(self.execution.execution, state.system, tried.firings):
            stuck = what_is_stuck(self.execution.execution, state.system)
            self.first.setdefault(NO_DEADLOCK, _Finding(number, note=stuck))

    def _times(self, state: TimedState, moment: Moment, latest: int | None, tried: _Tried) -> Sequence[int]:
        """When to try an action that is possible from its earliest time on, and not after ``latest``."""
        if latest is not None and moment.earliest > latest:
            return ()
        if not moment.exact and self._is_out_of_question(state, moment):
            return ()
        last = moment.earliest if moment.exact else latest
        if self.horizon is not None and (last is None or last > self.horizon):
            self._cut("horizon", tried)
            last = self.horizon
        if last is None:
            what = moment.action.name or self.execution.system.connections[moment.action.subject].name
            raise DefinitionError(
                f"system {self.execution.system.name}: {what} may come at any time, so the grid needs a horizon"
            )
        if moment.earliest > last:
            return ()
        between = range(-(-moment.earliest // self.step) * self.step, last + 1, self.step)
        times = sorted({moment.earliest, last, *between})
        if len(times) <= last - moment.earliest:
            self._cut("grid", tried)
        return times

    def _is_out_of_question(self, state: TimedState, moment: Moment) -> bool:
        """Whether an action is not enabled, and would not be at any later time either."""
        firing = self.execution.fire(state, moment.action, moment.earliest).firing
        if not is_disabled(moment.action, firing):
            return False
        actor: Actor = self.execution.execution.layout.workers[firing.steps[-1].actor]
        return firing.outcome is Outcome.UNEXPECTED or not type(actor)._reads_time

    def _fire(self, number: int, event: Event, is_last: bool, tried: _Tried) -> None:
        action, at = event
        fired = self.execution.fire(self.order[number], action, at)
        if is_disabled(action, fired.firing):
            return
        tried.firings.append((action, fired.firing))
        if fired.firing.bound:
            self.bounds_hit.add(fired.firing.bound)
        elif is_last:
            if fired.state is None or fired.state not in self.index:
                self.bounds_hit.add("depth")
        elif fired.state is None:
            self.first.setdefault(BROKEN_BY[fired.firing.outcome], _Finding(number, event))
        else:
            self.transitions += 1
            if fired.state not in self.index:
                self._add(fired.state, (number, event))

    def _cut(self, bound: str, tried: _Tried) -> None:
        self.bounds_hit.add(bound)
        tried.is_cut = True

    def _judge(self, number: int, state: TimedState) -> None:
        for tree in self.trees:
            name = tree.property.name
            if name in self.first:
                continue
            if tree.property.when == "quiescent" and not self.execution.is_quiescent(state):
                continue
            leaf = tree.evaluate(state.system)
            if leaf.truth is None:
                self.errors.setdefault(name, _Finding(number, note=leaf.error))
            elif leaf.truth is sought_truth(tree.property):
                self.first[name] = _Finding(number)


class _Judge:
    def __init__(self, found: _Search, seconds: float) -> None:
        self.found = found
        self.common = Verdict(
            "",
            Answer.UNKNOWN,
            ENGINE,
            len(found.order),
            found.transitions,
            found.depth,
            seconds,
            tuple(sorted(found.bounds_hit)),
            (*assumptions(found.execution.system), f"times on a grid of {found.step} ms"),
        )

    def verdicts(self, asked: Sequence[Property]) -> tuple[Verdict, ...]:
        """A verdict for each property, then one for each built-in check."""
        return (*(self._property(each) for each in asked), *(self._safety(name) for name in BUILT_IN))

    def _property(self, prop: Property) -> Verdict:
        if prop.kind in ("eventually", "leads_to"):
            return self._make(prop.name, Answer.UNKNOWN, "needs liveness checking")
        return self._reachable(prop.name) if prop.kind == "sometimes" else self._safety(prop.name)

    def _safety(self, name: str) -> Verdict:
        if name in self.found.first:
            finding = self.found.first[name]
            return self._make(name, Answer.VIOLATED, finding.note, self._trace(finding))
        return self._open(name) or self._make(name, Answer.HOLDS)

    def _reachable(self, name: str) -> Verdict:
        if name in self.found.first:
            return self._make(name, Answer.HOLDS, "reached by the trace", self._trace(self.found.first[name]))
        return self._open(name) or self._make(name, Answer.VIOLATED, "no reachable state makes it true")

    def _open(self, name: str) -> Verdict | None:
        """Why nothing was found although there may be something; None when there is not."""
        found = self.found
        if name in found.errors:
            error = found.errors[name]
            return self._make(name, Answer.UNKNOWN, f"error: the predicate raised {error.note}", self._trace(error))
        if found.stopped:
            reached = "interrupted" if found.stopped == "interrupted" else f"{found.stopped} reached"
            figures = f"{len(found.order)} states, {found.transitions} transitions, depth {found.depth}"
            return self._make(name, Answer.UNKNOWN, f"{reached} after {figures}")
        if found.bounds_hit:
            texts = [_BOUND_TEXT[each] for each in sorted(found.bounds_hit)]
            note = "; ".join(texts).format(step=found.step, horizon=found.horizon)
            return self._make(name, Answer.BOUNDED, note)
        return None

    def _trace(self, finding: _Finding) -> Trace:
        return make_timed_trace(self.found.execution, self.found.path(finding))[0]

    def _make(self, name: str, answer: Answer, note: str = "", trace: Trace | None = None) -> Verdict:
        return replace(self.common, property=name, answer=answer, note=note, trace=trace)
