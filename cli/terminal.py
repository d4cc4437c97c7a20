"""Where text goes: the width that is printed to, and consoles that leave it to the caller when they cannot write."""

from __future__ import annotations

import os
import sys
from typing import Any

from rich.console import Console

#: Columns when the output is a file or a pipe and COLUMNS says nothing.
FILE_WIDTH = 120


class _Console(Console):
    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, "stderr" if self.stderr else "stdout") from None

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def output() -> Console:
    """Console for results, on stdout."""
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit() else FILE_WIDTH
    return _Console(width=width, highlight=False, emoji=False, markup=False)


def progress_output() -> Console | None:
    """Console for progress, on stderr; None when nobody watches it."""
    return _Console(stderr=True) if sys.stderr is not None and sys.stderr.isatty() else None
