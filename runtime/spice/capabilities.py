"""Capabilities in the link phase: two lists of 32-bit words behind the fixed fields (facts: SPICE 1.2, 1.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .malformed import MalformedError
from .parts import require

#: The longest list that a server takes.
MOST_WORDS = 1024

_HEAD = struct.Struct("<III")


def words_of(bits: Iterable[int]) -> bytes:
    """As many words as the highest bit needs. Raises ValueError for a bit that no list has."""
    number = 0
    for bit in bits:
        if not 0 <= bit < 32 * MOST_WORDS:
            raise ValueError(f"expected capabilities from 0 to {32 * MOST_WORDS - 1}, came {bit}")
        number |= 1 << bit
    return number.to_bytes((number.bit_length() + 31) // 32 * 4, "little")


def bits_of(words: bytes) -> tuple[int, ...]:
    """The bits that are set, in rising order."""
    return tuple(8 * place + bit for place, byte in enumerate(words) for bit in range(8) if byte >> bit & 1)


@dataclass(frozen=True)
class CapabilityWords:
    """u32 count of words of each list, u32 offset of the first from the body's start; the words themselves."""

    common: str
    channel: str

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        require(self.common, body, at, _HEAD.size)
        common, channel, place = _HEAD.unpack_from(body, at)
        for name, count in ((self.common, common), (self.channel, channel)):
            if count > MOST_WORDS:
                raise MalformedError(f"{name}: expected at most {MOST_WORDS} words, came {count}")
            require(name, body, place, 4 * count)
            values[name] = bits_of(body[place : place + 4 * count])
            place += 4 * count
        return at + _HEAD.size

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        lists = [words_of(values[name]) for name in (self.common, self.channel)]
        out += _HEAD.pack(*(len(words) // 4 for words in lists), len(out) + _HEAD.size)
        out += lists[0] + lists[1]
