"""Regions as plots: where a property fails, over two of its quantities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from switchover.models.language.region import Condition, Quantity, Region, Values, formula_text

from .legend import draw_above, room_above
from .palette import FAILURE, FAINT, HAIRLINE, INK, PAPER
from .plotting import Page, draw_plot, signed
from .polygons import HalfPlane, Polygon, box, clip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Range = tuple[int, int]

#: Deeper than the fill of failures elsewhere: it is told from white in print as well.
_FILL = "#f8cfcf"

#: A formula of more signs than this is cut in the caption: a picture is no place to read it.
_LONGEST_FORMULA = 600

#: Of the axes, in points.
_WIDTH = 520.0


@dataclass(frozen=True)
class RegionPlot:
    """What a region plot shows, in the quantities' own units (ms, as a rule).

    ``failing``: a polygon for each alternative that reaches into the ranges; they may overlap. ``assumed``: the part of
    the ranges that the assumptions allow. An integer point that they allow lies in a failing polygon, edges
    included, exactly when the property fails there.
    """

    region: Region
    x: Quantity
    y: Quantity
    x_range: Range
    y_range: Range
    fixed: tuple[tuple[str, int], ...]
    failing: tuple[Polygon, ...]
    assumed: Polygon
    example: tuple[tuple[str, int], ...] = ()

    @property
    def is_partly_assumed(self) -> bool:
        """Whether the assumptions exclude a part of the ranges."""
        return set(self.assumed) != set(box(self.x_range, self.y_range))

    @property
    def shows_example(self) -> bool:
        """Whether there is an example and it lies in the ranges."""
        point = dict(self.example)
        axes = ((self.x, self.x_range), (self.y, self.y_range))
        return bool(point) and all(low <= point[axis.name] <= high for axis, (low, high) in axes)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data: the axes, the fixed values, and polygons as lists of ``[x, y]``."""
        return {
            "x": vars(self.x) | {"range": list(self.x_range)},
            "y": vars(self.y) | {"range": list(self.y_range)},
            "fixed": dict(self.fixed),
            "fails": str(self.region),
            "polygons": [_corners_json(each) for each in self.failing],
            "assumed": _corners_json(self.assumed),
            "example": dict(self.example) or None,
        }


def region_plot(
    region: Region,
    x: str,
    y: str,
    *,
    fixed: Values | None = None,
    ranges: Mapping[str, Range] | None = None,
    example: Values | None = None,
) -> RegionPlot:
    """The polygons of a region over the quantities ``x`` and ``y``, the others having the values in ``fixed``.

    ``ranges`` are the axes' ends by quantity; one that is not given takes in every edge, and the example. ``example``
    has the values of a trace: it is a point of the plot, and fixes the others where ``fixed`` does not.
    Raises ValueError when a quantity is unknown, named twice, without a value, or its range is empty.
    """
    by_name = {each.name: each for each in region.quantities}
    _check_names(by_name, x, y, fixed, ranges, example)
    known = dict(example or {}) | dict(fixed or {})
    missing = [name for name in by_name if name not in (x, y) and name not in known]
    if missing:
        raise ValueError(f"region plot over {x} and {y}: {', '.join(missing)} needs a fixed value")
    values = {name: known[name] for name in by_name if name not in (x, y)}
    alternatives = [_half_planes(each, x, y, values) for each in region.failing]
    within = _half_planes(region.within, x, y, values) + _bounds(by_name[x], by_name[y])
    edges = [edge for each in (*alternatives, within) for edge in each]
    x_range, y_range = (_range(by_name[name], ranges, edges, name == x, example) for name in (x, y))
    assumed = clip(box(x_range, y_range), within)
    failing = tuple(polygon for each in alternatives if (polygon := clip(assumed, each)))
    point = {name: example[name] for name in by_name} if example else {}
    return RegionPlot(
        region,
        by_name[x],
        by_name[y],
        x_range,
        y_range,
        tuple(values.items()),
        failing,
        assumed,
        tuple(point.items()),
    )


