"""The cases of the SPICE families by the names of their results, and an attack on one of them."""

from __future__ import annotations

from functools import cache

from switchover.checks.stateful import Attack, Effort, attack, attack_open
from switchover.models.language import Case, System, Trace
from switchover.models.spice.link_timing.claims import CLAIMS as LINK_TIMING
from switchover.models.spice.mm_time.claims import CLAIMS as MM_TIME


@cache
def cases() -> dict[str, Case]:
    """Every case, controls included."""
    return {name: case for claim in (*LINK_TIMING, *MM_TIME) for name, case in (*claim.results(), *claim.controls())}


def attacked(name: str, effort: Effort) -> Attack:
    """The case of this name under attack."""
    case = cases()[name]
    if case.over is not None:
        return attack_open(case.system, [case.property], case.over, effort)
    return attack(case.system(), [case.property], effort)


def system_of(name: str, trace: Trace) -> System:
    """The system that the trace is a run of."""
    case = cases()[name]
    return case.system(**trace.values) if case.over is not None else case.system()
