"""Exploring a timed system on a grid: agrees with a search that only asks what is allowed, and never says too much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.explicit import Limits
from switchover.checks.explicit.grid import GridResult, explore_grid
from switchover.models.language import (
    Actor,
    ActorView,
    Answer,
    Bounds,
    Decision,
    DefinitionError,
    Latency,
    Property,
    State,
    System,
    TimedExecution,
    TimedState,
    Timing,
    eventually,
    never,
    parameter,
    replay_timed,
    sometimes,
    variable,
)
from timed_systems import (
    PROPERTIES,
    Judge,
    Parcel,
    Sender,
    StrictJudge,
    all_are_taken,
    breaks,
    none_is_late,
    race,
)


class EndlessSender(Sender):
    """Sends one parcel each ``interval`` ms, without end."""

    def on_tick(self) -> None:
        self.wire.send(Parcel(self.number))
        self.arm("tick", after=self.interval)


class NotingJudge(Judge):
    """Notes when it took its last parcel."""

    last_at: int = variable(-1)

    def take(self, message: Parcel) -> None:
        self.order = (*self.order, message.number)
        self.last_at = self.now


class FussyJudge(Judge):
    """Wants no parcel at all."""

    def take(self, message: Parcel) -> None:
        raise ValueError("no parcels, please")


@never
def taken_at_5(judge: ActorView) -> bool:
    """A parcel comes at 5 ms exactly."""
    return bool(judge.last_at == 5)


ASKED = (*PROPERTIES, taken_at_5)

noted_race = partial(race, judge=NotingJudge)


@st.composite
def races(draw: st.DrawFn) -> System:
    """One or two senders; exact and ranged latencies."""
    count = draw(st.integers(1, 2))
    starts = tuple(draw(st.integers(0, 3)) for _ in range(count))
    lows = tuple(draw(st.integers(0, 3)) for _ in range(count))
    delays = tuple(Latency(low, low + draw(st.integers(0, 2))) for low in lows)
    deadline = draw(st.integers(0, 6))
    counts = (draw(st.integers(1, 2)),) * count
    return noted_race(starts, delays, deadline, counts=counts, interval=draw(st.integers(0, 2)))


# A search that asks of every action and every ms whether it is allowed.

END = 20


def distances(system: System) -> dict[TimedState, int]:
    """Every reachable state, with the least number of events that lead to it."""
    execution = TimedExecution(system)
    level, found = [execution.initial()], {execution.initial(): 0}
    while level:
        following = []
        for state in level:
            for action in {each.action for each in execution.moments(state)}:
                for at in range(state.now, END):
                    after = execution.fire(state, action, at).state if execution.allows(state, action, at) else None
                    if after is not None and after not in found:
                        found[after] = found[state] + 1
                        following.append(after)
        level = following
    return found


def fewest_events(system: System, prop: Property) -> int | None:
    """How many events lead to a state that breaks the property; None when none do."""
    execution = TimedExecution(system)
    found = distances(system).items()
    return min((distance for state, distance in found if breaks(execution, prop, state)), default=None)


@given(races())
@settings(max_examples=60)
def test_it_finds_what_is_reachable_and_the_shortest_violations(system: System) -> None:
    result = explore_grid(system, ASKED)
    found = distances(system)
    assert (result.states, result.depth) == (len(found), max(found.values()))
    assert result.bounds_hit == ()
    for prop in ASKED:
        verdict, least = result.verdict(prop.name), fewest_events(system, prop)
        assert verdict.answer is (Answer.HOLDS if least is None else Answer.VIOLATED)
        if verdict.trace is not None:
            assert len(verdict.trace.steps) == least
            replay_timed(TimedExecution(system), verdict.trace)


@given(races(), st.integers(2, 5))
@settings(max_examples=40)
def test_a_coarser_grid_finds_no_more_and_does_not_hide_that_it_left_times_out(system: System, step: int) -> None:
    fine, coarse = explore_grid(system, ASKED), explore_grid(system, ASKED, step=step)
    assert coarse.states <= fine.states
    for prop in ASKED:
        answers = fine.verdict(prop.name).answer, coarse.verdict(prop.name).answer
        assert answers[1] in (answers[0], Answer.BOUNDED)
        assert coarse.bounds_hit == ("grid",) or answers[0] is answers[1]


def answer(result: GridResult, name: str) -> tuple[Answer, tuple[str, ...]]:
    verdict = result.verdict(name)
    return verdict.answer, verdict.bounds_hit


def test_exact_times_need_no_grid() -> None:
    system = noted_race((3,), (Latency.exactly(2),), 7)
    for step in (1, 10, 1000):
        assert answer(explore_grid(system, (none_is_late,), step=step), "none_is_late") == (Answer.HOLDS, ())
        assert explore_grid(system, (taken_at_5,), step=step).verdict("taken_at_5").answer is Answer.VIOLATED


def test_what_happens_between_the_points_of_the_grid_is_left_out_and_that_is_said() -> None:
    system = noted_race((1,), (Latency(1, 8),), 99)
    assert answer(explore_grid(system, (taken_at_5,)), "taken_at_5") == (Answer.VIOLATED, ())
    coarse = explore_grid(system, (taken_at_5,), step=4)
    assert answer(coarse, "taken_at_5") == (Answer.BOUNDED, ("grid",))
    assert coarse.verdict("taken_at_5").note == "times between the multiples of 4 ms were left out"


def test_a_message_whose_times_lie_between_two_points_of_the_grid_arrives() -> None:
    system = noted_race((1,), (Latency(1, 3),), 99)
    result = explore_grid(system, (all_are_taken,), step=10)
    assert answer(result, "all_are_taken") == (Answer.BOUNDED, ("grid",))
    assert {each.verdict("no_deadlock").answer for each in (result, explore_grid(system))} == {
        Answer.BOUNDED,
        Answer.HOLDS,
    }


STRICT = race((0,), (Latency.exactly(1),), 9, judge=StrictJudge)
ENDLESS = noted_race((0,), (Latency.exactly(1),), 30, interval=10, sender=EndlessSender)


def test_a_horizon_cuts_off_what_comes_later() -> None:
    cut = explore_grid(ENDLESS, (none_is_late,), horizon=30)
    assert answer(cut, "none_is_late") == (Answer.BOUNDED, ("horizon",))
    assert cut.verdict("none_is_late").note == "nothing after 30 ms was followed"
    late = explore_grid(ENDLESS, (none_is_late,), horizon=31).verdict("none_is_late")
    assert late.answer is Answer.VIOLATED
    assert late.trace is not None
    assert late.trace.steps[-1].at == 31


@pytest.mark.parametrize("limits", [Limits(max_states=7), Limits(max_memory=20_000)])
def test_a_limit_ends_the_search_and_nothing_is_claimed(limits: Limits) -> None:
    result = explore_grid(ENDLESS, (taken_at_5,), limits=limits)
    verdict = result.verdict("taken_at_5")
    assert verdict.answer is Answer.UNKNOWN
    assert verdict.note.startswith(f"{result.stopped} reached after {result.states} states, ")
    assert result.stopped in ("max_states", "max_memory")


def test_a_full_queue_and_a_depth_are_bounds() -> None:
    slow = Latency.exactly(50)
    full = explore_grid(race((0,), (slow,), 99, counts=(3,), bounds=Bounds(queue=2)), (none_is_late,))
    assert answer(full, "none_is_late") == (Answer.BOUNDED, ("queue",))
    assert full.verdict("no_deadlock").answer is not Answer.VIOLATED
    short = explore_grid(race((0,), (slow,), 99, bounds=Bounds(depth=1)), (none_is_late,))
    assert answer(short, "none_is_late") == (Answer.BOUNDED, ("depth",))
    assert short.depth == 1


def test_unexpected_messages_and_errors_end_a_run_and_are_found() -> None:
    late = explore_grid(race((3,), (Latency.exactly(1),), 2, judge=StrictJudge), ())
    verdict = late.verdict("no_unexpected_message")
    assert verdict.answer is Answer.VIOLATED
    assert verdict.trace is not None
    assert [(each.at, each.outcome) for each in verdict.trace.steps] == [
        (2, "handled"),
        (3, "handled"),
        (4, "unexpected"),
    ]
    raising = explore_grid(race((3,), (Latency.exactly(1),), 9, judge=FussyJudge), ())
    verdict = raising.verdict("no_error")
    assert verdict.answer is Answer.VIOLATED
    assert verdict.trace is not None
    assert "no parcels, please" in verdict.trace.steps[-1].reason


def test_where_nothing_can_happen_any_more_and_work_is_left_is_a_deadlock() -> None:
    verdict = explore_grid(race((0,), (Latency.exactly(0),), None, judge=StrictJudge), ()).verdict("no_deadlock")
    assert verdict.answer is Answer.VIOLATED
    assert verdict.note == "judge in open is no end state"
    assert verdict.trace is not None
    assert len(verdict.trace.steps) == 2


class Lamp(Actor):
    """May be lit once, at any time; ``guarded``: not before 5 ms."""

    guarded: bool = parameter(False)

    lit_at: int = variable(0)

    dark = State(initial=True)
    lit = State()

    light = Decision(dark.to(lit, cond="may"))

    def may(self) -> bool:
        return not self.guarded or self.now >= 5

    def on_light(self) -> None:
        self.lit_at = self.now


def lamp(guarded: bool = False) -> System:
    return System("lamp", {"lamp": Lamp(guarded=guarded)}, timing=Timing())


@sometimes
def lit_at_7(lamp: ActorView) -> bool:
    """The lamp is lit at 7 ms."""
    return bool(lamp.is_in("lit") and lamp.lit_at == 7)


@never
def lit_before_5(lamp: ActorView) -> bool:
    """The lamp is lit before 5 ms."""
    return bool(lamp.is_in("lit") and lamp.lit_at < 5)


@eventually
def lit(lamp: ActorView) -> bool:
    """The lamp is lit in every run."""
    return lamp.is_in("lit")


@never
def broken(lamp: ActorView) -> bool:
    """A predicate that cannot be evaluated once the lamp is lit."""
    return bool(lamp.is_in("lit") and 1 // 0)


def test_a_decision_at_any_time_is_tried_up_to_a_horizon() -> None:
    result = explore_grid(lamp(), (lit_at_7, lit_before_5, lit, broken), horizon=9)
    assert result.states == 11
    assert [each.answer for each in result.verdicts[:4]] == [
        Answer.HOLDS,
        Answer.VIOLATED,
        Answer.UNKNOWN,
        Answer.UNKNOWN,
    ]
    assert (
        result.verdict("broken").note
        == "error: the predicate raised ZeroDivisionError: integer division or modulo by zero"
    )
    guarded = explore_grid(lamp(guarded=True), (lit_before_5,), horizon=9)
    assert guarded.states == 6
    assert answer(guarded, "lit_before_5") == (Answer.BOUNDED, ("horizon",))
    early = explore_grid(lamp(), (lit_at_7,), horizon=6).verdict("lit_at_7")
    assert early.answer is Answer.BOUNDED


def test_a_scheduled_decision_needs_no_horizon() -> None:
    timing = Timing(schedule={("lamp", "light"): 7})
    result = explore_grid(replace(lamp(), timing=timing), (lit_at_7, lit_before_5))
    assert [each.answer for each in result.verdicts[:2]] == [Answer.HOLDS, Answer.HOLDS]


@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda: explore_grid(replace(STRICT, timing=None)), "system race is untimed"),
        (lambda: explore_grid(ENDLESS, step=0), "a grid of 0 ms: its step is 1 ms or more"),
        (lambda: explore_grid(ENDLESS, (lit,)), "lit"),
        (lambda: explore_grid(lamp()), "system lamp: light may come at any time, so the grid needs a horizon"),
        (
            lambda: explore_grid(noted_race((0,), (Latency(1),), None)),
            "system race: wire_0 may come at any time, so the grid needs a horizon",
        ),
    ],
)
def test_what_cannot_be_explored_is_refused(ask: Callable[[], object], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        ask()
    assert text in str(caught.value)
    assert "\n" not in str(caught.value)
