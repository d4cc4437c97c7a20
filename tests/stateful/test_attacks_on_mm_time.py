"""Claims about multimedia time under attack: the numbers for which they fail are drawn, and lie where they should."""

from __future__ import annotations

import pytest
from breaking import is_broken
from claimed import attacked, cases, system_of
from switchover.checks.stateful import Effort
from switchover.models.language import Answer, Property

FAILING = [
    "MM01",
    "MM02/since_0_34",
    "MM03/mutation:frames that take longer than the latency",
    "MM06/mutation:INIT after the other channels",
    "MM07/1a",
    "MM08/2b-a",
    "MM11/one",
    "MM12/signed-skew-ahead",
    "MM13/mutation:without gives_up_waiting",
    "MM15",
]


@pytest.mark.parametrize("name", FAILING)
def test_numbers_are_found_for_which_it_fails(name: str) -> None:
    found, case = attacked(name, Effort()).outcomes[0], cases()[name]
    trace = found.verdict.trace
    assert found.verdict.answer is Answer.VIOLATED
    assert trace is not None
    assert isinstance(case.property, Property)
    assert case.over is not None
    assert all(case.over.within(**trace.values))
    assert found.verdict.as_stated is (None if case.over.stated is None else case.over.stated(**trace.values))
    assert found.verdict.as_stated is not False
    assert is_broken(system_of(name, trace), case.property, trace)


SURVIVORS = ["MM03/unpatched", "MM03/reference", "MM06/semi_seamless", "MM13/late", "MM13/no-clock"]


@pytest.mark.parametrize("name", SURVIVORS)
def test_what_holds_survives(name: str) -> None:
    found = attacked(name, Effort(examples=60)).outcomes[0]
    assert (found.verdict.answer, found.examples) == (Answer.BOUNDED, 60)
