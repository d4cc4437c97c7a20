"""When a SPICE client should link to its migration target (seed 001, RHBZ #725009)."""

from switchover.models.language import Family

from .claims import CLAIMS
from .designs import proposal, reference, shipped

family = Family(
    name="spice.link_timing",
    title="SPICE: when the client links to the migration target (RHBZ #725009)",
    systems={
        "switch_host": shipped(follows=False),
        "proposal": proposal(),
        "shipped": shipped(),
        "seamless": shipped(seamless=True),
        "reference": reference(seamless=True),
    },
    claims=CLAIMS,
    seeds=("001",),
)

__all__ = ["family"]
