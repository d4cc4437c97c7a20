"""Elimination of integers from a conjunction of linear conditions, one by one and without loss.

Fourier-Motzkin elimination loses nothing over the integers where of each lower and upper bound that meet one has the
factor 1, or where Pugh's dark shadow (The Omega Test, 1991) of the two, rounded to integers, is their real shadow.
Differences of times are always so.
"""

from __future__ import annotations

from math import gcd

import z3
from switchover.models.language.region import Condition, Linear

from .linear import Conjunction, tidied
from .solving import seeded_solver

__all__ = ["Coefficients", "Elimination", "Rows", "irredundant"]

Coefficients = tuple[tuple[str, int], ...]
#: Inequalities ``sum + constant <= 0``: the greatest constant for each direction.
Rows = dict[Coefficients, int]
#: The size of the eliminated name's factor, and the inequality.
_Bound = tuple[int, Coefficients, int]

_MANY_ROWS = 40


class Elimination:
    """Equalities and inequalities from which names are eliminated one by one."""

    def __init__(self, conditions: Conjunction) -> None:
        self.equalities = [each.linear for each in conditions if each.equal]
        self.rows: Rows = {each.linear.coefficients: each.linear.constant for each in conditions if not each.equal}
        self.is_empty = False
        self.limit = _MANY_ROWS

    def conditions(self) -> list[Condition]:
        """What is left."""
        equal = [Condition(each, equal=True) for each in self.equalities]
        return equal + [Condition(Linear(row, constant)) for row, constant in self.rows.items()]

    def eliminate(self, keep: frozenset[str], is_rational: bool = False) -> bool:
        """Eliminate all names but ``keep``; False when some are left that cannot be eliminated exactly.

        With ``is_rational`` go on with those over the rationals, so that ``is_empty`` can still be trusted when True.
        """
        self._substitute_all(keep)
        exact = not any(name not in keep for each in self.equalities for name, _ in each.coefficients)
        if is_rational:
            self._relax_equalities()
        elif not exact:
            return False
        while not self.is_empty:
            name, is_exact = self._next(keep)
            if name is None:
                break
            if not is_exact:
                exact = False
                if not is_rational:
                    break
            self._eliminate(name)
            if len(self.rows) > self.limit:
                self._thin()
        return exact

    # Equalities.

    def _substitute_all(self, keep: frozenset[str]) -> None:
        pending = True
        while pending and not self.is_empty:
            pending = False
            for position, each in enumerate(self.equalities):
                unit = next((t for t in each.coefficients if abs(t[1]) == 1 and t[0] not in keep), None)
                if unit is not None:
                    del self.equalities[position]
                    # name = value
                    name, factor = unit
                    self._substitute(name, each.plus(Linear(((name, 1),)), -factor).times(-factor))
                    pending = True
                    break

    def _substitute(self, name: str, value: Linear) -> None:
        equalities, self.equalities = self.equalities, []
        for each in equalities:
            self._add_equality(_replaced(each, name, value))
        rows, self.rows = self.rows, {}
        for row, constant in rows.items():
            factor = next((count for other, count in row if other == name), 0)
            if factor:
                changed = _replaced(Linear(row, constant), name, value)
                self._add(changed.coefficients, changed.constant)
            else:
                self._add(row, constant)

    def _add_equality(self, linear: Linear) -> None:
        tidy = tidied((Condition(linear, equal=True),))
        if tidy is None:
            self.is_empty = True
        else:
            self.equalities.extend(each.linear for each in tidy)

    def _relax_equalities(self) -> None:
        for each in self.equalities:
            self._add(each.coefficients, each.constant)
            opposite = each.times(-1)
            self._add(opposite.coefficients, opposite.constant)
        self.equalities = []

    # Inequalities.

    def _add(self, row: Coefficients, constant: int) -> None:
        row, constant = _reduced(row, constant)
        if not row:
            self.is_empty = self.is_empty or constant > 0
            return
        known = self.rows.get(row)
        if known is None or constant > known:
            self.rows[row] = constant

    def _next(self, keep: frozenset[str]) -> tuple[str | None, bool]:
        """The name that is cheapest to eliminate, exactly if one can be, and whether it can."""
        counts: dict[str, list[int]] = {}
        for row in self.rows:
            for name, factor in row:
                if name not in keep:
                    count = counts.setdefault(name, [0, 0, 0, 0])
                    count[factor > 0] += 1
                    if factor not in (1, -1):
                        count[2 + (factor > 0)] += 1
        best: tuple[bool, int, str] | None = None
        for name, (lower, upper, long_lower, long_upper) in counts.items():
            # With a factor other than 1 on both sides the shadows have to be compared.
            inexact = bool(long_lower and long_upper and not self._has_equal_shadows(name))
            candidate = (inexact, lower * upper - lower - upper, name)
            if best is None or candidate < best:
                best = candidate
        return (None, True) if best is None else (best[2], not best[0])

    def _eliminate(self, name: str) -> None:
        lower, upper, rest = self._split(name)
        self.rows = rest
        for low in lower:
            for high in upper:
                self._add(*_shadow(low, high))

    def _thin(self) -> None:
        """Drop what follows from the rest, which keeps the number of inequalities from growing step by step."""
        rows = irredundant(self.rows)
        if rows is None:
            self.is_empty = True
        else:
            self.rows, self.limit = rows, max(_MANY_ROWS, 2 * len(rows))

    def _has_equal_shadows(self, name: str) -> bool:
        lower, upper, _ = self._split(name)
        for low in lower:
            for high in upper:
                row, constant = _shadow(low, high)
                dark = constant + (low[0] - 1) * (high[0] - 1)
                if _reduced(row, constant) != _reduced(row, dark):
                    return False
        return True

    def _split(self, name: str) -> tuple[list[_Bound], list[_Bound], Rows]:
        lower: list[_Bound] = []
        upper: list[_Bound] = []
        rest: Rows = {}
        for row, constant in self.rows.items():
            for other, factor in row:
                if other == name:
                    (upper if factor > 0 else lower).append((abs(factor), row, constant))
                    break
            else:
                rest[row] = constant
        return lower, upper, rest


