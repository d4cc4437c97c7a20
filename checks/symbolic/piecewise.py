"""Quantities that are piecewise-linear functions of others, with the shortest text by which a person would write them.

A text such as ``max(0, W - L)`` is given only when z3 proved it equal to the value on every piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import z3
from switchover.models.language.region import (
    Condition,
    Formula,
    Linear,
    Piece,
    PiecewiseLinear,
    Quantity,
    Values,
    formula_text,
)

from .linear import Conjunction, conjunction_term, linear_term
from .projection import minimal, satisfiable
from .simplification import difference, simplify
from .solving import SolverUnknown, is_satisfiable, seeded_solver

__all__ = ["NotAFunctionError", "NotAnIntervalError", "as_function", "interval_length"]

_MOST_VALUES = 5
_NOTHING = Linear()


class NotAFunctionError(ValueError):
    """Two pieces give different values for the same quantities; the text shows for which."""


class NotAnIntervalError(ValueError):
    """The set whose length is asked for is not one bounded interval everywhere; the text shows where it is not."""


# Functions given by pieces.


def as_function(
    name: str,
    quantities: Sequence[Quantity],
    pieces: Iterable[tuple[Conjunction, Linear]],
    within: Conjunction = (),
    unit: str = "ms",
) -> PiecewiseLinear:
    """The function that has each value where its conjunction and ``within`` hold, pieces of one value merged.

    Its text is the shortest of ``e``, maxima and minima of the pieces' values that is proved equal; else it lists the
    pieces, ``nowhere`` when there is none. Raises NotAFunctionError when pieces disagree where they overlap,
    SolverUnknown when that is not decided.
    """
    order = [each.name for each in quantities]
    domains: dict[Linear, list[Conjunction]] = {}
    for where, value in pieces:
        least = minimal(where, within)
        if least is not None:
            domains.setdefault(value, []).append(least)
    _require_agreement(name, domains, within)
    domains = _absorbed(domains, within)
    merged = {
        value: simplify(domain, within, order).formula for value, domain in sorted(domains.items(), key=_by_value)
    }
    found = tuple(Piece(where, value) for value, formula in merged.items() for where in formula)
    text = _Search(found, within, order).text() or _listed(merged, order) or "nowhere"
    return PiecewiseLinear(name, tuple(quantities), found, text, unit)


def _by_value(item: tuple[Linear, Any]) -> tuple[int, Linear]:
    return len(item[0].coefficients), _sortable(item[0])


def _sortable(value: Linear) -> Any:
    return value.coefficients, value.constant


def _require_agreement(name: str, domains: dict[Linear, list[Conjunction]], within: Conjunction) -> None:
    for (one, here), (other, there) in combinations(domains.items(), 2):
        for a, b in product(here, there):
            point = _disagreement((*a, *b, *within), one, other)
            if point is not None:
                at = ", ".join(f"{key} = {value}" for key, value in sorted(point.items()))
                raise NotAFunctionError(f"{name} is both {one.at(point)} and {other.at(point)} at {at}")


def _disagreement(conditions: Conjunction, one: Linear, other: Linear) -> Values | None:
    """Values at which the conditions hold and the two expressions differ."""
    gap = one.plus(other, -1)
    for sign in (1, -1):
        case = (*conditions, Condition(gap.times(sign).plus(Linear((), 1))))
        if satisfiable(case):
            return _point(case, (one, other))
    return None


def _point(conditions: Conjunction, expressions: Sequence[Linear] = ()) -> dict[str, int]:
    """Some values at which the conditions hold."""
    solver = seeded_solver(context=z3.Context())
    solver.add(conjunction_term(conditions, solver.ctx))
    if not is_satisfiable(solver, question="values of a piece"):
        raise SolverUnknown("values of a piece: two ways to decide disagree")
    return _values(solver.model(), _names((*(each.linear for each in conditions), *expressions)))


def _names(linears: Iterable[Linear]) -> list[str]:
    return sorted({name for each in linears for name, _ in each.coefficients})


def _values(model: z3.ModelRef, names: Sequence[str]) -> dict[str, int]:
    return {each: model.eval(z3.Int(each, model.ctx), model_completion=True).as_long() for each in names}


def _absorbed(domains: dict[Linear, list[Conjunction]], within: Conjunction) -> dict[Linear, list[Conjunction]]:
    """The pieces with as few values as are right: first the one that is right on most pieces, the simplest of those."""
    left = list(dict.fromkeys(piece for domain in domains.values() for piece in domain))
    own = {piece: value for value, domain in domains.items() for piece in domain}
    right = {
        value: {p for p in left if own[p] == value or _disagreement((*p, *within), value, own[p]) is None}
        for value in domains
    }
    found: dict[Linear, list[Conjunction]] = {}
    while left:
        best = min(right, key=lambda v: (-len(right[v].intersection(left)), len(v.coefficients), _sortable(v)))
        found[best] = [each for each in left if each in right[best]]
        left = [each for each in left if each not in right[best]]
    return found


def _listed(merged: dict[Linear, Formula], order: Sequence[str]) -> str:
    return "; ".join(f"{value.text(order)} where {formula_text(where, order)}" for value, where in merged.items())


# The search for a text.


@dataclass(frozen=True)
class _Form:
    """A linear expression (no ``operation``), or the maximum or minimum of others."""

    operation: str
    parts: tuple[_Form, ...] = ()
    value: Linear = _NOTHING

    def at(self, values: Values) -> int:
        if not self.operation:
            return self.value.at(values)
        results = [each.at(values) for each in self.parts]
        return max(results) if self.operation == "max" else min(results)

    def term(self, context: z3.Context) -> Any:
        if not self.operation:
            return linear_term(self.value, context)
        first, *others = (each.term(context) for each in self.parts)
        for each in others:
            first = z3.If((first >= each) if self.operation == "max" else (first <= each), first, each)
        return first

    def text(self, order: Sequence[str]) -> str:
        if not self.operation:
            return self.value.text(order)
        return f"{self.operation}({', '.join(each.text(order) for each in self.parts)})"


class _Search:
    """Looks for a form that has the value of every piece."""

    def __init__(self, pieces: Sequence[Piece], within: Conjunction, order: Sequence[str]) -> None:
        self.pieces = pieces
        self.within = within
        self.order = order
        values = dict.fromkeys(each.value for each in pieces)
        self.values = sorted(values, key=self.place)
        self.names = _names((*self.values, *(c.linear for each in pieces for c in (*each.where, *within))))
        self.context = z3.Context()
        # The points that refuted a form are tried on the next ones before the solver is.
        self.samples: list[tuple[Values, int]] = []

    def text(self) -> str | None:
        """The text of the first form that is proved right; None: none is."""
        if not self.pieces or len(self.values) > _MOST_VALUES:
            return None
        for form in self.forms():
            if all(form.at(point) == value for point, value in self.samples) and self.is_proved(form):
                return form.text(self.order)
        return None

    def forms(self) -> Iterable[_Form]:
        """Short ones first."""
        atoms = [_Form("", value=each) for each in self.values]
        if len(atoms) == 1:
            yield atoms[0]
        for operation in ("max", "min"):
            if len(atoms) > 1:
                yield _Form(operation, tuple(atoms))
        for outer, inner in (("max", "min"), ("min", "max")):
            yield from _nested(atoms, outer, inner)
        if len(atoms) > 2:
            yield from self.lattice(atoms)

    def lattice(self, atoms: Sequence[_Form]) -> Iterable[_Form]:
        """The maximum over the pieces of the minimum of what is nowhere below the value there: right if continuous."""
        rows = []
        for piece in self.pieces:
            above = tuple(each for each in atoms if self.is_above(piece, each.value))
            rows.append(above[0] if len(above) == 1 else _Form("min", above))
        least = [each for each in dict.fromkeys(rows) if not any(_covers(other, each) for other in rows)]
        yield least[0] if len(least) == 1 else _Form("max", tuple(least))

    def is_above(self, piece: Piece, value: Linear) -> bool:
        below = Condition(value.plus(piece.value, -1).plus(Linear((), 1)))
        return not satisfiable((*piece.where, *self.within, below))

    def is_proved(self, form: _Form) -> bool:
        return not any(self.refuted(form, piece) for piece in self.pieces)

    def refuted(self, form: _Form, piece: Piece) -> bool:
        """Whether the form has, or may have, another value somewhere on the piece."""
        solver = seeded_solver(context=self.context)
        solver.add(conjunction_term((*piece.where, *self.within), self.context))
        solver.add(form.term(self.context) != linear_term(piece.value, self.context))
        try:
            differs = is_satisfiable(solver, question="equality of a form")
        except SolverUnknown:
            return True
        if differs:
            point = _values(solver.model(), self.names)
            self.samples.append((point, piece.value.at(point)))
        return differs

    def place(self, value: Linear) -> Any:
        names = [self.order.index(name) if name in self.order else len(self.order) for name, _ in value.coefficients]
        is_negative = all(factor < 0 for _, factor in value.coefficients)
        return len(names) > 0, sorted(names), is_negative, _sortable(value)


def _nested(atoms: Sequence[_Form], outer: str, inner: str) -> Iterable[_Form]:
    """``max(a, min(b, c, ...))``: every way to leave some outside."""
    for size in range(1, len(atoms) - 1):
        for outside in combinations(atoms, size):
            yield _Form(outer, (*outside, _Form(inner, tuple(each for each in atoms if each not in outside))))


def _covers(other: _Form, form: _Form) -> bool:
    """Whether a minimum is never below another one, because it is of fewer terms."""
    return other != form and set(_terms(other)) < set(_terms(form))


def _terms(form: _Form) -> tuple[_Form, ...]:
    return form.parts or (form,)


# Lengths.


def interval_length(
    name: str,
    formula: Formula,
    probe: str,
    quantities: Sequence[Quantity],
    within: Conjunction = (),
    unit: str = "ms",
) -> PiecewiseLinear:
    """How many values of ``probe`` satisfy the formula, as a function of the other names.

    ``within`` may bound the probe too. Raises NotAnIntervalError when for some values of the others the set is no
    interval, has no bound, or has one that is not linear; SolverUnknown.
    """
    inside = tuple(least for each in formula if (least := minimal((*each, *within))) is not None)
    others = tuple(each for each in within if probe not in dict(each.linear.coefficients))
    _require_interval(name, inside, probe)
    first = _edges(name, inside, probe, -1)
    last = _edges(name, inside, probe, 1)
    pieces = [
        ((*here, *there), high.plus(low, -1).plus(Linear((), 1)))
        for here, low in first
        for there, high in last
        if satisfiable((*here, *there))
    ]
    covered = tuple(where for where, _ in first)
    pieces += [(where, _NOTHING) for where in difference((others,), covered)]
    return as_function(name, quantities, pieces, others, unit)


def _require_interval(name: str, inside: Formula, probe: str) -> None:
    """No value outside between two inside."""
    below, above = f"{probe} below", f"{probe} above"
    for one, other in product(inside, repeat=2):
        ends = (*_renamed(one, probe, below), *_renamed(other, probe, above))
        between = (_less(below, probe), _less(probe, above))
        for gap in difference(((*ends, *between),), inside):
            point = _point(gap)
            at = ", ".join(f"{key} = {value}" for key, value in sorted(point.items()))
            raise NotAnIntervalError(f"{name}: not one interval of {probe}, for example {at}")


def _edges(name: str, inside: Formula, probe: str, side: int) -> list[tuple[Conjunction, Linear]]:
    """Where the least (``side`` -1) or greatest (1) value of the probe is which linear expression."""
    found = []
    for alternative in inside:
        candidates = [bound for each in alternative for bound in _bounds(each, probe, side)]
        for bound in candidates:
            beyond = bound.plus(Linear((), side))
            here = _placed(alternative, probe, bound)
            found += [(where, bound) for where in difference((here,), _placed_all(inside, probe, beyond))]
        _require_reached(name, probe, alternative, tuple(_placed(alternative, probe, each) for each in candidates))
    return found


def _require_reached(name: str, probe: str, alternative: Conjunction, reached: Formula) -> None:
    """Every point of an alternative has one of its bounds as edge, so that no value of the probe is forgotten."""
    for left in difference((alternative,), reached):
        text = f"{name}: {probe} has no linear bound on one side where {formula_text((left,))}"
        raise NotAnIntervalError(text)


def _bounds(condition: Condition, probe: str, side: int) -> list[Linear]:
    """The expression to which the condition limits the probe on this side."""
    factor = dict(condition.linear.coefficients).get(probe, 0)
    if abs(factor) != 1 or not (condition.equal or factor == side):
        return []
    return [condition.linear.plus(Linear(((probe, 1),)), -factor).times(-factor)]


def _placed(conditions: Conjunction, probe: str, value: Linear) -> Conjunction:
    found = []
    for each in conditions:
        factor = dict(each.linear.coefficients).get(probe, 0)
        linear = each.linear.plus(Linear(((probe, 1),)), -factor).plus(value, factor)
        found.append(Condition(linear, each.equal))
    return tuple(found)


def _placed_all(formula: Formula, probe: str, value: Linear) -> Formula:
    return tuple(_placed(each, probe, value) for each in formula)


def _renamed(conditions: Conjunction, name: str, new: str) -> Conjunction:
    return _placed(conditions, name, Linear(((new, 1),)))


def _less(one: str, other: str) -> Condition:
    return Condition(Linear.of({one: 1, other: -1}, 1))
