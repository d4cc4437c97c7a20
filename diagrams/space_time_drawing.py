"""Space-time diagrams as drawings: real time runs down, and each lifeline bears the readings of its own clock."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from switchover.models.language.space_time import Fate, FrameBar, MessageKind, SpaceTime, number_text

from . import palette
from .drawing import Box, Drawing, Line, Shape, Text
from .metrics import clean, lines_within, text_width
from .plotting import picture_format
from .raster import render_raster
from .space_time_columns import (
    GUTTER,
    LABEL,
    MARGIN,
    SMALL,
    Sheet,
    SpaceTimeColumns,
    bar_end,
    place_space_time,
    written,
)
from .space_time_labels import draw_arrow_labels, draw_fate_texts, draw_readings, draw_times
from .space_time_marks import (
    COLOURS,
    DROPPED,
    FILLS,
    SHOWN,
    WAITING,
    arrow_head,
    cross,
    dot,
    legend,
    message_colour,
)
from .svg import render_svg
from .time_axis import TimeAxis, time_axis

#: Points between two frames of a stream, which sets the scale.
_FRAME_GAP = 24.0
_LONGEST_PAGE = 6000.0
_LEAST_WIDTH = 560.0


def draw_space_time(picture: SpaceTime, target: str | Path) -> bytes:
    """A space-time diagram in the format of ``target`` (a format's or a file's name; nothing is written).

    The same bytes every time for ``svg``. Raises ValueError for a format other than ``svg``, ``png`` and ``pdf``,
    DrawingError when the picture cannot be made.
    """
    kind = picture_format(target)
    drawing = space_time_drawing(picture)
    if kind == "svg":
        return render_svg(drawing)
    raster: Literal["png", "pdf"] = "png" if kind == "png" else "pdf"
    return render_raster(drawing, raster)


def space_time_drawing(picture: SpaceTime) -> Drawing:
    """The diagram as a drawing; time is to scale, except where a cut is marked with its length."""
    title, caption = written(picture.title), written(picture.caption)
    columns = place_space_time(picture, max(_LEAST_WIDTH, min(text_width(title, 13, True), 900) + MARGIN))
    heading, top = _heading(title, caption, columns.width)
    header, top = _header(picture, columns, top)
    sheet = Sheet(picture, _axis(picture), columns, top)
    shapes = [
        *heading,
        *_lifelines(sheet),
        *_bars(sheet),
        *_arrows(sheet),
        *draw_readings(sheet),
        *draw_arrow_labels(sheet),
        *_fate_marks(sheet),
        *_cuts(sheet),
        *draw_fate_texts(sheet),
        *draw_times(sheet),
        *header,
    ]
    lowest = max([sheet.bottom + 14, *_lower_edges(shapes)])
    shapes += legend(picture, lowest + 18, columns.width)
    return Drawing(
        columns.width, max(_lower_edges(shapes), default=lowest) + MARGIN, title or "space-time diagram", tuple(shapes)
    )


def _lower_edges(shapes: list[Shape]) -> list[float]:
    return [each.bounds[3] for each in shapes if isinstance(each, Text)]


def _axis(picture: SpaceTime) -> TimeAxis:
    axis = time_axis(picture.moments, _FRAME_GAP / picture.frame_gap, picture.longest_gap)
    if axis.length <= _LONGEST_PAGE:
        return axis
    return time_axis(picture.moments, axis.scale * _LONGEST_PAGE / axis.length, picture.longest_gap)


def _heading(title: str, caption: str, width: float) -> tuple[list[Shape], float]:
    shapes: list[Shape] = []
    y = MARGIN
    for text, size, bold in ((title, 13.0, True), (caption, LABEL, False)):
        for line in lines_within(text, width - 2 * MARGIN, size, bold) if text else ():
            y += size * 1.35
            shapes.append(Text(MARGIN, y - 3, line, size, palette.INK if bold else palette.FAINT, bold=bold))
    return shapes, y + 8


def _header(picture: SpaceTime, columns: SpaceTimeColumns, top: float) -> tuple[list[Shape], float]:
    shapes: list[Shape] = [
        Text(GUTTER, top + 14, "real time", SMALL, palette.FAINT, "end"),
        Text(GUTTER, top + 26, "(ms)", SMALL, palette.FAINT, "end"),
    ]
    for lifeline, x in zip(picture.lifelines, columns.centres, strict=True):
        name, clock = clean(lifeline.name), clean(lifeline.clock)
        clock = f"{clock} (ms)" if clock else ""
        width = max(text_width(name, LABEL, True), text_width(clock, SMALL)) + 16
        shapes.append(Box(x - width / 2, top, width, 32, palette.STATE_FILL, palette.STATE_STROKE, 4))
        shapes.append(Text(x, top + (13 if clock else 20), name, LABEL, palette.INK, "middle", True))
        if clock:
            shapes.append(Text(x, top + 26, clock, SMALL, palette.FAINT, "middle"))
    return shapes, top + 32 + 18


def _lifelines(sheet: Sheet) -> list[Shape]:
    return [
        Line(((x, sheet.top - 18), (x, sheet.bottom + 14)), palette.STATE_STROKE, 1.2) for x in sheet.columns.centres
    ]


def _bars(sheet: Sheet) -> list[Shape]:
    shapes: list[Shape] = []
    last = sheet.picture.moments[-1]
    for number, frame in enumerate(sheet.picture.frames):
        if number not in sheet.columns.lanes:
            continue
        x = sheet.frame_x(number)
        start = sheet.y(frame.arrived_at)
        end = sheet.y(bar_end(frame, last) if frame.ended_at is None else frame.ended_at)
        shapes.append(Line(((sheet.x(frame.lifeline), start), (x, start)), palette.HAIRLINE, 0.8))
        shapes.append(Box(x - 2.5, start, 5, max(end - start, 1), FILLS[frame.fate], COLOURS[frame.fate], 0, 0.6))
        for schedule in frame.forestalled:
            due = sheet.y(schedule.due_at)
            shapes.append(Line(((x, end), (x, due)), WAITING, 1, dashed=True))
            shapes.append(Line(((x - 3.5, due), (x + 3.5, due)), WAITING, 1.4))
    return shapes


def _arrows(sheet: Sheet) -> list[Shape]:
    shapes: list[Shape] = []
    for message in sheet.picture.messages:
        (x, y), (end_x, end_y) = sheet.ends(message)
        colour = message_colour(sheet.picture, message)
        width = 1.6 if message.kind is MessageKind.CLOCK else 1.0
        shapes.append(Line(((x, y), (end_x, end_y)), colour, width, dashed=message.kind is MessageKind.OTHER))
        if message.received_at is None:
            shapes += cross((end_x, end_y), colour)
        else:
            shapes.append(arrow_head((x, y), (end_x, end_y), colour))
    return shapes


def _fate_marks(sheet: Sheet) -> list[Shape]:
    return [mark for number, frame in enumerate(sheet.picture.frames) for mark in _fate_mark(sheet, number, frame)]


def _fate_mark(sheet: Sheet, number: int, frame: FrameBar) -> list[Shape]:
    if frame.ended_at is None:
        return []
    at = (sheet.frame_x(number), sheet.y(frame.ended_at))
    return [dot(at, SHOWN, 3.6)] if frame.fate is Fate.SHOWN else cross(at, DROPPED)


def _cuts(sheet: Sheet) -> list[Shape]:
    """Over everything: a white strip with a torn edge for each stretch of time that is cut short."""
    shapes: list[Shape] = []
    left, right = MARGIN, sheet.columns.width - MARGIN
    for each in sheet.axis.breaks:
        middle = (sheet.y(each.start) + sheet.y(each.end)) / 2
        shapes.append(Box(left, middle - 7, right - left, 14, palette.PAPER))
        for y in (middle - 7, middle + 7):
            teeth = [
                (left + step * 5.0, y + (1.6 if step % 2 else -1.6)) for step in range(int((right - left) / 5) + 1)
            ]
            shapes.append(Line(tuple(teeth), palette.HAIRLINE, 0.8))
        text = f"{number_text(each.length)} ms cut out"
        shapes.append(Text((left + right) / 2, middle + 3, text, SMALL, palette.FAINT, "middle", True))
    return shapes
