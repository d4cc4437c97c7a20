"""Reads a recording, JSON lines, within bounds; every complaint is one line that says where and what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from switchover.models.spice.link_timing.recorded_rows import Row, row_of

LONGEST_LINE = 65536
MOST_LINES = 200_000


def read_file(path: str | Path) -> list[Row]:
    """The rows of a file. Raises ValueError naming file, line, what is wrong and what was expected."""
    try:
        with open(path, "rb") as file:
            return read_lines(_lines(file), str(path))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines of bounded length: a longer one comes in pieces, the first of which is too long already."""
    while piece := file.readline(LONGEST_LINE + 2):
        yield piece


def read_lines(lines: Iterable[str | bytes], name: str = "recording") -> list[Row]:
    """The rows of some lines. Raises ValueError naming ``name``, line, what is wrong and what was expected."""
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        where = f"{name}:{number}"
        if number > MOST_LINES:
            raise ValueError(f"{name}: more than {MOST_LINES} lines")
        if len(line) > LONGEST_LINE:
            raise ValueError(f"{where}: the line is longer than {LONGEST_LINE} characters")
        if line.strip():
            rows.append(_row(line, number, where))
    if not rows:
        raise ValueError(f"{name}: the recording is empty; expected one JSON object a line")
    return rows


def _row(line: str | bytes, number: int, where: str) -> Row:
    try:
        text = line.decode("utf-8") if isinstance(line, bytes) else line
        value = json.loads(text)
    except UnicodeDecodeError:
        raise ValueError(f"{where}: not UTF-8 text; expected one JSON object a line") from None
    except (ValueError, RecursionError):
        raise ValueError(f"{where}: not JSON; expected one JSON object a line") from None
    try:
        return row_of(value, number)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
