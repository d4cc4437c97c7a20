"""What plots share: a page with a title, one pair of axes and a caption, drawn by matplotlib without a display."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .draw import format_of
from .metrics import clean, lines_within
from .palette import FAINT, HAIRLINE, INK
from .raster import RESOLUTION

# matplotlib takes half a second to import: only who draws a plot waits for it.
if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: The formats of plots and space-time diagrams.
PICTURE_FORMATS = ("svg", "png", "pdf")

TITLE, LABEL, SMALL = 13.0, 10.0, 9.0
_MARGIN = 14.0
_LEFT, _BELOW = 74.0, 46.0
_LINE_HEIGHT = 1.35

#: The font comes with matplotlib as well; SVG keeps texts as texts, and its identifiers come from a fixed salt.
_SETTINGS: dict[Any, Any] = {
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": SMALL,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": LABEL,
    "axes.linewidth": 0.8,
    "axes.unicode_minus": True,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": HAIRLINE,
    "grid.linewidth": 0.5,
    "grid.alpha": 0.6,
    "legend.frameon": False,
    "legend.fontsize": SMALL,
    "hatch.linewidth": 0.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "switchover",
    "pdf.fonttype": 42,
    "path.simplify": False,
}

#: What would make two pictures of the same data differ: the date, and the library's version.
_UNDATED: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True)
class Page:
    """The size of the axes in points, and the room for a legend above (``over``) or to the right (``beside``)."""

    width: float = 520
    height: float = 340
    over: float = 0
    beside: float = 0


def picture_format(target: str | Path) -> str:
    """``svg``, ``png`` or ``pdf``, by a format's or a file's name. Raises ValueError for any other."""
    try:
        found = format_of(target)
    except ValueError:
        found = ""
    if found not in PICTURE_FORMATS:
        raise ValueError(f"{str(target)!r}: no such picture format; there are {', '.join(PICTURE_FORMATS)}")
    return found


def draw_plot(
    target: str | Path, title: str, caption: Sequence[str], draw: Callable[[Axes], None], page: Page
) -> bytes:
    """A page on which ``draw`` fills the axes; ``caption`` is paragraphs below them, each wrapped to the page.

    Gives the picture in the format of ``target`` (a format's or a file's name; nothing is written), the same bytes
    every time. Raises ValueError for an unknown format.
    """
    kind = picture_format(target)
    import matplotlib
    from matplotlib.figure import Figure

    width = _LEFT + page.width + page.beside + _MARGIN
    room = width - 2 * _MARGIN
    heading = lines_within(clean(title), room, TITLE, bold=True) if title else []
    below = [line for paragraph in caption for line in lines_within(clean(paragraph), room, SMALL)]
    over = _MARGIN + len(heading) * TITLE * _LINE_HEIGHT + page.over + 6
    under = _BELOW + len(below) * SMALL * _LINE_HEIGHT + _MARGIN
    height = over + page.height + under
    with matplotlib.rc_context(_SETTINGS):
        figure = Figure(figsize=(width / 72, height / 72))
        for number, line in enumerate(heading):
            y = height - _MARGIN - number * TITLE * _LINE_HEIGHT
            figure.text(_MARGIN / width, y / height, line, fontsize=TITLE, fontweight="bold", va="top")
        for number, line in enumerate(below):
            y = under - _BELOW - number * SMALL * _LINE_HEIGHT
            figure.text(_MARGIN / width, y / height, line, fontsize=SMALL, va="top")
        draw(figure.add_axes((_LEFT / width, under / height, page.width / width, page.height / height)))
        written = BytesIO()
        metadata = _UNDATED[kind] | {"Title": clean(title) or "plot"}
        figure.savefig(written, format=kind, metadata=metadata, dpi=RESOLUTION)
    return written.getvalue()


def signed(text: str) -> str:
    """``text`` as pictures show it: real minus and relation signs for those of program texts."""
    return text.replace("<=", "≤").replace(">=", "≥").replace("-", "−").replace("*", "·")
