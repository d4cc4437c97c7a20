"""Legends above the axes of a plot, in as many rows as the width of its page needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .metrics import clean, lines_within, text_width
from .plotting import SMALL

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

#: Points: above and below all rows, of a line of text, and between texts beside the sign of each.
_AROUND, _LINE, _GAP = 7.0, 13.0, 21.0


def room_above(labels: Sequence[str], width: float, sign: float = 1.6) -> float:
    """The height in points of a legend of these labels above axes of this ``width``; ``sign`` as for ``draw_above``."""
    return _AROUND + _LINE * len(_rows(labels, width, sign))


def draw_above(axes: Axes, handles: Sequence[Artist], width: float, sign: float = 1.6) -> None:
    """The handles with their labels, above axes of ``width`` points. ``sign``: the width of a handle, in font sizes."""
    from matplotlib.lines import Line2D
    from matplotlib.transforms import ScaledTranslation

    figure = axes.get_figure(root=True)
    assert figure is not None
    nothing = Line2D([], [], ls="")
    rows = _rows([str(each.get_label()) for each in handles], width, sign)
    for below, row in zip(reversed(range(len(rows))), rows, strict=True):
        if (last := axes.get_legend()) is not None:
            # The next legend takes the place of the last, unless that is added; what is added is cut at the axes.
            axes.add_artist(last).set_clip_on(False)
        shown = [nothing if each.number is None else handles[each.number] for each in row]
        place: dict[str, Any] = {
            "loc": "lower left",
            "bbox_to_anchor": (0, 1),
            "bbox_transform": axes.transAxes + ScaledTranslation(0, below * _LINE / 72, figure.dpi_scale_trans),
            "borderaxespad": 0.3,
        }
        texts = [each.text for each in row]
        axes.legend(shown, texts, ncols=len(row), handlelength=sign, columnspacing=1.4, fontsize=SMALL, **place)


@dataclass(frozen=True)
class _Line:
    """A line of a label; ``number``: which label's first line it is, or None."""

    number: int | None
    text: str


def _rows(labels: Sequence[str], width: float, sign: float) -> list[list[_Line]]:
    """As many labels in a row as it has room for; one that is longer than a row has rows of its own."""
    beside = sign * SMALL + _GAP
    rows: list[list[_Line]] = []
    taken = width
    for number, label in enumerate(labels):
        first, *more = lines_within(clean(label), width - beside, SMALL)
        needed = width if more else beside + text_width(first, SMALL)
        if not rows or taken + needed > width:
            rows.append([])
            taken = 0
        rows[-1].append(_Line(number, first))
        rows += [[_Line(None, text)] for text in more]
        taken += needed
    return rows
