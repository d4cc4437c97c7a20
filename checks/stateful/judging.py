"""Whether a state, or the step that leads out of it, decides what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from switchover.checks.built_in import BROKEN_BY, BUILT_IN, NO_DEADLOCK
from switchover.checks.explicit.findings import sought_truth
from switchover.checks.explicit.predicates import DecisionTree
from switchover.models.language import DefinitionError, Execution, GlobalState, Property, System
from switchover.models.language.stepping import Outcome

from .reference import Situation


@dataclass(frozen=True)
class Finding:
    """What decides the question called ``name``. ``note``: what is stuck; ``error``: what its predicate raised."""

    name: str
    note: str = ""
    error: str = ""


@dataclass(frozen=True)
class Asked:
    """What is asked of a system: properties, and built-in checks by name."""

    properties: tuple[Property, ...]
    built_in: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all that can be found by runs."""
        return (*(each.name for each in self.properties if _is_searchable(each)), *self.built_in)

    def property(self, name: str) -> Property | None:
        """The property of this name; None: it is a built-in check."""
        return next((each for each in self.properties if each.name == name), None)

    def without(self, names: Sequence[str]) -> Asked:
        """What is left of it when these are answered."""
        return Asked(
            tuple(each for each in self.properties if each.name not in names),
            tuple(each for each in self.built_in if each not in names),
        )


def _is_searchable(prop: Property) -> bool:
    """Liveness cannot be found by runs that end."""
    return prop.kind not in ("eventually", "leads_to")


def select(system: System, statements: Sequence[Property | str]) -> Asked:
    """What these statements ask. Raises DefinitionError for one that does not fit the system."""
    own = {each.name: each for each in system.properties}
    properties, built_in = [], []
    for each in statements:
        if isinstance(each, str) and each in BUILT_IN:
            built_in.append(each)
            continue
        prop = own.get(each) if isinstance(each, str) else each
        if prop is None:
            known = ", ".join((*own, *BUILT_IN))
            raise DefinitionError(f"system {system.name} has no property {each!r}; it has {known}")
        prop.check_parameters(system.name, system.roles, tuple(c.name for c in system.connections))
        properties.append(prop)
    return Asked(tuple(properties), tuple(built_in))


class Judge:
    """Judges the states of one system."""

    def __init__(self, execution: Execution, asked: Asked) -> None:
        self._trees = [DecisionTree(execution, each) for each in asked.properties if _is_searchable(each)]
        self._built_in = asked.built_in

    def state(self, state: GlobalState, situation: Situation) -> Iterator[Finding]:
        """What a state decides."""
        if NO_DEADLOCK in self._built_in and situation.stuck is not None:
            yield Finding(NO_DEADLOCK, situation.stuck)
        for tree in self._trees:
            if tree.property.when == "quiescent" and not situation.is_quiescent:
                continue
            leaf = tree.evaluate(state)
            if leaf.truth is None:
                yield Finding(tree.property.name, error=leaf.error)
            elif leaf.truth is sought_truth(tree.property):
                yield Finding(tree.property.name)

    def asks_for(self, outcome: Outcome) -> bool:
        """Whether a step that ends so decides anything."""
        return BROKEN_BY.get(outcome) in self._built_in

    def step(self, outcome: Outcome) -> Iterator[Finding]:
        """What a step without a successor decides."""
        if self.asks_for(outcome):
            yield Finding(BROKEN_BY[outcome])
