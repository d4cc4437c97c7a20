"""Space-time of a timed run as plain data: clocks, messages under way, and what becomes of each video frame.

Every ``at`` is real time in ms from an origin of the caller's choice; every clock reading is in ms as that clock
shows it. Lifelines are referred to by name. Where messages go mostly one way, lifelines in the order of their travel
(source, destination, client's clock, display) cross least; frames are drawn to the right of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from statistics import median

#: Time in which so many frames would have been sent is long when nothing happens in it.
_QUIET_FRAMES = 6

#: So many frames that end together are written about in one line.
_CROWD = 5


class MessageKind(Enum):
    """What a message carries: it is drawn in the kind's own pen."""

    FRAME = "frame"
    CLOCK = "clock"
    OTHER = "other"


class EventKind(Enum):
    """What happens at a lifeline: it is drawn with the kind's own mark."""

    STAMPED = "stamped"
    SENT = "sent"
    READING = "reading"
    NOTE = "note"


class Fate(Enum):
    """What became of a frame at the client; ``WAITING``: the run ends before it is known."""

    SHOWN = "shown"
    DROPPED = "dropped"
    WAITING = "waiting"


@dataclass(frozen=True)
class Lifeline:
    """A vertical line: a process, or a clock of its own. ``clock`` says what its readings are ("source clock")."""

    name: str
    clock: str = ""


@dataclass(frozen=True)
class TimedEvent:
    """Something that happens at a lifeline, and what its clock shows then."""

    at: int
    lifeline: str
    label: str = ""
    clock: int | None = None
    kind: EventKind = EventKind.NOTE

    @property
    def text(self) -> str:
        """Label and reading in one line."""
        return f"{self.label} {number_text(self.clock)}".strip() if self.clock is not None else self.label


@dataclass(frozen=True)
class ClockJump:
    """A clock that is set: it showed ``before`` and shows ``after``. ``label``: what else that sets off."""

    at: int
    lifeline: str
    before: int
    after: int
    label: str = ""

    @property
    def text(self) -> str:
        """``1 000 → 7 000 (+6 000 ms)``."""
        change = self.after - self.before
        sign = "+" if change >= 0 else ""
        return f"{number_text(self.before)} → {number_text(self.after)} ({sign}{number_text(change)} ms)"


@dataclass(frozen=True)
class TimedMessage:
    """A message from when it is sent to when it arrives; ``received_at`` is None for one that never does."""

    sent_at: int
    sender: str
    received_at: int | None
    receiver: str
    label: str
    kind: MessageKind = MessageKind.OTHER


@dataclass(frozen=True)
class Schedule:
    """From ``set_at`` on, a frame is due at ``due_at`` (real time): both by the client's clock as it then was."""

    set_at: int
    due_at: int


@dataclass(frozen=True)
class FrameBar:
    """A frame at the client: it arrives, waits until it is due, and is shown or dropped.

    ``schedules``: when it was due, in the order in which that was decided; empty when no timer was ever set for it.
    A time that it was due at and that its end forestalls is drawn as what would have been. ``note`` is
    written beside the frame's end instead of its fate ("dropped, 5 300 ms late").
    """

    label: str
    lifeline: str
    arrived_at: int
    fate: Fate
    ended_at: int | None = None
    schedules: tuple[Schedule, ...] = ()
    note: str = ""

    @property
    def text(self) -> str:
        """What is written beside its end."""
        due = f", due at {number_text(self.schedules[-1].due_at)}" if self.schedules else ""
        fate = f"waiting{due}" if self.fate is Fate.WAITING else self.fate.value
        return f"{self.label} {self.note or fate}".strip()

    @property
    def forestalled(self) -> tuple[Schedule, ...]:
        """The schedules that did not come about."""
        return tuple(each for each in self.schedules if self.ended_at is not None and each.due_at > self.ended_at)


