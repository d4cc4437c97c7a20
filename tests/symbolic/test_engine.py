"""Answers over numbers left open: when each is given, what comes with it, and that it is the same every time."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.engine import SearchLimits, check
from switchover.checks.symbolic.forking import ForkingError, PathLimits
from switchover.models.language import (
    Actor,
    ActorView,
    Answer,
    Bounds,
    DefinitionError,
    Latency,
    Open,
    Port,
    Property,
    Quantity,
    State,
    System,
    TimedExecution,
    Verdict,
    always,
    never,
    parameter,
    replay_timed,
    sometimes,
    stay,
    variable,
)
from switchover.models.language.region import formula_holds
from timed_systems import (
    PROPERTIES,
    Number,
    Parcel,
    StrictJudge,
    all_are_taken,
    fails,
    none_is_late,
    overtaken,
    race,
    time_goes_back,
    wrapping_clock,
)

START = Quantity("s", "when sender 1 starts", low=0, typical=7)
DELAY = Quantity("d", "how long its parcel is under way", low=0, typical=4)
END = Quantity("e", "the deadline", low=0, typical=100)
OVER = Open((START, DELAY, END))


def against_5(*, s: int, d: int, e: int) -> System:
    """A parcel that comes at 5 against one that starts at ``s`` and takes ``d``."""
    return race((3, s), (Latency.exactly(2), Latency.exactly(d)), e)


def overtakes(s: int, d: int, e: int) -> bool:
    return s + d <= 5 <= e


def one(make: object = against_5, prop: Property | str = overtaken, over: Open = OVER, **limits: object) -> Verdict:
    (verdict,) = check(make, [prop], over, limits=SearchLimits(**limits))  # type: ignore[arg-type]
    return verdict


def test_a_region_is_where_the_property_fails_and_nowhere_else() -> None:
    verdict = one(over=Open((START, DELAY, END), lambda e, **_: (e >= 6,)))
    assert verdict.answer is Answer.REGION
    assert str(verdict.region) == "s + d <= 5"
    assert verdict.region is not None
    values = [{"s": s, "d": d, "e": e} for s in range(8) for d in range(8) for e in (6, 9)]
    assert all(verdict.region.fails_at(each) is overtakes(**each) for each in values)
    assert all(formula_holds(verdict.region.complement, each) is not overtakes(**each) for each in values)


def test_what_fails_for_all_values_is_violated_and_what_fails_for_none_holds() -> None:
    early = Open((START, DELAY, END), lambda s, d, e: (s + d < 5, e > 5))
    late = Open((START, DELAY, END), lambda s, d, **_: (s + d > 5,))
    assert one(over=early).answer is Answer.VIOLATED
    held = one(over=late)
    assert held.answer is Answer.HOLDS
    assert held.proof is not None
    assert held.proof.method == "exhaustive"
    assert "cover all values" in held.proof.confirmed[0]
    assert held.region is None
    assert held.trace is None


@pytest.mark.parametrize(
    ("stated", "as_stated"),
    [(overtakes, True), (lambda s, d, **_: s + d < 5, False), (None, None), (lambda **_: False, False)],
)
def test_the_region_is_compared_with_the_stated_one(stated: object, as_stated: bool | None) -> None:
    assert one(over=Open((START, DELAY, END), stated=stated)).as_stated is as_stated  # type: ignore[arg-type]


# Examples.


@given(
    typical=st.tuples(*[st.integers(0, 12)] * 3),
    width=st.integers(0, 2),
)
@settings(max_examples=8)
def test_an_example_is_a_run_that_violates_with_typical_values_where_it_can(
    typical: tuple[int, int, int], width: int
) -> None:
    def make(*, s: int, d: int, e: int) -> System:
        return race((3, s), (Latency.exactly(2), Latency(d, d + width)), e)

    quantities = tuple(replace(each, typical=value) for each, value in zip((START, DELAY, END), typical, strict=True))
    verdicts = check(make, PROPERTIES, Open(quantities))
    for prop, verdict in zip(PROPERTIES, verdicts, strict=True):
        assert verdict.trace is not None
        values = dict(verdict.trace.values)
        replay_timed(TimedExecution(make(**values)), verdict.trace)
        assert fails(make(**values), prop)
        assert verdict.region is not None
        assert verdict.region.fails_at(values)


def test_values_are_the_typical_ones_when_those_violate() -> None:
    quantities = (replace(START, typical=1), replace(DELAY, typical=2), END)
    verdict = one(over=Open(quantities))
    assert verdict.trace is not None
    assert verdict.trace.values == {"s": 1, "d": 2, "e": 100}


def test_as_few_values_as_can_be_differ_from_the_typical_ones() -> None:
    """With s = 7 there is no violation; 4 + 1 is the nearest."""
    verdict = one()
    assert verdict.trace is not None
    assert verdict.trace.values == {"s": 1, "d": 4, "e": 100}


def test_an_example_has_as_few_events_as_can_be() -> None:
    verdict = one(prop=none_is_late)
    assert verdict.trace is not None
    # The deadline, the start, and the arrival after it.
    assert len(verdict.trace.steps) == 3


# What has no answer.


@pytest.mark.parametrize(
    ("limits", "note"),
    [
        ({"states": 3}, "stopped at 3 symbolic states, 1 events deep"),
        ({"seconds": 0.0}, "stopped at 0 s, 0 events deep"),
    ],
)
def test_a_limit_ends_in_unknown_and_says_how_far_it_came(limits: dict[str, object], note: str) -> None:
    verdict = one(**limits)
    assert verdict.answer is Answer.UNKNOWN
    assert verdict.note == note
    assert verdict.proof is None


def test_within_a_depth_what_is_not_violated_is_bounded() -> None:
    verdict = one(depth=2)
    assert verdict.answer is Answer.BOUNDED
    assert verdict.bounds_hit == ("depth",)
    assert verdict.depth == 2
    assert verdict.proof is None


def test_a_bound_of_the_system_makes_the_answer_bounded_and_is_named() -> None:
    """The second parcel cannot be sent as long as the first is under way: the path ends there, and nobody says so."""

    def make(*, s: int, d: int, e: int) -> System:
        return race((s,), (Latency.exactly(d),), e, interval=1, counts=(2,), bounds=Bounds(queue=1))

    late = Open((START, DELAY, END), lambda s, d, e: (d > 1, e > s + d + 9))
    verdict = one(make, none_is_late, late)
    assert verdict.answer is Answer.BOUNDED
    assert verdict.bounds_hit == ("queue",)
    assert verdict.note == "no violation up to bound queue"
    assert verdict.proof is None
    early = replace(late, within=lambda s, d, e: (d < 1, e > s + d + 9))
    assert one(make, none_is_late, early).answer is Answer.HOLDS


@pytest.mark.parametrize("effort", [1, 10, 100, 1000])
@pytest.mark.parametrize("prop", PROPERTIES, ids=lambda each: each.name)
def test_a_solver_that_gives_up_never_makes_an_answer(prop: Property, effort: int) -> None:
    """With next to no effort allowed the answer is *unknown*, or right all the same."""
    right = one(prop=prop)
    try:
        verdict = one(prop=prop, paths=PathLimits(effort=effort), states=300)
    except ForkingError:
        return
    assert verdict.answer in (Answer.UNKNOWN, right.answer)
    if verdict.answer is Answer.UNKNOWN:
        assert verdict.note
    else:
        assert verdict.region == right.region


@always
def is_there(judge: ActorView) -> bool:
    """There is a judge."""
    return judge.senders == 2


def test_an_unexpected_message_on_the_way_leaves_the_question_open() -> None:
    def make(*, s: int, d: int, e: int) -> System:
        return race((3, s), (Latency.exactly(2), Latency.exactly(d)), e, judge=StrictJudge)

    asked, built_in, error = check(make, [is_there, "no_unexpected_message", "no_error"], OVER)
    assert asked.answer is Answer.UNKNOWN
    assert asked.note.startswith("no_unexpected_message is violated on the way: ")
    assert "StrictJudge in closed" in asked.note
    assert built_in.answer is Answer.REGION
    assert str(built_in.region) == "s + d >= e or e <= 5"
    assert built_in.trace is not None
    assert built_in.trace.steps[-1].outcome == "unexpected"
    replay_timed(TimedExecution(make(**built_in.trace.values)), built_in.trace)
    assert error.answer is Answer.UNKNOWN


class ImpatientJudge(Actor):
    """Takes parcels up to ``patience`` ms, and never one that comes later."""

    senders: int = parameter(1)
    patience: int = parameter()

    taken: Number = variable(0)

    wire = Port(receives=(Parcel,), count="senders")

    open = State(initial=True)

    parcel = stay(open, cond="is_early")

    def is_early(self) -> bool:
        return self.now <= self.patience

    def on_parcel(self) -> None:
        self.taken = self.taken + 1


@never
def has_two(judge: ActorView) -> bool:
    """The judge has taken a parcel twice."""
    return bool(judge.taken == 2)


def test_where_a_run_is_stuck_for_some_values_the_question_stays_open() -> None:
    def make(*, s: int, d: int, e: int) -> System:
        return race((s,), (Latency.exactly(d),), None, judge=partial(ImpatientJudge, patience=e))

    stuck = one(make, has_two)
    assert stuck.answer is Answer.UNKNOWN
    assert stuck.proof is None
    assert (
        stuck.note
        == "no violation found, but no path ends where s + d > e: some state is stuck there, or a path was lost"
    )
    late = Open((START, DELAY, END), lambda s, d, e: (s + d <= e,))
    assert one(make, has_two, late).answer is Answer.HOLDS


# What cannot be asked.


@sometimes
def some_is_late(judge: ActorView) -> bool:
    """Some parcel comes too late."""
    return bool(judge.late > 0)


def test_only_what_has_an_answer_can_be_asked() -> None:
    with pytest.raises(DefinitionError, match="some_is_late: over numbers left open, only always and never"):
        one(prop=some_is_late)
    with pytest.raises(DefinitionError, match="no built-in check 'deadlock'"):
        one(prop="deadlock")
    with pytest.raises(DefinitionError, match="two statements are called overtaken"):
        check(against_5, [overtaken, replace(overtaken, text="again")], OVER)
    with pytest.raises(DefinitionError, match="is untimed"):
        one(lambda **numbers: replace(against_5(**numbers), timing=None))


# The same every time.

PROGRAM = """
from test_engine import OVER, PROPERTIES, against_5, wrapping_clock, OVER_UPTIME, time_goes_back
from switchover.checks.symbolic.engine import check
import sys
chosen = PROPERTIES if sys.argv[1] == "forwards" else PROPERTIES[::-1]
for each in sorted(check(against_5, chosen, OVER), key=lambda verdict: verdict.property):
    print(each.property, each.answer, each.region, each.states, each.transitions, each.trace)
