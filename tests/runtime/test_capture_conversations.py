"""The SPICE connections of a capture as rows, and a clear word on what is missing, repeated, or not SPICE."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from capture_making import (
    ACK,
    CLIENT,
    FIN,
    PSH,
    RAW,
    RST,
    SERVER,
    SYN,
    Frame,
    Spice,
    Talk,
    framed,
    ipv4,
    ipv6,
    names,
    pcap,
    pcapng,
    read,
    tcp,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.protocol import base, display, main
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.capture import dialogue, table
from switchover.runtime.capture.capture import Capture

LINKED = ["SYN", "LINK", "LINK_REPLY", "AUTH", "TICKET", "LINK_RESULT"]
INIT = main.Init(7, 1, 1, 1, 0, 10, 1234, 5)
BEGIN = main.MigrateBegin(5901, 65535, "10.0.0.2", "O=x")


def session(channel_id: int = 0, common: tuple[int, ...] = (0, 1, 3), **ports: int) -> Talk:
    """A main connection on which the client is sent to port 5901 of the same host."""
    spice = Spice(common=common, channel_id=channel_id)
    talk = spice.linked(**ports)
    talk.say(SERVER, spice.message(SERVER, INIT) + spice.message(SERVER, base.Ping(3, 1, bytes(5000))))
    talk.say(CLIENT, spice.message(CLIENT, main.AttachChannels()))
    talk.say(CLIENT, spice.message(CLIENT, base.Pong(3, 1)))
    talk.say(SERVER, spice.message(SERVER, BEGIN))
    talk.say(CLIENT, spice.message(CLIENT, main.MigrateConnected()))
    return talk


SAID = [*LINKED, "INIT", "PING", "ATTACH_CHANNELS", "PONG", "MIGRATE_BEGIN", "MIGRATE_CONNECTED"]


def by_side(capture: Capture) -> dict[tuple[int, str], list[Any]]:
    found: dict[tuple[int, str], list[Any]] = {}
    for row, number, size in capture.rows:
        found.setdefault((row.connection, row.sender), []).append((row.name, number, size, row.fields))
    return found


def remarks_of(packets: list[bytes]) -> tuple[str, ...]:
    return read(pcap(framed(packets))).remarks


@pytest.mark.parametrize("common", [(0, 1, 3), (0, 1), (1, 3), ()], ids=str)
def test_a_connection_from_beginning_to_end(common: tuple[int, ...]) -> None:
    found = read(pcap(session(common=common).close().frames))
    linked = [each for each in LINKED if 0 in common or each != "AUTH"]
    assert names(found) == [*linked, *SAID[len(LINKED) :], "FIN", "FIN"]
    assert found.hosts == {"A": "10.0.0.2:5900"}
    assert (found.remarks, found.is_incomplete) == ((), False)
    rows = {each.row.name: each for each in found.rows}
    assert rows["SYN"].row.channel == "?"
    assert {each.row.channel for each in found.rows[1:]} == {"main"}
    assert rows["MIGRATE_BEGIN"].number == 101
    assert rows["PING"].size == 5012
    assert rows["LINK"].size is None
    assert rows["MIGRATE_BEGIN"].row.fields == {
        "port": 5901,
        "sport": 65535,
        "host": "10.0.0.2",
        "cert_subject_size": 4,
    }
    assert rows["LINK"].row.fields["common_caps"] == list(common)
    assert [each.row.line for each in found.rows] == list(range(1, len(found.rows) + 1))


def test_headers_are_long_unless_both_sides_know_short_ones() -> None:
    for common, server in (((0,), (0, 1, 3)), ((0, 3), (0, 1))):
        spice = Spice(common=common, server=server)
        message = struct.pack("<QHII", 1, 106, 4, 0) + struct.pack("<I", 99)
        found = read(pcap(spice.linked().say(SERVER, message).frames))
        assert (found.rows[-1].row.name, found.rows[-1].row.fields) == ("MULTI_MEDIA_TIME", {"time": 99})


def test_a_row_says_when_its_last_byte_came_and_in_which_packet() -> None:
    found = read(pcapng(session().frames))
    rows = {each.row.name: each.row for each in found.rows}
    # The first packet of the PING is that of INIT, and three more follow.
    assert rows["PING"].packet == rows["INIT"].packet + 3
    assert rows["PING"].time == pytest.approx((rows["PING"].packet - 1) * 1e-6)


def test_messages_in_a_list_are_rows() -> None:
    spice = Spice(common=(0, 1))
    inner = struct.pack("<HI", 106, 4) + struct.pack("<I", 99)
    body = struct.pack("<HI", 1, 6) + inner
    talk = spice.linked().say(SERVER, struct.pack("<QHII", 1, 8, len(body), 0) + body)
    found = read(pcap(talk.frames))
    assert (found.rows[-1].row.name, found.rows[-1].row.fields) == ("MULTI_MEDIA_TIME", {"time": 99})


def test_unknown_messages_and_channels_have_names() -> None:
    spice = Spice(99)  # type: ignore[arg-type]
    talk = spice.linked().say(SERVER, struct.pack("<HI", 4321, 2) + b"xx")
    found = read(pcap(talk.frames))
    assert (found.rows[-1].row.name, found.rows[-1].row.channel) == ("UNKNOWN_4321", "type-99")


@settings(max_examples=60)
@given(st.integers(1, 1500), st.integers(0, 8), st.integers())
def test_cut_shuffled_and_repeated_the_messages_are_the_same(longest: int, window: int, seed: int) -> None:
    chosen = random.Random(seed)
    whole = session().close()
    talk = session_with(longest).close()
    packets = [each for each in talk.packets for _ in range(chosen.choice((1, 1, 1, 2)))]
    # The handshake comes first; everything else may overtake within the window.
    first = talk.packets[:3]
    packets = packets[packets.index(first[2]) + 1 :]
    order = sorted(range(len(packets)), key=lambda each: each + chosen.uniform(0, window))
    found = read(pcap(framed([*first, *(packets[each] for each in order)])))
    assert by_side(found) == by_side(read(pcap(whole.frames)))
    assert not found.is_incomplete


def session_with(longest: int) -> Talk:
    """The session with segments of at most so many bytes."""
    whole, talk = session(), Talk(longest=longest).open()
    for packet in whole.packets[3:]:
        data, side = packet[52:], CLIENT if packet[12:16] == b"\x0a\x00\x00\x01" else SERVER
        if data:
            talk.say(side, data)
    return talk


def test_what_a_server_says_may_be_captured_before_its_syn() -> None:
    packets = session_with(50).packets
    syn = packets.pop(1)
    for place in range(2, 30):
        found = read(pcap(framed([*packets[:place], syn, *packets[place:]])))
        assert names(found) == SAID
    # Without the SYN, without anything before its first words, and with these out of order.
    packets = [each for each in packets if len(each) > 52 or each[12:16] == b"\x0a\x00\x00\x01"]
    words = [number for number, each in enumerate(packets) if b"REDQ" in each][1]
    packets[words], packets[words + 1] = packets[words + 1], packets[words]
    assert names(read(pcap(framed(packets)))) == SAID


def test_captured_twice_it_is_the_same() -> None:
    packets = [packet for each in session().close().packets for packet in (each, each)]
    found = read(pcap(framed(packets)))
    assert names(found) == [*SAID, "FIN", "FIN"]
    assert any("sent again, or captured twice; the first copy counts" in each for each in found.remarks)


def test_other_contents_of_a_segment_sent_again_are_reported() -> None:
    talk = session()
    talk.packets.append(talk.segment(SERVER, ACK, b"\xff" * 20, talk.next[SERVER] - 20))
    assert remarks_of(talk.packets) == ("1 segment: sent again with other contents; the first copy counts",)


def test_the_capture_may_end_anywhere() -> None:
    packets = session().close().packets
    whole = [*SAID, "FIN", "FIN"]
    for length in range(5, len(packets)):
        found = read(pcap(framed(packets[:length])))
        assert names(found) == whole[: len(found.rows)]
        assert not found.is_incomplete


def test_a_file_cut_off_within_a_packet() -> None:
    content = pcap(session().frames)
    found = read(content[:-9])
    assert names(found) == SAID[: len(found.rows)]
    assert found.remarks == (f"read up to packet {len(session().packets)}: the file is cut off in the middle of it",)
    assert not found.is_incomplete


# What began before the capture.


def test_without_its_syn_a_connection_opens_with_its_first_packet() -> None:
    for first in (1, 2, 3):
        found = read(pcap(framed(session().packets[first:])))
        assert names(found) == SAID
        assert found.remarks == ("1 connection: whose SYN was not captured, taken to open with its first packet",)
        assert not found.is_incomplete


def test_what_began_before_the_capture_is_left_out() -> None:
    packets = session().packets
    for first in range(4, len(packets) - 1):
        with pytest.raises(ValueError, match=r"no SPICE connection in \d+ packets; 1 ") as caught:
            read(pcap(framed(packets[first:])))
        assert len(str(caught.value).splitlines()) == 1


def test_what_began_before_at_a_server_that_speaks_spice_is_missing() -> None:
    old, new = session(), session(client=40001)
    found = read(pcap(framed([*old.packets[9:], *new.packets])))
    assert names(found) == SAID
    assert found.remarks == (
        "1 connection: begun before the capture, left out, as SPICE cannot be read without its link",
    )
    assert found.is_incomplete


def test_what_began_before_elsewhere_is_missing_where_a_session_is_spoken_of_that_did() -> None:
    old = session(server=5909)
    for connection_id, expected in ((0, False), (7, True)):
        new = Spice(connection_id=connection_id).linked(client=40001)
        found = read(pcap(framed([*old.packets[9:], *new.packets])))
        assert found.is_incomplete is expected


def test_only_one_direction_was_captured() -> None:
    packets = session().packets
    for side, said in ((b"\x0a\x00\x00\x01", ["SYN", "LINK"]), (b"\x0a\x00\x00\x02", ["SYN"])):
        found = read(pcap(framed([each for each in packets if each[12:16] == side])))
        assert names(found) == said
        assert found.is_incomplete
        assert "1 direction: left out, as what the other side says in the link is not there" in found.remarks


# What was lost.


def place_of(packets: list[bytes], text: bytes) -> int:
    (found,) = [number for number, each in enumerate(packets) if text in each]
    return found


def test_a_lost_segment_within_a_long_body_is_passed_over() -> None:
    packets = session().packets
    # The second of the four segments with the PING.
    first = next(number for number, each in enumerate(packets) if len(each) > 1400)
    del packets[first + 1]
    found = read(pcap(framed(packets)))
    assert names(found) == SAID
    assert found.remarks[1:] == (
        "1 gap: in what was captured: the missing segments were acknowledged",
        "1 message: not captured whole, but what is read of it was",
    )
    assert not found.is_incomplete


def test_a_lost_header_ends_what_can_be_read_of_its_side() -> None:
    packets = session().packets
    first = next(number for number, each in enumerate(packets) if len(each) > 1400)
    del packets[first]
    found = read(pcap(framed(packets)))
    assert names(found) == [each for each in SAID if each not in ("INIT", "PING", "MIGRATE_BEGIN")]
    assert "1 direction: cannot be read behind a gap, the rest of it left out" in found.remarks
    assert found.is_incomplete


def test_a_message_whose_fields_were_lost_has_none() -> None:
    spice = Spice()
    talk = spice.linked()
    body = spice.message(SERVER, BEGIN)
    talk.say(SERVER, body[:8]).say(SERVER, body[8:]).say(SERVER, spice.message(SERVER, main.MigrateEnd()))
    del talk.packets[place_of(talk.packets, body[8:])]
    found = read(pcap(talk.frames))
    assert names(found) == [*LINKED, "MIGRATE_BEGIN", "MIGRATE_END"]
    assert found.rows[-2].row.fields == {}
    assert "1 message: not captured whole, taken without fields" in found.remarks
    assert found.is_incomplete


@pytest.mark.parametrize(
    ("snapshot", "whole"), [(300, True), (268, True), (267, False), (120, False), (64, False), (54, False)]
)
def test_a_capture_of_the_beginning_of_each_packet(snapshot: int, whole: bool) -> None:
    frames = [Frame(time, data[:snapshot], len(data)) for time, data, _ in session().close().frames]
    if snapshot < 70:
        with pytest.raises(ValueError, match=r"no SPICE connection in .* packets?: cut short|first bytes were not"):
            read(pcap(frames))
        return
    found = read(pcap(frames))
    assert (names(found) == [*SAID, "FIN", "FIN"]) is whole
    assert found.is_incomplete is not whole


def test_frames_of_video_are_known_by_their_beginning() -> None:
    spice = Spice(ChannelType.DISPLAY, 7)
    talk = spice.linked()
    for number in range(5):
        talk.say(SERVER, spice.message(SERVER, display.StreamData(3, 1000 + number, bytes(9000))))
    frames = [Frame(time, data[:300], len(data)) for time, data, _ in talk.frames]
    found = read(pcap(frames))
    assert [each.row.fields for each in found.rows[-5:]] == [{"id": 3, "mm_time": 1000 + n} for n in range(5)]
    assert found.remarks == ("5 messages: not captured whole, but what is read of it was",)


def test_a_long_gap_ends_what_can_be_read_of_its_side() -> None:
    spice = Spice(ChannelType.DISPLAY, 7)
    talk = spice.linked().say(SERVER, struct.pack("<HI", 304, 3 << 20) + bytes(1000))
    talk.next[SERVER] += 2 << 20
    talk.say(SERVER, bytes((1 << 20) - 1000)).say(SERVER, spice.message(SERVER, display.Mark()))
    found = read(pcap(talk.frames))
    assert names(found) == LINKED
    assert "1 direction: cannot be read behind a gap, the rest of it left out" in found.remarks


def test_a_gap_in_a_list_leaves_its_messages_without_fields() -> None:
    spice = Spice(common=(0, 1))
    inner = [
        struct.pack("<HI", 113, 1005) + struct.pack("<I", 1001) + b"n" * 1000 + b"\0",
        struct.pack("<HII", 106, 4, 99),
    ]
    body = struct.pack("<HII", 2, 10, 10 + len(inner[0])) + b"".join(inner)
    talk = spice.linked().say(SERVER, struct.pack("<QHII", 1, 8, len(body), 0) + body)
    del talk.packets[-2]
    start = talk.next[SERVER] - len(body) - 18
    whole = struct.pack("<QHII", 1, 8, len(body), 0) + body
    talk.packets += [talk.segment(SERVER, ACK, whole[:200], start), talk.segment(SERVER, ACK, whole[700:], start + 700)]
    talk.add(CLIENT, ACK)
    found = read(pcap(talk.frames))
    assert names(found) == [*LINKED, "NAME", "MULTI_MEDIA_TIME"]
    assert [each.row.fields for each in found.rows[-2:]] == [{}, {}]
    assert found.is_incomplete


def test_the_end_of_a_snapshot_may_end_the_link() -> None:
    """The first message is behind what was captured of the packet with the result."""
    spice = Spice()
    message = spice.message(SERVER, base.Ping(3, 1, bytes(500)))
    talk = Talk().open().say(CLIENT, spice.link).say(SERVER, spice.reply).say(CLIENT, spice.ticket)
    talk.say(SERVER, spice.result + message).say(SERVER, spice.message(SERVER, INIT))
    frames = [Frame(time, data[:300], len(data)) for time, data, _ in talk.frames]
    assert names(read(pcap(frames))) == [*LINKED, "PING", "INIT"]


def test_fragments_are_left_out_and_said_so() -> None:
    talk = session()
    whole = talk.packets[-2]
    talk.packets[-2] = whole[:6] + b"\x20\x00" + whole[8:]
    found = read(pcap(talk.frames))
    assert found.remarks[0] == "1 packet: a fragment of an IP packet; fragments are not put together, left out"
    assert names(found) == SAID[:-1]


# What is malformed.


def test_a_malformed_message_has_no_fields() -> None:
    talk = Spice().linked().say(SERVER, struct.pack("<HI", 103, 5) + bytes(5)).say(SERVER, struct.pack("<HI", 112, 0))
    found = read(pcap(talk.frames))
    assert names(found) == [*LINKED, "INIT", "MIGRATE_END"]
    assert found.rows[-2].row.fields == {}
    assert found.remarks == ("1 message: malformed, taken without fields",)
    assert found.is_incomplete


def test_a_message_beyond_every_limit_ends_what_can_be_read_of_its_side() -> None:
    talk = Spice().linked().say(SERVER, struct.pack("<HI", 304, 0xFFFFFFFF) + bytes(50)).say(CLIENT, bytes(6))
    found = read(pcap(talk.frames))
    assert names(found) == [*LINKED, "UNKNOWN_0"]
    assert found.remarks == (
        "1 direction: with a malformed header or a message that is too long, the rest of it left out",
    )
    assert found.is_incomplete


@pytest.mark.parametrize(
    "link",
    [
        b"REDQ" + struct.pack("<III", 2, 2, 5) + bytes(5),
        b"REDQ" + struct.pack("<III", 1, 0, 18) + bytes(18),
        b"REDQ" + struct.pack("<III", 2, 2, 1 << 30) + bytes(18),
        b"REDQ" + struct.pack("<III", 2, 2, 18) + struct.pack("<IBBIII", 0, 1, 0, 1 << 31, 1, 18),
    ],
)
def test_a_malformed_link_is_left_out(link: bytes) -> None:
    found = read(pcap(Talk().open().say(CLIENT, link).frames))
    assert names(found) == ["SYN"]
    assert found.remarks == ("1 direction: with a malformed link, left out",)
    assert found.is_incomplete


def test_a_link_that_is_refused() -> None:
    spice = Spice()
    refused = b"REDQ" + struct.pack("<IIII", 2, 2, 178, 5) + bytes(174)
    found = read(pcap(Talk().open().say(CLIENT, spice.link).say(SERVER, refused).close().frames))
    assert names(found) == ["SYN", "LINK", "LINK_REPLY", "FIN", "FIN"]
    assert found.rows[2].row.fields == {"error": 5, "common_caps": [], "channel_caps": []}
    talk = Talk().open().say(CLIENT, spice.link).say(SERVER, spice.reply).say(CLIENT, spice.ticket)
    found = read(pcap(talk.say(SERVER, struct.pack("<I", 7)).close().frames))
    assert names(found) == [*LINKED, "FIN", "FIN"]
    assert found.rows[5].row.fields == {"result": 7}
    assert not found.is_incomplete


def test_sasl_is_not_read() -> None:
    spice = Spice()
    talk = Talk().open().say(CLIENT, spice.link).say(SERVER, spice.reply).say(CLIENT, struct.pack("<I", 2))
    found = read(pcap(talk.say(SERVER, b"who are you?").frames))
    assert names(found) == ["SYN", "LINK", "LINK_REPLY", "AUTH"]
    assert found.remarks == ("1 connection: authenticated by SASL, not read behind that",)
    assert found.is_incomplete


# What is not SPICE.


def other(data: bytes, side: Any = CLIENT, **ports: int) -> Talk:
    return Talk(**ports).open().say(side, data).close()


TLS = b"\x16\x03\x01\x02\x00\x01"


def test_other_connections_are_left_out() -> None:
    packets = session().packets
    packets += other(TLS, client=50000, server=443).packets
    packets += other(b"GET / HTTP/1.1\r\n", client=50001, server=80).packets
    packets += other(b"SSH-2.0-x\r\n", SERVER, client=50002, server=22).packets
    packets += Talk(client=50003, server=81).open().close().packets
    found = read(pcap(framed(packets)))
    assert names(found) == SAID
    assert set(found.remarks) == {
        "1 connection: encrypted by TLS, left out",
        "2 connections: not SPICE, left out",
        "1 connection: on which nothing was said, left out",
    }
    assert not found.is_incomplete


def test_with_nothing_else_that_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^no SPICE connection in 0 packets$"):
        read(pcap([]))
    with pytest.raises(
        ValueError, match=r"^no SPICE connection in 7 packets; 1 connection: encrypted by TLS, left out$"
    ):
        read(pcap(other(TLS).frames[:7]))
    with pytest.raises(ValueError, match=r"^the capture cannot be read: packet 1: the file is cut off"):
        read(pcap(session().frames)[:50])


def test_tls_to_where_the_client_was_sent_is_missing() -> None:
    packets = session().packets
    for port, expected in ((5901, True), (443, False)):
        more = other(TLS, client=50000, server=port).packets
        assert read(pcap(framed([*packets, *more]))).is_incomplete is expected


def test_who_was_sent_to_a_closed_port_belongs_to_the_session() -> None:
    for port, expected in ((5901, ["SYN", "RST"]), (5900, ["SYN", "RST"]), (80, [])):
        talk = Talk(client=50000, server=port)
        talk.add(CLIENT, SYN)
        talk.packets += [talk.packets[0], talk.segment(SERVER, RST | ACK)]
        found = read(pcap(framed([*session().packets, *talk.packets])))
        assert names(found, 2) == expected
        assert found.hosts.get("B") == ("10.0.0.2:5901" if port == 5901 else None)


def test_a_port_used_again_is_another_connection() -> None:
    again = session()
    again.packets.clear()
    shifted = Talk(start={CLIENT: 77777, SERVER: 5})
    shifted.open().say(CLIENT, Spice().link)
    found = read(pcap(framed([*session().close().packets, *shifted.packets])))
    assert names(found, 1) == [*SAID, "FIN", "FIN"]
    assert names(found, 2) == ["SYN", "LINK"]


def test_what_comes_behind_a_reset_does_not_count() -> None:
    talk = session()
    talk.packets.append(talk.segment(CLIENT, RST))
    spice = Spice()
    talk.packets.append(talk.segment(CLIENT, ACK, spice.message(CLIENT, main.MigrateEnd())))
    talk.packets.append(talk.segment(SERVER, PSH | ACK, spice.message(SERVER, main.MigrateCancel())))
    talk.packets.append(talk.segment(CLIENT, RST))
    assert names(read(pcap(talk.frames))) == [*SAID, "RST", "MIGRATE_CANCEL"]


def test_a_fin_before_what_it_follows() -> None:
    talk = session()
    spice = Spice()
    last = talk.segment(CLIENT, PSH | ACK, spice.message(CLIENT, main.MigrateEnd()))
    fin = talk.segment(CLIENT, FIN | ACK)
    talk.packets += [fin, last]
    assert names(read(pcap(talk.frames))) == [*SAID, "MIGRATE_END", "FIN"]


def test_hosts_are_told_apart_by_address_and_port() -> None:
    frames = []
    for address, port in (("fd00::9", 5900), ("fd00::9", 5901), ("fd00::8", 5900)):
        ends = ("fd00::1", address)
        frames.append(ipv6(tcp(40000, port, 9, 0, SYN), *ends))
        frames.append(ipv6(tcp(40000, port, 10, 0, ACK, Spice().link), *ends))
    found = read(pcap([Frame(n, each) for n, each in enumerate(frames)], RAW))
    assert found.hosts == {"A": "[fd00::9]:5900", "B": "[fd00::9]:5901", "C": "[fd00::8]:5900"}
    assert [each.row.host for each in found.rows] == list("AABBCC")


# Bounds.


def test_more_messages_than_there_is_room_for() -> None:
    content = pcap(session().frames)
    assert len(read(content, len(SAID)).rows) == len(SAID)
    with pytest.raises(ValueError, match=f"^more than {len(SAID) - 1} messages$"):
        read(content, len(SAID) - 1)


def test_more_connections_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [packet for n in range(5) for packet in Spice().linked(client=40000 + n).packets]
    monkeypatch.setattr(table, "MOST_CONNECTIONS", 5)
    assert len(read(pcap(framed(packets))).hosts) == 1
    monkeypatch.setattr(table, "MOST_CONNECTIONS", 4)
    with pytest.raises(ValueError, match=r"^more than 4 SPICE connections$"):
        read(pcap(framed(packets)))


def test_of_many_other_connections_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_OTHERS", 3)
    packets = session().packets
    packets += [Talk(client=50000 + n, server=80).segment(CLIENT, SYN) for n in range(10)]
    found = read(pcap(framed(packets)))
    assert any(each.startswith("7 connections: forgotten") for each in found.remarks)
    assert found.is_incomplete


def test_more_that_waits_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_HELD", 1 << 20)
    spice = Spice(ChannelType.DISPLAY)
    talk = spice.linked().say(SERVER, struct.pack("<HI", 304, 40 << 20) + bytes(2 << 20))
    with pytest.raises(ValueError, match=r"^more than 1 MiB of messages that are not complete$"):
        read(pcap(talk.frames))


def test_what_is_over_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_HELD", 200_000)
    packets = []
    for number in range(20):
        spice = Spice()
        talk = spice.linked(client=40000 + number).say(SERVER, spice.message(SERVER, base.Ping(3, 1, bytes(50_000))))
        packets += talk.close().packets
    assert len(read(pcap(framed(packets))).rows) == 20 * (len(LINKED) + 3)


def test_what_is_left_out_takes_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_HELD", 50_000)
    packets = session().packets
    for number in range(100):
        packets += other(b"GET " + b"x" * 1400, client=41000 + number, server=80).packets
    assert names(read(pcap(framed(packets)))) == SAID


def test_a_side_without_partner_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    packets = [each for each in session().packets if each[12:16] == b"\x0a\x00\x00\x02"]
    monkeypatch.setattr(dialogue, "_MOST_WAITING", 1000)
    # What was passed on is remembered for a while: about 5,500 bytes.
    monkeypatch.setattr(table, "MOST_HELD", 8000)
    found = read(pcap(framed(packets)))
    assert names(found) == ["SYN"]
    assert found.is_incomplete


def test_ipv4_in_a_frame_of_another_kind_is_counted() -> None:
    frames = [*session().frames, Frame(5, ipv4(b"", protocol=17))]
    assert read(pcap(frames)).remarks == ("1 packet: not TCP over IP, left out",)
