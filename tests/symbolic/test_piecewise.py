"""Losses as functions of the parameters: values, texts, and the lengths of intervals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, permutations, product

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.linear import formula_of, linear_of
from switchover.checks.symbolic.piecewise import NotAFunctionError, NotAnIntervalError, as_function, interval_length
from switchover.models.language.region import Condition, Linear, PiecewiseLinear, Quantity, formula_holds

D, W, L, A = z3.Ints("D W L a")
QUANTITIES = [Quantity("D", "skew"), Quantity("W", "window"), Quantity("L", "latency")]
VALUES = [Linear(), Linear.of({"W": 1}), Linear.of({"D": 1, "L": -1})]
BOX = range(-3, 4)

Choice = Callable[[int, int], int]


def function(pieces: list[tuple[z3.BoolRef, z3.ExprRef | int]], *within: z3.BoolRef) -> PiecewiseLinear:
    parts = [
        (each, Linear((), value) if isinstance(value, int) else linear_of(value))
        for where, value in pieces
        for each in formula_of(where)
    ]
    return as_function("loss", QUANTITIES, parts, formula_of(within)[0])


def length(formula: z3.BoolRef, *within: z3.BoolRef) -> PiecewiseLinear:
    return interval_length("loss", formula_of(formula), "a", QUANTITIES, formula_of(within)[0])


class TestFunctions:
    @pytest.mark.parametrize(
        ("pieces", "within", "text"),
        [
            ([(D > 0, W), (D <= 0, W)], [], "W"),
            ([(W >= L, W - L), (W <= L, 0)], [], "max(0, W - L)"),
            ([(D > 0, D), (D <= 0, -D)], [], "max(D, -D)"),
            ([(D <= W, D), (D > W, W)], [], "min(D, W)"),
            (
                [(z3.And(D > 0, D < W), D), (z3.And(D > 0, D >= W), W), (D <= 0, 0)],
                [W >= 0],
                "max(0, min(D, W))",
            ),
            (
                [
                    (z3.And(W - L < D, W > L), W - L),
                    (z3.And(W - L >= D, D > 0), D),
                    (z3.Or(D <= 0, W <= L), 0),
                ],
                [],
                "max(0, min(D, W - L))",
            ),
            ([(D <= 500, 0), (D > 500, W)], [], "0 where D <= 500; W where D > 500"),
            ([], [], "nowhere"),
        ],
    )
    def test_text(self, pieces: list[tuple[z3.BoolRef, z3.ExprRef]], within: list[z3.BoolRef], text: str) -> None:
        assert function(pieces, *within).text == text

    @settings(max_examples=30)
    @given(st.permutations(VALUES), st.sampled_from([max, min]), st.sampled_from([max, min]))
    def test_values_and_text_of_maxima_and_minima(self, values: list[Linear], inner: Choice, outer: Choice) -> None:
        pieces = []
        for order in permutations(range(3)):
            # Where the values are in this order, the one with the rank that comes out.
            rank = outer(inner(order.index(0), order.index(1)), order.index(2))
            ascending = pairwise(order)
            where = tuple(Condition(values[low].plus(values[high], -1)) for low, high in ascending)
            pieces.append((where, values[order[rank]]))
        found = as_function("loss", QUANTITIES, pieces)
        for d, w, latency in product(BOX, repeat=3):
            point = {"D": d, "W": w, "L": latency}
            first, second, third = (each.at(point) for each in values)
            expected = outer(inner(first, second), third)
            assert found.at(point) == expected
            assert eval(found.text, {"max": max, "min": min}, point) == expected

    def test_pieces_that_disagree_are_refused_with_an_example(self) -> None:
        with pytest.raises(NotAFunctionError, match="loss is both"):
            function([(D > 0, W), (D >= 0, L)])

    def test_nothing_outside_the_pieces(self) -> None:
        with pytest.raises(ValueError, match="not defined"):
            function([(D > 0, W)]).at({"D": 0, "W": 1, "L": 1})


class TestLengths:
    @pytest.mark.parametrize(
        ("formula", "within", "text"),
        [
            (z3.And(A >= 0, A < W - L), [], "max(0, W - L)"),
            (z3.And(A >= 0, A < W, A < D), [], "max(0, min(D, W))"),
            (z3.And(A < W, A >= L), [A >= 0, L >= 0], "max(0, W - L)"),
            (z3.Or(z3.And(A >= 0, A < W), z3.And(A >= 0, A < D)), [], "max(0, D, W)"),
            (z3.Or(z3.And(A >= 0, A < L), z3.And(A >= L, A < W)), [L >= 0, W >= L], "W"),
        ],
    )
    def test_text(self, formula: z3.BoolRef, within: list[z3.BoolRef], text: str) -> None:
        assert length(formula, *within).text == text

    @settings(max_examples=40)
    @given(st.lists(st.sampled_from([A >= 0, A >= L, A < W, A < D, A <= L + 2, D > 0, A >= D - W]), max_size=5))
    def test_counts_the_values(self, terms: list[z3.BoolRef]) -> None:
        formula = formula_of([A >= -2, A <= 2, *terms])
        found = interval_length("loss", formula, "a", QUANTITIES)
        for d, w, latency in product(BOX, repeat=3):
            point = {"D": d, "W": w, "L": latency}
            assert found.at(point) == sum(formula_holds(formula, {**point, "a": a}) for a in range(-2, 3))

    def test_two_intervals_are_refused_with_an_example(self) -> None:
        with pytest.raises(NotAnIntervalError, match="not one interval of a, for example"):
            length(z3.Or(z3.And(A >= 0, A < W), z3.And(A >= L, A < D)))

    @pytest.mark.parametrize("formula", [A >= W, z3.And(2 * A >= W, A <= L)])
    def test_a_bound_that_is_missing_or_not_linear_is_refused(self, formula: z3.BoolRef) -> None:
        with pytest.raises(NotAnIntervalError, match="no linear bound"):
            length(formula)
