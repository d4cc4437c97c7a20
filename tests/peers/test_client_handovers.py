"""Our client follows the guest of real QEMUs through real migrations."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from loopback_ports import refusing_port
from our_client import SHIPPED, OurClient, our_client
from qemu_host import QemuHost, QemuOptions, qemu_pair
from requirements import needs_qemu, needs_root_time_namespace
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.client import ClientOptions
from switchover.runtime.spice.events import FrameShown
from switchover.runtime.spice.handovers import Method, Result

CHANNELS = (ChannelType.DISPLAY, ChannelType.CURSOR, ChannelType.INPUTS)
TYPES = [1, 2, 3, 4]

pytestmark = needs_qemu

both_methods = pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
both_designs = pytest.mark.parametrize("options", [None, SHIPPED], ids=["reference", "shipped"])


@asynccontextmanager
async def client_at(
    host: QemuHost, password: str = "", options: ClientOptions | None = None
) -> AsyncIterator[OurClient]:
    """Our client, with every channel at ``host`` and something on its screen."""
    async with our_client(host.port, password, options) as client:
        await client.until_attached(host.port, *CHANNELS)
        await client.until("MARK", lambda: bool(client.messages(Side.SERVER, "MARK", channel=ChannelType.DISPLAY)))
        yield client


async def hand_over(source: QemuHost, target: QemuHost, client: OurClient, time: int = 1) -> None:
    """Migrate the guest when the client is linked to the target, for the ``time``-th time in the client's life."""
    await source.client_migrate_info(target.port)
    await client.until_preconnected(time)
    await source.migrate(target.migration_uri)
    await source.wait_event("SPICE_MIGRATE_COMPLETED")
    await target.wait_event("RESUME")
    await client.until_handover(Result.COMPLETED, time)


async def attached_where_the_guest_runs(client: OurClient, host: QemuHost) -> None:
    await client.until_attached(host.port, *CHANNELS)
    await host.wait_channels(TYPES)
    assert await host.is_running()
    assert client.log.not_allowed == []


@both_designs
@both_methods
async def test_the_client_follows_the_guest(tmp_path: Path, seamless: bool, options: ClientOptions | None) -> None:
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), client_at(a, options=options) as client:
        await hand_over(a, b, client)
        await attached_where_the_guest_runs(client, b)
        await a.wait_channels([])
        (handover,) = client.log.handovers
        assert handover.method is (Method.SEAMLESS if seamless else Method.SEMI_SEAMLESS)
        assert (handover.source, handover.target) == (f"127.0.0.1:{a.port}", f"127.0.0.1:{b.port}")
        assert handover.linking is not None
        assert handover.switching is not None
        sessions = {event.message.session_id for event in client.messages(Side.SERVER, "INIT")}  # type: ignore[union-attr]
        assert len(sessions) == 1, "the session's id goes with the client"


@both_designs
@both_methods
async def test_there_and_back(tmp_path: Path, seamless: bool, options: ClientOptions | None) -> None:
    pair = QemuOptions(seamless)
    async with (
        qemu_pair(tmp_path, pair) as (a, b),
        QemuHost("A2", tmp_path, pair, incoming=True) as back,
        client_at(a, options=options) as client,
    ):
        await hand_over(a, b, client)
        await attached_where_the_guest_runs(client, b)
        await hand_over(b, back, client, time=2)
        await attached_where_the_guest_runs(client, back)


@both_designs
@both_methods
async def test_after_a_cancel_client_and_guest_stay(
    tmp_path: Path, seamless: bool, options: ClientOptions | None
) -> None:
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), client_at(a, options=options) as client:
        await a.slow_down()
        await a.client_migrate_info(b.port)
        await client.until_preconnected()
        await a.migrate(b.migration_uri)
        await a.wait_migration("active")
        await a.migrate_cancel()
        await a.wait_migration("cancelled")
        # The target may end before the source has said CANCEL: a client that watches it then has given up by itself.
        await client.until("end of the attempt", lambda: client.log.handovers[0].result is not Result.UNDER_WAY)
        assert client.log.handovers[0].result in (Result.CANCELLED, Result.FAILED)
        await client.until("closing of the links to the target", lambda: client.open_connections == len(TYPES))
        await attached_where_the_guest_runs(client, a)
        assert not a.log.all("SPICE_MIGRATE_COMPLETED")


