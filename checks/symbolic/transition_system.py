"""A timed system as finitely many nodes with integer variables, and the edges between them, taken from its charts.

A *node* is a state without its unbounded numbers: those whose declared type has no range, the present time, departures
and deadlines are *holes*, the node's variables. Everything else is control. An edge is one path of one action from a
node: its condition over the node's variables and the quantities, the node it leads to, and what fills that one's holes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import z3
from switchover.checks.built_in import BROKEN_BY
from switchover.models.language import Property, System, TimedExecution, TimedState, Wrap32
from switchover.models.language.execution import Action, ActionKind
from switchover.models.language.open_values import OpenNumber, OpenTruth
from switchover.models.language.stepping import Outcome
from switchover.models.language.timed import Moment, TimedFiring
from switchover.models.language.values import Check
from switchover.models.language.view import arguments

from .booleans import literals
from .forking import Path, PathLimits, assume, explore
from .opening import replaced
from .search import Condition
from .shapes import shape_of
from .terms import integer, term_of

__all__ = ["CHOSEN_TIME", "Edge", "Node", "Skeletons", "Steps", "TransitionSystem", "Violation", "is_idle"]

#: The variable for the time of an action that may happen at several.
CHOSEN_TIME = "at"

_BEYOND_ANY_RANGE = 1 << 80


class _Hole(OpenNumber):
    """Stands in a template for the number at ``place``."""

    __slots__ = ("place",)

    def __init__(self, place: str) -> None:
        self.place = place

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hole) and self.place == other.place

    def __hash__(self) -> int:
        return hash((_Hole, self.place))


class _AnyNumber(OpenNumber):
    """Within every range: stands for the open numbers beside the one whose range is asked for."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def _yes(self, _: object) -> bool:
        return True

    __le__ = __ge__ = __lt__ = __gt__ = _yes
    __eq__ = _yes


@dataclass(frozen=True, eq=False)
class Node:
    """A control state. ``state`` has the solver's constants, called ``names``, in its holes; ``key`` tells it apart."""

    key: Any
    names: tuple[str, ...]
    state: TimedState

    @property
    def constants(self) -> list[Any]:
        """The node's variables as the solver's constants."""
        return [z3.Int(name) for name in self.names]


@dataclass(frozen=True, eq=False)
class Edge:
    """By ``action``, under ``condition``, from ``source`` to ``target``, whose variables become ``values``.

    Without an action it is how a run starts.
    """

    source: Node
    action: Action | None
    condition: Condition
    target: Node
    values: tuple[Any, ...]

    def after(self, term: z3.BoolRef) -> z3.BoolRef:
        """What must be true before the edge for ``term``, over the target's variables, to be true after it."""
        return z3.substitute(term, *zip(self.target.constants, self.values, strict=True))


@dataclass(frozen=True, eq=False)
class Violation:
    """Of ``property`` at ``node`` under ``condition``. ``reason``: of a step that itself is wrong."""

    property: str
    node: Node
    condition: Condition
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Steps:
    """All that can come of a node under an assumption. ``waits``: the conditions under which its actions were looked
    for; some action is judged wherever one of them holds.
    """

    edges: tuple[Edge, ...]
    violations: tuple[Violation, ...]
    waits: tuple[Condition, ...]


