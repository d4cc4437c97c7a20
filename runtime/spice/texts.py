"""Parts of a message's body that are texts. On the wire a text ends in NUL; in a record it has none."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .malformed import MalformedError
from .parts import count_key, require

_NUL = b"\x00"
POINTER = struct.Struct("<II")


def encoded_text(name: str, text: str) -> bytes:
    """A text as it goes over the wire, with its NUL. Raises ValueError for what is not text, and for a NUL within."""
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name}: expected text, came {text!r}") from None
    if _NUL in data:
        raise ValueError(f"{name}: expected text without NUL, came {text!r}")
    return data + _NUL


def decoded_text(name: str, data: bytes) -> str:
    """A text that came, without its NUL. What is not UTF-8 is shown as ``\\xff``. Raises MalformedError for a NUL."""
    if _NUL in data:
        raise MalformedError(f"{name}: expected text without NUL, came {data[:40]!r}")
    return data.decode(errors="backslashreplace")


def without_end(name: str, data: bytes) -> bytes:
    """Take off the NUL at the end. Raises MalformedError when there is none."""
    if data[-1:] != _NUL:
        raise MalformedError(f"{name}: expected text that ends in NUL, came {data[-40:]!r}")
    return data[:-1]


@dataclass(frozen=True)
class CountedText:
    """Text whose count came before. ``counts_nul``: the count includes the NUL at the end, which must be there; else
    the NUL follows what was counted, and may be missing.
    """

    name: str
    counts_nul: bool

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        end: int = at + values.pop(count_key(self.name))
        require(self.name, body, at, end - at)
        data = without_end(self.name, body[at:end]) if self.counts_nul else body[at:end]
        values[self.name] = decoded_text(self.name, data)
        return end if self.counts_nul else min(end + 1, len(body))

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        out += encoded_text(self.name, values[self.name])


@dataclass(frozen=True)
class Pointer:
    """Where a text is: u32 size with its NUL, u32 offset from the body's start. ``nullable``: a size of 0 is no text,
    which a record shows as an empty one.
    """

    name: str
    nullable: bool = False


@dataclass(frozen=True)
class PointedTexts:
    """What pointers point to, behind all fixed fields, in their order (facts: SPICE 1.1).

    ``pointers``: each with its place in the body; ``fixed``: size of the fixed fields.
    """

    pointers: tuple[tuple[Pointer, int], ...]
    fixed: int

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        for pointer, place in self.pointers:
            size, offset = POINTER.unpack_from(body, place)
            if pointer.nullable and size == 0:
                values[pointer.name] = ""
                continue
            if offset < self.fixed:
                raise MalformedError(f"{pointer.name}: expected an offset of {self.fixed} or more, came {offset}")
            require(pointer.name, body, offset, size)
            data = without_end(pointer.name, body[offset : offset + size])
            values[pointer.name] = decoded_text(pointer.name, data)
            at = max(at, offset + size)
        return at

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        for pointer, place in self.pointers:
            if pointer.nullable and not values[pointer.name]:
                continue
            data = encoded_text(pointer.name, values[pointer.name])
            POINTER.pack_into(out, place, len(data), len(out))
            out += data
