"""SPICE multimedia time after migration: video frames against the clock by which they are shown (seed 000)."""

from switchover.models.language import Family

from .claims import CLAIMS
from .designs import DESIGNS
from .losses import losses
from .space_time import space_time

family = Family(
    name="spice.mm_time",
    title="SPICE: multimedia time after migration",
    systems=DESIGNS,
    claims=CLAIMS,
    seeds=("000",),
    space_time=space_time,
    plots={"losses": losses},
)

__all__ = ["family"]
