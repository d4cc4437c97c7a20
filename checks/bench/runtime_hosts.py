"""Our hosts as a process of their own, in pairs: each source hands its client over to its target when told to.

Usage: runtime_hosts.py PAIRS. It prints the sources' ports as one JSON list. With each line of its input all clients
are handed over; the end of the input ends it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import AsyncExitStack

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.ticket import ServerKey

LOOPBACK = "127.0.0.1"


class _Pair:
    """A source with a guest, and its target."""

    def __init__(self, key: ServerKey) -> None:
        options = HostOptions(design=ServerDesign(seamless=True), video=None, migration_time=0.0)
        self._source, self._target = HostEndpoint(options, key=key), HostEndpoint(options, key=key)
        self._here, self._there = Driver(self._source, on_report=self._report), Driver(self._target)
        self._port = 0
        self._guests = Address(LOOPBACK, 0)

    async def begin(self, stack: AsyncExitStack) -> int:
        """The source's port."""
        for driver in (self._here, self._there):
            await stack.enter_async_context(driver)
        self._port = await self._there.listen("spice")
        self._guests = Address(LOOPBACK, await self._there.listen("migration"))
        self._here.call(self._source.start_guest)
        return await self._here.listen("spice")

    def hand_over(self) -> None:
        """Tell the client where to go; the guest follows as soon as it is linked there."""
        self._here.call(self._source.client_migrate_info, LOOPBACK, self._port)

    def _report(self, event: object) -> None:
        if isinstance(event, HostEvent) and event.what is Happening.CONNECT_COMPLETED:
            self._here.call(self._source.migrate, self._guests)


async def _serve(count: int) -> None:
    key = ServerKey.generate()
    pairs = [_Pair(key) for _ in range(count)]
    async with AsyncExitStack() as stack:
        print(json.dumps([await each.begin(stack) for each in pairs]), flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            for each in pairs:
                each.hand_over()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
