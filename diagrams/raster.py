"""A drawing as PNG or PDF, through the Cairo that comes with the bundled Graphviz."""

from __future__ import annotations

from typing import Literal

from .bundled import run_graphviz
from .drawing import Area, Box, Drawing, Line, Point, Shape, Text
from .metrics import FONT_NAME

#: Pixels per inch of a PNG: readable when it is shown at its own size.
RESOLUTION = 120


def render_raster(drawing: Drawing, output: Literal["png", "pdf"]) -> bytes:
    """The drawing as PNG or PDF. Raises DrawingError when it cannot be made."""
    return run_graphviz(drawing_source(drawing), output, "nop2", RESOLUTION if output == "png" else None)


def drawing_source(drawing: Drawing) -> str:
    """The drawing as a graph of two unseen corners, with everything else in its background.

    Graphviz draws a graph's ``_background`` (operations of its xdot language) as it stands.
    """
    background = " ".join(_operations(shape, drawing.height) for shape in drawing.shapes)
    corners = f'a [pos="0,0"]; b [pos="{drawing.width:.2f},{drawing.height:.2f}"];'
    page = f'pad=0; bgcolor="#ffffff"; _background={_quoted(background)};'
    return f'digraph {{ {page} node [shape=point, style=invis, width=0, height=0, label=""]; {corners} }}'


#: The longest string that Graphviz reads in one piece is 16 kB; longer ones are written as sums.
_PIECE = 4000


def _quoted(text: str) -> str:
    pieces = (text[start : start + _PIECE] for start in range(0, max(len(text), 1), _PIECE))
    return " + ".join('"' + piece.replace('"', '\\"') + '"' for piece in pieces)


def _operations(shape: Shape, height: float) -> str:
    if isinstance(shape, Text):
        return _text(shape, height)
    if isinstance(shape, Line):
        kind = "B" if shape.curved else "L"
        return f"{_pen(shape.colour, shape.line_width, shape.dashed)} {kind} {_points(shape.points, height)}"
    if isinstance(shape, Area):
        return f"{_pen(shape.fill, 1, False)} {_colour('C', shape.fill)} P {_points(shape.points, height)}"
    return _box(shape, height)


def _box(box: Box, height: float) -> str:
    outline = _rounded(box) if box.radius else _corners(box)
    points = _points(outline, height)
    done = []
    if box.fill:
        # A curve's inside is filled by "b"; its outline is drawn with it, hence the pen in the colour of the fill.
        pen = _pen(box.stroke or box.fill, box.line_width, box.dashed)
        done.append(f"{pen} {_colour('C', box.fill)} {'b' if box.radius else 'P'} {points}")
    elif box.stroke:
        done.append(f"{_pen(box.stroke, box.line_width, box.dashed)} {'B' if box.radius else 'p'} {points}")
    return " ".join(done)


def _corners(box: Box) -> tuple[Point, ...]:
    right, bottom = box.x + box.width, box.y + box.height
    return (box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)


def _rounded(box: Box) -> tuple[Point, ...]:
    corners = _corners(box)
    radius = min(box.radius, box.width / 2, box.height / 2)
    points: list[Point] = []
    for number, corner in enumerate(corners):
        before = _toward(corner, corners[number - 1], radius)
        after = _toward(corner, corners[(number + 1) % 4], radius)
        if points:
            points += [points[-1], before, before]
        else:
            points.append(before)
        points += [_toward(corner, before, radius * 0.45), _toward(corner, after, radius * 0.45), after]
    return (*points, points[-1], points[0], points[0])


def _toward(start: Point, end: Point, distance: float) -> Point:
    length = max(abs(end[0] - start[0]) + abs(end[1] - start[1]), 1e-9)
    share = distance / length
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _text(text: Text, height: float) -> str:
    anchor = {"start": -1, "middle": 0, "end": 1}[text.anchor]
    font = f"F {text.size:.2f} {len(FONT_NAME)} -{FONT_NAME} t {int(text.bold)} {_colour('c', text.colour)}"
    place = f"T {text.x:.2f} {height - text.y:.2f} {anchor} {text.width:.2f}"
    # DOT cannot write a backslash before a quotation mark; this sign looks the same.
    written = text.text.replace("\\", "∖")
    return f"{font} {place} {len(written.encode('utf-8'))} -{written}"


def _pen(colour: str, width: float, dashed: bool) -> str:
    style = f"setlinewidth({width:g})"
    return f"{_colour('c', colour)} S {len(style)} -{style} {'S 6 -dashed' if dashed else 'S 5 -solid'}"


def _colour(operation: str, colour: str) -> str:
    return f"{operation} {len(colour)} -{colour}"


def _points(points: tuple[Point, ...], height: float) -> str:
    return f"{len(points)} " + " ".join(f"{x:.2f} {height - y:.2f}" for x, y in points)
