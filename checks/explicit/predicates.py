"""Predicates as decision trees over what they read, grown while states are met.

A predicate is a deterministic function of what it reads, and what it reads next depends only on the values it
has read so far. So its runs form a tree: an inner node names a component (an actor or a connection) and an
attribute of it, an edge the value found there, a leaf the truth. The predicate runs once for each leaf;
every other state is answered by walking down.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from switchover.models.language import Execution, GlobalState
from switchover.models.language.properties import Property
from switchover.models.language.stepping import Snapshot
from switchover.models.language.view import Note, arguments

from .exploration import Observation
from .naming import raise_for_wrong_name

_SPECIAL: dict[str, Callable[[Snapshot], Hashable]] = {
    "state": lambda snapshot: snapshot.states,
    "timers": lambda snapshot: snapshot.timers,
    "open_ports": lambda snapshot: snapshot.open_ports,
}


@dataclass(frozen=True)
class Leaf:
    """The predicate's truth; None when it raised ``error``."""

    truth: bool | None
    error: str = ""


@dataclass(eq=False)
class Node:
    """What the predicate reads next: an attribute of component number ``component``."""

    component: int
    attribute: str
    children: dict[Hashable, Node | Leaf] = field(default_factory=dict)


class DecisionTree:
    """A property's predicate on the states of one system. Components are its actors, then its connections."""

    def __init__(self, execution: Execution, prop: Property) -> None:
        self.property = prop
        self.root: Node | Leaf | None = None
        self.varied = False
        self.witnessed = False
        self._execution = execution
        self._actors = len(execution.layout.workers)

    def evaluate(self, state: GlobalState) -> Leaf:
        """The predicate's truth in ``state``. What the predicate raises is in the leaf, but for a name that its views
        do not have: no state makes that right. Raises DefinitionError for it.
        """
        place = self.root
        while isinstance(place, Node):
            place = place.children.get(self.project(place.component, place.attribute, component_of(state, place)))
        return place if place is not None else self._grow(state)

    def project(self, component: int, attribute: str, value: Any) -> Hashable:
        """What ``attribute`` is in a component's value (a snapshot or a connection's state)."""
        if component >= self._actors:
            return value  # type: ignore[no-any-return]
        names = tuple(type(self._execution.layout.workers[component])._variables)
        special = _SPECIAL.get(attribute)
        own = value.variables[names.index(attribute)] if attribute in names else None
        # A variable may be called "timers": the view's note does not tell which was meant.
        return own if special is None else (special(value), own)

    def observation(self, decided: bool) -> Observation:
        """What was seen of the predicate. Once its property was ``decided`` nobody looked further, so what it read
        must be taken to vary."""
        varied = self.varied or (decided and isinstance(self.root, Node))
        return Observation(self.property.name, self.property.kind, self.root is not None, varied, self.witnessed)

    def _grow(self, state: GlobalState) -> Leaf:
        reads: dict[tuple[int, str], None] = {}
        leaf = self._run(state, reads)
        self.witnessed = self.witnessed or bool(leaf.truth)
        parent: Node | None = None
        value: Hashable = None
        place = self.root
        for component, attribute in reads:
            if place is None:
                place = self._attach(parent, value, Node(component, attribute))
            if not isinstance(place, Node) or (place.component, place.attribute) != (component, attribute):
                return Leaf(None, "the predicate is not a function of what it reads")
            parent, value = place, self.project(component, attribute, component_of(state, place))
            place = place.children.get(value)
        self._attach(parent, value, leaf)
        return leaf

    def _attach(self, parent: Node | None, value: Hashable, child: Any) -> Any:
        if parent is None:
            self.root = child
        else:
            parent.children[value] = child
            self.varied = self.varied or len(parent.children) > 1
        return child

    def _run(self, state: GlobalState, reads: dict[tuple[int, str], None]) -> Leaf:
        def note_of(component: int) -> Note:
            return lambda attribute: reads.setdefault((component, attribute))

        views = arguments(self._execution.system, self.property, state, note_of)
        try:
            return Leaf(bool(self.property.predicate(*views)))
        except Exception as error:
            raise_for_wrong_name(self.property.name, self.property.predicate, error)
            return Leaf(None, f"{type(error).__name__}: {' '.join(str(error).split())}")


def component_of(state: GlobalState, node: Node) -> Any:
    """The value in ``state`` of the component that ``node`` reads."""
    actors = len(state.snapshots)
    return state.snapshots[node.component] if node.component < actors else state.connections[node.component - actors]
