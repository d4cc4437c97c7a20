"""Benchmarks by name, each measured against its peer in the same run and reported as ratios.

``link_timing`` and its sizes: the system of ``link_timing.py`` explored by the kernel, and the same system in Promela
(``link_timing.pml``) under SPIN. Both must find the same number of distinct states and of transitions, to the
unit. Two differences of counting are taken out and there is no other: SPIN counts the initial state among its
transitions ("stored + matched"), one more than there are firings; and SPIN would leave variables that are only
written (the target's notes of who is linked) out of the state unless told not to (``-o2``).

What is timed: here the search from the first state to the last, with the running of the charts; there the
verifier's own report. Compiling is in neither (the kernel is compiled once for an installation, ``pan`` for
each system: SPIN's greater cost). Bytes a state: all of the search's tables; of SPIN's, the states and its hash
table, not the stack of its depth-first search, which has no counterpart here.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from switchover.checks.explicit import Exploration, explore

from .link_timing import Size, link_timing
from .spin import SpinError, SpinRun, missing_tools, run_spin

#: Sizes by name; the first is the headline: tens of millions of transitions.
SIZES = {
    "link_timing": Size(channels=5, migrations=2),
    "link_timing.small": Size(channels=3, migrations=2),
    "link_timing.wide": Size(channels=6, migrations=1),
}
_TEXT = Path(__file__).with_name("link_timing.pml")


class BenchError(Exception):
    """A benchmark cannot be run, or its sides disagree: which, and why, in one line."""


@dataclass(frozen=True)
class Row:
    """One benchmark's figures. The peer's are None when it is not there; ``skipped`` then says why.

    ``seconds`` and ``peer_seconds`` are medians. ``speed_ratio``: our transitions a second over the peer's;
    ``memory_ratio``: our bytes a state over the peer's.
    """

    name: str
    states: int
    transitions: int
    seconds: float
    rate: float
    bytes_per_state: float
    runs: int
    peer: str = ""
    peer_seconds: float | None = None
    peer_rate: float | None = None
    peer_bytes_per_state: float | None = None
    speed_ratio: float | None = None
    memory_ratio: float | None = None
    skipped: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        own = f"{self.rate / 1e6:.2f} M transitions/s, {self.bytes_per_state:.0f} bytes/state"
        head = f"{self.name}: {self.states:,} states, {self.transitions:,} transitions in {self.seconds:.2f} s ({own})"
        if self.peer_rate is None or self.peer_bytes_per_state is None:
            return f"{head}; no comparison: {self.skipped}"
        peer = f"{self.peer_rate / 1e6:.2f} M transitions/s, {self.peer_bytes_per_state:.0f} bytes/state"
        ratios = f"{self.speed_ratio:.1f} times the speed, {self.memory_ratio:.2f} of the memory"
        return f"{head}; {self.peer} {self.peer_seconds:.2f} s ({peer}): {ratios}; the same states and transitions"


def names() -> tuple[str, ...]:
    """The benchmarks there are."""
    return tuple(SIZES)


def run(chosen: Sequence[str] = (), *, repeat: int = 3) -> tuple[Row, ...]:
    """Measure the named benchmarks (none: all), each ``repeat`` times, and take medians.

    Raises BenchError for an unknown name, or when the two sides differ in states or transitions.
    """
    unknown = [name for name in chosen if name not in SIZES]
    if unknown:
        raise BenchError(f"there is no benchmark {unknown[0]!r}; there are {', '.join(SIZES)}")
    return tuple(_measure(name, SIZES[name], repeat) for name in chosen or SIZES)


def _measure(name: str, size: Size, repeat: int) -> Row:
    # The first run loads the compiled kernel, or compiles it.
    explore(link_timing(Size(1, 1)), method="kernel")
    explorations = [explore(link_timing(size), method="kernel") for _ in range(repeat)]
    own = explorations[0]
    if not own.complete:
        raise BenchError(f"{name}: the search ended early: {own.stopped}")
    seconds = statistics.median(each.seconds for each in explorations)
    row = Row(name, own.states, own.transitions, seconds, own.transitions / seconds, own.bytes_per_state, repeat)
    reason = missing_tools()
    return _alone(row, reason) if reason else _compared(row, own, size, repeat)


def _alone(row: Row, reason: str) -> Row:
    return Row(**(asdict(row) | {"skipped": reason}))


def _compared(row: Row, own: Exploration, size: Size, repeat: int) -> Row:
    try:
        runs = run_spin(_TEXT, {"K": size.channels, "R": size.migrations}, own.states, repeat)
    except SpinError as error:
        raise BenchError(f"{row.name}: {error}") from None
    _require_agreement(row, runs[0])
    seconds = statistics.median(each.seconds for each in runs)
    rate, memory = runs[0].transitions / seconds, runs[0].bytes_per_state
    figures = {
        "peer": f"SPIN {runs[0].version}",
        "peer_seconds": seconds,
        "peer_rate": rate,
        "peer_bytes_per_state": memory,
        "speed_ratio": row.rate / rate,
        "memory_ratio": row.bytes_per_state / memory,
    }
    return Row(**(asdict(row) | figures))


def _require_agreement(row: Row, other: SpinRun) -> None:
    for what, ours, theirs in (
        ("states", row.states, other.states),
        ("transitions", row.transitions, other.transitions),
    ):
        if ours != theirs:
            raise BenchError(f"{row.name}: {ours} {what} here, {theirs} under SPIN: not the same system")
