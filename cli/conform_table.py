"""What ``conform`` prints for a person: a row for each recording, and where one departs from the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.checks.conformance import DIFFERS, Conformance
from switchover.checks.conformance.stream_reports import StreamReports

from .notes import Section, print_section
from .wording import count, duration, indented

_FIGURES = ("mapped lines", "states", "time")
#: Columns between two columns of the table, and the fewest for a recording's name.
_GAP, _LEAST_NAME = 3, 9


def print_answers(console: Console, answers: Sequence[Conformance]) -> None:
    """The table, then each departure, then what the recordings have that the model has not."""
    if answers:
        console.print(_table(answers, console.width))
        console.print()
        read = tuple(f"{_name(each)}: {each.variant}" for each in answers if each.variant)
        print_section(console, Section("Read from the recordings", "dim", read))
    for each in answers:
        if not each.conforms:
            print_section(console, _departure(each))
        print_section(console, Section(f"{each.recording} as a capture", "dim", each.remarks))
    outside: Counter[str] = Counter()
    for each in answers:
        outside.update(each.outside)
    lines = tuple(f"{count(number, 'line')}: {reason}" for reason, number in outside.most_common())
    print_section(console, Section("Outside the model", "dim", lines))
    conforming = sum(each.conforms for each in answers)
    console.print(Text(f"{count(len(answers), 'recording')}: {conforming} of them a behaviour of the model"))


def print_reports(console: Console, reports: StreamReports, with_name: bool) -> None:
    """How many are as predicted, when the clock was set, the first that differs; nothing for one without streams."""
    if not reports.pairs and not reports.unexpected:
        return
    console.print(Text(f"{reports.recording}: {reports}" if with_name else str(reports)), soft_wrap=True)
    for line in (reports.when_clocks_were_set, reports.first_difference):
        if line:
            console.print(Text(indented(line, console.width)), soft_wrap=True)


def _table(answers: Sequence[Conformance], width: int) -> Table:
    """The figures whole, and of the names what there is room for."""
    rows = [(_mark(each), *map(Text, _figures(each))) for each in answers]
    widths = [
        max(len(heading), *(len(row[place]) for row in rows)) for place, heading in enumerate(("verdict", *_FIGURES))
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    room = max(_LEAST_NAME, width - sum(widths) - _GAP * len(widths))
    table.add_column("recording", no_wrap=True, max_width=room)
    table.add_column("verdict", no_wrap=True)
    for heading in _FIGURES:
        table.add_column(heading, no_wrap=True, justify="right")
    for each, row in zip(answers, rows, strict=True):
        table.add_row(_name(each), *row)
    return table


def _figures(answer: Conformance) -> tuple[str, str, str]:
    return f"{answer.mapped:,} of {answer.lines:,}", f"{answer.states:,}", duration(answer.seconds)


def _name(answer: Conformance) -> str:
    return Path(answer.recording).name.removesuffix(".gz").rpartition(".")[0] or Path(answer.recording).name


def _mark(answer: Conformance) -> Text:
    if answer.conforms:
        return Text("✓ conforms", "green")
    return Text("✗ differs", "bold red") if answer.verdict == DIFFERS else Text("? unknown", "yellow")


def _departure(answer: Conformance) -> Section:
    lines = [f"explained: {answer.explained} of {count(answer.mapped, 'mapped line')}"]
    lines += [f"comes: {answer.text}"] if answer.text else []
    lines += [f"possible: {each}" for each in answer.allowed]
    lines += [f"nearest: {answer.nearest}"] if answer.nearest else []
    where = f"{answer.recording}:{answer.line}" if answer.line else answer.recording
    if answer.verdict == DIFFERS:
        return Section(f"{where} is explained by no run", "bold red", tuple(lines))
    if answer.is_incomplete:
        return Section(f"{where} may be explained by what the capture lacks", "bold yellow", tuple(lines))
    return Section(f"{where} was reached when the search gave up", "bold yellow", tuple(lines))
