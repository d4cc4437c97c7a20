"""Hosts without input and output on a bench: a clock that is moved by hand, and clients that follow a script."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from switchover.models.language import Message
from switchover.models.spice.protocol import base, display, main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write
from switchover.runtime.spice import codec
from switchover.runtime.spice.events import MessageSeen, NotAllowed
from switchover.runtime.spice.framing import FrameReader, FrameWriter
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.link import ClientLink, LinkRequest
from switchover.runtime.spice.ticket import ServerKey

Event = TypeVar("Event")

COMMON_CAPS = frozenset((0, 1, 3))
MAIN_CAPS = frozenset((0, 1, 2, 3))
CAPS: dict[ChannelType, frozenset[int]] = {
    ChannelType.MAIN: MAIN_CAPS,
    ChannelType.DISPLAY: frozenset((0, 1, 4, 8, 9)),
    ChannelType.PLAYBACK: frozenset((1,)),
}
BESIDE_MAIN = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR, ChannelType.PLAYBACK)
LIMIT = 1 << 24


@cache
def key() -> ServerKey:
    """One for all hosts: to make one takes a while."""
    return ServerKey.generate()


@dataclass
class HostOnBench:
    """A host, under its name; ``port`` is its SPICE port, the next one takes guests."""

    name: str
    port: int
    endpoint: HostEndpoint
    events: list[object] = field(default_factory=list)

    @property
    def migration(self) -> Address:
        return Address(self.name, self.port + 1)

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def said(self, channel: ChannelType, sender: Side = Side.SERVER) -> list[str]:
        """Names of the messages on a channel, the steps of its links and frames excepted."""
        return [
            event.name
            for event in self.all(MessageSeen)
            if event.channel[0] is channel and event.sender is sender and event.number is not None
            if event.name not in ("STREAM_DATA", "ACK", "DATA")
        ]

    def frames(self) -> list[MessageSeen]:
        return [event for event in self.all(MessageSeen) if event.name == "STREAM_DATA"]

    def happened(self, what: Happening) -> int:
        return sum(event.what is what for event in self.all(HostEvent))

    @property
    def complaints(self) -> list[NotAllowed]:
        return self.all(NotAllowed)


class Wire:
    """A client's connection to a host. ``messages``: what has come and was not taken yet; ``writes``: how it came."""

    def __init__(self, bench: Bench, host: HostOnBench, number: int) -> None:
        self._bench = bench
        self.host = host
        self.number = number
        self.channel = ChannelType.MAIN
        self.messages: list[Message] = []
        self.is_closed = False
        self.is_paused = False
        self.result: int | None = None
        self.writes: list[Write] = []
        self._kept = b""
        self._link: ClientLink | None = None
        self._reader: FrameReader | None = None
        self._writer = FrameWriter(mini=True)

    def link(
        self,
        channel: ChannelType,
        connection_id: int,
        caps: frozenset[int] | None = None,
        *,
        number: int = 0,
        password: str = "",
        common: frozenset[int] = COMMON_CAPS,
    ) -> Wire:
        """Link, as far as the host lets it."""
        self.channel = channel
        own = CAPS.get(channel, frozenset()) if caps is None else caps
        self._link = ClientLink(LinkRequest(connection_id, channel, number, common, own), password)
        self._writer = FrameWriter(3 in common)
        self.write(self._link.start())
        return self

    def write(self, data: bytes) -> None:
        """Send bytes; while the host does not read, they wait."""
        self._kept += data
        self.push()

    def push(self) -> None:
        """Deliver what waits, if the host reads."""
        if self._kept and not self.is_paused and not self.is_closed:
            data, self._kept = self._kept, b""
            self._bench.tell(self.host, self.host.endpoint.received, self.number, data)

    def send(self, message: Message) -> None:
        number, body = codec.encode(self.channel, Side.CLIENT, message)
        self.write(self._writer.frame(number, body))

    def close(self) -> None:
        """Close this end."""
        self.is_closed = True
        self._bench.wires.pop((self.host.name, self.number), None)
        self._bench.tell(self.host, self.host.endpoint.ended, self.number)

    def arrive(self, data: bytes) -> None:
        """Bytes from the host."""
        if self._link is None:
            return
        if self._reader is None:
            self.write(self._link.receive(data))
            outcome = self._link.outcome
            if outcome is None:
                return
            self.result = outcome.result
            self._reader = FrameReader(3 in outcome.common_caps & self._link.request.common_caps, LIMIT)
            data = self._link.rest
        self._reader.feed(data)
        while (frame := self._reader.next()) is not None:
            self.messages.append(codec.decode(self.channel, Side.SERVER, frame.number, frame.body))

    def take(self) -> list[str]:
        """Names of what has come since the last time, frames excepted."""
        found = [codec.name_of(each) for each in self.messages if not isinstance(each, display.StreamData)]
        self.messages.clear()
        return found

    def last(self, kind: type[Event]) -> Event:
        """The last message of a kind."""
        return [each for each in self.messages if isinstance(each, kind)][-1]


