"""Answers questions over numbers left open: where a property fails, with an example, or that it never does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import z3
from switchover.checks.built_in import STEP_CHECKS
from switchover.models.language import (
    Answer,
    DefinitionError,
    Open,
    PiecewiseLinear,
    Proof,
    Property,
    Region,
    System,
    Verdict,
)
from switchover.models.language.region import formula_text

from .example import example_of
from .linear import formula_of
from .open_numbers import OpenNumbers, open_numbers
from .piecewise import NotAnIntervalError, interval_length
from .proving import ProofLimits, prove
from .search import SearchLimits, SearchResult, search
from .solving import SolverUnknown, is_satisfiable, seeded_solver

__all__ = ["ENGINE", "SearchLimits", "check"]

#: What answers: the engine, and the solver it rests on.
ENGINE = f"symbolic (z3 {z3.get_version_string()})"


def check(
    make: Callable[..., System],
    statements: Sequence[Property | str],
    over: Open,
    *,
    limits: SearchLimits | None = None,
) -> list[Verdict]:
    """Judge each statement (a property, or a built-in check's name) on ``make(...)`` for all values of ``over``.

    Raises DefinitionError for a property that is neither *always* nor *never* nor built in, for two statements of one
    name, and for an untimed system.
    """
    for each in statements:
        _require_answerable(each)
    _require_distinct(statements)
    if over.endless:
        return [_proved(make, each, over, limits or SearchLimits()) for each in statements]
    return _Check(make, statements, over, limits or SearchLimits()).verdicts()


def _proved(make: Callable[..., System], statement: Property | str, over: Open, limits: SearchLimits) -> Verdict:
    """The answer for a system that runs for ever: a proof by invariant, a violation, or none."""
    own = ProofLimits() if limits.seconds is None else ProofLimits(seconds=limits.seconds)
    found = prove(make, statement, over, limits=own)
    return Verdict(
        statement if isinstance(statement, str) else statement.name,
        found.answer,
        ENGINE,
        found.states,
        found.steps,
        found.depth,
        found.seconds,
        assumptions=(*make(**over.typical()).assumptions, *open_numbers(over).assumptions(), "runs without end"),
        trace=found.trace,
        note=found.note,
        proof=found.proof,
    )


def _require_answerable(statement: Property | str) -> None:
    if isinstance(statement, str):
        if statement not in STEP_CHECKS:
            raise DefinitionError(
                f"there is no built-in check {statement!r} over open numbers; there are {STEP_CHECKS}"
            )
    elif statement.kind not in ("always", "never"):
        raise DefinitionError(
            f"property {statement.name}: over numbers left open, only always and never have an answer"
        )


def _require_distinct(statements: Sequence[Property | str]) -> None:
    names = [each if isinstance(each, str) else each.name for each in statements]
    twice = next((each for each in names if names.count(each) > 1), None)
    if twice is not None:
        raise DefinitionError(f"two statements are called {twice}: ask about them one after the other")


class _Check:
    def __init__(
        self, make: Callable[..., System], statements: Sequence[Property | str], over: Open, limits: SearchLimits
    ) -> None:
        self.make = make
        self.over = over
        self.statements = statements
        self.numbers: OpenNumbers = open_numbers(over)
        properties = [each for each in statements if isinstance(each, Property)]
        self.found = search(make(**self.numbers.values), properties, self.numbers.within, limits=limits)
        self.bounds_hit = tuple(sorted(self.found.bounds_hit | ({"depth"} if self._is_cut_by_depth() else set())))

    def verdicts(self) -> list[Verdict]:
        return [self._verdict(each) for each in self.statements]

    def _is_cut_by_depth(self) -> bool:
        return self.found.stopped.startswith("depth")

    def _verdict(self, statement: Property | str) -> Verdict:
        found = self.found
        name = statement if isinstance(statement, str) else statement.name
        assumptions = (*self.make(**self.over.typical()).assumptions, *self.numbers.assumptions())
        verdict = Verdict(
            name,
            Answer.UNKNOWN,
            ENGINE,
            found.states,
            found.transitions,
            found.depth,
            found.seconds,
            self.bounds_hit,
            (*assumptions, self.numbers.arithmetic),
        )
        wrong = next((each for each in found.findings if each.property in STEP_CHECKS and each.property != name), None)
        if wrong is not None:
            return dataclasses.replace(verdict, note=f"{wrong.property} is violated on the way: {wrong.reason}")
        if found.stopped and not self._is_cut_by_depth():
            return dataclasses.replace(verdict, note=f"stopped at {found.stopped}, {found.depth} events deep")
        try:
            return self._judged(verdict, statement)
        except SolverUnknown as error:
            return dataclasses.replace(verdict, note=str(error))

    def _judged(self, verdict: Verdict, statement: Property | str) -> Verdict:
        findings = [each for each in self.found.findings if each.property == verdict.property]
        if not findings:
            return self._holding(verdict)
        if any(each.uncertain for each in findings):
            return dataclasses.replace(verdict, note="the solver could not decide whether a violation is possible")
        region = self.numbers.region([each.condition for each in findings])
        return dataclasses.replace(
            verdict,
            answer=Answer.REGION if region.complement else Answer.VIOLATED,
            region=region,
            losses=self._losses(region),
            trace=example_of(self.make, self.numbers, statement, findings),
            as_stated=self.numbers.is_stated(region),
        )

    def _holding(self, verdict: Verdict) -> Verdict:
        if self.bounds_hit:
            note = f"no violation up to bound {', '.join(self.bounds_hit)}"
            return dataclasses.replace(verdict, answer=Answer.BOUNDED, note=note)
        if not _is_covered(self.found, self.numbers):
            return dataclasses.replace(verdict, note=_gap_note(self.found, self.numbers))
        text = f"all paths: {self.found.states} symbolic states, {self.found.transitions} steps"
        confirmed = f"the {len(self.found.ends)} final states cover all values of the numbers left open"
        return dataclasses.replace(verdict, answer=Answer.HOLDS, proof=Proof("exhaustive", (text,), (confirmed,)))

    def _losses(self, region: Region) -> tuple[PiecewiseLinear, ...]:
        """How much is lost: for how many values of the probe the property fails."""
        if not self.over.probe:
            return ()
        (within,) = formula_of(self.numbers.within)
        try:
            return (interval_length("lost", region.failing, self.over.probe, self.over.quantities, within),)
        except NotAnIntervalError:
            return ()


def _is_covered(found: SearchResult, numbers: OpenNumbers) -> bool:
    """Ask anew whether the ends that were found cover every value: a path that was lost would leave a gap, and so does
    a state that nothing follows for some values only.
    """
    solver = seeded_solver()
    solver.add(*numbers.within, *(z3.Not(numbers.possible(each.condition)) for each in found.ends))
    return not is_satisfiable(solver, question="whether the paths cover all values")


def _gap_note(found: SearchResult, numbers: OpenNumbers) -> str:
    covered = numbers.region([each.condition for each in found.ends])
    gap = formula_text(covered.complement, covered.names)
    return f"no violation found, but no path ends where {gap}: some state is stuck there, or a path was lost"
