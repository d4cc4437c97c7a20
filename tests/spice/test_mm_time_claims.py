"""Every claim of the multimedia-time ledger has its answer for all values at once, with the region that it states."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
from switchover.checks.symbolic.engine import check
from switchover.models.language import Answer, Case, Open, Property, TimedExecution, Trace, Verdict, replay_timed
from switchover.models.spice.mm_time import family

CASES = {name: case for claim in family.claims for name, case in (*claim.results(), *claim.controls())}


def subject(case: Case) -> tuple[Callable[..., object], Open]:
    assert case.over is not None
    return case.system, case.over


def batch(case: Case) -> tuple[Property | str, ...]:
    """The properties that are asked in one search: those of the same system and numbers, each name once."""
    same = dict.fromkeys(each.property for each in CASES.values() if subject(each) == subject(case))
    taken = {each.name if isinstance(each, Property) else each: each for each in same}
    return tuple(taken.values()) if case.property in taken.values() else (case.property,)


@cache
def answers(make: Callable[..., object], over: Open, asked: tuple[Property | str, ...]) -> tuple[Verdict, ...]:
    return tuple(check(make, asked, over))  # type: ignore[arg-type]


def answer(case: Case) -> Verdict:
    asked = batch(case)
    return answers(*subject(case), asked)[asked.index(case.property)]


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_the_expected_one(name: str) -> None:
    case = CASES[name]
    verdict = answer(case)
    assert verdict.answer is case.expected, verdict.note
    assert verdict.as_stated is not False or case.why
    assert verdict.bounds_hit == ()


FAILING = [name for name, case in CASES.items() if case.expected in (Answer.VIOLATED, Answer.REGION)]


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_has_a_run_that_can_be_replayed(name: str) -> None:
    case = CASES[name]
    trace = trace_of(name)
    replay_timed(TimedExecution(case.system(**trace.values)), Trace.from_json(trace.to_json()))
    region = answer(case).region
    assert region is None or region.fails_at(trace.values)


def trace_of(name: str) -> Trace:
    trace = answer(CASES[name]).trace
    assert trace is not None
    return trace


def test_the_ledger_is_complete() -> None:
    assert [claim.id for claim in family.claims][:13] == [f"MM{number:02}" for number in range(1, 14)]


@pytest.mark.parametrize("claim", family.claims, ids=lambda claim: claim.id)
def test_what_holds_fails_when_the_model_is_changed(claim) -> None:  # type: ignore[no-untyped-def]
    """By a mutation, or in the claim's own table, where each half of a solution is missing once."""
    cases = [case for _, case in (*claim.results(), *claim.controls())]
    if any(case.expected is Answer.HOLDS and case.role == "claim" for case in cases):
        assert any(case.expected is not Answer.HOLDS for case in cases)
    if all(case.expected is not Answer.HOLDS for case in cases):
        assert not claim.controls()


def statement(case: Case) -> str:
    """What is asked, whatever the number of the frame that it is asked of."""
    assert isinstance(case.property, Property)
    return case.property.predicate.__qualname__


@pytest.mark.parametrize("asked", sorted({statement(case) for case in CASES.values()}))
def test_every_property_fails_somewhere_and_does_not_always(asked: str) -> None:
    expected = {case.expected for case in CASES.values() if statement(case) == asked}
    assert expected - {Answer.HOLDS}
    assert expected - {Answer.VIOLATED}


REGIONS = {
    "MM01": "D + L >= W + transit and D >= a + transit",
    "MM02/unpatched": "D + L <= transit and W >= a",
    "MM02/patch_2013": "D + L <= transit and W >= a",
    "MM02/since_0_34": "D + L < transit and W >= a",
    "MM04": "D + lead + a <= 0",
    "MM07/1a": "W >= L + a or D >= a + transit and D <= transit + 500",
    "MM07/1a-timer-first": (
        "D + L + a >= W + transit and D > transit + 500 and W >= L + a or "
        "D + L >= W + transit and D >= a + transit and D <= transit + 500"
    ),
    "MM10/unpatched": "D + L <= transit",
    "MM12/unsigned": "T >= 4294966256 and T <= 4294966695",
    "MM12/signed-skew-ahead": "D >= 2147483249",
    "MM12/zero": "T = 4294966296",
    "MM14": "N > 0",
    "MM16": "D + L < transit and S >= V",
}


