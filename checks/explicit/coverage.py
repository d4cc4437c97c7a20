"""What no variant of a family ever does: transitions that never fire, properties that say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from switchover.models.language import Actor, System
from switchover.models.language.stepping import describe_transitions

from .exploration import Exploration, Observation, class_name

#: A system and what exploring it brought.
Run = tuple[System, Exploration]


@dataclass(frozen=True)
class DeadTransition:
    """A transition of an actor's class that fired nowhere. ``number`` as in ``StepResult.transitions``."""

    actor: str
    number: int
    transition: str


@dataclass(frozen=True)
class Vacuous:
    """A property that says nothing about any of the systems, and why."""

    property: str
    reason: str


def dead_transitions(runs: Iterable[Run]) -> tuple[DeadTransition, ...]:
    """The transitions of the systems' actors that fire in none of ``runs``, by class and document order.

    An actor's class is looked at as a whole: it is enough that a transition fires in one variant, in one
    role. What fires only beyond a bound or a limit counts as dead: look at ``Exploration.complete``.
    """
    classes: dict[str, type[Actor]] = {}
    fired: set[tuple[str, int]] = set()
    for system, exploration in runs:
        classes.update((class_name(type(worker)), type(worker)) for worker in system.layout.workers)
        fired |= exploration.fired
    return tuple(
        DeadTransition(name, number, text)
        for name, cls in sorted(classes.items())
        for number, text in enumerate(describe_transitions(cls))
        if (name, number) not in fired
    )


def vacuity(runs: Iterable[Run]) -> tuple[Vacuous, ...]:
    """The properties (by name) that are vacuous over the union of ``runs``, and why.

    A property is vacuous when, in every run that judged it, one of these is true:

    - its predicate was never evaluated: it is about quiescent states and none was reached;
    - everything that its predicate read kept one value, so no behaviour could have changed the answer;
    - it is a *leads_to* whose first predicate was never true.

    Sound for what it names (given complete explorations): in none of the systems could the property have
    failed, or come true, by anything the actors do. *eventually* is not judged here. A property that was decided
    on the way is taken not to be vacuous, unless its predicate reads nothing.
    """
    reasons: dict[str, list[str]] = {}
    for _, exploration in runs:
        for seen in exploration.observations:
            reasons.setdefault(seen.property, []).append(_vacuous(seen))
    return tuple(Vacuous(name, each[0]) for name, each in reasons.items() if all(each))


def _vacuous(seen: Observation) -> str:
    if not seen.evaluated:
        return "no quiescent state was reached"
    if seen.kind == "leads_to" and not seen.witnessed:
        return "its first predicate was never true"
    return "" if seen.varied else "nothing that it reads ever changes"
