"""Charts and traces as pictures and diagram texts, by format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, cast

from switchover.models.language import Actor, Trace

from .bundled import run_graphviz
from .chart import chart_model
from .chart_dot import chart_source
from .chart_mermaid import chart_mermaid
from .raster import RESOLUTION, drawing_source, render_raster
from .sequence import sequence_model
from .sequence_drawing import draw_sequence
from .sequence_mermaid import sequence_mermaid
from .svg import render_svg

#: The formats of pictures, by file name suffix: SVG, PNG, PDF, Graphviz source, Mermaid text.
FORMATS = ("svg", "png", "pdf", "dot", "mmd")


def format_of(target: str | Path) -> str:
    """The format that a format's or a file's name means: ``png`` for ``png``, ``.png`` and ``chart.png``.

    Raises ValueError for any other than ``FORMATS``.
    """
    name = str(target)
    found = (Path(name).suffix or name).lstrip(".").lower()
    if found not in FORMATS:
        raise ValueError(f"{name!r}: no such picture format; there are {', '.join(FORMATS)}")
    return found


def draw_chart(actor: type[Actor], target: str | Path) -> bytes:
    """The chart of an actor class, in the format of ``target`` (a format's or a file's name; nothing is written).

    Raises ValueError for an unknown format, TypeError when ``actor`` is no Actor class, DrawingError
    when Graphviz fails. ``svg``, ``dot`` and ``mmd`` are the same bytes every time.
    """
    kind = format_of(target)
    model = chart_model(actor)
    if kind == "mmd":
        return chart_mermaid(model).encode()
    source = chart_source(model)
    if kind == "dot":
        return source.encode()
    return run_graphviz(source, kind, resolution=RESOLUTION if kind == "png" else None)


def draw_trace(
    trace: Trace,
    target: str | Path,
    *,
    title: str = "",
    caption: str = "",
    ending: str = "",
    reached: bool = False,
    variables: bool = False,
    processes: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """A trace as a sequence diagram, in the format of ``target`` (a format's or a file's name; nothing is written).

    ``caption`` stands below the title. ``ending`` says what the last step shows ("violates
    never_two_owners"); that step is then marked, in green where ``reached`` says that it was wanted. ``variables`` adds
    the variables that each step changes.
    ``processes`` maps names to roles that share one lifeline, as ``System.processes`` does.
    Raises ValueError for an unknown format, DrawingError when Graphviz fails. ``svg``, ``dot`` and
    ``mmd`` are the same bytes every time.
    """
    kind = format_of(target)
    model = sequence_model(trace, processes)
    if kind == "mmd":
        text = sequence_mermaid(
            model, title=title, caption=caption, ending=ending, reached=reached, variables=variables
        )
        return text.encode()
    drawing = draw_sequence(model, title=title, caption=caption, ending=ending, reached=reached, variables=variables)
    if kind == "svg":
        return render_svg(drawing)
    if kind == "dot":
        return drawing_source(drawing).encode()
    return render_raster(drawing, cast(Literal["png", "pdf"], kind))
