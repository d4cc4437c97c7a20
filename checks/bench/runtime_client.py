"""Our client as a process of its own: connects to the SPICE server at a port of loopback, until its input ends."""

from __future__ import annotations

import asyncio
import sys

from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.spice.client import ClientEndpoint, Target


async def _follow(port: int) -> None:
    client = ClientEndpoint(Target("127.0.0.1", port))
    async with Driver(client) as driver:
        driver.call(client.connect)
        await asyncio.to_thread(sys.stdin.read)
        if not client.is_over:
            driver.call(client.quit)


if __name__ == "__main__":
    asyncio.run(_follow(int(sys.argv[1])))
