"""What ``check`` prints for a person: a table, what was not explored, and one line that sums up."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.models.language import Family, System

from .answering import Answers
from .formulas import details
from .notes import print_section, sections
from .question import Result
from .wording import count, duration, mark, says

#: Columns that what a claim says must have beside its row; with fewer it stands above its rows.
_LEAST_TEXT = 40

#: Columns between two columns of the table, and those that a duration takes.
_GAP, _TIME = 2, 6

#: Columns before what stands below a row.
_INDENT = 6

#: Before what a line of the summary is continued by.
_CONTINUED = "  "

#: Columns of the verdict, what was expected, states and time, where there is least room.
_FIGURES = 44


@dataclass(frozen=True)
class _Row:
    """One line of the table. ``statement``: what its claim says, empty for a further result of the same claim."""

    result: Result
    statement: str

    @property
    def topic(self) -> str:
        return self.result.question.topic

    @property
    def design(self) -> str:
        return self.result.question.design or self.result.system.name

    @property
    def case(self) -> str:
        """The design, and of a control what it is to the claim."""
        role = self.result.question.role
        return self.design if role == "claim" else f"{role}: {self.design}"

    @property
    def figures(self) -> tuple[str, str]:
        verdict, examples = self.result.verdict, self.result.examples
        explored = verdict.states if examples is None else examples
        return (f"{explored:,}", duration(verdict.seconds)) if verdict.states else ("–", "–")


def print_report(
    console: Console, answers: Answers, whole: Sequence[Family], files: Mapping[str, Sequence[System]]
) -> None:
    """The whole report. ``whole``, ``files``: the families, and the files' systems, that were checked as a whole."""
    if answers.results:
        print_table(console, answers.results)
        console.print()
    for section in sections(answers, whole, files):
        print_section(console, section)
    console.print(_summary(answers, console.width), soft_wrap=True)


def print_table(console: Console, results: Sequence[Result]) -> None:
    """One row for each result; where there is little room, a claim and what it says stand above its designs' rows."""
    rows = _rows(results)
    room = console.width - console.measure(_table(rows, has_claims=True)).maximum - _GAP
    if room >= _LEAST_TEXT:
        longest = max(cell_len(each.statement) for each in rows)
        _print_lines(console, rows, _table(rows, has_claims=True, text=min(room, longest)))
        return
    has_claims = not _has_designs(rows)
    table = _table(rows, has_claims=has_claims, design=console.width - _FIGURES)
    _print_lines(console, rows, table, says=lambda row: "" if has_claims else f"{row.topic}  ")


def _print_lines(
    console: Console, rows: Sequence[_Row], table: Table, says: Callable[[_Row], str] | None = None
) -> None:
    """The table, its rows' details below each; with ``says``, what a claim says above its first, behind its name."""
    lines = console.render_lines(table, pad=False)
    heading = len(lines) - len(rows)
    for number, line in enumerate(lines):
        row = rows[number - heading] if number >= heading else None
        if row is not None and row.statement and says is not None:
            subject = says(row)
            statement = _shortened(row.statement, console.width - len(subject))
            console.print(Text.assemble((subject, "bold"), (statement, "dim")), no_wrap=True)
        shown = Text.assemble(*((each.text, each.style or "") for each in line))
        shown.rstrip()
        console.print(shown, no_wrap=True, crop=True)
        for detail in details(row.result, console.width - _INDENT) if row is not None else ():
            console.print(Text(" " * _INDENT + detail, "cyan"), no_wrap=True, crop=True)


def _rows(results: Sequence[Result]) -> list[_Row]:
    """The results in order, those about one claim, or saying the same of several systems, together."""
    groups: dict[object, list[Result]] = {}
    for each in results:
        claim = each.question.claim
        subject = (each.question.topic, says(each.question)) if claim is None else id(claim)
        groups.setdefault((each.question.family, subject), []).append(each)
    return [
        _Row(each, "" if number else says(each.question))
        for group in groups.values()
        for number, each in enumerate(group)
    ]


def _has_designs(rows: Sequence[_Row]) -> bool:
    """Whether a row's design says something that its claim or the other rows do not."""
    return len({each.design for each in rows}) > 1 or any(each.result.question.claim is not None for each in rows)


