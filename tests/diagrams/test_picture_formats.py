"""The picture formats: right signatures, the same bytes every time, clear errors."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from drawn_systems import Session, random_run
from switchover.diagrams import FORMATS, DrawingError, draw_chart, draw_trace, format_of
from switchover.diagrams.bundled import run_graphviz
from switchover.diagrams.drawing import Box, Drawing, Text
from switchover.diagrams.metrics import FONT_FOLDER, lines_within, text_width, wrap
from switchover.diagrams.raster import render_raster

TRACE = random_run(1)


def png_size(data: bytes) -> tuple[int, int]:
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", data[16:24])
    return int(width), int(height)


def test_png_of_chart_and_trace_have_a_size() -> None:
    for data in (draw_chart(Session, "png"), draw_trace(TRACE, "png", title="Run")):
        width, height = png_size(data)
        assert 300 < width < 5000
        assert 300 < height < 5000


def test_pdf_of_chart_and_trace() -> None:
    for data in (draw_chart(Session, "pdf"), draw_trace(TRACE, "pdf")):
        assert data.startswith(b"%PDF-")
        assert data.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize("form", ["svg", "dot", "mmd"])
def test_the_same_bytes_in_every_process(form: str) -> None:
    code = (
        "import sys; from drawn_systems import Session, random_run; from switchover.diagrams import *; "
        f"sys.stdout.buffer.write(draw_chart(Session, {form!r}) + draw_trace(random_run(1), {form!r}))"
    )
    for seed in ("1", "2"):
        environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parent)}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment)
        assert done.stdout == draw_chart(Session, form) + draw_trace(TRACE, form)


def test_formats_by_name_suffix_and_file() -> None:
    assert [format_of(each) for each in FORMATS] == list(FORMATS)
    assert format_of("a/b.c/chart.PNG") == "png"
    assert format_of(".svg") == format_of(Path("x.svg")) == "svg"


@pytest.mark.parametrize("target", ["gif", "chart.jpeg", "", "chart"])
def test_unknown_format_is_told_with_what_there_is(target: str) -> None:
    for draw in (lambda: draw_chart(Session, target), lambda: draw_trace(TRACE, target)):
        with pytest.raises(ValueError, match="no such picture format; there are svg, png, pdf, dot, mmd"):
            draw()


def test_what_graphviz_cannot_read_is_one_line() -> None:
    with pytest.raises(DrawingError, match="Graphviz made no svg") as caught:
        run_graphviz("digraph {", "svg")
    assert "\n" not in str(caught.value)


def test_pictures_need_no_font_of_the_machine() -> None:
    assert {each.name for each in FONT_FOLDER.iterdir()} >= {"DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "LICENSE"}
    configuration = (FONT_FOLDER / "fonts.conf").read_text("utf-8")
    assert configuration.index('<dir prefix="xdg">fonts</dir>') < configuration.index("/usr/share/fonts")


def test_graphviz_measures_with_the_font_that_we_measure_with() -> None:
    label = "Wide MigrateBegin → [all_linked] iiiii"
    for bold, shown in ((False, label.replace("→", "&#8594;")), (True, "<B>" + label.replace("→", "&#8594;") + "</B>")):
        node = f'a [shape=box, margin=0, fontsize=20, fontname="DejaVu Sans", label=<{shown}>]'
        plain = run_graphviz(f"digraph {{ {node} }}", "plain").decode()
        width = float(next(line for line in plain.splitlines() if line.startswith("node a")).split()[4]) * 72
        assert width == pytest.approx(text_width(label, 20, bold), rel=0.03)


def test_long_drawings_and_odd_texts_reach_the_picture() -> None:
    odd = 'back\\slash "quoted" \\" <tag> & é →'
    rows = [Text(10, 20 + 12 * number, f"{number} {odd}", 10) for number in range(300)]
    drawing = Drawing(400, 3700, "odd", (Box(0, 0, 400, 3700, fill="#eeeeee", radius=4), *rows))
    assert png_size(render_raster(drawing, "png"))[1] > png_size(render_raster(drawing, "png"))[0]


def test_lines_are_broken_by_width() -> None:
    lines = lines_within("one two three " + "x" * 60, 80, 11)
    assert all(text_width(line, 11) <= 80 for line in lines)
    assert "".join(lines).replace(" ", "") == "onetwothree" + "x" * 60
    assert wrap("", 10) == [""]
    assert lines_within("", 10, 11) == [""]
