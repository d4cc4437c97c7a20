"""Finds an inductive invariant for a transition system by weakening guesses until every edge keeps them.

Each node starts with the strongest candidates that fit what was seen there in runs. An edge that leads out of its
target's candidates gives a valuation more to fit. When no edge does, the candidates are an inductive invariant, since
every edge was computed from its source's final ones. What can still go wrong under it asks for more candidates.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import z3
from switchover.models.language.region import Condition as LinearCondition
from switchover.models.language.region import Formula, Linear

from .invariants import Shapes, Valuations, affine_hull, candidates, carried
from .linear import NotLinearError, formula_of, formula_term
from .search import Condition
from .solving import seeded_solver
from .transition_system import CHOSEN_TIME, Edge, Node, Steps, TransitionSystem, Violation

__all__ = ["Invariant", "LimitHit", "Strengthening", "into", "terms_of"]

#: What holds at each node, by its key.
Invariant = dict[Any, tuple[Formula, ...]]

#: A bound's coefficients.
Direction = tuple[tuple[str, int], ...]

_MOST_ASKED = 64
#: How often a bound may become weaker in one direction before it is given up (widening).
_MOST_WEAKENED = 3
#: How many runs' quantities are tried for a valuation that is not a solver's favourite.
_SETTINGS_TRIED = 3
#: Valuations that a node may start with, and those of one run among them: more of them say little that is new.
_MOST_NOTED = 64
_MOST_NOTED_OF_A_RUN = 4


class LimitHit(Exception):  # noqa: N818
    """A proof attempt ended at a limit; the text says which."""


def terms_of(formulas: Iterable[Formula]) -> Condition:
    """Formulas as the solver's terms."""
    return tuple(_term(each) for each in formulas)


@lru_cache(maxsize=65_536)
def _term(formula: Formula) -> z3.BoolRef:
    return formula_term(formula)


