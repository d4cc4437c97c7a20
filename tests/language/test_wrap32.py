"""Wrap32 computes as C's uint32_t and int32_t do, and only with its like."""

from __future__ import annotations

import copy
import ctypes
import operator
import pickle
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.models.language import Actor, Between, DefinitionError, HandlerError, Message, State, Wrap32, variable
from switchover.models.language.values import value_check

words = st.one_of(st.integers(0, 3), st.integers(2**31 - 2, 2**31 + 2), st.integers(2**32 - 3, 2**32 - 1))
numbers = st.integers(-(2**40), 2**40)


@given(words, words)
def test_the_difference_is_signed_and_the_order_is_not(a: int, b: int) -> None:
    assert Wrap32(a) - Wrap32(b) == ctypes.c_int32(a - b).value
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        assert compare(Wrap32(a), Wrap32(b)) is compare(a, b)
    assert (hash(Wrap32(a)) == hash(Wrap32(b))) >= (a == b)
    assert bool(Wrap32(a)) is bool(a)


@given(words, numbers)
def test_adding_and_making_wrap(a: int, number: int) -> None:
    assert int(Wrap32(a) + number) == ctypes.c_uint32(a + number).value
    assert number + Wrap32(a) == Wrap32(a) + number
    assert int(Wrap32(a) - number) == ctypes.c_uint32(a - number).value
    assert int(Wrap32.of(number)) == number % 2**32
    assert Wrap32.of(number) == Wrap32(number)


@given(numbers, st.integers(-(2**31) + 1, 2**31 - 1))
def test_near_times_differ_as_unbounded_ones_do(time: int, apart: int) -> None:
    assert Wrap32.of(time + apart) - Wrap32.of(time) == apart


def test_only_the_same_kind_compares() -> None:
    for mixed in (lambda: Wrap32(1) < 2, lambda: Wrap32(2) >= 1, lambda: 1 - Wrap32(2), lambda: Wrap32("1")):  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            mixed()
    assert Wrap32(1) != 1
    assert Wrap32(1) != None  # noqa: E711


def test_it_never_changes_and_shows_its_bits() -> None:
    value = Wrap32(-1)
    with pytest.raises(AttributeError, match="never changes"):
        value._bits = 3  # type: ignore[misc]
    assert (str(value), repr(value)) == ("4294967295", "Wrap32(4294967295)")
    assert pickle.loads(pickle.dumps(value)) == value == copy.deepcopy(value)


class Stamp(Message):
    time: int | Wrap32
    other: Annotated[int, Between(0, 9)] | None = None


class Clock(Actor):
    shows: int | Wrap32 = variable(0)
    idle = State(initial=True)


@pytest.mark.parametrize("time", [5, 2**40, Wrap32(5)])
def test_a_variable_and_a_field_hold_either_kind(time: Any) -> None:
    assert Stamp(time).time == time
    assert Clock(initial={"shows": time}).shows == time
    clock = Clock()
    clock.shows = time
    with pytest.raises(HandlerError, match="'soon' is not"):
        clock.shows = "soon"
    with pytest.raises(ValueError, match="'soon' is not"):
        Stamp("soon")


def test_a_field_that_cannot_wrap_still_needs_its_range() -> None:
    with pytest.raises(DefinitionError, match="needs its range"):
        value_check(int | None, "here", needs_range=True)
    assert value_check(Wrap32, "here", needs_range=True)(Wrap32(1)) is None
    assert value_check(Wrap32, "here")(1) == "1 is not a Wrap32"
