"""Numbers, durations, verdicts and properties as a person reads them."""

from __future__ import annotations

import textwrap

from rich.text import Text
from switchover.models.language import Answer

from .question import Question, Result
from .selection import BUILT_IN


def says(question: Question) -> str:
    """What a question's claim or property says."""
    return question.claim.text if question.claim is not None else property_text(question)


def property_text(question: Question) -> str:
    """What a question's property says."""
    return BUILT_IN.get(question.statement, "") if isinstance(question.statement, str) else question.statement.text


def mark(result: Result) -> Text:
    """The verdict: ticked when it is the expected one, crossed when it is wrong, a question mark when it is open."""
    if result.is_expected:
        return Text(f"✓ {result.verdict.answer.value}", "green")
    if result.is_open:
        return Text(f"? {result.verdict.answer.value}", "yellow")
    style = "bold yellow" if result.verdict.answer is Answer.BOUNDED else "bold red"
    return Text(f"✗ {result.verdict.answer.value}", style)


def duration(seconds: float) -> str:
    """``4 ms``, ``1.3 s``, ``2 min 05 s``."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 119.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def count(number: int, noun: str) -> str:
    """``1 state``, ``1,200 states``."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def indented(line: str, width: int) -> str:
    """``line`` in so many columns, indented by two, what is continued by four."""
    return textwrap.fill(line, width, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def size(number: float) -> str:
    """A number of bytes in the largest unit that leaves at least one: ``61 MiB``."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.0f} {unit}"
        number /= 1024
    return f"{number:.1f} GiB"
