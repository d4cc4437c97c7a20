"""What conditions imply, and what they have in common, under what a search assumes throughout.

A known solution often answers a question before the solver is asked: what is false at a solution of a condition does
not follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import z3

from .forking import PathLimits
from .solving import holds
from .spare_solver import ask, keep_solver, take_solver

__all__ = ["Condition", "Conditions", "Way"]

#: A conjunction.
Condition = tuple[z3.BoolRef, ...]
#: A condition, and a solution of it where one is known.
Way = tuple[Condition, z3.ModelRef | None]


class Conditions:
    """Questions about conjunctions, each asked under ``assuming``. A solver's *unknown* counts as *no*."""

    def __init__(self, assuming: Condition, limits: PathLimits) -> None:
        self.assuming = assuming
        self.limits = limits
        self._gave_up = False
        self._merged: dict[tuple[tuple[int, ...], ...], tuple[list[Condition], Condition]] = {}

    def implies(
        self, condition: Condition, others: Sequence[Sequence[z3.BoolRef]], model: z3.ModelRef | None = None
    ) -> bool:
        """Whether one of ``others`` holds wherever ``condition`` does; ``model`` is a solution of it, if known."""
        if model is not None and not any(holds(model, other) for other in others):
            return False
        with self._solver(condition) as solver:
            solver.add(*(z3.Not(z3.And(*other)) for other in others))
            return self._excludes(solver)

    def excludes(self, condition: Condition, literal: z3.BoolRef, model: z3.ModelRef | None = None) -> bool:
        """Whether ``literal`` is false wherever ``condition`` holds; ``model`` is a solution of it, if known."""
        if model is not None and holds(model, (literal,)):
            return False
        with self._solver(condition) as solver:
            return self._excludes(solver, literal)

    def either(self, ways: Sequence[Way]) -> Condition:
        """What holds where the condition of one of ``ways`` does."""
        key = tuple(tuple(each.get_id() for each in condition) for condition, _ in ways)
        if key not in self._merged:
            # With the terms: an id stands for one only as long as that lives.
            self._merged[key] = [condition for condition, _ in ways], self._either(ways)
        return self._merged[key][1]

    def _either(self, ways: Sequence[Way]) -> Condition:
        first = ways[0][0]
        shared_ids = set.intersection(*({each.get_id() for each in one} for one, _ in ways))
        shared = tuple(each for each in first if each.get_id() in shared_ids)
        rests = [[each for each in one if each.get_id() not in shared_ids] for one, _ in ways]
        if not all(rests):
            return shared
        with self._solver(shared) as solver:
            solver.add(*(z3.Not(z3.And(*rest)) for rest in rests))
            if self._excludes(solver):
                return shared
        hull = self._common(ways, {each.get_id(): each for rest in rests for each in rest})
        if self.implies((*shared, *hull), rests):
            return self._essential((*shared, *hull))
        return (*shared, z3.Or(*(z3.And(*rest) for rest in rests)))

    def _common(self, ways: Sequence[Way], literals: dict[int, z3.BoolRef]) -> Condition:
        """Those of ``literals`` that every way implies."""
        found = list(literals.values())
        for _, model in ways:
            if model is not None:
                found = [each for each in found if holds(model, (each,))]
        for condition, _ in ways:
            own = {each.get_id() for each in condition}
            with self._solver(condition) as solver:
                found = [each for each in found if each.get_id() in own or self._excludes(solver, z3.Not(each))]
        return tuple(found)

    def _essential(self, condition: Condition) -> Condition:
        """``condition`` without what follows from the rest of it."""
        kept = {number: (each, z3.Bool(f"literal {number}")) for number, each in enumerate(condition)}
        with self._solver(()) as solver:
            solver.add(*(z3.Implies(label, each) for each, label in kept.values()))
            for number, each in enumerate(condition):
                others = (label for other, (_, label) in kept.items() if other != number)
                if self._excludes(solver, z3.Not(each), *others):
                    del kept[number]
        return tuple(each for each, _ in kept.values())

    @contextmanager
    def _solver(self, condition: Condition) -> Iterator[z3.Solver]:
        solver = take_solver((*self.assuming, *condition), self.limits.milliseconds, self.limits.effort)
        solver.push()
        self._gave_up = False
        yield solver
        if not self._gave_up:
            keep_solver(solver)

    def _excludes(self, solver: z3.Solver, *literals: z3.BoolRef) -> bool:
        answer = ask(solver, *literals)
        self._gave_up = self._gave_up or answer == z3.unknown
        return bool(answer == z3.unsat)
