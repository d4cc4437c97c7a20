"""Exact sets of values of one bit-vector parameter, as maximal intervals.

The ends of an interval are the least value inside from some point on and the least value outside after it, found bit by
bit. Other variables of the predicate exist or do not. What is *outside* then says something of all of them, which needs
no quantifier once some witnesses (terms over the parameter) are proved to be enough: if any value of the others
satisfies the predicate, one of the witnesses does. They are collected from models: a constant, or a fixed distance from
the parameter. Where these do not end, z3's quantifiers are tried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import z3

from .solving import SolverUnknown, is_satisfiable, seeded_solver

__all__ = ["intervals"]

_MOST_WITNESSES = 48


def intervals(
    predicate: z3.BoolRef,
    parameter: z3.BitVecRef,
    *,
    signed: bool,
    witnesses: Sequence[Mapping[z3.BitVecRef, z3.BitVecRef]] = (),
    most: int = 64,
    milliseconds: int = 10_000,
) -> list[tuple[int, int]]:
    """The values of ``parameter`` for which the predicate has a solution, as maximal intervals (both ends in it).

    ``signed``: the parameter's values are read as two's complement, and intervals are in that order. ``witnesses``: for
    each other variable a term over the parameter, to be tried first. Raises SolverUnknown when there are more than
    ``most`` intervals or the solver gives up.
    """
    solver = seeded_solver(milliseconds)
    inside, outside = _sides(predicate, parameter, witnesses, milliseconds)
    search = _Search(solver, parameter, signed)
    found: list[tuple[int, int]] = []
    start: int | None = 0
    while start is not None:
        low = search.least(inside, start)
        if low is None:
            return found
        if len(found) == most:
            raise SolverUnknown(f"the values of {parameter}: more than {most} intervals")
        start = search.least(outside, low)
        high = search.top if start is None else start - 1
        found.append((search.value(low), search.value(high)))
    return found


class _Search:
    """The least value that satisfies a condition. Values are counted from the least one on, signed or not, from 0."""

    def __init__(self, solver: z3.Solver, parameter: z3.BitVecRef, signed: bool) -> None:
        self.solver = solver
        self.bits = parameter.size()
        self.top = (1 << self.bits) - 1
        # Turning the sign bit makes the signed order the unsigned one.
        self.turn = 1 << (self.bits - 1) if signed else 0
        self.place: Any = parameter ^ z3.BitVecVal(self.turn, self.bits)

    def value(self, place: int) -> int:
        """The parameter's value at a place."""
        return place - self.turn

    def least(self, condition: z3.BoolRef, start: int) -> int | None:
        """The least place from ``start`` on where the condition has a solution; None: there is none."""
        self.solver.push()
        try:
            self.solver.add(condition, z3.UGE(self.place, start))
            highest = self.solved_at(self.top)
            if highest is None:
                return None
            lowest = start
            while lowest < highest:
                middle = (lowest + highest) // 2
                at = self.solved_at(middle)
                if at is None:
                    lowest = middle + 1
                else:
                    highest = at
            return highest
        finally:
            self.solver.pop()

    def solved_at(self, limit: int) -> int | None:
        """Some place up to the limit with a solution."""
        if not is_satisfiable(self.solver, z3.ULE(self.place, limit), question="the end of an interval"):
            return None
        return int(self.solver.model().eval(self.place, model_completion=True).as_long())


def _sides(
    predicate: z3.BoolRef,
    parameter: z3.BitVecRef,
    witnesses: Sequence[Mapping[z3.BitVecRef, z3.BitVecRef]],
    milliseconds: int,
) -> tuple[z3.BoolRef, z3.BoolRef]:
    """That a value has a solution, and that it has none."""
    others = _others(predicate, parameter)
    if not others:
        return predicate, z3.Not(predicate)
    tried = [z3.substitute(predicate, *each.items()) for each in witnesses]
    solver = seeded_solver(milliseconds)
    solver.add(predicate, *(z3.Not(each) for each in tried))
    while len(tried) <= _MOST_WITNESSES:
        if not is_satisfiable(solver, question="whether the witnesses are enough"):
            return z3.Or(*tried), z3.Not(z3.Or(*tried))
        model = solver.model()
        found = [z3.substitute(predicate, *each) for each in _suggested(model, parameter, others)]
        tried += found
        solver.add(*(z3.Not(each) for each in found))
    return predicate, z3.ForAll(others, z3.Not(predicate))


def _suggested(model: z3.ModelRef, parameter: z3.BitVecRef, others: Sequence[z3.BitVecRef]) -> list[list[Any]]:
    """For each other variable its value in the model, or its distance from the parameter there; all combinations."""
    at = model.eval(parameter, model_completion=True)
    choices = []
    for each in others:
        value = model.eval(each, model_completion=True)
        options = [(each, value)]
        if each.size() == parameter.size():
            options.append((each, parameter + z3.simplify(value - at)))
        choices.append(options)
    # Many variables have too many combinations: then all are constant or all move along.
    if len(choices) > 3:
        return [[options[0] for options in choices], [options[-1] for options in choices]]
    return [list(each) for each in product(*choices)]


def _others(predicate: z3.BoolRef, parameter: z3.BitVecRef) -> list[Any]:
    """The other bit-vector constants, by name. Raises ValueError for constants of another kind."""
    found: dict[str, Any] = {}
    pending: list[Any] = [predicate]
    seen = set()
    while pending:
        each = pending.pop()
        if each.get_id() in seen:
            continue
        seen.add(each.get_id())
        pending.extend(each.children())
        if z3.is_const(each) and each.decl().kind() == z3.Z3_OP_UNINTERPRETED and not each.eq(parameter):
            if not z3.is_bv(each):
                raise ValueError(f"{each} is no bit vector")
            found[each.decl().name()] = each
    return [found[name] for name in sorted(found)]
