"""Claims about linking under attack: those that fail are found to fail, the reference design survives."""

from __future__ import annotations

from typing import Any

import pytest
from breaking import is_broken
from claimed import attacked, cases, system_of
from switchover.checks.explicit import explore
from switchover.checks.stateful import Effort, attack
from switchover.models.language import Answer, Property, replay
from switchover.models.language.execution import Execution
from switchover.models.spice.link_timing import properties as must
from switchover.models.spice.link_timing.designs import DISPLAY, FAILS, proposal, shipped
from switchover.models.spice.link_timing.session import ClientSession

FAILING = [
    "LT03/mutation:seamless: forget one channel on cancel",
    "LT07",
    "LT13",
    "LT15/mutation:count each client twice (H28)",
    "LT17",
    "LT20",
    "LT23",
    "LT28/shipped",
]


@pytest.mark.parametrize("name", FAILING)
def test_what_fails_is_found_to_fail_and_its_trace_is_a_run(name: str) -> None:
    found = attacked(name, Effort()).outcomes[0]
    trace, asked = found.verdict.trace, cases()[name].property
    assert found.verdict.answer is Answer.VIOLATED
    assert trace is not None
    assert isinstance(asked, Property)
    assert is_broken(system_of(name, trace), asked, trace)
    assert 1 <= found.examples <= Effort().examples


@pytest.mark.parametrize("name", ["LT07", "LT13", "LT30/proposal", "LT10/new-old-new"])
def test_a_trace_is_about_as_short_as_can_be(name: str) -> None:
    case = cases()[name]
    shortest = explore(case.system(), properties=[case.property]).verdicts[0].trace
    found = attacked(name, Effort()).outcomes[0].verdict.trace
    assert found is not None
    assert shortest is not None
    assert len(found.steps) <= len(shortest.steps) + 2


SURVIVORS = ["LT27/1-channel", "LT28/reference", "LT32/repair:refuse it while a client is in service"]


@pytest.mark.parametrize("name", SURVIVORS)
def test_the_reference_design_survives(name: str) -> None:
    found = attacked(name, Effort(examples=150)).outcomes[0]
    assert found.verdict.answer is Answer.BOUNDED
    assert found.verdict.trace is None
    assert found.examples == 150
    assert "no violation in 150 examples" in found.verdict.note


def test_two_questions_of_one_system_share_their_examples() -> None:
    asked: list[Property | str] = [must.hears_the_source, "no_error", must.waits_with_every_reply_in]
    found = attack(cases()["LT28/shipped"].system(), asked, Effort(examples=40))
    names = ["hears_the_source", "no_error", "waits_with_every_reply_in"]
    assert [each.verdict.property for each in found.outcomes] == names
    answers = [each.verdict.answer for each in found.outcomes]
    assert answers == [Answer.VIOLATED, Answer.BOUNDED, Answer.BOUNDED]
    assert found.outcomes[0].examples < found.outcomes[1].examples == found.examples == 40


def test_a_deadlock_is_found_and_said_what_is_stuck() -> None:
    system = proposal(channels=(DISPLAY,))()
    verdict = attack(system, ["no_deadlock"]).outcomes[0].verdict
    assert verdict.answer is Answer.VIOLATED
    assert verdict.note
    assert verdict.trace is not None
    states = replay(Execution(system), verdict.trace)
    assert not Execution(system).firings(states[-1])


def test_a_handler_that_was_changed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machines under attack are the charts themselves."""

    def forgets_the_channels(self: Any) -> None:
        self.disarm("link_limit")
        if self.twin >= 0:
            if self.main[self.twin].is_open:
                self.main[self.twin].close()
            self.twin = -1
            self.twin_up = self.handshake = self.agreed = False

    asked = [must.back_on_the_source_after_a_failure]
    system, effort = shipped(channels=(DISPLAY,), **FAILS), Effort(examples=60)
    assert attack(system(), asked, effort).outcomes[0].verdict.answer is Answer.BOUNDED
    monkeypatch.setattr(ClientSession, "abort", forgets_the_channels)
    assert attack(system(), asked, effort).outcomes[0].verdict.answer is Answer.VIOLATED


def test_the_same_seed_finds_the_same_and_another_something_else() -> None:
    one, again, other = (attacked("LT28/shipped", Effort(seed=seed)).outcomes[0] for seed in (0, 0, 1))
    assert (one.examples, one.verdict.trace) == (again.examples, again.verdict.trace)
    assert one.examples != other.examples


@pytest.mark.parametrize("name", ["LT01", "LT02/shipped"])
def test_tickets_expire_within_the_stated_region(name: str) -> None:
    verdict = attacked(name, Effort(examples=200)).outcomes[0].verdict
    assert verdict.answer is Answer.VIOLATED
    assert verdict.as_stated
    assert verdict.trace is not None
    assert set(verdict.trace.values) == {"lifetime", "migration", "link"}
    asked = cases()[name].property
    assert isinstance(asked, Property)
    assert is_broken(system_of(name, verdict.trace), asked, verdict.trace)
