"""What an author may not do with a value left open, and in which of the author's lines it was done."""

from __future__ import annotations

import os
import sys
from types import FrameType

_ENGINE = ("switchover.checks", "switchover.models.language", "statemachine", "z3")
_LANGUAGE = "switchover.models.language"


class UnsupportedOperationError(Exception):
    """A handler did something with a value left open that has no meaning for all its values at once.

    The text names the operation and the author's line; ``symbols`` names the open values that took part.
    """

    def __init__(self, text: str, symbols: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.symbols = symbols


def author_line() -> str:
    """``charts.py:12 in on_frame``: the innermost line being run that belongs to neither engine nor language."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if not _is_engine(frame):
            code = frame.f_code
            return f"{os.path.basename(code.co_filename)}:{frame.f_lineno} in {code.co_name}"
        frame = frame.f_back
    return "outside any handler"


def _is_engine(frame: FrameType) -> bool:
    # What dataclasses generate has "<string>" for a file and the author's module for a name.
    name = str(frame.f_globals.get("__name__", ""))
    return frame.f_code.co_filename == "<string>" or name.startswith(_ENGINE)


def is_error_text() -> bool:
    """Whether the language itself asks for a value's text, for an error's message; an author's f-string is not that."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = str(frame.f_globals.get("__name__", ""))
        if name != f"{_LANGUAGE}.message" and not name.startswith("switchover.checks"):
            return name.startswith(_LANGUAGE)
        frame = frame.f_back
    return False