def draw_region(
    region: Region,
    x: str,
    y: str,
    target: str | Path,
    *,
    fixed: Values | None = None,
    ranges: Mapping[str, Range] | None = None,
    example: Values | None = None,
    title: str = "",
) -> bytes:
    """The failing set of a region as a shaded area, in the format of ``target`` (nothing is written).

    The other parameters, and the errors raised, are those of ``region_plot``; ValueError for an unknown format too.
    """
    return draw_region_plot(region_plot(region, x, y, fixed=fixed, ranges=ranges, example=example), target, title)


def draw_region_plot(plot: RegionPlot, target: str | Path, title: str = "") -> bytes:
    """A region plot as ``svg``, ``png`` or ``pdf``, the same bytes every time. Raises ValueError for another format."""
    title = title or f"Where it fails, over {plot.x.name} and {plot.y.name}"
    page = Page(width=_WIDTH, over=room_above(_labels(plot), _WIDTH))
    return draw_plot(target, title, _caption(plot), lambda axes: _fill(axes, plot), page)


def axis_label(quantity: Quantity) -> str:
    """``D: destination clock minus source clock (ms)``."""
    return f"{quantity.name}: {quantity.meaning} ({quantity.unit})"


def values_text(quantities: Sequence[Quantity], values: Values, meanings: bool = False) -> str:
    """``L = 400 ms, W = 700 ms``, in the quantities' order; with ``meanings`` what each one is, in brackets."""
    shown = [
        f"{each.name} = {values[each.name]} {each.unit}" + (f" ({each.meaning})" if meanings else "")
        for each in quantities
        if each.name in values
    ]
    return ", ".join(shown)


def _check_names(
    by_name: Mapping[str, Quantity],
    x: str,
    y: str,
    fixed: Values | None,
    ranges: Mapping[str, Range] | None,
    example: Values | None,
) -> None:
    if x == y:
        raise ValueError(f"region plot: both axes are {x}; it takes two quantities")
    for name in (x, y, *(fixed or ()), *(ranges or ())):
        if name not in by_name:
            raise ValueError(f"region plot: no quantity {name!r}; there are {', '.join(by_name)}")
    lacking = [name for name in by_name if example and name not in example]
    if lacking:
        raise ValueError(f"region plot: the example has no value of {', '.join(lacking)}")


def _half_planes(conditions: Sequence[Condition], x: str, y: str, values: Values) -> list[HalfPlane]:
    planes: list[HalfPlane] = []
    for condition in conditions:
        factors = dict(condition.linear.coefficients)
        rest = sum(factor * values[name] for name, factor in factors.items() if name not in (x, y))
        plane = HalfPlane(factors.get(x, 0), factors.get(y, 0), condition.linear.constant + rest)
        planes += [plane, plane.opposite()] if condition.equal else [plane]
    return planes


def _bounds(x: Quantity, y: Quantity) -> list[HalfPlane]:
    planes: list[HalfPlane] = []
    for quantity, (along_x, along_y) in ((x, (1, 0)), (y, (0, 1))):
        if quantity.low is not None:
            planes.append(HalfPlane(-along_x, -along_y, quantity.low))
        if quantity.high is not None:
            planes.append(HalfPlane(along_x, along_y, -quantity.high))
    return planes


def _range(
    quantity: Quantity,
    ranges: Mapping[str, Range] | None,
    edges: Sequence[HalfPlane],
    is_x: bool,
    example: Values | None,
) -> Range:
    point = abs(example[quantity.name]) if example else 0
    low, high = (ranges or {}).get(quantity.name) or _range_of_edges(quantity, edges, is_x, point)
    if low >= high:
        raise ValueError(f"region plot: the range of {quantity.name}, {low} to {high}, is empty")
    return low, high