class Bench:
    """Hosts by name, and who is connected to whom. Streams between hosts arrive at once."""

    def __init__(self) -> None:
        self.now = 100.0
        self.hosts: dict[str, HostOnBench] = {}
        self.wires: dict[tuple[str, int], Wire] = {}
        self._streams: dict[tuple[str, int], tuple[HostOnBench, int]] = {}
        self._ids = itertools.count(0x1001)
        self._wishes: deque[tuple[HostOnBench, Wish]] = deque()
        self._is_busy = False

    def host(self, name: str, options: HostOptions | None = None, *, with_guest: bool = False) -> HostOnBench:
        endpoint = HostEndpoint(options, key=key(), draw=lambda: next(self._ids))
        found = HostOnBench(name, 5900 + 10 * len(self.hosts), endpoint)
        self.hosts[name] = found
        if with_guest:
            self.tell(found, endpoint.start_guest)
        return found

    def connect(self, host: HostOnBench, listener: str = "spice") -> Wire:
        number, wishes = host.endpoint.accepted(listener, "client", self.now)
        wire = self.wires[host.name, number] = Wire(self, host, number)
        self._carry_out(host, wishes)
        return wire

    def tell(self, host: HostOnBench, method: Callable[..., Sequence[Wish]], *args: Any, **options: Any) -> None:
        """Call a method of a host's endpoint, and carry out its wishes."""
        self._carry_out(host, method(*args, now=self.now, **options))

    def advance(self, seconds: float) -> None:
        """Let time pass, with every deadline of every host."""
        end = self.now + seconds
        while True:
            due = [(at, host) for host in self.hosts.values() if (at := host.endpoint.next_deadline()) is not None]
            at, host = min(due, default=(end + 1, None), key=lambda each: each[0])
            if host is None or at > end:
                self.now = end
                return
            self.now = max(self.now, at)
            self.tell(host, host.endpoint.timeout)

    def _carry_out(self, host: HostOnBench, wishes: Sequence[Wish]) -> None:
        """In order: what a wish sets off comes after those that were there before."""
        self._wishes.extend((host, wish) for wish in wishes)
        if self._is_busy:
            return
        self._is_busy = True
        while self._wishes:
            self._carry_out_one(*self._wishes.popleft())
        self._is_busy = False

    def _carry_out_one(self, host: HostOnBench, wish: Wish) -> None:
        if isinstance(wish, Report):
            host.events.append(wish.event)
        elif isinstance(wish, Connect):
            self._connect(host, wish)
        elif (host.name, wish.connection) in self._streams:
            self._on_stream(host, wish)
        elif (wire := self.wires.get((host.name, wish.connection))) is not None:
            self._on_wire(wire, wish)

    def _on_wire(self, wire: Wire, wish: Wish) -> None:
        if isinstance(wish, Write):
            wire.writes.append(wish)
            wire.arrive(wish.data)
        elif isinstance(wish, Close):
            wire.is_closed = True
            del self.wires[wire.host.name, wire.number]
        elif isinstance(wish, Pause | Resume):
            wire.is_paused = isinstance(wish, Pause)
            wire.push()

    def _connect(self, host: HostOnBench, wish: Connect) -> None:
        target = self.hosts.get(wish.address.host)
        if target is None:
            self.tell(host, host.endpoint.refused, wish.connection, "refused")
            return
        number, wishes = target.endpoint.accepted("migration", host.name, self.now)
        self._streams[host.name, wish.connection] = (target, number)
        self._streams[target.name, number] = (host, wish.connection)
        self._carry_out(target, wishes)
        self.tell(host, host.endpoint.connected, wish.connection)

    def _on_stream(self, host: HostOnBench, wish: Wish) -> None:
        peer, number = self._streams[host.name, wish.connection]  # type: ignore[union-attr]
        if isinstance(wish, Write):
            self.tell(peer, peer.endpoint.received, number, wish.data)
        elif isinstance(wish, Close):
            del self._streams[host.name, wish.connection], self._streams[peer.name, number]
            self.tell(peer, peer.endpoint.ended, number)


@dataclass
class ScriptedClient:
    """A client's connections to one host: main, and the others by type."""

    main: Wire
    session: int
    others: dict[ChannelType, Wire]

    def all(self) -> list[Wire]:
        return [self.main, *self.others.values()]

    def close(self) -> None:
        for wire in self.all():
            if not wire.is_closed:
                wire.close()


def new_client(
    bench: Bench,
    host: HostOnBench,
    *,
    caps: frozenset[int] = MAIN_CAPS,
    channels: tuple[ChannelType, ...] = BESIDE_MAIN,
) -> ScriptedClient:
    """A new client in service on all channels."""
    wire = bench.connect(host).link(ChannelType.MAIN, 0, caps)
    session = wire.last(main.Init).session_id
    wire.send(main.AttachChannels())
    others = {each: bench.connect(host).link(each, session) for each in channels}
    if ChannelType.DISPLAY in others:
        initialise_display(others[ChannelType.DISPLAY])
    return ScriptedClient(wire, session, others)


def initialise_display(wire: Wire) -> None:
    """What a client says first on a display that starts anew."""
    wire.send(display.Init(1, 1 << 20, 1, 1 << 18))
    wire.send(base.AckSync(1))


def preconnect(
    bench: Bench, client: ScriptedClient, target: HostOnBench, *, caps: frozenset[int] = MAIN_CAPS
) -> ScriptedClient:
    """Link everything at the target with the session's id."""
    wire = bench.connect(target).link(ChannelType.MAIN, client.session, caps)
    others = {each: bench.connect(target).link(each, client.session) for each in client.others}
    return ScriptedClient(wire, client.session, others)


def migrate(bench: Bench, source: HostOnBench, target: HostOnBench) -> None:
    """The guest goes from source to target."""
    bench.tell(source, source.endpoint.migrate, target.migration)
    bench.tell(source, source.endpoint.complete)
