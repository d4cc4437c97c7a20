"""What is written in a space-time diagram: readings, labels and fates, moved apart where they would overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from switchover.models.language.space_time import FrameBar, MessageKind, TimedMessage, due_text, fate_text, number_text

from . import palette
from .drawing import Box, Line, Shape, Text
from .metrics import text_width
from .space_time_columns import GUTTER, SMALL, Sheet, bar_end, jump_is_right, points_right, written
from .space_time_marks import CLOCK, COLOURS, WAITING, diamond, event_mark, message_colour
from .time_axis import spread

_ROW = 11.0


@dataclass(frozen=True)
class _Note:
    """A text beside a lifeline, and at which height it is wanted."""

    y: float
    text: str
    colour: str = palette.INK
    bold: bool = False


def draw_readings(sheet: Sheet) -> list[Shape]:
    """Marks on the lifelines, and beside them what happens there and what the clock shows."""
    shapes: list[Shape] = []
    for lifeline in sheet.picture.lifelines:
        x = sheet.x(lifeline.name)
        events = sorted((each for each in sheet.picture.events if each.lifeline == lifeline.name), key=lambda e: e.at)
        jumps = sorted((each for each in sheet.picture.jumps if each.lifeline == lifeline.name), key=lambda e: e.at)
        left = [_Note(sheet.y(each.at), each.text) for each in events]
        right: list[_Note] = []
        for jump in jumps:
            y = sheet.y(jump.at)
            shown = [_Note(y, jump.text, CLOCK, True)] + ([_Note(y + 1, jump.label, CLOCK)] if jump.label else [])
            (right if jump_is_right(sheet.picture, lifeline.name) else left).extend(shown)
        shapes += [*_beside(left, x, right=False), *_beside(right, x, right=True)]
        shapes += [event_mark((x, sheet.y(each.at)), each.kind) for each in events]
        shapes += [diamond((x, sheet.y(each.at)), CLOCK) for each in jumps]
    return shapes


def _beside(notes: list[_Note], x: float, right: bool) -> list[Shape]:
    shapes: list[Shape] = []
    side = 1 if right else -1
    anchor: Literal["start", "end"] = "start" if right else "end"
    notes = sorted(notes, key=lambda each: each.y)
    for note, y in zip(notes, spread([each.y for each in notes], _ROW), strict=True):
        if note.text:
            shapes += _on_paper(Text(x + 12 * side, y + 3, written(note.text), SMALL, note.colour, anchor, note.bold))
        if abs(y - note.y) > 2:
            shapes.append(Line(((x + 10 * side, y), (x + 5 * side, note.y)), palette.FAINT, 0.6))
    return shapes


def _on_paper(text: Text) -> list[Shape]:
    """A text on a white ground: lines behind it do not cross it."""
    left, top, right, bottom = text.bounds
    return [Box(left - 2, top, right - left + 4, bottom - top, palette.PAPER), text]


def draw_fate_texts(sheet: Sheet) -> list[Shape]:
    """To the right of the lanes what became of the frames, with a thin line from each to its mark."""
    leaders: list[Shape] = []
    texts: list[Shape] = []
    for place, lifeline in enumerate(sheet.picture.lifelines):
        found = [note for each in sheet.picture.ended_together(lifeline.name) for note in _notes_of(sheet, each)]
        found.sort(key=lambda each: each[1].y)
        start = sheet.columns.fates(place)
        for (x, note), y in zip(found, spread([note.y for _, note in found], _ROW), strict=True):
            leaders.append(Line(((x + 4, note.y), (start - 10, note.y), (start - 2, y)), palette.HAIRLINE, 0.7))
            texts.append(Text(start, y + 3, written(note.text), SMALL, note.colour))
    return [*leaders, *texts]


def _notes_of(sheet: Sheet, frames: tuple[FrameBar, ...]) -> list[tuple[float, _Note]]:
    """What is written about frames that end together, and from where: their fate, and when they were due instead."""
    places = [sheet.frame_x(sheet.picture.frames.index(frame)) for frame in frames]
    due = [
        (x, _Note(sheet.y(schedule.due_at), due_text(frame), WAITING))
        for x, frame in zip(places, frames, strict=True)
        for schedule in frame.forestalled
    ]
    ended = sheet.y(bar_end(frames[0], sheet.picture.moments[-1]) if frames[0].ended_at is None else frames[0].ended_at)
    return [(max(places), _Note(ended, fate_text(frames), COLOURS[frames[0].fate])), *due]


def draw_arrow_labels(sheet: Sheet) -> list[Shape]:
    """Labels of arrows, beside their senders: on the right for those that go right, else under their start."""
    shapes: list[Shape] = []
    for lifeline in sheet.picture.lifelines:
        for right in (True, False):
            sent = [
                each
                for each in sheet.picture.messages
                if each.sender == lifeline.name and points_right(sheet.picture, each) is right and each.label
            ]
            shapes += _labels_of(sheet, sent, right)
    return shapes


def _labels_of(sheet: Sheet, sent: list[TimedMessage], right: bool) -> list[Shape]:
    wanted: list[tuple[float, int]] = []
    for number, message in enumerate(sent):
        (x, y), (end_x, end_y) = sheet.ends(message)
        middle = 12 + text_width(written(message.label), SMALL) / 2
        slope = (end_y - y) / (abs(end_x - x) or 1.0)
        # Above the line where it is nearly level; where it is steep the label stands at its start.
        wanted.append((y + min(slope * middle, 8) - 3.5, number))
    wanted.sort()
    shapes: list[Shape] = []
    for (_, number), y in zip(wanted, spread([each[0] for each in wanted], _ROW), strict=True):
        message = sent[number]
        x = sheet.x(message.sender) + (12 if right else -12)
        bold = message.kind is MessageKind.CLOCK
        anchor: Literal["start", "end"] = "start" if right else "end"
        shapes += _on_paper(
            Text(x, y, written(message.label), SMALL, message_colour(sheet.picture, message), anchor, bold)
        )
    return shapes


def draw_times(sheet: Sheet) -> list[Shape]:
    """The time axis at the left."""
    shapes: list[Shape] = []
    for moment in sheet.axis.ticks(20):
        y = sheet.y(moment)
        shapes.append(Text(GUTTER, y + 3, written(number_text(moment)), SMALL, palette.FAINT, "end"))
        shapes.append(Line(((GUTTER + 4, y), (GUTTER + 9, y)), palette.HAIRLINE, 0.8))
    return shapes
