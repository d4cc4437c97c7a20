"""What a host shows and plays while its guest runs: video, sound, clock, pointer (facts: SPICE 1.7, 1.11 to 1.13)."""

from __future__ import annotations

import io
from itertools import pairwise

import pytest
from host_bench import BESIDE_MAIN, Bench, HostOnBench, ScriptedClient, Wire, initialise_display, migrate, new_client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol import base, display, drawing, inputs, main, playback
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice import jpeg, tone, video
from switchover.runtime.spice.host_options import HostOptions, Video

DISPLAY, INPUTS, CURSOR, PLAYBACK = BESIDE_MAIN
SEMI = frozenset((0, 1, 2, 3))


def colours() -> st.SearchStrategy[list[list[jpeg.Colour]]]:
    colour = st.tuples(*(st.integers(0, 255),) * 3)
    return st.integers(1, 6).flatmap(
        lambda width: st.lists(st.lists(colour, min_size=width, max_size=width), min_size=1)
    )


@given(colours())
def test_pictures_decode_to_what_they_were_made_of(rows: list[list[jpeg.Colour]]) -> None:
    size = (len(rows[0]) * 8, len(rows) * 8)
    picture = Image.open(io.BytesIO(jpeg.encode(rows)))
    picture.draft("YCbCr", size)
    assert picture.size == size
    for y, row in enumerate(rows):
        for x, colour in enumerate(row):
            assert picture.getpixel((8 * x, 8 * y)) == picture.getpixel((8 * x + 7, 8 * y + 7)) == colour


def test_the_bar_moves_from_frame_to_frame() -> None:
    frames = [video.frame(24, 18, number) for number in range(24)]
    assert len(set(frames)) == 24
    assert max(len(each) for each in frames) < 4096


def streamed(wire: Wire) -> list[display.StreamData]:
    return [each for each in wire.messages if isinstance(each, display.StreamData)]


def served(bench: Bench, options: HostOptions | None = None) -> tuple[HostOnBench, ScriptedClient]:
    host = bench.host("a", options, with_guest=True)
    return host, new_client(bench, host)


def watch(bench: Bench, wire: Wire, seconds: float) -> None:
    """Let time pass with a client that acknowledges what it gets."""
    for _ in range(round(seconds / 0.1)):
        bench.advance(0.1)
        wire.send(base.Ack())


def test_frames_come_at_the_interval_and_carry_the_clock() -> None:
    bench = Bench()
    host, client = served(bench, HostOptions(clock_offset=1000.0, video=Video(interval=0.05)))
    start = bench.now
    watch(bench, client.others[DISPLAY], 1.0)
    times = [each.multi_media_time for each in streamed(client.others[DISPLAY])]
    assert len(times) == 21
    assert times[0] == host.endpoint.mm_time(start) == 1_100_000
    assert all(49 <= later - sooner <= 51 for sooner, later in pairwise(times))


def test_the_clock_that_the_client_is_told_is_400_ms_behind_and_wraps() -> None:
    bench = Bench()
    _, client = served(bench, HostOptions(clock_offset=(1 << 32) / 1000 - bench.now))
    assert client.main.last(main.Init).multi_media_time == (1 << 32) - 400


def test_a_client_that_acknowledges_nothing_gets_no_more_frames() -> None:
    """At most two windows and one message, SET_ACK among them (facts: SPICE 1.7)."""
    bench = Bench()
    _, client = served(bench)
    wire = client.others[DISPLAY]
    bench.advance(20)
    assert len(wire.messages) == 41
    wire.take()
    wire.send(base.Ack())
    bench.advance(20)
    assert len(wire.messages) == 20
    assert wire.take() == []


def test_what_must_be_said_waits_for_the_window_too() -> None:
    bench = Bench()
    options = HostOptions(design=ServerDesign(seamless=True))
    a, client = served(bench, options)
    b = bench.host("b", options)
    bench.advance(20)
    wire = client.others[DISPLAY]
    wire.messages.clear()
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    client.main.send(main.MigrateConnectedSeamless())
    migrate(bench, a, b)
    assert wire.messages == []
    wire.send(base.Ack())
    assert wire.take() == ["STREAM_DESTROY", "MIGRATE"]


