"""LT01 and LT02 for every lifetime of the ticket, duration of the migration and network delay."""

from __future__ import annotations

from functools import cache

import pytest
from switchover.checks.symbolic.engine import check
from switchover.models.language import Answer, Case, Property, TimedExecution, Trace, Verdict, replay_timed
from switchover.models.spice.link_timing import family
from switchover.models.spice.link_timing.ticket import DELAYS_OF_LINKING, DELAYS_OF_RECONNECTING

CASES: dict[str, Case] = {
    name: case
    for claim in family.claims
    for name, case in (*claim.results(), *claim.controls())
    if case.over is not None
}
AT_THE_END = f"lifetime <= migration + {DELAYS_OF_RECONNECTING}*link"
WHILE_LINKING = f"lifetime <= {DELAYS_OF_LINKING}*link"
REGIONS = {
    "LT01": AT_THE_END,
    "LT02/proposal": WHILE_LINKING,
    "LT02/shipped": WHILE_LINKING,
    "LT02/seamless": WHILE_LINKING,
    "LT02/mutation:link at the end again": AT_THE_END,
}


@cache
def answer(name: str) -> Verdict:
    case = CASES[name]
    assert case.over is not None
    assert isinstance(case.property, Property)
    (verdict,) = check(case.system, [case.property], case.over)
    return verdict


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_the_expected_one(name: str) -> None:
    verdict = answer(name)
    assert verdict.answer is CASES[name].expected, verdict.note
    assert verdict.as_stated is not False or CASES[name].why
    assert verdict.bounds_hit == ()


def test_both_claims_are_asked_over_open_numbers_with_a_control_that_comes_out_otherwise() -> None:
    assert set(REGIONS) < set(CASES)
    (repair,) = set(CASES) - set(REGIONS)
    assert repair.startswith("LT01/repair:")
    assert CASES[repair].expected is Answer.HOLDS


@pytest.mark.parametrize("name", REGIONS)
def test_the_region_differs_from_the_stated_one_in_a_tie_alone(name: str) -> None:
    """The ledger says *shorter than*; a ticket that expires in the very millisecond may be found expired."""
    region = answer(name).region
    assert str(region) == REGIONS[name]
    stated = CASES[name].over.stated  # type: ignore[union-attr]
    assert stated is not None
    assert region is not None
    for lifetime in (0, 59, 60, 61, 30_099, 30_100, 30_101):
        values = {"lifetime": lifetime, "migration": 30_000, "link": 20}
        assert region.fails_at(values) == stated(**values | {"lifetime": lifetime - 1})


@pytest.mark.parametrize("name", REGIONS)
def test_the_run_shows_a_ticket_that_expires_before_its_check(name: str) -> None:
    trace = answer(name).trace
    assert trace is not None
    replay_timed(TimedExecution(CASES[name].system(**trace.values)), Trace.from_json(trace.to_json()))
    expired = next(number for number, each in enumerate(trace.steps) if each.message == "ticket_expires")
    assert trace.steps[expired].at == trace.values["lifetime"]
    links = [number for number, each in enumerate(trace.steps) if each.message.startswith("Link")]
    assert any(number > expired for number in links)
