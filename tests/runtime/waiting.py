"""Waiting for a condition in asyncio, with a limit that only a hanging program reaches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

LIMIT = 30.0


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.001)


def run(main: Coroutine[Any, Any, None], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None) -> None:
    """Run it, and see that it leaves no task behind."""

    async def and_nothing_more() -> None:
        async with asyncio.timeout(2 * LIMIT):
            await main
        # An executor that looked up a host name takes a turn of the loop to finish.
        await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with asyncio.Runner(loop_factory=loop_factory) as runner:
        runner.run(and_nothing_more())
