"""Path summaries: what one local step of an actor does for all values of its numbers and truths at once.

The chart itself is run, once for each path through its comparisons. A summary says when its path is taken and what
comes of it, as terms over the values before. Where the configuration is stable (no eventless guard true, charts.md T5),
exactly one path is taken for any values within their types' ranges.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import z3
from switchover.models.language import Actor
from switchover.models.language.execution import Stepper
from switchover.models.language.outputs import Output
from switchover.models.language.stepping import Input, Outcome, Receive, Snapshot, StepResult, restore_snapshot, step

from .authoring import UnsupportedOperationError
from .forking import PathLimits, assume, explore
from .opening import closed, is_true, leaves, open_leaf, replaced
from .terms import Arithmetic, SymbolicInteger, term_of, within_bounds

__all__ = ["PathSummary", "StepSummary", "configuration_of", "is_stable", "summarise", "values_of"]


@dataclass(frozen=True)
class PathSummary:
    """One way a step can go. ``condition`` and what is open in the rest speak of the values before the step."""

    condition: tuple[z3.BoolRef, ...]
    outcome: Outcome
    snapshot: Snapshot
    outputs: tuple[Output, ...]
    transitions: tuple[int, ...]
    uncertain: bool


@dataclass(frozen=True)
class StepSummary:
    """Every way a step can go, for all values that satisfy ``assuming``.

    ``snapshot`` and ``event`` are those before, left open; ``constants`` names the solver's constants in them.
    ``kept``: values that were not left open, which the summary holds for alone.
    """

    snapshot: Snapshot
    event: Input
    constants: Mapping[str, Any]
    assuming: tuple[z3.BoolRef, ...]
    paths: tuple[PathSummary, ...]
    kept: Mapping[str, Any] = field(default_factory=dict)

    def results(self, values: Mapping[str, Any]) -> list[StepResult]:
        """What the step does for fixed values (``values_of``): a result for each path taken, without its reason.

        Raises ValueError when they differ from ``kept``.
        """
        for name, value in self.kept.items():
            if values[name] != value:
                raise ValueError(f"the summary holds for {name} = {value!r}, not {values[name]!r}")
        fixed = [(constant, _like(constant, values[name])) for name, constant in self.constants.items()]
        return [
            StepResult(each.outcome, closed(each.snapshot, fixed), closed(each.outputs, fixed), each.transitions)
            for each in self.paths
            if all(is_true(literal, fixed) for literal in each.condition)
        ]


def values_of(actor: Actor, snapshot: Snapshot, event: Input) -> dict[str, Any]:
    """The numbers and truths of a step's input, by place: ``count``, ``pair[0]``, ``event.message.number``,
    ``event.at``."""
    return {place: leaf for name, value in _parts(actor, snapshot, event) for place, leaf in leaves(value, name)}


def configuration_of(actor: Actor, snapshot: Snapshot, event: Input) -> tuple[Snapshot, Input]:
    """What a summary is for: snapshot and event with each number and truth replaced by its kind. Hashable."""
    return _with_parts(actor, snapshot, event, lambda _, leaf: type(leaf))


def summarise(
    actor: Actor,
    snapshot: Snapshot,
    event: Input,
    *,
    stepper: Stepper = step,
    stable: bool = True,
    arithmetic: Arithmetic = Arithmetic.INTEGERS,
    keep: Collection[str] = (),
    keep_unsupported: bool = False,
    limits: PathLimits | None = None,
) -> StepSummary:
    """The paths of one local step from the configuration of ``snapshot`` on an input of ``event``'s kind.

    Every number and truth in the two is left open within its type's range, but those that ``keep`` names by place;
    all else (enumerations, texts, what is None, timers, ports) is as given. ``stable`` leaves out values for which
    some eventless guard is true. With ``keep_unsupported``, values of which a handler needs more than comparisons and
    sums, an index for instance, are kept as given too, and ``kept`` says so.

    Raises UnsupportedOperationError, ForkingError (``forking.explore``), and KeyError for a name in ``keep``
    that is no place.
    """
    values = values_of(actor, snapshot, event)
    kept = {name: values[name] for name in keep}
    while True:
        try:
            return _summarise(_Opening(actor, snapshot, event, arithmetic, kept), stepper, stable, limits)
        except UnsupportedOperationError as error:
            involved = [name for name in error.symbols if name in values and name not in kept]
            if not (keep_unsupported and involved):
                raise
            kept.update((name, values[name]) for name in involved)


def is_stable(actor: Actor, snapshot: Snapshot) -> bool:
    """Whether no eventless transition is enabled in ``snapshot``. On open values it asks for the guards' truths."""
    if not any(each.is_eventless for name in snapshot.states for each in type(actor).states_map[name].transitions):
        return True
    restore_snapshot(actor, snapshot)
    try:
        actor._processing_loop()
    except Exception:
        return False
    return not actor._fired


