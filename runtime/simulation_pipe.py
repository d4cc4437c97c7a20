"""One direction of a simulated connection: bytes wait, travel, and arrive in order."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Protocol

from .simulation_agenda import Agenda

#: Bytes that have been sent and not been read, at most: more wait at the sender, as with a full socket buffer.
WINDOW = 256 * 1024
_LARGEST_SEGMENT = 64 * 1024
_LARGEST_MERGED = 16 * 1024
_CUT_CHANCE = 0.5
_MERGE_CHANCE = 0.25


@dataclass(frozen=True)
class Link:
    """How long bytes travel in one direction: ``latency`` seconds, and up to ``jitter`` more, drawn for each segment
    (their order stays); with a ``bandwidth``, in bytes/s, they also leave one after the other. Raises ValueError.
    """

    latency: float = 0.0
    jitter: float = 0.0
    bandwidth: float | None = None

    def __post_init__(self) -> None:
        if not (self.latency >= 0 and self.jitter >= 0) or (self.bandwidth is not None and not self.bandwidth > 0):
            raise ValueError(f"{self}: latency and jitter must be at least 0, bandwidth more than 0")


@dataclass(frozen=True)
class Medium:
    """What the pipes of a network share. ``segments``: what is written is cut, and some of it merged, at random.
    ``by_choice``: nothing arrives by itself.
    """

    agenda: Agenda
    random: Random
    segments: bool
    by_choice: bool


class Kind(Enum):
    """What travels: the steps by which TCP connects, bytes, and the two endings."""

    SYN = "SYN"
    SYN_ACK = "SYN+ACK"
    ACK = "ACK"
    DATA = "data"
    FIN = "FIN"
    RST = "RST"


@dataclass(slots=True, eq=False)
class Segment:
    """Something under way in a pipe: it comes at ``arrival``, which may be put off to ``latest``.

    ``reason``: of a RST, why the connection broke. An entry of the agenda.
    """

    pipe: Pipe
    kind: Kind
    data: bytes = b""
    reason: str = ""
    arrival: float = 0.0
    latest: float = 0.0

    @property
    def name(self) -> str:
        """An arrival is nobody's timeout."""
        return ""

    def is_due(self, at: float) -> bool:
        """Whether it arrives at that time: it may have gone with its connection, have been put off, or not be read."""
        flight = self.pipe.flight
        return self.arrival == at and bool(flight) and flight[0] is self and not self.pipe.is_stalled

    def happen(self) -> None:
        """It arrives."""
        self.pipe.deliver()


class Target(Protocol):
    """The end to which a pipe leads. ``is_over``: nothing is wanted there any more."""

    is_paused: bool
    is_over: bool

    def arrive(self, segment: Segment) -> None:
        """A segment has come."""
        ...


class Pipe:
    """One direction of a connection. ``is_held``: nothing arrives until ``read_again`` after that."""

    def __init__(self, medium: Medium, link: Link) -> None:
        self.link = link
        self.flight: deque[Segment] = deque()
        self.waiting_size = 0
        self.is_held = False
        self.target: Target
        self._medium = medium
        self._waiting: deque[bytes | memoryview] = deque()
        self._unread = 0
        self._is_finished = False
        self._last_arrival = 0.0
        self._free_at = 0.0

    @property
    def is_stalled(self) -> bool:
        """Whether what is under way stays so: it is held, or its receiver does not read."""
        return self.is_held or (
            self.target.is_paused and bool(self.flight) and self.flight[0].kind in (Kind.DATA, Kind.FIN)
        )

    # What the sender does.

    def write(self, data: bytes) -> None:
        """Send these bytes as soon as the receiver has room for them."""
        if not self._is_finished and data:
            self._waiting.append(data)
            self.waiting_size += len(data)
            self._send_what_fits()

    def signal(self, kind: Kind) -> None:
        """Send a step by which TCP connects."""
        self._depart(Segment(self, kind))

    def finish(self) -> None:
        """Send the end, after everything that was written."""
        if not self._is_finished:
            self._is_finished = True
            self._send_end()

    def reset(self, reason: str) -> None:
        """Everything under way is gone; what comes instead breaks the connection."""
        self.silence()
        self._depart(Segment(self, Kind.RST, reason=reason))

    def silence(self) -> None:
        """Everything under way is gone, and nothing will come any more."""
        self._waiting.clear()
        self.flight.clear()
        self.waiting_size = 0
        self._is_finished = True

    # What the receiver does.

    def deliver(self) -> None:
        """What comes next has arrived."""
        segment = self.flight.popleft()
        self._unread -= len(segment.data)
        if self._waiting:
            self._send_what_fits()
            if self._is_finished:
                self._send_end()
        self.target.arrive(segment)

    def read_again(self) -> None:
        """What has arrived while the pipe was stalled is delivered soon."""
        agenda = self._medium.agenda
        if self._medium.by_choice:
            return
        for segment in self.flight:
            if segment.arrival > agenda.time:
                break
            segment.arrival = agenda.time
            agenda.plan(agenda.time, segment)

    # How bytes travel.

    def _send_end(self) -> None:
        if not self._waiting:
            self._depart(Segment(self, Kind.FIN))

    def _send_what_fits(self) -> None:
        while self._waiting and self._unread < WINDOW:
            data = self._waiting.popleft()
            size = self._cut(min(len(data), WINDOW - self._unread, _LARGEST_SEGMENT))
            if size < len(data):
                view = memoryview(data)
                self._waiting.appendleft(view[size:])
                data = view[:size]
            self.waiting_size -= size
            self._unread += size
            self._depart(Segment(self, Kind.DATA, bytes(data)))

    def _cut(self, size: int) -> int:
        random = self._medium.random.random
        if not self._medium.segments or random() >= _CUT_CHANCE:
            return size
        return 1 + int(random() * size)

    def _depart(self, segment: Segment) -> None:
        if self.target.is_over:
            return
        if self._medium.by_choice:
            self.flight.append(segment)
            return
        arrival = self._arrival(segment)
        if self._merges(segment, arrival):
            segment = self.flight[-1]
        else:
            self.flight.append(segment)
        segment.arrival = arrival
        self._medium.agenda.plan(arrival, segment)

    def _arrival(self, segment: Segment) -> float:
        link = self.link
        start = self._medium.agenda.time
        if link.bandwidth is not None:
            start = self._free_at = max(start, self._free_at) + len(segment.data) / link.bandwidth
        arrival = start + link.latency
        segment.latest = arrival + link.jitter
        if link.jitter:
            arrival += link.jitter * self._medium.random.random()
        self._last_arrival = max(self._last_arrival, arrival)
        return self._last_arrival

    def _merges(self, segment: Segment, arrival: float) -> bool:
        """Whether the segment joins the one before it, which then comes later: drawn, if it may come that late."""
        if not self._medium.segments or not self.flight:
            return False
        last = self.flight[-1]
        if last.kind is not Kind.DATA or segment.kind is not Kind.DATA or last.latest < arrival:
            return False
        if len(last.data) + len(segment.data) > _LARGEST_MERGED or self._medium.random.random() >= _MERGE_CHANCE:
            return False
        last.data += segment.data
        return True