@pytest.mark.parametrize("name", REGIONS)
def test_the_region_is_written_as_a_person_would(name: str) -> None:
    assert str(answer(CASES[name]).region) == REGIONS[name]


LOSSES = {
    "MM01": "0 where D + L < W + transit or D <= transit; D - transit where D + L >= W + transit and D > transit",
    "MM02/unpatched": "0 where D + L > transit; W where D + L <= transit",
    "MM02/since_0_34": "0 where D + L >= transit; W where D + L < transit",
}


@pytest.mark.parametrize("name", LOSSES)
def test_what_is_lost_is_a_piecewise_linear_function(name: str) -> None:
    (lost,) = answer(CASES[name]).losses
    assert lost.text == LOSSES[name]


def test_what_the_patch_leaves_of_case_1a_is_what_is_late_at_the_update() -> None:
    """Beyond 500 ms, where there is a signal, the ms of video lost are max(0, W - L)."""
    (lost,) = answer(CASES["MM07/1a"]).losses
    for update in (100, 400, 401, 700, 3000):
        for latency in (0, 50, 400):
            values = {"D": 6000, "W": update, "L": latency, "a": 1, "transit": 0}
            assert lost.at(values) == max(0, update - latency)


# What seed 000 tells of the order of events: (what happens, to whom, how its message begins), in this order, with
# anything else between.

Step = tuple[str, str, str]
SWITCH: tuple[Step, ...] = (
    ("timeout", "source", "migration_completes"),
    ("deliver", "display", "Migrate"),
)
STORIES: dict[str, tuple[Step, ...]] = {
    "MM01": (
        *SWITCH,
        ("deliver", "display", "StreamData(target's 0"),
        ("deliver", "display", "StreamData(target's 1"),
        ("deliver", "session", "MultiMediaTime"),
        ("timeout", "display", "render"),
    ),
    "MM02/unpatched": (
        *SWITCH,
        ("deliver", "display", "StreamData(target's 0"),
        ("deliver", "display", "StreamData(target's 1"),
        ("deliver", "session", "MultiMediaTime"),
    ),
    **dict.fromkeys(
        ("MM04", "MM11/one"),
        (
            *SWITCH,
            ("deliver", "session", "MultiMediaTime"),
            ("deliver", "display", "StreamData(source's 0"),
            ("deliver", "display", "StreamData(target's 0"),
            ("deliver", "display", "StreamData(target's 1"),
            ("timeout", "display", "render"),
        ),
    ),
}


@pytest.mark.parametrize("name", STORIES)
def test_the_shortest_run_tells_the_story_of_the_seed(name: str) -> None:
    steps = iter(trace_of(name).steps)
    for kind, actor, message in STORIES[name]:
        assert any(each.kind == kind and each.actor == actor and each.message.startswith(message) for each in steps), (
            f"no {kind} of {message} at {actor} in its place"
        )


@pytest.mark.parametrize("name", ["MM01", "MM04", "MM11/one"])
def test_the_timer_is_set_about_as_far_ahead_as_the_clocks_are_apart(name: str) -> None:
    trace = trace_of(name)
    armed = next(each for each in trace.steps for part in each.parts if "arm render" in part.effects)
    fired = next(each for each in trace.steps if each.message == "render")
    assert armed.at is not None
    assert fired.at is not None
    # Less the time until the first frame (case 2), plus what is left of the latency.
    expected = abs(trace.values["D"]) - trace.values.get("lead", 0) + trace.values["L"] - trace.values["transit"]
    assert fired.at - armed.at == expected


def test_frames_before_the_clock_are_dropped_as_they_come() -> None:
    dropped = [
        (each.message, part.effects)
        for each in trace_of("MM02/unpatched").steps
        for part in each.parts
        if any("Dropped" in effect for effect in part.effects)
    ]
    assert [message.split(",")[0] for message, _ in dropped] == ["StreamData(target's 0", "StreamData(target's 1"]
