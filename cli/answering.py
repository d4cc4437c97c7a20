"""Answers questions: each system is built once and explored once, with every property that is asked of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from switchover.checks.explicit import Exploration, Limits, Progress, explore
from switchover.checks.explicit.exploration import BUILT_IN
from switchover.models.language import Answer, Bounds, DefinitionError, Property, System, Verdict
from switchover.models.language.claim import SystemMaker

from .errors import InputError
from .making import system_of
from .question import Question, Result, identity

#: Engines that can answer; a question that needs another one is *unknown*.
PRESENT = ("", "auto", "explicit")

#: Given the position of an exploration and how many there are; yields what to call with its progress.
Watch = Callable[[int, int, System], AbstractContextManager[Callable[[Progress], None] | None]]


@dataclass(frozen=True)
class Settings:
    """How to answer: the engine, bounds that replace the systems' own, and limits of each exploration."""

    engine: str = "auto"
    bounds: Mapping[str, int] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)


@dataclass
class Answers:
    """What came out: results in the order of the questions; ``runs``: each exploration with its family and system."""

    results: list[Result]
    runs: list[tuple[str, System, Exploration]]
    interrupted: bool


@dataclass
class _Batch:
    """Properties to be judged in one exploration of one system. No two have the same name."""

    system: System
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
            with watch(number, len(batches), batch.system) as progress:
                answers.explore(batch, progress)
            if answers.interrupted:
                break
    except KeyboardInterrupt:
        answers.interrupted = True
    return Answers(answers.results(questions), answers.runs, answers.interrupted)


class _Answering:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.interrupted = False
        self.runs: list[tuple[str, System, Exploration]] = []
        self._made: dict[SystemMaker, System] = {}
        self._verdicts: dict[int, Verdict] = {}

    def prepare(self, questions: Sequence[Question]) -> list[_Batch]:
        """Group the questions that can be answered by the system they are about."""
        batches: dict[object, list[_Batch]] = {}
        for question in questions:
            system = self.system(question)
            missing = self._missing_engine(question)
            if missing:
                note = f"needs the {missing} engine"
                self._verdicts[id(question)] = Verdict(question.property_name, Answer.UNKNOWN, missing, note=note)
                continue
            same_system = batches.setdefault(identity(system), [])
            batch = next((each for each in same_system if each.accepts(question)), None)
            if batch is None:
                batch = _Batch(system)
                same_system.append(batch)
            batch.properties.setdefault(question.property_name, question.statement)
            batch.questions.append(question)
        return [batch for same_system in batches.values() for batch in same_system]

    def explore(self, batch: _Batch, progress: Callable[[Progress], None] | None) -> None:
        """Explore one system, and keep the verdicts."""
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

    def results(self, questions: Sequence[Question]) -> list[Result]:
        """A result for each question, whether its exploration was reached or not."""
        return [
            Result(each, self.system(each), self._verdicts.get(id(each)) or _not_reached(each)) for each in questions
        ]

    def system(self, question: Question) -> System:
        """The question's system under the bounds that were set. Raises InputError when it cannot be made."""
        if question.make not in self._made:
            system = system_of(question.id, question.make)
            self._made[question.make] = with_bounds(system, self.settings.bounds)
        return self._made[question.make]

    def _missing_engine(self, question: Question) -> str:
        if self.settings.engine not in PRESENT:
            return self.settings.engine
        return "" if question.needs in PRESENT else question.needs


def _not_reached(question: Question) -> Verdict:
    return Verdict(question.property_name, Answer.UNKNOWN, "explicit", note="not reached: interrupted before")


def with_bounds(system: System, bounds: Mapping[str, int]) -> System:
    """The system with the named bounds replaced."""
    if not bounds:
        return system
    return dataclasses.replace(system, bounds=dataclasses.replace(system.bounds, **bounds))


def bound_names() -> tuple[str, ...]:
    """The bounds that can be set."""
    return tuple(each.name for each in dataclasses.fields(Bounds))


def explorations_of(family: str, answers: Answers) -> Iterator[tuple[System, Exploration]]:
    """The explorations made for one family."""
    return ((system, found) for name, system, found in answers.runs if name == family)
