"""Whatever a peer sends, it harms nobody but itself: the connection is closed with a reason."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise

import pytest
from host_bench import BESIDE_MAIN, Bench, HostOnBench, ScriptedClient, Wire, new_client
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.link_timing.endpoints import SLOTS
from switchover.models.spice.protocol import base, main
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice import migrate_data as data
from switchover.runtime.spice import migration_stream as stream
from switchover.runtime.spice.events import Ended
from switchover.runtime.spice.host_events import StreamEnded
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.malformed import MalformedError

DISPLAY, INPUTS, CURSOR, PLAYBACK = BESIDE_MAIN
CHANNELS = (ChannelType.MAIN, *BESIDE_MAIN)


def served(bench: Bench) -> tuple[HostOnBench, ScriptedClient]:
    host = bench.host("a", HostOptions(video=None), with_guest=True)
    return host, new_client(bench, host)


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(places)]


def assert_in_service(client: ScriptedClient, but: Wire | None = None) -> None:
    assert not any(wire.is_closed for wire in client.all() if wire is not but)


@settings(max_examples=200)
@given(st.binary(max_size=300), st.lists(st.integers(0, 300), max_size=5), st.booleans())
def test_bytes_instead_of_a_link_harm_nobody(garbage: bytes, cuts: list[int], with_magic: bool) -> None:
    bench = Bench()
    host, client = served(bench)
    wire = bench.connect(host)
    for piece in pieces((b"REDQ\2\0\0\0\2\0\0\0" if with_magic else b"") + garbage, cuts):
        wire.write(piece)
    bench.advance(11)
    assert wire.is_closed
    assert_in_service(client)


@settings(max_examples=300)
@given(
    st.sampled_from(CHANNELS),
    st.lists(st.tuples(st.integers(0, 130), st.binary(max_size=40)), max_size=6),
    st.binary(max_size=30),
    st.lists(st.integers(0, 300), max_size=5),
)
def test_messages_of_any_kind_harm_nobody_else(
    channel: ChannelType, messages: list[tuple[int, bytes]], garbage: bytes, cuts: list[int]
) -> None:
    bench = Bench()
    host, client = served(bench)
    wire = next(each for each in client.all() if each.channel is channel)
    sent = b"".join(number.to_bytes(2, "little") + len(body).to_bytes(4, "little") + body for number, body in messages)
    for piece in pieces(sent + garbage, cuts):
        wire.write(piece)
    bench.advance(0.2)
    another = new_client(bench, host)
    assert_in_service(another)


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_message_over_the_limit_closes_its_connection_with_a_reason(channel: ChannelType) -> None:
    bench = Bench()
    host = bench.host("a", HostOptions(message_limit=1000), with_guest=True)
    client = new_client(bench, host)
    wire = next(each for each in client.all() if each.channel is channel)
    wire.write((200).to_bytes(2, "little") + (1001).to_bytes(4, "little"))
    assert wire.is_closed
    assert "at most 1000 bytes" in host.all(Ended)[0].reason
    if channel is not ChannelType.MAIN:
        assert_in_service(client, but=wire)


def test_a_socket_whose_connection_was_closed_is_free_again() -> None:
    bench = Bench()
    host, client = served(bench)
    for _ in range(2 * SLOTS):
        client.others[INPUTS].write(b"\xff" * 6)
        assert client.others[INPUTS].is_closed
        client.others[INPUTS] = bench.connect(host).link(INPUTS, client.session)
        assert client.others[INPUTS].result == 0
    client.main.write(b"\xff" * 6)
    assert host.endpoint.state == "vacant"
    assert all(wire.is_closed for wire in client.all())


@pytest.mark.parametrize("channel", [ChannelType.MAIN, DISPLAY, INPUTS])
@pytest.mark.parametrize(
    "body", [b"", b"XXXX\1\0\0\0", b"MNMD\2\0\0\0" + bytes(60), b"DCMD\1\0\0\0", b"ICMD\1\0\0\0\0"]
)
def test_migrate_data_that_is_none_closes_the_connection(channel: ChannelType, body: bytes) -> None:
    bench = Bench()
    host = bench.host("b")
    twin = bench.connect(host).link(ChannelType.MAIN, 0xAB)
    twin.send(main.MigrateDstDoSeamless(1))
    wires = {each: bench.connect(host).link(each, 0xAB) for each in BESIDE_MAIN}
    wire = twin if channel is ChannelType.MAIN else wires[channel]
    wire.send(base.MigrateData(body))
    assert wire.is_closed
    assert "MIGRATE_DATA" in host.all(Ended)[0].reason


def test_data_that_nobody_waits_for_ends_the_session() -> None:
    """As libspice-server does (facts: SPICE 3.1)."""
    bench = Bench()
    _, client = served(bench)
    client.others[INPUTS].send(base.MigrateData(data.inputs_data(data.InputsState(0))))
    assert all(wire.is_closed for wire in client.all())


GOLDEN_MAIN = "4d4e4d44 01000000 01000000" + "00" * 53
GOLDEN_INPUTS = "49434d44 01000000 0000"
GOLDEN_DISPLAY = (
    "44434d44 01000000 0d00000000000000 00 01 0000400100000000 01" + "00" * 32 + "01 00003000 04000000 0000000000000000"
    "50000000 01000000 00000000"
)


def test_bodies_are_those_that_libspice_server_writes() -> None:
    """From the capture of a seamless migration, but for the dictionary's last image."""
    assert data.main_data(data.MainState()) == bytes.fromhex(GOLDEN_MAIN)
    assert data.inputs_data(data.InputsState()) == bytes.fromhex(GOLDEN_INPUTS)
    state = data.read_display(bytes.fromhex(GOLDEN_DISPLAY))
    assert state == data.DisplayState(13, 1, 20 << 20, 1, 3 << 20, (0,))
    assert data.display_data(state) == bytes.fromhex(GOLDEN_DISPLAY)


