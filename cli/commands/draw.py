"""``switchover draw``: an actor's chart, or a trace as a sequence diagram, to a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from switchover.options import exploration_options, settings

if TYPE_CHECKING:
    from switchover.question import Result
    from switchover.selection import Selection


@click.command()
@click.argument("selector", metavar="SELECTOR")
@click.option(
    "-o", "--output", required=True, metavar="FILE.(svg|png|pdf|dot|mmd)", help="Where to; says the format too."
)
@exploration_options
def command(selector: str, output: str, **exploration: Any) -> int:
    """Draw an actor's chart or the trace of a claim.

    SELECTOR is an actor's class (spice.link_timing:ClientSession, FILE.py:CLASS), or a claim, result or property
    that has a trace (LT17, FILE.py:NAME:PROPERTY).
    """
    from switchover.diagrams import FORMATS, DrawingError
    from switchover.errors import InputError
    from switchover.selection import Selection
    from switchover.trace_files import write_atomically

    fmt = Path(output).suffix.removeprefix(".").lower()
    if fmt not in FORMATS:
        raise InputError(f"-o {output}: expected a name that ends in .{', .'.join(FORMATS)}")
    selection = Selection(actors=True)
    try:
        content = _chart(selection, selector, fmt) or _trace(selection, selector, fmt, exploration)
    except DrawingError as error:
        raise InputError(f"{selector}: cannot be drawn: {error}") from None
    write_atomically(Path(output), content)
    return 0


def _chart(selection: Selection, selector: str, fmt: str) -> bytes | None:
    from switchover.errors import InputError

    actors = selection.actors(selector)
    if len(actors) > 1:
        raise InputError(f"{selector}: is {', '.join(actors)}; expected one of them")
    if not actors:
        return None
    from switchover.diagrams import draw_chart

    return draw_chart(next(iter(actors.values())), fmt)


def _trace(selection: Selection, selector: str, fmt: str, exploration: dict[str, Any]) -> bytes:
    from switchover.answering import answer
    from switchover.diagrams import draw_trace
    from switchover.errors import InputError
    from switchover.explaining import ending, reached
    from switchover.progress import reporter
    from switchover.wording import says

    results = answer(selection.questions([selector]), settings(**exploration), reporter()).results
    traced = [each for each in results if each.verdict.trace is not None]
    if len(traced) != 1:
        raise InputError(f"{selector}: {_no_single_trace(results, traced)}")
    result = traced[0]
    assert result.verdict.trace is not None
    return draw_trace(
        result.verdict.trace,
        fmt,
        title=result.question.id,
        caption=says(result.question),
        ending=ending(result),
        reached=reached(result),
        processes=result.system.processes,
    )


def _no_single_trace(results: list[Result], traced: list[Result]) -> str:
    if traced:
        return f"has {len(traced)} traces; name one: {', '.join(each.question.id for each in traced)}"
    if len(results) == 1:
        return f"the verdict is {results[0].verdict.answer.value}, there is no trace to draw"
    return "none of its verdicts has a trace to draw; for a chart name an actor's class"
