"""Candidate invariants of a node, read off valuations of its variables: the strongest of some shapes that fit them all.

Shapes: every linear equation (the affine hull, exactly); bounds ``x - y <= e + c`` between two variables that the
equations leave free, ``e`` a sum of at most two quantities and ``c`` one of the *landmarks*, the constants that the
charts compare with; and conditions that the charts themselves ask, or their opposites. A guess, nothing more: what is
made of it is checked against every edge.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement, permutations
from math import lcm
from typing import Any

import numpy as np
import z3
from switchover.models.language.region import Condition, Formula, Linear

from .linear import NotLinearError, formula_of, linear_of

__all__ = ["Shapes", "Valuations", "affine_hull", "candidates", "carried"]

#: A valuation: the quantities' values, then the variables'.
Row = tuple[int, ...]
#: Rows in reduced row echelon form by their pivots' columns; column 0 is the constant 1.
Echelon = dict[int, list[Fraction]]

_FITS_INT64 = 1 << 52


@dataclass
class Valuations:
    """Values of ``names`` (the quantities first) seen at a node, in the order in which they came."""

    names: tuple[str, ...]
    rows: dict[Row, None] = field(default_factory=dict)
    echelon: Echelon = field(default_factory=dict)

    def add(self, row: Row) -> bool:
        """Note a valuation; whether it is new."""
        if row in self.rows:
            return False
        self.rows[row] = None
        self.echelon = _with_row(self.echelon, (1, *row))
        return True

    def columns(self) -> dict[str, Any]:
        """For each name its values, as an array."""
        rows = list(self.rows)
        is_small = all(abs(each) < _FITS_INT64 for row in rows for each in row)
        table = np.array(rows, dtype=np.int64 if is_small else object).reshape(len(rows), len(self.names))
        return {name: table[:, number] for number, name in enumerate(self.names)}


@dataclass
class Shapes:
    """What candidates are made of. ``assumed``: sums of quantities that are at most 0, from which others follow."""

    quantities: tuple[str, ...]
    landmarks: set[int]
    assumed: tuple[Linear, ...] = ()

    def __post_init__(self) -> None:
        signed = [Linear.of({name: sign}) for name in self.quantities for sign in (1, -1)]
        pairs = [first.plus(second) for first, second in combinations_with_replacement(signed, 2)]
        #: 0, the quantities with either sign, twice each, and the sums and differences of two of them.
        self.sums = [Linear(), *signed, *(each for each in pairs if each.coefficients)]
        self._most = _consequences(self.assumed)

    def is_weaker(self, bound: Linear, other: Linear) -> bool:
        """Whether ``other <= bound`` follows from what is assumed by adding some of it up. False says nothing."""
        difference = other.plus(bound.times(-1))
        most = self._most.get(difference.coefficients)
        return most is not None and difference.constant <= most


def _consequences(assumed: Sequence[Linear]) -> dict[tuple[tuple[str, int], ...], int]:
    """Sums of at most three of what is at most 0: by their coefficients, the greatest constant."""
    found: dict[tuple[tuple[str, int], ...], int] = {(): 0}
    for count in (1, 2, 3):
        for chosen in combinations_with_replacement(assumed, count):
            total = Linear()
            for each in chosen:
                total = total.plus(each)
            found[total.coefficients] = max(found.get(total.coefficients, total.constant), total.constant)
    return found


def candidates(seen: Valuations, shapes: Shapes, asked: Iterable[Formula] = ()) -> tuple[Formula, ...]:
    """All of the shapes, and of the conditions ``asked``, that fit every valuation seen; of bounds the strongest."""
    equations, free = affine_hull(seen)
    columns = seen.columns()
    found: list[Formula] = [((each,),) for each in equations]
    variables = [name for name in free if name not in shapes.quantities]
    found += [((each,),) for each in _bounds(columns, variables, shapes)]
    found += [each for each in asked if _fits(each, columns)]
    return tuple(dict.fromkeys(found))


# Equations.


def affine_hull(seen: Valuations) -> tuple[list[Condition], list[str]]:
    """The linear equations that hold of all valuations, each for one name, and the names that they leave free."""
    pivots = seen.echelon
    names = ("", *seen.names)
    equations = []
    for column, name in enumerate(names):
        if column not in pivots:
            sums = {names[pivot]: row[column] for pivot, row in pivots.items() if row[column]}
            equations.append(_equation(name, sums))
    return equations, [names[pivot] for pivot in sorted(pivots) if pivot]


def _with_row(known: Echelon, given: Sequence[int]) -> Echelon:
    """A reduced row echelon form with one more row."""
    row = [Fraction(each) for each in given]
    for pivot, other in known.items():
        if row[pivot]:
            row = _less(row, row[pivot], other)
    column = next((number for number, each in enumerate(row) if each), -1)
    if column < 0:
        return known
    row = [each / row[column] for each in row]
    cleared = {pivot: _less(other, other[column], row) if other[column] else other for pivot, other in known.items()}
    return {**cleared, column: row}


def _less(row: list[Fraction], factor: Fraction, other: list[Fraction]) -> list[Fraction]:
    return [a - factor * b if b else a for a, b in zip(row, other, strict=True)]


def _equation(name: str, sums: dict[str, Fraction]) -> Condition:
    scale = lcm(1, *(each.denominator for each in sums.values()))
    coefficients = {other: int(-each * scale) for other, each in sums.items() if other}
    coefficients[name] = coefficients.get(name, 0) + scale
    return Condition(Linear.of(coefficients, int(-sums.get("", Fraction(0)) * scale)), equal=True)


# Bounds.


def _bounds(columns: dict[str, Any], variables: Sequence[str], shapes: Shapes) -> Iterable[Condition]:
    sums = shapes.sums
    values = np.stack([_values(each, columns) for each in sums])
    zero = next(iter(columns.values())) * 0
    marks = sorted(shapes.landmarks)
    for first, second in (("", ""), *permutations(("", *variables), 2)):
        difference = columns.get(first, zero) - columns.get(second, zero)
        most = (difference - values).max(axis=1)
        fitting = [
            each.plus(Linear((), bound))
            for each, its in zip(sums, most, strict=True)
            if (bound := _landmark(int(its), marks, len(each.coefficients) < 2)) is not None
        ]
        left = Linear.of({name: sign for name, sign in ((first, 1), (second, -1)) if name})
        yield from (Condition(left.plus(each.times(-1))) for each in _strongest(fitting, shapes))


def _landmark(most: int, marks: Sequence[int], is_simple: bool) -> int | None:
    """``most`` if it is a landmark; for the simple sums, of which there are few, else the next above it."""
    place = bisect_left(marks, most)
    return marks[place] if place < len(marks) and (is_simple or marks[place] == most) else None


def _strongest(bounds: Sequence[Linear], shapes: Shapes) -> list[Linear]:
    kept: list[Linear] = []
    for each in bounds:
        if not any(shapes.is_weaker(each, other) for other in kept):
            kept = [other for other in kept if not shapes.is_weaker(other, each)]
            kept.append(each)
    return kept


# Conditions.


def carried(seen: Valuations, condition: Sequence[z3.BoolRef], values: Sequence[Any]) -> list[Row]:
    """What the valuations that satisfy ``condition`` become where ``values`` are computed from them.

    Nothing, where either is not linear or has names besides.
    """
    columns = seen.columns()
    try:
        formula = formula_of(list(condition))
        linear = [linear_of(each) for each in values]
        fitting = _truths(formula, columns)
        results = [_values(each, columns) for each in linear]
    except (NotLinearError, KeyError):
        return []
    chosen = np.nonzero(fitting)[0]
    return [tuple(int(each[number]) for each in results) for number in chosen]


def _values(linear: Linear, columns: dict[str, Any]) -> Any:
    total = next(iter(columns.values())) * 0 + linear.constant
    for name, factor in linear.coefficients:
        total = total + columns[name] * factor
    return total


def _fits(formula: Formula, columns: dict[str, Any]) -> bool:
    """Whether the formula is true of every valuation."""
    return bool(np.all(_truths(formula, columns)))


def _truths(formula: Formula, columns: dict[str, Any]) -> Any:
    nothing = next(iter(columns.values())) != next(iter(columns.values()))
    truth = nothing
    for alternative in formula:
        all_true = ~nothing
        for each in alternative:
            value = _values(each.linear, columns)
            all_true = all_true & ((value == 0) if each.equal else (value <= 0))
        truth = truth | all_true
    return truth
