"""Marks of space-time diagrams: the signs of events and of frames' ends, their colours, and the legend of them."""

from __future__ import annotations

from switchover.models.language.space_time import EventKind, Fate, MessageKind, SpaceTime, TimedMessage

from . import palette
from .drawing import Area, Box, Line, Point, Shape, Text
from .metrics import text_width
from .space_time_columns import MARGIN, SMALL, has_bar

SHOWN, DROPPED, WAITING = palette.REACHED, palette.FAILURE, "#b45309"
FILLS = {Fate.SHOWN: "#bfe3cb", Fate.DROPPED: "#f3c4c4", Fate.WAITING: "#f5dfb8"}
COLOURS = {Fate.SHOWN: SHOWN, Fate.DROPPED: DROPPED, Fate.WAITING: WAITING}
CLOCK = "#6d28d9"
#: Frames by their sender's place.
FRAMES = ("#0f766e", "#1f4e79", "#5b6472")


def event_mark(at: Point, kind: EventKind) -> Shape:
    """What happens at a lifeline."""
    if kind is EventKind.STAMPED:
        return dot(at, palette.INK, 2.6)
    if kind is EventKind.SENT:
        return Box(at[0] - 2.4, at[1] - 2.4, 4.8, 4.8, palette.PAPER, palette.INK)
    return Line(((at[0] - 4, at[1]), (at[0] + 4, at[1])), palette.INK, 1.4)


def message_colour(picture: SpaceTime, message: TimedMessage) -> str:
    """Frames have their sender's colour, messages that set a clock the clocks'."""
    if message.kind is MessageKind.FRAME:
        return FRAMES[picture.place[message.sender] % len(FRAMES)]
    return CLOCK if message.kind is MessageKind.CLOCK else palette.FAINT


def arrow_head(start: Point, end: Point, colour: str) -> Area:
    """The head at the end of a line."""
    width, height = end[0] - start[0], end[1] - start[1]
    length = max((width * width + height * height) ** 0.5, 1e-9)
    along, across = (width / length, height / length), (-height / length, width / length)
    back = (end[0] - 7 * along[0], end[1] - 7 * along[1])
    sides = [(back[0] + side * across[0], back[1] + side * across[1]) for side in (2.8, -2.8)]
    return Area((end, *sides), colour)


def cross(at: Point, colour: str) -> list[Shape]:
    """A frame that is dropped, a message that is lost."""
    x, y = at
    return [Line(((x - 3.5, y - 3.5 * sign), (x + 3.5, y + 3.5 * sign)), colour, 1.8) for sign in (1, -1)]


def dot(at: Point, colour: str, radius: float = 3.2) -> Box:
    """A filled circle."""
    return Box(at[0] - radius, at[1] - radius, 2 * radius, 2 * radius, colour, "", radius)


def diamond(at: Point, colour: str) -> Area:
    """A clock that is set."""
    x, y = at
    return Area(((x, y - 5.5), (x + 5.5, y), (x, y + 5.5), (x - 5.5, y)), colour)


def legend(picture: SpaceTime, y: float, width: float) -> list[Shape]:
    """What the marks that occur in a picture mean, in rows of at most ``width`` points from ``y`` on."""
    fates = {each.fate for each in picture.frames}
    kinds = {each.kind for each in picture.events}
    entries: list[tuple[str, bool]] = [
        ("stamped", EventKind.STAMPED in kinds),
        ("sent", EventKind.SENT in kinds),
        ("clock set", bool(picture.jumps)),
        ("waiting, in the colour of what became of it", any(has_bar(each) for each in picture.frames)),
        ("shown", Fate.SHOWN in fates),
        ("dropped", Fate.DROPPED in fates),
        ("when it was due, had it not been shown or dropped before", any(each.forestalled for each in picture.frames)),
    ]
    shapes: list[Shape] = []
    x = MARGIN + 4
    for text, occurs in entries:
        if not occurs:
            continue
        step = text_width(text, SMALL) + 34
        if x + step > width and x > MARGIN + 4:
            x, y = MARGIN + 4, y + 16
        shapes += [*_sign(text, (x + 4, y)), Text(x + 14, y + 3, text, SMALL, palette.FAINT)]
        x += step
    return shapes


def _sign(entry: str, at: Point) -> list[Shape]:
    x, y = at
    signs: dict[str, list[Shape]] = {
        "stamped": [event_mark(at, EventKind.STAMPED)],
        "sent": [event_mark(at, EventKind.SENT)],
        "clock set": [diamond(at, CLOCK)],
        "waiting, in the colour of what became of it": [Box(x - 2.5, y - 6, 5, 12, FILLS[Fate.SHOWN], SHOWN, 0, 0.6)],
        "shown": [dot(at, SHOWN, 3.6)],
        "dropped": cross(at, DROPPED),
    }
    was_due: list[Shape] = [
        Line(((x, y - 7), (x, y + 5)), WAITING, 1, dashed=True),
        Line(((x - 3.5, y + 5), (x + 3.5, y + 5)), WAITING, 1.4),
    ]
    return signs.get(entry, was_due)
