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

from .notes import Section, print_section
from .wording import count, duration


def print_answers(console: Console, answers: Sequence[Conformance]) -> None:
    """The table, then each departure, then what the recordings have that the model has not."""
    if answers:
        console.print(_table(answers))
        console.print()
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


def _table(answers: Sequence[Conformance]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=True, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("recording", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("read from it", no_wrap=True, overflow="ellipsis", ratio=1)
    for heading in ("mapped lines", "states", "time"):
        table.add_column(heading, no_wrap=True, justify="right")
    for each in answers:
        figures = (f"{each.mapped:,} of {each.lines:,}", f"{each.states:,}", duration(each.seconds))
        table.add_row(Path(each.recording).stem, _mark(each), each.variant, *figures)
    return table


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
