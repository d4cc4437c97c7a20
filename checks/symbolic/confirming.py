"""Checks a claimed invariant anew, from the charts: initiation, consecution, safety, and that no state is left out.

Nothing of the attempt that found it is used but its text: edges are computed again under the invariant as it is
claimed, and every query goes to a solver of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import z3

from .induction import Invariant, terms_of
from .search import Condition
from .solving import SolverUnknown, is_satisfiable, seeded_solver
from .transition_system import Edge, Node, Steps, TransitionSystem
from .unrolling import has_no_way_back, way_back

__all__ = ["NotConfirmedError", "confirm"]


class NotConfirmedError(Exception):
    """The independent check did not accept an invariant; the text says which query failed, and where."""


def confirm(system: TransitionSystem, invariant: Invariant, k: int = 1) -> tuple[str, ...]:
    """The queries that confirm ``invariant``, with their numbers. ``k``: how many steps back a violation is refuted.

    Raises NotConfirmedError; a solver's *unknown* confirms nothing.
    """
    try:
        return _confirmed(system, invariant, k)
    except SolverUnknown as error:
        raise NotConfirmedError(str(error)) from error


def _confirmed(system: TransitionSystem, invariant: Invariant, k: int) -> tuple[str, ...]:
    start, values = system.initial()
    _require(start.key in invariant, "closure: the initial state is in no control state of the invariant")
    _require_kept(system, invariant, Edge(start, None, (), start, values), (), "initiation")
    steps = _reached(system, invariant, start)
    for node, each in steps.items():
        _require_covered(system, each, terms_of(invariant[node.key]))
        for edge in each.edges:
            _require_kept(system, invariant, edge, terms_of(invariant[node.key]), "consecution")
    refuted = _require_safe(system, invariant, steps, k)
    edges = sum(len(each.edges) for each in steps.values())
    return (
        "initiation: the initial state is in the invariant",
        f"consecution: {edges} steps from {len(steps)} control states stay in it",
        f"closure: every state that can follow is in one of the {len(steps)} control states",
        f"safety: {_safety(refuted, k)}",
    )


def _safety(refuted: int, k: int) -> str:
    if not refuted:
        return "no state in it violates the property, and no step goes wrong"
    return f"{refuted} violations in it are refuted by going back {k - 1} step{'s' * (k > 2)}"


def _reached(system: TransitionSystem, invariant: Invariant, start: Node) -> dict[Node, Steps]:
    steps: dict[Node, Steps] = {}
    pending = [start]
    while pending:
        node = pending.pop()
        if node in steps:
            continue
        steps[node] = system.steps(node, terms_of(invariant[node.key]))
        for edge in steps[node].edges:
            _require(edge.target.key in invariant, "closure: a step leads to a control state without an invariant")
            pending.append(edge.target)
    return steps


def _require_kept(
    system: TransitionSystem, invariant: Invariant, edge: Edge, holding: Condition, question: str
) -> None:
    kept = terms_of(invariant[edge.target.key])
    solver = seeded_solver()
    solver.add(*system.within, *holding, *edge.condition, z3.Not(edge.after(z3.And(*kept))))
    what = "" if edge.action is None else f" a step of {edge.action.kind.value} leaves it"
    _require(not is_satisfiable(solver, question=question), f"{question}:{what or ' the initial state is not in it'}")


def _require_covered(system: TransitionSystem, steps: Steps, holding: Condition) -> None:
    solver = seeded_solver()
    solver.add(*system.within, *holding, *(z3.Not(z3.And(*each)) for each in steps.waits))
    _require(not is_satisfiable(solver, question="closure"), "closure: the paths found do not cover all values")


def _require_safe(system: TransitionSystem, invariant: Invariant, steps: Mapping[Node, Steps], k: int) -> int:
    way = way_back(system, invariant, steps)
    violations = [wrong for each in steps.values() for wrong in each.violations]
    for each in violations:
        _require(has_no_way_back(way, each, k), f"safety: {each.property} can be violated {each.reason}".rstrip())
    return len(violations)


def _require(is_so: bool, text: str) -> None:
    if not is_so:
        raise NotConfirmedError(text)
