"""Virtual time, and what is to happen when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Protocol


class Entry(Protocol):
    """Something that may happen."""

    @property
    def name(self) -> str:
        """The node that it happens to; may be empty."""
        ...

    def is_due(self, at: float) -> bool:
        """Whether it is still to happen at that time, for which it was planned."""
        ...

    def happen(self) -> None:
        """The time has come."""
        ...


@dataclass(frozen=True, eq=False)
class Call:
    """A call that was put off."""

    fn: Callable[[], object]
    name: str = ""

    def is_due(self, at: float) -> bool:
        """Always."""
        return True

    def happen(self) -> None:
        """Call."""
        self.fn()


class Agenda:
    """What is to happen, in the order of time, then in that in which it was planned. ``time``, in s, begins at 0."""

    def __init__(self) -> None:
        self.time = 0.0
        self._entries: list[tuple[float, int, Entry]] = []
        self._planned = 0

    def plan(self, at: float, entry: Entry) -> None:
        """It is to happen at that time. Earlier plans for it stay: the entry says itself when one is out of date."""
        self._planned += 1
        heappush(self._entries, (at, self._planned, entry))

    def next(self) -> tuple[float, Entry] | None:
        """What is to happen next."""
        while self._entries:
            at, _, entry = self._entries[0]
            if entry.is_due(at):
                return at, entry
            heappop(self._entries)
        return None

    def take_next(self) -> None:
        """Let happen what is next. Raises IndexError when there is nothing."""
        at, _, entry = heappop(self._entries)
        self.time = at
        entry.happen()

    def run(self, last: float, condition: Callable[[], bool] | None = None) -> bool:
        """Let happen what is to happen up to the time ``last``, or until the condition holds: then True."""
        entries = self._entries
        while entries and entries[0][0] <= last:
            at, _, entry = heappop(entries)
            if entry.is_due(at):
                self.time = at
                entry.happen()
                if condition is not None and condition():
                    return True
        return False
