"""Capture files of every kind, gzipped or not, whole, cut off and damaged."""

from __future__ import annotations

import gzip
import struct
from io import BytesIO

import pytest
from capture_making import Frame, block, interface, pcap, pcapng, section
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.runtime.capture.files import is_capture, packets
from switchover.runtime.capture.packets import LARGEST_PACKET, DamageError, Packet
from switchover.runtime.capture.pcapng import LARGEST_BLOCK
from switchover.runtime.capture.unpacking import Unpacked

FRAMES = [Frame(1_700_000_000_000_001_000, b"one"), Frame(1_700_000_001_999_999_000, b"", 60), Frame(5000, b"x" * 77)]

FILES = {
    **{f"pcap {order} {unit}": pcap(FRAMES, 113, order, unit) for order in "<>" for unit in (1, 1000)},
    **{f"pcapng {order}": pcapng(FRAMES, 113, order) for order in "<>"},
}


def unpacked(content: bytes) -> Unpacked:
    return Unpacked(BytesIO(content))


def all_packets(content: bytes) -> list[Packet]:
    return list(packets(unpacked(content)))


def read_up_to(content: bytes) -> tuple[int, str]:
    """How many packets were read, and what is said about the rest."""
    count = 0
    try:
        for _ in packets(unpacked(content)):
            count += 1
    except DamageError as error:
        return count, str(error)
    return count, ""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_packets_of_every_kind_of_file(name: str, pack) -> None:  # type: ignore[no-untyped-def]
    content = pack(FILES[name])
    assert is_capture(unpacked(content))
    assert all_packets(content) == [
        Packet(number, each.time, 113, each.data, each.length or len(each.data))
        for number, each in enumerate(FRAMES, start=1)
    ]


@pytest.mark.parametrize(
    "content",
    [b"", b"\x0a", b'{"t": 1}\n', gzip.compress(b'{"t": 1}\n'), b"\xa1\xb2\xc3\xd5" * 9],
    ids=["empty", "newline", "json", "gzipped json", "magic number"],
)
def test_what_is_no_capture_is_told_apart(content: bytes) -> None:
    assert not is_capture(unpacked(content))


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_off_anywhere_gives_what_is_whole(name: str) -> None:
    content = FILES[name]
    counts = set()
    for length in range(4, len(content)):
        count, complaint = read_up_to(content[:length])
        counts.add(count)
        # Between two blocks or records nothing shows that it goes on.
        assert complaint == "" or ("cut off" in complaint and len(complaint.splitlines()) == 1)
    assert counts == {0, 1, 2}
    assert read_up_to(content) == (3, "")


def test_a_gzipped_file_cut_off_gives_what_is_whole() -> None:
    content = gzip.compress(pcap([Frame(n, bytes([n])) for n in range(200)]))
    for length in range(len(content) // 2, len(content)):
        count, complaint = read_up_to(content[:length])
        assert "the gzipped file is cut off" in complaint
        assert count <= 200
    assert count == 200


def test_a_damaged_gzipped_file_gives_what_is_whole() -> None:
    content = bytearray(gzip.compress(pcap([Frame(n, n.to_bytes(3, "big") * 50) for n in range(9000)])))
    content[-6] ^= 0xFF  # the checksum
    count, complaint = read_up_to(bytes(content))
    assert 0 < count < 9000
    assert "the gzipped file is damaged" in complaint


def test_several_gzipped_parts_are_one_file() -> None:
    content = FILES["pcapng <"]
    parts = gzip.compress(content[:100]) + gzip.compress(content[100:]) + bytes(50)
    assert len(all_packets(parts)) == 3


def test_times_have_the_resolution_of_their_interface() -> None:
    def time(option: bytes, ticks: int) -> int:
        head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, 1, 1)
        (found,) = all_packets(section() + interface(options=option) + block(6, head + b"x"))
        return found.time

    assert time(b"", 7) == 7_000
    assert time(struct.pack("<HHB3x", 9, 1, 3), 7) == 7_000_000
    assert time(struct.pack("<HHB3x", 9, 1, 0x80 | 10), 2048) == 2 * 10**9
    assert time(struct.pack("<HHB3x", 9, 1, 12), 5000) == 5
    assert time(struct.pack("<HHq", 14, 8, -3), 7) == 7_000 - 3 * 10**9


