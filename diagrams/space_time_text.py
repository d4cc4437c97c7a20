"""Space-time diagrams for the terminal: a line for each thing that happens, its real time in ms at the left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from switchover.models.language.space_time import (
    EventKind,
    Fate,
    SpaceTime,
    TimedMessage,
    due_text,
    fate_text,
    number_text,
)

from .metrics import clean, wrap

_GUTTER = 10
_LEAST_WIDTH = 60
_FATES_WIDTH = 34
_BARE_WIDTH = 12
_SIGNS = {Fate.SHOWN: "●", Fate.DROPPED: "✗", Fate.WAITING: "…"}
_MARKS = {EventKind.STAMPED: "•", EventKind.SENT: "○", EventKind.READING: "┼", EventKind.NOTE: "·"}
_KEY = (
    "• stamped",
    "@ sent at",
    "◆ clock set",
    "◔ timer set",
    "┄ replaced timer",
    "● shown",
    "✗ dropped",
    "… waiting",
)
_ASCII = str.maketrans("│├┤─▶◀●✗…•○┼·◆◔┄⋮→", "|++-><*xwso+.#@~:>")


def space_time_text(picture: SpaceTime, width: int = 100, *, ascii_only: bool = False) -> str:
    """The diagram in lines of at most ``width`` (at least 60) characters.

    An arrow stands at the time at which the message arrives, with ``@`` and the time at which it was sent. Times in
    which nothing happens are left out, with their length.
    """
    sheet = _Sheet(picture, max(width, _LEAST_WIDTH))
    lines = sheet.draw()
    return "\n".join((_plain(line) if ascii_only else line).rstrip() for line in lines) + "\n"


def _plain(line: str) -> str:
    return line.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def _shortened(name: str, room: int) -> str:
    """``hyperv…[0]``: of a name in brackets the number is what tells it from its like."""
    if len(name) <= room:
        return name
    number = name[name.rfind("[") :] if name.endswith("]") else ""
    return f"{name[: max(room - len(number) - 1, 1)]}…{number}"


@dataclass
class _Sheet:
    """A picture being written out, top to bottom."""

    picture: SpaceTime
    width: int
    lines: list[list[str]] = field(default_factory=list)

    @property
    def columns(self) -> list[int]:
        """Lifelines at even distances, with room at the right for what becomes of frames."""
        count = len(self.picture.lifelines)
        texts_at_right = self.picture.frames or self.picture.jumps
        fates = min(_FATES_WIDTH, self.width // 3) if texts_at_right else _BARE_WIDTH
        apart = (self.width - fates - _GUTTER - 2) // max(count - 1, 1)
        return [_GUTTER + 2 + number * apart for number in range(count)]

    def column(self, lifeline: str) -> int:
        return self.columns[self.picture.place[lifeline]]

    def draw(self) -> list[str]:
        heading = [line for text in (self.picture.title, self.picture.caption) if text for line in self._wrap(text)]
        names = [f"{each.name}: {each.clock}" for each in self.picture.lifelines if each.clock]
        clocks = self._wrap("clocks in ms: " + "; ".join(names)) if names else []
        self._names()
        before: int | None = None
        for moment, write in self._happenings():
            if before is not None and moment - before > self.picture.longest_gap:
                self._across(f"⋮ {number_text(moment - before)} ms ⋮")
            first = len(self.lines)
            write()
            if moment != before:
                self._put(self.lines[first], 0, f"{number_text(moment):>{_GUTTER - 1}}")
            before = moment
        body = ["".join(line) for line in self.lines]
        return [*heading, *clocks, *body, *self._key(body)]

    def _key(self, body: list[str]) -> list[str]:
        """What the signs mean that are there."""
        signs = set("".join(body[1:]))
        return self._wrap("; ".join(each for each in _KEY if each[0] in signs))

    def _happenings(self) -> list[tuple[int, Callable[[], None]]]:
        """What happens, by time; at one moment in the order in which one sets off the other."""
        found: list[tuple[int, int, Callable[[], None]]] = []
        for event in self.picture.events:
            text = f"{_MARKS[event.kind]} {event.text}"
            found.append((event.at, 0, partial(self._beside, event.lifeline, text)))
        for message in self.picture.messages:
            moment = message.sent_at if message.received_at is None else message.received_at
            found.append((moment, 1, partial(self._message, message)))
        for jump in self.picture.jumps:
            found.append((jump.at, 2, partial(self._beside, jump.lifeline, f"◆ {jump.text} {jump.label}")))
        for moment, order, lifeline, text in self._frame_texts():
            found.append((moment, order, partial(self._beside, lifeline, text)))
        return [(moment, write) for moment, _, write in sorted(found, key=lambda each: each[:2])]

    def _frame_texts(self) -> list[tuple[int, int, str, str]]:
        """Moment, order within it, lifeline and text: a frame ends, and then the timer is set for the next."""
        texts: list[tuple[int, int, str, str]] = []
        for frame in self.picture.frames:
            due = [(each.set_at, f"◔ {frame.label} due at {number_text(each.due_at)}") for each in frame.schedules]
            texts += [(moment, 4, frame.lifeline, text) for moment, text in due]
            texts += [(each.due_at, 3, frame.lifeline, f"┄ {due_text(frame)}") for each in frame.forestalled]
        last = self.picture.moments[-1]
        for lifeline in self.picture.lifelines:
            for frames in self.picture.ended_together(lifeline.name):
                ended = last if frames[0].ended_at is None else frames[0].ended_at
                just_set = any(each.set_at == ended for frame in frames for each in frame.schedules)
                text = f"{_SIGNS[frames[0].fate]} {fate_text(frames)}"
                texts.append((ended, 5 if just_set else 3, lifeline.name, text))
        return texts

    def _wrap(self, text: str) -> list[str]:
        return wrap(clean(text), self.width)

    def _line(self) -> list[str]:
        line = [" "] * self.width
        for column in self.columns:
            line[column] = "│"
        self.lines.append(line)
        return line

    def _put(self, line: list[str], column: int, text: str) -> None:
        column = max(0, min(column, self.width - len(text)))
        line[column : column + len(text)] = text[: self.width]

    def _names(self) -> None:
        line = [" "] * self.width
        self.lines.append(line)
        self._put(line, 0, f"{'ms':>{_GUTTER - 1}}")
        room = (self.columns[1] - self.columns[0] if len(self.columns) > 1 else self.width) - 2
        for lifeline, column in zip(self.picture.lifelines, self.columns, strict=True):
            name = _shortened(clean(lifeline.name), max(room - 1, 3))
            self._put(line, max(column - len(name) // 2, _GUTTER), name)

    def _across(self, text: str) -> None:
        line = [" "] * self.width
        for column in self.columns:
            line[column] = "⋮"
        self._put(line, 0, f"{'⋮':>{_GUTTER - 1}}")
        self._put(line, self.columns[0] + 3, text.strip("⋮ "))
        self.lines.append(line)

    def _beside(self, lifeline: str, text: str) -> None:
        """A text whose sign stands on the lifeline, or as near to it as the text leaves room."""
        for part in wrap(clean(text), self.width - _GUTTER):
            self._put(self._line(), max(_GUTTER, min(self.column(lifeline), self.width - len(part))), part)

    def _message(self, message: TimedMessage) -> None:
        start, end = self.column(message.sender), self.column(message.receiver)
        sent = f" @{number_text(message.sent_at)}" if message.received_at != message.sent_at else ""
        label = clean(message.label) + (" never arrives" if message.received_at is None else sent)
        low, high = min(start, end), max(start, end)
        if len(label) > high - low - 6:
            self._put(self._line(), max(_GUTTER, low + 2), label[: self.width - _GUTTER])
            label = ""
        line = self._line()
        self._put(line, low + 1, "─" * (high - low - 1))
        for column in self.columns:
            if low < column < high:
                line[column] = "┼"
        line[start] = "├" if end > start else "┤"
        head = "✗" if message.received_at is None else "▶" if end > start else "◀"
        line[end - 1 if end > start else end + 1] = head
        if label:
            self._put(line, low + 3, f" {label} ")
