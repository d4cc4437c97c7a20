"""What a client saw of its handovers: a row for each, and the same as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.runtime.spice.handovers import Handover, HandoverLog, Method, Result

from .wording import count, duration

#: Columns with which a row mostly takes one line, and with which it takes two.
_WIDE = 100
_NARROW = 80

_STYLES = {Result.COMPLETED: "green", Result.CANCELLED: "yellow", Result.UNDER_WAY: "yellow"}


def print_handovers(console: Console, log: HandoverLog, name: Callable[[str], str]) -> None:
    """The table, and what no chart expected. ``name``: what a server's address is called."""
    if log.handovers:
        console.print(_table(log.handovers, name, console.width))
    else:
        console.print("no handover")
    for each in log.not_allowed:
        console.print(Text(f"not allowed: {each.text}", "bold red"))


def _table(handovers: Sequence[Handover], name: Callable[[str], str], width: int) -> Table:
    # Where there is little room, cells and headings take more lines: nothing is cut off.
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    whole = max(len(str(each)) for each in Method) if width >= _NARROW else None
    table.add_column("handover", overflow="fold", min_width=whole)
    table.add_column("result", overflow="fold")
    for heading in ("linking", "switching", "blackout"):
        table.add_column(heading, overflow="fold", justify="right")
    table.add_column("frames lost", overflow="fold", justify="right", max_width=6 if width < _WIDE else None)
    table.add_column("clock", overflow="fold", justify="right")
    for each in handovers:
        where = f"{name(each.source)} → {name(each.target) if each.target else '?'}, {each.method}"
        result = Text(str(each.result), _STYLES.get(each.result, "bold red"))
        times = (_seconds(each.linking), _seconds(each.switching), _seconds(each.blackout))
        table.add_row(where, result, *times, f"{each.frames_lost:,}", _clock(each))
    return table


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else duration(seconds)


def _clock(handover: Handover) -> str:
    resets = [each.jump for each in handover.clock_jumps if each.reset]
    jumps = resets or [each.jump for each in handover.clock_jumps if each.jump]
    if not jumps:
        return "steady"
    return f"{max(jumps, key=abs):+,} ms" + (f", {count(len(jumps), 'jump')}" if len(jumps) > 1 else "")


def handover_json(handover: Handover, began: float) -> dict[str, Any]:
    """As plain data; times are in seconds since ``began``."""
    moments = ("begun", "connected", "switched", "completed", "last_picture", "first_picture")
    values = {each: getattr(handover, each) for each in moments}
    return {
        "method": str(handover.method),
        "result": str(handover.result),
        "source": handover.source,
        "target": handover.target,
        **{each: None if value is None else round(value - began, 6) for each, value in values.items()},
        "linking": _rounded(handover.linking),
        "switching": _rounded(handover.switching),
        "blackout": _rounded(handover.blackout),
        "frames_lost": handover.frames_lost,
        "clock_jumps": [{"at": round(each.at - began, 6), "jump": each.jump} for each in handover.clock_jumps],
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 6)
