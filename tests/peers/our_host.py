"""Our host on real sockets, with what the tests wait for."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from loopback_ports import LOOPBACK
from peer_log import LIMIT, PeerError
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.events import Ended, MessageSeen, NotAllowed
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import HostOptions

Event = TypeVar("Event")


class OurHost:
    """A running host: its ports, everything that it reported, and waiting for more."""

    def __init__(self, endpoint: HostEndpoint) -> None:
        self.endpoint = endpoint
        self.port = self.tls_port = -1
        self.migration = Address(LOOPBACK, 0)
        self.events: list[object] = []
        self.driver = Driver(endpoint, on_report=self._take)
        self._news = asyncio.Event()

    def _take(self, event: object) -> None:
        self.events.append(event)
        self._news.set()

    async def listen(self, tls: ssl.SSLContext | None = None) -> None:
        """``tls``: with TLS too."""
        self.port = await self.driver.listen("spice", LOOPBACK)
        if tls is not None:
            self.tls_port = await self.driver.listen("spice-tls", LOOPBACK, ssl=tls)
        self.migration = Address(LOOPBACK, await self.driver.listen("migration", LOOPBACK))

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def messages(self, sender: Side, *names: str, channel: ChannelType = ChannelType.MAIN) -> list[MessageSeen]:
        return [
            event
            for event in self.all(MessageSeen)
            if event.sender is sender and event.channel[0] is channel and (not names or event.name in names)
        ]

    def happened(self, what: Happening) -> int:
        return sum(event.what is what for event in self.all(HostEvent))

    @property
    def complaints(self) -> list[object]:
        """What should not happen with a peer that behaves."""
        return list(self.all(NotAllowed))

    @property
    def open_connections(self) -> int:
        return len({e.connection for e in self.all(MessageSeen)} - {e.connection for e in self.all(Ended)})

    async def until(self, what: str, holds: Callable[[], bool], limit: float = LIMIT) -> None:
        """Wait until it holds. Raises `PeerError` that says what was waited for, and what came last."""
        try:
            async with asyncio.timeout(limit):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise PeerError(f"no {what} within {limit:g} s; last: {self.events[-4:]}") from None

    async def until_happened(self, what: Happening, count: int = 1) -> None:
        await self.until(str(what), lambda: self.happened(what) >= count)

    async def until_sent(self, name: str, count: int = 1, channel: ChannelType = ChannelType.MAIN) -> None:
        await self.until(f"{name} sent", lambda: len(self.messages(Side.SERVER, name, channel=channel)) >= count)

    async def until_received(self, name: str, count: int = 1, channel: ChannelType = ChannelType.MAIN) -> None:
        await self.until(f"{name} received", lambda: len(self.messages(Side.CLIENT, name, channel=channel)) >= count)

    async def until_streaming(self) -> None:
        """Wait until the guest can be migrated at any moment: the target is loading."""
        await self.until("a loading target", lambda: self.endpoint.is_streaming)


@asynccontextmanager
async def our_host(
    options: HostOptions | None = None, *, with_guest: bool = False, tls: ssl.SSLContext | None = None
) -> AsyncIterator[OurHost]:
    """A host that listens on loopback, and runs a guest if it is to."""
    host = OurHost(HostEndpoint(options))
    async with host.driver:
        await host.listen(tls)
        if with_guest:
            host.driver.call(host.endpoint.start_guest)
        yield host
