"""``switchover follow`` at real QEMUs, as a user runs it: what it prints, what it records, and its status."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from peer_log import LIMIT
from peer_process import PeerProcess
from qemu_host import QemuHost, QemuOptions, qemu_pair
from requirements import needs_qemu
from switchover.checks.conformance import CONFORMS, conform_file
from switchover.models.spice.link_timing.variant import ALL_REPAIRS

pytestmark = needs_qemu


class Follower:
    """The command, while it runs. ``lines``: what it has printed so far."""

    def __init__(self, process: PeerProcess) -> None:
        self.lines: list[str] = []
        self._process = process

    async def until(self, pattern: str) -> None:
        """Wait for a line like that. Fails when the command ends before."""
        async with asyncio.timeout(LIMIT):
            while not any(re.search(pattern, line) for line in self.lines):
                assert await self._read(), "\n".join(self.lines)

    async def end(self) -> str:
        """Wait for it, and how it ended."""
        async with asyncio.timeout(LIMIT):
            while await self._read():
                pass
            return await self._process.wait()

    async def _read(self) -> bool:
        line = await self._process.output.readline()
        if line:
            self.lines.append(line.decode().rstrip("\n"))
        return bool(line)


@asynccontextmanager
async def following(host: QemuHost, folder: Path, *options: str) -> AsyncIterator[Follower]:
    command = [sys.executable, "-m", "switchover", "follow", f"spice://127.0.0.1:{host.port}", *options]
    process = await PeerProcess.start(command, folder / "follow.log", talks=True)
    try:
        yield Follower(process)
    finally:
        await process.stop()


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_a_handover_is_seen_judged_and_recorded(tmp_path: Path, seamless: bool) -> None:
    record = tmp_path / "seen.jsonl"
    async with (
        qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b),
        following(a, tmp_path, "--handovers", "1", "--record", str(record)) as client,
    ):
        await a.wait_channels([1, 2, 3, 4])
        await a.client_migrate_info(b.port)
        await client.until("A +main +→ MIGRATE_CONNECTED")
        await a.migrate(b.migration_uri)
        assert await client.end() == "exit status 0", "\n".join(client.lines)
    table = client.lines[-6:]
    kind = "seamless" if seamless else "semi-seamless"
    assert any(re.match(rf"A → B, {kind} +completed", line) for line in table), table
    assert "the model explains all that was seen" in table[-1]
    found = conform_file(record, client=ALL_REPAIRS)
    assert found.verdict == CONFORMS
    assert f"{found.mapped} of {found.lines} messages" in table[-1]


async def test_a_cancelled_migration_as_json(tmp_path: Path) -> None:
    async with qemu_pair(tmp_path) as (a, b), following(a, tmp_path, "--handovers", "1", "--json") as client:
        await a.wait_channels([1, 2, 3, 4])
        await a.slow_down()
        await a.client_migrate_info(b.port)
        await b.wait_channels([1, 2, 3, 4])
        await a.migrate(b.migration_uri)
        await a.wait_migration("active")
        await a.migrate_cancel()
        assert await client.end() == "exit status 0", "\n".join(client.lines)
    answer = json.loads("\n".join(client.lines))
    assert [each["result"] for each in answer["handovers"]] in (["cancelled"], ["failed"])
    assert (answer["conformance"], answer["not_allowed"]) == ("conforms", [])
