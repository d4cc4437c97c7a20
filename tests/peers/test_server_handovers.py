"""Peer group 2: a real spice-gtk client follows the guest from one of our hosts to another."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from our_host import OurHost, our_host
from requirements import needs_spice_gtk
from spice_gtk import SpiceGtkClient
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Repairs
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.host_events import Happening
from switchover.runtime.spice.host_options import HostOptions

CHANNELS = ["cursor", "display", "inputs", "main", "playback"]

pytestmark = needs_spice_gtk


def options(
    *, seamless: bool = False, repairs: Repairs | None = None, agrees: bool = True, **others: object
) -> HostOptions:
    design = ServerDesign(seamless=seamless, repairs=repairs or Repairs(), agrees_to_seamless=agrees)
    return HostOptions(design=design, **others)  # type: ignore[arg-type]


@asynccontextmanager
async def client_at(host: OurHost, directory: Path, password: str | None = None) -> AsyncIterator[SpiceGtkClient]:
    """A client that has all its channels open at ``host``, and is shown its video."""
    async with SpiceGtkClient(directory) as client:
        await client.start(host.port, password)
        await client.wait_open(*CHANNELS)
        await host.until_received("STREAM_REPORT", channel=ChannelType.DISPLAY)
        yield client


async def hand_over(source: OurHost, target: OurHost, client: SpiceGtkClient, *, count: int = 1) -> None:
    """Migrate the guest, the client being pre-connected, for the ``count``-th time in the client's life."""
    completed = source.happened(Happening.SPICE_MIGRATE_COMPLETED)
    resumed = target.happened(Happening.GUEST_RESUMED)
    source.driver.call(source.endpoint.client_migrate_info, "127.0.0.1", target.port)
    await client.wait_preconnected(count=count)
    source.driver.call(source.endpoint.migrate, target.migration)
    await source.until_streaming()
    source.driver.call(source.endpoint.complete)
    await source.until_happened(Happening.SPICE_MIGRATE_COMPLETED, completed + 1)
    await target.until_happened(Happening.GUEST_RESUMED, resumed + 1)


async def until_video_goes_on(host: OurHost, reports: int = 2) -> None:
    """Wait until the client reports that it goes on showing the video of this host."""
    known = len(host.messages(Side.CLIENT, "STREAM_REPORT", channel=ChannelType.DISPLAY))
    await host.until_received("STREAM_REPORT", known + reports, channel=ChannelType.DISPLAY)


@pytest.mark.parametrize("repairs", [Repairs(), ALL_REPAIRS], ids=["shipped", "repaired"])
@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_the_client_follows_the_guest(tmp_path: Path, seamless: bool, repairs: Repairs) -> None:
    chosen = options(seamless=seamless, repairs=repairs, sound=True)
    async with (
        our_host(chosen, with_guest=True) as a,
        our_host(chosen) as b,
        client_at(a, tmp_path) as client,
    ):
        await hand_over(a, b, client)
        await client.wait_at(b.port)
        await until_video_goes_on(b)
        assert client.channels == CHANNELS
        assert b.endpoint.runs_guest
        assert not a.endpoint.runs_guest
        assert a.open_connections == 0
        assert b.open_connections == len(CHANNELS)
        assert (a.complaints, b.complaints) == ([], [])
        sent = a.messages(Side.SERVER, "MIGRATE_END", "MIGRATE", "MIGRATE_SWITCH_HOST")
        assert [each.name for each in sent] == ["MIGRATE" if seamless else "MIGRATE_END"]
        assert len(b.messages(Side.SERVER, "INIT")) == (0 if seamless else 1)


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_it_stays_when_the_migration_is_cancelled_in_the_middle(tmp_path: Path, seamless: bool) -> None:
    chosen = options(seamless=seamless)
    async with (
        our_host(chosen, with_guest=True) as a,
        our_host(chosen) as b,
        client_at(a, tmp_path) as client,
    ):
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port)
        await client.wait_preconnected()
        a.driver.call(a.endpoint.migrate, b.migration)
        await a.until_streaming()
        a.driver.call(a.endpoint.migrate_cancel)
        await client.wait_at(a.port)
        await until_video_goes_on(a)
        await b.until("no connections", lambda: b.open_connections == 0)
        assert client.channels == CHANNELS
        assert a.endpoint.runs_guest
        assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 0
        assert [each.name for each in a.messages(Side.SERVER, "MIGRATE_CANCEL")] == ["MIGRATE_CANCEL"]

        await hand_over(a, b, client, count=2)
        await client.wait_at(b.port)
        await until_video_goes_on(b)
        assert (a.complaints, b.complaints) == ([], [])


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_there_and_back(tmp_path: Path, seamless: bool) -> None:
    chosen = options(seamless=seamless)
    async with (
        our_host(chosen, with_guest=True) as a,
        our_host(chosen) as b,
        client_at(a, tmp_path) as client,
    ):
        await hand_over(a, b, client)
        await client.wait_at(b.port)
        await until_video_goes_on(b)
        await hand_over(b, a, client, count=2)
        await client.wait_at(a.port)
        await until_video_goes_on(a)
        session = a.messages(Side.SERVER, "INIT")[0].message
        assert session is not None
        linked = [each.message for each in a.messages(Side.CLIENT, "LINK")]
        assert linked[1].connection_id == session.session_id  # type: ignore[union-attr, attr-defined]
        assert (a.complaints, b.complaints) == ([], [])


