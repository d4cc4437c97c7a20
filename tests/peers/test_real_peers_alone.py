"""The harness checked against itself: a real spice-gtk client follows the guest of real QEMUs."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import qemu_host
from loopback_ports import free_port, refusing_port, silent_port
from peer_log import PeerError, until
from qemu_host import QemuHost, QemuOptions, qemu_pair
from requirements import needs_qemu, needs_root_time_namespace, needs_spice_gtk, needs_tshark
from sniff import sniffing
from spice_gtk import SpiceGtkClient
from stream_guest import COLUMN, LEFT, ROWS, TOP

CHANNELS = ["cursor", "display", "inputs", "main"]
CHANNEL_TYPES = [1, 2, 3, 4]

pytestmark = [needs_qemu, needs_spice_gtk]


@asynccontextmanager
async def client_at(host: QemuHost, directory: Path, password: str | None = None) -> AsyncIterator[SpiceGtkClient]:
    """A client that has all its channels open at ``host`` and sees the guest's screen."""
    async with SpiceGtkClient(directory) as client:
        await client.start(host.port, password)
        await client.wait_open(*CHANNELS)
        await client.wait_for("mark")
        yield client


async def hand_over(source: QemuHost, target: QemuHost, client: SpiceGtkClient, *, time: int = 1) -> None:
    """Migrate the guest, the client being pre-connected, for the ``time``-th time in the client's life."""
    await source.client_migrate_info(target.port)
    await client.wait_preconnected(count=time)
    await source.migrate(target.migration_uri)
    await source.wait_migration("completed")
    await source.wait_event("SPICE_MIGRATE_COMPLETED")
    await client.wait_at(target.port)
    await target.wait_event("RESUME")


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_the_client_follows_the_guest(tmp_path: Path, seamless: bool) -> None:
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), client_at(a, tmp_path) as client:
        await hand_over(a, b, client)
        await b.wait_channels(CHANNEL_TYPES)
        await a.wait_channels([])
        assert await b.is_running()
        assert not await a.is_running()
        assert (await a.query_spice())["migrated"]
        assert (await a.query_migrate())["status"] == "completed"
        assert client.channels == CHANNELS
        await client.quit()


async def test_there_and_back(tmp_path: Path) -> None:
    async with (
        qemu_pair(tmp_path) as (a, b),
        QemuHost("A2", tmp_path, incoming=True) as back,
        client_at(a, tmp_path) as client,
    ):
        await hand_over(a, b, client)
        await b.wait_channels(CHANNEL_TYPES)
        await hand_over(b, back, client, time=2)
        await back.wait_channels(CHANNEL_TYPES)
        assert await back.is_running()
        assert client.channels == CHANNELS


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_after_a_cancel_guest_and_client_stay(tmp_path: Path, seamless: bool) -> None:
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), client_at(a, tmp_path) as client:
        await a.slow_down()
        await a.client_migrate_info(b.port)
        await client.wait_preconnected()
        await a.migrate(b.migration_uri)
        await a.wait_migration("active")
        await a.migrate_cancel()
        await a.wait_migration("cancelled")
        await client.wait_at(a.port)
        assert await a.is_running()
        assert await a.channels() == CHANNEL_TYPES
        assert client.channels == CHANNELS
        assert not a.log.all("SPICE_MIGRATE_COMPLETED")
        with pytest.raises(PeerError, match=r"B: exit status 1 .*while waiting for RESUME"):
            await b.wait_event("RESUME")


async def test_a_slow_migration_ends_when_sped_up(tmp_path: Path) -> None:
    async with qemu_pair(tmp_path) as (a, b):
        await a.slow_down()
        await a.migrate(b.migration_uri)
        await a.wait_migration("active")
        assert await a.is_running()
        await a.speed_up()
        await a.wait_migration("completed")


async def test_the_target_refuses_an_expired_ticket(tmp_path: Path) -> None:
    options = QemuOptions(password="swordfish")
    async with qemu_pair(tmp_path, options) as (a, b), client_at(a, tmp_path, "swordfish") as client:
        await b.expire_password("swordfish")
        await a.client_migrate_info(b.port)
        await client.wait_for("channel-event", channel="main", session=2, what="error-auth")
        await a.migrate(b.migration_uri)
        await a.wait_event("SPICE_MIGRATE_COMPLETED")
        await client.wait_for("channel-event", channel="main", session=1, what="error-auth")
        assert client.channels == []
        assert await b.channels() == []
        await b.wait_event("RESUME")


async def test_a_wrong_password_is_refused(tmp_path: Path) -> None:
    async with QemuHost("A", tmp_path, QemuOptions(password="swordfish")) as a, SpiceGtkClient(tmp_path) as client:
        await client.start(a.port, "haddock")
        await client.wait_for("channel-event", channel="main", what="error-auth")


