"""One channel that the client cannot have, or loses, does not cost it the others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from switchover.checks.explicit import explore
from switchover.models.language import ActorView as View
from switchover.models.language import Answer, always
from switchover.models.spice.link_timing.designs import DISPLAY, reference, shipped
from switchover.models.spice.link_timing.variant import ALL_REPAIRS

BREAKS: dict[str, Any] = {"channels": (DISPLAY,), "breaks": ("display0_0_0",)}
REFUSES: dict[str, Any] = {"channels": (DISPLAY,), "targets": (1, 0), "ticket_may_expire": True}


@always(when="quiescent")
def main_follows_the_guest(session: View, hypervisor: tuple[View, ...]) -> bool:
    """The main channel is served where the guest runs."""
    running = [number for number, each in enumerate(hypervisor) if each.runs_guest]
    return len(running) != 1 or bool(session.host == running[0])


@always(when="quiescent")
def waits_for_no_channel(session: View) -> bool:
    """A session in service waits for no channel when nothing is under way."""
    return not session.is_in("completed") or bool(session.unready == 0)


@always(when="quiescent")
def is_not_half_way(session: View) -> bool:
    """The session has gone over, or has not."""
    return not session.is_in("swapping", "handing_over")


@pytest.mark.parametrize("seamless", [False, True])
def test_a_channel_whose_source_connection_breaks_does_not_hold_up_the_handover(seamless: bool) -> None:
    found = explore(reference(seamless=seamless, **BREAKS)(), properties=(main_follows_the_guest,))
    assert found.verdict("main_follows_the_guest").answer is Answer.HOLDS
    assert found.verdict("no_deadlock").answer is Answer.HOLDS


def test_without_the_repair_it_does() -> None:
    repairs = replace(ALL_REPAIRS, watches_twin=False)
    system = shipped(seamless=True, slots=3, repairs=repairs, **BREAKS)()
    assert explore(system, properties=(main_follows_the_guest,)).verdict("main_follows_the_guest").answer is (
        Answer.VIOLATED
    )


@pytest.mark.parametrize("seamless", [False, True])
def test_a_channel_that_is_refused_holds_up_no_later_handover(seamless: bool) -> None:
    system = reference(seamless=seamless, **REFUSES)()
    found = explore(system, properties=(waits_for_no_channel, is_not_half_way))
    assert found.verdict("waits_for_no_channel").answer is Answer.HOLDS
    assert found.verdict("is_not_half_way").answer is Answer.HOLDS
