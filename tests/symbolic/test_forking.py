"""Explorations find every feasible path once, and describe each exactly."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic import forking, terms
from switchover.checks.symbolic.authoring import UnsupportedOperationError
from switchover.checks.symbolic.forking import ForkingError, PathLimits, explore


class Values(NamedTuple):
    """Two small numbers and a truth, open or not."""

    x: Any
    y: Any
    t: Any


QUESTIONS: tuple[Callable[[Values], Any], ...] = (
    lambda v: v.x < v.y,
    lambda v: v.x - v.y == 1,
    lambda v: v.x != 2,
    lambda v: v.t,
    lambda v: not v.t,
    lambda v: v.x + v.y >= 3,
    lambda v: v.x,
    lambda v: v.x % 2 == v.y % 2,
    lambda v: v.t == (v.x < 2),
    lambda v: 0 <= v.x <= 1,
    lambda v: v.x + v.t > v.t * 3,
)
_x, _y, _t = z3.Int("x"), z3.Int("y"), z3.Bool("t")


def _holds(literal: z3.BoolRef, x: int, y: int, t: bool) -> bool:
    fixed = z3.substitute(literal, (_x, z3.IntVal(x)), (_y, z3.IntVal(y)), (_t, z3.BoolVal(t)))
    return z3.is_true(z3.simplify(fixed))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(range(len(QUESTIONS))), max_size=5), st.booleans(), st.sampled_from([None, 1, 5]))
def test_paths_partition_the_assumptions(asked: list[int], split: bool, cut_below: int | None) -> None:
    def run(values: Values) -> list[bool]:
        if cut_below is not None and not isinstance(values.x, int):
            forking.assume(values.x + values.y >= cut_below)
        return [bool(QUESTIONS[each](values)) for each in asked]

    opened = Values(terms.integer("x"), terms.integer("y"), terms.truth("t"))
    assuming = [_x >= 0, _x <= 4, _y >= 0, _y <= 4]
    paths = explore(lambda: run(opened), assuming, split_disequalities=split)
    assert not any(path.uncertain for path in paths)
    for values in map(Values._make, product(range(5), range(5), (False, True))):
        taken = [path for path in paths if all(_holds(each, *values) for each in path.condition)]
        allowed = cut_below is None or values.x + values.y >= cut_below
        assert len(taken) == allowed
        assert not taken or taken[0].result == run(values)
    for path in paths:
        solver = z3.Solver()
        assert solver.check(*assuming, *path.condition) == z3.sat


def test_the_same_exploration_gives_the_same_paths() -> None:
    x, y = terms.integer("x"), terms.integer("y")

    def run() -> tuple[bool, bool, bool]:
        return bool(x < y), bool(x == 3), bool(y != x + 2)

    first, second = explore(run), explore(run)
    assert [(path.result, str(path.condition)) for path in first] == [
        (path.result, str(path.condition)) for path in second
    ]


def test_conditions_on_integers_are_conjunctions_of_inequalities() -> None:
    x, y = terms.integer("x"), terms.integer("y")
    paths = explore(lambda: bool(x == y))
    assert sorted(str(each) for path in paths for each in path.condition) == ["x <= y + -1", "x == y", "x >= y + 1"]
    assert len(explore(lambda: bool(x == y), split_disequalities=False)) == 2


def test_only_free_answers_are_in_the_condition() -> None:
    x = terms.integer("x")
    (path,) = explore(lambda: (bool(x > 3), bool(x != 0), abs(x)), [_x > 10])
    assert path.condition == ()
    assert path.result[:2] == (True, True)
    assert explore(lambda: bool(x > 3), [_x > 10, _x < 5]) == []


def test_an_assumption_cuts_what_it_excludes() -> None:
    x = terms.integer("x")

    def run() -> str:
        found = "small" if x < 5 else "large"
        forking.assume(x > 7)
        forking.assume(True)
        return found

    assert [path.result for path in explore(run)] == ["large"]
    assert explore(lambda: forking.assume(False)) == []


def test_too_many_paths_fail_in_the_authors_line() -> None:
    numbers = [terms.integer(f"x{index}") for index in range(10)]
    with pytest.raises(ForkingError, match=r"more than 100 paths: test_forking\.py:\d+ in "):
        explore(lambda: [each > 0 and 1 for each in numbers], limits=PathLimits(paths=100))
    with pytest.raises(ForkingError, match="more than 100 paths"):
        explore(lambda: [bool(each == 0) for each in numbers[:5]], limits=PathLimits(paths=100))
    assert len(explore(lambda: [bool(each > 0) for each in numbers[:6]], limits=PathLimits(paths=64))) == 64


def test_a_loop_without_bound_fails_in_the_authors_line() -> None:
    x = terms.integer("x")

    def run() -> None:
        while x > 0:
            pass

    with pytest.raises(ForkingError, match=r"loop without bound\? test_forking\.py:\d+ in run"):
        explore(run)


def test_an_error_that_the_author_swallows_is_raised_all_the_same() -> None:
    x = terms.integer("x")

    def run() -> str:
        try:
            return "ab"[x]
        except Exception:
            return "nothing"

    with pytest.raises(UnsupportedOperationError, match="in run"):
        explore(run)


def test_an_authors_exception_ends_the_exploration_and_the_next_one_starts_anew() -> None:
    x = terms.integer("x")
    with pytest.raises(KeyError):
        explore(lambda: {}[0] if x > 0 else 0)
    assert len(explore(lambda: bool(x > 0))) == 2


def test_truths_are_asked_inside_one_exploration_only() -> None:
    x = terms.integer("x")
    with pytest.raises(ForkingError, match=r"outside an exploration: test_forking\.py:\d+"):
        bool(x > 0)
    with pytest.raises(ForkingError, match="outside an exploration"):
        forking.assume(x > 0)
    with pytest.raises(ForkingError, match="inside an exploration"):
        explore(lambda: explore(lambda: 0))


def test_a_run_that_is_no_function_of_its_answers_is_found_out() -> None:
    x, calls = terms.integer("x"), []

    def run() -> bool:
        calls.append(1)
        return bool(x > len(calls)) and bool(x > 10)

    with pytest.raises(ForkingError, match="asked something else"):
        explore(run)


def test_what_the_solver_cannot_say_is_kept_and_marked() -> None:
    a, b, c = z3.Ints("a b c")
    riddle = terms.truth_of(a * a * a + b * b * b + c * c * c == 42)
    paths = explore(lambda: bool(riddle), [a > 2, b > 2, a * b > 99 * c], limits=PathLimits(effort=2_000))
    assert {path.result for path in paths} == {True, False}
    assert any(path.uncertain for path in paths)
