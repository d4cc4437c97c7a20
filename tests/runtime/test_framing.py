"""Frames: however the bytes are cut, the same messages come out; what announces too much is refused at once."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.runtime.spice.codec import MalformedError
from switchover.runtime.spice.framing import Frame, FrameReader, FrameWriter

LIMIT = 1000
HEADERS = pytest.mark.parametrize("mini", [True, False], ids=["mini", "full"])
LIST = 8

MESSAGES = st.lists(st.tuples(st.integers(0, 65535).filter(lambda number: number != LIST), st.binary(max_size=40)))


def frames_of(reader: FrameReader) -> list[Frame]:
    return list(iter(reader.next, None))


def full_header(number: int, size: int, sub_list: int = 0, serial: int = 1) -> bytes:
    return struct.pack("<QHII", serial, number, size, sub_list)


def sub_messages(*messages: tuple[int, bytes], at: int = 0) -> bytes:
    """A list of messages that begins at ``at`` in its body."""
    offset, offsets, data = at + 2 + 4 * len(messages), b"", b""
    for number, body in messages:
        offsets += struct.pack("<I", offset + len(data))
        data += struct.pack("<HI", number, len(body)) + body
    return struct.pack("<H", len(messages)) + offsets + data


@HEADERS
@given(messages=MESSAGES, cuts=st.lists(st.integers(1, 50)))
def test_however_bytes_are_cut_the_same_frames_come_out(
    mini: bool, messages: list[tuple[int, bytes]], cuts: list[int]
) -> None:
    writer, reader = FrameWriter(mini), FrameReader(mini, LIMIT)
    data = b"".join(writer.frame(*each) for each in messages)
    found: list[Frame] = []
    for cut in [*cuts, len(data)]:
        reader.feed(data[:cut])
        data = data[cut:]
        found += frames_of(reader)
    assert found == [Frame(*each, serial) for serial, each in enumerate(messages, 1)]
    assert writer.serial == len(messages)
    assert reader.buffered == 0


@HEADERS
def test_headers_are_as_in_the_facts(mini: bool) -> None:
    writer = FrameWriter(mini)
    writer.frame(1, b"")
    expected = "6500030000006162 63" if mini else "0200000000000000 6500 03000000 00000000 616263"
    assert writer.frame(101, b"abc") == bytes.fromhex(expected)


def test_a_writer_goes_on_from_the_serial_that_it_is_given() -> None:
    writer, reader = FrameWriter(mini=False), FrameReader(False, LIMIT)
    writer.serial = 13
    reader.feed(writer.frame(3, b""))
    assert reader.next() == Frame(3, b"", 14)


@HEADERS
def test_too_long_a_body_is_refused_by_its_header_alone(mini: bool) -> None:
    header = struct.pack("<HI", 123, LIMIT + 1) if mini else full_header(123, LIMIT + 1)
    reader = FrameReader(mini, LIMIT)
    reader.feed(header[:-1])
    assert reader.next() is None
    reader.feed(header[-1:])
    for _ in range(2):
        with pytest.raises(MalformedError, match=r"^message 123: expected at most 1000 bytes, 1001 announced$"):
            reader.next()


@HEADERS
def test_a_body_of_the_limit_is_taken(mini: bool) -> None:
    reader = FrameReader(mini, LIMIT)
    reader.feed(FrameWriter(mini).frame(123, bytes(LIMIT)))
    assert reader.next() == Frame(123, bytes(LIMIT), 1)


def test_memory_follows_what_has_come_not_what_is_announced() -> None:
    reader = FrameReader(mini=True, limit=1 << 32)
    reader.feed(struct.pack("<HI", 123, (1 << 32) - 1))
    tracemalloc.start()
    try:
        assert reader.next() is None
        reader.feed(bytes(1000))
        assert reader.next() is None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_what_was_taken() -> None:
    reader, data = FrameReader(mini=True, limit=LIMIT), FrameWriter(mini=True).frame(123, bytes(LIMIT))
    tracemalloc.start()
    try:
        for _ in range(1000):
            reader.feed(data)
            assert reader.next() is not None
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_what_is_in_no_frame_can_be_taken_out() -> None:
    writer, reader = FrameWriter(mini=True), FrameReader(True, LIMIT)
    reader.feed(writer.frame(1, b"a") + writer.frame(2, b"b")[:5])
    assert reader.next() == Frame(1, b"a", 1)
    assert reader.buffered == 5
    assert reader.take_rest() == writer.frame(2, b"b")[:5]
    assert (reader.buffered, reader.next(), reader.take_rest()) == (0, None, b"")


@HEADERS
def test_list_is_the_messages_in_it(mini: bool) -> None:
    reader, writer = FrameReader(mini, LIMIT), FrameWriter(mini)
    reader.feed(writer.frame(LIST, sub_messages((105, b"one"), (5, b""))) + writer.frame(102, b""))
    expected = [Frame(105, b"one", 1, ends_frame=False), Frame(5, b"", 1), Frame(102, b"", 2)]
    assert frames_of(reader) == expected


def test_messages_beside_a_message_come_before_it() -> None:
    own = b"own part"
    body = own + sub_messages((5, b"wait"), (105, b"forget"), at=len(own))
    reader = FrameReader(mini=False, limit=LIMIT)
    reader.feed(full_header(304, len(body), sub_list=len(own), serial=7) + body)
    expected = [Frame(5, b"wait", 7, ends_frame=False), Frame(105, b"forget", 7, ends_frame=False), Frame(304, body, 7)]
    assert frames_of(reader) == expected


def test_an_empty_list_is_itself_so_that_it_can_be_acknowledged() -> None:
    reader = FrameReader(mini=True, limit=LIMIT)
    reader.feed(FrameWriter(mini=True).frame(LIST, b"\0\0"))
    assert frames_of(reader) == [Frame(LIST, b"\0\0", 1)]


BAD_LISTS = {
    "no count": b"\1",
    "more announced than there are": b"\2\0" + bytes(4),
    "offset behind the end": b"\1\0" + struct.pack("<I", 100),
    "huge offset": b"\1\0" + b"\xff" * 4,
    "too long a message": b"\1\0" + struct.pack("<IHI", 6, 1, 2**32 - 1),
    "the same message again and again": b"\3\0"
    + struct.pack("<III", 14, 14, 14)
    + struct.pack("<HI", 1, 10)
    + bytes(10),
}


@pytest.mark.parametrize("case", BAD_LISTS)
def test_a_list_that_is_none_is_refused(case: str) -> None:
    reader = FrameReader(mini=True, limit=LIMIT)
    reader.feed(FrameWriter(mini=True).frame(LIST, BAD_LISTS[case]))
    for _ in range(2):
        with pytest.raises(MalformedError, match=r"^LIST: expected [^\n]*$"):
            reader.next()


@given(data=st.binary(max_size=200), mini=st.booleans())
def test_any_bytes_are_frames_or_malformed(data: bytes, mini: bool) -> None:
    reader = FrameReader(mini, limit=100)
    reader.feed(data)
    try:
        found = frames_of(reader)
    except MalformedError:
        return
    assert sum(len(each.body) for each in found) + reader.buffered <= 2 * len(data)


def test_a_body_too_long_for_any_header_is_not_written() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 32

    with pytest.raises(ValueError, match=r"^message 109: expected at most"):
        FrameWriter(mini=True).frame(109, Huge())