async def test_twenty_handovers_in_a_row(tmp_path: Path) -> None:
    """Semi-seamless one way, seamless the other."""
    async with (
        our_host(options(), with_guest=True) as a,
        our_host(options(seamless=True)) as b,
        client_at(a, tmp_path) as client,
    ):
        here, there = a, b
        for count in range(1, 21):
            await hand_over(here, there, client, count=count)
            await client.wait_at(there.port, count=(count + 1) // 2)
            await until_video_goes_on(there, reports=1)
            here, there = there, here
        assert client.channels == CHANNELS
        assert (a.open_connections, b.open_connections) == (len(CHANNELS), 0)
        assert (a.complaints, b.complaints) == ([], [])


async def test_a_target_that_does_not_agree_is_reached_semi_seamlessly(tmp_path: Path) -> None:
    async with (
        our_host(options(seamless=True), with_guest=True) as a,
        our_host(options(agrees=False)) as b,
        client_at(a, tmp_path) as client,
    ):
        await hand_over(a, b, client)
        await client.wait_at(b.port)
        await until_video_goes_on(b)
        assert b.messages(Side.SERVER, "MIGRATE_DST_SEAMLESS_NACK")
        assert a.messages(Side.SERVER, "MIGRATE_END")


async def test_a_migration_too_early_ends_with_switch_host(tmp_path: Path) -> None:
    """The guest is at the target before the client has linked there (facts: interop 3)."""
    async with (
        our_host(options(), with_guest=True) as a,
        our_host(options()) as b,
        client_at(a, tmp_path) as client,
    ):
        a.driver.call(a.endpoint.migrate, b.migration)
        await a.until_streaming()
        a.driver.call(a.endpoint.complete)
        await b.until_happened(Happening.GUEST_RESUMED)
        assert client.channels == CHANNELS  # nobody told it: no client_migrate_info

    early = options(migration_time=0.0)
    async with (
        our_host(early, with_guest=True) as a,
        our_host(early) as b,
        client_at(a, tmp_path) as client,
    ):
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port)
        a.driver.call(a.endpoint.migrate, b.migration)
        await a.until_sent("MIGRATE_SWITCH_HOST")
        await client.wait_for("channel-event", channel="main", session=1, what="opened", peer=b.port)
        await until_video_goes_on(b)
        assert b.messages(Side.SERVER, "INIT")
        assert client.channels == CHANNELS


async def test_a_refused_ticket_ends_with_switch_host_and_a_renewed_one_lets_the_client_in(tmp_path: Path) -> None:
    secret = options(password="right")
    async with (
        our_host(secret, with_guest=True) as a,
        our_host(options(password="wrong")) as b,
        client_at(a, tmp_path, "right") as client,
    ):
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port)
        await a.until_received("MIGRATE_CONNECT_ERROR")
        b.driver.call(b.endpoint.set_password, "right")
        a.driver.call(a.endpoint.migrate, b.migration)
        await a.until_streaming()
        a.driver.call(a.endpoint.complete)
        await client.wait_for("channel-event", channel="main", session=1, what="opened", peer=b.port)
        await until_video_goes_on(b)
        assert client.channels == CHANNELS
        results = [each.message for each in b.messages(Side.SERVER, "LINK_RESULT")]
        assert [each.result for each in results] == [7, 0]  # type: ignore[union-attr, attr-defined]


async def test_an_expired_ticket_is_refused(tmp_path: Path) -> None:
    async with our_host(options(password="secret"), with_guest=True) as a, SpiceGtkClient(tmp_path) as client:
        a.driver.call(a.endpoint.set_password, "secret", lifetime=0.01)
        await a.until_happened(Happening.TICKET_EXPIRED)
        await client.start(a.port, "secret")
        await client.wait_for("channel-event", channel="main", what="error-auth")
