"""Losses as a plot: how much video each design loses, against the skew of two clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchover.models.language.region import PiecewiseLinear, Quantity, Values

from .metrics import clean, lines_within
from .palette import FAINT
from .plotting import SMALL, Page, draw_plot, signed
from .region_plot import Range, axis_label, values_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

Point = tuple[int, int]

#: Told apart without colour as well: colour (dark enough on white) and pattern, in points drawn and left out.
_PENS: tuple[tuple[str, Any], ...] = (
    ("#1f4e79", "-"),
    ("#b91c1c", (0, (6, 2))),
    ("#15803d", (0, (2, 1.5))),
    ("#b45309", (0, (8, 2, 2, 2))),
    ("#6d28d9", (0, (4, 1.5, 1, 1.5, 1, 1.5))),
    ("#0f766e", (0, (1, 1))),
    ("#be185d", (0, (10, 3))),
    ("#4b5563", (0, (3, 3))),
)

#: Points between lines that are drawn side by side.
_APART = 2.6


@dataclass(frozen=True)
class LossCurve:
    """The loss of one design, in ms of video, as a function of one quantity. ``formula`` says it in a line."""

    name: str
    loss: Callable[[int], int]
    formula: str = ""

    @classmethod
    def of(cls, name: str, function: PiecewiseLinear, x: str, fixed: Values) -> LossCurve:
        """The curve of a piecewise-linear function over ``x``, its other quantities having the values ``fixed``."""
        return cls(name, lambda value: function.at({**fixed, x: value}), function.text)


def loss_points(loss: Callable[[int], int], ends: Range, hints: Iterable[int] = ()) -> list[Point]:
    """Points whose connecting lines are the function, for a piecewise-linear one of integers; a jump is a step of 1.

    Exact when between two neighbouring probes no more than one piece ends: the probes are every 64th of the range,
    the powers of two on both sides of 0, and the ``hints``.
    """
    low, high = ends
    sizes = [0, *(1 << exponent for exponent in range(31))]
    spread = [low + (high - low) * number // 64 for number in range(65)]
    around = [hint + near for hint in hints for near in (-1, 0, 1)]
    probes = sorted({x for x in (*sizes, *(-size for size in sizes), *spread, *around) if low <= x <= high})
    points: list[Point] = [(probes[0], loss(probes[0]))]
    for start, end in pairwise(probes):
        points += _corners(loss, (start, loss(start)), (end, loss(end)))
    return _straightened(points)


def draw_losses(
    curves: Sequence[LossCurve],
    x: Quantity,
    ends: Range,
    target: str | Path,
    *,
    quantities: Sequence[Quantity] = (),
    fixed: Values | None = None,
    hints: Iterable[int] = (),
    title: str = "",
) -> bytes:
    """Lost video of every curve against ``x`` from ``ends[0]`` to ``ends[1]``, in the format of ``target``.

    Designs that lose the same everywhere share a line; lines that coincide for a part are drawn side by side. Both axes
    are linear up to 1000 and logarithmic beyond where the range is wide. ``quantities`` and ``fixed`` say in the
    caption which values the other parameters have; ``hints`` are values of ``x`` near which a narrow piece may lie.
    Raises ValueError for an unknown format, an empty range, or without curves.
    """
    if not curves or ends[0] >= ends[1]:
        raise ValueError("loss plot: it takes one curve or more, and a range that is not empty")
    lines = _lines(curves, ends, tuple(hints))
    highest = max(y for _, points in lines for _, y in points)
    wide = max(map(abs, ends)) > _WIDE or highest > _WIDE
    caption = [f"Parameters: {signed(values_text(quantities, fixed or {}, meanings=True))}."] if fixed else []
    if any(_places(lines)):
        caption.append("Lines that coincide for a part are drawn side by side, 1 mm apart.")
    if wide:
        caption.append(f"Both scales are linear up to {_LINEAR} ms and logarithmic beyond.")
    rows = sum(2 + _label(group).count("\n") for group, _ in lines)
    page = Page(width=470, height=max(340.0, rows * 13.5), beside=_LEGEND)
    title = title or f"Lost video against {x.name}"
    return draw_plot(target, title, caption, lambda axes: _draw(axes, lines, x, ends, wide), page)


#: Beyond this (ms) a linear scale hides what happens at the latency's size.
_WIDE = 20_000
_LINEAR = 1_000

#: Points for the legend.
_LEGEND = 260

_Group = tuple[LossCurve, ...]


def _lines(curves: Sequence[LossCurve], ends: Range, hints: tuple[int, ...]) -> list[tuple[_Group, list[Point]]]:
    groups: dict[tuple[Point, ...], list[LossCurve]] = {}
    for curve in curves:
        groups.setdefault(tuple(loss_points(curve.loss, ends, hints)), []).append(curve)
    return [(tuple(group), list(points)) for points, group in groups.items()]


def _places(lines: list[tuple[_Group, list[Point]]]) -> list[int]:
    """For each line how far beside its true place it is drawn: 0 unless it coincides with an earlier one there."""
    places: list[int] = []
    for number, line in enumerate(lines):
        taken = {places[other] for other in range(number) if _coincide(line, lines[other])}
        places.append(next(place for place in (0, 1, -1, 2, -2, 3, -3, 4, -4, number + 5) if place not in taken))
    return places


def _coincide(line: tuple[_Group, list[Point]], other: tuple[_Group, list[Point]]) -> bool:
    """Whether two lines share a stretch; to cross is not enough."""
    (group, points), (other_group, other_points) = line, other
    stops = sorted({x for x, _ in (*points, *other_points)})
    same = [group[0].loss(x) == other_group[0].loss(x) for x in stops]
    return any(same[n] and same[n + 1] and stops[n + 1] - stops[n] > 1 for n in range(len(stops) - 1))


def _corners(loss: Callable[[int], int], start: Point, end: Point) -> list[Point]:
    """What follows ``start``, up to ``end``: halves an interval until it is seen to be one straight line."""
    (left, low), (right, high) = start, end
    width = right - left
    if width <= 1 or all(
        (loss(left + offset) - low) * width == (high - low) * offset
        for offset in {1, width // 3, width // 2, width - 1}
    ):
        return [end]
    middle = left + width // 2
    between = (middle, loss(middle))
    return [*_corners(loss, start, between), *_corners(loss, between, end)]


def _straightened(points: list[Point]) -> list[Point]:
    kept: list[Point] = []
    for point in points:
        while len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _in_line(first: Point, second: Point, third: Point) -> bool:
    return (second[0] - first[0]) * (third[1] - first[1]) == (third[0] - first[0]) * (second[1] - first[1])


def _draw(axes: Axes, lines: list[tuple[_Group, list[Point]]], x: Quantity, ends: Range, wide: bool) -> None:
    _axes(axes, lines, x, ends, wide)
    handles: list[Line2D] = []
    for number, ((group, points), place_beside) in enumerate(zip(lines, _places(lines), strict=True)):
        colour, pattern = _PENS[number % len(_PENS)]
        line = _line(axes, points, place_beside, colour, pattern, wide)
        line.set_label(_label(group))
        handles.append(line)
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.01, 1), "borderaxespad": 0}
    axes.legend(handles=handles, handlelength=4, labelspacing=0.9, alignment="left", fontsize=SMALL, **place)


def _axes(axes: Axes, lines: list[tuple[_Group, list[Point]]], x: Quantity, ends: Range, wide: bool) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    highest = max(max(y for _, points in lines for _, y in points), 1)
    axes.set_xlabel(signed(axis_label(x)))
    axes.set_ylabel("lost video (ms)")
    for scale, axis, between in ((axes.set_xscale, axes.xaxis, [500]), (axes.set_yscale, axes.yaxis, [250, 500, 750])):
        if wide:
            scale("symlog", linthresh=_LINEAR, linscale=1.2)
            axis.set_major_locator(FixedLocator(_ticks(max(*map(abs, ends), highest), between)))
            axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(FuncFormatter(lambda value, _: signed(f"{value:.0f}")))
    axes.set_xlim(*ends)
    axes.set_ylim(-highest / 25 if not wide else -60, highest * (1.6 if wide else 1.08))
    axes.grid(True)
    axes.axvline(0, color=FAINT, lw=0.8)


def _ticks(largest: int, between: list[int]) -> list[int]:
    sizes = between + [1000 * 10**power for power in range(9) if 1000 * 10**power <= largest * 1.5]
    return [*(-size for size in reversed(sizes)), 0, *sizes]


def _line(axes: Axes, points: list[Point], place: int, colour: str, pattern: Any, bends: bool) -> Line2D:
    """The line, shifted by its place among the lines; steep steps of 1 are jumps, dotted."""
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    moved = axes.transData + ScaledTranslation(0, place * _APART / 72, figure.dpi_scale_trans)
    shape: dict[str, Any] = {"color": colour, "transform": moved, "clip_on": False, "solid_capstyle": "butt"}
    for start, end in pairwise(points):
        if _is_jump(start, end):
            axes.plot(*zip(start, end, strict=True), ls=(0, (0.6, 2.4)), lw=1, **shape)
    pieces: list[list[tuple[float, float]]] = [[points[0]]]
    for start, end in pairwise(points):
        if _is_jump(start, end):
            pieces.append([end])
        else:
            pieces[-1] += _dense(start, end) if bends else [end]
    drawn = [axes.plot(*zip(*piece, strict=True), ls=pattern, lw=1.9, **shape)[0] for piece in pieces if len(piece) > 1]
    return drawn[0]


def _is_jump(start: Point, end: Point) -> bool:
    return end[0] - start[0] == 1 and abs(end[1] - start[1]) > 2


def _dense(start: Point, end: Point) -> list[tuple[float, float]]:
    """Points of a line, near enough for it to bend as a logarithmic scale bends it."""
    count = 200
    width, height = end[0] - start[0], end[1] - start[1]
    return [(start[0] + width * n / count, start[1] + height * n / count) for n in range(1, count + 1)]


def _label(group: _Group) -> str:
    """The names, and below them the formula, in lines of the legend's width."""
    formula = signed(next((each.formula for each in group if each.formula), ""))
    texts = [", ".join(each.name for each in group)] + ([formula] if formula else [])
    return "\n".join(line for text in texts for line in lines_within(clean(text), _LEGEND - 60, SMALL))