def test_an_acknowledgement_of_another_generation_does_not_count() -> None:
    bench = Bench()
    _, client = served(bench)
    wire = client.others[DISPLAY]
    wire.send(base.AckSync(7))
    bench.advance(20)
    count = len(wire.messages)
    wire.send(base.Ack())
    bench.advance(1)
    assert len(wire.messages) == count


def test_nothing_is_sent_on_a_display_before_its_init() -> None:
    bench = Bench()
    host = bench.host("a", with_guest=True)
    client = new_client(bench, host, channels=())
    wire = bench.connect(host).link(DISPLAY, client.session)
    bench.advance(1)
    assert wire.messages == []
    initialise_display(wire)
    assert isinstance(wire.messages[0], base.SetAck)


def test_a_video_may_have_to_be_detected_first() -> None:
    bench = Bench()
    _, client = served(bench, HostOptions(video=Video(detection=3)))
    wire = client.others[DISPLAY]
    bench.advance(0.2)
    fills = [each for each in wire.messages if isinstance(each, drawing.DrawFill)]
    assert len(fills) == 1 + 3 * 2
    assert len(streamed(wire)) == 3


@pytest.mark.parametrize(
    ("caps", "streams", "reports", "monitors"),
    [
        (frozenset(), True, False, False),
        (frozenset((1, 4)), True, True, True),
        (frozenset((8, 11)), False, False, False),
    ],
)
def test_a_client_gets_what_it_can_handle(caps: frozenset[int], streams: bool, reports: bool, monitors: bool) -> None:
    bench = Bench()
    host = bench.host("a", with_guest=True)
    client = new_client(bench, host, channels=())
    wire = bench.connect(host).link(DISPLAY, client.session, caps)
    initialise_display(wire)
    said = wire.take()
    assert ("STREAM_CREATE" in said, "STREAM_ACTIVATE_REPORT" in said, "MONITORS_CONFIG" in said) == (
        streams,
        reports,
        monitors,
    )


def test_without_video_or_guest_the_screen_stands_still() -> None:
    for options, with_guest in ((HostOptions(video=None), True), (HostOptions(), False)):
        bench = Bench()
        host = bench.host("a", options, with_guest=with_guest)
        client = new_client(bench, host)
        client.others[DISPLAY].take()
        bench.advance(10)
        assert client.others[DISPLAY].messages == []
        assert client.others[PLAYBACK].take() == ["MODE", "VOLUME", "MUTE"]


def test_sound_is_played_in_real_time_with_the_servers_clock() -> None:
    bench = Bench()
    _, client = served(bench, HostOptions(sound=True))
    wire = client.others[PLAYBACK]
    start = wire.last(playback.Start)
    bench.advance(1.0)
    packets = [each for each in wire.messages if isinstance(each, playback.Data)]
    assert (start.channels, start.format, start.frequency) == (2, 1, 48_000)
    assert len(packets) == 51
    assert packets[0].time == start.time
    assert packets[-1].time - start.time == 1000
    assert {len(each.data) for each in packets} == {len(tone.PACKET)} == {3840}


def test_the_sound_stops_with_the_guest_and_main_has_the_clock_again() -> None:
    bench = Bench()
    a, client = served(bench, HostOptions(sound=True))
    b = bench.host("b")
    client.others[PLAYBACK].messages.clear()
    client.main.take()
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.complete)
    assert client.others[PLAYBACK].take() == ["STOP"]
    assert client.main.take() == ["MULTI_MEDIA_TIME"]
    bench.advance(1)
    assert client.others[PLAYBACK].messages == []


def test_sound_that_is_late_is_made_up_for_only_in_part() -> None:
    bench = Bench()
    _, client = served(bench, HostOptions(sound=True))
    wire = client.others[PLAYBACK]
    wire.take()
    bench.now += 10
    bench.advance(0)
    times = [each.time for each in wire.messages if isinstance(each, playback.Data)]
    assert len(times) == 10
    assert times[-1] - times[0] == 180
    assert (times[-1] - bench.now * 1000) % (1 << 32) == 0


