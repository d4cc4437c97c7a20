"""The protocol families that come with Switchover, each imported when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module

from switchover.models.language.claim import Family

#: Names below ``switchover.models``; each module has a ``family``.
FAMILIES = ("spice.link_timing", "spice.mm_time")


@cache
def load_family(name: str) -> Family:
    """The family of this name, which must be one of ``FAMILIES``."""
    family: Family = import_module(f"switchover.models.{name}").family
    return family


def all_families() -> Iterator[Family]:
    """Every family, in the order of ``FAMILIES``."""
    return (load_family(name) for name in FAMILIES)
