"""Explores a timed system with numbers left open: every reachable state, each with the condition of its path.

Breadth first over actions. A state's condition is the conjunction of what its path's comparisons, and the order of its
events in time, require of the numbers left open. A state that was met before under a condition that the new one implies
is not followed again. When nothing is left, all that can happen has been seen, for all values at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import z3
from switchover.checks.built_in import BROKEN_BY
from switchover.models.language import System
from switchover.models.language.execution import Action, is_disabled
from switchover.models.language.properties import Property
from switchover.models.language.timed import Moment, TimedExecution, TimedState
from switchover.models.language.view import arguments

from .booleans import literals
from .conditions import Condition, Conditions
from .forking import Path, PathLimits, assume, explore
from .shapes import ShapeTable
from .spare_solver import Effort, effort
from .terms import SymbolicInteger, integer

__all__ = ["Condition", "Finding", "Node", "SearchLimits", "SearchResult", "search"]

#: A present time that nothing depends on: not after anything that is still to come.
_PAST = 0


@dataclass(frozen=True)
class SearchLimits:
    """``states``: symbolic states; ``depth``: events on a path (None: no limit); ``seconds``: of wall time."""

    states: int = 20_000
    depth: int | None = None
    seconds: float | None = None
    paths: PathLimits = field(default_factory=PathLimits)


@dataclass(frozen=True, eq=False)
class Node:
    """A symbolic state, how it was reached, and when it is: ``condition`` holds exactly on the paths to it.

    ``model`` is a solution of that. ``needs_present``: what can happen next depends on the state's present time.
    """

    state: TimedState
    condition: Condition
    needs_present: bool
    depth: int = 0
    uncertain: bool = False
    arrivals: tuple[Arrival, ...] = ()
    model: z3.ModelRef | None = None

    def actions(self, holds: Callable[[Condition], bool]) -> list[tuple[Action, Any]]:
        """The actions that lead here from the initial state, each with its time, where ``holds`` tells which of several
        ways to a state is the one taken.
        """
        found: list[tuple[Action, Any]] = []
        node = self
        while node.arrivals:
            taken = next(each for each in node.arrivals if holds(each.condition))
            found.append((taken.action, taken.at))
            node = taken.before
        return found[::-1]


@dataclass(frozen=True, eq=False)
class Arrival:
    """One way to a state: by ``action``, ``at`` this time, from ``before``, under ``condition``."""

    before: Node
    action: Action
    at: Any
    condition: Condition


@dataclass(frozen=True, eq=False)
class Finding:
    """A violation of ``property`` after ``node``, under ``condition``; by ``action`` when a step itself is wrong."""

    property: str
    node: Node
    condition: Condition
    uncertain: bool
    action: tuple[Action, Any] | None = None
    reason: str = ""


@dataclass
class SearchResult:
    """What was seen. ``stopped``: empty when everything was, else which limit ended it.

    ``judged``: how many (state, path) pairs each property was evaluated on; ``ends``: states that nothing follows.
    ``bounds_hit``: bounds of the system that disabled some step. ``effort``: what was asked of the solver.
    """

    findings: list[Finding] = field(default_factory=list)
    states: int = 0
    transitions: int = 0
    depth: int = 0
    seconds: float = 0.0
    effort: Effort = field(default_factory=Effort)
    stopped: str = ""
    judged: dict[str, int] = field(default_factory=dict)
    ends: list[Node] = field(default_factory=list)
    bounds_hit: set[str] = field(default_factory=set)


def search(
    system: System,
    properties: Sequence[Property],
    assuming: Sequence[z3.BoolRef] = (),
    *,
    limits: SearchLimits | None = None,
) -> SearchResult:
    """Explore ``system``, whose parameters and latencies may be left open, under ``assuming``.

    Raises ForkingError when a single event has too many paths, UnsupportedOperationError for a handler that cannot run
    on open values.
    """
    return _Search(system, properties, tuple(assuming), limits or SearchLimits()).run()


class _Search:
    def __init__(
        self,
        system: System,
        properties: Sequence[Property],
        assuming: Condition,
        limits: SearchLimits,
    ) -> None:
        self.execution = TimedExecution(system, remember=False)
        self.properties = properties
        self.assuming = assuming
        self.limits = limits
        self.result = SearchResult(judged={each.name: 0 for each in properties})
        self.conditions = Conditions(assuming, limits.paths)
        self.shapes = ShapeTable()
        self.known: dict[Any, list[Condition]] = {}
        self.started = time.perf_counter()
        self.effort = effort()
        self.moments_chosen = 0

    def run(self) -> SearchResult:
        initial = self.execution.initial()
        level = list(self._enter([Node(initial, (), self.execution.needs_present(initial))]))
        while level and not self.result.stopped:
            following: list[Node] = []
            for node in level:
                if self._is_over(node):
                    break
                following += self._successors(node)
            self.result.depth = level[0].depth
            level = list(self._enter(self._merged(following)))
        self.result.seconds = time.perf_counter() - self.started
        self.result.effort = effort().since(self.effort)
        return self.result

    def _is_over(self, node: Node) -> bool:
        limits = self.limits
        if self.result.states > limits.states:
            self.result.stopped = f"{limits.states} symbolic states"
        elif limits.seconds is not None and time.perf_counter() - self.started > limits.seconds:
            self.result.stopped = f"{limits.seconds:g} s"
        elif limits.depth is not None and node.depth >= limits.depth:
            self.result.stopped = f"depth {limits.depth}"
        return bool(self.result.stopped)

    # States.

    def _merged(self, nodes: Sequence[Node]) -> Iterator[Node]:
        """One node for each state that was reached: events that do not touch each other may come in either order."""
        same: dict[Any, list[Node]] = {}
        for node in nodes:
            same.setdefault(self.shapes.of(node.state), []).append(node)
        for ways in same.values():
            if len(ways) == 1:
                yield ways[0]
                continue
            arrivals = tuple(arrival for node in ways for arrival in node.arrivals)
            condition = self.conditions.either([(node.condition, node.model) for node in ways])
            uncertain = any(node.uncertain for node in ways)
            yield replace(ways[0], condition=condition, uncertain=uncertain, arrivals=arrivals)

    def _enter(self, nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            if not self._is_known(node):
                self.result.states += 1
                self._judge(node)
                yield node

    def _is_known(self, node: Node) -> bool:
        conditions = self.known.setdefault(self.shapes.of(node.state), [])
        own = {each.get_id() for each in node.condition}
        if any(own.issuperset(each.get_id() for each in other) for other in conditions):
            return True
        if conditions and self.conditions.implies(node.condition, conditions, node.model):
            return True
        conditions.append(node.condition)
        return False

    def _judge(self, node: Node) -> None:
        for each in self.properties:
            for path in self._explore(lambda each=each: self._breaks(each, node.state), node):  # type: ignore[misc]
                self.result.judged[each.name] += path.result is not None
                if path.result:
                    condition = (*node.condition, *path.condition)
                    uncertain = node.uncertain or path.uncertain
                    self.result.findings.append(Finding(each.name, node, condition, uncertain))

    def _breaks(self, prop: Property, state: TimedState) -> bool | None:
        """Whether ``state`` is a counterexample (for *sometimes*: a witness); None: the property does not ask."""
        if prop.when == "quiescent" and not self.execution.is_quiescent(state):
            return None
        truth = bool(prop.predicate(*arguments(self.execution.system, prop, state.system)))
        return not truth if prop.kind == "always" else truth

    # Steps.

    def _successors(self, node: Node) -> list[Node]:
        found: list[Node] = []
        for waiting in self._explore(lambda: self._agenda(node.state), node):
            moments, limits = waiting.result
            for at, together in self._by_time(moments):
                for first in self._firsts(_extended(node, waiting), together[0], at, limits):
                    for moment in together:
                        found += self._fire(first, moment.action, at)
        if not found:
            self.result.ends.append(node)
        return found

    def _agenda(self, state: TimedState) -> tuple[list[Moment], list[Any]]:
        return self.execution.moments(state), self.execution.limits(state)

    def _by_time(self, moments: Sequence[Moment]) -> list[tuple[Any, list[Moment]]]:
        """The moments by their times; those that may come at any time are each at a time of their own."""
        same: dict[Any, tuple[Any, list[Moment]]] = {}
        for number, each in enumerate(moments):
            if each.exact:
                same.setdefault(self.shapes.of(each.earliest), (each.earliest, []))[1].append(each)
            else:
                same[f"moment {number}"] = (self._new_time(), [each])
        return list(same.values())

    def _firsts(self, node: Node, moment: Moment, at: Any, limits: list[Any]) -> list[Node]:
        """Where nothing is due before ``at``."""

        def constrain() -> None:
            if not moment.exact:
                assume(at >= moment.earliest)
            for limit in limits:
                assume(at <= limit)

        return [_extended(node, path) for path in self._explore(constrain, node)]

    def _fire(self, node: Node, action: Action, at: Any) -> Iterator[Node]:
        for path in self._explore(lambda: self.execution.fire(node.state, action, at), node):
            fired = path.result
            if fired.firing.bound:
                self.result.bounds_hit.add(fired.firing.bound)
            if fired.firing.bound or is_disabled(action, fired.firing):
                continue
            self.result.transitions += 1
            after = _extended(node, path)
            if fired.state is not None:
                arrival = Arrival(node, action, at, after.condition)
                following = replace(after, state=fired.state, depth=node.depth + 1, arrivals=(arrival,))
                yield self._without_past(node, following)
                continue
            wrong = BROKEN_BY[fired.firing.outcome]
            step = (action, at)
            self.result.findings.append(
                Finding(wrong, node, after.condition, after.uncertain, step, fired.firing.reason)
            )

    def _without_past(self, before: Node, after: Node) -> Node:
        """``after``, at time 0 when the present time does not matter: everything under way is due later anyway.

        Then the order in which independent events led here cannot be told any more.
        """
        if self.execution.needs_present(after.state):
            return replace(after, needs_present=True)
        was_past = _is_past(before.state) and not before.needs_present
        is_past = was_past or self._nothing_is_overdue(after)
        state = after.state._replace(now=_PAST) if is_past else after.state
        return replace(after, state=state, needs_present=False)

    def _nothing_is_overdue(self, node: Node) -> bool:
        overdue = literals([arrival < node.state.now for arrival in self.execution.arrivals(node.state)])
        return all(self.conditions.excludes(node.condition, each, node.model) for each in overdue)

    def _new_time(self) -> SymbolicInteger:
        self.moments_chosen += 1
        return integer(f"t{self.moments_chosen}")

    def _explore(self, run: Callable[[], Any], node: Node) -> list[Path[Any]]:
        return explore(run, (*self.assuming, *node.condition), limits=self.limits.paths, model=node.model)


def _is_past(state: TimedState) -> bool:
    # A time left open is not compared: that would be a question.
    return isinstance(state.now, int) and state.now == _PAST


def _extended(node: Node, path: Path[Any]) -> Node:
    condition = (*node.condition, *path.condition)
    uncertain = node.uncertain or path.uncertain
    return replace(node, condition=condition, uncertain=uncertain, model=path.model)