class _Opening:
    """A step's input left open."""

    def __init__(
        self, actor: Actor, snapshot: Snapshot, event: Input, arithmetic: Arithmetic, kept: Mapping[str, Any]
    ) -> None:
        self.actor = actor
        self.kept = dict(kept)
        self.opened: dict[str, Any] = {}

        def open_one(place: str, leaf: Any) -> Any:
            if place in kept:
                return leaf
            return self.opened.setdefault(place, open_leaf(place, leaf, arithmetic))

        self.snapshot, self.event = _with_parts(actor, snapshot, event, open_one)
        bounds = [within_bounds(each) for each in self.opened.values() if isinstance(each, SymbolicInteger)]
        self.assuming = tuple(each for each in (*bounds, *self._ranges()) if not z3.is_true(z3.simplify(each)))

    def _ranges(self) -> list[z3.BoolRef]:
        """What the declared types say of the values: the conditions under which their own checks accept them."""
        fields = type(self.actor)._variables.values()
        found = [_accepted(each.check, value) for each, value in zip(fields, self.snapshot.variables, strict=True)]
        if isinstance(self.event, Receive):
            message = self.event.message
            found += [_accepted(check, getattr(message, name)) for name, check in message._checks]
        return found


def _accepted(check: Callable[[Any], str | None], value: Any) -> z3.BoolRef:
    ways = explore(lambda: assume(check(value) is None))
    return z3.Or(*(z3.And(*way.condition) for way in ways))


def _summarise(opening: _Opening, stepper: Stepper, stable: bool, limits: PathLimits | None) -> StepSummary:
    def run() -> StepResult:
        if stable:
            assume(is_stable(opening.actor, opening.snapshot))
        return stepper(opening.actor, opening.snapshot, opening.event)

    paths = tuple(
        PathSummary(
            path.condition,
            path.result.outcome,
            path.result.snapshot,
            path.result.outputs,
            path.result.transitions,
            path.uncertain,
        )
        for path in explore(run, opening.assuming, limits=limits)
    )
    constants = {name: term_of(value) for name, value in opening.opened.items()}
    return StepSummary(opening.snapshot, opening.event, constants, opening.assuming, paths, opening.kept)


def _parts(actor: Actor, snapshot: Snapshot, event: Input) -> list[tuple[str, Any]]:
    # No variable has a dot in its name, so that the event's parts have names of their own.
    parts = list(zip(type(actor)._variables, snapshot.variables, strict=True))
    parts.append(("event.at", event.at))
    return [*parts, ("event.message", event.message)] if isinstance(event, Receive) else parts


def _with_parts(
    actor: Actor, snapshot: Snapshot, event: Input, replace: Callable[[str, Any], Any]
) -> tuple[Snapshot, Input]:
    made = {name: replaced(value, name, replace) for name, value in _parts(actor, snapshot, event)}
    changed: Any = event._replace(at=made["event.at"])
    if isinstance(event, Receive):
        changed = changed._replace(message=made["event.message"])
    return snapshot._replace(variables=tuple(made[name] for name in type(actor)._variables)), changed


def _like(constant: Any, value: Any) -> Any:
    if z3.is_bv(constant) and constant.size() == 64:
        return z3.BitVecVal(value, 64)
    return term_of(value)
