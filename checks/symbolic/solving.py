"""A Z3 solver with a fixed seed and a limit, whose *unknown* is an exception, and what a solution makes true."""

from __future__ import annotations

from collections.abc import Sequence

import z3

__all__ = ["SolverUnknown", "holds", "is_satisfiable", "seeded_solver"]

_SEED = 1
_EFFORT = 200_000_000


class SolverUnknown(Exception):  # noqa: N818
    """The solver could not answer within its limits; the text says which question and why."""


def seeded_solver(milliseconds: int = 10_000, effort: int = _EFFORT, context: z3.Context | None = None) -> z3.Solver:
    """A solver whose every query takes at most so many ms and z3 resource units (the same on every machine).

    Set a ``context`` of its own where an answer must not depend on what was asked of z3 before.
    """
    solver = z3.Solver(ctx=context)
    solver.set(random_seed=_SEED, timeout=milliseconds, rlimit=effort, ctrl_c=False)
    return solver


def is_satisfiable(solver: z3.Solver, *assumptions: z3.BoolRef, question: str = "query") -> bool:
    """Whether what the solver holds has a solution under ``assumptions``. Raises SolverUnknown, naming the question."""
    answer = solver.check(*assumptions)
    if answer == z3.unknown:
        raise SolverUnknown(f"{question}: the solver gave up ({solver.reason_unknown()})")
    return bool(answer == z3.sat)


def holds(model: z3.ModelRef, condition: Sequence[z3.BoolRef]) -> bool:
    """Whether all of ``condition`` is true in ``model``."""
    return all(z3.is_true(model.eval(each, model_completion=True)) for each in condition)
