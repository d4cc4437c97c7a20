"""Our client on real sockets, with what the tests wait for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from loopback_ports import LOOPBACK
from peer_log import LIMIT, PeerError
from switchover.models.spice.link_timing.endpoints import ClientDesign
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.spice.client import ClientEndpoint, ClientOptions, Target
from switchover.runtime.spice.events import Ended, MessageSeen
from switchover.runtime.spice.handovers import Handover, HandoverLog, Result

Event = TypeVar("Event")

#: What spice-gtk does, instead of our repairs.
SHIPPED = ClientOptions(design=ClientDesign(), stream_design="since_0_34")


@dataclass(frozen=True)
class Tls:
    """How a client comes to a server with TLS. ``subject``: of its certificate."""

    port: int
    ca_file: Path
    subject: str


class OurClient:
    """A running client: everything that it reported, and waiting for more."""

    def __init__(self, endpoint: ClientEndpoint) -> None:
        self.endpoint = endpoint
        self.events: list[object] = []
        self.log = HandoverLog()
        self._news = asyncio.Event()

    def take(self, event: object) -> None:
        self.events.append(event)
        self.log.feed(event)
        self._news.set()

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def messages(self, sender: Side, *names: str, channel: ChannelType = ChannelType.MAIN) -> list[MessageSeen]:
        return [
            event
            for event in self.all(MessageSeen)
            if event.sender is sender and event.channel[0] is channel and (not names or event.name in names)
        ]

    async def until(self, what: str, holds: Callable[[], bool], limit: float = LIMIT) -> None:
        """Wait until it holds. Raises `PeerError` that says what was waited for, and what came last."""
        try:
            async with asyncio.timeout(limit):
                while not holds():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise PeerError(f"no {what} within {limit:g} s; last: {self.events[-4:]}") from None

    async def until_attached(self, port: int, *types: ChannelType) -> None:
        """Wait until main and the channels of these types are attached to the server at ``port``, and no other is."""
        wanted = {(ChannelType.MAIN, 0), *((each, 0) for each in types)}

        def is_attached() -> bool:
            attached = self.endpoint.attached
            return set(attached) == wanted and {each.port for each in attached.values()} == {port}

        await self.until(f"attachment to port {port}", is_attached)

    async def until_preconnected(self, count: int = 1) -> None:
        """Wait until it has said for the ``count``-th time that it is linked to a target."""
        names = ("MIGRATE_CONNECTED", "MIGRATE_CONNECTED_SEAMLESS")
        await self.until("MIGRATE_CONNECTED", lambda: len(self.messages(Side.CLIENT, *names)) >= count)

    async def until_handover(self, result: Result, count: int = 1) -> Handover:
        """Wait for the ``count``-th handover that comes to this."""

        def found() -> list[Handover]:
            return [each for each in self.log.handovers if each.result is result]

        await self.until(f"handover that is {result}", lambda: len(found()) >= count)
        return found()[count - 1]

    @property
    def open_connections(self) -> int:
        return len({e.connection for e in self.all(MessageSeen)} - {e.connection for e in self.all(Ended)})


@asynccontextmanager
async def our_client(
    port: int, password: str = "", options: ClientOptions | None = None, *, tls: Tls | None = None
) -> AsyncIterator[OurClient]:
    """A client that connects to the server at ``port``, or with ``tls`` where that says, and leaves at the end."""
    target = Target(LOOPBACK, port) if tls is None else Target(LOOPBACK, port, tls.port, tls.subject)
    client = OurClient(ClientEndpoint(target, password, options, tls=tls is not None))
    ca_file = None if tls is None else tls.ca_file
    async with Driver(client.endpoint, on_report=client.take, ca_file=ca_file) as driver:
        driver.call(client.endpoint.connect)
        yield client
        if not client.endpoint.is_over:
            driver.call(client.endpoint.quit)
