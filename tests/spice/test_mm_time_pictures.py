"""Multimedia time in pictures: a run's clocks and frames, and what the charts lose beside what the regions say."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.language import System, TimedExecution, Trace, make_timed_trace
from switchover.models.language.execution import Action
from switchover.models.language.losses import LossSeries
from switchover.models.language.space_time import Fate, MessageKind
from switchover.models.language.timed_picture import picture_of
from switchover.models.spice.mm_time.designs import Variant, handover
from switchover.models.spice.mm_time.losses import INTERVAL, LATENCY, UPDATE, lost
from switchover.models.spice.mm_time.space_time import space_time

CLIENTS = ("unpatched", "patch_2013", "since_0_32", "since_0_34", "reference")
TYPICAL = {"clock_after": UPDATE, "clock_transit": 1, "transit": 1}


def earliest_run(system: System) -> Trace:
    """The run in which everything happens as early as it can."""
    execution = TimedExecution(system)
    state, taken = execution.initial(), list[tuple[Action, int]]()
    while True:
        limit = min(execution.limits(state), default=None)
        possible = [each for each in execution.moments(state) if limit is None or each.earliest <= limit]
        if not possible:
            return make_timed_trace(execution, taken)[0]
        first = min(possible, key=lambda each: each.earliest)
        taken.append((first.action, first.earliest))
        following = execution.fire(state, first.action, first.earliest).state
        assert following is not None
        state = following


@settings(max_examples=40)
@given(st.sampled_from(CLIENTS), st.integers(-3000, 3000), st.integers(0, 3), st.integers(0, 900))
def test_every_frame_has_the_fate_that_the_screen_saw(client: str, skew: int, ring: int, update: int) -> None:
    variant = Variant(client=client, skew=skew, ring=ring, frames=4, clock_after=update, clock_transit=1, transit=1)
    system = handover(variant)
    trace = earliest_run(system)
    picture = space_time(system, trace)
    assert len(picture.frames) == 4 + ring
    effects = [each for step in trace.steps for part in step.parts for each in part.effects]
    for fate, call in ((Fate.SHOWN, "Shown"), (Fate.DROPPED, "Dropped")):
        assert sum(each.fate is fate for each in picture.frames) == sum(f"send {call}(" in each for each in effects)
    assert all(each.fate is not Fate.WAITING for each in picture.frames)


@settings(max_examples=40)
@given(st.sampled_from(CLIENTS), st.integers(-3000, 3000), st.integers(0, 900))
def test_the_clock_jumps_from_the_source_s_time_to_the_destination_s(client: str, skew: int, update: int) -> None:
    variant = Variant(client=client, skew=skew, clock_after=update, clock_transit=1, transit=1)
    system = handover(variant)
    (jump,) = space_time(system, earliest_run(system)).jumps
    assert jump.before == jump.at - LATENCY
    assert jump.after == jump.at - 1 + skew - LATENCY


def test_a_scheduled_frame_is_due_when_the_client_s_clock_shows_its_time() -> None:
    system = handover(Variant(client="patch_2013", skew=6000, frames=20, **TYPICAL))
    picture = space_time(system, earliest_run(system))
    first = picture.frames[0]
    assert [each.due_at for each in first.schedules] == [7000 + LATENCY]
    assert first.note == "dropped, 300 ms late"
    (jump,) = picture.jumps
    for frame in picture.frames:
        if frame.fate is Fate.SHOWN:
            assert frame.ended_at == frame.schedules[-1].due_at
            assert frame.ended_at is not None
            assert frame.ended_at >= jump.at


def test_any_timed_trace_has_a_picture_with_all_its_messages() -> None:
    trace = earliest_run(handover(Variant(skew=-6000, **TYPICAL)))
    picture = picture_of(trace)
    deliveries = [each for each in trace.steps if each.kind == "deliver"]
    assert len(picture.messages) == len(deliveries)
    assert all(each.kind is MessageKind.OTHER for each in picture.messages)
    update = next(each for each in picture.messages if "MultiMediaTime" in each.label)
    assert (update.sent_at, update.received_at) == (1000 + UPDATE, 1001 + UPDATE)
    assert picture_of(Trace.from_json(trace.to_json())) == picture


@pytest.mark.parametrize("skew", [-2000, -400, -300, 100, 480, 600, 1200])
def test_what_the_charts_lose_in_case_1_is_what_the_regions_say(skew: int) -> None:
    """MM01, MM02 and MM07 as they are printed, to within a frame."""
    base = Variant(skew=skew, frames=(max(skew, 0) + 1100) // INTERVAL + 5, interval=INTERVAL, **TYPICAL)
    behind = UPDATE if skew + LATENCY <= 1 else 0
    unpatched = behind or max(0, skew - 1)
    patched = behind or (max(0, skew - 1) if skew <= 501 else UPDATE - LATENCY)
    assert abs(lost(replace(base, client="unpatched")) - unpatched) <= INTERVAL
    assert abs(lost(replace(base, client="patch_2013")) - patched) <= INTERVAL


def test_a_series_is_a_line_between_its_points() -> None:
    series = LossSeries("made up", ((0, 0), (10, 100), (11, 20)))
    assert [series.at(each) for each in (-5, 0, 5, 10, 11, 99)] == [0, 0, 50, 100, 20, 20]
