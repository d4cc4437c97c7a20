"""Legends above plots: they are whole, and lie on nothing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.diagrams import draw_handovers, draw_region
from switchover.diagrams.metrics import text_width
from switchover.models.language.region import Condition, Linear, Quantity, Region

SMALL = 9.0


def lines_of(svg: str) -> dict[str, tuple[float, float]]:
    """Where each line of small text begins that runs from left to right."""
    place = r'(?:x="|translate\()([\d.]+)(?:" y="| )([\d.]+)'
    found = re.findall(rf"<text (.*font-size: 9px;.*){place}.*>(.*)</text>", svg)
    return {text: (float(x), float(y)) for style, x, y, text in found if "middle" not in style and "end;" not in style}


def size_of(svg: str) -> tuple[float, float]:
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def top_of_axes(svg: str) -> float:
    """The upper end of the axes: the second shape of a page, behind the page itself."""
    found = re.search(r'<g id="patch_2">\s*<path d="([^"]*)"', svg)
    assert found is not None
    return min(float(y) for y in re.findall(r"[\d.]+ ([\d.]+) ", found[1]))


def legend_of(svg: str) -> dict[str, tuple[float, float]]:
    top = top_of_axes(svg)
    return {text: place for text, place in lines_of(svg).items() if place[1] < top}


def region_with(x: str, y: str, value: int, *, is_partly_assumed: bool) -> str:
    within = (Condition(Linear.of({y: -1})),) if is_partly_assumed else ()
    region = Region((Quantity(x, "one"), Quantity(y, "other")), ((Condition(Linear.of({x: 1})),),), (), within)
    return draw_region(region, x, y, "svg", example={x: -value, y: value}).decode()


@settings(max_examples=15)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(0, 10**9), st.booleans())
def test_the_legend_of_a_region_is_whole_whatever_the_names_are(
    first: int, second: int, value: int, is_partly_assumed: bool
) -> None:
    x, y = "x" * first, "y" * second
    svg = region_with(x, y, value, is_partly_assumed=is_partly_assumed)
    legend, (width, _) = legend_of(svg), size_of(svg)
    assert {"fails", "holds"} <= legend.keys()
    assert ("excluded by assumption" in legend) == is_partly_assumed
    said = "".join(legend).replace(" ", "")
    assert f"exampletrace:{x}={'−' if value else ''}{value}ms,{y}={value}ms" in said
    ends = sorted((at[1], at[0], at[0] + text_width(text, SMALL)) for text, at in legend.items())
    assert all(end <= width for _, _, end in ends)
    for (upper, _, end), (lower, begin, _) in pairwise(ends):
        assert lower >= upper + SMALL or begin > end


def test_a_legend_that_has_room_in_one_row_has_one() -> None:
    assert len({y for _, y in legend_of(region_with("D", "W", 700, is_partly_assumed=False)).values()}) == 1
    assert len({y for _, y in legend_of(region_with("lifetime", "delay" * 5, 7, is_partly_assumed=True)).values()}) == 2


@pytest.mark.parametrize("methods", [("seamless",), ("seamless", "semi-seamless", "switch-host")])
def test_the_legend_of_handovers_lies_above_their_curves(methods: tuple[str, ...]) -> None:
    blackouts = {method: [0.4 + 0.001 * number for number in range(100)] for method in methods}
    legend = legend_of(draw_handovers(blackouts, "svg").decode())
    assert list(legend) == [f"{method}, 100" for method in methods]
