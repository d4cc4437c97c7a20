"""Lines that come on stdin while a loop runs: from a terminal, a pipe or a file, or none where it is closed.

A terminal is read only while the process is in its foreground: one that reads it from the background is stopped.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

_PIECE = 65536

#: Seconds after which a process in the background looks whether it is in the foreground by now.
_LOOK_AGAIN = 0.2


class LineSplitter:
    """Bytes into lines without their ends. Of a line that is longer than ``longest`` bytes so many and one are kept."""

    def __init__(self, longest: int) -> None:
        self._most = longest + 1
        self._begun = b""

    def feed(self, data: bytes) -> list[bytes]:
        """The lines that are complete now."""
        first, *others = data.split(b"\n")
        begun = self._begun + first[: self._most - len(self._begun)]
        *complete, self._begun = (begun, *(each[: self._most] for each in others))
        return complete

    def finish(self) -> list[bytes]:
        """Nothing more comes: the last line, if it has no end."""
        last, self._begun = self._begun, b""
        return [last] if last else []


async def stdin_lines(longest: int) -> AsyncIterator[bytes]:
    """The lines, in order, until the end of input. Of a longer one ``longest`` + 1 bytes come."""
    found = _descriptor()
    if found is None:
        return
    splitter = LineSplitter(longest)
    with _not_stopped_by_reading():
        while data := await _read(found):
            for each in splitter.feed(data):
                yield each
    for each in splitter.finish():
        yield each


def _descriptor() -> int | None:
    try:
        return None if sys.stdin is None else sys.stdin.fileno()
    except (OSError, ValueError):
        return None


@contextmanager
def _not_stopped_by_reading() -> Iterator[None]:
    """Between the look at who is in the foreground and the read, the answer may change: then the read fails."""
    before = signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGTTIN, before)


async def _read(found: int) -> bytes:
    """What comes next; empty: the end."""
    while True:
        while _foreground(found) not in (None, os.getpgrp()):
            await asyncio.sleep(_LOOK_AGAIN)
        try:
            return await _read_aside(found)
        except BlockingIOError:
            continue
        except OSError:
            # It was read from the background, wherever the process is by now; or the terminal is gone.
            if _foreground(found) is None:
                return b""
            await asyncio.sleep(_LOOK_AGAIN)


def _foreground(found: int) -> int | None:
    """The group of processes in the foreground of this terminal; None where it is not that of this process."""
    try:
        return os.tcgetpgrp(found)
    except OSError:
        return None


def _read_aside(found: int) -> asyncio.Future[bytes]:
    """In a thread, which nobody waits for at the end: a loop cannot wait for files, and whoever shares a terminal or a
    pipe must not find it non-blocking, nor take a line away on which the loop then waits.
    """
    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[bytes] = loop.create_future()

    def tell(settle: Callable[[Any], None], value: bytes | OSError) -> None:
        if not outcome.done():
            settle(value)

    def read() -> None:
        told: tuple[Callable[[Any], None], bytes | OSError]
        try:
            select.select([found], [], [])
            told = outcome.set_result, os.read(found, _PIECE)
        except OSError as error:
            told = outcome.set_exception, error
        # The loop may be gone by now.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(tell, *told)

    threading.Thread(target=read, daemon=True).start()
    return outcome
