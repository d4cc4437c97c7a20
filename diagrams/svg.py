"""A drawing as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

from .drawing import Area, Box, Drawing, Line, Shape, Text
from .metrics import FONT_FAMILY


def render_svg(drawing: Drawing) -> bytes:
    """The drawing as an SVG document, the same bytes every time."""
    width, height = _number(drawing.width), _number(drawing.height)
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "font-family": FONT_FAMILY,
            "role": "img",
        },
    )
    ElementTree.SubElement(root, "title").text = drawing.title
    ElementTree.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "#ffffff"})
    for shape in drawing.shapes:
        _add(root, shape)
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _add(root: ElementTree.Element, shape: Shape) -> None:
    if isinstance(shape, Box):
        ElementTree.SubElement(root, "rect", _box(shape))
    elif isinstance(shape, Line):
        ElementTree.SubElement(root, "path", _line(shape))
    elif isinstance(shape, Area):
        points = " ".join(f"{_number(x)},{_number(y)}" for x, y in shape.points)
        ElementTree.SubElement(root, "polygon", {"points": points, "fill": shape.fill})
    else:
        ElementTree.SubElement(root, "text", _text(shape)).text = shape.text


def _box(box: Box) -> dict[str, str]:
    attributes = {
        "x": _number(box.x),
        "y": _number(box.y),
        "width": _number(box.width),
        "height": _number(box.height),
        "fill": box.fill or "none",
    }
    if box.radius:
        attributes["rx"] = _number(box.radius)
    return attributes | (_pen(box.stroke, box.line_width, box.dashed) if box.stroke else {})


def _line(line: Line) -> dict[str, str]:
    points = [f"{_number(x)} {_number(y)}" for x, y in line.points]
    path = f"M {points[0]} {'C' if line.curved else 'L'} {' '.join(points[1:])}"
    return {"d": path, "fill": "none"} | _pen(line.colour, line.line_width, line.dashed)


def _pen(colour: str, width: float, dashed: bool) -> dict[str, str]:
    pen = {"stroke": colour, "stroke-width": _number(width)}
    return pen | {"stroke-dasharray": "4 3"} if dashed else pen


def _text(text: Text) -> dict[str, str]:
    attributes = {"x": _number(text.x), "y": _number(text.y), "font-size": _number(text.size), "fill": text.colour}
    if text.anchor != "start":
        attributes["text-anchor"] = text.anchor
    return attributes | {"font-weight": "bold"} if text.bold else attributes


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
