"""A peer's process: it dies with the test, whatever happens to the test."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from peer_log import last_lines
from requirements import require_programs


class PeerProcess:
    """A running program; what it writes on standard error is kept in ``log``."""

    def __init__(self, process: Process, log: Path) -> None:
        self._process = process
        self._log = log

    @classmethod
    async def start(
        cls, command: Sequence[str], log: Path, *, pass_fds: Sequence[int] = (), talks: bool = False
    ) -> PeerProcess:
        """Start ``command``; one that ``talks`` has its standard input and output connected.

        Raises `PeerError` when the program is not installed.
        """
        require_programs("setpriv", command[0])
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                *("setpriv", "--pdeathsig", "KILL", "--", *command),
                stdin=PIPE if talks else DEVNULL,
                stdout=PIPE if talks else DEVNULL,
                stderr=errors,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        return cls(process, log)

    @property
    def input(self) -> asyncio.StreamWriter:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None
        return self._process.stdout

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def wait(self) -> str:
        """Wait for its end; how it ended, and the last lines that it wrote, as one line."""
        status = await self._process.wait()
        how = f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"
        words = last_lines(self._log)
        return f"{how} ({words})" if words else how

    async def interrupt(self) -> None:
        """Ask it to finish, and wait until it has."""
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGINT)
        await self._process.wait()

    async def stop(self) -> None:
        """Kill it with all that it started; does nothing to one that has ended."""
        if not self.has_ended:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()


def run_until_closed(stack: AsyncExitStack, work: Coroutine[None, None, None]) -> None:
    """Run ``work`` beside everything else, until ``stack`` is closed; that raises what ``work`` failed with."""
    task = asyncio.create_task(work)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    stack.push_async_callback(end)
