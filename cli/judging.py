"""Whether what a client saw is a behaviour of the model."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN, conform
from switchover.models.spice.link_timing.variant import ALL_REPAIRS

from .following import MOST_LINES, Following

#: States that the search may visit: enough for some handovers, and over in seconds.
_STATES = 20_000


@dataclass(frozen=True)
class Judgement:
    """``verdict`` as ``conform`` gives it, and what is said of it."""

    verdict: str
    text: str

    @property
    def is_wrong(self) -> bool:
        """Whether something was seen that the model does not allow."""
        return self.verdict == DIFFERS


def judge(following: Following) -> Judgement:
    """Judge everything that was seen."""
    if not following.lines:
        return Judgement(CONFORMS, "nothing was seen")
    if len(following.lines) > MOST_LINES:
        return Judgement(UNKNOWN, f"more than {MOST_LINES:,} messages: not compared with the model")
    try:
        repairs = following.client.options.design.repairs
        servers = ALL_REPAIRS if following.servers_are_ours else None
        found = conform(following.lines, name="what was seen", client=repairs, servers=servers, limit=_STATES)
    except ValueError as error:
        return Judgement(UNKNOWN, f"not compared with the model: {error}")
    if found.verdict == DIFFERS:
        return Judgement(DIFFERS, f"no run of the model explains what was seen; it ends before: {found.text}")
    if found.verdict == UNKNOWN:
        return Judgement(UNKNOWN, f"whether the model explains all that was seen is open after {found.states:,} states")
    return Judgement(CONFORMS, f"the model explains all that was seen ({found.mapped:,} of {found.lines:,} messages)")
