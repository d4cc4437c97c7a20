"""What a peer has told, in order, for any number of waiters."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

Answer = TypeVar("Answer")

LIMIT = 60.0
"""Seconds that a peer has for anything: far more than it needs, as other tests share the machine."""

POLL = 0.02


class PeerError(RuntimeError):
    """A peer is not there, ended, or did not do in time what was waited for; one line says which."""


@dataclass(frozen=True)
class Told:
    """An event of a peer: ``at`` in seconds since the epoch, by the peer's clock."""

    at: float
    name: str
    fields: Mapping[str, Any]

    def has(self, name: str, fields: Mapping[str, Any]) -> bool:
        return self.name == name and all(self.fields.get(key) == value for key, value in fields.items())

    def __str__(self) -> str:
        return " ".join((self.name, *(f"{key}={value}" for key, value in self.fields.items())))


@dataclass
class PeerLog:
    """Everything that a peer told; ``end`` is called when it can tell no more."""

    peer: str
    events: list[Told] = field(default_factory=list)
    _ended: str | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: Told) -> None:
        self.events.append(event)
        self._wake()

    def end(self, reason: str) -> None:
        self._ended = reason
        self._wake()

    def all(self, name: str, **fields: Any) -> list[Told]:
        return [event for event in self.events if event.has(name, fields)]

    async def wait_for(self, name: str, *, count: int = 1, limit: float = LIMIT, **fields: Any) -> Told:
        """The ``count``-th event of that name with these fields, whether it was told already or is still to come.

        Raises `PeerError` when the peer ended without it, or after ``limit`` seconds.
        """
        what = str(Told(0, name, fields)) + (f" (number {count})" if count > 1 else "")
        try:
            async with asyncio.timeout(limit):
                while len(found := self.all(name, **fields)) < count:
                    if self._ended is not None:
                        raise PeerError(f"{self.peer}: {self._ended}, while waiting for {what}{self._last_words()}")
                    await self._news.wait()
        except TimeoutError:
            raise PeerError(f"{self.peer}: no {what} within {limit:g} s{self._last_words()}") from None
        return found[count - 1]

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    def _last_words(self) -> str:
        different = [text for text, _ in itertools.groupby(map(str, self.events))]
        return "; told last: " + ("; ".join(different[-3:]) or "nothing")


async def until(
    ask: Callable[[], Awaitable[Answer]], holds: Callable[[Answer], bool], what: str, limit: float = LIMIT
) -> Answer:
    """Ask until the answer ``holds``; raises `PeerError` with the last answer after ``limit`` seconds."""
    answer = await ask()
    try:
        async with asyncio.timeout(limit):
            while not holds(answer):
                await asyncio.sleep(POLL)
                answer = await ask()
    except TimeoutError:
        raise PeerError(f"no {what} within {limit:g} s; last answer: {answer}") from None
    return answer


def last_lines(path: Path, lines: int = 3) -> str:
    """The end of a log file as one line; empty when nothing was written."""
    return " / ".join(path.read_text(errors="replace").strip().splitlines()[-lines:])
