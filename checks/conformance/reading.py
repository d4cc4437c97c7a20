"""Reads a recording, JSON lines or a packet capture, within bounds; every complaint is one line: where and what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from switchover.models.spice.link_timing.recorded_rows import Row, row_of
from switchover.runtime.capture.capture import read_capture
from switchover.runtime.capture.files import is_capture
from switchover.runtime.capture.unpacking import Unpacked

LONGEST_LINE = 65536
MOST_LINES = 200_000


@dataclass(frozen=True)
class Recorded:
    """A recording. Of a packet capture, ``remarks``: what is to be said about it, a line each; ``is_incomplete``: what
    is missing may be what explains the rest.
    """

    name: str
    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()
    is_incomplete: bool = False


def read_file(path: str | Path) -> Recorded:
    """What a file holds: JSON lines or a packet capture, gzipped or not, told apart by how it begins.

    Raises ValueError naming file, line, what is wrong and what was expected.
    """
    try:
        with open(path, "rb") as file:
            source = Unpacked(file)
            return _capture(source, str(path)) if is_capture(source) else _text(source, str(path))
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from None


def _capture(source: Unpacked, name: str) -> Recorded:
    try:
        found = read_capture(source, MOST_LINES)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    return Recorded(name, tuple(each.row for each in found.rows), found.remarks, found.is_incomplete)


def _text(source: Unpacked, name: str) -> Recorded:
    rows: list[Row] = []
    try:
        rows = read_lines(_lines(source), name)
    except ValueError:
        if not source.damage:
            raise
    if source.damage:
        raise ValueError(f"{name}: {source.damage}")
    return Recorded(name, tuple(rows))


def _lines(source: Unpacked) -> Iterator[bytes]:
    """Lines of bounded length: a longer one comes in pieces, the first of which is too long already."""
    while piece := source.line(LONGEST_LINE + 2):
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
