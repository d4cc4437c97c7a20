"""Clients that fall silent (facts: SPICE 7, N27), and clients that do not read: what a host does about them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from host_bench import Bench, HostOnBench, ScriptedClient, Wire, key, new_client, preconnect
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol import base, inputs, main, playback
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.simulation import Network
from switchover.runtime.spice import codec
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.events import Ended, MessageSeen
from switchover.runtime.spice.framing import FrameReader, FrameWriter
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.host_playback import MOST_UNREAD
from switchover.runtime.spice.link import ClientLink, LinkRequest
from switchover.runtime.spice.unread import Unread
from waiting import run, until

MAIN, INPUTS, PLAYBACK = ChannelType.MAIN, ChannelType.INPUTS, ChannelType.PLAYBACK
QUIET = HostOptions(video=None)


def answer_pings(wire: Wire) -> None:
    """All that came since the last time."""
    found = [each for each in wire.messages if isinstance(each, base.Ping)]
    wire.messages.clear()
    for each in found:
        wire.send(base.Pong(each.id, each.timestamp))


def reasons(host: HostOnBench) -> set[str]:
    return {each.reason for each in host.all(Ended)}


# Silence.


def test_a_silent_client_is_given_up_when_a_whole_interval_has_passed_with_an_answer_owed() -> None:
    bench = Bench()
    host = bench.host("a", QUIET, with_guest=True)
    client = new_client(bench, host)
    bench.advance(59)
    assert not any(wire.is_closed for wire in client.all())
    bench.advance(2)
    assert all(wire.is_closed for wire in client.all())
    assert host.endpoint.state == "vacant"
    assert "nothing came for 30 s, though a PING was to be answered" in reasons(host)


@pytest.mark.parametrize("says", [main.MouseModeRequest(1), None], ids=["any message", "a PONG"])
def test_whoever_says_anything_lives(says: main.MouseModeRequest | None) -> None:
    bench = Bench()
    client = new_client(bench, bench.host("a", QUIET, with_guest=True))
    for _ in range(40):
        bench.advance(25)
        if says is None:
            answer_pings(client.main)
        else:
            client.main.send(says)
    assert not any(wire.is_closed for wire in client.all())


def test_what_comes_on_another_channel_does_not_count() -> None:
    bench = Bench()
    client = new_client(bench, bench.host("a", QUIET, with_guest=True))
    for _ in range(7):
        bench.advance(10)
        client.others[INPUTS].send(inputs.MouseMotion(1, 1, 0))
    assert client.main.is_closed


def arrived(bench: Bench, options: HostOptions, seamless: bool) -> ScriptedClient:
    """A client that has come by migration, to a guest that has come too."""
    a = bench.host("a", HostOptions(video=None, design=options.design), with_guest=True)
    b = bench.host("b", options)
    client = new_client(bench, a)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    twin = preconnect(bench, client, b)
    if seamless:
        twin.main.send(main.MigrateDstDoSeamless(1))
    client.main.send(main.MigrateConnectedSeamless() if seamless else main.MigrateConnected())
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.complete)
    if seamless:
        for wire in client.all():
            wire.send(base.MigrateFlushMark())
        for kind, wire in ((MAIN, client.main), *client.others.items()):
            if kind in (MAIN, INPUTS, ChannelType.DISPLAY):
                target = twin.main if kind is MAIN else twin.others[kind]
                target.send(base.MigrateData(wire.last(base.MigrateData).data))
    else:
        twin.main.send(main.MigrateEnd())
    assert b.endpoint.state == "completed"
    return twin


@pytest.mark.parametrize("seamless", [False, True])
@pytest.mark.parametrize("watches", [False, True])
def test_n27_a_client_that_has_come_by_migration_is_watched_only_if_the_host_is_told_to(
    watches: bool, seamless: bool
) -> None:
    bench = Bench()
    options = HostOptions(video=None, design=ServerDesign(seamless=seamless), watches_arrivals=watches)
    twin = arrived(bench, options, seamless)
    bench.advance(100)
    assert twin.main.is_closed == watches


def test_a_client_that_lives_is_never_given_up() -> None:
    network = Network(seed=1)
    host, client = HostEndpoint(QUIET), ClientEndpoint(Target("a", 5900))
    network.add("a", host, {"spice": Address("a", 5900)}).call(host.start_guest)
    network.add("client", client).call(client.connect)
    network.run_until(lambda: len(client.attached) == 5)
    network.run_until(network.time + 3600)
    assert len(client.attached) == 5
    assert not client.is_over


# What is not read.


@settings(max_examples=100)
@given(st.lists(st.one_of(st.integers(1, 1000), st.just("ping"), st.just("answer"), st.just("lie"))))
def test_unread_is_what_was_sent_behind_the_last_ping_that_was_answered(steps: list[int | str]) -> None:
    unread, sent, read, pinged = Unread(), 0, 0, 0
    owed: list[tuple[base.Ping, int]] = []
    for number, step in enumerate(steps):
        if step == "ping":
            ping = unread.number(base.Ping(0, number))
            unread.on_sent(ping, 18)
            sent += 18
            pinged = sent
            owed.append((ping, sent))
        elif step == "answer" and owed:
            ping, read = owed.pop(0)
            unread.on_pong(base.Pong(ping.id, ping.timestamp))
        elif step == "lie":
            unread.on_pong(base.Pong(len(steps) + 1, number))
            unread.on_pong(base.Pong(owed[0][0].id if owed else 1, len(steps)))
        elif isinstance(step, int):
            unread.on_sent(inputs.MouseMotionAck(), step)
            sent += step
        assert (unread.size, unread.unpinged, unread.is_owed) == (sent - read, sent - pinged, bool(owed))


def sound_of(wire: Wire) -> int:
    return sum(len(each.data) for each in wire.messages if isinstance(each, playback.Data))


def test_sound_is_left_out_while_it_is_not_read_and_goes_on_when_it_is() -> None:
    bench = Bench()
    host = bench.host("a", HostOptions(video=None, sound=True), with_guest=True)
    client = new_client(bench, host)
    wire = client.others[PLAYBACK]
    for _ in range(20):
        bench.advance(25)
        answer_pings(client.main)
    assert MOST_UNREAD <= sound_of(wire) <= MOST_UNREAD + 4000
    assert host.happened(Happening.SOUND_LEFT_OUT) == 1
    assert not wire.is_closed
    answer_pings(wire)
    bench.advance(1)
    assert sound_of(wire) > 150_000
    late = [each.time for each in wire.messages if isinstance(each, playback.Data)]
    assert late[0] >= (bench.now - 1.1) * 1000


def flood(says: Callable[[int], object], channel: ChannelType) -> HostOnBench:
    """A client that says this again and again, and reads nothing."""
    bench = Bench()
    host = bench.host("a", HostOptions(video=None, tests_network=False, unread_limit=2000), with_guest=True)
    client = new_client(bench, host)
    wire = next(each for each in client.all() if each.channel is channel)
    for number in range(10_000):
        if wire.is_closed:
            break
        wire.send(says(number))  # type: ignore[arg-type]
    assert wire.is_closed
    assert len(host.all(MessageSeen)) < 5000
    assert client.main.is_closed == (channel is MAIN)
    return host


def test_a_client_that_only_talks_is_given_up_with_a_reason() -> None:
    for host in (
        flood(lambda _: inputs.MouseMotion(1, 1, 0), INPUTS),
        flood(lambda number: main.MouseModeRequest(1 + number % 2), MAIN),
    ):
        found = [reason for reason in reasons(host) if "does not read" in reason]
        assert found[0].endswith("bytes are not answered for, at most 2,000 may be")


def test_notices_to_a_client_that_does_not_read_are_bounded_too() -> None:
    bench = Bench()
    host = bench.host("a", HostOptions(video=None, unread_limit=300_000), with_guest=True)
    client = new_client(bench, host)
    for _ in range(11):
        bench.tell(host, host.endpoint.notify, "x" * 4096)
    assert client.main.is_closed


# On real sockets.


class Deaf:
    """A client's connection on a socket: it links, then does not read until it is told to."""

    def __init__(self, channel: ChannelType) -> None:
        self.channel = channel
        self.messages: list[object] = []

    async def link(self, port: int, session: int) -> int:
        """The session's number, when main has told it."""
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 16)
        caps = frozenset((0, 1, 2, 3)) if self.channel is MAIN else frozenset()
        link = ClientLink(LinkRequest(session, self.channel, 0, frozenset((0, 1, 3)), caps), "")
        self._writer.write(link.start())
        while link.outcome is None:
            self._writer.write(link.receive(await self._reader.read(1 << 16)))
        assert link.outcome.result == 0
        self._frames = FrameReader(True, 1 << 20)
        self._frames.feed(link.rest)
        self._out = FrameWriter(True)
        while self.channel is MAIN and not any(isinstance(each, main.Init) for each in self.messages):
            await self.read()
        return next((each.session_id for each in self.messages if isinstance(each, main.Init)), session)

    def send(self, message: object) -> None:
        self._writer.write(self._out.frame(*codec.encode(self.channel, Side.CLIENT, message)))  # type: ignore[arg-type]

    async def read(self) -> None:
        """What has come; PINGs are answered."""
        self._frames.feed(await self._reader.read(1 << 16))
        while (frame := self._frames.next()) is not None:
            message = codec.decode(self.channel, Side.SERVER, frame.number, frame.body)
            self.messages.append(message)
            if isinstance(message, base.Ping):
                self.send(base.Pong(message.id, message.timestamp))

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def test_a_client_on_a_socket_that_stops_to_read_its_sound() -> None:
    async def session() -> None:
        events: list[object] = []
        host = HostEndpoint(HostOptions(video=None, sound=True), key=key())
        async with Driver(host, on_report=events.append) as driver:
            port = await driver.listen("spice")
            driver.call(host.start_guest)
            first, sound = Deaf(MAIN), Deaf(PLAYBACK)
            session = await first.link(port, 0)
            first.send(main.AttachChannels())
            await sound.link(port, session)
            await until(lambda: left_out(events) == 1)
            sent = seen(events, "DATA")
            assert sum(each.size for each in sent) < MOST_UNREAD + 8000
            while seen(events, "DATA") == sent:
                await sound.read()
            assert not [each for each in events if isinstance(each, Ended)]
            await first.close()
            await sound.close()

    run(session())


def left_out(events: list[object]) -> int:
    return sum(isinstance(each, HostEvent) and each.what is Happening.SOUND_LEFT_OUT for each in events)


def seen(events: list[object], name: str) -> list[MessageSeen]:
    return [each for each in events if isinstance(each, MessageSeen) and each.name == name]
