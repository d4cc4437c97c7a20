"""Exact projection of conjunctions of linear conditions, and what follows from it: emptiness, implication."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

import z3
from switchover.models.language.region import Condition, Formula

from .elimination import Coefficients, Elimination, Rows
from .linear import Conjunction, NotLinearError, conjunction_term, formula_of, negation, tidied
from .solving import SolverUnknown, is_satisfiable, seeded_solver

__all__ = ["NotPolyhedralError", "implies", "minimal", "project", "project_formula", "satisfiable", "subsumes"]

_MILLISECONDS = 10_000


class NotPolyhedralError(ValueError):
    """What is left after elimination is no union of polyhedra: it depends on divisibility. The text shows it."""


# The public operations.


def project(conditions: Iterable[Condition], keep: Collection[str]) -> Formula:
    """For which integers ``keep`` there are integers for all other names such that the conditions hold; irredundant.

    One alternative, unless z3 had to help; none when the conditions exclude each other. Raises NotPolyhedralError when
    the answer depends on divisibility, SolverUnknown when the solver gives up.
    """
    tidy = tidied(conditions)
    return () if tidy is None else _projection(tidy, frozenset(keep))


def project_formula(formula: Formula, keep: Collection[str]) -> Formula:
    """The projection of each alternative, without repetition. Raises as ``project`` does."""
    found = dict.fromkeys(each for alternative in formula for each in project(alternative, keep))
    return ((),) if () in found else tuple(found)


def satisfiable(conditions: Iterable[Condition]) -> bool:
    """Whether some integers satisfy all of the conditions. Raises SolverUnknown."""
    tidy = tidied(conditions)
    return tidy is not None and _satisfiable(tidy)


def implies(conditions: Iterable[Condition], condition: Condition) -> bool:
    """Whether ``condition`` is true wherever all of ``conditions`` are. Raises SolverUnknown."""
    known = tuple(conditions)
    return not any(satisfiable((*known, each)) for each in negation(condition))


def subsumes(a: Sequence[Condition], b: Sequence[Condition]) -> bool:
    """Whether conjunction ``b`` implies conjunction ``a``, so that whatever satisfies ``b`` is already in ``a``.

    False also where the solver cannot say.
    """
    inner, outer = tidied(b), tidied(a)
    if inner is None:
        return True
    if outer is None:
        return not _possibly_satisfiable(inner)
    tightest = _inequalities(inner)
    open_ones = [each for each in outer if not _is_among(each, tightest)]
    return not any(_possibly_satisfiable(tidied((*inner, each))) for one in open_ones for each in negation(one))


def minimal(conditions: Iterable[Condition], within: Sequence[Condition] = ()) -> Conjunction | None:
    """The conditions without those that the others and ``within`` imply; None when all together exclude each other.

    What the solver cannot decide stays.
    """
    tidy = tidied(conditions)
    if tidy is None or not _possibly_satisfiable(tidied((*tidy, *within))):
        return None
    return _minimal(tidy, tuple(within))


# Elimination.


@lru_cache(maxsize=65_536)
def _projection(conditions: Conjunction, keep: frozenset[str]) -> Formula:
    system = Elimination(conditions)
    exact = system.eliminate(keep)
    if system.is_empty:
        return ()
    left = tidied(system.conditions())
    if left is None:
        return ()
    if not exact:
        return _by_solver(left, keep)
    least = minimal(left)
    return () if least is None else (least,)


@lru_cache(maxsize=65_536)
def _satisfiable(conditions: Conjunction) -> bool:
    system = Elimination(conditions)
    if system.eliminate(frozenset(), is_rational=True):
        return not system.is_empty
    if system.is_empty:
        # No rational solution of a relaxation, hence no integer solution.
        return False
    solver = seeded_solver(_MILLISECONDS)
    solver.add(conjunction_term(conditions))
    return is_satisfiable(solver, question="satisfiability of a conjunction")


def _possibly_satisfiable(conditions: Conjunction | None) -> bool:
    try:
        return conditions is not None and _satisfiable(conditions)
    except SolverUnknown:
        return True


# Redundancy.


@lru_cache(maxsize=65_536)
def _minimal(conditions: Conjunction, within: Conjunction) -> Conjunction:
    kept = list(conditions)
    # Long conditions and great constants go first, so that short ones are what remains.
    for each in sorted(conditions, key=_complexity, reverse=True):
        others = [other for other in kept if other is not each]
        if not any(_possibly_satisfiable(tidied((*others, *within, opposite))) for opposite in negation(each)):
            kept = others
    return tuple(kept)


def _complexity(condition: Condition) -> tuple[int, int, int, Coefficients, int]:
    coefficients, constant = condition.linear.coefficients, condition.linear.constant
    size = sum(abs(factor) for _, factor in coefficients)
    return len(coefficients), size, abs(constant), coefficients, constant


def _inequalities(conditions: Conjunction) -> Rows:
    rows: Rows = {}
    for each in conditions:
        rows[each.linear.coefficients] = each.linear.constant
        if each.equal:
            opposite = each.linear.times(-1)
            rows[opposite.coefficients] = opposite.constant
    return rows


def _is_among(condition: Condition, tightest: Rows) -> bool:
    opposite = condition.linear.times(-1)
    sides = [condition.linear, opposite] if condition.equal else [condition.linear]
    return all(tightest.get(each.coefficients, each.constant - 1) >= each.constant for each in sides)


# What is not exact.


def _by_solver(conditions: Conjunction, keep: frozenset[str]) -> Formula:
    """By z3, whose answers are taken when they are made of inequalities alone."""
    context = z3.Context()
    names = sorted({name for each in conditions for name, _ in each.linear.coefficients} - keep)
    constants = [z3.Int(name, context) for name in names]
    problem = z3.Exists(constants, conjunction_term(conditions, context))
    failures = []
    for tactic in ("qe2", "qe"):
        try:
            solved = z3.TryFor(z3.Tactic(tactic, context), _MILLISECONDS, context)(problem).as_expr()
        except z3.Z3Exception as error:
            failures.append(f"{tactic}: {error}")
            continue
        try:
            found = (minimal(each) for each in formula_of(solved))
        except NotLinearError as error:
            raise NotPolyhedralError(
                f"the values of {', '.join(sorted(keep))} are no union of polyhedra: {error}"
            ) from None
        return tuple(dict.fromkeys(each for each in found if each is not None))
    raise SolverUnknown(f"elimination of {', '.join(names)}: {'; '.join(failures)}")
