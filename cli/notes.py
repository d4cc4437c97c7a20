"""What verdicts need said beside them: what was not explored, what they rest on, what never happened."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text
from switchover.checks.explicit import dead_transitions, vacuity
from switchover.models.language import Answer, Family

from .answering import Answers, explorations_of
from .making import system_of
from .question import Result
from .variants import assumptions


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
        wrapped = textwrap.fill(
            line, console.width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False
        )
        console.print(Text(wrapped, "dim" if section.style == "dim" else ""), soft_wrap=True)
    console.print()


def premises(results: Sequence[Result]) -> Section:
    """What the verdicts rest on, each thing once; first what all of them rest on."""
    stated = [(assumptions(each), each) for each in results if each.verdict.states]
    common = set.intersection(*(set(texts) for texts, _ in stated)) if len(stated) > 1 else set()
    shared = [text for text in stated[0][0] if text in common] if common else []
    own = ((", ".join(text for text in texts if text not in common), each) for texts, each in stated)
    lines = _grouped(pair for pair in own if pair[0])
    return Section("Assumed", "dim", ((f"{', '.join(shared)} – all",) if shared else ()) + lines)


def sections(answers: Answers, whole: Sequence[Family]) -> list[Section]:
    """What is to be said after the table, each thing once. ``whole``: families that were checked as a whole."""
    results = answers.results
    reasons = _grouped((each.question.why, each) for each in results if each.question.why)
    return [
        Section(
            "Not explored", "bold yellow", _grouped((unexplored(each), each) for each in results if _is_open(each))
        ),
        Section("Differs from the ledger, explained", "bold", reasons),
        *(Section(f"{each.name} as a whole", "bold yellow", _never_happened(each, answers)) for each in whole),
    ]


def unexplored(result: Result) -> str:
    """Why a verdict is open, and at which bounds."""
    verdict = result.verdict
    bounds = [f"{name} = {getattr(result.system.bounds, name)}" for name in verdict.bounds_hit if name != "slot"]
    return f"{verdict.answer.value}: {verdict.note}" + (f" ({', '.join(bounds)})" if bounds else "")


def _is_open(result: Result) -> bool:
    return result.verdict.answer in (Answer.BOUNDED, Answer.UNKNOWN)


def _grouped(pairs: Iterable[tuple[str, Result]]) -> tuple[str, ...]:
    grouped: dict[str, list[str]] = {}
    for text, result in pairs:
        grouped.setdefault(text, []).append(result.question.brief)
    return tuple(f"{text} – {', '.join(names)}" for text, names in grouped.items())


def _never_happened(family: Family, answers: Answers) -> tuple[str, ...]:
    """Dead transitions and vacuous properties, when every system of the family was explored."""
    runs = list(explorations_of(family.name, answers))
    designs = {system_of(f"{family.name}:{design}", make).name for design, make in family.systems.items()}
    if not runs or not designs <= {system.name for system, _ in runs}:
        return ()
    if not all(found.complete for _, found in runs):
        return ("not explored to the end, so which transitions never fire is not known",)
    dead = [
        f"no system takes the transition of {each.actor.rsplit('.', 1)[-1]}: {each.transition}"
        for each in dead_transitions(runs)
    ]
    return (*dead, *(f"the property {each.property} says nothing: {each.reason}" for each in vacuity(runs)))
