"""Our client between hosts of which some channels need TLS: asked to, it comes back with it (facts: SPICE 1.3)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority
from host_bench import key
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.events import Ended, MessageSeen, NotAllowed
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import ALL_CHANNELS, HostOptions
from switchover.runtime.tls import server_context
from waiting import run, until

LOOPBACK = "127.0.0.1"
SOME = frozenset((ChannelType.MAIN, ChannelType.INPUTS))


class Host:
    """It listens with TLS and without."""

    def __init__(self, options: HostOptions) -> None:
        self.endpoint = HostEndpoint(options, key=key())
        self.events: list[object] = []
        self.driver = Driver(self.endpoint, on_report=self.events.append)
        self.port = self.tls_port = 0
        self.migration = Address(LOOPBACK, 0)

    async def listen(self, authority: Authority) -> None:
        files = authority.vouch(SUBJECT)
        self.port = await self.driver.listen("spice")
        self.tls_port = await self.driver.listen("spice-tls", ssl=server_context(files.certificate, files.key))
        self.migration = Address(LOOPBACK, await self.driver.listen("migration"))

    def happened(self, what: Happening) -> bool:
        return any(isinstance(each, HostEvent) and each.what is what for each in self.events)

    def replies(self) -> list[tuple[ChannelType, int]]:
        """The channels that were asked for, and the error that was answered."""
        found = [each for each in self.events if isinstance(each, MessageSeen) and each.name == "LINK_REPLY"]
        return sorted((each.channel[0], each.message.error) for each in found)  # type: ignore[union-attr, attr-defined]


@asynccontextmanager
async def hosts(folder: Path, options: HostOptions) -> AsyncIterator[tuple[Host, Host, ClientEndpoint, Driver]]:
    """Two hosts, and a client that has all channels at the first."""
    authority = Authority(folder)
    source, target = Host(options), Host(options)
    async with AsyncExitStack() as stack:
        for host in (source, target):
            await stack.enter_async_context(host.driver)
            await host.listen(authority)
        source.driver.call(source.endpoint.start_guest)
        client = ClientEndpoint(Target(LOOPBACK, source.port, source.tls_port, SUBJECT_TEXT))
        driver = await stack.enter_async_context(Driver(client, ca_file=authority.file))
        driver.call(client.connect)
        await until(lambda: len(client.attached) == len(ALL_CHANNELS))
        yield source, target, client, driver
        driver.call(client.quit)
        await until(lambda: not host_of(client))


def host_of(client: ClientEndpoint) -> set[int | None]:
    return {each.port for each in client.attached.values()}


def secured(channels: frozenset[ChannelType]) -> list[tuple[ChannelType, int]]:
    """Each channel is linked, those that need TLS at the second try."""
    return sorted([*((each, 0) for each in ALL_CHANNELS), *((each, 5) for each in channels)])


@pytest.mark.parametrize("channels", [SOME, ALL_CHANNELS], ids=["some channels", "all channels"])
@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
def test_the_client_goes_over_and_secures_what_it_has_to(
    tmp_path: Path, seamless: bool, channels: frozenset[ChannelType]
) -> None:
    async def handover() -> None:
        options = HostOptions(design=ServerDesign(seamless=seamless), tls_channels=channels)
        async with hosts(tmp_path, options) as (a, b, client, _):
            assert a.replies() == secured(channels)
            a.driver.call(a.endpoint.client_migrate_info, LOOPBACK, b.port, b.tls_port, SUBJECT_TEXT)
            await until(lambda: a.happened(Happening.CONNECT_COMPLETED))
            assert b.replies() == secured(channels)
            a.driver.call(a.endpoint.migrate, b.migration)
            await until(lambda: a.endpoint.is_streaming)
            a.driver.call(a.endpoint.complete)
            await until(lambda: a.happened(Happening.SPICE_MIGRATE_COMPLETED))
            await until(lambda: len(client.attached) == len(ALL_CHANNELS) and host_of(client) == {b.port})
            assert not [each for host in (a, b) for each in host.events if isinstance(each, NotAllowed)]
            assert not [each for each in a.events if isinstance(each, MessageSeen) and each.name == "NOTIFY"]

    run(handover())


def test_a_target_with_another_certificate_is_not_trusted(tmp_path: Path) -> None:
    async def refusal() -> None:
        async with hosts(tmp_path, HostOptions(tls_channels=SOME)) as (a, b, client, _):
            a.driver.call(a.endpoint.client_migrate_info, LOOPBACK, b.port, b.tls_port, "CN=somebody else")
            await until(lambda: a.happened(Happening.CONNECT_COMPLETED))
            said = [each.name for each in a.events if isinstance(each, MessageSeen) and each.sender is Side.CLIENT]
            assert "MIGRATE_CONNECT_ERROR" in said
            assert host_of(client) == {a.port}
            await until(lambda: [each for each in b.events if isinstance(each, Ended)])

    run(refusal())


def test_a_client_with_tls_is_turned_away_from_a_channel_that_must_be_plain(tmp_path: Path) -> None:
    async def refusal() -> None:
        authority, host = Authority(tmp_path), Host(HostOptions(plaintext_channels=ALL_CHANNELS))
        async with host.driver:
            await host.listen(authority)
            client = ClientEndpoint(Target(LOOPBACK, None, host.tls_port, SUBJECT_TEXT), tls=True)
            async with Driver(client, ca_file=authority.file) as driver:
                driver.call(client.connect)
                await until(lambda: client.is_over)
            assert host.replies() == [(ChannelType.MAIN, 6)]

    run(refusal())
