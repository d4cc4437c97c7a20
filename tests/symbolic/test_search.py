"""The search over numbers left open agrees with every run on numbers: it loses none, and invents none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.engine import check
from switchover.checks.symbolic.search import SearchLimits, SearchResult, search
from switchover.checks.symbolic.terms import integer
from switchover.models.language import (
    Answer,
    Connection,
    Latency,
    Open,
    Quantity,
    System,
    TimedExecution,
    Timing,
    Verdict,
)
from timed_systems import PROPERTIES, Judge, Sender, fails, race, reachable, successors

X = Quantity("x", "an open number", low=0, typical=1)
Y = Quantity("y", "another", low=0, typical=2)
OVER = Open((X, Y))
GRID = [(x, y) for x in range(5) for y in range(5)]

#: Sums of the open numbers, as factors of x and y and a constant.
sums = st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 2))


@st.composite
def races(draw: st.DrawFn) -> Callable[..., System]:
    """A race whose times are sums of x and y. Latencies are uncertain, or some send twice; both would take long."""
    count = draw(st.integers(1, 3))
    starts = draw(st.tuples(*[sums] * count))
    lows = draw(st.tuples(*[sums] * count))
    is_certain = draw(st.booleans()) or count == 3
    widths = (0,) * count if is_certain else draw(st.tuples(*[st.integers(0, 2)] * count))
    deadline, interval = draw(sums), draw(sums)
    counts = draw(st.tuples(*[st.integers(1, 2)] * count)) if is_certain and count < 3 else (1,) * count

    def make(*, x: int, y: int) -> System:
        def at(each: tuple[int, int, int]) -> int:
            return each[0] * x + each[1] * y + each[2]

        delays = tuple(Latency(at(low), at(low) + width) for low, width in zip(lows, widths, strict=True))
        times = tuple(at(each) for each in starts)
        return race(times, delays, at(deadline), interval=at(interval), counts=counts)

    return make


def says_it_fails(verdict: Verdict, values: dict[str, int]) -> bool:
    if verdict.answer is Answer.HOLDS:
        return False
    assert verdict.answer in (Answer.VIOLATED, Answer.REGION), verdict.note
    assert verdict.region is not None
    return verdict.region.fails_at(values)


@given(make=races(), rows=st.lists(st.sampled_from(GRID), min_size=6, max_size=6, unique=True))
@settings(max_examples=25)
def test_a_property_fails_exactly_where_some_run_on_numbers_violates_it(make: Any, rows: Any) -> None:
    verdicts = check(make, PROPERTIES, OVER)
    for x, y in rows:
        system = make(x=x, y=y)
        for prop, verdict in zip(PROPERTIES, verdicts, strict=True):
            assert says_it_fails(verdict, {"x": x, "y": y}) == fails(system, prop), (prop.name, x, y)


def explored(make: Callable[..., System], **limits: Any) -> SearchResult:
    x, y = integer("x"), integer("y")
    return search(make(x=x, y=y), PROPERTIES, [(x >= 0).term, (y >= 0).term], limits=SearchLimits(**limits))


@given(make=races())
@settings(max_examples=15)
def test_the_final_states_are_those_of_the_runs_on_numbers(make: Any) -> None:
    """Each run on numbers ends in a state that the search has among its ends, under a condition that holds then."""
    found = explored(make)
    for values in ({"x": 0, "y": 0}, {"x": 3, "y": 1}):
        system = make(**values)
        execution = TimedExecution(system)
        wanted = {each.system for each in reachable(system) if not list(successors(execution, each))}
        ends = [each for each in found.ends if can_hold(each.condition, values)]
        assert {each.state.system for each in ends} == wanted


def can_hold(condition: Any, values: dict[str, int]) -> bool:
    solver = z3.Solver()
    solver.add(*condition, *(z3.Int(name) == value for name, value in values.items()))
    return bool(solver.check() == z3.sat)


def independent(*, x: int, y: int) -> System:
    """Four parcels whose order the judge keeps, but does not depend on for anything else."""
    return race((x, y, x + y, 0), (Latency.exactly(0),) * 4, x + y + 9)


def strangers(count: int) -> SearchResult:
    """So many senders, each with a judge of its own."""
    base = race((0,), (Latency.exactly(0),), 0)
    system = replace(
        base,
        actors={
            "sender": [Sender(armed={"tick": integer(f"s{number}")}) for number in range(count)],
            "judge": [Judge(senders=1) for _ in range(count)],
        },
        connections=tuple(
            Connection(f"wire_{number}", f"sender[{number}].wire", f"judge[{number}].wire[0]", established=True)
            for number in range(count)
        ),
        timing=Timing(latencies={f"wire_{number}": Latency.exactly(integer(f"d{number}")) for number in range(count)}),
    )
    within = [(integer(f"{kind}{number}") >= 0).term for kind in "sd" for number in range(count)]
    return search(system, (), within)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_events_that_do_not_touch_each_other_make_one_state_whatever_their_order(count: int) -> None:
    """Each sender is before, between or after its two events: 3 ** count states, and not (2 * count)! paths."""
    found = strangers(count)
    assert found.states == 3**count
    assert len(found.ends) == 1
    assert found.ends[0].condition == ()


def test_of_merged_ways_the_one_that_the_numbers_take_is_found() -> None:
    (end,) = strangers(3).ends
    starts, delays = {"s0": 4, "s1": 0, "s2": 2}, {"d0": 1, "d1": 9, "d2": 0}
    actions = end.actions(lambda condition: can_hold(condition, starts | delays))
    order = [(action.kind.value, action.subject) for action, _ in actions]
    assert order == [
        ("timeout", 1),
        ("timeout", 2),
        ("deliver", 2),
        ("timeout", 0),
        ("deliver", 0),
        ("deliver", 1),
    ]


def test_what_depends_on_the_order_is_not_merged() -> None:
    found = explored(independent)
    orders = {each.state.system.snapshots[-1].variables[0] for each in found.ends}
    # Sender 3 starts at 0, sender 2 not before 0 and 1: whoever is at the same time may be first.
    assert {order for order in orders if order[0] == 3} >= {(3, 0, 1, 2), (3, 1, 0, 2), (3, 0, 2, 1), (3, 2, 1, 0)}
    assert all(order.index(3) == 0 or order[0] in (0, 1, 2) for order in orders)


@pytest.mark.parametrize(
    ("limits", "stopped"),
    [({"states": 3}, "3 symbolic states"), ({"depth": 2}, "depth 2"), ({"seconds": 0}, "0 s")],
)
def test_a_limit_ends_the_search_and_is_named(limits: dict[str, Any], stopped: str) -> None:
    found = explored(independent, **limits)
    assert found.stopped == stopped
    assert found.states < explored(independent).states


def test_a_property_that_is_asked_only_at_the_end_is_judged_only_there() -> None:
    found = explored(independent)
    assert not found.stopped
    assert found.judged["overtaken"] > found.judged["all_are_taken"] > 0
