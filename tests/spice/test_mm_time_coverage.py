"""Over the family's systems every transition of every chart happens somewhere, and nothing unexpected anywhere.

The systems of claims are run on typical numbers: what they do on others is what the claims are about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from switchover.models.language import Actor, Property, System, TimedExecution, TimedState, Wrap32
from switchover.models.language.stepping import describe_transitions
from switchover.models.language.view import arguments
from switchover.models.spice.mm_time import family
from switchover.models.spice.mm_time.client import StreamClient, client_charts
from switchover.models.spice.mm_time.exercises import EXERCISES
from switchover.models.spice.mm_time.messages import PlaybackData, PlaybackStop

CASES = {name: case for claim in family.claims for name, case in (*claim.results(), *claim.controls())}

#: A display channel that is told to go over twice: its session would then be told so twice, which it does not expect.
TOLD_TWICE = {"waiting → waiting on migrate", "holding → holding on migrate", "unclocked → unclocked on migrate"}


@dataclass
class Run:
    """What happened in all runs of a system in which everything happens as early as it can, ties in either order."""

    system: System
    states: list[TimedState] = field(default_factory=list)
    fired: set[tuple[type[Actor], int]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)


def run(system: System) -> Run:
    execution, found = TimedExecution(system), Run(system)
    seen, pending = set(), [execution.initial()]
    while pending:
        state = pending.pop()
        if state in seen:
            continue
        seen.add(state)
        found.states.append(state)
        pending += _successors(execution, state, found)
    return found


def _successors(execution: TimedExecution, state: TimedState, found: Run) -> Iterator[TimedState]:
    for moment in execution.moments(state):
        if not execution.allows(state, moment.action, moment.earliest):
            continue
        fired = execution.fire(state, moment.action, moment.earliest)
        for each in fired.firing.steps:
            chart = type(execution.execution.layout.workers[each.actor])
            found.fired |= {(chart, number) for number in each.result.transitions}
        if fired.state is not None:
            yield fired.state
        elif fired.firing.outcome.value in ("unexpected", "error"):
            found.wrong.append(fired.firing.reason)


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    finite = {name: case for name, case in CASES.items() if case.over is not None and not case.over.endless}
    made = {name: case.system(**case.over.typical()) for name, case in finite.items() if case.over is not None}
    made |= {name: make() for name, make in family.systems.items()}
    made |= {f"exercise {number}": make() for number, make in enumerate(EXERCISES)}
    return {name: run(system) for name, system in made.items()}


def test_every_transition_happens_somewhere(runs: dict[str, Run]) -> None:
    charts = {type(worker) for each in runs.values() for worker in each.system.layout.workers}
    fired = {each for found in runs.values() for each in found.fired}
    dead = {
        (chart.__name__, text)
        for chart in charts
        for number, text in enumerate(describe_transitions(chart))
        if (chart, number) not in fired
    }
    assert {text for _, text in dead} == TOLD_TWICE, sorted(dead)


def test_nothing_unexpected_happens(runs: dict[str, Run]) -> None:
    assert {name: each.wrong for name, each in runs.items() if each.wrong} == {}


def test_every_property_is_judged_in_every_system_that_it_is_asked_of(runs: dict[str, Run]) -> None:
    for name, case in CASES.items():
        if name in runs:
            assert isinstance(case.property, Property)
            assert any(True for _ in _truths(runs[name], case.property)), name


def _truths(found: Run, prop: Property | str) -> Iterator[bool]:
    assert isinstance(prop, Property)
    execution = TimedExecution(found.system)
    for state in found.states:
        if prop.when == "always" or execution.is_quiescent(state):
            yield bool(prop.predicate(*arguments(execution.system, prop, state.system)))


def test_sound_without_a_voice_sets_no_timer() -> None:
    """PLAYBACK_DATA before START is noted, and nothing else."""
    client = StreamClient(client_charts(audio_back_end=400))
    client.deliver("playback", False, PlaybackData(Wrap32.of(5)), 0)
    client.deliver("playback", False, PlaybackStop(), 2_000)
