"""Leaves out of an invariant what the proof does not need, so that a person can read the rest."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import z3

from .confirming import NotConfirmedError, confirm
from .induction import Invariant, terms_of
from .search import Condition
from .solving import seeded_solver
from .transition_system import Node, Steps, TransitionSystem

__all__ = ["needed", "pruned"]

#: Conjuncts of which each is tried; with more that would take longer than the proof.
_MOST_PRUNED = 32


def needed(system: TransitionSystem, invariant: Invariant, ends_at: float = math.inf) -> Invariant:
    """Those of an inductive invariant's conjuncts that exclude the violations, and those that these rest on.

    A guess that must be confirmed; all of them when ``ends_at`` (of ``perf_counter``) comes first. Starts with nothing,
    and takes in what excludes a violation, a step to a control state outside, or a step that breaks what was taken in.
    """
    return _Needed(system, invariant, ends_at).run()


def pruned(system: TransitionSystem, invariant: Invariant, k: int = 1) -> Invariant:
    """A confirmed invariant from which no conjunct can be left out; a large one as it is."""
    if sum(len(each) for each in invariant.values()) > _MOST_PRUNED:
        return invariant
    for key in invariant:
        for formula in invariant[key]:
            rest = tuple(each for each in invariant[key] if each != formula)
            try:
                confirm(system, {**invariant, key: rest}, k)
            except NotConfirmedError:
                continue
            invariant = {**invariant, key: rest}
    return invariant


class _Needed:
    def __init__(self, system: TransitionSystem, invariant: Invariant, ends_at: float) -> None:
        self.system = system
        self.ends_at = ends_at
        self.invariant = invariant
        self.taken: dict[Any, dict[int, None]] = {}
        self.backwards: dict[Any, dict[Node, None]] = {}
        self.steps: dict[Any, tuple[int, Steps]] = {}

    def run(self) -> Invariant:
        start, _ = self.system.initial()
        self.taken[start.key] = {}
        # What is needed spreads backwards: last come, first served, a node's successors before the node.
        pending = [start]
        while pending:
            if time.perf_counter() > self.ends_at:
                return self.invariant
            node = pending.pop()
            before = len(self.taken[node.key])
            entered = self._settle(node)
            if len(self.taken[node.key]) > before:
                again = self.backwards.get(node.key, {})
                pending = [each for each in pending if each not in again] + list(again)
            pending += entered
        return {
            key: tuple(self.invariant[key][number] for number in sorted(taken)) for key, taken in self.taken.items()
        }

    def _settle(self, node: Node) -> list[Node]:
        """Take in what ``node`` needs as things are; the nodes that are met for the first time."""
        while True:
            steps = self._steps(node)
            outside = [each.condition for each in steps.edges if each.target.key not in self.invariant]
            wrong = [each.condition for each in steps.violations]
            if not self._exclude_all(node, (*wrong, *outside)) and not self._keep(node, steps):
                break
        found = []
        for edge in steps.edges:
            if edge.target.key in self.invariant:
                self.backwards.setdefault(edge.target.key, {})[node] = None
                if edge.target.key not in self.taken:
                    self.taken[edge.target.key] = {}
                    found.append(edge.target)
        return found

    def _steps(self, node: Node) -> Steps:
        known = self.steps.get(node.key)
        if known is None or known[0] != len(self.taken[node.key]):
            steps = self.system.steps(node, self._terms(node))
            known = self.steps[node.key] = len(self.taken[node.key]), steps
        return known[1]

    def _keep(self, node: Node, steps: Steps) -> bool:
        """Take in what makes the steps keep what was taken in at their ends; whether that was anything."""
        changed = False
        for edge in steps.edges:
            if edge.target.key not in self.invariant:
                continue
            kept = self._terms(edge.target)
            # Most steps keep it all: one query says so.
            if kept and self._is_possible(node, (*edge.condition, z3.Not(edge.after(z3.And(*kept))))):
                broken = [(*edge.condition, z3.Not(edge.after(each))) for each in kept]
                changed |= self._exclude_all(node, broken)
        return changed

    def _exclude_all(self, node: Node, conditions: Sequence[Condition]) -> bool:
        changed = False
        for each in conditions:
            changed |= self._exclude(node, each)
        return changed

    def _is_possible(self, node: Node, condition: Condition) -> bool:
        solver = seeded_solver()
        solver.add(*self.system.within, *condition, *self._terms(node))
        return bool(solver.check() != z3.unsat)

    def _exclude(self, node: Node, condition: Condition) -> bool:
        """Take in what makes ``condition`` impossible at ``node``; whether that was anything."""
        if not self._is_possible(node, condition):
            return False
        solver = seeded_solver()
        solver.set("core.minimize", True)
        solver.add(*self.system.within, *condition, *self._terms(node))
        taken = self.taken[node.key]
        marks = {}
        for number, formula in enumerate(self.invariant[node.key]):
            if number not in taken:
                mark = z3.Bool(f"conjunct {number}")
                marks[mark.decl().name()] = number
                solver.add(z3.Implies(mark, *terms_of((formula,))))
        if solver.check(*(z3.Bool(name) for name in marks)) != z3.unsat:
            return False
        core = sorted(marks[each.decl().name()] for each in solver.unsat_core())
        taken |= dict.fromkeys(core)
        return bool(core)

    def _terms(self, node: Node) -> Condition:
        formulas = self.invariant[node.key]
        return terms_of(formulas[number] for number in self.taken.get(node.key, ()))
