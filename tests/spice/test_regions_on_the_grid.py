"""A region and the grid agree: on plain numbers a property fails in some order of events iff the region says so.

The numbers are those where something changes, on and beside each edge of the region, and a fixed sample of others.
"""

from __future__ import annotations

import random
from functools import cache
from itertools import product

import pytest
from switchover.checks.explicit.grid import explore_grid
from switchover.checks.symbolic.engine import check
from switchover.models.language import Answer, Case, Open, Verdict
from switchover.models.spice.link_timing import family as link_timing
from switchover.models.spice.mm_time import family as mm_time

#: Points for each result: what takes long on a grid gets fewer.
POINTS = 24
FEW = 6
SLOW = ("MM05/20", "MM05/not", "MM13", "LT")


def asked() -> dict[str, Case]:
    """Every result and control over numbers left open whose runs end."""
    claims = [*mm_time.claims, *link_timing.claims]
    named = {name: case for claim in claims for name, case in (*claim.results(), *claim.controls())}
    return {name: case for name, case in named.items() if case.over is not None and not case.over.endless}


@cache
def answer(name: str) -> Verdict:
    """The engine's verdict for all values."""
    case = asked()[name]
    assert case.over is not None
    (verdict,) = check(case.system, [case.property], case.over)
    return verdict


def is_assumed(over: Open, values: dict[str, int]) -> bool:
    """Whether the values are among those that the question is about."""
    inside = all(
        (each.low is None or each.low <= values[each.name]) and (each.high is None or values[each.name] <= each.high)
        for each in over.quantities
    )
    return inside and all(over.within(**values))


def points(name: str, over: Open, verdict: Verdict) -> list[dict[str, int]]:
    """Values on the edges of the region, beside them, and some others: always the same."""
    source = random.Random(name)
    found: dict[tuple[int, ...], dict[str, int]] = {}
    wanted = FEW if name.startswith(SLOW) else POINTS
    conditions = [] if verdict.region is None else [c for each in verdict.region.failing for c in each]
    for attempt in range(4_000):
        values = {each.name: _some_value(source, each.low, each.high, each.typical) for each in over.quantities}
        if conditions and attempt % 3:
            condition = source.choice(conditions)
            # Moves one number so that the condition is at its edge, or one to either side of it.
            moved, factor = source.choice(condition.linear.coefficients)
            beside = condition.linear.at(values) + source.choice((-1, 0, 1))
            values[moved] -= -(-beside // factor) if factor > 0 else beside // factor
        if is_assumed(over, values):
            found.setdefault(tuple(values.values()), values)
        if len(found) == wanted:
            break
    return list(found.values())


def _some_value(source: random.Random, low: int | None, high: int | None, typical: int) -> int:
    near = [typical, typical + 1, typical // 2, 0, 1, -1, source.randint(-2_000, 2_000), source.randint(0, 60)]
    value = source.choice(near)
    value = value if low is None else max(value, low)
    return value if high is None else min(value, high)


@pytest.mark.parametrize("name", asked())
def test_region_and_grid_agree(name: str) -> None:
    case, verdict = asked()[name], answer(name)
    assert case.over is not None
    assert not isinstance(case.property, str)
    chosen = points(name, case.over, verdict)
    assert chosen
    for values in chosen:
        expected = verdict.region is not None and verdict.region.fails_at(values)
        found = explore_grid(case.system(**values), [case.property])
        seen = found.verdict(case.property.name)
        assert seen.answer is (Answer.VIOLATED if expected else Answer.HOLDS), values


@pytest.mark.parametrize("name", ["MM01", "MM02/since_0_34", "MM07/1a", "MM07/1a-timer-first"])
def test_region_and_grid_agree_on_a_regular_grid(name: str) -> None:
    case, verdict = asked()[name], answer(name)
    assert case.over is not None
    assert not isinstance(case.property, str)
    assert verdict.region is not None
    compared = 0
    for skew, update, offset in product(range(-1_000, 1_001, 250), (1, 300, 700), (40, 400)):
        values = {"D": skew, "W": update, "L": 400, "a": offset, "transit": 1}
        if is_assumed(case.over, values):
            compared += 1
            seen = explore_grid(case.system(**values), [case.property]).verdict(case.property.name)
            assert (seen.answer is Answer.VIOLATED) is verdict.region.fails_at(values), values
    assert compared >= 10