@dataclass
class Strengthening:
    """The attempt: ``seen`` valuations, and the candidates that have survived, by node.

    ``most_nodes``: nodes beyond it are not entered; an edge to one counts as a violation.
    """

    system: TransitionSystem
    shapes: Shapes
    most_nodes: int
    ends_at: float
    seen: dict[Any, Valuations] = field(default_factory=dict)
    asked: dict[Any, dict[Formula, None]] = field(default_factory=dict)
    invariant: Invariant = field(default_factory=dict)
    steps: dict[Node, Steps] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known_steps: dict[Any, tuple[tuple[Formula, ...], Steps]] = {}
        self._undecided: dict[Any, set[Formula]] = {}
        self._weakened: dict[Any, dict[Direction, int]] = {}
        self._settings: list[tuple[int, ...]] = []
        self._noted: dict[Any, dict[tuple[int, ...], int]] = {}
        self._samples: dict[Any, list[tuple[int, ...]]] = {}
        self._tried = 0

    def note(self, node: Node, row: Sequence[int]) -> None:
        """A valuation of ``node`` that a run has: the quantities' values, then the variables'."""
        setting = tuple(row[: len(self.shapes.quantities)])
        if setting not in self._settings:
            self._settings.append(setting)
        counts = self._noted.setdefault(node.key, {})
        counts[setting] = counts.get(setting, 0) + 1
        if counts[setting] <= _MOST_NOTED_OF_A_RUN:
            self._samples.setdefault(node.key, []).append(tuple(row))

    def run(self) -> None:
        """Weaken the candidates until they are inductive. Raises LimitHit."""
        # What an attempt before has put in may be no state of the system: candidates asked for since must not fit it.
        self.seen, self.invariant, self.steps, self.violations = {}, {}, {}, []
        self._weakened = {}
        start, values = self.system.initial()
        solver = seeded_solver()
        solver.add(*self.system.within)
        self._carry(solver, Edge(start, None, (), start, values))
        pending: deque[Node] = deque([start])
        while pending:
            self._check_time()
            node = pending.popleft()
            pending += [each for each in self._expand(node) if each not in pending]
        for steps in self.steps.values():
            self.violations += steps.violations

    def _check_time(self) -> None:
        if time.perf_counter() > self.ends_at:
            raise LimitHit(f"time was up with {len(self.invariant)} control states")

    def _valuations(self, node: Node) -> Valuations:
        if node.key not in self.seen:
            valuations = self.seen[node.key] = Valuations((*self.shapes.quantities, *node.names))
            for row in self._samples.get(node.key, ()):
                valuations.add(row)
        return self.seen[node.key]

    def _expand(self, node: Node) -> list[Node]:
        """The targets of ``node`` that are new, or whose candidates became weaker."""
        steps = self.steps[node] = self._steps(node)
        solver = seeded_solver()
        solver.add(*self.system.within, *terms_of(self.invariant[node.key]))
        changed: dict[Node, None] = {}
        for edge in steps.edges:
            is_new = edge.target.key not in self.invariant
            if is_new and len(self.invariant) >= self.most_nodes and edge.target.key not in self._samples:
                self.violations.append(Violation(f"more than {self.most_nodes} control states", node, edge.condition))
                continue
            if self._carry(solver, edge) or is_new:
                changed[edge.target] = None
        return list(changed)

    def _steps(self, node: Node) -> Steps:
        formulas = self.invariant[node.key]
        known = self._known_steps.get(node.key)
        if known is None or known[0] != formulas:
            known = self._known_steps[node.key] = formulas, self.system.steps(node, terms_of(formulas))
            self._learn(known[1])
        return known[1]

    def _learn(self, steps: Steps) -> None:
        """The constants that the charts compare with are landmarks from now on."""
        for edge in steps.edges:
            for literal in edge.condition:
                try:
                    alternatives = formula_of(literal)
                except NotLinearError:
                    continue
                for condition in (each for conjunction in alternatives for each in conjunction):
                    if abs(condition.linear.constant) > 1:
                        self.shapes.landmarks |= {condition.linear.constant, -condition.linear.constant}

    # Candidates.

    def _carry(self, solver: z3.Solver, edge: Edge) -> bool:
        """Weaken the target's candidates until the edge keeps them; whether that took anything."""
        node, is_new = edge.target, edge.target.key not in self.invariant
        valuations = self._valuations(node)
        solver.push()
        solver.add(
            *edge.condition, *(_next(name) == value for name, value in zip(node.names, edge.values, strict=True))
        )
        if is_new:
            self._seed(solver, edge, valuations)
            self._infer(node)
        changed = self._weaken_equations(solver, edge)
        while self.invariant[node.key]:
            left = z3.Not(z3.And(*(self._after(each) for each in self.invariant[node.key])))
            answer = solver.check(left)
            if answer == z3.unsat:
                break
            changed = True
            if answer == z3.unknown:
                self._give_up_undecided(solver, node)
            elif not valuations.add(self._row(self._ordinary(solver, left), node)):
                raise AssertionError("a valuation that was fitted already contradicts a candidate")
            self._infer(node)
        solver.pop()
        return changed

    def _weaken_equations(self, solver: z3.Solver, edge: Edge) -> bool:
        """The same for equations alone: each valuation leaves one less, and bounds wait until that is over."""
        node, changed = edge.target, False
        valuations = self._valuations(node)
        undecided = self._undecided.get(node.key, set())
        while True:
            equations = [((each,),) for each in affine_hull(valuations)[0]] if valuations.rows else []
            kept = [self._after(each) for each in equations if each not in undecided]
            if not kept or solver.check(z3.Not(z3.And(*kept))) != z3.sat:
                break
            changed = True
            valuations.add(self._row(solver.model(), node))
        if changed:
            self._infer(node)
        return changed

    def _seed(self, solver: z3.Solver, edge: Edge, valuations: Valuations) -> None:
        """Valuations for a node that is entered first: what those of the edge's source become."""
        source = self.seen.get(edge.source.key)
        if source is not None and edge.action is not None:
            for row in carried(source, edge.condition, [*map(z3.Int, self.shapes.quantities), *edge.values]):
                if len(valuations.rows) < _MOST_NOTED:
                    valuations.add(row)
        if not valuations.rows and solver.check() == z3.sat:
            valuations.add(self._row(solver.model(), edge.target))

    def _ordinary(self, solver: z3.Solver, left: z3.BoolRef) -> z3.ModelRef:
        """A model of ``left``, where there is one with the quantities of a run: solvers like 0, which fits too much."""
        model = solver.model()
        for _ in range(_SETTINGS_TRIED if self._settings else 0):
            self._tried += 1
            setting = self._settings[self._tried % len(self._settings)]
            values = [z3.Int(name) == value for name, value in zip(self.shapes.quantities, setting, strict=True)]
            if solver.check(left, *values) == z3.sat:
                return solver.model()
        return model

    def _after(self, formula: Formula) -> z3.BoolRef:
        return _renamed(formula, self.shapes.quantities)

    def _row(self, model: z3.ModelRef, node: Node) -> tuple[int, ...]:
        constants = [*map(z3.Int, self.shapes.quantities), *map(_next, node.names)]
        return tuple(model.eval(each, model_completion=True).as_long() for each in constants)

    def _give_up_undecided(self, solver: z3.Solver, node: Node) -> None:
        undecided = self._undecided.setdefault(node.key, set())
        for each in self.invariant[node.key]:
            if solver.check(z3.Not(self._after(each))) != z3.unsat:
                undecided.add(each)

    def _infer(self, node: Node) -> None:
        valuations = self.seen[node.key]
        if not valuations.rows:
            self.invariant[node.key] = ()
            return
        asked = self._asked(node)
        found = candidates(valuations, self.shapes, asked)
        undecided = self._undecided.get(node.key, set())
        before = self.invariant.get(node.key, ())
        given_up = self._given_up(node, before, found)
        self.invariant[node.key] = tuple(
            each for each in found if each not in undecided and (each in asked or _direction(each) not in given_up)
        )

    def _asked(self, node: Node) -> dict[Formula, None]:
        if node.key not in self.asked:
            self.asked[node.key] = dict.fromkeys(_linear(self.system.in_time(node)))
        return self.asked[node.key]

    def _given_up(self, node: Node, before: Sequence[Formula], after: Sequence[Formula]) -> set[Direction]:
        """The directions in which a bound was weakened so often that it would never end."""
        counts = self._weakened.setdefault(node.key, {})
        kept = set(after)
        for each in before:
            direction = _direction(each)
            if direction and each not in kept:
                counts[direction] = counts.get(direction, 0) + 1
        return {direction for direction, count in counts.items() if count > _MOST_WEAKENED}

    # Asking for more.

    def ask(self, depth: int = 2) -> bool:
        """Make candidates of what would exclude the violations, up to ``depth`` steps before; whether any is new."""
        backwards = into(self.steps)
        found = False
        wrong = [(each.node, z3.And(*each.condition)) for each in self.violations]
        for _ in range(depth):
            before: list[tuple[Node, z3.BoolRef]] = []
            for node, term in wrong:
                found |= self._ask(node, term)
                before += [(e.source, z3.And(*e.condition, e.after(term))) for e in backwards.get(node, ())]
            wrong = before[: 20 * _MOST_ASKED]
        return found

    def _ask(self, node: Node, wrong: z3.BoolRef) -> bool:
        asked = self._asked(node)
        try:
            formula = formula_of(z3.Not(wrong))
        except NotLinearError:
            return False
        names = {name for each in formula for c in each for name, _ in c.linear.coefficients}
        if CHOSEN_TIME in names or formula in asked or len(asked) >= _MOST_ASKED:
            return False
        asked[formula] = None
        return True