@needs_tshark
@needs_root_time_namespace
async def test_video_and_tone_go_on_at_a_host_whose_clock_differs(tmp_path: Path) -> None:
    file = tmp_path / "streams.pcapng"
    source = QemuOptions(streams=True)
    target = QemuOptions(streams=True, clock_ahead=100)
    async with (
        qemu_pair(tmp_path, source, target) as (a, b),
        sniffing([a.port, b.port], file),
        client_at(a, tmp_path) as client,
    ):
        await client.wait_for("playback-start")
        await wait_frames(client, 60)
        resets = len(client.log.all("mm-time-reset"))
        await hand_over(a, b, client)
        await client.wait_for("mm-time-reset", count=resets + 1)
        await client.wait_for("playback-start", count=2)
        await wait_frames(client, 60)
    for host in (a, b):
        assert "STREAM_DATA (JPEG JFIF image)" in decoded(file, host.port, "-Y", f"tcp.srcport == {host.port}")


async def wait_frames(client: SpiceGtkClient, frames: int) -> None:
    """Wait until the guest's video was drawn that many times more."""
    area = [LEFT * 2, TOP * 2, COLUMN * 2, ROWS * 2]
    await client.wait_for("invalidate", area=area, count=len(client.log.all("invalidate", area=area)) + frames)


@needs_tshark
@pytest.mark.parametrize(
    ("seamless", "said"),
    [
        (False, "Server MIGRATE_BEGIN / Client MIGRATE_CONNECTED / Server MIGRATE_END"),
        (True, "Server MIGRATE_BEGIN_SEAMLESS / Client MIGRATE_CONNECTED_SEAMLESS"),
    ],
    ids=["semi-seamless", "seamless"],
)
async def test_what_is_said_on_the_wire_is_captured(tmp_path: Path, seamless: bool, said: str) -> None:
    file = tmp_path / "handover.pcapng"
    async with (
        qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b),
        sniffing([a.port, b.port], file),
        client_at(a, tmp_path) as client,
    ):
        await hand_over(a, b, client)
        await b.wait_channels(CHANNEL_TYPES)
    for host in (a, b):
        assert link_requests(file, host.port) == CHANNEL_TYPES
    begins = re.findall(
        r"(?:Server|Client) MIGRATE_(?:BEGIN|CONNECTED|END)\w*", decoded(file, a.port, "-Y", f"tcp.port == {a.port}")
    )
    assert " / ".join(begins) == said


def link_requests(file: Path, port: int) -> list[int]:
    """The channel types that clients asked for at ``port``, sorted."""
    requests = f"spice.link_client && tcp.dstport == {port}"
    return sorted(map(int, decoded(file, port, "-Y", requests, "-T", "fields", "-e", "spice.channel_type").split()))


def decoded(file: Path, port: int, *options: str) -> str:
    """What tshark says of the packets, taking those of ``port`` for SPICE."""
    command = ["tshark", "-r", str(file), "-d", f"tcp.port=={port},spice", *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


async def test_another_port_is_tried_when_one_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with silent_port() as taken:
        ports = iter([taken, free_port()])
        monkeypatch.setattr(qemu_host, "free_port", lambda: next(ports))
        async with QemuHost("A", tmp_path) as a:
            assert a.port != taken
            assert (await a.query_spice())["port"] == a.port


async def test_errors_are_one_line_that_says_what_went_wrong(tmp_path: Path) -> None:
    with refusing_port() as nobody:
        async with QemuHost("A", tmp_path) as a, SpiceGtkClient(tmp_path) as client:
            with pytest.raises(PeerError, match=r"^A: migrate: .*$"):
                await a.migrate("carrier-pigeon:coop")
            with pytest.raises(PeerError, match=r"^A: no RESUME within 0.1 s; told last: .*$"):
                await a.wait_event("RESUME", limit=0.1)
            await client.start(nobody)
            await client.wait_for("channel-event", channel="main", what="error-connect")
    with pytest.raises(PeerError, match=r"^A: query-status: .*$"):
        await a.is_running()


async def test_a_peer_dies_with_the_tests(tmp_path: Path) -> None:
    program = (
        "import asyncio, pathlib, peer_process\n"
        "async def main():\n"
        "    command = ['sh', '-c', 'echo begins; exec sleep 600']\n"
        f"    log = pathlib.Path({str(tmp_path / 'peer.log')!r})\n"
        "    peer = await peer_process.PeerProcess.start(command, log, talks=True)\n"
        "    await peer.output.readline()\n"
        "    print(peer.pid, flush=True)\n"
        "    await peer.wait()\n"
        "asyncio.run(main())\n"
    )
    tests = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=Path(__file__).parent)
    assert tests.stdout is not None
    peer = int(tests.stdout.readline())
    assert is_alive(peer)
    os.kill(tests.pid, signal.SIGKILL)
    tests.wait()
    tests.stdout.close()

    async def ask() -> bool:
        return is_alive(peer)

    await until(ask, lambda alive: not alive, "end of the peer")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
