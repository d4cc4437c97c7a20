"""Region plots: the polygons are the region, the axes say what they are, and the data is plain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.diagrams import draw_region, region_plot
from switchover.diagrams.polygons import Polygon
from switchover.models.language.region import Condition, Formula, Linear, Quantity, Region, formula_holds

D = Quantity("D", "destination clock minus source clock")
W = Quantity("W", "from the first destination frame to the clock update", low=0)
L = Quantity("L", "latency in the clock update", low=0, high=5000)

AHEAD = Condition(Linear.of({"D": -1}, 1))
LATE = Condition(Linear.of({"L": 1, "W": -1}, 1))
EXAMPLE = {"D": 6000, "W": 700, "L": 400}
REGION = Region((D, W, L), ((AHEAD, LATE),), ((Condition(Linear.of({"D": 1})),),))


def covers(polygon: Polygon, x: int, y: int) -> bool:
    """Whether a point lies in a convex polygon: on no two sides of its edges, and within its extent."""
    turns = []
    for number, (end_x, end_y) in enumerate(polygon):
        start_x, start_y = polygon[number - 1]
        turns.append((end_x - start_x) * (y - start_y) - (end_y - start_y) * (x - start_x))
    inside = all(turn >= 0 for turn in turns) or all(turn <= 0 for turn in turns)
    columns, rows = [corner[0] for corner in polygon], [corner[1] for corner in polygon]
    return inside and min(columns) <= x <= max(columns) and min(rows) <= y <= max(rows)


linears = st.builds(
    Linear.of,
    st.fixed_dictionaries({name: st.integers(-3, 3) for name in "DWL"}),
    st.integers(-12, 12),
)
conditions = st.builds(Condition, linears, st.sampled_from([False, False, False, True]))
formulas: st.SearchStrategy[Formula] = st.lists(st.lists(conditions, max_size=4).map(tuple), max_size=3).map(tuple)
withins = st.lists(st.builds(Condition, linears), max_size=2).map(tuple)


@given(formulas, withins, st.integers(0, 5))
def test_the_polygons_are_the_region_at_every_point(
    failing: Formula, within: tuple[Condition, ...], latency: int
) -> None:
    region = Region((D, W, L), failing, (), within)
    plot = region_plot(region, "D", "W", fixed={"L": latency}, ranges={"D": (-6, 6), "W": (-3, 6)})
    for x, y in product(range(-6, 7), range(-3, 7)):
        values = {"D": x, "W": y, "L": latency}
        assumed = y >= 0 and formula_holds((within,), values)
        assert bool(plot.assumed and covers(plot.assumed, x, y)) == assumed
        assert any(covers(each, x, y) for each in plot.failing) == (assumed and region.fails_at(values))


def test_edges_are_exact() -> None:
    slope = Condition(Linear.of({"D": 2, "W": -3}))
    plot = region_plot(Region((D, W), ((slope,),), ()), "D", "W", ranges={"D": (0, 10), "W": (0, 10)})
    assert set(plot.failing[0]) == {(0, 0), (0, 10), (10, 10), (10, Fraction(20, 3))}


def test_a_single_value_and_a_single_point_are_kept() -> None:
    line, point = Condition(Linear.of({"D": 1}, -3), True), Condition(Linear.of({"W": 1}, -4), True)
    plot = region_plot(Region((D, W), ((line,), (line, point)), ()), "D", "W", ranges={"D": (0, 9), "W": (0, 9)})
    assert plot.failing == (((3, 0), (3, 9)), ((3, 4),))


def test_the_data_is_plain_json() -> None:
    data = region_plot(REGION, "D", "W", ranges={"D": (-10, 1000), "W": (0, 900)}, example=EXAMPLE).to_json()
    assert json.loads(json.dumps(data)) == data
    assert data["fixed"] == {"L": 400}
    assert data["example"] == EXAMPLE
    assert (data["x"]["name"], data["x"]["unit"], data["x"]["range"]) == ("D", "ms", [-10, 1000])
    assert sorted(data["polygons"][0]) == [[1, 401], [1, 900], [1000, 401], [1000, 900]]


def test_ranges_that_are_not_given_take_in_every_edge() -> None:
    plot = region_plot(REGION, "D", "W", fixed={"L": 400})
    assert plot.x_range[0] < 1 < plot.x_range[1]
    assert plot.y_range[0] == 0
    assert plot.y_range[1] > 401


def test_axes_caption_and_example_are_written_with_units() -> None:
    svg = draw_region(REGION, "D", "W", "svg", example=EXAMPLE, title="Case 1a")
    texts = " ".join("".join(each.itertext()) for each in ElementTree.fromstring(svg).iter() if each.text)
    for part in (
        "Case 1a",
        "D: destination clock minus source clock (ms)",
        "W: from the first destination frame to the clock update (ms)",
        "Fails exactly when D > 0",
        "Fixed: L = 400 ms (latency in the clock update).",
        "example trace: D = 6000 ms, W = 700 ms",
        "fails",
        "holds",
    ):
        assert part in texts, part


@pytest.mark.parametrize(("failing", "text"), [((), "Fails never."), (((),), "Fails always.")])
def test_the_empty_and_the_full_region(failing: Formula, text: str) -> None:
    svg = draw_region(Region((D, W), failing, ()), "D", "W", "svg")
    assert text in svg.decode()


@pytest.mark.parametrize("size", [10**12, 10**30])
def test_large_numbers_are_drawn(size: int) -> None:
    ranges = {"D": (-size, size), "W": (0, size)}
    for example in (EXAMPLE, {"D": size, "W": size, "L": 400}):
        svg = draw_region(REGION, "D", "W", "svg", fixed={"L": 400}, ranges=ranges, example=example)
        assert "example trace" in svg.decode()
    assert b"Fixed" in draw_region(REGION, "D", "W", "svg", fixed={"L": size})


def test_png_and_pdf() -> None:
    assert draw_region(REGION, "D", "W", "a.png", example=EXAMPLE).startswith(b"\x89PNG\r\n\x1a\n")
    assert draw_region(REGION, "D", "W", "a.pdf", example=EXAMPLE).startswith(b"%PDF-")


def test_the_same_bytes_in_every_process() -> None:
    code = "import sys; from test_region_plot import *; "
    code += (
        "[sys.stdout.buffer.write(draw_region(REGION, 'D', 'W', f, example=EXAMPLE)) for f in ('svg', 'png', 'pdf')]"
    )
    here = b"".join(draw_region(REGION, "D", "W", kind, example=EXAMPLE) for kind in ("svg", "png", "pdf"))
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout == here


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": "D", "y": "D"}, "both axes are D"),
        ({"x": "D", "y": "Q"}, "no quantity 'Q'; there are D, W, L"),
        ({"x": "D", "y": "W"}, "L needs a fixed value"),
        ({"x": "D", "y": "W", "example": {"D": 1}}, "the example has no value of W, L"),
        ({"x": "D", "y": "W", "fixed": {"L": 1}, "ranges": {"D": (3, 3)}}, "the range of D, 3 to 3, is empty"),
    ],
)
def test_what_is_missing_is_told_in_one_line(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        region_plot(REGION, **arguments)  # type: ignore[arg-type]


def test_unknown_format_is_told_with_what_there_is() -> None:
    with pytest.raises(ValueError, match=r"'x\.gif': no such picture format; there are svg, png, pdf"):
        draw_region(REGION, "D", "W", "x.gif", example=EXAMPLE)