def _linear(terms: Iterable[z3.BoolRef]) -> Iterator[Formula]:
    """Those of the terms that are linear, as formulas."""
    for each in terms:
        try:
            yield formula_of(each)
        except NotLinearError:
            continue


def _next(name: str) -> z3.ArithRef:
    """A variable's value after a step."""
    return z3.Int(name + "'")


@lru_cache(maxsize=65_536)
def _renamed(formula: Formula, kept: tuple[str, ...]) -> z3.BoolRef:
    """A formula about the variables' values after a step; names in ``kept`` have but one."""
    return formula_term(
        tuple(
            tuple(
                LinearCondition(
                    Linear.of(
                        {name if name in kept else name + "'": factor for name, factor in each.linear.coefficients},
                        each.linear.constant,
                    ),
                    each.equal,
                )
                for each in conjunction
            )
            for conjunction in formula
        )
    )


def _direction(formula: Formula) -> Direction:
    """The coefficients of a bound; empty for anything else."""
    is_bound = len(formula) == len(formula[0]) == 1 and not formula[0][0].equal
    return formula[0][0].linear.coefficients if is_bound else ()


def into(steps: Mapping[Node, Steps]) -> dict[Node, list[Edge]]:
    """The edges into each node."""
    found: dict[Node, list[Edge]] = {}
    for each in steps.values():
        for edge in each.edges:
            found.setdefault(edge.target, []).append(edge)
    return found
