"""Proofs for runs without end: what is proved, what is not, and that a wrong invariant is not believed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from endless_systems import (
    BOOKS,
    CLOCK,
    DETECTION,
    IN_TIME,
    OVER_STREAM,
    RING,
    SLOW_NETWORK,
    TWO_WAITING,
    books,
    clock_and_frames,
    detector,
    never_late,
    no_age_is_wrong,
    no_more_than_were_sent,
    nothing_is_judged_before_the_clock,
    sender_and_display,
    token_ring,
    twenty_images_come_first,
    two_work_at_once,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.confirming import NotConfirmedError, confirm
from switchover.checks.symbolic.induction import Invariant
from switchover.checks.symbolic.invariants import Shapes, Valuations, affine_hull, candidates
from switchover.checks.symbolic.proving import ProofLimits, ProofResult, assumed, prove
from switchover.checks.symbolic.terms import integer
from switchover.checks.symbolic.transition_system import TransitionSystem
from switchover.models.language import (
    ActorView,
    Answer,
    DefinitionError,
    Open,
    Property,
    System,
    TimedExecution,
    replay_timed,
    sometimes,
)
from switchover.models.language.region import Condition, Linear, formula_holds

Make = Callable[..., System]
Question = tuple[Make, Property, Open]

HOLDING: dict[str, Question] = {
    "never late": (sender_and_display, never_late, IN_TIME),
    "never late, two waiting": (sender_and_display, never_late, TWO_WAITING),
    "detection": (detector, twenty_images_come_first, DETECTION),
    "token ring": (token_ring, two_work_at_once, RING),
    "clock first": (clock_and_frames, nothing_is_judged_before_the_clock, CLOCK),
    "age": (clock_and_frames, no_age_is_wrong, CLOCK),
    "books": (books, no_more_than_were_sent, BOOKS),
}

MUTATED: dict[str, Question] = {
    "never late, slow network": (sender_and_display, never_late, SLOW_NETWORK),
    "never late, delay from arrival": (partial(sender_and_display, counts_from_arrival=True), never_late, IN_TIME),
    "detection after 19": (partial(detector, needed=19), twenty_images_come_first, DETECTION),
    "token handed on too early": (partial(token_ring, hands_on_too_early=True), two_work_at_once, RING),
    "counted twice": (partial(books, counts_twice=True), no_more_than_were_sent, BOOKS),
    "clock not waited for": (
        partial(clock_and_frames, waits=False),
        nothing_is_judged_before_the_clock,
        CLOCK,
    ),
}

FEW = ProofLimits(seconds=5, spacer_seconds=1, search_seconds=1)


def system_of(make: Make, prop: Property, over: Open) -> TransitionSystem:
    return TransitionSystem(make(**{each.name: integer(each.name) for each in over.quantities}), prop, assumed(over))


@pytest.fixture(scope="module")
def in_time() -> ProofResult:
    return prove(*HOLDING["never late"])


@pytest.mark.parametrize("name", HOLDING)
def test_what_holds_for_ever_is_proved_and_confirmed(name: str) -> None:
    result = prove(*HOLDING[name])
    assert result.answer is Answer.HOLDS, result.note
    assert result.proof is not None
    assert [each.split(":")[0] for each in result.proof.confirmed] == ["initiation", "consecution", "closure", "safety"]
    assert confirm(system_of(*HOLDING[name]), result.invariant) == result.proof.confirmed


@pytest.mark.parametrize("name", MUTATED)
def test_a_mutation_is_refuted_by_a_run_that_replays(name: str) -> None:
    make, prop, over = MUTATED[name]
    result = prove(make, prop, over)
    assert result.answer is Answer.VIOLATED, result.note
    assert result.proof is None
    assert result.trace is not None
    replay_timed(TimedExecution(make(**result.trace.values)), result.trace)


def test_the_invariant_is_readable(in_time: ProofResult) -> None:
    assert in_time.proof is not None
    assert any(each.startswith("at rest: display.lateness") for each in in_time.proof.invariant)
    assert any("display.queue[0].drawn_at" in each and "display.show due" in each for each in in_time.proof.invariant)


def test_built_in_checks_are_proved() -> None:
    assert prove(sender_and_display, "no_error", IN_TIME).answer is Answer.HOLDS
    assert prove(token_ring, "no_unexpected_message", RING).answer is Answer.HOLDS


def test_what_goes_wrong_on_the_way_is_no_proof() -> None:
    result = prove(partial(token_ring, hands_on_too_early=True), "no_error", RING)
    assert result.answer is Answer.UNKNOWN
    assert "no_unexpected_message is violated on the way" in result.note


@pytest.mark.parametrize(
    ("rounds", "k", "method"), [(4, 1, "k-induction, k=1"), (1, 2, "k-induction, k=2"), (1, 1, "Spacer")]
)
def test_what_bounds_between_two_do_not_show(rounds: int, k: int, method: str) -> None:
    """An inequality of three: asked for, refuted one step back, or left to Spacer."""
    result = prove(books, no_more_than_were_sent, BOOKS, limits=ProofLimits(rounds=rounds, k=k))
    assert result.proof is not None
    assert result.proof.method == method
    assert confirm(system_of(*HOLDING["books"]), result.invariant, k) == result.proof.confirmed
    if k > 1:
        with pytest.raises(NotConfirmedError, match="safety"):
            confirm(system_of(*HOLDING["books"]), result.invariant, k=1)


# The independent check.


def test_every_conjunct_of_a_proof_is_needed(in_time: ProofResult) -> None:
    for key, formulas in in_time.invariant.items():
        for number in range(len(formulas)):
            weaker = {**in_time.invariant, key: formulas[:number] + formulas[number + 1 :]}
            with pytest.raises(NotConfirmedError):
                confirm(system_of(*HOLDING["never late"]), weaker)


def test_a_control_state_left_out_is_noticed(in_time: ProofResult) -> None:
    for key in in_time.invariant:
        rest: Invariant = {other: formulas for other, formulas in in_time.invariant.items() if other != key}
        with pytest.raises(NotConfirmedError, match="closure"):
            confirm(system_of(*HOLDING["never late"]), rest)


@settings(max_examples=25)
@given(st.data(), st.integers(-3, 3).filter(bool))
def test_a_wrong_equation_is_not_believed(in_time: ProofResult, data: st.DataObject, shift: int) -> None:
    key = data.draw(st.sampled_from(list(in_time.invariant)))
    number = data.draw(st.integers(0, len(in_time.invariant[key]) - 1))
    formulas = list(in_time.invariant[key])
    ((condition,),) = formulas[number]
    assume(condition.equal)
    formulas[number] = ((replace(condition, linear=condition.linear.plus(Linear((), shift))),),)
    with pytest.raises(NotConfirmedError):
        confirm(system_of(*HOLDING["never late"]), {**in_time.invariant, key: tuple(formulas)})


def test_an_invariant_of_another_system_is_not_believed(in_time: ProofResult) -> None:
    late = partial(sender_and_display, counts_from_arrival=True)
    with pytest.raises(NotConfirmedError):
        confirm(system_of(late, never_late, IN_TIME), in_time.invariant)


# Limits.


def test_control_without_end_is_unknown() -> None:
    anything = Open(OVER_STREAM, lambda delay, transit, **_: (transit <= delay,))
    result = prove(sender_and_display, never_late, anything, limits=replace(FEW, nodes=20))
    assert result.answer is Answer.UNKNOWN
    assert result.note


def test_no_time_is_unknown_with_the_depth_reached() -> None:
    result = prove(*HOLDING["age"], limits=replace(FEW, seconds=0))
    assert result.answer is Answer.UNKNOWN
    assert "time was up" in result.note
    assert f"no violation within {result.depth} events" in result.note


def test_assumptions_without_values_prove_nothing() -> None:
    nothing = Open(OVER_STREAM, lambda delay, **_: (delay < 0,))
    result = prove(sender_and_display, never_late, nothing)
    assert (result.answer, result.note) == (Answer.UNKNOWN, "no values satisfy what is assumed")


def test_other_properties_are_refused() -> None:
    @sometimes
    def late(display: ActorView) -> bool:
        """It is late."""
        return bool(display.lateness > 0)

    with pytest.raises(DefinitionError, match="only always and never"):
        prove(sender_and_display, late, IN_TIME)
    with pytest.raises(DefinitionError, match="there is no built-in check"):
        prove(sender_and_display, "no_deadlock", IN_TIME)


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    program = (
        "from test_proofs import *\n"
        "result = prove(*HOLDING['never late'])\n"
        "print(result.proof, result.states, result.steps)\n"
    )
    here = Path(__file__).parent
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(here)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


# Candidates.

ROWS = st.lists(st.tuples(*[st.integers(-6, 6)] * 4), min_size=1, max_size=6)


def seen_of(rows: list[tuple[int, ...]]) -> Valuations:
    seen = Valuations(("q", "x", "y", "z"))
    for row in rows:
        seen.add(row)
    return seen


@given(ROWS, st.lists(st.integers(-3, 3), min_size=6, max_size=6))
def test_equations_hold_of_what_was_seen_and_of_what_lies_between(
    rows: list[tuple[int, ...]], factors: list[int]
) -> None:
    equations, free = affine_hull(seen_of(rows))
    assert len(equations) + len(free) == 4
    used = factors[: len(rows)]
    used[0] += 1 - sum(used)
    between = tuple(sum(f * row[i] for f, row in zip(used, rows, strict=True)) for i in range(4))
    for row in (*rows, between):
        assert all(each.holds_at(dict(zip(("q", "x", "y", "z"), row, strict=True))) for each in equations)


@given(ROWS)
def test_candidates_fit_all_that_was_seen(rows: list[tuple[int, ...]]) -> None:
    shapes = Shapes(("q",), {-2, -1, 0, 1, 2, 5})
    asked = [((Condition(Linear.of({"x": 1, "y": 1}, -1)),), (Condition(Linear.of({"z": 1})),))]
    for formula in candidates(seen_of(rows), shapes, asked):
        for row in rows:
            assert formula_holds(formula, dict(zip(("q", "x", "y", "z"), row, strict=True)))
