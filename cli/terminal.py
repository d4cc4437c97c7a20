"""Where text goes: the width that is printed to, and consoles that leave a closed pipe to the caller."""

from __future__ import annotations

import os
import sys

from rich.console import Console

#: Columns when the output is a file or a pipe and COLUMNS says nothing.
FILE_WIDTH = 120


class _Console(Console):
    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def output() -> Console:
    """Console for results, on stdout."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit() else FILE_WIDTH
    return _Console(width=width, highlight=False, emoji=False, markup=False)


def progress_output() -> Console | None:
    """Console for progress, on stderr; None when nobody watches it."""
    return _Console(stderr=True) if sys.stderr.isatty() else None
