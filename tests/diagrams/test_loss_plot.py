"""Loss plots: the lines are the functions, every design is named, and both axes have units."""

from __future__ import annotations

import os
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.diagrams import LossCurve, draw_losses, loss_points
from switchover.models.language.region import Condition, Linear, Piece, PiecewiseLinear, Quantity

D = Quantity("D", "destination clock minus source clock")
W = Quantity("W", "from the first destination frame to the clock update", low=0)
FIXED = {"W": 700}

BEHIND, AHEAD = Condition(Linear.of({"D": 1})), Condition(Linear.of({"D": -1}, 1))
BY_PIECES = PiecewiseLinear(
    "loss", (D, W), (Piece((BEHIND,), Linear.of({"W": 1})), Piece((AHEAD,), Linear.of({"D": 1}))), "W if D <= 0 else D"
)
CURVES = (
    LossCurve.of("unpatched", BY_PIECES, "D", FIXED),
    LossCurve("patched", lambda skew: 300 if skew > 500 else max(skew, 0)),
    LossCurve("reference", lambda _: 0, "0"),
    LossCurve("solution_1", lambda _: 0, "0"),
)


def between(points: list[tuple[int, int]], x: int) -> Fraction:
    """The height of the line through the points."""
    index = bisect_left([each for each, _ in points], x)
    if points[index][0] == x:
        return Fraction(points[index][1])
    (left, low), (right, high) = points[index - 1], points[index]
    return low + Fraction((high - low) * (x - left), right - left)


def by_pieces(starts: list[int], lines: list[tuple[int, int]]) -> Callable[[int], int]:
    def loss(x: int) -> int:
        slope, height = lines[sum(start <= x for start in starts)]
        return slope * x + height

    return loss


@given(
    st.lists(st.integers(-300, 300), max_size=4, unique=True).map(sorted),
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-50, 50)), min_size=5, max_size=5),
)
def test_the_points_are_the_function_at_every_value(starts: list[int], lines: list[tuple[int, int]]) -> None:
    loss = by_pieces(starts, lines)
    points = loss_points(loss, (-300, 300), starts)
    assert [x for x, _ in points] == sorted({x for x, _ in points})
    assert all(between(points, x) == loss(x) for x in range(-300, 301))


@given(st.integers(-64_000, 64_000), st.tuples(st.integers(-2, 2), st.integers(-2, 2)), st.integers(-1000, 1000))
def test_one_end_of_a_piece_is_found_wherever_it_lies(start: int, slopes: tuple[int, int], jump: int) -> None:
    loss = by_pieces([start], [(slopes[0], 0), (slopes[1], (slopes[0] - slopes[1]) * start + jump)])
    points = loss_points(loss, (-64_000, 64_000))
    assert len(points) <= 4
    assert all(
        between(points, x) == loss(x)
        for x in (*range(-64_000, 64_001, 997), start - 1, start, start + 1)
        if abs(x) <= 64_000
    )


def test_a_jump_that_comes_back_to_the_middle_of_its_line_is_found() -> None:
    points = loss_points(lambda skew: 0 if skew <= 40_500 else 41_000 - skew, (0, 64_000))
    assert points == [(0, 0), (40_500, 0), (40_501, 499), (64_000, -23_000)]


def test_few_points_are_enough_for_a_wide_range() -> None:
    points = loss_points(lambda skew: 300 if skew > 500 else max(skew, 0), (-100_000, 100_000))
    assert points == [(-100_000, 0), (0, 0), (500, 500), (501, 300), (100_000, 300)]


@pytest.mark.parametrize("ends", [(-100_000, 100_000), (-3000, 3000)])
def test_designs_units_and_parameters_are_written(ends: tuple[int, int]) -> None:
    svg = draw_losses(CURVES, D, ends, "svg", quantities=(D, W), fixed=FIXED, title="Lost video")
    texts = [each.text for each in ElementTree.fromstring(svg).iter() if each.text]
    for part in (
        "Lost video",
        "D: destination clock minus source clock (ms)",
        "lost video (ms)",
        "unpatched",
        "W if D ≤ 0 else D",
        "patched",
        "reference, solution_1",
        "Parameters: W = 700 ms (from the first destination frame to the clock update).",
        "Lines that coincide for a part are drawn side by side, 1 mm apart.",
    ):
        assert any(part in text for text in texts), part
    assert any("logarithmic" in text for text in texts) == (ends[1] > 20_000)


def test_png_and_pdf() -> None:
    assert draw_losses(CURVES, D, (-1000, 1000), "png").startswith(b"\x89PNG\r\n\x1a\n")
    assert draw_losses(CURVES, D, (-1000, 1000), "pdf").startswith(b"%PDF-")


def test_the_same_bytes_in_every_process() -> None:
    code = "import sys; from test_loss_plot import *; "
    code += "sys.stdout.buffer.write(draw_losses(CURVES, D, (-9000, 9000), 'svg'))"
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout == draw_losses(CURVES, D, (-9000, 9000), "svg")


@pytest.mark.parametrize(("curves", "ends"), [((), (0, 1)), (CURVES, (1, 1))])
def test_what_cannot_be_drawn_is_told(curves: tuple[LossCurve, ...], ends: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="one curve or more, and a range that is not empty"):
        draw_losses(curves, D, ends, "svg")
