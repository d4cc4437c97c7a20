"""A real spice-gtk client without a display, in a process of its own."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from peer_log import LIMIT, PeerError, PeerLog, Told
from peer_process import PeerProcess, run_until_closed
from requirements import SYSTEM_PYTHON


@dataclass(frozen=True)
class Tls:
    """How it comes to a server with TLS. ``subject``: of its certificate."""

    port: int
    ca_file: Path
    subject: str


_PROGRAM = Path(__file__).with_name("spice_gtk_client.py")


class SpiceGtkClient:
    """A client, running between ``start`` and ``stop`` or within ``async with``.

    ``log`` has the events that `spice_gtk_client` tells. Channels have ``session=1`` unless they belong to the session
    with which spice-gtk connects to a migration's target.
    """

    def __init__(self, directory: Path, name: str = "client") -> None:
        self.name = name
        self.log = PeerLog(name)
        self._directory = directory
        self._stack = AsyncExitStack()
        self._process: PeerProcess | None = None

    async def start(
        self, port: int, password: str | None = None, *, audio: bool = False, tls: Tls | None = None
    ) -> None:
        """Connect to the SPICE server at ``port`` of loopback, 0: only with TLS; returns before it has connected.

        ``audio``: it plays what it hears, to wherever the machine can.
        """
        secured = [] if tls is None else [str(tls.port), str(tls.ca_file), tls.subject]
        command = [SYSTEM_PYTHON, str(_PROGRAM), str(port), str(int(audio)), *secured]
        process = await PeerProcess.start(command, self._directory / f"{self.name}.log", talks=True)
        self._process = process
        self._stack.push_async_callback(process.stop)
        process.input.write(f"{password or ''}\n".encode())
        run_until_closed(self._stack, self._record(process))

    async def stop(self) -> None:
        """Kill it; does nothing to one that is not running."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def quit(self) -> None:
        """Disconnect and end, as a user does; raises `PeerError` unless it ends well."""
        if self._process is None:
            raise PeerError(f"{self.name}: not started")
        self._process.input.write(b"quit\n")
        try:
            async with asyncio.timeout(LIMIT):
                end = await self._process.wait()
        except TimeoutError:
            raise PeerError(f"{self.name}: did not quit within {LIMIT:g} s") from None
        if not end.startswith("exit status 0"):
            raise PeerError(f"{self.name}: {end}")

    async def wait_for(self, name: str, *, count: int = 1, limit: float = LIMIT, **fields: Any) -> Told:
        """The ``count``-th event of that name with these fields, past or to come; see `PeerLog.wait_for`."""
        return await self.log.wait_for(name, count=count, limit=limit, **fields)

    async def wait_open(self, *channels: str, limit: float = LIMIT) -> None:
        """Wait until each of the session's channels with these names was opened."""
        async with asyncio.TaskGroup() as group:
            for channel in channels:
                group.create_task(
                    self.wait_for("channel-event", limit=limit, channel=channel, session=1, what="opened")
                )

    async def wait_preconnected(self, *, count: int = 1, limit: float = LIMIT) -> None:
        """Wait until it has opened all channels at the target for the ``count``-th time, and told the source so."""
        await self.wait_for("migration-state", count=count, limit=limit, state="migrating")

    async def wait_at(self, port: int, *, count: int = 1, limit: float = LIMIT) -> None:
        """Wait until a migration (the ``count``-th that ended so) has left it at the server at ``port``.

        Not after SWITCH_HOST: then the migration ends before main is connected; wait for its "opened" with that peer.
        """
        await self.wait_for("migration-state", count=count, limit=limit, state="none", peer=port)

    @property
    def channels(self) -> list[str]:
        """The session's channels that are open, sorted by name."""
        is_open: dict[tuple[str, int], bool] = {}
        for event in self.log.all("channel-event", session=1):
            is_open[event.fields["channel"], event.fields["id"]] = event.fields["what"] == "opened"
        return sorted(name for (name, _), opened in is_open.items() if opened)

    async def _record(self, process: PeerProcess) -> None:
        async for line in process.output:
            fields = json.loads(line)
            self.log.add(Told(fields.pop("t"), fields.pop("event"), fields))
        self.log.end(await process.wait())
