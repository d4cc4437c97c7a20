"""Answers questions: each system is explored once, with every property that is asked of it, by the engine it needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from switchover.checks.built_in import BUILT_IN
from switchover.checks.explicit import Exploration, Limits, Progress, explore
from switchover.models.language import Answer, Bounds, DefinitionError, Open, Property, System, Verdict
from switchover.models.language.claim import SystemMaker

from .errors import InputError
from .making import system_of, with_bounds
from .question import Question, Result, identity

if TYPE_CHECKING:
    from switchover.checks.stateful import Attack

#: What can be asked to answer, beside each engine by its name.
AUTO = "auto"

#: Given the position of an exploration, how many there are, its system and what is left open in it; yields what to call
#: with its progress; an attack tells how many examples it has run.
Watcher = Callable[[Progress | int], None]
Watch = Callable[[int, int, System, Open | None], AbstractContextManager[Watcher | None]]


@dataclass(frozen=True)
class Settings:
    """How to answer: the engine, bounds that replace the systems' own, and limits of each exploration.

    ``seconds``: after which the search over open numbers, or an attack, gives up. ``effort``, ``seed``: of attacks.
    """

    engine: str = AUTO
    bounds: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    seconds: float | None = None
    effort: Mapping[str, int] = field(default_factory=dict)
    seed: int = 0

    @property
    def words(self) -> tuple[str, ...]:
        """The options with which a trace is found again, as words of a command: limits are none of them."""
        engine = () if self.engine == AUTO else ("--engine", self.engine)
        bounds = [
            word
            for name, number in (*self.bounds.items(), *self.effort.items())
            for word in ("--bound", f"{name}={number}")
        ]
        seed = ("--seed", str(self.seed)) if self.engine == "stateful" else ()
        return (*engine, *bounds, *seed)


@dataclass(frozen=True)
class Search:
    """One search over open numbers: its verdicts, and what it took."""

    verdicts: tuple[Verdict, ...]
    states: int
    seconds: float


@dataclass
class Answers:
    """What came out: results in the order of the questions; ``runs``: each explicit exploration with its family and
    system; ``searches``: those over open numbers; ``attacks``: those of the stateful engine. ``settings``: how.
    """

    results: list[Result]
    runs: list[tuple[str, System, Exploration]]
    interrupted: bool
    searches: list[Search] = field(default_factory=list)
    attacks: list[Attack] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)


@dataclass
class _Batch:
    """Properties to be judged in one exploration of one system. No two have the same name."""

    system: System
    over: Open | None = None
    properties: dict[str, Property | str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def accepts(self, question: Question) -> bool:
        name = question.property_name
        return name not in self.properties or self.properties[name] == question.statement

    def place(self, error: DefinitionError) -> str:
        """What an error is about: the question of its property, where it is one's, else the first one's system."""
        about, first = getattr(error, "property", ""), self.questions[0]
        system = first.id.removesuffix(f":{first.property_name}")
        return next((each.id for each in self.questions if each.property_name == about), system)


def _unwatched(*_: object) -> AbstractContextManager[None]:
    return nullcontext()


def answer(questions: Sequence[Question], settings: Settings, watch: Watch = _unwatched) -> Answers:
    """Answer every question. Ctrl-C ends it early: what was not reached is *unknown*.

    Raises InputError when a system cannot be made or lacks a property that is asked of it.
    """
    answers = _Answering(settings)
    try:
        batches = answers.prepare(questions)
        for number, batch in enumerate(batches):
            with watch(number, len(batches), batch.system, batch.over) as progress:
                answers.explore(batch, progress)
            if answers.interrupted:
                break
    except KeyboardInterrupt:
        answers.interrupted = True
    results = answers.results(questions)
    return Answers(results, answers.runs, answers.interrupted, answers.searches, answers.attacks, settings)


class _Answering:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.interrupted = False
        self.runs: list[tuple[str, System, Exploration]] = []
        self.searches: list[Search] = []
        self.attacks: list[Attack] = []
        self._made: dict[SystemMaker, System] = {}
        self._verdicts: dict[int, Verdict] = {}
        self._examples: dict[int, int] = {}

    def prepare(self, questions: Sequence[Question]) -> list[_Batch]:
        """Group the questions that can be answered by the system they are about."""
        batches: dict[object, list[_Batch]] = {}
        for question in questions:
            system = self.system(question)
            engine, missing = self._engine_for(question)
            if missing:
                self._verdicts[id(question)] = Verdict(question.property_name, Answer.UNKNOWN, engine, note=missing)
                continue
            subject = identity(system) if question.over is None else (question.open_make, question.over)
            same_system = batches.setdefault(subject, [])
            batch = next((each for each in same_system if each.accepts(question)), None)
            if batch is None:
                batch = _Batch(system, question.over)
                same_system.append(batch)
            batch.properties.setdefault(question.property_name, question.statement)
            batch.questions.append(question)
        return [batch for same_system in batches.values() for batch in same_system]

    def explore(self, batch: _Batch, progress: Watcher | None) -> None:
        """Explore one system, and keep the verdicts."""
        if self.settings.engine == "stateful":
            self._attack(batch, progress)
            return
        if batch.over is not None:
            self._search(batch, batch.over)
            return
        asked = [each for name, each in batch.properties.items() if name not in BUILT_IN]
        try:
            found = explore(batch.system, limits=self.settings.limits, progress=progress, properties=asked)
        except DefinitionError as error:
            raise InputError(f"{batch.place(error)}: {error}") from None
        verdicts = {each.property: each for each in found.verdicts}
        for question in batch.questions:
            self._verdicts[id(question)] = verdicts[question.property_name]
        for family in dict.fromkeys(each.family for each in batch.questions):
            self.runs.append((family, batch.system, found))
        self.interrupted = self.interrupted or found.interrupted

    def _search(self, batch: _Batch, over: Open) -> None:
        from .open_answering import judge

        make = batch.questions[0].open_make
        assert make is not None
        try:
            found = judge(make, list(batch.properties.values()), over, self.settings)
        except DefinitionError as error:
            raise InputError(f"{batch.place(error)}: {error}") from None
        verdicts = {each.property: each for each in found.verdicts}
        for question in batch.questions:
            self._verdicts[id(question)] = verdicts[question.property_name]
        self.searches.append(found)

    def _attack(self, batch: _Batch, progress: Watcher | None) -> None:
        from .attacking import judge

        make, statements = batch.questions[0].open_make, list(batch.properties.values())
        try:
            found = judge(batch.system, statements, make, batch.over, self.settings, progress)
        except DefinitionError as error:
            raise InputError(f"{batch.place(error)}: {error}") from None
        outcomes = {each.verdict.property: each for each in found.outcomes}
        for question in batch.questions:
            outcome = outcomes[question.property_name]
            self._verdicts[id(question)], self._examples[id(question)] = outcome.verdict, outcome.examples
        self.attacks.append(found)

    def results(self, questions: Sequence[Question]) -> list[Result]:
        """A result for each question, whether its exploration was reached or not."""
        return [self._result(each) for each in questions]

    def _result(self, question: Question) -> Result:
        verdict = self._verdicts.get(id(question)) or _not_reached(question)
        examples = self._examples.get(id(question))
        seed = None if examples is None else self.settings.seed
        return Result(question, self.system(question), verdict, examples, seed)

    def system(self, question: Question) -> System:
        """The question's system under the bounds that were set. Raises InputError when it cannot be made."""
        if question.make not in self._made:
            system = system_of(question.id, question.make)
            self._made[question.make] = with_bounds(system, self.settings.bounds)
        return self._made[question.make]

    def _engine_for(self, question: Question) -> tuple[str, str]:
        """The engine that answers a question, and why it cannot: empty when it can."""
        needed, asked = engine_of(question), self.settings.engine
        if needed not in ("explicit", "symbolic") or (needed == "symbolic" and question.over is None):
            return needed, f"needs the {needed} engine"
        if asked in (AUTO, needed):
            return needed, ""
        if asked == "stateful":
            return asked, ""
        if asked == "explicit":
            return asked, "needs the symbolic engine: numbers are left open"
        return asked, _NOT_OPEN


#: Why the symbolic engine, when only it may answer, leaves a question to the others.
_NOT_OPEN = "needs the explicit engine: no numbers are left open for the symbolic engine"


def engine_of(question: Question) -> str:
    """The engine that a question is for."""
    return "symbolic" if question.over is not None else question.needs or "explicit"


def _not_reached(question: Question) -> Verdict:
    engine = engine_of(question)
    return Verdict(question.property_name, Answer.UNKNOWN, engine, note="not reached: interrupted before")


#: Bounds of the stateful engine: examples of each attack, and steps of each example.
EFFORT = ("examples", "steps")


def bound_names() -> tuple[str, ...]:
    """The bounds that can be set: those of systems, and those of the stateful engine."""
    return (*(each.name for each in dataclasses.fields(Bounds)), *EFFORT)


def explorations_of(family: str, answers: Answers) -> Iterator[tuple[System, Exploration]]:
    """The explorations made for one family."""
    return ((system, found) for name, system, found in answers.runs if name == family)
