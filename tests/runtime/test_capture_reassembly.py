"""One direction of a TCP connection is put together, whatever happened to its segments."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.runtime.capture import reassembly
from switchover.runtime.capture.reassembly import (
    CHANGED,
    LOST,
    NEVER_CAME,
    OUT_OF_ORDER,
    OUTSIDE,
    OVERFULL,
    REPEATED,
    Direction,
    Moment,
    Piece,
)
from switchover.runtime.capture.remarks import Remarks


class Cut(NamedTuple):
    """A segment: the bytes from ``start`` to ``end`` of a stream."""

    start: int
    end: int


class Stream:
    """Feeds a direction whose numbers begin at ``base``."""

    def __init__(self, base: int = 0) -> None:
        self.base = base
        self.remarks = Remarks()
        self.direction = Direction(self.remarks)
        self.direction.begin(base % (1 << 32))
        self.pieces: list[Piece] = []
        self.packet = 0

    def now(self) -> Moment:
        self.packet += 1
        return Moment(self.packet, self.packet * 10)

    def add(self, start: int, data: bytes, missing: int = 0) -> bytes:
        found = self.direction.add((self.base + start) % (1 << 32), data, missing, self.now())
        self.pieces += found
        return b"".join(each.data + b"?" * each.missing for each in found)

    def acknowledge(self, place: int) -> None:
        self.direction.acknowledge((self.base + place) % (1 << 32))

    def end(self, place: int) -> None:
        self.direction.end((self.base + place) % (1 << 32), self.now())

    def finish(self) -> bytes:
        found = self.direction.finish()
        self.pieces += found
        return b"".join(each.data + b"?" * each.missing for each in found)

    @property
    def text(self) -> bytes:
        return b"".join(each.data + b"?" * each.missing for each in self.pieces)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[bytes, int, list[Cut]]:
    """A stream, and cuts of it that together cover it: in disorder within a window, repeated, overlapping."""
    data = bytes(draw(st.binary(min_size=1, max_size=400)))
    places = sorted({0, len(data), *draw(st.lists(st.integers(0, len(data)), max_size=20))})
    cuts = [Cut(*each) for each in pairwise(places)]
    extra = draw(st.lists(st.tuples(st.integers(0, len(data)), st.integers(0, len(data))), max_size=8))
    cuts += [Cut(min(each), max(each)) for each in extra if each[0] != each[1]]
    order = draw(st.lists(st.integers(0, 6), min_size=len(cuts), max_size=len(cuts)))
    cuts = [cut for _, cut in sorted(enumerate(cuts), key=lambda each: each[0] + order[each[0]])]
    return data, draw(st.sampled_from([0, 1, (1 << 32) - 1, (1 << 32) - 200, 1 << 31])), cuts


@settings(max_examples=400)
@given(deliveries())
def test_cut_shuffled_repeated_and_overlapping_it_is_the_same(given_: tuple[bytes, int, list[Cut]]) -> None:
    data, base, cuts = given_
    stream = Stream(base)
    for start, end in cuts:
        stream.add(start, data[start:end])
        # Nothing is passed on that has not come, and everything up to the first gap is.
        assert stream.text == data[: len(stream.text)]
    assert stream.text == data
    assert stream.direction.place == len(data)
    assert stream.finish() == b""
    assert not {CHANGED, LOST, NEVER_CAME, OVERFULL, OUTSIDE} & set(stream.remarks)
    moments = [each.come for each in stream.pieces]
    assert moments == sorted(moments)


@settings(max_examples=300)
@given(deliveries(), st.data())
def test_of_two_copies_that_differ_the_first_counts(given_: tuple[bytes, int, list[Cut]], drawn: st.DataObject) -> None:
    data, base, cuts = given_
    stream, known = Stream(base), bytearray(len(data))
    has = bytearray(len(data))
    is_changed = False
    for start, end in cuts:
        noise = drawn.draw(st.binary(min_size=end - start, max_size=end - start))
        for place in range(start, end):
            if not has[place]:
                known[place], has[place] = noise[place - start], 1
            elif known[place] != noise[place - start] and not (end - start == 1 and stream.direction.place == end):
                is_changed = True
        stream.add(start, noise)
    assert stream.text == bytes(known)
    assert (CHANGED in stream.remarks) == is_changed


def test_what_was_out_of_order_has_come_when_the_gap_was_filled() -> None:
    stream = Stream()
    assert stream.add(3, b"def") == b""
    assert stream.add(9, b"jkl") == b""
    assert stream.add(0, b"abc") == b"abcdef"
    assert [each.come.packet for each in stream.pieces] == [3, 3]
    assert stream.remarks == {OUT_OF_ORDER: 2}


def test_what_was_acknowledged_but_not_captured_is_a_gap() -> None:
    stream = Stream()
    stream.add(0, b"abc")
    stream.add(5, b"fgh")
    stream.add(10, b"klm")
    stream.acknowledge(8)
    assert stream.finish() == b"??fgh"
    # The last piece was never taken by the other side.
    assert stream.remarks == {OUT_OF_ORDER: 2, LOST: 1, NEVER_CAME: 1}
    # It had come when it was captured, for what was missing had come before.
    assert [each.come.packet for each in stream.pieces] == [1, 2, 2]


def test_nothing_has_come_before_what_it_follows() -> None:
    stream = Stream()
    stream.add(2, b"cd")
    stream.add(6, b"gh")
    stream.add(0, b"ab")
    stream.acknowledge(8)
    assert stream.finish() == b"??gh"
    assert [each.come.packet for each in stream.pieces] == [3, 3, 3, 3]


def test_a_gap_of_which_part_was_acknowledged_was_not_passed() -> None:
    stream = Stream()
    stream.add(0, b"abc")
    stream.add(6, b"g")
    stream.acknowledge(4)
    assert stream.finish() == b""
    assert stream.remarks == {OUT_OF_ORDER: 1, NEVER_CAME: 1}


def test_what_nobody_acknowledged_never_came() -> None:
    stream = Stream()
    stream.add(4, b"efgh")
    assert stream.finish() == b""
    assert stream.remarks == {OUT_OF_ORDER: 1, NEVER_CAME: 1}


def test_a_fin_counts_once_everything_before_it_has_come() -> None:
    stream = Stream()
    stream.add(0, b"ab")
    stream.end(4)
    assert stream.direction.over_at is None
    stream.add(2, b"cd")
    assert stream.direction.over_at == Moment(3, 30)


def test_a_fin_behind_an_acknowledged_gap() -> None:
    stream = Stream()
    stream.add(0, b"ab")
    stream.end(6)
    stream.acknowledge(7)
    assert stream.finish() == b"????"
    assert stream.direction.over_at is not None


def test_a_probe_is_not_a_repetition() -> None:
    stream = Stream()
    stream.add(0, b"abc")
    stream.add(2, b"\0")
    assert stream.add(3, b"d") == b"d"
    assert stream.remarks == {}


def test_a_segment_cut_short_leaves_a_gap_of_known_length() -> None:
    stream = Stream()
    assert stream.add(0, b"ab", missing=3) == b"ab???"
    assert stream.add(8, b"ij", missing=1) == b""
    assert stream.add(5, b"fgh") == b"fghij?"
    # Where the first copy knows nothing there is nothing to differ from.
    assert stream.add(0, b"xyzzy") == b""
    assert CHANGED not in stream.remarks


def test_a_segment_far_away_is_left_out() -> None:
    stream = Stream()
    stream.add(0, b"ab")
    assert stream.add((1 << 30) + 3, b"xy") == b""
    assert stream.add(-(1 << 30) - 3, b"xy") == b""
    assert stream.remarks == {OUTSIDE: 2}
    assert stream.add(2, b"cd") == b"cd"


def test_more_than_4_gib() -> None:
    stream = Stream((1 << 32) - 5)
    for start in range(0, 5 << 30, 1 << 29):
        stream.direction.add((stream.base + start) % (1 << 32), b"", 1 << 29, stream.now())
    assert stream.direction.place == 5 << 30
    assert stream.add(5 << 30, b"end") == b"end"


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reassembly, "MOST_WAITING", 50_000)
    stream = Stream()
    stream.add(0, b"a")
    text = b""
    for number in range(1, 200):
        text += stream.add(10 * number, bytes([number]) * 5)
        assert stream.direction.held <= 50_000 + (1 << 16)
    assert text.startswith(b"?" * 9 + b"\1" * 5 + b"?" * 5 + b"\2" * 5)
    assert stream.remarks[OVERFULL] > 100
    assert stream.remarks[REPEATED] == 0


def test_many_tiny_pieces_are_put_together_soon() -> None:
    """Every other byte first, then the rest, both backwards: no quadratic blow-up within the bound."""
    stream = Stream()
    count = 8000
    for place in (*range(2 * count - 1, 0, -2), *range(2 * count - 2, 0, -2)):
        stream.add(place, bytes([place % 251]))
    assert stream.add(0, b"\0") == bytes(place % 251 for place in range(2 * count))
