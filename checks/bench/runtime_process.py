"""Other processes that a benchmark needs: what went wrong with them, and their end."""

from __future__ import annotations

import asyncio
from contextlib import suppress

#: Seconds that a peer has for anything: far more than it needs.
LIMIT = 20.0


class PeerError(Exception):
    """A peer did not do what the benchmark needs: who, and what, in one line."""


async def last_line(stream: asyncio.StreamReader | None) -> str:
    """The last line that a process has written before it ended."""
    said = (await stream.read()).decode(errors="replace").strip() if stream is not None else ""
    return said.splitlines()[-1] if said else "it says nothing"


async def stop(process: asyncio.subprocess.Process) -> None:
    """Kill it, if it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.communicate()