def _range_of_edges(quantity: Quantity, edges: Sequence[HalfPlane], is_x: bool, point: int) -> Range:
    """From one bound of the quantity to the other; where it has none, half as far again as the farthest edge, and so
    far that ``point``, the size of an example's value, is in it.
    """
    factors = [(edge.x if is_x else edge.y, edge.constant) for edge in edges]
    reach = max((abs(Fraction(constant, factor)) for factor, constant in factors if factor), default=Fraction(0))
    extent = max(int(reach * 3 / 2), point + point // 8, 10)
    low = -extent if quantity.low is None else quantity.low
    return low, max(low + 10, extent) if quantity.high is None else quantity.high


def _corners_json(polygon: Polygon) -> list[list[int | float]]:
    return [[_plain(x), _plain(y)] for x, y in polygon]


def _plain(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)


def _caption(plot: RegionPlot) -> list[str]:
    formula = formula_text(plot.region.failing, plot.region.names)
    if len(formula) > _LONGEST_FORMULA:
        cut = formula[:_LONGEST_FORMULA].rsplit(" or ", 1)[0]
        formula = f"{cut} or … ({len(plot.region.failing)} alternatives)"
    caption = [f"Fails {'' if formula in ('never', 'always') else 'exactly when '}{signed(formula)}."]
    if plot.fixed:
        caption.append(f"Fixed: {signed(values_text(plot.region.quantities, dict(plot.fixed), meanings=True))}.")
    if plot.region.within:
        assumed = " and ".join(each.text(plot.region.names) for each in plot.region.within)
        caption.append(f"Assumed: {signed(assumed)}.")
    return caption


def _fill(axes: Axes, plot: RegionPlot) -> None:
    # As floats: matplotlib takes no integers of more than 64 bits.
    axes.set_xlim(*map(float, plot.x_range))
    axes.set_ylim(*map(float, plot.y_range))
    axes.set_xlabel(signed(axis_label(plot.x)))
    axes.set_ylabel(signed(axis_label(plot.y)))
    axes.set_axisbelow(False)
    # The power of ten over the numbers of the vertical axis: left of the legend.
    power = axes.yaxis.get_offset_text()
    power.set_horizontalalignment("right")
    if plot.is_partly_assumed:
        axes.fill(*_floats(box(plot.x_range, plot.y_range)), facecolor="#f1f3f6", hatch="///", edgecolor=HAIRLINE, lw=0)
        axes.fill(*_floats(plot.assumed), facecolor=PAPER, lw=0)
    # All the edges lie under all the areas: only those of the union are seen.
    for polygon in plot.failing:
        dot = "o" if len(polygon) == 1 else ""
        axes.plot(*_floats((*polygon, polygon[0])), color=FAILURE, lw=2.6, marker=dot, ms=5, zorder=1.2)
    for polygon in (each for each in plot.failing if len(each) > 2):
        axes.fill(*_floats(polygon), facecolor=_FILL, lw=0, zorder=1.3)
    axes.grid(True)
    for line in (axes.axhline, axes.axvline):
        line(0, color=FAINT, lw=0.8)
    _point(axes, plot)
    _legend(axes, plot)


def _point(axes: Axes, plot: RegionPlot) -> None:
    if plot.shows_example:
        at = dict(plot.example)
        style: dict[str, Any] = {"marker": "D", "color": INK, "markersize": 6, "clip_on": False, "zorder": 5}
        axes.plot([float(at[plot.x.name])], [float(at[plot.y.name])], linestyle="", **style)


def _labels(plot: RegionPlot) -> list[str]:
    """What the legend calls the areas, and the example."""
    labels = ["fails", "holds"]
    if plot.is_partly_assumed:
        labels.append("excluded by assumption")
    if plot.shows_example:
        labels.append(f"example trace: {signed(values_text((plot.x, plot.y), dict(plot.example)))}")
    return labels


def _legend(axes: Axes, plot: RegionPlot) -> None:
    from matplotlib.artist import Artist
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    shown: list[Artist] = [Patch(facecolor=_FILL, edgecolor=FAILURE), Patch(facecolor=PAPER, edgecolor=FAINT)]
    if plot.is_partly_assumed:
        shown.append(Patch(facecolor="#f1f3f6", hatch="///", edgecolor=HAIRLINE))
    if plot.shows_example:
        shown.append(Line2D([], [], color=INK, marker="D", ls=""))
    for handle, label in zip(shown, _labels(plot), strict=True):
        handle.set_label(label)
    draw_above(axes, shown, _WIDTH)


def _floats(polygon: Polygon) -> tuple[list[float], list[float]]:
    return [float(x) for x, _ in polygon], [float(y) for _, y in polygon]
