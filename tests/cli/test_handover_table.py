"""The table of handovers: nothing in it is cut off, however many columns there are."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from switchover.handover_table import print_handovers
from switchover.runtime.spice.events import ClockSet
from switchover.runtime.spice.handovers import Handover, HandoverLog, Method, Result

JUMPS = tuple(ClockSet(0, 0, jump, True) for jump in (-(2**31), 4, 5))
LOG = HandoverLog(
    [
        Handover(Method.SEMI_SEAMLESS, "A", 0, "B", 0.183, 1, 1.018, Result.COMPLETED, 0.9, 1.158, 7),
        Handover(Method.SEMI_SEAMLESS, "B", 65, "C", 130.2, 131, 132.5, Result.COMPLETED, 1, 150.2, 12_345, JUMPS),
        Handover(Method.SWITCH_HOST, "C", 200, "", None, 200, None, Result.UNDER_WAY),
        Handover(Method.SEAMLESS, "C", 300, "A2", 300.05, None, None, Result.CANCELLED),
    ]
)
CELLS = ("A → B, semi-seamless", "completed", "183 ms", "18 ms", "258 ms", "steady", "under way", "cancelled")
CELLS += ("B → C, semi-seamless", "65.2 s", "1.5 s", "2 min 29 s", "12,345", "-2,147,483,648 ms, 3 jumps")
CELLS += ("C → ?, switch-host", "C → A2, seamless", "linking", "switching", "blackout", "frames lost", "clock")


def printed(width: int, log: HandoverLog = LOG) -> list[str]:
    out = io.StringIO()
    print_handovers(Console(width=width, file=out, highlight=False, emoji=False, markup=False), log, str)
    return out.getvalue().splitlines()


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("width", [120, 105])
def test_with_room_a_handover_is_one_line(width: int) -> None:
    lines = printed(width)
    assert len(lines) == 2 + len(LOG.handovers)
    assert all(cell in "\n".join(lines) for cell in CELLS)


@pytest.mark.parametrize("width", [40, 60, 72, 79, 80, 88, 99, 100, 104])
def test_with_little_room_nothing_is_cut_off(width: int) -> None:
    lines = printed(width)
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    rule = next(number for number, line in enumerate(lines) if "─" in line)
    # Every letter is there: of each column, its lines one below the other.
    everything = sorted(squeezed("".join(CELLS)))
    shown = sorted(squeezed("".join(lines[:rule] + lines[rule + 1 :])))
    for letter in set(everything):
        assert shown.count(letter) >= everything.count(letter), letter


@pytest.mark.parametrize(
    ("jumps", "said"),
    [
        ((), "steady"),
        (((0, False),), "steady"),
        (((298, False),), "+298 ms"),
        (((1, False), (298, False), (2, False)), "+298 ms, 3 jumps"),
        (((600, True),), "+600 ms"),
        (((298, False), (-5, True)), "-5 ms"),
    ],
)
def test_the_clock_is_steady_only_when_it_was_not_moved(jumps: tuple[tuple[int, bool], ...], said: str) -> None:
    sets = tuple(ClockSet(0, 0, jump, reset) for jump, reset in jumps)
    handover = Handover(Method.SEAMLESS, "A", 0, "B", 1, 2, 3, Result.COMPLETED, clock_jumps=sets)
    assert printed(120, HandoverLog([handover]))[-1].endswith(f"  {said}")


def test_at_80_columns_a_handover_takes_two_lines() -> None:
    lines = printed(80)
    assert len(lines) <= 3 + 2 * len(LOG.handovers)
    assert any(line.startswith("semi-seamless") for line in lines)
