"""The symbolic benchmark: a row for each bound, whose figures add up."""

from __future__ import annotations

import z3
from switchover.checks.bench import SymbolicRow, names
from switchover.checks.bench.symbolic import BOUNDS, measure


def test_there_is_a_row_for_each_bound() -> None:
    ask = z3.Solver.check
    rows = []
    for row in measure(1):
        rows.append(row)
        if row.bound == 7:
            break
    assert [each.bound for each in rows] == [4, 5, 6, 7]
    assert BOUNDS[-1] == 12
    assert all(isinstance(each, SymbolicRow) for each in rows)
    assert [each.states for each in rows] == sorted(each.states for each in rows)
    assert all(0 < each.solving < each.seconds and each.queries > 0 for each in rows)
    assert all(abs(each.points - each.seconds / each.point_seconds) < 1e-6 for each in rows)
    assert z3.Solver.check is ask
    assert "symbolic" in names()
