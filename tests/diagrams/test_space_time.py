"""Space-time diagrams: everything that happens is there, to scale or with its cut marked, and can be read."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_space_time import LIFELINES, any_space_time, case_1a, case_1b
from switchover.diagrams import (
    Fate,
    FrameBar,
    Lifeline,
    Schedule,
    SpaceTime,
    TimedEvent,
    TimedMessage,
    draw_space_time,
    space_time_text,
)
from switchover.diagrams.drawing import Drawing
from switchover.diagrams.space_time_drawing import space_time_drawing
from switchover.diagrams.time_axis import BREAK, spread, time_axis

EXAMPLES = [case_1a(), case_1a(100_000), case_1b()]


def texts_of(drawing: Drawing) -> set[str]:
    return {each.text for each in drawing.texts}


@pytest.mark.parametrize("picture", EXAMPLES)
def test_no_text_lies_on_another_or_leaves_the_page(picture: SpaceTime) -> None:
    drawing = space_time_drawing(picture)
    bounds = [each.bounds for each in drawing.texts]
    for left, top, right, bottom in bounds:
        assert left >= 0
        assert top >= 0
        assert right <= drawing.width
        assert bottom <= drawing.height
    for one, other in combinations(bounds, 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] + 1 or other[3] <= one[1] + 1
        assert apart, (one, other)


def test_every_clock_every_message_every_fate_is_written() -> None:
    shown = texts_of(space_time_drawing(case_1a()))
    assert {"real time", "(ms)", "source clock (ms)", "destination clock (ms)", "session clock (ms)"} <= shown
    assert {"27 260", "f=27260", "MULTI_MEDIA_TIME v=26572", "21 572 → 26 572 (+5 000 ms)", "mm-time-reset"} <= shown
    assert {
        "f=27300 shown",
        "f=27260 was due",
        "clock set",
        "shown",
        "waiting, in the colour of what became of it",
    } <= shown


def test_a_frame_dropped_on_arrival_says_how_late_it_was() -> None:
    shown = texts_of(space_time_drawing(case_1b()))
    assert "f=15260 dropped, 5612 ms late" in shown
    assert "21 025 → 15 010 (−6 015 ms)" in shown
    assert "f=15540 waiting, due at 940" in shown


def test_a_timer_far_ahead_does_not_squash_the_rest() -> None:
    near, far = space_time_drawing(case_1a(6000)), space_time_drawing(case_1a(100_000))
    assert far.height == pytest.approx(near.height, rel=0.01)
    assert any(text.endswith(" ms cut out") for text in texts_of(far))


@settings(max_examples=40)
@given(any_space_time())
def test_anything_can_be_drawn_as_svg_and_as_text(picture: SpaceTime) -> None:
    root = ElementTree.fromstring(draw_space_time(picture, "svg"))
    assert root.tag.endswith("svg")
    drawing = space_time_drawing(picture)
    assert all(each.bounds[2] <= drawing.width for each in drawing.texts)
    for width in (60, 100):
        text = space_time_text(picture, width)
        assert all(len(line) <= width for line in text.splitlines())
        assert space_time_text(picture, width, ascii_only=True).isascii()


@settings(max_examples=40)
@given(any_space_time())
def test_text_tells_things_in_the_order_of_time(picture: SpaceTime) -> None:
    written = [line[:9].replace(" ", "") for line in space_time_text(picture).splitlines()]
    times = [int(each) for each in written if each.isdigit()]
    assert times == sorted(set(times))
    assert set(times) <= set(picture.moments)


def test_text_has_what_the_picture_has() -> None:
    text = space_time_text(case_1a(100_000))
    for part in ("MULTI_MEDIA_TIME", "21 572 → 120 572 (+99 000 ms)", "f=121260 was due", "due at 100 660", "f=121300"):
        assert part in text
    assert "⋮" in text


def test_a_crowd_that_ends_together_takes_one_line() -> None:
    frames = tuple(FrameBar(f"f={n}", "display", 10 * n, Fate.DROPPED, 500) for n in range(7))
    picture = SpaceTime(LIFELINES, frames=frames)
    assert "f=0 to f=6: 7 frames dropped" in texts_of(space_time_drawing(picture))
    assert "✗ f=0 to f=6: 7 frames dropped" in space_time_text(picture)


def test_an_empty_run_is_a_picture_too() -> None:
    picture = SpaceTime((Lifeline("client"),))
    assert b"client" in draw_space_time(picture, "svg")
    assert "client" in space_time_text(picture)


def test_png_and_pdf() -> None:
    assert draw_space_time(case_1b(), "png").startswith(b"\x89PNG\r\n\x1a\n")
    assert draw_space_time(case_1b(), "run.pdf").startswith(b"%PDF-")
    with pytest.raises(ValueError, match="'mmd': no such picture format; there are svg, png, pdf"):
        draw_space_time(case_1b(), "mmd")


def test_the_same_bytes_in_every_process() -> None:
    code = "import sys; from made_up_space_time import *; from switchover.diagrams import *; "
    code += "sys.stdout.buffer.write(draw_space_time(case_1a(), 'svg') + space_time_text(case_1a()).encode())"
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
    assert done.stdout == draw_space_time(case_1a(), "svg") + space_time_text(case_1a()).encode()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: SpaceTime(()), "one lifeline or more"),
        (lambda: SpaceTime((Lifeline("a"), Lifeline("a"))), "each of another name"),
        (lambda: SpaceTime((Lifeline("a"),), (TimedEvent(0, "b", "x"),)), "event x: no lifeline 'b'; there are a"),
        (lambda: SpaceTime((Lifeline("a"),), messages=(TimedMessage(5, "a", 4, "a", "m"),)), "message m: it arrives"),
        (lambda: SpaceTime((Lifeline("a"),), frames=(FrameBar("f", "a", 5, Fate.SHOWN),)), "frame f: a frame has an"),
        (lambda: SpaceTime((Lifeline("a"),), frames=(FrameBar("f", "a", 5, Fate.SHOWN, 4),)), "frame f: it ends"),
        (
            lambda: SpaceTime((Lifeline("a"),), frames=(FrameBar("f", "a", 5, Fate.WAITING, None, (Schedule(5, 4),)),)),
            "frame f: it is due before",
        ),
    ],
)
def test_what_makes_no_sense_is_told_in_one_line(wrong, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message) as caught:
        wrong()
    assert "\n" not in str(caught.value)


@given(st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=30), st.integers(1, 500))
def test_the_time_axis_keeps_order_and_scale_outside_its_cuts(moments: list[int], longest: int) -> None:
    axis = time_axis(moments, 0.5, longest)
    cut = {(each.start, each.end) for each in axis.breaks}
    for early, late in pairwise(sorted(set(moments))):
        height = axis.at(late) - axis.at(early)
        assert height == pytest.approx(BREAK if (early, late) in cut else (late - early) * 0.5)
        assert (early, late) not in cut or late - early > longest


@given(st.lists(st.floats(0, 1000), max_size=30).map(sorted), st.floats(1, 50))
def test_texts_are_moved_apart_and_no_further_than_needed(wanted: list[float], apart: float) -> None:
    places = spread(wanted, apart)
    assert all(late - early >= apart - 1e-6 for early, late in pairwise(places))
    if all(late - early >= apart for early, late in pairwise(wanted)):
        assert places == pytest.approx(wanted)
