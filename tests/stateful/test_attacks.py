"""The stateful engine finds what the ledger says is broken, and nothing in what it says is mended."""

from __future__ import annotations

import pytest
from switchover.checks.stateful.attack import Attack, Effort, attack, attack_open
from switchover.models.language import Answer, Case, Execution, TimedExecution, replay, replay_timed
from switchover.models.spice.link_timing import family as link_timing
from switchover.models.spice.mm_time import family as mm_time

CASES = {name: case for family in (link_timing, mm_time) for claim in family.claims for name, case in claim.results()}


def attacked(case: Case, effort: Effort) -> Attack:
    if case.over is not None:
        return attack_open(case.system, [case.property], case.over, effort)
    return attack(case.system(), [case.property], effort)


@pytest.mark.parametrize("name", ["LT28/shipped", "LT21", "LT12"])
def test_a_claim_that_fails_is_found_to_fail_by_a_run_that_replays(name: str) -> None:
    case = CASES[name]
    (outcome,) = attacked(case, Effort(examples=400)).outcomes
    assert outcome.verdict.answer is Answer.VIOLATED
    assert 1 <= outcome.examples <= 400
    assert outcome.verdict.trace is not None
    assert replay(Execution(case.system()), outcome.verdict.trace)


def test_what_is_found_over_open_numbers_lies_in_the_region_that_the_source_states() -> None:
    case = CASES["MM07/1a"]
    (outcome,) = attacked(case, Effort(examples=200)).outcomes
    assert outcome.verdict.answer is Answer.VIOLATED
    assert outcome.verdict.as_stated
    trace = outcome.verdict.trace
    assert trace is not None
    assert replay_timed(TimedExecution(case.system(**trace.values)), trace)


@pytest.mark.parametrize("name", ["LT28/reference", "MM03/patch_2013"])
def test_what_holds_survives_and_is_never_said_to_hold(name: str) -> None:
    (outcome,) = attacked(CASES[name], Effort(examples=100)).outcomes
    assert outcome.verdict.answer is Answer.BOUNDED
    assert "examples" in outcome.verdict.bounds_hit


def test_the_same_seed_finds_the_same() -> None:
    first, second = (attacked(CASES["LT21"], Effort(examples=200, seed=3)).outcomes[0] for _ in range(2))
    assert first.examples == second.examples
    assert first.verdict.trace == second.verdict.trace
