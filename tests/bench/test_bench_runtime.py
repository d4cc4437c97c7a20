"""The runtime's benchmark: a row for each figure, and a word where a peer is missing."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console
from switchover.bench_table import print_rows
from switchover.checks.bench import RuntimeRow, names
from switchover.checks.bench.runtime import Sizes, measure
from switchover.checks.bench.runtime_session import Simulation, recorded_session, replay
from switchover.runtime.spice.events import MessageSeen, NotAllowed
from switchover.runtime.spice.handovers import Result
from switchover.runtime.spice.ticket import ServerKey

TINY = Sizes(seconds=0.5, copies=1, handovers=2, rounds=1, sessions=3)
FIGURES = [
    "read from a capture",
    "decoded",
    "encoded",
    "handled by a client",
    "simulated",
    "simulated, with video",
    "BEGIN to CONNECTED, semi-seamless",
    "BEGIN to CONNECTED, seamless",
    "3 sessions at once, attached",
    "3 sessions at once, handed over",
    "CPU of a session's handover",
    "memory of a session",
]


def test_there_is_a_row_for_each_figure() -> None:
    rows = list(measure(1, TINY))
    assert [row.name for row in rows] == FIGURES
    for row in rows:
        assert (row.value is None) <= bool(row.skipped)
        assert (row.ratio is None) == (row.peer_value is None)
        assert json.loads(json.dumps(row.to_json()))["name"] == row.name
    assert "runtime" in names()


def test_without_peers_the_reasons_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    rows = list(measure(1, TINY))
    assert [row.name for row in rows] == FIGURES
    assert [row.ratio for row in rows] == [None] * len(rows)
    skipped = {row.name: row.skipped for row in rows if row.skipped}
    assert "tshark not found" in skipped["read from a capture"]
    assert "qemu-system-x86_64 not found" in skipped["BEGIN to CONNECTED, seamless"]
    printed = io.StringIO()
    print_rows(Console(file=printed, width=200), rows)
    assert "BEGIN to CONNECTED, seamless: not measured: qemu-system-x86_64 not found" in printed.getvalue()


def test_a_row_says_how_the_two_compare() -> None:
    row = RuntimeRow("linked", "ms", 40.0, 3, "spice-gtk 0.42", 50.0, 1.25, detail="QEMU 7.2")
    assert str(row) == "linked: 40 ms (QEMU 7.2); spice-gtk 0.42 50: 1.25 times as good"


def test_a_session_goes_the_same_way_when_it_is_replayed() -> None:
    steps = recorded_session(0.5)
    events = replay(steps)
    seen = [each.name for each in events if isinstance(each, MessageSeen)]
    assert {"MIGRATE_BEGIN", "MIGRATE_CONNECTED", "MIGRATE_END", "STREAM_DATA"} <= set(seen)
    assert not [each for each in events if isinstance(each, NotAllowed)]
    assert seen == [each.name for each in replay(steps) if isinstance(each, MessageSeen)]


@pytest.mark.parametrize("seamless", [False, True])
def test_a_simulated_handover_is_completed(seamless: bool) -> None:
    simulation = Simulation(3, ServerKey.generate(), seamless=seamless, video=None)
    simulation.attach()
    simulation.hand_over()
    assert [each.result for each in simulation.log.handovers] == [Result.COMPLETED]
