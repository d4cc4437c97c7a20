"""Plans give what the library's engine gives: on drawn charts, on every example, on every actor of the families."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter

import pytest
import switchover.models
from example_charts import ACTORS, SYSTEMS, Nested
from hypothesis import HealthCheck, given, settings
from local_steps import walk
from random_charts import actor_classes, make_actors
from switchover.models.language import Actor, Decision, Execution, Family, State, System
from switchover.models.language.plans import plan_step
from switchover.models.language.stepping import Outcome, step


def assert_agreement(actor: Actor, limit: int) -> Counter[Outcome]:
    """Both ways on every local step of a walk; how they ended."""
    ended: Counter[Outcome] = Counter()
    for snapshot, event, expected in walk(actor, step, limit):
        assert plan_step(actor, snapshot, event) == expected, (snapshot, event)
        ended[expected.outcome] += 1
    return ended


_OUTCOMES_SEEN: Counter[Outcome] = Counter()


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(actor_classes())
def test_plans_agree_on_drawn_charts(cls: type[Actor]) -> None:
    (actor,) = make_actors(cls)
    _OUTCOMES_SEEN.update(assert_agreement(actor, 120))


def test_drawn_charts_end_steps_in_every_way() -> None:
    if not _OUTCOMES_SEEN:
        test_plans_agree_on_drawn_charts()
    assert set(_OUTCOMES_SEEN) == set(Outcome)


@pytest.mark.parametrize("cls", ACTORS)
def test_plans_agree_on_examples(cls: type[Actor]) -> None:
    assert assert_agreement(cls(), 3_000)[Outcome.HANDLED]


def test_plans_agree_from_another_start() -> None:
    actor = Nested(start_in="second", initial={"count": 1}, limit=3)
    assert actor._initial_snapshot.states == ("work", "inner", "second")
    assert assert_agreement(actor, 2_000)[Outcome.HANDLED]


def family_modules() -> list[object]:
    found = pkgutil.walk_packages(switchover.models.__path__, "switchover.models.")
    return [importlib.import_module(each.name) for each in found]


def actors_of_families() -> list[type[Actor]]:
    found = {
        each: None
        for module in family_modules()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Actor) and not each._abstract
    }
    return list(found)


def needs_no_parameter(cls: type[Actor]) -> bool:
    return not any(each.required for each in cls._parameter_fields.values())


# Those that need parameters come with their systems, below.
@pytest.mark.parametrize(
    "cls", list(filter(needs_no_parameter, actors_of_families())), ids=lambda cls: cls.__qualname__
)
def test_plans_agree_on_the_families_actors(cls: type[Actor]) -> None:
    assert_agreement(cls(), 400)


def systems() -> list[System]:
    families = {
        id(each): each for module in family_modules() for each in vars(module).values() if isinstance(each, Family)
    }
    made = [maker() for family in families.values() for maker in family.systems.values()]
    return [*(maker() for maker in SYSTEMS), *made]


@pytest.mark.parametrize("system", systems(), ids=lambda system: system.name)
def test_both_executions_agree(system: System) -> None:
    fast, reference = Execution(system), Execution(system, reference=True)
    frontier = [fast.initial()]
    assert frontier == [reference.initial()]
    seen = set(frontier)
    for state in frontier[:150]:
        firings = fast.firings(state)
        assert firings == reference.firings(state)
        for _, firing in firings:
            if firing.state is not None and firing.state not in seen:
                seen.add(firing.state)
                frontier.append(firing.state)
    assert fast._steps == reference._steps


def test_an_endless_chain_of_eventless_transitions_is_an_error_both_ways() -> None:
    class Spinner(Actor):
        calm = State(initial=True)
        here = State()
        there = State()
        spin = Decision(calm.to(here))
        here.to(there)
        there.to(here)

    assert assert_agreement(Spinner(), 10) == {Outcome.ERROR: 1}
    execution = Execution(System("spin", {"spinner": Spinner()}))
    ((_, firing),) = execution.firings(execution.initial())
    assert firing.reason.endswith("Spinner: more than 64 transitions after one event")
