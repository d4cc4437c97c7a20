"""Where the lifelines of a space-time diagram stand: as far apart as what is written between them wants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from switchover.models.language.space_time import FrameBar, SpaceTime, TimedMessage, due_text, fate_text

from .drawing import Point
from .metrics import clean, text_width
from .time_axis import TimeAxis

LABEL, SMALL = 9.5, 8.5
GUTTER = 66.0
MARGIN = 14.0
LANE = 8.0
_LEAST_GAP = 110.0
_BETWEEN = 44.0


@dataclass(frozen=True)
class SpaceTimeColumns:
    """``centres``: of the lifelines. ``lanes``: the lane of each waiting frame, by its number, and ``lane_count`` of
    each lifeline. ``width``: of the page. All in points."""

    centres: tuple[float, ...]
    lanes: dict[int, int]
    lane_count: tuple[int, ...]
    width: float

    def lane(self, lifeline: int, number: int) -> float:
        """The middle of a lane."""
        return self.centres[lifeline] + 12 + number * LANE

    def fates(self, lifeline: int) -> float:
        """Where the texts beside the frames' ends begin."""
        return self.lane(lifeline, self.lane_count[lifeline]) + 8


@dataclass(frozen=True)
class Sheet:
    """Where moments and lifelines of a picture lie on its page, the axis beginning at ``top``; in points."""

    picture: SpaceTime
    axis: TimeAxis
    columns: SpaceTimeColumns
    top: float

    def y(self, moment: int) -> float:
        """The height of a moment."""
        return self.top + self.axis.at(moment)

    def x(self, lifeline: str) -> float:
        """The middle of a lifeline."""
        return self.columns.centres[self.picture.place[lifeline]]

    @property
    def bottom(self) -> float:
        """The height of the last moment."""
        return self.top + self.axis.length

    def frame_x(self, number: int) -> float:
        """Where the frame with this number is drawn: in its lane, or on its lifeline when it never waits."""
        frame = self.picture.frames[number]
        lane = self.columns.lanes.get(number)
        return self.x(frame.lifeline) if lane is None else self.columns.lane(self.picture.place[frame.lifeline], lane)

    def ends(self, message: TimedMessage) -> tuple[Point, Point]:
        """Where the arrow of a message starts and ends; that of one which never arrives ends half-way."""
        start = (self.x(message.sender), self.y(message.sent_at))
        if message.received_at is not None:
            return start, (self.x(message.receiver), self.y(message.received_at))
        return start, ((start[0] + self.x(message.receiver)) / 2, start[1] + 8)


def place_space_time(picture: SpaceTime, least_width: float) -> SpaceTimeColumns:
    """The columns of a picture that is at least so wide."""
    lanes, counts = _lanes(picture)
    left, right = _left_rooms(picture), _right_rooms(picture, counts)
    headers = [
        max(text_width(clean(text), LABEL, True) for text in (each.name, each.clock)) for each in picture.lifelines
    ]
    centres = [GUTTER + 34 + max(left[0], headers[0] / 2)]
    for number in range(1, len(picture.lifelines)):
        wanted = right[number - 1] + left[number] + _BETWEEN
        centres.append(centres[-1] + max(_LEAST_GAP, wanted, (headers[number - 1] + headers[number]) / 2 + 24))
    width = max(centres[-1] + max(right[-1] + 12, headers[-1] / 2 + 8), least_width) + MARGIN
    return SpaceTimeColumns(tuple(centres), lanes, counts, width)


def bar_end(frame: FrameBar, last: int) -> int:
    """Until when a frame takes up its lane: its end, and what it was due at."""
    return max([frame.ended_at if frame.ended_at is not None else last, *(each.due_at for each in frame.schedules)])


def has_bar(frame: FrameBar) -> bool:
    """Whether a frame waits at all."""
    return frame.ended_at != frame.arrived_at or bool(frame.forestalled)


def points_right(picture: SpaceTime, message: TimedMessage) -> bool:
    """Whether it goes to a lifeline on the right of its sender's."""
    return picture.place[message.receiver] > picture.place[message.sender]


def jump_is_right(picture: SpaceTime, lifeline: str) -> bool:
    """Whether its jumps are written on the right, away from what sets the clock: unless frames wait there."""
    return all(each.lifeline != lifeline for each in picture.frames)


def written(text: str) -> str:
    """``text`` in one line, with a real minus sign before numbers."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", clean(text))


def _lanes(picture: SpaceTime) -> tuple[dict[int, int], tuple[int, ...]]:
    lanes: dict[int, int] = {}
    last = picture.moments[-1]
    free_from: dict[str, list[int]] = {each.name: [] for each in picture.lifelines}
    for number, frame in sorted(enumerate(picture.frames), key=lambda each: (each[1].arrived_at, each[0])):
        if not has_bar(frame):
            continue
        taken = free_from[frame.lifeline]
        lane = next((lane for lane, moment in enumerate(taken) if moment < frame.arrived_at), len(taken))
        taken[lane : lane + 1] = [bar_end(frame, last)]
        lanes[number] = lane
    return lanes, tuple(len(free_from[each.name]) for each in picture.lifelines)


def _left_rooms(picture: SpaceTime) -> list[float]:
    """Widths of what is written to the left of each lifeline."""
    texts: dict[str, list[str]] = {each.name: [] for each in picture.lifelines}
    for event in picture.events:
        texts[event.lifeline].append(event.text)
    for jump in picture.jumps:
        texts[jump.lifeline] += [] if jump_is_right(picture, jump.lifeline) else [jump.text, jump.label]
    for message in picture.messages:
        if not points_right(picture, message):
            texts[message.sender].append(message.label)
    return [_widest(texts[each.name]) for each in picture.lifelines]


def _right_rooms(picture: SpaceTime, lane_counts: tuple[int, ...]) -> list[float]:
    """Widths of what stands to the right of each lifeline: labels of arrows, lanes and fates of frames."""
    rooms: list[float] = []
    for lifeline, lanes in zip(picture.lifelines, lane_counts, strict=True):
        sent = [m.label for m in picture.messages if m.sender == lifeline.name and points_right(picture, m)]
        jumps = [each for each in picture.jumps if each.lifeline == lifeline.name]
        sent += [text for each in jumps for text in (each.text, each.label) if jump_is_right(picture, lifeline.name)]
        frames = [each for each in picture.frames if each.lifeline == lifeline.name]
        fates = [fate_text(each) for each in picture.ended_together(lifeline.name)]
        fates += [due_text(each) for each in frames if each.forestalled]
        beside = 20 + lanes * LANE + _widest(fates) if fates else 0.0
        rooms.append(max(_widest(sent) + 12, beside))
    return rooms


def _widest(texts: Iterable[str]) -> float:
    return max((text_width(written(text), SMALL, True) for text in texts), default=0.0)
