"""What is said about a capture besides its messages: what is missing, was repeated, or is not read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Remark:
    """``text`` is true of so many of ``noun``."""

    noun: str
    text: str


Remarks = Counter[Remark]


def sentences(remarks: Remarks) -> tuple[str, ...]:
    """``3 packets: …``, a line each, in the order in which they were first made."""
    return tuple(f"{number:,} {each.noun}{'' if number == 1 else 's'}: {each.text}" for each, number in remarks.items())
