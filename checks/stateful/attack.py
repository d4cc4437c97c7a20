"""Attacks a system with Hypothesis: examples that try to break what is said of it, and the smallest that do."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import hypothesis
from switchover.checks.explicit.naming import wrong_names_explained
from switchover.checks.explicit.verdicts import assumptions
from switchover.models.language import (
    Answer,
    Open,
    Property,
    System,
    Trace,
    Verdict,
    make_timed_trace,
    make_trace,
)

from .hunt import Figures, Hunt, Prey
from .judging import Asked, select
from .stage import ClosedSubject, OpenSubject, Subject
from .wires import Wiring, wires_of

__all__ = ["ENGINE", "Answered", "Attack", "Effort", "attack", "attack_open"]

ENGINE = f"stateful (hypothesis {hypothesis.__version__})"

#: Told how many examples have been run.
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Effort:
    """How hard to try: ``examples`` for all questions together, each of at most ``steps`` steps; ``seed``: the same one
    draws the same; ``seconds``: after which to give up.
    """

    examples: int = 2000
    steps: int = 100
    seed: int = 0
    seconds: float | None = None


@dataclass(frozen=True)
class Answered:
    """What became of one question. ``examples``: that it took to find an answer; all of them, if none was found."""

    verdict: Verdict
    examples: int


@dataclass(frozen=True)
class Attack:
    """What came out, in the order of the questions. ``examples``: that were run, shrinking left out."""

    outcomes: tuple[Answered, ...]
    examples: int
    states: int
    transitions: int
    seconds: float

    def verdict(self, name: str) -> Verdict:
        """The verdict on the property of this name. Raises KeyError when it was not asked."""
        for each in self.outcomes:
            if each.verdict.property == name:
                return each.verdict
        raise KeyError(name)


def attack(
    system: System,
    statements: Sequence[Property | str],
    effort: Effort | None = None,
    *,
    wiring: Wiring = wires_of,
    progress: Progress | None = None,
) -> Attack:
    """Attack ``system``, by properties and names of its own or of built-in checks.

    A verdict is *violated* with a trace (*holds* for a ``@sometimes``, with its witness), otherwise *bounded*: never
    more. ``wiring`` makes the wires of its connections.

    Raises DefinitionError for a statement that does not fit the system, for a predicate that uses a name which is not
    there, and DisagreementError when the processes and the reference semantics differ.
    """
    return _attack(ClosedSubject(system, wiring), statements, None, effort or Effort(), progress)


def attack_open(
    make: Callable[..., System],
    statements: Sequence[Property | str],
    over: Open,
    effort: Effort | None = None,
    *,
    wiring: Wiring = wires_of,
    progress: Progress | None = None,
) -> Attack:
    """The same where numbers are left open: they are drawn, as ``over`` assumes them, the first time the typical ones.

    A violation is one for the numbers of its trace; a verdict says whether they are among those for which its source
    states it (``as_stated``).
    """
    return _attack(OpenSubject(make, over, wiring), statements, over, effort or Effort(), progress)


def _attack(
    subject: Subject,
    statements: Sequence[Property | str],
    over: Open | None,
    effort: Effort,
    progress: Progress | None,
) -> Attack:
    asked = select(subject.typical.system, statements)
    campaign = _Campaign(subject, asked, over, effort, progress)
    with wrong_names_explained():
        campaign.run()
    return campaign.conclude([each if isinstance(each, str) else each.name for each in statements])


class _Campaign:
    """Hunts until everything was found, or the examples are used up."""

    def __init__(
        self, subject: Subject, asked: Asked, over: Open | None, effort: Effort, progress: Progress | None
    ) -> None:
        self._subject, self._asked, self._over, self._effort = subject, asked, over, effort
        self._progress = progress
        self._started = time.perf_counter()
        self._figures = Figures()
        self._found: dict[str, Prey] = {}

    def run(self) -> None:
        effort, figures = self._effort, self._figures
        until = None if effort.seconds is None else self._started + effort.seconds
        while True:
            left = self._asked.without(tuple(self._found))
            if not left.names or figures.examples >= effort.examples or figures.is_stopped:
                return
            # Each hunt draws something else: one that has found something ends with it.
            seed = effort.seed * 1000 + len(self._found)
            hunt = Hunt(self._subject, left, self._most_steps(), figures, until, self._progress)
            prey = hunt.run(effort.examples, seed)
            if prey is None:
                return
            self._found[prey.finding.name] = prey

    def _most_steps(self) -> int:
        depth = self._subject.typical.system.bounds.depth
        return self._effort.steps if depth is None else min(self._effort.steps, depth)

    def conclude(self, names: Sequence[str]) -> Attack:
        figures = self._figures
        seconds = time.perf_counter() - self._started
        system = self._subject.typical.system
        common = Verdict(
            "",
            Answer.UNKNOWN,
            ENGINE,
            len(self._subject.marks),
            figures.transitions,
            figures.depth,
            seconds,
            assumptions=assumptions(system),
        )
        outcomes = tuple(self._outcome(name, common) for name in names)
        return Attack(outcomes, figures.examples, len(self._subject.marks), figures.transitions, seconds)

    def _outcome(self, name: str, common: Verdict) -> Answered:
        prey = self._found.get(name)
        verdict = dataclasses.replace(common, property=name)
        if prey is None:
            return Answered(self._survived(name, verdict), self._figures.examples)
        return Answered(self._broken(prey, verdict), prey.example)

    def _survived(self, name: str, verdict: Verdict) -> Verdict:
        prop = self._asked.property(name)
        if prop is not None and prop.kind in ("eventually", "leads_to"):
            return dataclasses.replace(verdict, note="needs liveness checking")
        figures = self._figures
        what = "not reached" if prop is not None and prop.kind == "sometimes" else "no violation"
        bounds = ("examples", *(("steps",) if figures.were_cut else ()), *sorted(figures.bounds))
        note = f"{what} in {figures.examples:,} examples of at most {self._most_steps()} steps"
        note += ", given up after the time allowed" if figures.is_stopped else ""
        return dataclasses.replace(verdict, answer=Answer.BOUNDED, bounds_hit=bounds, note=note)

    def _broken(self, prey: Prey, verdict: Verdict) -> Verdict:
        trace, finding = self._trace(prey), prey.finding
        if finding.error:
            return dataclasses.replace(verdict, note=f"error: the predicate raised {finding.error}", trace=trace)
        prop = self._asked.property(finding.name)
        if prop is not None and prop.kind == "sometimes":
            return dataclasses.replace(verdict, answer=Answer.HOLDS, note="reached by the trace", trace=trace)
        return dataclasses.replace(
            verdict, answer=Answer.VIOLATED, note=finding.note, trace=trace, as_stated=self._is_stated(prey)
        )

    def _is_stated(self, prey: Prey) -> bool | None:
        """Whether the numbers are among those for which the source states it; None: it states none."""
        if self._over is None or self._over.stated is None:
            return None
        return bool(self._over.stated(**prey.values))

    def _trace(self, prey: Prey) -> Trace:
        stage = self._subject.stage(prey.values)
        if stage.timed is None:
            return make_trace(stage.execution, [action for action, _ in prey.steps])
        return make_timed_trace(stage.timed, prey.steps, prey.values)[0]