def _shadow(low: _Bound, high: _Bound) -> tuple[Coefficients, int]:
    """What a lower and an upper bound of one name leave when it is gone."""
    low_size, low_row, low_constant = low
    high_size, high_row, high_constant = high
    sums = dict(low_row) if high_size == 1 else {name: factor * high_size for name, factor in low_row}
    for name, factor in high_row:
        total = sums.get(name, 0) + factor * low_size
        if total:
            sums[name] = total
        else:
            del sums[name]
    return tuple(sorted(sums.items())), low_constant * high_size + high_constant * low_size


def _reduced(row: Coefficients, constant: int) -> tuple[Coefficients, int]:
    divisor = 0
    for _, factor in row:
        divisor = gcd(divisor, factor)
        if divisor == 1:
            return row, constant
    if not row:
        return row, constant
    return tuple((name, factor // divisor) for name, factor in row), -(-constant // divisor)


def _replaced(linear: Linear, name: str, value: Linear) -> Linear:
    factor = dict(linear.coefficients).get(name, 0)
    if not factor:
        return linear
    return linear.plus(Linear(((name, 1),)), -factor).plus(value, factor)


def irredundant(rows: Rows) -> Rows | None:
    """The inequalities without those that the others imply over the rationals; None when they exclude each other.

    What z3 does not decide stays.
    """
    solver = seeded_solver()
    ordered = sorted(rows.items(), key=lambda row: (len(row[0]), sum(abs(f) for _, f in row[0]), row))
    names = sorted({name for row, _ in ordered for name, _ in row})
    reals = {name: z3.Real(name) for name in names}
    kept = {}
    for position, (row, constant) in enumerate(ordered):
        below = z3.Sum(*(reals[name] * factor for name, factor in row)) <= -constant
        label = z3.Bool(f"row {position}")
        solver.add(z3.Implies(label, below))
        kept[row] = (label, z3.Not(below))
    if solver.check(*(label for label, _ in kept.values())) == z3.unsat:
        return None
    for row, _ in reversed(ordered):
        label, above = kept.pop(row)
        if solver.check(above, *(other for other, _ in kept.values())) != z3.unsat:
            kept[row] = (label, above)
    return {row: constant for row, constant in rows.items() if row in kept}
