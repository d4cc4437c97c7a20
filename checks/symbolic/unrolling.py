"""k-induction: refutes a violation by going back from it, step by step, under an invariant that is inductive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3

from .induction import Invariant, into, terms_of
from .search import Condition
from .solving import seeded_solver
from .transition_system import CHOSEN_TIME, Edge, Node, Steps, TransitionSystem, Violation

__all__ = ["WayBack", "has_no_way_back", "way_back"]


@dataclass(frozen=True)
class WayBack:
    """What is needed to go back from a violation: the start, the edges into each node, what holds at each node, and
    where each violates.
    """

    start: Node
    start_values: tuple[Any, ...]
    backwards: Mapping[Node, Sequence[Edge]]
    holding: Mapping[Node, Condition]
    violated: Mapping[Node, z3.BoolRef]
    within: Condition


def way_back(system: TransitionSystem, invariant: Invariant, steps: Mapping[Node, Steps]) -> WayBack:
    """That of a system whose steps under an inductive invariant are known."""
    start, values = system.initial()
    holding = {node: terms_of(invariant[node.key]) for node in steps}
    violated = {node: z3.Or(*(z3.And(*wrong.condition) for wrong in each.violations)) for node, each in steps.items()}
    return WayBack(start, values, into(steps), holding, violated, system.within)


def has_no_way_back(way: WayBack, violation: Violation, k: int) -> bool:
    """Whether no run of the system, and no ``k`` states in a row of which all but the last are right, end in it."""
    return _is_refuted(way, violation.node, z3.And(*violation.condition), k, 0)


def _is_refuted(way: WayBack, node: Node, term: z3.BoolRef, k: int, level: int) -> bool:
    # The time chosen on each edge is a variable of its own.
    term = z3.substitute(term, (z3.Int(CHOSEN_TIME), z3.Int(f"{CHOSEN_TIME}.{level}")))
    if _check(way.within, way.holding[node], (term,)) == z3.unsat:
        return True
    if level + 1 == k:
        return False
    if node is way.start:
        values = zip(node.constants, way.start_values, strict=True)
        if _check(way.within, (z3.substitute(term, *values),)) != z3.unsat:
            return False
    for edge in way.backwards.get(node, ()):
        before = z3.And(*edge.condition, edge.after(term), z3.Not(way.violated.get(edge.source, z3.BoolVal(False))))
        if not _is_refuted(way, edge.source, before, k, level + 1):
            return False
    return True


def _check(*conditions: Sequence[z3.BoolRef]) -> z3.CheckSatResult:
    solver = seeded_solver()
    for each in conditions:
        solver.add(*each)
    return solver.check()
