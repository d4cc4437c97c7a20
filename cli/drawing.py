"""Finds what a selector means to be drawn, and draws it: a chart, a trace, a region, a plot of a family."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from switchover.diagrams import (
    PICTURE_FORMATS,
    LossCurve,
    draw_chart,
    draw_losses,
    draw_region,
    draw_space_time,
    draw_trace,
)
from switchover.models.language.losses import LossTable
from switchover.models.language.region import Values

from .answering import Settings, answer
from .errors import InputError
from .explaining import ending, reached
from .formulas import signs
from .progress import reporter
from .question import Result
from .selection import Selection
from .timed_traces import is_timed, picture_of_result
from .wording import says


@dataclass(frozen=True)
class RegionAxes:
    """A region is to be drawn over the quantities ``x`` and ``y``; ``fixed`` has values of others."""

    x: str
    y: str
    fixed: Values
    ranges: Mapping[str, tuple[int, int]]


def picture(selector: str, fmt: str, region: RegionAxes | None, settings: Settings) -> bytes:
    """The picture of what ``selector`` names. Raises InputError for what has none, or not in this format."""
    selection = Selection(actors=True, plots=True)
    if region is not None:
        _require_picture_format(selector, fmt, "a region")
        return _region(_one(selector, selection, settings, "region"), fmt, region)
    actors = selection.actors(selector)
    if len(actors) > 1:
        raise InputError(f"{selector}: is {', '.join(actors)}; expected one of them")
    if actors:
        return draw_chart(next(iter(actors.values())), fmt)
    plot = selection.plots(selector).get(selector)
    if plot is not None:
        _require_picture_format(selector, fmt, "a plot")
        return _losses(plot, fmt)
    return _trace(_one(selector, selection, settings, "trace"), fmt)


def _require_picture_format(selector: str, fmt: str, what: str) -> None:
    if fmt not in PICTURE_FORMATS:
        raise InputError(f"{selector}: {what} is drawn as .{', .'.join(PICTURE_FORMATS)}, not as .{fmt}")


def _one(selector: str, selection: Selection, settings: Settings, what: str) -> Result:
    """The one result that the selector names and that has a ``what``, a trace or a region."""
    results = answer(selection.questions([selector]), settings, reporter()).results
    found = [each for each in results if getattr(each.verdict, what) is not None]
    if len(found) != 1:
        raise InputError(f"{selector}: {_not_one(results, found, what)}")
    return found[0]


def _not_one(results: Sequence[Result], found: Sequence[Result], what: str) -> str:
    if found:
        return f"has {len(found)} {what}s; name one: {', '.join(each.question.id for each in found)}"
    if len(results) == 1:
        return f"the verdict is {results[0].verdict.answer.value}, there is no {what} to draw"
    return f"none of its verdicts has a {what} to draw; for a chart name an actor's class"


def _trace(result: Result, fmt: str) -> bytes:
    trace = result.verdict.trace
    assert trace is not None
    if is_timed(trace):
        _require_picture_format(result.question.id, fmt, "a trace with times")
        return draw_space_time(picture_of_result(result, result.question.id, _caption(result)), fmt)
    return draw_trace(
        trace,
        fmt,
        title=result.question.id,
        caption=says(result.question),
        ending=ending(result),
        reached=reached(result),
        processes=result.system.processes,
    )


def _caption(result: Result) -> str:
    """What is said, and with which values this is a run."""
    trace, over = result.verdict.trace, result.question.over
    quantities = over.quantities if over is not None else ()
    values = trace.values if trace is not None else {}
    texts = [f"{each.name} = {values[each.name]} {each.unit}" for each in quantities if each.name in values]
    return signs(". ".join(each for each in (says(result.question), ", ".join(texts)) if each))


def _region(result: Result, fmt: str, axes: RegionAxes) -> bytes:
    region, trace, over = result.verdict.region, result.verdict.trace, result.question.over
    assert region is not None
    assert over is not None
    bounds = ", within the bounds" if result.verdict.bounds_hit else ""
    example = dict(trace.values) if trace is not None else {}
    others = {name: value for name, value in over.typical().items() if name not in (axes.x, axes.y)}
    fixed = {**others, **{name: value for name, value in example.items() if name in others}, **axes.fixed}
    # The example is a point of the plot only where the other numbers are those of the example.
    is_example = bool(example) and all(example.get(name) == value for name, value in fixed.items())
    try:
        return draw_region(
            region,
            axes.x,
            axes.y,
            fmt,
            fixed=fixed,
            ranges=axes.ranges,
            example=example if is_example else None,
            title=f"{result.question.id}: where {result.question.property_name} fails{bounds}",
        )
    except ValueError as error:
        raise InputError(f"{result.question.id}: {error}") from None


def _losses(plot: Callable[[], LossTable], fmt: str) -> bytes:
    table = plot()
    curves = [LossCurve(each.name, each.at) for each in table.series]
    hints = sorted({place for each in table.series for place, _ in each.points})
    return draw_losses(
        curves, table.x, table.ends, fmt, quantities=table.quantities, fixed=table.fixed, hints=hints, title=table.title
    )
