"""``symbolic``: the symbolic engine's search up to 4 … 12 events, z3's share, and its worth in single values.

The systems are those of two claims on multimedia time, all their delays left open: MM01 (case 1a of seed 000), and MM13
with a stale frame. The peer is the grid: the explicit engine on the same system with the typical values of the numbers,
up to as many events. It answers for one point; ``points`` is how many points it answers for in the time in which the
search answers for all.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from switchover.checks.explicit.grid import explore_grid
from switchover.checks.symbolic.open_numbers import open_numbers
from switchover.checks.symbolic.search import SearchLimits, SearchResult, search
from switchover.models.language import Case, Property
from switchover.models.spice.mm_time import family

__all__ = ["BOUNDS", "SymbolicRow", "measure"]

BOUNDS = range(4, 13)
_RESULTS = ("MM01", "MM13/late-stale")


@dataclass(frozen=True)
class SymbolicRow:
    """One system up to ``bound`` events. Times are medians of ``runs``, in s.

    ``states``: symbolic states; ``steps`` between them; ``solving``: the part of ``seconds`` that is z3's;
    ``point_seconds``: the grid's for one point; ``points``: how many of those make ``seconds``.
    """

    name: str
    bound: int
    states: int
    steps: int
    queries: int
    solving: float
    seconds: float
    point_seconds: float
    points: float
    runs: int

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        own = f"{self.states:,} states, {self.steps:,} steps in {self.seconds:.3f} s"
        z3 = f"{self.solving:.3f} s of it in z3, {self.queries:,} queries"
        return f"{self.name} up to {self.bound} events: {own} ({z3}), as long as {self.points:,.0f} values on the grid"


def measure(repeat: int) -> Iterator[SymbolicRow]:
    """A row for each system and bound, each measured ``repeat`` times."""
    results = {name: case for claim in family.claims for name, case in claim.results()}
    for name in _RESULTS:
        for bound in BOUNDS:
            yield _row(name, results[name], bound, repeat)


def _row(name: str, case: Case, bound: int, repeat: int) -> SymbolicRow:
    own, points = [], []
    # In turns, so that a busy machine is as busy for the one as for the other.
    for _ in range(repeat):
        own.append(_search(case, bound))
        points.append(_point(case, bound))
    seconds, point = statistics.median(each.seconds for each in own), statistics.median(points)
    return SymbolicRow(
        name,
        bound,
        own[0].states,
        own[0].transitions,
        own[0].effort.queries,
        statistics.median(each.effort.seconds for each in own),
        seconds,
        point,
        seconds / point,
        repeat,
    )


def _search(case: Case, bound: int) -> SearchResult:
    assert case.over is not None
    assert isinstance(case.property, Property)
    numbers = open_numbers(case.over)
    limits = SearchLimits(depth=bound)
    return search(case.system(**numbers.values), [case.property], numbers.within, limits=limits)


def _point(case: Case, bound: int) -> float:
    assert case.over is not None
    assert isinstance(case.property, Property)
    system = case.system(**case.over.typical())
    bounded = replace(system, bounds=replace(system.bounds, depth=bound))
    return explore_grid(bounded, [case.property]).seconds
