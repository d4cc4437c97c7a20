"""A handler that is not a function of (snapshot, event) is caught, whatever it depends on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import deterministic_or_not as systems
import pytest
from switchover.models.language import Execution, NondeterminismError, check_deterministic

CAUGHT_HERE = [systems.from_random, systems.from_clock, systems.from_counter, systems.from_list]
CAUGHT_ELSEWHERE = [systems.from_coarse_clock, systems.from_identity, systems.from_set_order, systems.from_hash]


@pytest.mark.parametrize("source", CAUGHT_HERE, ids=lambda each: each.__name__)
def test_two_runs_from_one_snapshot_differ(source: Callable[[], int]) -> None:
    with pytest.raises(NondeterminismError) as caught:
        check_deterministic(partial(systems.make, source), hash_seeds=())
    text = str(caught.value)
    assert text.startswith("Noting in idle on note is not a function of its inputs: two runs differ: variables (")
    assert "\n" not in text


@pytest.mark.parametrize("source", CAUGHT_ELSEWHERE, ids=lambda each: each.__name__)
def test_another_process_gives_another_result(source: Callable[[], int]) -> None:
    assert check_deterministic(partial(systems.make, source), hash_seeds=()) == 2  # not seen from here
    with pytest.raises(NondeterminismError) as caught:
        check_deterministic(partial(systems.make, source), hash_seeds=(1,))
    text = str(caught.value)
    assert text.startswith("Noting in idle on note is not a function of its inputs: another process (PYTHONHASHSEED=1)")
    assert "\n" not in text


def test_functions_of_their_inputs_pass_in_every_process() -> None:
    visited = check_deterministic(systems.good_system, hash_seeds=(1, 2))
    assert visited >= 20
    assert check_deterministic(partial(systems.make, systems.from_snapshot), hash_seeds=(3,)) == 2


def test_the_walk_stops_at_its_limit() -> None:
    assert check_deterministic(systems.good_system, limit=5, hash_seeds=()) < check_deterministic(
        systems.good_system, hash_seeds=()
    )


def test_an_execution_may_run_each_new_step_twice() -> None:
    execution = Execution(systems.random_system(), twice=True)
    with pytest.raises(NondeterminismError, match=r"^Noting in idle on note"):
        execution.firings(execution.initial())


def test_a_maker_that_another_process_cannot_find_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a system's maker must be a function of a module, not a local one$"):
        check_deterministic(lambda: systems.good_system())


def test_what_is_read_is_checked_as_well() -> None:
    with pytest.raises(NondeterminismError, match=r"^Choosy\.reads or listens in idle"):
        check_deterministic(systems.make_reader, hash_seeds=())
