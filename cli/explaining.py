"""What ``explain`` prints of one result: what is said, the verdict, its trace or what it rests on, and its controls."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text
from switchover.models.language import Answer, Claim, Property

from .formulas import unkept
from .notes import unexplored
from .open_explaining import open_paragraphs
from .question import Question, Result
from .timed_traces import is_timed, picture_of_result
from .variants import assumptions
from .wording import count, duration, mark, property_text

#: Columns that a diagram may take, however wide the terminal is.
WIDTH = 100


def print_claim(console: Console, claim: Claim, family: str) -> None:
    """The sentence, and where it is said."""
    console.print(Text.assemble((claim.id, "bold"), f"  {family} · said: {claim.said}"))
    _indented(console, f"“{claim.text}”")


def print_result(console: Console, result: Result, controls: Sequence[Result]) -> None:
    """The verdict on one design, and the reasons for it."""
    question, verdict = result.question, result.verdict
    wanted = "as expected" if result.is_expected else f"expected: {_expected(result)}"
    title = question.label if question.claim is not None else question.id
    console.print(Text.assemble((title, "bold"), "  ", mark(result), f" ({wanted})"))
    _indented(console, _statement(question))
    if question.why:
        _indented(console, f"differs from the ledger: {question.why}")
    if verdict.answer in (Answer.BOUNDED, Answer.UNKNOWN):
        _indented(console, unexplored(result))
    elif verdict.note and verdict.trace is None:
        _indented(console, verdict.note)
    if verdict.states:
        _indented(console, explored(result))
    if result.examples is not None and verdict.trace is not None:
        _indented(console, f"found in example {result.examples:,} (seed {result.seed})")
    if assumptions(result):
        _indented(console, f"assuming {', '.join(assumptions(result))}")
    for paragraph in open_paragraphs(result, min(console.width, WIDTH) - 2):
        console.print(Text("\n".join(["", *(f"  {line}".rstrip() for line in paragraph)])), soft_wrap=True)
    if verdict.trace is not None:
        console.print()
        print_trace(console, result)
    if controls:
        console.print(Text("\n  what changes the verdict", "bold"))
        for each in controls:
            _indented(console, f"{each.question.label}: {_control(each)}")


def _expected(result: Result) -> str:
    return "the stated region" if result.is_misstated else result.question.expected.value


def explored(result: Result) -> str:
    """``system shipped: 12,000 states, 40,000 transitions, depth 31, 0.4 s, explicit (kernel)``."""
    verdict = result.verdict
    states = count(verdict.states, _states(result))
    return (
        f"system {result.system.name}: {states}, {count(verdict.transitions, 'transition')}, "
        f"depth {verdict.depth}, {duration(verdict.seconds)}, engine {verdict.engine}"
    )


def _states(result: Result) -> str:
    return "symbolic state" if result.question.over is not None and result.examples is None else "state"


def print_trace(console: Console, result: Result) -> None:
    """The verdict's trace, which it must have, as a sequence diagram; with times, as a space-time diagram."""
    from switchover.diagrams import TraceView, can_show, trace_text

    trace, width = result.verdict.trace, max(40, min(console.width, WIDTH))
    assert trace is not None
    if is_timed(trace):
        _print_space_time(console, result, width)
        return
    text, is_reached, processes = ending(result), reached(result), result.system.processes
    if console.is_terminal:
        console.print(TraceView(trace, ending=text, reached=is_reached, processes=processes), width=width)
        return
    # A file gets no trailing blanks, which a rich view has.
    ascii_only = not can_show(console.encoding)
    text = trace_text(trace, width, ending=text, reached=is_reached, processes=processes, ascii_only=ascii_only)
    console.print(Text(text.rstrip("\n")), soft_wrap=True)


def _print_space_time(console: Console, result: Result, width: int) -> None:
    from switchover.diagrams import can_show, space_time_text

    picture = picture_of_result(result)
    text = space_time_text(picture, width, ascii_only=not can_show(console.encoding))
    console.print(Text(text.rstrip("\n")), soft_wrap=True)
    sign = "✓" if reached(result) else "✗"
    last = textwrap.fill(f"{sign} {ending(result)}", width, subsequent_indent="  ", break_on_hyphens=False)
    console.print(Text(last, "green" if reached(result) else "bold red"), soft_wrap=True)


def reached(result: Result) -> bool:
    """Whether the trace ends in what was looked for, rather than in what must not be."""
    return result.verdict.answer is Answer.HOLDS


def ending(result: Result) -> str:
    """What the trace's last step shows."""
    question, verdict = result.question, result.verdict
    if verdict.answer is Answer.UNKNOWN:
        return verdict.note
    if question.statement == "no_deadlock":
        return f"breaks no_deadlock, nothing can happen any more: {verdict.note}"
    shown = "shows" if verdict.answer is Answer.HOLDS else "breaks"
    return f"{shown} {question.property_name}: {property_text(question)}"


def _statement(question: Question) -> str:
    kind = question.statement.kind if isinstance(question.statement, Property) else "built-in"
    text = property_text(question)
    return f"property {question.property_name} ({kind})" + (f": {text}" if text else "")


def _control(result: Result) -> str:
    verdict = result.verdict
    steps = f" after {count(len(verdict.trace.steps), 'step')}" if verdict.trace is not None else ""
    surprise = "" if result.is_expected else f", expected {result.question.expected.value}"
    states = count(verdict.states, _states(result))
    return f"{verdict.answer.value}{steps}{surprise} ({result.system.name}, {states})"


def _indented(console: Console, text: str) -> None:
    width = min(console.width, WIDTH)
    lines = textwrap.wrap(text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    console.print(Text(unkept("\n".join(lines))), soft_wrap=True)
