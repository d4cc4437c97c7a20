"""What verdicts need said beside them: what was not explored, what they rest on, what never happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text
from switchover.checks.explicit import dead_transitions, vacuity
from switchover.models.language import Answer, Family, System

from .answering import Answers, explorations_of
from .formulas import EXHAUSTIVE, unkept
from .making import system_of
from .question import Result
from .variants import assumptions
from .wording import indented

#: Results that are named behind what they rest on; ``explain`` says of each all that it rests on.
_MOST_NAMES = 4


@dataclass(frozen=True)
class Section:
    """A heading and the lines below it."""

    title: str
    style: str
    lines: tuple[str, ...]


def print_section(console: Console, section: Section) -> None:
    """Print it and an empty line, its lines indented, their continuations more; nothing when it has no lines."""
    if not section.lines:
        return
    console.print(Text(section.title, section.style), soft_wrap=True)
    for line in section.lines:
        console.print(
            Text(unkept(indented(line, console.width)), "dim" if section.style == "dim" else ""), soft_wrap=True
        )
    console.print()


def premises(results: Sequence[Result]) -> Section:
    """What the verdicts rest on, each thing once, with the first results that do; what all rest on first."""
    explored = [each for each in results if each.verdict.states]
    resting: dict[str, list[Result]] = {}
    for each in explored:
        for text in assumptions(each):
            resting.setdefault(text, []).append(each)
    shared = [text for text, own in resting.items() if len(own) == len(explored)]
    own = {text: _names(own, results) for text, own in resting.items() if text not in shared}
    grouped: dict[str, list[str]] = {}
    for text, names in own.items():
        grouped.setdefault(names, []).append(text)
    lines = tuple(f"{', '.join(texts)} – {names}" for names, texts in grouped.items())
    common = (", ".join(shared) + (" – all" if len(explored) > 1 else ""),) if shared else ()
    return Section("Assumed", "dim", common + lines)


def _names(chosen: Sequence[Result], results: Sequence[Result]) -> str:
    """The chosen results in as few names as can be: a claim, or a design, of which all are there stands for them."""
    parts: dict[str, list[Result]] = {}
    for each in results:
        parts.setdefault(_whole(each), []).append(each)
    names: list[str] = []
    for name, members in parts.items():
        own = [each for each in members if each in chosen]
        names += [name] if own and len(own) == len(members) else [each.question.brief for each in own]
    rest = len(names) - _MOST_NAMES
    return ", ".join(names) if rest < 2 else f"{', '.join(names[:_MOST_NAMES])} and {rest} more"


def _whole(result: Result) -> str:
    """The claim that a result belongs to, else its design."""
    question = result.question
    return question.claim.id if question.claim is not None else question.design or result.system.name


def sections(answers: Answers, whole: Sequence[Family], files: Mapping[str, Sequence[System]]) -> list[Section]:
    """What is to be said after the table, each thing once. ``whole``: families that were checked as a whole;
    ``files``: the systems of users' files that were.
    """
    results = answers.results
    reasons = _grouped((each.question.why, each) for each in results if each.question.why)
    return [
        Section(
            "Not explored", "bold yellow", _grouped((unexplored(each), each) for each in results if _is_open(each))
        ),
        Section("Differs from the ledger, explained", "bold", reasons),
        _proved(results),
        premises(results),
        *(
            Section(
                _as_a_whole(each.name, answers), "bold yellow", _never_happened(each.name, _systems_of(each), answers)
            )
            for each in whole
        ),
        *(
            Section(_as_a_whole(path, answers), "dim", _never_happened(path, each, answers))
            for path, each in files.items()
        ),
    ]


def unexplored(result: Result) -> str:
    """Why a verdict is open, and at which bounds."""
    verdict = result.verdict
    bounds = [
        f"{name} = {getattr(result.system.bounds, name)}"
        for name in verdict.bounds_hit
        if name != "slot" and hasattr(result.system.bounds, name)
    ]
    return f"{verdict.answer.value}: {verdict.note}" + (f" ({', '.join(bounds)})" if bounds else "")


def _proved(results: Sequence[Result]) -> Section:
    """By what the answers over open numbers hold for all of their values."""
    methods: dict[str, list[Result]] = {}
    for each in results:
        if each.verdict.proof is not None:
            methods.setdefault(each.verdict.proof.method, []).append(each)
    lines = tuple(f"{_METHODS.get(method, method)} – {_names(own, results)}" for method, own in methods.items())
    return Section("Proved for all values of the numbers left open", "dim", lines)


#: What a method's name says.
_METHODS = {EXHAUSTIVE: "every path followed to its end"}


def _is_open(result: Result) -> bool:
    return result.verdict.answer in (Answer.BOUNDED, Answer.UNKNOWN)


def _grouped(pairs: Iterable[tuple[str, Result]]) -> tuple[str, ...]:
    grouped: dict[str, list[str]] = {}
    for text, result in pairs:
        grouped.setdefault(text, []).append(result.question.brief)
    return tuple(f"{text} – {', '.join(names)}" for text, names in grouped.items())


def _as_a_whole(name: str, answers: Answers) -> str:
    """The heading for what never happens in ``name``: beyond a bound that was hit it might."""
    is_bounded = any(found.bounds_hit for _, found in explorations_of(name, answers))
    return f"{name} as a whole" + (", within the bounds" if is_bounded else "")


def _systems_of(family: Family) -> list[System]:
    return [system_of(f"{family.name}:{design}", make) for design, make in family.systems.items()]


def _never_happened(name: str, systems: Iterable[System], answers: Answers) -> tuple[str, ...]:
    """Dead transitions and vacuous properties, when every one of the systems was explored."""
    runs = list(explorations_of(name, answers))
    if not runs or not {each.name for each in systems} <= {system.name for system, _ in runs}:
        return ()
    if not all(found.complete for _, found in runs):
        return ("not explored to the end, so which transitions never fire is not known",)
    dead = [
        f"no system takes the transition of {each.actor.rsplit('.', 1)[-1]}: {each.transition}"
        for each in dead_transitions(runs)
    ]
    return (*dead, *(f"the property {each.property} says nothing: {each.reason}" for each in vacuity(runs)))
