"""Runs the Graphviz that comes inside pygraphviz, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys

from .metrics import FONT_FOLDER

#: Graphviz and Cairo write warnings about a machine's fonts straight to stderr and keep global state in C;
#: a child process keeps both away from the caller.
_CHILD = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode("utf-8"))
if sys.argv[3]:
    graph.graph_attr["dpi"] = sys.argv[3]
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog=sys.argv[2]))
"""


class DrawingError(Exception):
    """Graphviz could not make a picture; says why in one line."""


def run_graphviz(source: str, output: str, program: str = "dot", resolution: int | None = None) -> bytes:
    """DOT ``source`` as ``output`` (``svg``, ``png``, ``pdf``), laid out by ``program``.

    ``resolution`` is in pixels per inch. Raises DrawingError.
    """
    environment = os.environ | {
        "FONTCONFIG_FILE": str(FONT_FOLDER / "fonts.conf"),
        "XDG_DATA_HOME": str(FONT_FOLDER.parent),
    }
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CHILD, output, program, str(resolution or "")],
        input=source.encode("utf-8"),
        capture_output=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0 or not done.stdout:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise DrawingError(f"Graphviz made no {output}: {lines[-1] if lines else f'exit status {done.returncode}'}")
    return done.stdout
