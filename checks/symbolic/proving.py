"""Proves a property of a timed system that runs for ever, for all values of the numbers left open.

Runs on numbers suggest what holds; what is inductive of it remains; k-induction with it, or Spacer, does the rest; and
nothing is reported before it was confirmed anew (``induction``, ``unrolling``, ``spacer``, ``tidying``,
``confirming``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from switchover.checks.built_in import STEP_CHECKS
from switchover.models.language import Answer, DefinitionError, Linear, Open, Proof, Property, System, Trace

from .authoring import UnsupportedOperationError
from .confirming import NotConfirmedError, confirm
from .example import example_of
from .forking import ForkingError, PathLimits
from .induction import Invariant, LimitHit, Strengthening
from .invariants import Shapes
from .linear import NotLinearError, formula_of
from .open_numbers import open_numbers
from .sampling import Sampler, SamplingLimits
from .search import Condition, SearchLimits, search
from .solving import is_satisfiable, seeded_solver
from .spacer import ask_spacer
from .tidying import needed, pruned
from .transition_system import TransitionSystem
from .unrolling import has_no_way_back, way_back
from .wording import invariant_lines

__all__ = ["ProofLimits", "ProofResult", "assumed", "prove"]


@dataclass(frozen=True)
class ProofLimits:
    """``seconds`` for finding an invariant, ``spacer_seconds`` for Spacer, ``search_seconds`` for looking for a
    violation instead, ``tidying_seconds`` for leaving out what a proof does not need; ``nodes``: control states; ``k``:
    steps of k-induction; ``rounds`` of candidates.
    """

    seconds: float = 60.0
    spacer_seconds: float = 20.0
    search_seconds: float = 10.0
    tidying_seconds: float = 20.0
    nodes: int = 400
    k: int = 3
    rounds: int = 4
    sampling: SamplingLimits = field(default_factory=SamplingLimits)
    paths: PathLimits = field(default_factory=PathLimits)


@dataclass(frozen=True)
class ProofResult:
    """``holds`` with a proof and its ``invariant``, ``violated`` with a trace, or ``unknown`` with a note that says
    what was reached.

    ``states`` and ``steps``: control states and edges; ``depth``: events up to which no violation exists, where it is
    unknown.
    """

    answer: Answer
    proof: Proof | None = None
    invariant: Invariant = field(default_factory=dict)
    trace: Trace | None = None
    note: str = ""
    states: int = 0
    steps: int = 0
    depth: int = 0
    seconds: float = 0.0


def prove(
    make: Callable[..., System], prop: Property | str, over: Open, *, limits: ProofLimits | None = None
) -> ProofResult:
    """Judge ``prop`` (a property, or a built-in check's name) on ``make(...)`` for all values of ``over``, for ever.

    Raises DefinitionError for a property that is neither *always* nor *never* nor built in, and for an untimed system.
    """
    if isinstance(prop, str) and prop not in STEP_CHECKS:
        raise DefinitionError(f"there is no built-in check {prop!r} of a timed system; there are {STEP_CHECKS}")
    if isinstance(prop, Property) and prop.kind not in ("always", "never"):
        raise DefinitionError(f"property {prop.name}: only always and never can be proved")
    return _Attempt(make, prop, over, limits or ProofLimits()).result()


def assumed(over: Open) -> Condition:
    """What a question takes for granted of its numbers left open, as the solver's terms."""
    return tuple(open_numbers(over).within)


class _Attempt:
    def __init__(self, make: Callable[..., System], prop: Property | str, over: Open, limits: ProofLimits) -> None:
        self.make = make
        self.over = over
        self.limits = limits
        self.prop = prop if isinstance(prop, Property) else None
        self.name = prop if isinstance(prop, str) else prop.name
        self.started = time.perf_counter()
        self.numbers = open_numbers(over)
        self.within = tuple(self.numbers.within)
        self.names = tuple(each.name for each in over.quantities)

    def result(self) -> ProofResult:
        if any(each.bits is not None for each in self.over.quantities):
            return self._unknown("only integers without bounds have proofs")
        solver = seeded_solver()
        solver.add(*self.within)
        if not is_satisfiable(solver, question="what is assumed"):
            return self._unknown("no values satisfy what is assumed")
        try:
            return self._result()
        except LimitHit as limit:
            return self._searched(f"{limit}")
        except (ForkingError, UnsupportedOperationError, ValueError) as error:
            return self._unknown(str(error))

    def _result(self) -> ProofResult:
        sampler = Sampler(self.make, self.prop, self.over, self.within, self.limits.sampling)
        system = self._system()
        found = self._strengthening(system)
        for sample in sampler.samples():
            node = system.node_of(sample.template, tuple(sample.filled))
            found.note(node, (*(sample.quantities[name] for name in self.names), *sample.filled.values()))
        if sampler.violation is not None:
            return self._violated(*sampler.violation)
        for _ in range(self.limits.rounds):
            found.run()
            if not found.violations or not found.ask():
                break
        return self._judged(system, found)

    def _system(self) -> TransitionSystem:
        return TransitionSystem(self.make(**self.numbers.values), self.prop, self.within, limits=self.limits.paths)

    def _strengthening(self, system: TransitionSystem) -> Strengthening:
        ends_at = self.started + self.limits.seconds
        shapes = Shapes(self.names, _landmarks(system), _at_most_zero(self.within))
        return Strengthening(system, shapes, self.limits.nodes, ends_at)

    # Answers.

    def _judged(self, system: TransitionSystem, found: Strengthening) -> ProofResult:
        if not found.violations:
            return self._proved("k-induction, k=1", found.invariant, 1, found)
        if all(each.property in self._judged_by for each in found.violations):
            way = way_back(system, found.invariant, found.steps)
            for k in range(2, self.limits.k + 1):
                if all(has_no_way_back(way, each, k) for each in found.violations):
                    return self._proved(f"k-induction, k={k}", found.invariant, k, found)
        milliseconds = round(1000 * self.limits.spacer_seconds)
        answer = ask_spacer(system, self.names, found.invariant, found.steps, milliseconds=milliseconds)
        if answer.invariant is None:
            return self._searched(f"{found.violations[0].property} is not excluded; {answer.note}", found)
        both = {key: (*holding, *answer.invariant.get(key, ())) for key, holding in found.invariant.items()}
        return self._proved("Spacer", both, 1, found)

    @property
    def _judged_by(self) -> tuple[str, ...]:
        return (self.name, *STEP_CHECKS)

    def _proved(self, method: str, invariant: Invariant, k: int, found: Strengthening) -> ProofResult:
        failure = ""
        for each in (self._tidied(invariant, k), invariant):
            try:
                confirmed = confirm(self._system(), each, k)
            except NotConfirmedError as error:
                failure = str(error)
                continue
            lines = invariant_lines(self._system(), each, self.names)
            return self._with(found, Answer.HOLDS, proof=Proof(method, lines, confirmed), invariant=each)
        return self._unknown(f"the invariant found by {method} was not confirmed: {failure}", 0, found)

    def _tidied(self, invariant: Invariant, k: int) -> Invariant:
        """``invariant`` without what the proof does not need."""
        ends_at = time.perf_counter() + self.limits.tidying_seconds
        chosen = needed(self._system(), invariant, ends_at)
        try:
            confirm(self._system(), chosen, k)
        except NotConfirmedError:
            return invariant
        return pruned(self._system(), chosen, k)

    def _violated(self, name: str, trace: Trace) -> ProofResult:
        if name == self.name:
            return self._with(None, Answer.VIOLATED, trace=trace)
        return self._with(None, Answer.UNKNOWN, trace=trace, note=f"{name} is violated on the way")

    def _searched(self, note: str, attempt: Strengthening | None = None) -> ProofResult:
        """Look for a violation, however few the events that lead to it."""
        limits = SearchLimits(seconds=self.limits.search_seconds, paths=self.limits.paths)
        properties = () if self.prop is None else (self.prop,)
        found = search(self.make(**self.numbers.values), properties, self.within, limits=limits)
        findings = [each for each in found.findings if not each.uncertain]
        if not findings:
            return self._unknown(note, found.depth, attempt)
        name = findings[0].property
        same = [each for each in findings if each.property == name]
        statement = self.prop if self.prop is not None and name == self.name else name
        return self._violated(name, example_of(self.make, self.numbers, statement, same))

    def _unknown(self, note: str, depth: int = 0, found: Strengthening | None = None) -> ProofResult:
        reached = f"no violation within {depth} events" if depth else ""
        return self._with(found, Answer.UNKNOWN, note="; ".join(filter(None, (note, reached))), depth=depth)

    def _with(self, found: Strengthening | None, answer: Answer, **more: Any) -> ProofResult:
        steps = {} if found is None else found.steps
        edges = sum(len(each.edges) for each in steps.values())
        seconds = time.perf_counter() - self.started
        return ProofResult(answer, states=len(steps), steps=edges, seconds=seconds, **more)


def _at_most_zero(within: Condition) -> tuple[Linear, ...]:
    """The sums of quantities that are assumed to be at most 0."""
    try:
        formula = formula_of(list(within))
    except NotLinearError:
        return ()
    conjunction = formula[0] if len(formula) == 1 else ()
    return tuple(
        sign
        for each in conjunction
        for sign in ((each.linear, each.linear.times(-1)) if each.equal else (each.linear,))
    )


def _landmarks(system: TransitionSystem) -> set[int]:
    """0, 1 and the constants that the actors were made with, with either sign, and what is next to them."""
    fixed: set[int] = {0, 1}
    for worker in system.execution.execution.layout.workers:
        values: Sequence[Any] = tuple(worker._parameters.values())
        fixed |= {each for each in values if isinstance(each, int) and not isinstance(each, bool)}
    return {sign * each + step for each in fixed for sign in (1, -1) for step in (-1, 0, 1)} - {2, -2}
