"""A drawing as plain data: boxes, lines, areas and texts in points, from the top left corner, first at the bottom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .metrics import text_width

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle, its corners rounded by ``radius``. ``fill`` and ``stroke`` are ``#rrggbb`` or empty for none."""

    x: float
    y: float
    width: float
    height: float
    fill: str = ""
    stroke: str = ""
    radius: float = 0
    line_width: float = 1
    dashed: bool = False


@dataclass(frozen=True)
class Line:
    """A line through ``points``; with ``curved`` a Bézier curve: start, then two control points and an end each."""

    points: tuple[Point, ...]
    colour: str
    line_width: float = 1
    dashed: bool = False
    curved: bool = False


@dataclass(frozen=True)
class Area:
    """A filled polygon."""

    points: tuple[Point, ...]
    fill: str


@dataclass(frozen=True)
class Text:
    """One line of text; ``y`` is its base line, ``x`` its start, middle or end as ``anchor`` says."""

    x: float
    y: float
    text: str
    size: float
    colour: str = "#1f2933"
    anchor: Literal["start", "middle", "end"] = "start"
    bold: bool = False

    @property
    def width(self) -> float:
        """Its width in points in the drawings' own font."""
        return text_width(self.text, self.size, self.bold)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of the line of text."""
        left = self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * self.width
        return left, self.y - 0.8 * self.size, left + self.width, self.y + 0.2 * self.size


Shape = Box | Line | Area | Text


@dataclass(frozen=True)
class Drawing:
    """``shapes`` on a white page of ``width`` by ``height`` points; ``title`` names it to screen readers."""

    width: float
    height: float
    title: str
    shapes: tuple[Shape, ...]

    @property
    def texts(self) -> tuple[Text, ...]:
        """Its texts, in drawing order."""
        return tuple(each for each in self.shapes if isinstance(each, Text))
