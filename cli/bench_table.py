"""What ``bench`` prints for a person: each system's figures, ours and the peer's below each other, and the ratios."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.checks.bench import AnyRow, Row, RuntimeRow, SymbolicRow


def print_rows(console: Console, rows: Sequence[AnyRow]) -> None:
    """The rows as one table for each engine, and why a peer is missing."""
    _print_explicit(console, [each for each in rows if isinstance(each, Row)])
    _print_symbolic(console, [each for each in rows if isinstance(each, SymbolicRow)])
    _print_runtime(console, [each for each in rows if isinstance(each, RuntimeRow)])


def _print_runtime(console: Console, rows: Sequence[RuntimeRow]) -> None:
    if not rows:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("runtime", no_wrap=True)
    for heading in ("switchover", "peer", "as good"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("")
    for row in rows:
        figures = (_rounded(row.value), _rounded(row.peer_value), f"{row.ratio:.2f} times" if row.ratio else "")
        table.add_row(row.name, *figures, row.unit, "; ".join(each for each in (row.detail, row.peer) if each))
    console.print(table)
    for row in rows:
        if row.skipped:
            what = "not measured" if row.value is None else "no comparison"
            console.print(Text(f"{row.name}: {what}: {row.skipped}", "yellow"))


def _rounded(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _print_symbolic(console: Console, rows: Sequence[SymbolicRow]) -> None:
    if not rows:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("system", no_wrap=True)
    for heading in ("events", "states", "steps", "queries", "in Z3, s", "seconds", "= values on the grid"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        counts = (f"{each:,}" for each in (row.bound, row.states, row.steps, row.queries))
        table.add_row(row.name, *counts, f"{row.solving:.2f}", f"{row.seconds:.2f}", f"{row.points:,.0f}")
    console.print(table)


def _print_explicit(console: Console, rows: Sequence[Row]) -> None:
    if not rows:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, collapse_padding=True)
    table.add_column("system", no_wrap=True)
    table.add_column("engine", no_wrap=True)
    for heading in ("states", "transitions", "seconds", "transitions/s", "bytes/state"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        _add(table, row)
    console.print(table)
    for text in dict.fromkeys(f"{row.name}: no comparison: {row.skipped}" for row in rows if row.skipped):
        console.print(Text(text, "yellow"))


def _add(table: Table, row: Row) -> None:
    counts = (f"{row.states:,}", f"{row.transitions:,}")
    table.add_row(row.name, "switchover", *counts, *_figures(row.seconds, row.rate, row.bytes_per_state))
    if row.peer_seconds is None or row.peer_rate is None or row.peer_bytes_per_state is None:
        return
    table.add_row("", row.peer, *counts, *_figures(row.peer_seconds, row.peer_rate, row.peer_bytes_per_state))
    ratios = (f"{row.speed_ratio:.1f} times", f"{row.memory_ratio:.2f} of it")
    table.add_row("", Text("ratio", "bold"), "same", "same", "", *(Text(each, "bold") for each in ratios))


def _figures(seconds: float, rate: float, memory: float) -> tuple[str, str, str]:
    return f"{seconds:.2f}", f"{rate / 1e6:.2f} M", f"{memory:.0f}"