@both_designs
async def test_a_target_that_refuses_is_left_alone_until_the_end(tmp_path: Path, options: ClientOptions | None) -> None:
    """Nobody listens at the port that the client is sent to: it says so, is sent there all the same, and is lost."""
    async with qemu_pair(tmp_path) as (a, b), client_at(a, options=options) as client:
        with refusing_port() as nobody:
            await a.client_migrate_info(nobody)
            await client.until(
                "MIGRATE_CONNECT_ERROR", lambda: bool(client.messages(Side.CLIENT, "MIGRATE_CONNECT_ERROR"))
            )
            await client.until_attached(a.port, *CHANNELS)
            await a.migrate(b.migration_uri)
            await client.until("loss of the session", lambda: client.endpoint.is_over)
        assert client.endpoint.state == "lost"
        assert client.messages(Side.SERVER, "MIGRATE_SWITCH_HOST")
        await a.wait_event("SPICE_MIGRATE_COMPLETED")
        assert client.log.not_allowed == []


@both_designs
async def test_a_ticket_that_has_expired_at_the_target(tmp_path: Path, options: ClientOptions | None) -> None:
    """RHBZ #725009: the target refuses the link, and at the end the connection too."""
    tickets = QemuOptions(password="swordfish")
    async with qemu_pair(tmp_path, tickets) as (a, b), client_at(a, "swordfish", options) as client:
        await b.expire_password("swordfish")
        await a.client_migrate_info(b.port)
        await client.until("MIGRATE_CONNECT_ERROR", lambda: bool(client.messages(Side.CLIENT, "MIGRATE_CONNECT_ERROR")))
        await a.migrate(b.migration_uri)
        await client.until("loss of the session", lambda: client.endpoint.is_over)
        assert await b.channels() == []
        await b.wait_event("RESUME")
        assert client.log.not_allowed == []


@both_designs
async def test_a_ticket_that_was_renewed_before_the_end(tmp_path: Path, options: ClientOptions | None) -> None:
    tickets = QemuOptions(password="swordfish")
    async with qemu_pair(tmp_path, tickets) as (a, b), client_at(a, "swordfish", options) as client:
        await b.expire_password("swordfish")
        await a.client_migrate_info(b.port)
        await client.until("MIGRATE_CONNECT_ERROR", lambda: bool(client.messages(Side.CLIENT, "MIGRATE_CONNECT_ERROR")))
        await b.set_password("swordfish")
        await a.migrate(b.migration_uri)
        handover = await client.until_handover(Result.COMPLETED)
        assert handover.method is Method.SWITCH_HOST
        await attached_where_the_guest_runs(client, b)


@both_designs
@both_methods
async def test_a_migration_that_is_over_before_the_client_is_linked(
    tmp_path: Path, seamless: bool, options: ClientOptions | None
) -> None:
    """Migrated too early: the client is sent away while it links, and connects to the target anew."""
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), client_at(a, options=options) as client:
        await a.client_migrate_info(b.port)
        await a.migrate(b.migration_uri)
        await client.until_handover(Result.COMPLETED)
        await client.until_attached(b.port, *CHANNELS)
        await b.wait_event("RESUME")
        assert await b.is_running()
        assert client.log.not_allowed == []


@needs_root_time_namespace
@both_methods
@pytest.mark.parametrize("ahead", [100, -100], ids=["ahead", "behind"])
async def test_streams_across_clocks_that_are_100_s_apart(tmp_path: Path, seamless: bool, ahead: int) -> None:
    """The target's clock reaches the client before its first frame: nothing of its stream is lost."""
    source, target = (0, ahead) if ahead > 0 else (-ahead, 0)
    options = [QemuOptions(seamless, streams=True, clock_ahead=each) for each in (source, target)]
    async with qemu_pair(tmp_path, options[0], options[1]) as (a, b), our_client(a.port) as client:
        await client.until("video from the source", lambda: len(client.all(FrameShown)) >= 5)
        await hand_over(a, b, client)
        handover = client.log.handovers[0]

        def shown_of_the_target() -> int:
            return sum(client.log.host(each.connection) == handover.target for each in client.all(FrameShown))

        await client.until("video from the target", lambda: shown_of_the_target() >= 5)
        jumps = [each.jump for each in client.log.handovers[0].clock_jumps if abs(each.jump) > 50_000]
        assert [round(each / 100_000) for each in jumps] == [1 if ahead > 0 else -1]
        assert client.log.handovers[0].blackout is not None
        assert client.log.not_allowed == []
