"""Asks z3's Spacer for an invariant: the edges of a transition system as Horn clauses, one predicate a node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import z3
from switchover.models.language.region import Formula

from .induction import Invariant, terms_of
from .linear import NotLinearError, formula_of
from .search import Condition
from .transition_system import CHOSEN_TIME, Node, Steps, TransitionSystem

__all__ = ["SpacerAnswer", "ask_spacer"]

_SEED = 1


@dataclass(frozen=True)
class SpacerAnswer:
    """``invariant``: what holds at each node besides what was given; None: none was found, and ``note`` says why."""

    invariant: Invariant | None
    note: str = ""


def ask_spacer(
    system: TransitionSystem,
    quantities: Sequence[str],
    holding: Invariant,
    steps: Mapping[Node, Steps],
    *,
    milliseconds: int,
) -> SpacerAnswer:
    """An invariant that excludes all violations in ``steps``, which were computed under the inductive ``holding``."""
    return _Clauses(system, quantities, holding, steps, milliseconds).answer()


class _Clauses:
    def __init__(
        self,
        system: TransitionSystem,
        quantities: Sequence[str],
        holding: Invariant,
        steps: Mapping[Node, Steps],
        milliseconds: int,
    ) -> None:
        self.system = system
        self.quantities = [z3.Int(name) for name in quantities]
        self.holding = holding
        self.steps = steps
        self.fixedpoint = z3.Fixedpoint()
        self.fixedpoint.set(**{"engine": "spacer", "timeout": milliseconds, "spacer.random_seed": _SEED})
        # The predicates must stay as they are, for their invariants to be read back.
        self.fixedpoint.set(**{"xform.inline_eager": False, "xform.inline_linear": False, "xform.slice": False})
        self.predicates = {node: self._predicate(number, node) for number, node in enumerate(steps)}
        self.violated = z3.Function("violated", z3.BoolSort())
        self.fixedpoint.register_relation(self.violated)

    def _predicate(self, number: int, node: Node) -> Any:
        size = len(self.quantities) + len(node.names)
        predicate = z3.Function(f"node{number}", *[z3.IntSort()] * size, z3.BoolSort())
        self.fixedpoint.register_relation(predicate)
        return predicate

    def answer(self) -> SpacerAnswer:
        start, values = self.system.initial()
        self._rule(self._at(start, values), self.system.within, start)
        for node, steps in self.steps.items():
            here = (self._at(node), *self.system.within, *terms_of(self.holding[node.key]))
            for edge in steps.edges:
                if edge.target in self.predicates:
                    self._rule(self._at(edge.target, edge.values), (*here, *edge.condition), node)
            for wrong in steps.violations:
                self._rule(self.violated(), (*here, *wrong.condition), node)
        answer = self.fixedpoint.query(self.violated())
        if answer == z3.unsat:
            return self._read_back()
        if answer == z3.sat:
            return SpacerAnswer(None, "Spacer finds a run that violates it")
        return SpacerAnswer(None, f"Spacer gave up ({self.fixedpoint.reason_unknown()})")

    def _at(self, node: Node, values: Sequence[Any] | None = None) -> Any:
        return self.predicates[node](*self.quantities, *(node.constants if values is None else values))

    def _rule(self, head: Any, body: Condition, node: Node) -> None:
        variables = [*self.quantities, *node.constants, z3.Int(CHOSEN_TIME)]
        self.fixedpoint.add_rule(z3.ForAll(variables, z3.Implies(z3.And(*body), head)))

    def _read_back(self) -> SpacerAnswer:
        found: Invariant = {}
        try:
            for node, predicate in self.predicates.items():
                cover = self.fixedpoint.get_cover_delta(-1, predicate)
                term = z3.substitute_vars(cover, *self.quantities, *node.constants)
                found[node.key] = _conjuncts(z3.simplify(term))
        except NotLinearError as error:
            return SpacerAnswer(None, f"Spacer's invariant is not linear: {error}")
        return SpacerAnswer(found)


def _conjuncts(term: z3.BoolRef) -> tuple[Formula, ...]:
    if z3.is_and(term):
        return tuple(each for child in term.children() for each in _conjuncts(child))
    return () if z3.is_true(term) else (formula_of(term),)
