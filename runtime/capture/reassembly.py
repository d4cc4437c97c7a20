"""Puts one direction of a TCP connection together again: in order, each byte once, the first copy counts."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

from .remarks import Remark, Remarks

#: Bytes of one direction that wait for what comes before them; with more, that is given up as lost.
MOST_WAITING = 16 << 20
#: What a waiting piece counts besides its bytes.
_COST_OF_A_PIECE = 1024
#: Bytes already passed on that a repetition is compared with.
_REMEMBERED = 1 << 16
#: No segment is further ahead of, or behind, another of its connection.
_WINDOW = 1 << 30

REPEATED = Remark("segment", "sent again, or captured twice; the first copy counts")
CHANGED = Remark("segment", "sent again with other contents; the first copy counts")
OUT_OF_ORDER = Remark("segment", "out of order, put in order")
OUTSIDE = Remark("segment", "far from any window of its connection, left out")
LOST = Remark("gap", "in what was captured: the missing segments were acknowledged")
NEVER_CAME = Remark("direction", "ending in segments behind one that never came, left out")
OVERFULL = Remark("gap", f"in what was captured, given up when {MOST_WAITING >> 20} MiB had come behind it")


class Moment(NamedTuple):
    """When something was captured: number of the packet, and ns."""

    packet: int
    time: int


#: Before every packet.
BEGINNING = Moment(0, 0)


class Piece(NamedTuple):
    """What comes next in the stream: ``data``, then ``missing`` bytes that are not known. It had ``come``, as had all
    before it, when the last of these was captured.
    """

    data: bytes
    missing: int
    come: Moment


@dataclass
class _Span:
    """Bytes ``start`` to ``end`` of the stream that wait; of these the first are known."""

    start: int
    end: int
    data: bytes
    come: Moment


class Direction:
    """What one side of a connection sent, once it has begun. Places in the stream are counted from its first byte.

    ``place``: how far it was passed on. ``latest``: when the last of that came.
    """

    def __init__(self, remarks: Remarks) -> None:
        self.place = 0
        self.latest = BEGINNING
        self._end: tuple[int, Moment] | None = None
        self._remarks = remarks
        self._base: int | None = None
        self._acknowledged = 0
        self._waiting: list[_Span] = []
        self._cost = 0
        self._passed: deque[bytes] = deque()
        self._remembered = 0

    @property
    def is_known(self) -> bool:
        """Whether the numbering of its bytes is known."""
        return self._base is not None

    @property
    def held(self) -> int:
        """About how many bytes of memory wait here."""
        return self._cost + self._remembered

    @property
    def over_at(self) -> Moment | None:
        """When everything up to its FIN had come; None before that."""
        if self._end is None or self.place < self._end[0]:
            return None
        return max(self.latest, self._end[1])

    def begin(self, sequence: int) -> None:
        """The first byte of the stream has this sequence number."""
        self._base = sequence

    def is_beginning(self, sequence: int) -> bool:
        """Whether the stream's first byte has this sequence number."""
        return self._base is not None and (self._base - sequence) & 0xFFFFFFFF == 0

    def acknowledge(self, sequence: int) -> None:
        """The other side has received everything before this sequence number."""
        if self._base is not None:
            place = self._placed(sequence)
            if place - self.place < _WINDOW:
                self._acknowledged = max(self._acknowledged, place)

    def end(self, sequence: int, now: Moment) -> None:
        """A FIN has this sequence number."""
        if self._end is None:
            self._end = self._placed(sequence), now

    def add(self, sequence: int, data: bytes, missing: int, now: Moment) -> list[Piece]:
        """What can be passed on now that this segment has come."""
        start = self._placed(sequence)
        if abs(start - self.place) > _WINDOW:
            self._remarks[OUTSIDE] += 1
            return []
        if start == self.place and not self._waiting:
            return [self._pass(data, missing, now)]
        if len(data) + missing == 1 and start == self.place - 1:
            return []  # a keep-alive probe; its byte means nothing
        self._keep(_Span(start, start + len(data) + missing, data, now))
        found = self._ready()
        while self._cost > MOST_WAITING:
            self._remarks[OVERFULL] += 1
            found += self._give_up()
        return found

    def finish(self) -> list[Piece]:
        """What can be passed on now that nothing more comes. What was acknowledged had arrived, captured or not; what
        was not, the other side never took.
        """
        found: list[Piece] = []
        while self._waiting and self._acknowledged >= self._waiting[0].start:
            self._remarks[LOST] += 1
            found += self._give_up()
        if self._waiting:
            self._remarks[NEVER_CAME] += 1
            self._waiting.clear()
            self._cost = 0
        if self._end is not None and self.place < self._end[0] <= self._acknowledged:
            self._remarks[LOST] += 1
            found.append(self._pass(b"", self._end[0] - self.place, self._end[1]))
        return found

    def forget(self) -> None:
        """Nothing will be sent again."""
        self._passed.clear()
        self._remembered = 0

    def _placed(self, sequence: int) -> int:
        """The place nearest to the present one that has this sequence number."""
        assert self._base is not None
        distance = (sequence - self._base - self.place) & 0xFFFFFFFF
        return self.place + distance - (distance >> 31 << 32)

    def _pass(self, data: bytes, missing: int, come: Moment) -> Piece:
        self.place += len(data) + missing
        self.latest = max(self.latest, come)
        if missing:
            self.forget()
        elif data:
            self._passed.append(data)
            self._remembered += len(data)
            while self._remembered - len(self._passed[0]) > _REMEMBERED:
                self._remembered -= len(self._passed.popleft())
        return Piece(data, missing, self.latest)

    def _keep(self, span: _Span) -> None:
        """Put a segment among those that wait, without what is there already, which it is compared with."""
        if span.start < self.place:
            self._remarks[CHANGED if self._differs_from_passed(span) else REPEATED] += 1
        elif span.start > self.place:
            self._remarks[OUT_OF_ORDER] += 1
        at = max(span.start, self.place)
        index = max(bisect_right(self._waiting, at, key=lambda each: each.start) - 1, 0)
        is_repeated = is_changed = False
        while at < span.end:
            while index < len(self._waiting) and self._waiting[index].end <= at:
                index += 1
            other = self._waiting[index] if index < len(self._waiting) else None
            if other is not None and other.start <= at:
                is_repeated = True
                is_changed = is_changed or _differ(span, other)
                at = other.end
                continue
            end = span.end if other is None else min(span.end, other.start)
            kept = _part(span, at, end)
            self._waiting.insert(index, kept)
            self._cost += len(kept.data) + _COST_OF_A_PIECE
            at = end
        if is_repeated:
            self._remarks[CHANGED if is_changed else REPEATED] += 1

    def _differs_from_passed(self, span: _Span) -> bool:
        first = self.place - self._remembered
        passed = b"".join(self._passed) if span.start + len(span.data) > first else b""
        return bool(passed) and _differ(span, _Span(first, self.place, passed, span.come))

    def _ready(self) -> list[Piece]:
        """What waits and follows without a gap."""
        found: list[Piece] = []
        while len(found) < len(self._waiting) and self._waiting[len(found)].start == self.place:
            found.append(self._take(self._waiting[len(found)]))
        del self._waiting[: len(found)]
        return found

    def _give_up(self) -> list[Piece]:
        """Pass over the first gap, and on what follows it."""
        first = self._waiting[0]
        return [self._pass(b"", first.start - self.place, first.come), *self._ready()]

    def _take(self, span: _Span) -> Piece:
        self._cost -= len(span.data) + _COST_OF_A_PIECE
        return self._pass(span.data, span.end - span.start - len(span.data), span.come)


def _part(span: _Span, start: int, end: int) -> _Span:
    return _Span(start, end, span.data[start - span.start : end - span.start], span.come)


def _differ(one: _Span, other: _Span) -> bool:
    """Whether two spans say different things about some byte that both know."""
    start = max(one.start, other.start)
    end = min(one.start + len(one.data), other.start + len(other.data))
    return start < end and (
        one.data[start - one.start : end - one.start] != other.data[start - other.start : end - other.start]
    )
