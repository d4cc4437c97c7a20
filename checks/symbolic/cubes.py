"""Takes a condition with alternatives apart: enumerate a solution's conjunction, project it, block it, until none is
left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import z3

from .linear import Conjunction, formula_of, formula_term
from .projection import project
from .solving import holds, is_satisfiable, seeded_solver

__all__ = ["alternatives"]


def alternatives(
    condition: Sequence[z3.BoolRef], within: Sequence[z3.BoolRef], keep: Sequence[str]
) -> Iterator[Conjunction]:
    """Conjunctions over ``keep`` whose union is where some values of all other constants satisfy ``condition``.

    Raises SolverUnknown; NotPolyhedralError when the union depends on divisibility.
    """
    solver = seeded_solver()
    solver.add(*within, *condition)
    while is_satisfiable(solver, question="which values violate the property"):
        model = solver.model()
        cube = [literal for each in condition for literal in _implicant(each, model)]
        formula = tuple(found for each in formula_of(cube) for found in project(each, keep))
        yield from formula
        solver.add(z3.Not(formula_term(formula)))


def _implicant(term: z3.BoolRef, model: z3.ModelRef) -> Iterator[z3.BoolRef]:
    """Literals, true in ``model``, that imply ``term``."""
    if z3.is_and(term):
        for each in term.children():
            yield from _implicant(each, model)
    elif z3.is_or(term):
        yield from _implicant(next(each for each in term.children() if holds(model, (each,))), model)
    elif not z3.is_true(term):
        yield term