def test_the_sound_stops_before_the_channels_go_over() -> None:
    bench = Bench()
    options = HostOptions(design=ServerDesign(seamless=True), sound=True)
    a, client = served(bench, options)
    b = bench.host("b", options)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    client.main.send(main.MigrateConnectedSeamless())
    client.main.take()
    client.others[PLAYBACK].take()
    migrate(bench, a, b)
    assert client.others[PLAYBACK].take() == ["STOP", "MIGRATE"]
    assert client.main.take() == ["MULTI_MEDIA_TIME", "MIGRATE"]


def test_between_migrate_and_its_data_nothing_else_is_said() -> None:
    """H14: the client would take it for the data."""
    bench = Bench()
    options = HostOptions(design=ServerDesign(seamless=True))
    a, client = served(bench, options)
    b = bench.host("b", options)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    client.main.send(main.MigrateConnectedSeamless())
    migrate(bench, a, b)
    for wire in client.all():
        wire.take()
    for _ in range(5):
        client.others[INPUTS].send(inputs.MouseMotion(1, 1, 0))
    client.main.send(main.MouseModeRequest(2))
    client.others[DISPLAY].send(base.Ack())
    bench.advance(5)
    assert [wire.take() for wire in client.all()] == [[]] * 5
    client.others[INPUTS].send(base.MigrateFlushMark())
    assert client.others[INPUTS].last(base.MigrateData).data[8:] == b"\x05\0"


def test_four_motions_are_acknowledged_together() -> None:
    bench = Bench()
    _, client = served(bench)
    wire = client.others[INPUTS]
    wire.take()
    for _ in range(3):
        wire.send(inputs.MouseMotion(1, 1, 0))
    assert wire.take() == []
    wire.send(inputs.MousePosition(1, 1, 0, 0))
    assert wire.take() == ["MOUSE_MOTION_ACK"]


def test_motions_that_were_not_acknowledged_travel_with_the_session() -> None:
    bench = Bench()
    host = bench.host("b")
    twin = bench.connect(host).link(ChannelType.MAIN, 0xAB)
    twin.send(main.MigrateDstDoSeamless(1))
    wire = bench.connect(host).link(INPUTS, 0xAB)
    wire.take()
    wire.send(base.MigrateData(b"ICMD\x01\0\0\0" + (9).to_bytes(2, "little")))
    assert wire.take() == ["KEY_MODIFIERS", "MOUSE_MOTION_ACK", "MOUSE_MOTION_ACK"]


def test_the_mouse_mode_is_what_the_client_asked_for_last() -> None:
    bench = Bench()
    _, client = served(bench)
    client.main.take()
    client.main.send(main.MouseModeRequest(2))
    mode = client.main.last(main.MouseMode)
    assert (mode.supported_modes, mode.current_mode) == (3, 2)
    client.main.send(main.MouseModeRequest(2))
    client.main.send(main.MouseModeRequest(9))
    assert client.main.take() == ["MOUSE_MODE"]


def test_pings_are_numbered_and_repeated() -> None:
    bench = Bench()
    _, client = served(bench)
    bench.advance(31)
    pings = [each for each in client.main.messages if isinstance(each, base.Ping)]
    assert [each.id for each in pings] == [1, 2, 3, 4, 5]


def test_the_agent_of_the_source_is_missed_at_the_target() -> None:
    bench = Bench()
    host = bench.host("b")
    twin = bench.connect(host).link(ChannelType.MAIN, 0xAB)
    twin.send(main.MigrateDstDoSeamless(1))
    twin.take()
    data = bytearray.fromhex("4d4e4d440100000001000000") + bytes(53)
    data[12] = 1
    twin.send(base.MigrateData(bytes(data)))
    assert twin.take() == ["MULTI_MEDIA_TIME", "AGENT_DISCONNECTED"]
