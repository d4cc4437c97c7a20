"""Judges what a client sees while it sees it, in a process of its own, so that the client never waits."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN
from switchover.checks.conformance.monitor import Sieve
from switchover.models.spice.link_timing.variant import Repairs
from switchover.runtime.spice.recording import Row

#: States that a search may visit: enough for some handovers, and over in seconds.
STATES = 20_000

#: Rows that may wait for their judgement: many handovers at once.
MOST_WAITING = 2_000

_LONGEST_ANSWER = 1 << 20

_CHILD = (sys.executable, "-P", "-m", "switchover.judging_process")


@dataclass(frozen=True)
class Departure:
    """Where what was seen leaves the model: ``line`` of the recording, at ``time`` in it, and what it is.

    ``possible``: what the model could have done there; ``nearest``: what stood in the way of what came nearest.
    """

    line: int
    time: float
    text: str
    possible: tuple[str, ...]
    nearest: str


@dataclass(frozen=True)
class Judgement:
    """``verdict`` as ``conform`` gives it. *unknown*: ``why``; the model explains what was seen up to ``until``, a time
    of the recording (None: nothing was judged). ``mapped``: messages that take part in the model.
    """

    verdict: str
    mapped: int = 0
    until: float | None = None
    why: str = ""
    departure: Departure | None = None

    @property
    def is_wrong(self) -> bool:
        """Whether something was seen that the model does not allow."""
        return self.verdict == DIFFERS


class Judge:
    """Takes the rows of a recording as they come. Between ``start`` and ``stop`` a process judges them.

    ``client``: the client's repairs. ``tell`` is called once, with a departure as soon as it is certain, or when there
    will be no more judgement, for a reason other than the end.
    """

    def __init__(self, client: Repairs, tell: Callable[[Judgement], None], states: int = STATES) -> None:
        self.judgement = Judgement(UNKNOWN, why="it did not begin")
        self._orders: dict[str, Any] = {"client": asdict(client), "states": states}
        self._tell = tell
        self._sieve = Sieve()
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._left_out: tuple[int, Row] | None = None
        self._waiting = 0
        self._is_settled = asyncio.Event()

    async def start(self) -> None:
        """Start the process. What goes wrong with it is a reason not to judge."""
        # A session of its own: Ctrl-C in the terminal is for the client.
        try:
            self._process = await asyncio.create_subprocess_exec(
                *_CHILD,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                limit=_LONGEST_ANSWER,
            )
        except OSError as error:
            self._give_up(f"its process cannot be started: {error.strerror}")
            return
        self.judgement = Judgement(UNKNOWN, why="the end was not waited for")
        self._reader = asyncio.create_task(self._read(self._process))
        self._send(self._orders)

    def take(self, line: int, row: Row) -> None:
        """The next row of the recording, which is its line of that number."""
        if self._is_settled.is_set():
            return
        if not self._sieve.keeps(row):
            self._left_out = line, row
            return
        self._left_out = None
        self._send_row(line, row)

    async def finish(self) -> None:
        """There are no more rows: wait for the last judgement."""
        if self._left_out is not None and not self._is_settled.is_set():
            self._send_row(*self._left_out)
        if not self._is_settled.is_set():
            self._send({"is_over": True})
        await self._is_settled.wait()

    async def stop(self) -> None:
        """End the process, at once."""
        self._is_settled.set()
        if self._reader is not None:
            self._reader.cancel()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()

    def _send_row(self, line: int, row: Row) -> None:
        self._waiting += 1
        if self._waiting > MOST_WAITING:
            self._give_up("more is seen than can be judged in time")
        else:
            self._send({"line": line, "row": row})

    def _send(self, order: dict[str, Any]) -> None:
        if self._process is not None and self._process.stdin is not None and not self._process.stdin.is_closing():
            self._process.stdin.write(json.dumps(order).encode() + b"\n")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with suppress(ValueError):
            while line := await process.stdout.readline():
                self._hear(json.loads(line))
                if self._is_settled.is_set():
                    return
        self._give_up("its process has ended")

    def _hear(self, answer: dict[str, Any]) -> None:
        self._waiting -= answer["rows"]
        if answer["verdict"] == CONFORMS:
            self.judgement = Judgement(
                CONFORMS if answer["is_over"] else UNKNOWN, answer["mapped"], answer["until"], self.judgement.why
            )
            if answer["is_over"]:
                self._is_settled.set()
        elif answer["verdict"] == UNKNOWN:
            self._give_up(answer["why"])
        else:
            found = Departure(
                answer["line"], answer["at"], answer["text"], tuple(answer["possible"]), answer["nearest"]
            )
            self._settle(Judgement(DIFFERS, answer["mapped"], departure=found))

    def _give_up(self, why: str) -> None:
        self._settle(Judgement(UNKNOWN, self.judgement.mapped, self.judgement.until, why))

    def _settle(self, judgement: Judgement) -> None:
        if not self._is_settled.is_set():
            self.judgement = judgement
            self._is_settled.set()
            self._tell(judgement)