@dataclass(frozen=True)
class SpaceTime:
    """A timed run. Raises ValueError for a name that is no lifeline, two lifelines of one name, what ends before it
    begins, or a frame whose end and fate do not agree.
    """

    lifelines: tuple[Lifeline, ...]
    events: tuple[TimedEvent, ...] = ()
    jumps: tuple[ClockJump, ...] = ()
    messages: tuple[TimedMessage, ...] = ()
    frames: tuple[FrameBar, ...] = ()
    title: str = ""
    caption: str = ""

    def __post_init__(self) -> None:
        names = [each.name for each in self.lifelines]
        if not names or len(set(names)) < len(names):
            raise ValueError("space-time: it takes one lifeline or more, each of another name")
        for what, name in self._references():
            if name not in names:
                raise ValueError(f"space-time: {what}: no lifeline {name!r}; there are {', '.join(names)}")
        for message in self.messages:
            if message.received_at is not None and message.received_at < message.sent_at:
                raise ValueError(f"space-time: message {message.label}: it arrives before it is sent")
        for frame in self.frames:
            _check_frame(frame)

    def _references(self) -> Iterable[tuple[str, str]]:
        yield from ((f"event {each.label}", each.lifeline) for each in self.events)
        yield from (("clock jump", each.lifeline) for each in self.jumps)
        yield from ((f"frame {each.label}", each.lifeline) for each in self.frames)
        for message in self.messages:
            yield from ((f"message {message.label}", name) for name in (message.sender, message.receiver))

    @property
    def place(self) -> dict[str, int]:
        """The number of each lifeline, from the left."""
        return {each.name: number for number, each in enumerate(self.lifelines)}

    @property
    def moments(self) -> list[int]:
        """Every moment at which something is drawn, ascending; ``[0]`` for an empty run."""
        found = {each.at for each in self.events} | {each.at for each in self.jumps}
        for message in self.messages:
            found |= {message.sent_at} | ({message.received_at} if message.received_at is not None else set())
        for frame in self.frames:
            found |= {frame.arrived_at} | ({frame.ended_at} if frame.ended_at is not None else set())
            found |= {moment for each in frame.schedules for moment in (each.set_at, each.due_at)}
        return sorted(found) or [0]

    @property
    def frame_gap(self) -> float:
        """The usual time (ms) between two frames of one sender; without frames a thirtieth of the whole."""
        gaps: list[int] = []
        for lifeline in self.lifelines:
            frames = [each for each in self.messages if each.kind is MessageKind.FRAME]
            sent = sorted(each.sent_at for each in frames if each.sender == lifeline.name)
            gaps += [late - early for early, late in pairwise(sent) if late > early]
        return max(median(gaps or [(self.moments[-1] - self.moments[0]) / 30]), 1)

    @property
    def longest_gap(self) -> int:
        """A longer time (ms) without anything is cut short."""
        return int(_QUIET_FRAMES * self.frame_gap)

    def ended_together(self, lifeline: str) -> list[tuple[FrameBar, ...]]:
        """The frames of a lifeline; a crowd that ends in the same way at the same moment is together."""
        groups: dict[tuple[int | None, Fate], list[FrameBar]] = {}
        for frame in self.frames:
            if frame.lifeline == lifeline:
                groups.setdefault((frame.ended_at, frame.fate), []).append(frame)
        return [
            part
            for group in groups.values()
            for part in ([tuple(group)] if len(group) >= _CROWD else [(frame,) for frame in group])
        ]


def fate_text(frames: tuple[FrameBar, ...]) -> str:
    """What became of frames that ended together."""
    if len(frames) == 1:
        return frames[0].text
    return f"{frames[0].label} to {frames[-1].label}: {len(frames)} frames {frames[0].fate.value}"


def due_text(frame: FrameBar) -> str:
    """What is written where a frame was due that had been shown or dropped before."""
    return f"{frame.label} was due"


def number_text(number: int) -> str:
    """A number with its digits in threes: ``-2 097 188``."""
    return f"{number:,}".replace(",", " ")


def _check_frame(frame: FrameBar) -> None:
    name = f"space-time: frame {frame.label}"
    if (frame.ended_at is None) != (frame.fate is Fate.WAITING):
        raise ValueError(f"{name}: a frame has an end exactly when it is shown or dropped")
    if frame.ended_at is not None and frame.ended_at < frame.arrived_at:
        raise ValueError(f"{name}: it ends before it arrives")
    if any(each.due_at < each.set_at for each in frame.schedules):
        raise ValueError(f"{name}: it is due before that is decided")
