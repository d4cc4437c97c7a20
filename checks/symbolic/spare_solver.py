"""The last solver, kept with what it holds: a new one, or asserting the same again, costs more than most questions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import z3

__all__ = ["Effort", "ask", "effort", "keep_solver", "take_solver"]

_SEED = 1
#: A solver that was taken so often is not kept any longer: an old one slows down.
_USES = 500


@dataclass
class _Spare:
    """``taken``: the last solver handed out; ``held``: what it holds, each in a scope of its own above the first."""

    solver: z3.Solver | None = None
    taken: z3.Solver | None = None
    uses: int = 0
    held: list[z3.BoolRef] = field(default_factory=list)


@dataclass
class Effort:
    """What was asked of these solvers so far: ``queries``, and ``seconds`` of wall time in z3."""

    queries: int = 0
    seconds: float = 0.0

    def since(self, before: Effort) -> Effort:
        """What was added to ``before``."""
        return Effort(self.queries - before.queries, self.seconds - before.seconds)


_spare = _Spare()
_effort = Effort()


def effort() -> Effort:
    """What was asked until now."""
    return replace(_effort)


def ask(solver: z3.Solver, *literals: z3.BoolRef) -> z3.CheckSatResult:
    """Whether what the solver holds has a solution in which ``literals`` are true."""
    started = time.perf_counter()
    answer = solver.check(*literals)
    _effort.seconds += time.perf_counter() - started
    _effort.queries += 1
    return answer


def take_solver(holding: Sequence[z3.BoolRef], milliseconds: int, effort: int) -> z3.Solver:
    """A solver that holds just this, with a fixed seed; each query may take so many ms, and so much of z3's rlimit.

    Only one is kept: the last that was taken.
    """
    solver, _spare.solver = _spare.solver, None
    if solver is None:
        solver = z3.Solver()
        _spare.uses, _spare.held = 0, []
        solver.push()  # makes z3 take its incremental solver from the start
    _spare.uses += 1
    started = time.perf_counter()
    # Ctrl-C is Python's: z3 would answer "unknown" and go on.
    solver.set(random_seed=_SEED, timeout=milliseconds, rlimit=effort, ctrl_c=False)
    _hold(solver, holding)
    _effort.seconds += time.perf_counter() - started
    _spare.taken = solver
    return solver


def keep_solver(solver: z3.Solver) -> None:
    """Keep ``solver`` for the next who needs one. Not one that gave up: nobody knows what state that leaves."""
    if _spare.uses < _USES and _spare.taken is not None and solver is _spare.taken:
        solver.pop(solver.num_scopes() - 1 - len(_spare.held))
        _spare.solver = solver


def _hold(solver: z3.Solver, holding: Sequence[z3.BoolRef]) -> None:
    held = _spare.held
    same = 0
    while same < min(len(held), len(holding)) and held[same].get_id() == holding[same].get_id():
        same += 1
    if same < len(held):
        solver.pop(len(held) - same)
    for each in holding[same:]:
        solver.push()
        solver.add(each)
    _spare.held = [*held[:same], *holding[same:]]
