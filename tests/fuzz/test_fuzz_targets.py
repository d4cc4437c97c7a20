"""The targets of the fuzzer, on their corpus and on what Hypothesis makes of it."""

from __future__ import annotations

import pytest
from fuzz_targets import TARGETS, corpus, one_input
from hypothesis import given, settings
from hypothesis import strategies as st


@st.composite
def edited(draw: st.DrawFn) -> bytes:
    """An input of the corpus with a few of its bytes changed, and perhaps cut or repeated."""
    data = bytearray(draw(st.sampled_from(corpus())))
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=4)):
        data[place] = draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]) | st.integers(0, 255))
    return bytes(data[: draw(st.integers(1, len(data)))]) + bytes(data) * draw(st.integers(0, 1))


def test_the_corpus_has_inputs_for_every_target() -> None:
    assert {each[0] for each in corpus()} == set(range(len(TARGETS)))


@pytest.mark.parametrize("number", range(len(corpus())))
def test_the_corpus_is_taken(number: int) -> None:
    one_input(corpus()[number])


@given(data=edited())
@settings(max_examples=300)
def test_edits_of_real_bytes_never_do_harm(data: bytes) -> None:
    one_input(data)


@given(data=st.binary(max_size=400))
@settings(max_examples=300)
def test_any_bytes_never_do_harm(data: bytes) -> None:
    one_input(data)
