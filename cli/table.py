"""What ``check`` prints for a person: a table, what was not explored, and one line that sums up."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.models.language import Family

from .answering import Answers
from .notes import premises, print_section, sections
from .question import Result
from .wording import count, duration, mark, says

#: Columns below which what a claim says gets a line of its own.
_WIDE = 100

#: Columns that a design's name may take before it is broken.
_DESIGN = 30


def print_report(console: Console, answers: Answers, whole: Sequence[Family]) -> None:
    """The whole report, what matters most last. ``whole``: the families that were checked as a whole."""
    print_section(console, premises(answers.results))
    if answers.results:
        print_table(console, answers.results)
        console.print()
    for section in sections(answers, whole):
        print_section(console, section)
    console.print(_summary(answers))


def print_table(console: Console, results: Sequence[Result]) -> None:
    """One row for each result, in order; on a narrow console, what a claim says stands above its rows."""
    if console.width >= _WIDE:
        console.print(_table(results, is_wide=True))
        return
    lines = console.render_lines(_table(results, is_wide=False))
    heading = len(lines) - len(results)
    for number, line in enumerate(lines):
        statement = _statements(results)[number - heading] if number >= heading else ""
        if statement:
            console.print(Text(statement, "dim", no_wrap=True, overflow="ellipsis"))
        console.print(Text.assemble(*((each.text, each.style or "") for each in line)))


def _statements(results: Sequence[Result]) -> list[str]:
    """What each result's claim says; empty for a further result of the same claim."""
    texts = [says(each.question) for each in results]
    claims = [each.question.claim for each in results]
    return [
        "" if number and claim is not None and claim is claims[number - 1] else text
        for number, (text, claim) in enumerate(zip(texts, claims, strict=True))
    ]


def _table(results: Sequence[Result], *, is_wide: bool) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("claim", no_wrap=True, overflow="ellipsis")
    if is_wide:
        table.add_column("says", no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_column(
        "design", no_wrap=not is_wide, overflow="ellipsis", ratio=None if is_wide else 1, max_width=_DESIGN
    )
    table.add_column("verdict", no_wrap=True)
    table.add_column("expected", no_wrap=True, style="dim")
    table.add_column("states", no_wrap=True, justify="right")
    table.add_column("time", no_wrap=True, justify="right", min_width=6)
    for each, statement in zip(results, _statements(results), strict=True):
        verdict = each.verdict
        states, seconds = (f"{verdict.states:,}", duration(verdict.seconds)) if verdict.states else ("–", "–")
        texts = (statement,) if is_wide else ()
        subject = (each.question.topic, *texts, each.question.design or each.system.name)
        table.add_row(*subject, mark(each), each.question.expected.value, states, seconds)
    return table


def _summary(answers: Answers) -> Text:
    results, found = answers.results, [each for _, _, each in answers.runs]
    expected = sum(each.is_expected for each in results)
    wrong = [each for each in results if each.is_wrong]
    unknown = len(results) - expected - len(wrong)
    text = Text()
    if answers.interrupted:
        text.append("Interrupted. ", "bold yellow")
    text.append(f"{count(len(results), 'result')}: {expected} as expected")
    if wrong:
        text.append(", ").append(f"{len(wrong)} not as expected", "bold red")
    if unknown:
        text.append(", ").append(f"{unknown} unknown", "yellow")
    states, seconds = sum(each.states for each in found), sum(each.seconds for each in found)
    text.append(f" · {count(len(found), 'exploration')}, {count(states, 'state')}, {duration(seconds)}")
    broken = next((each for each in wrong if each.verdict.trace is not None), None)
    if broken is not None:
        text.append(f"\nSee the trace: switchover explain {broken.question.id}")
    return text