@given(st.integers(0, (1 << 64) - 1), st.integers(-(1 << 63), (1 << 63) - 1), st.lists(st.integers(0, (1 << 32) - 1)))
def test_a_displays_data_comes_back_as_it_was(serial: int, size: int, surfaces: list[int]) -> None:
    state = data.DisplayState(serial, 3, size, 4, 5, tuple(surfaces))
    assert data.read_display(data.display_data(state)) == state


@given(st.binary(max_size=120), st.sampled_from((GOLDEN_MAIN, GOLDEN_INPUTS, GOLDEN_DISPLAY)), st.integers(0, 90))
def test_data_cut_or_overwritten_is_read_or_refused(garbage: bytes, golden: str, at: int) -> None:
    body = bytes.fromhex(golden)
    for attempt in (body[:at], body[:at] + garbage, garbage):
        for read in (data.read_main, data.read_inputs, data.read_display):
            with suppress(MalformedError):
                read(attempt)


def stream_to(bench: Bench, host: HostOnBench) -> int:
    number, wishes = host.endpoint.accepted("migration", "somebody", bench.now)
    bench._carry_out(host, wishes)
    return number


@settings(max_examples=200)
@given(
    st.binary(max_size=60),
    st.sampled_from((b"", stream.HEADER, stream.HEADER + b'{"frame": 1}\n', stream.HEADER + b"end\n")),
    st.lists(st.integers(0, 300), max_size=5),
)
def test_a_stream_of_anything_is_no_guest(garbage: bytes, beginning: bytes, cuts: list[int]) -> None:
    bench = Bench()
    host = bench.host("b")
    number = stream_to(bench, host)
    for piece in pieces(beginning + garbage, cuts):
        bench.tell(host, host.endpoint.received, number, piece)
    bench.tell(host, host.endpoint.lost, number, "broken")
    assert host.endpoint.runs_guest == (beginning + garbage == stream.HEADER + b'{"frame": 1}\nend\n')
    source = bench.host("a", with_guest=True)
    if not host.endpoint.runs_guest:
        bench.tell(source, source.endpoint.migrate, host.migration)
        bench.tell(source, source.endpoint.complete)
        assert host.endpoint.runs_guest


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"GET / HTTP/1.1\r\n", "expected"),
        (b"x" * 5000, "4096 bytes"),
        (stream.HEADER + b"{}\n", "frame"),
        (stream.HEADER + b'{"frame": -1}\n', "frame"),
        (stream.HEADER + b"[" * 4000 + b"\n", "JSON"),
        (stream.HEADER + b'{"frame": 1}\nmore\n', "expected"),
    ],
)
def test_a_malformed_stream_is_closed_with_a_reason(line: bytes, why: str) -> None:
    bench = Bench()
    host = bench.host("b")
    bench.tell(host, host.endpoint.received, stream_to(bench, host), line)
    assert why in host.all(StreamEnded)[0].reason
    assert not host.endpoint.runs_guest


def test_streams_that_say_nothing_are_limited_in_time_and_number() -> None:
    bench = Bench()
    host = bench.host("b")
    numbers = [stream_to(bench, host) for _ in range(6)]
    assert [each.connection for each in host.all(StreamEnded)] == numbers[4:]
    bench.advance(11)
    assert len(host.all(StreamEnded)) == 6
    assert host.endpoint.next_deadline() is None
