"""Unions of polyhedra in the form a person would write, proved equal to what they were.

As in the minimising of logic: an alternative is enlarged as far as the union allows, in directions that occur in the
union, then alternatives that the others cover are dropped. Fewer alternatives count most, then fewer conditions, then
smaller numbers. What comes out does not depend on the solver's models, only on its answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import z3
from switchover.models.language.region import Condition, Formula, Linear, Quantity, Region, formula_holds

from .elimination import Coefficients
from .linear import Conjunction, conjunction_term, formula_term, negation, normal, tidied
from .projection import NotPolyhedralError, minimal, project, satisfiable, subsumes
from .solving import SolverUnknown, is_satisfiable, seeded_solver

__all__ = ["Simplified", "complement", "difference", "equivalent", "region", "simplify"]

_MOST_PIECES = 2_000
_FEW_ALTERNATIVES = 16
_FARTHEST = 1 << 40
#: No identifier, hence no quantity's name.
_VALUE = "value of a direction"


@dataclass(frozen=True)
class Simplified:
    """``formula``; unless ``is_proved`` the solver could not show that a simpler one is equal, and it is as it was."""

    formula: Formula
    is_proved: bool


def simplify(union: Iterable[Conjunction], within: Conjunction = (), order: Sequence[str] = ()) -> Simplified:
    """The union, where ``within`` holds, in few alternatives of few conditions; their names in ``order``.

    Conditions that ``within`` implies are left out.
    """
    raw = tuple(union)
    try:
        simple = _Union(_distinct(raw, within), within).simplest()
        if equivalent(raw, simple, within):
            return Simplified(_in_order(simple, order), True)
    except SolverUnknown:
        pass
    return Simplified(_in_order(raw, order), False)


def complement(formula: Formula, within: Conjunction = (), order: Sequence[str] = ()) -> Simplified:
    """Where ``within`` holds and ``formula`` does not, simplified as by ``simplify``. Raises SolverUnknown."""
    return simplify(difference((within,), formula), within, order)


def difference(formula: Formula, other: Formula) -> Formula:
    """Where ``formula`` holds and ``other`` does not; alternatives exclude each other if those of ``formula`` do.

    Raises SolverUnknown, also when there are too many alternatives.
    """
    pieces = [each for each in map(tidied, formula) if each is not None and satisfiable(each)]
    for cut in other:
        pieces = [left for piece in pieces for left in _cut(piece, cut)]
        if len(pieces) > _MOST_PIECES:
            raise SolverUnknown(f"a complement of more than {_MOST_PIECES} alternatives")
    return tuple(pieces)


def equivalent(first: Formula, second: Formula, within: Conjunction = ()) -> bool:
    """Whether two formulas hold for the same values where ``within`` does, by a fresh solver. Raises SolverUnknown."""
    return not _differ(first, second, within, complementary=False)


def region(quantities: Sequence[Quantity], union: Iterable[Conjunction], within: Conjunction = ()) -> Region:
    """The region where a property fails, of the polyhedra where it was seen to fail.

    ``within`` is assumed, and the quantities' own ranges. Raises SolverUnknown when the complement cannot be had, or is
    not proved to be one.
    """
    order = [each.name for each in quantities]
    assumed = (*(limit for each in quantities for limit in _limits(each)), *within)
    failing = simplify(union, assumed, order)
    holding = complement(failing.formula, assumed, order)
    if _differ(failing.formula, holding.formula, assumed, complementary=True):
        raise SolverUnknown("the complement of a region could not be proved")
    return Region(tuple(quantities), failing.formula, holding.formula, tuple(within))


def _differ(first: Formula, second: Formula, within: Conjunction, complementary: bool) -> bool:
    solver = seeded_solver(context=z3.Context())
    context = solver.ctx
    left, right = formula_term(first, context), formula_term(second, context)
    solver.add(conjunction_term(within, context), left == right if complementary else left != right)
    return is_satisfiable(solver, question="equality of two regions")


def _limits(quantity: Quantity) -> list[Condition]:
    found = []
    if quantity.low is not None:
        found.append(Condition(Linear(((quantity.name, -1),), quantity.low)))
    if quantity.high is not None:
        found.append(Condition(Linear(((quantity.name, 1),), -quantity.high)))
    return found


def _cut(piece: Conjunction, cut: Conjunction) -> list[Conjunction]:
    """The parts of a piece outside of a polyhedron."""
    if not satisfiable((*piece, *cut)):
        return [piece]
    parts = []
    for each in cut:
        for opposite in negation(each):
            part = tidied((*piece, opposite))
            if part is not None and satisfiable(part):
                parts.append(part)
        inside = tidied((*piece, each))
        assert inside is not None
        piece = inside
    return parts


def _distinct(union: Iterable[Conjunction], within: Conjunction) -> Formula:
    """The alternatives, each irredundant, without those that simpler ones cover, the simplest first."""
    found = dict.fromkeys(each for each in (minimal(each, within) for each in union) if each is not None)
    solver = seeded_solver(context=z3.Context())
    solver.add(conjunction_term(within, solver.ctx))
    kept: list[Conjunction] = []
    for each in sorted(found, key=_weight):
        term = conjunction_term(each, solver.ctx)
        if is_satisfiable(solver, term, question="cover of a region"):
            solver.add(z3.Not(term))
            kept.append(each)
    return tuple(kept)


# Enlarging.


class _Union:
    """A union of polyhedra, and whether others are inside of it. Raises SolverUnknown from all its questions."""

    def __init__(self, raw: Formula, within: Conjunction) -> None:
        self.raw = raw
        self.within = within
        self.outside = seeded_solver(context=z3.Context())
        self.context = self.outside.ctx
        self.outside.add(conjunction_term(within, self.context), z3.Not(formula_term(raw, self.context)))
        # Points outside, which refute most questions without the solver.
        self.points: list[dict[str, int]] = []
        self.rows = sorted({each.linear.coefficients for alternative in raw for each in _halves(alternative)})
        #: For each alternative its tightest bound in each direction.
        self.bounds = [{row: _bound((*each, *within), row) for row in self.rows} for each in raw]
        self.names = sorted({name for each in (*raw, within) for c in each for name, _ in c.linear.coefficients})

    def simplest(self) -> Formula:
        """The union in the form that counts as simplest among those found."""
        if not self.raw:
            return ()
        large: dict[Conjunction, None] = {}
        for position, each in enumerate(self.raw):
            if not any(subsumes(other, (*each, *self.within)) for other in large):
                for inward in (True, False):
                    large[self.enlarged(position, inward)] = None
        choices = [self.cover(sorted(large, key=_weight))]
        if len(self.raw) <= _FEW_ALTERNATIVES:
            choices.append(self.cover(list(self.raw)))
        return self.with_small_numbers(min(choices, key=_weights))

    def contains(self, conditions: Iterable[Condition]) -> bool:
        """Whether a polyhedron is inside, where ``within`` holds."""
        conjunction = tuple(conditions)
        if any(formula_holds((conjunction,), point) for point in self.points):
            return False
        if not is_satisfiable(self.outside, conjunction_term(conjunction, self.context), question="inside a region"):
            return True
        model = self.outside.model()
        values = {name: model.eval(z3.Int(name, self.context), model_completion=True) for name in self.names}
        self.points.append({name: value.as_long() for name, value in values.items()})
        return False

    def enlarged(self, position: int, inward: bool) -> Conjunction:
        """A largest polyhedron around an alternative, inside the union, that directions in the union describe.

        Conditions that few alternatives satisfy are dropped first: those are the cuts that divided the union. When not
        ``inward``, its own conditions are dropped after the others.
        """
        own = set(_halves(self.raw[position]))
        kept = sorted(own.union(*(self.around(position, row) for row in self.rows)), key=_size)
        sharing = {each: self.sharing(each) for each in kept}
        for each in sorted(kept, key=lambda c: (not inward and c in own, sharing[c], *_negative(c))):
            rest = [other for other in kept if other != each]
            if self.contains(rest):
                kept = rest
        for place, each in enumerate(kept):
            kept[place] = self.loosened(each, [*kept[:place], *kept[place + 1 :]])
        return minimal(kept, self.within) or ()

    def around(self, position: int, row: Coefficients) -> list[Condition]:
        """The half-spaces of this direction that touch the alternative, and the whole union."""
        constants = [bounds[row] for bounds in self.bounds]
        found = {constants[position], None if None in constants else min(c for c in constants if c is not None)}
        return [Condition(Linear(row, constant)) for constant in found if constant is not None]

    def sharing(self, half: Condition) -> int:
        """How many alternatives are inside of a half-space."""
        row, constant = half.linear.coefficients, half.linear.constant
        bounds = (each[row] for each in self.bounds)
        return sum(bound is not None and bound >= constant for bound in bounds)

    def loosened(self, condition: Condition, others: Sequence[Condition]) -> Condition:
        """The condition moved outwards as far as the union allows."""
        step, moved = 1, 0
        while step <= _FARTHEST and self.contains((*others, _shifted(condition, moved + step))):
            moved, step = moved + step, step * 2
        while step := step // 2:
            if self.contains((*others, _shifted(condition, moved + step))):
                moved += step
        return _shifted(condition, moved)

    # Choosing.

    def cover(self, candidates: list[Conjunction]) -> Formula:
        """Candidates that together are the union, none of them without need; those of most conditions go first."""
        kept = candidates
        for each in sorted(candidates, key=_weight, reverse=True):
            rest = [other for other in kept if other != each]
            if rest and self.covers(rest):
                kept = rest
        return tuple(kept)

    def covers(self, alternatives: Sequence[Conjunction]) -> bool:
        """Whether the alternatives together leave nothing of the union."""
        solver = seeded_solver(context=self.context)
        solver.add(conjunction_term(self.within, self.context), formula_term(self.raw, self.context))
        solver.add(z3.Not(formula_term(tuple(alternatives), self.context)))
        return not is_satisfiable(solver, question="cover of a region")

    def with_small_numbers(self, formula: Formula) -> Formula:
        """The same union, bounds moved to one that is nearer to 0 and occurs, where others cover the rest."""
        alternatives = list(formula)
        for position, alternative in enumerate(alternatives):
            for each in alternative:
                for smaller in self.smaller(each):
                    changed = tuple(smaller if c == each else c for c in alternatives[position])
                    moved = [*alternatives[:position], changed, *alternatives[position + 1 :]]
                    if each in alternatives[position] and self.contains(changed) and self.covers(moved):
                        alternatives = moved
                        break
        return tuple(alternatives)

    def smaller(self, condition: Condition) -> list[Condition]:
        """The same direction with bounds nearer to 0, the nearest first."""
        if condition.equal:
            return []
        row, constant = condition.linear.coefficients, condition.linear.constant
        bounds = {0, 1, *(bound for each in self.bounds if (bound := each.get(row)) is not None)}
        nearer = sorted((bound for bound in bounds if _roundness(bound) < _roundness(constant)), key=_roundness)
        return [Condition(Linear(row, bound)) for bound in nearer]


def _halves(conditions: Conjunction) -> list[Condition]:
    """The conditions as inequalities."""
    found = []
    for each in conditions:
        found.append(Condition(each.linear))
        if each.equal:
            found.append(Condition(each.linear.times(-1)))
    return found


def _bound(conditions: Conjunction, row: Coefficients) -> int | None:
    """The greatest constant with which the conditions imply ``row + constant <= 0``; None: there is none."""
    value = Linear(row).plus(Linear(((_VALUE, -1),)))
    try:
        projected = project((*conditions, Condition(value, equal=True)), (_VALUE,))
    except NotPolyhedralError:
        return None
    bounds = [
        next((half.linear.constant for half in _halves(each) if half.linear.coefficients == ((_VALUE, 1),)), None)
        for each in projected
    ]
    return None if None in bounds else min((bound for bound in bounds if bound is not None), default=None)


def _shifted(condition: Condition, by: int) -> Condition:
    shifted = normal(Condition(condition.linear.plus(Linear((), -by)), condition.equal))
    assert isinstance(shifted, Condition)
    return shifted


# What is simple.


def _roundness(constant: int) -> tuple[int, int]:
    # 0 and 1 are both written with the number 0: not more than, less than.
    return (0 if constant in (0, 1) else abs(constant), constant)


def _size(condition: Condition) -> tuple[int, int, tuple[int, int], tuple[tuple[str, int], ...], bool]:
    coefficients, constant = condition.linear.coefficients, condition.linear.constant
    total = sum(abs(factor) for _, factor in coefficients)
    return len(coefficients), total, _roundness(constant), coefficients, condition.equal


def _negative(condition: Condition) -> tuple[int, int, int, tuple[tuple[str, int], ...], int]:
    """A sort key by which long conditions and great numbers come first."""
    coefficients, constant = condition.linear.coefficients, condition.linear.constant
    return -len(coefficients), -sum(abs(factor) for _, factor in coefficients), -abs(constant), coefficients, constant


def _weight(alternative: Conjunction) -> tuple[object, ...]:
    return len(alternative), [_size(each) for each in alternative]


def _weights(formula: Formula) -> tuple[object, ...]:
    return len(formula), sum(len(each) for each in formula), sorted(_weight(each) for each in formula)


def _in_order(formula: Formula, order: Sequence[str]) -> Formula:
    """The same formula, its conditions in the order of the quantities in them."""
    rank = {name: position for position, name in enumerate(order)}

    def place(condition: Condition) -> tuple[object, ...]:
        names = sorted((rank.get(name, len(rank)), name) for name, _ in condition.linear.coefficients)
        return [position for position, _ in names], _size(condition)

    ordered = [tuple(sorted(each, key=place)) for each in formula]
    return tuple(sorted(ordered, key=lambda each: (len(each), [place(condition) for condition in each])))
