"""Over the family's variants every transition of every chart happens somewhere, and nothing unexpected anywhere."""

from __future__ import annotations

import pytest
from switchover.checks.explicit import Exploration, Limits, dead_transitions, explore
from switchover.models.language import Answer, System
from switchover.models.spice.link_timing import family
from switchover.models.spice.link_timing.exercises import EXERCISES

ENOUGH = Limits(max_states=400_000)


def _runs() -> dict[str, tuple[System, Exploration]]:
    runs: dict[str, tuple[System, Exploration]] = {}
    cases = [case for claim in family.claims for _, case in (*claim.results(), *claim.controls())]
    for make in (*(case.system for case in cases if case.over is None), *EXERCISES):
        system = make()
        if system.name not in runs:
            runs[system.name] = (system, explore(system, limits=ENOUGH))
    return runs


@pytest.fixture(scope="module")
def runs() -> dict[str, tuple[System, Exploration]]:
    return _runs()


def test_every_transition_happens_somewhere(runs: dict[str, tuple[System, Exploration]]) -> None:
    dead = [f"{each.actor}: {each.transition}" for each in dead_transitions(runs.values())]
    # The one way of the mutation in which the server goes wrong at once.
    assert [each for each in dead if "[trusting]" not in each] == []


def test_no_design_meets_what_it_does_not_expect(runs: dict[str, tuple[System, Exploration]]) -> None:
    wrong = []
    for name, (system, found) in runs.items():
        if "trusting" in name or _is_mutated(system):
            continue
        for verdict in found.verdicts:
            if verdict.property in ("no_unexpected_message", "no_error") and verdict.answer is Answer.VIOLATED:
                assert verdict.trace is not None
                wrong.append(f"{name}: {verdict.trace.steps[-1].reason}")
    assert wrong == []


def _is_mutated(system: System) -> bool:
    mutations = getattr(system.variant, "mutations", None)
    return mutations is not None and mutations != type(mutations)()
