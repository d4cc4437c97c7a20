"""The synthetic video: a bar that moves over a coloured ground, as JPEG frames and as plain drawings."""

from __future__ import annotations

import struct
from functools import lru_cache

from switchover.models.language import Message
from switchover.models.spice.protocol import display, drawing

from . import jpeg

_BAR: jpeg.Colour = (235, 128, 128)

#: A filled rectangle (facts: SPICE 1.12 has its number; spice.proto its layout): surface, box, no clip; a solid brush
#: with its colour; "put" as operation; no mask.
_FILL = struct.Struct("<I4iB" + "BI" + "H" + "BiiI")
_SOLID = 1
_PUT = 1 << 3

_SURFACE_FORMAT_XRGB = 32
_TOP_DOWN = 1
_MJPEG = 1
_GROUND = 0x204060
_BAR_COLOUR = 0xE0E0E0
_REPORT_WINDOW = 5
_REPORT_TIMEOUT = 1000


@lru_cache(maxsize=256)
def frame(columns: int, rows: int, number: int) -> bytes:
    """A frame as JPEG. ``number``: 0 to columns - 1, the place of the bar."""
    ground = [_ground(column, columns, row, rows) for row in range(rows) for column in range(columns)]
    picture = [
        [_BAR if column == number else ground[row * columns + column] for column in range(columns)]
        for row in range(rows)
    ]
    return jpeg.encode(picture)


def _ground(column: int, columns: int, row: int, rows: int) -> jpeg.Colour:
    return 64 + 64 * row // rows, 96 + 64 * column // columns, 160 - 64 * row // rows


def surface(width: int, height: int) -> list[Message]:
    """The primary surface, with a ground of one colour."""
    created = display.SurfaceCreate(0, width, height, _SURFACE_FORMAT_XRGB, 1)
    return [created, fill(display.Rect(0, 0, height, width), _GROUND)]


def plain_frame(columns: int, rows: int, number: int) -> list[Message]:
    """A frame as two filled rectangles: the ground, the bar."""
    height, left = rows * jpeg.BLOCK, number * jpeg.BLOCK
    return [
        fill(display.Rect(0, 0, height, columns * jpeg.BLOCK), _GROUND),
        fill(display.Rect(0, left, height, left + jpeg.BLOCK), _BAR_COLOUR),
    ]


def fill(box: display.Rect, colour: int) -> drawing.DrawFill:
    """Fill a rectangle of the primary surface. ``colour``: 0xRRGGBB."""
    corners = (box.top, box.left, box.bottom, box.right)
    return drawing.DrawFill(_FILL.pack(0, *corners, 0, _SOLID, colour, _PUT, 0, 0, 0, 0))


def stream_create(stream: int, width: int, height: int) -> display.StreamCreate:
    """The video begins, in the upper left corner of the primary surface."""
    place = display.Rect(0, 0, height, width)
    return display.StreamCreate(0, stream, _TOP_DOWN, _MJPEG, 0, width, height, width, height, place, None)


def activate_report(stream: int, unique: int) -> display.StreamActivateReport:
    """Reports are wanted as often as libspice-server wants them (facts: SPICE 1.12)."""
    return display.StreamActivateReport(stream, unique, _REPORT_WINDOW, _REPORT_TIMEOUT)
