"""The choices of a variant of this family."""

from __future__ import annotations

from enum import Enum


class Method(Enum):
    """How the client gets from the source to the target (facts: SPICE 2.3)."""

    SWITCH_HOST = "switch_host"
    SEMI_SEAMLESS = "semi_seamless"
    SEAMLESS = "seamless"

    def __str__(self) -> str:
        return self.value
