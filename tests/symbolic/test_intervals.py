"""Exact intervals of a bit-vector parameter: against enumeration of small ones, and for 32 bits that wrap around."""

from __future__ import annotations

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.intervals import intervals
from switchover.checks.symbolic.solving import SolverUnknown

P, Q = z3.BitVecs("p q", 6)
D, C = z3.BitVecs("d c", 32)

literals = st.builds(
    lambda left, right, relation, constant: relation(left, right + constant),
    st.sampled_from([P, P + Q, P - 2 * Q, Q]),
    st.sampled_from([P, Q, z3.BitVecVal(0, 6)]),
    st.sampled_from([z3.ULT, z3.UGE, lambda a, b: a < b, lambda a, b: a >= b]),
    st.integers(0, 63),
)


def enumerated(predicate: z3.BoolRef, signed: bool) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for value in range(-32, 32) if signed else range(64):
        solver = z3.Solver()
        solver.add(predicate, value == P)
        if solver.check() == z3.sat:
            low = found.pop()[0] if found and found[-1][1] == value - 1 else value
            found.append((low, value))
    return found


@settings(max_examples=40)
@given(st.lists(literals, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_they_are_what_enumeration_finds(terms: list[z3.BoolRef], signed: bool, is_conjunction: bool) -> None:
    predicate = z3.And(*terms) if is_conjunction else z3.Or(*terms)
    assert intervals(predicate, P, signed=signed, milliseconds=60_000) == enumerated(predicate, signed)


@pytest.mark.parametrize(
    ("predicate", "signed", "expected"),
    [
        (D > 0, True, [(1, 2**31 - 1)]),
        (D != 0, True, [(-(2**31), -1), (1, 2**31 - 1)]),
        (z3.BoolVal(True), False, [(0, 2**32 - 1)]),
        (z3.And(D > 0, D < 0), False, []),
        # Whatever the clock was, some unsigned comparison with its future goes wrong.
        (z3.And(D > 0, z3.UGE(C, C + D)), True, [(1, 2**31 - 1)]),
        # From a clock below 1000 an advance is seen unless it wraps beyond it.
        (z3.And(z3.ULT(C, 1000), z3.UGE(C, C + D)), False, [(0, 0), (2**32 - 999, 2**32 - 1)]),
    ],
)
def test_of_32_bits(predicate: z3.BoolRef, signed: bool, expected: list[tuple[int, int]]) -> None:
    assert intervals(predicate, D, signed=signed) == expected


def test_signed_differences_are_right_below_two_to_the_31() -> None:
    skew = z3.BitVec("skew", 64)
    seen = z3.SignExt(32, z3.Extract(31, 0, skew))
    window = z3.And(skew >= -(2**32), skew < 2**32)
    assert intervals(z3.And(window, seen == skew), skew, signed=True) == [(-(2**31), 2**31 - 1)]


def test_witnesses_that_are_given() -> None:
    wrong = [{C: z3.BitVecVal(7, 32)}]
    right = [{C: D}]
    for witnesses in (wrong, right):
        assert intervals(z3.And(z3.ULT(D, 5), C == D), D, signed=False, witnesses=witnesses) == [(0, 4)]


def test_too_many_intervals_are_unknown() -> None:
    with pytest.raises(SolverUnknown, match="more than 8 intervals"):
        intervals(D & 1 == 0, D, signed=False, most=8)


def test_another_kind_of_variable_is_refused() -> None:
    with pytest.raises(ValueError, match="n is no bit vector"):
        intervals(z3.And(D > 0, z3.Int("n") > 0), D, signed=False)
