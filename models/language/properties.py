"""Properties: plain predicates whose parameters name the actors and connections they look at."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, overload

from .errors import DefinitionError

Kind = Literal["always", "never", "sometimes", "eventually", "leads_to"]
When = Literal["always", "quiescent"]
Predicate = Callable[..., bool]


@dataclass(frozen=True)
class Property:
    """A statement about every run (*always*, *never*), some run (*sometimes*), or what must come.

    ``when="quiescent"`` restricts it to states in which nothing is under way: no message that is
    read, no task and no timer is left; only decisions may still happen.
    For *leads_to*, ``consequence`` is the predicate that must follow.
    """

    name: str
    kind: Kind
    predicate: Predicate
    parameters: tuple[str, ...]
    when: When = "always"
    consequence: Predicate | None = None
    text: str = ""

    def check_parameters(self, system: str, roles: tuple[str, ...], connections: tuple[str, ...]) -> None:
        """Raise DefinitionError for a parameter that is neither a role nor a connection of the system."""
        for name in self.parameters:
            if name not in roles and name not in connections:
                raise DefinitionError(
                    f"property {self.name}: parameter {name!r} is no actor or connection of {system}; "
                    f"there are {', '.join(roles + connections)}"
                )


def _decorator(kind: Kind, function: Predicate | None, when: When) -> Any:
    if when not in ("always", "quiescent"):
        raise DefinitionError(f"when={when!r}: expected 'always' or 'quiescent'")

    def make(predicate: Predicate) -> Property:
        return Property(
            predicate.__name__,
            kind,
            predicate,
            _parameters(predicate),
            when,
            text=" ".join((predicate.__doc__ or predicate.__name__.replace("_", " ")).split()),
        )

    return make if function is None else make(function)


def _parameters(predicate: Predicate) -> tuple[str, ...]:
    parameters = inspect.signature(predicate).parameters.values()
    for each in parameters:
        if each.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            raise DefinitionError(f"property {predicate.__name__}: parameter {each.name!r} must be a plain name")
    return tuple(each.name for each in parameters)


@overload
def always(function: Predicate, /) -> Property: ...
@overload
def always(*, when: When = "always") -> Callable[[Predicate], Property]: ...
def always(function: Predicate | None = None, /, *, when: When = "always") -> Any:
    """The predicate is true in every reachable state (every quiescent one, with ``when="quiescent"``)."""
    return _decorator("always", function, when)


@overload
def never(function: Predicate, /) -> Property: ...
@overload
def never(*, when: When = "always") -> Callable[[Predicate], Property]: ...
def never(function: Predicate | None = None, /, *, when: When = "always") -> Any:
    """The predicate is true in no reachable state (no quiescent one, with ``when="quiescent"``)."""
    return _decorator("never", function, when)


@overload
def sometimes(function: Predicate, /) -> Property: ...
@overload
def sometimes(*, when: When = "always") -> Callable[[Predicate], Property]: ...
def sometimes(function: Predicate | None = None, /, *, when: When = "always") -> Any:
    """Some reachable state makes the predicate true: a guard against vacuous models."""
    return _decorator("sometimes", function, when)


def eventually(function: Predicate | None = None) -> Any:
    """Every fair run reaches a state that makes the predicate true (answered by liveness checking)."""
    return _decorator("eventually", function, "always")


def leads_to(consequence: Predicate) -> Callable[[Predicate], Property]:
    """After each state that makes the decorated predicate true, ``consequence`` (same parameters) must come."""

    def make(predicate: Predicate) -> Property:
        made: Property = _decorator("leads_to", None, "always")(predicate)
        if _parameters(consequence) != made.parameters:
            raise DefinitionError(f"property {made.name}: its consequence must have the same parameters")
        return Property(made.name, made.kind, made.predicate, made.parameters, "always", consequence, made.text)

    return make
