"""A thousand handovers in virtual time, with delays, endings and faults drawn anew: what holds of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from simulated_handovers import CLIENTS, SERVERS, SWITCH_HOST
from switchover.runtime.spice.handovers import Handover, Method, Result
from switchover.runtime.spice.scenario_session import Attempt, Fate, run_session
from switchover.runtime.spice.scenarios import Scenario

#: What is drawn but for faults that can keep a client from following whatever the design.
CALM = Scenario(latency=0.03, jitter=0.02, fail_rate=0.25, cancel_rate=0.25, video=None)
RESTLESS = replace(CALM, too_early_rate=0.4, at_once_rate=0.6)
FAULTY = replace(RESTLESS, ticket_expires_rate=0.15, refusal_rate=0.1, cut_rate=0.2)
REFERENCE = {"server": SERVERS["reference"], "client": CLIENTS["reference"]}


def attempts(scenario: Scenario, sessions: int) -> Iterator[Attempt]:
    for seed in range(sessions):
        yield from run_session(scenario, seed).attempts


def assert_nothing_is_wrong(attempt: Attempt) -> None:
    """Not lost or incomplete without a fault, never astray or stuck, nothing unexpected, nothing left behind."""
    assert not attempt.is_wrong, attempt
    if attempt.fate is Fate.COMPLETED:
        assert attempt.client == attempt.guest == attempt.plan.target
    elif attempt.fate in (Fate.FAILED, Fate.CANCELLED):
        assert attempt.guest == attempt.source


def _is_completed(handover: Handover) -> bool:
    return handover.result is Result.COMPLETED


@pytest.mark.parametrize("client", [CLIENTS["reference"], SWITCH_HOST], ids=["follows", "switch-host"])
def test_the_reference_design_survives_every_fault_that_can_be_survived(client: object) -> None:
    scenario = replace(FAULTY, **(REFERENCE | {"client": client}))
    found = list(attempts(scenario, 30))
    for each in found:
        assert_nothing_is_wrong(each)
    assert {each.fate for each in found} >= {Fate.COMPLETED, Fate.FAILED, Fate.CANCELLED, Fate.LOST}
    assert any(each.plan.cut is not None and each.fate is Fate.COMPLETED for each in found)


def test_the_reference_design_loses_nobody_however_management_hurries() -> None:
    found = list(attempts(replace(RESTLESS, **REFERENCE), 40))
    for each in found:
        assert_nothing_is_wrong(each)
        assert each.fate is not Fate.LOST
        assert (each.fate is Fate.COMPLETED) == any(map(_is_completed, each.handovers[-1:]))
    methods = {each.method for attempt in found for each in attempt.handovers if each.result is Result.COMPLETED}
    assert methods == {Method.SEAMLESS, Method.SWITCH_HOST}


def test_with_a_video_every_handover_has_its_blackout() -> None:
    found = list(attempts(Scenario(latency=0.03, jitter=0.02, attempts=10, **REFERENCE), 5))
    for attempt in found:
        assert_nothing_is_wrong(attempt)
        (handover,) = attempt.handovers
        assert handover.result is Result.COMPLETED
        assert handover.blackout is not None
        assert 0 < handover.blackout < 2


@pytest.mark.parametrize("client", ["shipped", "reference", "switch-host"])
@pytest.mark.parametrize("server", ["shipped", "seamless", "reference"])
def test_with_patience_no_design_loses_a_client(server: str, client: str) -> None:
    """Management that waits for the client, and for the end of each attempt, avoids the known races but those that
    leave connections behind at a target.
    """
    options = SWITCH_HOST if client == "switch-host" else CLIENTS[client]
    for each in attempts(replace(CALM, server=SERVERS[server], client=options), 7):
        assert_nothing_is_wrong(each if server == "reference" else replace(each, leaked=0))
        assert each.fate in (Fate.COMPLETED, Fate.FAILED, Fate.CANCELLED)


@pytest.mark.parametrize("client", [CLIENTS["reference"], SWITCH_HOST], ids=["follows", "switch-host"])
def test_a_client_that_may_not_enter_is_lost_exactly_when_its_guest_goes_without_it(client: object) -> None:
    """It stays with a guest that stays; it follows one that goes if its links were done before the ticket expired."""
    faults = Scenario(latency=0.03, fail_rate=0.3, ticket_expires_rate=0.4, refusal_rate=0.3, video=None)
    found = list(attempts(replace(faults, **(REFERENCE | {"client": client})), 15))
    for each in found:
        assert_nothing_is_wrong(each)
        may_fail = each.plan.ticket_lifetime is not None or each.plan.refuses
        was_linked = any(handover.connected is not None for handover in each.handovers)
        goes = each.guest != each.source
        assert (each.fate is Fate.LOST) == (goes and may_fail and not was_linked and not _is_early_enough(each))
    assert {each.fate for each in found} == {Fate.COMPLETED, Fate.FAILED, Fate.LOST}


def _is_early_enough(attempt: Attempt) -> bool:
    """Without linking beforehand, too, the ticket may live long enough."""
    return any(each.result is Result.COMPLETED for each in attempt.handovers)


def test_the_shipped_design_goes_astray_when_management_hurries() -> None:
    scenario = replace(RESTLESS, latency=0.05, server=SERVERS["shipped"], client=CLIENTS["shipped"])
    found = [each for seed in range(30) for each in run_session(scenario, seed).attempts]
    astray = [each for each in found if each.fate is Fate.ASTRAY]
    assert astray
    assert all(each.client != each.guest for each in astray)


def test_the_same_seed_gives_the_same_handovers() -> None:
    scenario = replace(FAULTY, **REFERENCE)
    assert run_session(scenario, 5) == run_session(scenario, 5)
    assert run_session(scenario, 5) != run_session(scenario, 6)


@pytest.mark.parametrize(
    "wrong",
    [{"cut_rate": 1.5}, {"fail_rate": 0.6, "cancel_rate": 0.6}, {"latency": -1}, {"hosts": 1}, {"attempts": 0}],
    ids=lambda wrong: "+".join(wrong),
)
def test_what_cannot_be_drawn_from_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"expected|at most"):
        Scenario(**wrong)  # type: ignore[arg-type]
