"""Benchmarks by name, each measured against its peer in the same run and reported as ratios.

``symbolic``: see ``symbolic.py``; ``runtime``: see ``runtime.py``.

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

from . import runtime
from .link_timing import Size, link_timing
from .runtime import RuntimeRow
from .runtime_process import PeerError
from .runtime_session import HandoverError
from .spin import SpinError, SpinRun, missing_tools, spin_verifier
from .symbolic import SymbolicRow, measure

#: Sizes by name; the first is the headline: tens of millions of transitions.
SIZES = {
    "link_timing": Size(channels=5, migrations=2),
    "link_timing.small": Size(channels=3, migrations=2),
    "link_timing.wide": Size(channels=6, migrations=1),
}
#: The symbolic engine against the grid, bound by bound.
SYMBOLIC = "symbolic"
#: The runtime against tshark and spice-gtk.
RUNTIME = "runtime"
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


#: What a benchmark reports.
AnyRow = Row | SymbolicRow | RuntimeRow


def names() -> tuple[str, ...]:
    """The benchmarks there are."""
    return (*SIZES, SYMBOLIC, RUNTIME)


def run(chosen: Sequence[str] = (), *, repeat: int = 3) -> tuple[AnyRow, ...]:
    """Measure the named benchmarks (none: all), each ``repeat`` times, and take medians.

    Raises BenchError for an unknown name, when the two sides differ in states, transitions or messages, or when a peer
    does not do what it should.
    """
    unknown = [name for name in chosen if name not in names()]
    if unknown:
        raise BenchError(f"there is no benchmark {unknown[0]!r}; there are {', '.join(names())}")
    found: list[AnyRow] = []
    for name in chosen or names():
        if name == SYMBOLIC:
            found += measure(repeat)
        elif name == RUNTIME:
            found += _measure_runtime(repeat)
        else:
            found.append(_measure(name, SIZES[name], repeat))
    return tuple(found)


def _measure_runtime(repeat: int) -> list[RuntimeRow]:
    try:
        return list(runtime.measure(repeat))
    except (PeerError, HandoverError) as error:
        raise BenchError(f"{RUNTIME}: {error}") from None


def _measure(name: str, size: Size, repeat: int) -> Row:
    # The first run loads the compiled kernel, or compiles it.
    explore(link_timing(Size(1, 1)), method="kernel")
    reason = missing_tools()
    if reason:
        own = [_explore(name, size) for _ in range(repeat)]
        return Row(**(asdict(_own_row(name, own)) | {"skipped": reason}))
    try:
        with spin_verifier(_TEXT, {"K": size.channels, "R": size.migrations}) as verify:
            own, others = [], []
            # In turns, so that a busy machine is as busy for the one as for the other.
            for _ in range(repeat):
                own.append(_explore(name, size))
                others.append(verify(own[0].states))
    except SpinError as error:
        raise BenchError(f"{name}: {error}") from None
    return _compared(_own_row(name, own), others)


def _explore(name: str, size: Size) -> Exploration:
    exploration = explore(link_timing(size), method="kernel")
    if not exploration.complete:
        raise BenchError(f"{name}: the search ended early: {exploration.stopped}")
    return exploration


def _own_row(name: str, runs: list[Exploration]) -> Row:
    seconds, one = statistics.median(each.seconds for each in runs), runs[0]
    rate = one.transitions / seconds
    return Row(name, one.states, one.transitions, seconds, rate, one.bytes_per_state, len(runs))


def _compared(row: Row, runs: list[SpinRun]) -> Row:
    _require_agreement(row, runs[0])
    seconds, memory = statistics.median(each.seconds for each in runs), runs[0].bytes_per_state
    rate = runs[0].transitions / seconds
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
