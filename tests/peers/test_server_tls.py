"""A real spice-gtk client follows the guest between our hosts with TLS; BEGIN says which subject the target's has."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority
from our_host import OurHost, our_host
from requirements import needs_spice_gtk
from spice_gtk import SpiceGtkClient, Tls
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.host_events import Happening, NetTested
from switchover.runtime.spice.host_options import ALL_CHANNELS, HostOptions
from switchover.runtime.tls import server_context

CHANNELS = ["cursor", "display", "inputs", "main", "playback"]
NEED_SECURED = 5
SOME = frozenset((ChannelType.MAIN, ChannelType.INPUTS))

pytestmark = needs_spice_gtk


@dataclass(frozen=True)
class Certified:
    """An authority's file, and a host's certificate that names no host: only the subject vouches for it."""

    ca_file: Path
    context: ssl.SSLContext


@pytest.fixture
def certified(tmp_path: Path) -> Certified:
    authority = Authority(tmp_path)
    files = authority.vouch(SUBJECT)
    return Certified(authority.file, server_context(files.certificate, files.key))


@asynccontextmanager
async def pair(options: HostOptions, certified: Certified) -> AsyncIterator[tuple[OurHost, OurHost]]:
    async with (
        our_host(options, with_guest=True, tls=certified.context) as a,
        our_host(options, tls=certified.context) as b,
    ):
        yield a, b


def replies(host: OurHost) -> list[tuple[ChannelType, int]]:
    """The channels that were asked for, and the error that was answered."""
    found = [each for each in host.all(MessageSeen) if each.name == "LINK_REPLY"]
    return sorted((each.channel[0], each.message.error) for each in found)  # type: ignore[union-attr, attr-defined]


@pytest.mark.parametrize("channels", [SOME, ALL_CHANNELS], ids=["some channels", "all channels"])
@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_the_client_follows_the_guest(
    tmp_path: Path, certified: Certified, seamless: bool, channels: frozenset[ChannelType]
) -> None:
    options = HostOptions(design=ServerDesign(seamless=seamless), tls_channels=channels)
    async with pair(options, certified) as (a, b), SpiceGtkClient(tmp_path) as client:
        tls = Tls(a.tls_port, certified.ca_file, SUBJECT_TEXT)
        await client.start(0 if channels == ALL_CHANNELS else a.port, tls=tls)
        await client.wait_open(*CHANNELS)
        await a.until_received("STREAM_REPORT", channel=ChannelType.DISPLAY)
        await a.until("measured line", lambda: bool(a.all(NetTested)))
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port, b.tls_port, SUBJECT_TEXT)
        await client.wait_preconnected()
        a.driver.call(a.endpoint.migrate, b.migration)
        await a.until_streaming()
        a.driver.call(a.endpoint.complete)
        await a.until_happened(Happening.SPICE_MIGRATE_COMPLETED)
        await client.wait_at(b.tls_port)
        await b.until_received("STREAM_REPORT", 2, channel=ChannelType.DISPLAY)
        linked, asked = {(each, 0) for each in ALL_CHANNELS}, {(each, NEED_SECURED) for each in channels}
        assert set(replies(a)) == (linked if channels == ALL_CHANNELS else linked | asked)
        assert set(replies(b)) == linked | asked
        assert not a.messages(Side.SERVER, "NOTIFY")
        assert client.channels == CHANNELS
        assert b.open_connections == len(CHANNELS)
        assert (a.complaints, b.complaints) == ([], [])


async def test_a_target_with_another_subject_is_refused(tmp_path: Path, certified: Certified) -> None:
    async with pair(HostOptions(tls_channels=ALL_CHANNELS), certified) as (a, b), SpiceGtkClient(tmp_path) as client:
        await client.start(0, tls=Tls(a.tls_port, certified.ca_file, SUBJECT_TEXT))
        await client.wait_open(*CHANNELS)
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port, b.tls_port, "CN=somebody else")
        await a.until_received("MIGRATE_CONNECT_ERROR")
        assert client.channels == CHANNELS
        assert a.open_connections == len(CHANNELS)
        await b.until("end of the attempt", lambda: b.open_connections == 0)
        assert replies(b) == [(ChannelType.MAIN, NEED_SECURED)]


async def test_n22_a_target_without_a_plain_port_is_sought_at_port_65535(tmp_path: Path, certified: Certified) -> None:
    """An absent port is no reason for spice-gtk to take the other one."""
    async with pair(HostOptions(), certified) as (a, b), SpiceGtkClient(tmp_path) as client:
        await client.start(0, tls=Tls(a.tls_port, certified.ca_file, SUBJECT_TEXT))
        await client.wait_open(*CHANNELS)
        a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", -1, b.tls_port, SUBJECT_TEXT)
        await a.until_received("MIGRATE_CONNECT_ERROR")
        assert b.events == []
        assert client.channels == CHANNELS
