"""How long clients were without picture, as a plot: for each way to hand over, how many took at most so long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .legend import draw_above, room_above
from .palette import FAINT
from .plotting import Page, draw_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

#: Told apart without colour as well.
_PENS = (("#1f4e79", "solid"), ("#b91c1c", "dashed"), ("#15803d", "dotted"))

#: Of the axes, in points; and of a line's sample in the legend, in sizes of its font: long enough for its pattern.
_WIDTH, _SIGN = 520.0, 4.0


def draw_handovers(blackouts: Mapping[str, Sequence[float]], target: str | Path, *, title: str = "") -> bytes:
    """The share of handovers whose blackout was at most so long, a line for each method, in the format of ``target``.

    ``blackouts``: seconds of each handover, by method. Raises ValueError for an unknown format, or when there are none.
    """
    if not blackouts or not all(blackouts.values()):
        raise ValueError("handover plot: it takes one blackout or more of each method")
    caption = ["Blackout: from the source's last picture to the target's first. Marked: the median, and 95 %."]
    labels = [f"{method}, {len(values):,}" for method, values in blackouts.items()]
    page = Page(width=_WIDTH, over=room_above(labels, _WIDTH, _SIGN))
    title = title or "Time without picture"
    return draw_plot(target, title, caption, lambda axes: _draw(axes, list(blackouts.values()), labels), page)


def _draw(axes: Axes, blackouts: Sequence[Sequence[float]], labels: Sequence[str]) -> None:
    lines: list[Line2D] = []
    for values, label, (colour, pattern) in zip(blackouts, labels, _PENS, strict=False):
        ordered = [1000 * each for each in sorted(values)]
        share = [100 * (number + 1) / len(ordered) for number in range(len(ordered))]
        look: dict[str, Any] = {"drawstyle": "steps-post", "color": colour, "ls": pattern, "label": label}
        lines += axes.plot([ordered[0], *ordered], [0, *share], **look)
    for height in (50, 95):
        axes.axhline(height, color=FAINT, lw=0.6, ls=":")
    axes.set_xlabel("blackout (ms)")
    axes.set_ylabel("handovers (%)")
    axes.set_xlim(left=0)
    axes.set_ylim(0, 102)
    axes.grid(True)
    # Within the axes no place is free of every curve.
    draw_above(axes, lines, _WIDTH, _SIGN)
