"""The fuzzer's target for captures, on its corpus and on what Hypothesis makes of it."""

from __future__ import annotations

import pytest
from capture_making import RAW, names, pcap, read
from capture_targets import corpus, frames_of, fuzz_capture
from hypothesis import given, settings
from hypothesis import strategies as st


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """An input of the corpus with a few of its bytes changed, and perhaps cut or repeated."""
    data = bytearray(draw(st.sampled_from(corpus())))
    for place in draw(st.lists(st.integers(1, len(data) - 1), max_size=6)):
        data[place] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))]) + bytes(data) * draw(st.integers(0, 1))


@pytest.mark.parametrize("number", range(len(corpus())))
def test_the_corpus_is_taken(number: int) -> None:
    fuzz_capture(corpus()[number])


def test_events_of_the_corpus_are_whole_connections() -> None:
    for data in corpus()[-3:]:
        assert names(read(pcap(frames_of(data[1:]), RAW)))[-3:] == ["MIGRATE_BEGIN", "FIN", "FIN"]


@given(data=edited())
@settings(max_examples=300)
def test_edits_of_captures_never_do_harm(data: bytes) -> None:
    fuzz_capture(data)


@given(data=st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_never_do_harm_as_a_capture(data: bytes) -> None:
    fuzz_capture(data)
