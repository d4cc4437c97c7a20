"""A relay in front of a SPICE server that takes down when which message went by: the same for any client."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from switchover.models.spice.protocol.channels import Side
from switchover.runtime.capture.dialogue import Dialogue
from switchover.runtime.capture.reassembly import Moment, Piece
from switchover.runtime.capture.remarks import Remarks

from .runtime_process import LIMIT, PeerError
from .runtime_qemu import LOOPBACK

_CHUNK = 1 << 18


@dataclass(frozen=True)
class Heard:
    """A message that went by. ``at``: when its last byte had come, in s of the monotonic clock."""

    at: float
    connection: int
    channel: str
    sender: Side
    name: str


class Relay:
    """``port``: where it listens. ``heard``: what went by so far, on all connections."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.heard: list[Heard] = []
        self._target = target
        self._connections = 0
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def until(self, name: str) -> Heard:
        """The first message whose name begins so. Raises PeerError."""
        try:
            async with asyncio.timeout(LIMIT):
                while not (found := [each for each in self.heard if each.name.startswith(name)]):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise PeerError(f"no {name} within {LIMIT:g} s") from None
        return found[0]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        self._connections += 1
        number, dialogue = self._connections, Dialogue(Remarks())
        there_reader, there_writer = await asyncio.open_connection(LOOPBACK, self._target)
        tasks = (
            asyncio.create_task(self._carry(number, dialogue, Side.CLIENT, reader, there_writer)),
            asyncio.create_task(self._carry(number, dialogue, Side.SERVER, there_reader, writer)),
        )
        self._tasks.update(tasks)
        await asyncio.wait(tasks)
        self._tasks.difference_update(tasks)

    async def _carry(
        self, number: int, dialogue: Dialogue, side: Side, come: asyncio.StreamReader, go: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await come.read(_CHUNK):
                now = time.monotonic_ns()
                go.write(data)
                for said in dialogue.hear(side, Piece(data, 0, Moment(0, now))):
                    self.heard.append(Heard(said.come.time / 1e9, number, said.channel, side, said.name))
                self._news.set()
        except OSError:
            pass
        finally:
            go.close()

    async def stop(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)


@asynccontextmanager
async def relay(target: int) -> AsyncIterator[Relay]:
    """A relay to the server at port ``target`` of loopback."""
    found = Relay(target)
    server = await asyncio.start_server(found.serve, LOOPBACK, 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        server.close()
        await found.stop()