def _shortened(text: str, room: int) -> str:
    """``text`` in ``room`` columns, broken between words."""
    if cell_len(text) <= room:
        return text
    return f"{text[: room - 1].rpartition(' ')[0] or text[: room - 2]} …"


def _table(rows: Sequence[_Row], *, has_claims: bool, text: int = 0, design: int | None = None) -> Table:
    """The rows; ``has_claims``: each begins with its claim; ``text``: columns for what that says, 0 for none;
    ``design``: the most that a design may take.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    columns: list[Callable[[_Row], str]] = []
    if has_claims:
        table.add_column("claim", no_wrap=True)
        columns.append(lambda row: row.topic)
    if text:
        table.add_column("says", no_wrap=True, min_width=text, max_width=text)
        columns.append(lambda row: _shortened(row.statement, text))
    if _has_designs(rows):
        table.add_column("design" if has_claims else "  design", no_wrap=True, max_width=design)
        columns.append(lambda row: row.design if has_claims else f"  {row.case}")
    table.add_column("verdict", no_wrap=True, min_width=10)
    table.add_column("expected", no_wrap=True, style="dim", min_width=8)
    width = max((len(each.figures[0]) for each in rows), default=0)
    explored = "states" if all(each.result.examples is None for each in rows) else "examples"
    table.add_column(explored, no_wrap=True, justify="right", min_width=max(width, 6))
    table.add_column("time", no_wrap=True, justify="right", min_width=_TIME)
    for each in rows:
        subject = (column(each) for column in columns)
        table.add_row(*subject, mark(each.result), each.result.question.expected.value, *each.figures)
    return table


def _summary(answers: Answers, width: int) -> Text:
    """What it comes to, broken between its parts where there is little room, and how to see the first trace."""
    text = _folded([*_verdicts(answers), *_efforts(answers)], width)
    broken = next((each for each in answers.results if each.is_wrong and each.verdict.trace is not None), None)
    if broken is not None:
        words = ("switchover", "explain", broken.question.id, *answers.settings.words)
        text.append(f"\nSee the trace: {shlex.join(words)}")
    return text


def _verdicts(answers: Answers) -> Iterator[Text]:
    results = answers.results
    expected = sum(each.is_expected for each in results)
    wrong = sum(each.is_wrong for each in results)
    attacked = sum(each.is_open and each.examples is not None and not each.is_expected for each in results)
    unknown = len(results) - expected - wrong - attacked
    if answers.interrupted:
        yield Text("Interrupted. ", "bold yellow")
    yield Text(f"{count(len(results), 'result')}: {expected} as expected")
    for number, word, style in (
        (wrong, "not as expected", "bold red"),
        (attacked, "not broken", "yellow"),
        (unknown, "unknown", "yellow"),
    ):
        if number:
            yield Text.assemble(", ", (f"{number} {word}", style))


def _efforts(answers: Answers) -> Iterator[Text]:
    found, searches, attacks = [each for _, _, each in answers.runs], answers.searches, answers.attacks
    if found or not (searches or attacks):
        states, seconds = sum(each.states for each in found), sum(each.seconds for each in found)
        yield from _effort(count(len(found), "exploration"), count(states, "state"), seconds)
    if searches:
        states, seconds = sum(each.states for each in searches), sum(each.seconds for each in searches)
        name = "search over open numbers" if len(searches) == 1 else "searches over open numbers"
        yield from _effort(f"{len(searches):,} {name}", count(states, "symbolic state"), seconds)
    if attacks:
        examples, seconds = sum(each.examples for each in attacks), sum(each.seconds for each in attacks)
        yield from _effort(count(len(attacks), "attack"), count(examples, "example"), seconds)


def _effort(what: str, size: str, seconds: float) -> Iterator[Text]:
    yield Text(f" · {what}")
    yield Text(f", {size}")
    yield Text(f", {duration(seconds)}")


def _folded(parts: Iterable[Text], width: int) -> Text:
    """The parts in lines of so many columns; what is continued is indented."""
    lines = [Text()]
    for part in parts:
        if lines[-1] and lines[-1].cell_len + len(part.plain.rstrip()) > width:
            sign = len(part.plain) - len(part.plain.lstrip(", "))
            if part.plain.startswith(","):
                lines[-1].append(",")
            lines.append(Text(_CONTINUED))
            part = part[sign:]
        lines[-1].append_text(part)
    return Text("\n").join(lines)
