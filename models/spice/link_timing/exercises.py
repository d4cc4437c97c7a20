"""Systems that no claim is about, explored so that every transition of the charts is seen to happen somewhere."""

from __future__ import annotations

from typing import Any

from switchover.models.language.claim import SystemMaker

from .channels import Kind
from .designs import (
    CHAINED,
    FAILS,
    REFUSING,
    RETRY_ELSEWHERE,
    THERE_AND_BACK,
    proposal,
    reference,
    shipped,
    strangers,
)
from .destination import Answers
from .variant import ALL_REPAIRS, Repairs

_ONE = (Kind.DISPLAY,)
_THEN_REFUSED = {**RETRY_ELSEWHERE, "answers": (Answers.YES, Answers.YES, Answers.REFUSES)}
_CHAINED_AND_FAILING = {**CHAINED, "may_fail": True}
_INPUTS: dict[str, Any] = {"channels": (Kind.INPUTS,)}

EXERCISES: tuple[SystemMaker, ...] = (
    shipped(may_quit=True, may_fail=True, channels=_ONE),
    shipped(may_quit=True, seamless=True, channels=_ONE),
    shipped(may_quit=True, seamless=True, channels=(Kind.DISPLAY, Kind.INPUTS), registers_late=True),
    shipped(may_cancel=True, restarts=False, channels=_ONE),
    shipped(may_cancel=True, seamless=True, restarts=False, channels=_ONE),
    reference(may_quit=True, seamless=True, targets=(1, 0), channels=_ONE),
    shipped(ticket_may_expire=True, ticket_may_be_renewed=True, channels=_ONE),
    shipped(ticket_may_expire=True, ticket_may_be_renewed=True, seamless=True, channels=_ONE),
    proposal(ticket_may_expire=True, channels=_ONE),
    shipped(gives_info=False, channels=_ONE),
    shipped(changes_target=True, targets=(1, 2), hosts=3, slots=3, channels=_ONE),
    shipped(changes_target=True, follows=False, targets=(1, 2), hosts=3, slots=3, channels=_ONE),
    shipped(changes_target=True, seamless=True, targets=(1, 2), hosts=3, slots=3, channels=_ONE),
    reference(changes_target=True, seamless=True, targets=(1, 2), hosts=3, channels=_ONE),
    shipped(client_connected=False, channels=_ONE),
    shipped(client_connected=False, seamless=True, channels=_ONE),
    shipped(seamless=True, agrees_to_seamless=False, channels=_ONE),
    shipped(seamless=True, channels=(Kind.PLAYBACK,)),
    reference(drops_linked=True, seamless=True, channels=(Kind.DISPLAY, Kind.CURSOR), may_fail=True),
    reference(drops_linked=True, channels=(Kind.DISPLAY, Kind.CURSOR), **FAILS),
    reference(seamless=True, early_timers=1, channels=_ONE, targets=(1, 0)),
    shipped(early_timers=1, channels=_ONE, targets=(1, 0), slots=3),
    shipped(early_timers=1, seamless=True, channels=(Kind.DISPLAY, Kind.INPUTS), registers_late=True),
    shipped(seamless=True, early_timers=1, **RETRY_ELSEWHERE),
    shipped(seamless=True, early_timers=1, **_THEN_REFUSED),
    shipped(early_timers=1, **_CHAINED_AND_FAILING),
    shipped(early_timers=1, seamless=True, **_CHAINED_AND_FAILING),
    shipped(repairs=Repairs(aborts_previous=True), **RETRY_ELSEWHERE),
    shipped(repairs=Repairs(aborts_previous=True), seamless=True, **RETRY_ELSEWHERE),
    shipped(repairs=Repairs(aborts_previous=True), early_timers=1, channels=_ONE, targets=(1, 0), slots=3),
    reference(seamless=True, targets=(1, 2), hosts=3, channels=_ONE, may_fail=True),
    shipped(answers=REFUSING, seamless=True),
    reference(answers=REFUSING, channels=_ONE),
    shipped(adds_channel=True, targets=(1, 1), slots=3, **FAILS),
    shipped(adds_channel=True, client_connected=False, channels=_ONE, **FAILS),
    proposal(channels=_ONE, **FAILS),
    proposal(old_client=True, answers=Answers.REFUSES),
    proposal(old_source=True, has_capability=False, **FAILS),
    shipped(seamless=True, registers_late=True, may_fail=True, channels=_ONE),
    shipped(seamless=True, may_fail=True, waits_for_spice=False, **THERE_AND_BACK),
    shipped(hears_service=True, channels=_ONE),
    shipped(seamless=True, **{**RETRY_ELSEWHERE, **_INPUTS}),
    shipped(client_repairs=ALL_REPAIRS, **RETRY_ELSEWHERE),
    shipped(client_repairs=ALL_REPAIRS, seamless=True, **THERE_AND_BACK),
    shipped(client_repairs=ALL_REPAIRS, seamless=True, may_fail=True, targets=(1, 1), slots=3, **_INPUTS),
    reference(seamless=True, channels=_ONE, breaks=("display0_0_0",)),
    strangers(host=0, words=(2, 2)),
    strangers(host=1, words=(3, 2)),
    strangers(host=0, words=(3, 0), repaired=False),
    strangers(host=0, words=(2, 0), repaired=False, channel=Kind.CURSOR),
)