print(check(wrapping_clock, [time_goes_back], OVER_UPTIME)[0].trace)
"""


def test_answers_depend_neither_on_the_process_nor_on_what_was_asked_before() -> None:
    here = Path(__file__).parent
    path = os.pathsep.join(map(str, (here, here.parent / "language")))
    found = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM, order],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, order in (("1", "forwards"), ("2", "forwards"), ("3", "backwards"))
    }
    assert len(found) == 1
    assert "overtaken" in next(iter(found))


def test_each_property_alone_has_the_answer_that_it_has_among_others() -> None:
    together = check(against_5, PROPERTIES, OVER)
    for prop, among_others in zip(PROPERTIES, together, strict=True):
        alone = one(prop=prop)
        assert (alone.answer, alone.region, alone.trace) == (
            among_others.answer,
            among_others.region,
            among_others.trace,
        )


# Numbers of bits.

LAST = (1 << 32) - 1
UPTIME = Quantity("uptime", "what the clock shows at the start", low=0, high=LAST, typical=1000, bits=64)
OVER_UPTIME = Open((UPTIME,))


def test_a_clock_of_32_bits_goes_back_exactly_where_it_wraps() -> None:
    verdict = one(wrapping_clock, time_goes_back, OVER_UPTIME)
    assert verdict.answer is Answer.REGION
    assert str(verdict.region) == f"uptime > {LAST - 15} and uptime <= {LAST - 5}"
    assert verdict.trace is not None
    assert fails(wrapping_clock(uptime=verdict.trace.values["uptime"]), time_goes_back)
    assert "multimedia times of 32" in " ".join(verdict.assumptions)


def test_at_each_value_of_bits_the_region_is_right() -> None:
    region = one(wrapping_clock, time_goes_back, OVER_UPTIME).region
    assert region is not None
    for value in (*range(20), *range(LAST - 20, LAST + 1)):
        assert region.fails_at({"uptime": value}) == fails(wrapping_clock(uptime=value), time_goes_back)


def test_a_number_of_bits_needs_its_range() -> None:
    with pytest.raises(DefinitionError, match="quantity uptime: a number of bits needs its range"):
        one(wrapping_clock, time_goes_back, Open((Quantity("uptime", "t", bits=64),)))
    with pytest.raises(DefinitionError, match="one quantity can be left open"):
        one(wrapping_clock, time_goes_back, Open((UPTIME, START)))


def test_all_are_taken_where_nothing_is_late() -> None:
    taken, late = check(against_5, [all_are_taken, none_is_late], OVER)
    assert taken.region is not None
    assert late.region is not None
    assert taken.region.failing == late.region.failing