class Skeletons:
    """Takes states apart into what is control and what fills the holes. Raises ValueError for 32-bit numbers."""

    def __init__(self, execution: TimedExecution) -> None:
        self.execution = execution
        self._unbounded: dict[tuple[Any, str], bool] = {}
        layout = execution.execution.layout
        names = layout.actor_names
        self._variables = [list(type(each)._variables.values()) for each in layout.workers]
        self._ways = [
            tuple(f"{connection.name} to {names[actor]}" for actor, _ in ends)
            for connection, ends in zip(execution.system.connections, layout.ends, strict=True)
        ]

    def apart(self, state: TimedState) -> tuple[TimedState, dict[str, Any]]:
        """``state`` with holes, and the numbers that fill them, by their places."""
        filled: dict[str, Any] = {}

        def hole(place: str, value: Any) -> _Hole:
            filled[place] = value
            return _Hole(place)

        system, now = state.system, hole("now", state.now)
        snapshots = tuple(self._snapshot(actor, each, hole) for actor, each in enumerate(system.snapshots))
        connections = tuple(self._connection(number, each, hole) for number, each in enumerate(system.connections))
        template = TimedState(
            now,  # type: ignore[arg-type]
            system._replace(snapshots=snapshots, connections=connections),
            tuple(self._departures(number, each, hole) for number, each in enumerate(state.departures)),
            tuple(self._deadlines(actor, each, hole) for actor, each in enumerate(state.deadlines)),
        )
        return template, filled

    def _snapshot(self, actor: int, snapshot: Any, hole: Callable[[str, Any], Any]) -> Any:
        name = self.execution.execution.layout.actor_names[actor]
        fields = self._variables[actor]
        values = zip(fields, snapshot.variables, strict=True)
        return snapshot._replace(
            variables=tuple(self._value(value, f"{name}.{field.name}", field.check, hole) for field, value in values)
        )

    def _connection(self, number: int, connection: Any, hole: Callable[[str, Any], Any]) -> Any:
        first, second = (
            tuple(self._message(each, f"{way}[{index}]", hole) for index, each in enumerate(queue))
            for way, queue in zip(self._ways[number], connection.queues, strict=True)
        )
        return connection._replace(queues=(first, second))

    def _message(self, message: Any, place: str, hole: Callable[[str, Any], Any]) -> Any:
        made = object.__new__(type(message))
        for name, check in type(message)._checks:
            object.__setattr__(made, name, self._value(getattr(message, name), f"{place}.{name}", check, hole))
        return made

    def _departures(self, number: int, departures: Any, hole: Callable[[str, Any], Any]) -> Any:
        return tuple(
            tuple(hole(f"{way}[{index}] sent", at) for index, at in enumerate(times))
            for way, times in zip(self._ways[number], departures, strict=True)
        )

    def _deadlines(self, actor: int, deadlines: Any, hole: Callable[[str, Any], Any]) -> Any:
        name = self.execution.execution.layout.actor_names[actor]
        return tuple((timer, hole(f"{name}.{timer} due", due)) for timer, due in deadlines)

    def _value(self, value: Any, name: str, check: Check, hole: Callable[[str, Any], Any]) -> Any:
        def leaf(place: str, found: Any) -> Any:
            if isinstance(found, Wrap32):
                raise ValueError(f"{place} is a number of 32 bits; only integers without bounds have proofs")
            if isinstance(found, bool | OpenTruth):
                return found
            if isinstance(found, OpenNumber) or self._is_unbounded(check, value, name, place):
                return hole(place, found)
            return found

        return replaced(value, name, leaf)

    def _is_unbounded(self, check: Check, value: Any, name: str, place: str) -> bool:
        key = (check, place)
        if key not in self._unbounded:
            self._unbounded[key] = any(
                check(_with(value, name, place, far)) is None for far in (_BEYOND_ANY_RANGE, -_BEYOND_ANY_RANGE)
            )
        return self._unbounded[key]


def _with(value: Any, name: str, place: str, number: int) -> Any:
    """``value`` with ``number`` at ``place``, its open numbers replaced by what no range excludes."""

    def leaf(where: str, found: Any) -> Any:
        if where == place:
            return number
        return _AnyNumber() if isinstance(found, OpenNumber) else found

    return replaced(value, name, leaf)