def test_the_length_of_checksums_is_no_link_layer() -> None:
    content = pcap(FRAMES, 0x14000001)
    assert {each.link for each in all_packets(content)} == {1}


def test_packets_without_time_interface_or_with_an_old_header() -> None:
    content = section() + interface(101, longest=4) + interface(113)
    content += block(2, struct.pack("<HHIIII", 1, 0, 0, 9, 2, 80) + b"ab")
    content += block(3, struct.pack("<I", 6) + b"abcd")
    content += section(">") + interface(12, ">") + block(3, struct.pack(">I", 2) + b"xy", ">")
    assert all_packets(content) == [
        Packet(1, 9000, 113, b"ab", 80),
        Packet(2, 9000, 101, b"abcd", 6),
        Packet(3, 9000, 12, b"xy", 2),
    ]


HEAD = pcap([])
ENHANCED = section() + interface()


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (
            HEAD + struct.pack("<IIII", 0, 0, 0xFFFFFFFF, 0xFFFFFFFF),
            "packet 1: 4294967295 bytes long; expected at most",
        ),
        (HEAD + struct.pack("<IIII", 0, 0, 0, LARGEST_PACKET + 1), "packet 1: 1048577 bytes long; expected at most"),
        (section()[:8] + bytes(100), "block 1: its byte order is 00000000; expected 1a2b3c4d or 4d3c2b1a"),
        (section() + struct.pack("<II", 6, 0xFFFFFFFC), "block 2: 4294967292 bytes long; expected a multiple of 4"),
        (section() + struct.pack("<II", 77, 13), "block 2: 13 bytes long; expected a multiple of 4 from 12"),
        (section() + struct.pack("<II", 77, 8), "block 2: 8 bytes long; expected a multiple of 4 from 12"),
        (section() + struct.pack("<II", 77, LARGEST_BLOCK), "block 2: the file is cut off"),
        (section() + block(1, b"")[:-4] + bytes(4), "block 2: 12 bytes long at its start and 0 at its end"),
        (section() + block(1, b""), "block 2: too short for its kind, 0 bytes"),
        (section() + block(6, bytes(20)), "packet 1: from interface 0 of 0"),
        (section() + block(3, bytes(20)), "packet 1: from interface 0 of 0"),
        (
            ENHANCED + block(6, struct.pack("<IIIII", 0, 0, 0, 9, 9)),
            "packet 1: 9 bytes long in a block that has room for 0",
        ),
        (ENHANCED + block(6, bytes(4)), "block 3: too short for its kind, 4 bytes"),
        (section() + interface() * 4097, "block 4098: more than 4096 interfaces"),
    ],
)
def test_a_damaged_file_is_named(content: bytes, complaint: str) -> None:
    with pytest.raises(DamageError) as caught:
        all_packets(content)
    assert complaint in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_packed_file_is_not_unpacked_at_once() -> None:
    """A few kB that unpack to a GB are read as far as they are asked for."""
    source = unpacked(gzip.compress(bytes(1 << 24), 1))
    assert source.read(10) == bytes(10)
    assert len(source._ready) <= 1 << 16
    assert source.line(1000) == bytes(1000)


@settings(max_examples=200)
@given(st.lists(st.sampled_from([b"a", b"bb\n", b"\n", b"c" * 200, b"d" * 200 + b"\n"])), st.integers(1, 300))
def test_lines(parts: list[bytes], longest: int) -> None:
    content = b"".join(parts)
    source = unpacked(gzip.compress(content))
    lines = []
    while line := source.line(longest):
        lines.append(line)
    expected = []
    for line in content.splitlines(keepends=True):
        expected += [line[start : start + longest] for start in range(0, len(line), longest)]
    assert lines == expected


@settings(max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=6))
def test_damage_anywhere_is_one_line(name: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(FILES[name])
    for place, value in changes:
        content[4 + place % (len(content) - 4)] = value
    _, complaint = read_up_to(bytes(content))
    assert len(complaint.splitlines()) <= 1
