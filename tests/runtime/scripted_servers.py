"""Servers that say what a test tells them to, and the client that they talk to; bytes go between them at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from switchover.models.language import Message
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, DisplayCap, MainCap, Side
from switchover.models.spice.protocol.link import LinkError
from switchover.runtime.endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write
from switchover.runtime.spice import codec
from switchover.runtime.spice.client import ClientEndpoint, ClientOptions, Target
from switchover.runtime.spice.framing import FrameReader, FrameWriter
from switchover.runtime.spice.link import ServerLink
from switchover.runtime.spice.ticket import ServerKey

MAIN, DISPLAY, INPUTS, CURSOR = ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR
PLAYBACK = ChannelType.PLAYBACK
KEY = ServerKey.generate()
SESSION = 0x1234
SOURCE = Target("a", 5900, 5901)
TARGET = Target("b", 5900)

Event = TypeVar("Event")


def announced(channel: int) -> tuple[frozenset[int], frozenset[int]]:
    """What the servers announce: mini headers, seamless migration, stream reports."""
    own = {MAIN: {*(each for each in MainCap if each != MainCap.MIGRATE_ATTEMPT)}, DISPLAY: {DisplayCap.STREAM_REPORT}}
    return frozenset((0, 1, 3)), frozenset(own.get(ChannelType(channel), set()))


@dataclass
class ServerEnd:
    """One connection, at its server."""

    number: int
    address: Address
    link: ServerLink
    reader: FrameReader = field(default_factory=lambda: FrameReader(True, 1 << 24))
    writer: FrameWriter = field(default_factory=lambda: FrameWriter(True))
    received: list[Message] = field(default_factory=list)
    channel: tuple[int, int] | None = None
    connection_id: int = 0
    is_linked: bool = False
    is_closed: bool = False
    is_paused: bool = False


@dataclass
class Stage:
    """The client and its servers.

    ``reply``: the error of LINK_REPLY at an address. ``result``: what a link comes to after it; None: it is not
    answered. ``refuses``: hosts.
    """

    client: ClientEndpoint
    reply: Callable[[Address], LinkError] = lambda _: LinkError.OK
    result: Callable[[ServerEnd], int | None] = lambda _: LinkError.OK
    refuses: set[str] = field(default_factory=set)
    ends: dict[int, ServerEnd] = field(default_factory=dict)
    events: list[object] = field(default_factory=list)
    now: float = 0.0

    def all(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]

    def carry_out(self, wishes: list[Wish]) -> None:
        """What the client wished for happens, and what the servers answer."""
        agenda = deque(wishes)
        while agenda:
            agenda.extend(self._one(agenda.popleft()))

    def _one(self, wish: Wish) -> list[Wish]:
        if isinstance(wish, Report):
            self.events.append(wish.event)
            return []
        if isinstance(wish, Connect):
            if wish.address.host in self.refuses:
                return self.client.refused(wish.connection, "refused", self.now)
            self.ends[wish.connection] = ServerEnd(wish.connection, wish.address, self._link_at(wish.address))
            return self.client.connected(wish.connection, self.now)
        end = self.ends[wish.connection]
        if isinstance(wish, Close):
            end.is_closed = True
        elif isinstance(wish, Pause | Resume):
            end.is_paused = isinstance(wish, Pause)
        elif isinstance(wish, Write):
            return self._write(end, wish.data)
        return []

    def _link_at(self, address: Address) -> ServerLink:
        return ServerLink(KEY, announced, lambda _: self.reply(address))

    def _write(self, end: ServerEnd, data: bytes) -> list[Wish]:
        if end.is_linked:
            end.reader.feed(data)
            while (frame := end.reader.next()) is not None:
                assert end.channel is not None
                end.received.append(codec.decode(end.channel[0], Side.CLIENT, frame.number, frame.body))
            return []
        answer = end.link.receive(data)
        wishes = self.client.received(end.number, answer, self.now) if answer else []
        request = end.link.request
        if request is None or not end.link.is_waiting_for_answer:
            return wishes
        end.channel, end.connection_id = (request.channel_type, request.channel_id), request.connection_id
        result = self.result(end)
        if result is None:
            return wishes
        return wishes + self.answer(end, result)

    def answer(self, end: ServerEnd, result: int) -> list[Wish]:
        end.is_linked = result == 0
        return self.client.received(end.number, end.link.answer(result), self.now)

    # What a test may do.

    def end(self, channel: ChannelType, host: str = "a", last: bool = True) -> ServerEnd:
        """The newest connection of a channel to a host."""
        found = [each for each in self.ends.values() if each.channel == (channel, 0) and each.address.host == host]
        return found[-1 if last else 0]

    def say(self, end: ServerEnd, *messages: Message, at: float | None = None) -> None:
        """The server says something; the bytes come in one piece."""
        self.now = at if at is not None else self.now
        assert end.channel is not None
        data = b"".join(end.writer.frame(*codec.encode(end.channel[0], Side.SERVER, each)) for each in messages)
        self.carry_out(self.client.received(end.number, data, self.now))

    def wait(self, at: float) -> None:
        """Time passes; the client is called when it wants to be."""
        while (deadline := self.client.next_deadline()) is not None and deadline <= at:
            self.now = max(self.now, deadline)
            self.carry_out(self.client.timeout(self.now))
        self.now = at

    def hang_up(self, end: ServerEnd) -> None:
        """The server closes."""
        end.is_closed = True
        self.carry_out(self.client.ended(end.number, self.now))

    def names(self, end: ServerEnd) -> list[str]:
        """What the client has said on a connection."""
        return [codec.name_of(each) for each in end.received]


def init(session: int = SESSION, time: int = 100_000) -> main.Init:
    return main.Init(session, 1, 1, 1, 0, 10, time, 0)


def channels_list(*channels: ChannelType) -> main.ChannelsList:
    return main.ChannelsList(tuple(main.ChannelId(each, 0) for each in channels))


def begin(target: Target = TARGET, *, seamless: bool = False) -> Message:
    kind = main.MigrateBeginSeamless if seamless else main.MigrateBegin
    return kind(target.port or 0xFFFF, target.tls_port or 0xFFFF, target.host, target.subject)


def connected_stage(options: ClientOptions | None = None, *channels: ChannelType) -> Stage:
    """A client in service at host ``a``, with these channels (display and inputs unless said)."""
    stage = Stage(ClientEndpoint(SOURCE, "secret", options))
    stage.carry_out(stage.client.connect(stage.now))
    stage.say(stage.end(MAIN), init(), channels_list(*(channels or (DISPLAY, INPUTS))))
    return stage