class TransitionSystem:
    """The nodes and edges of ``system`` under ``within``, computed from its charts when they are asked for.

    ``prop`` None: only what goes wrong by itself counts as a violation. Raises ForkingError when an action has too many
    paths, UnsupportedOperationError for a handler that cannot run on open values.
    """

    def __init__(
        self, system: System, prop: Property | None, within: Condition, *, limits: PathLimits | None = None
    ) -> None:
        self.execution = TimedExecution(system, remember=False)
        self.skeletons = Skeletons(self.execution)
        self.prop = prop
        self.within = within
        self.limits = limits or PathLimits()
        self._nodes: dict[Any, Node] = {}

    def initial(self) -> tuple[Node, tuple[Any, ...]]:
        """The node every run starts in, and what fills its holes."""
        return self._arrive(self.execution.initial())

    def node_of(self, template: TimedState, names: Sequence[str]) -> Node:
        """The node with these holes."""
        key = shape_of(template)
        if key not in self._nodes:
            state = replaced(template, "", lambda _, leaf: integer(leaf.place) if isinstance(leaf, _Hole) else leaf)
            self._nodes[key] = Node(key, tuple(names), state)
        return self._nodes[key]

    def _arrive(self, state: TimedState) -> tuple[Node, tuple[Any, ...]]:
        template, filled = self.skeletons.apart(state)
        node = self.node_of(template, tuple(filled))
        return node, tuple(term_of(each) for each in filled.values())

    def in_time(self, node: Node) -> Condition:
        """What one expects of a state: nothing is overdue, and what is under way was sent before."""
        state, timing = node.state, self.execution.system.timing
        assert timing is not None
        layout = self.execution.execution.layout
        found: list[Any] = [state.now <= due for deadlines in state.deadlines for _, due in deadlines]
        for number, departures in enumerate(state.departures):
            for end, times in enumerate(departures):
                receiver = layout.actor_names[layout.ends[number][end][0]]
                high = timing.latency(self.execution.system.connections[number].name, receiver).high
                found += [sent <= state.now for sent in times]
                found += [state.now <= sent + high for sent in times if high is not None]
        return tuple(literals(found))

    def steps(self, node: Node, assuming: Condition) -> Steps:
        """What can come of ``node`` where ``assuming`` holds of its variables."""
        edges: list[Edge] = []
        violations = list(self._judged(node, assuming))
        waits: list[Condition] = []
        for waiting in self._explore(lambda: self._agenda(node.state), assuming):
            waits.append(waiting.condition)
            moments, limits = waiting.result
            for moment in moments:
                for found in self._fired(node, moment, limits, (*assuming, *waiting.condition)):
                    condition = (*waiting.condition, *found.condition)
                    if found.result[1] is None:
                        violations.append(self._wrong(node, found.result[0], condition))
                    else:
                        target, values = self._arrive(found.result[1])
                        edges.append(Edge(node, moment.action, condition, target, values))
        return Steps(tuple(edges), tuple(violations), tuple(waits))

    def _judged(self, node: Node, assuming: Condition) -> Iterator[Violation]:
        prop = self.prop
        if prop is None:
            return
        for path in self._explore(lambda: self._breaks(prop, node.state), assuming):
            if path.result:
                yield Violation(prop.name, node, path.condition)

    def _breaks(self, prop: Property, state: TimedState) -> bool:
        if prop.when == "quiescent" and not self.execution.is_quiescent(state):
            return False
        truth = bool(prop.predicate(*arguments(self.execution.system, prop, state.system)))
        return not truth if prop.kind == "always" else truth

    def _agenda(self, state: TimedState) -> tuple[list[Moment], list[Any]]:
        return self.execution.moments(state), self.execution.limits(state)

    def _fired(self, node: Node, moment: Moment, limits: list[Any], assuming: Condition) -> Iterator[Path[Any]]:
        at = moment.earliest if moment.exact else integer(CHOSEN_TIME)
        for path in self._explore(lambda: self._act(node.state, moment, at, limits), assuming):
            if not is_idle(moment.action, path.result[0]):
                yield path

    def _act(
        self, state: TimedState, moment: Moment, at: Any, limits: list[Any]
    ) -> tuple[TimedFiring, TimedState | None]:
        if not moment.exact:
            assume(at >= moment.earliest)
        for limit in limits:
            assume(at <= limit)
        fired = self.execution.fire(state, moment.action, at)
        return fired, None if fired.state is None else _decided(fired.state)

    def _wrong(self, node: Node, fired: TimedFiring, condition: Condition) -> Violation:
        if fired.firing.bound:
            return Violation(f"the {fired.firing.bound} bound", node, condition, fired.firing.reason)
        return Violation(BROKEN_BY[fired.firing.outcome], node, condition, fired.firing.reason)

    def _explore(self, run: Callable[[], Any], assuming: Condition) -> list[Path[Any]]:
        return explore(run, (*self.within, *assuming), limits=self.limits)


def is_idle(action: Action, fired: TimedFiring) -> bool:
    """Whether the action is not enabled. A step that a bound disables is none of these: the bound shows."""
    if fired.firing.outcome is Outcome.REFUSED:
        return not fired.firing.bound
    chosen = action.kind in (ActionKind.TASK, ActionKind.DECIDE)
    return chosen and fired.firing.outcome is Outcome.UNEXPECTED and len(fired.firing.steps) == 1


def _decided(state: TimedState) -> TimedState:
    """``state`` with the truths in it decided, each way on a path of its own."""
    decided: TimedState = replaced(state, "", lambda _, leaf: bool(leaf) if isinstance(leaf, OpenTruth) else leaf)
    return decided
