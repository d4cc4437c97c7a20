"""Recordings of real software for the tests, and edits of them."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "data" / "recordings"
NAMES = tuple(sorted(path.name.removesuffix(".jsonl.gz") for path in FOLDER.glob("*.jsonl.gz")))

Rows = list[dict[str, Any]]


@cache
def lines_of(name: str) -> tuple[str, ...]:
    """The lines of a recording; ``name`` may be the beginning of one."""
    (path,) = [path for path in FOLDER.glob("*.jsonl.gz") if path.name.startswith(name)]
    return tuple(gzip.decompress(path.read_bytes()).decode().splitlines())


def rows_of(name: str) -> Rows:
    """The same, decoded: row n is line n + 1."""
    return [json.loads(line) for line in lines_of(name)]


def as_lines(rows: Rows) -> list[str]:
    """Rows as lines of a recording."""
    return [json.dumps(row) for row in rows]


def find(rows: Rows, nth: int = 0, **wanted: Any) -> int:
    """Index of the nth row with these values; ``sender`` stands for *from*."""
    wanted = {("from" if key == "sender" else key): value for key, value in wanted.items()}
    return [n for n, row in enumerate(rows) if all(row.get(key) == value for key, value in wanted.items())][nth]


def dropped(rows: Rows, index: int) -> Rows:
    """Without one row."""
    return [*rows[:index], *rows[index + 1 :]]


def inserted(rows: Rows, index: int, row: dict[str, Any]) -> Rows:
    """With one more row before ``index``."""
    return [*rows[:index], row, *rows[index:]]


def moved(rows: Rows, index: int, to: int) -> Rows:
    """With one row moved before another, counted as it was before."""
    row = rows[index]
    return inserted(dropped(rows, index), to - 1 if to > index else to, row)


def swapped(rows: Rows, first: int, second: int) -> Rows:
    """With two rows exchanged."""
    found = list(rows)
    found[first], found[second] = found[second], found[first]
    return found
