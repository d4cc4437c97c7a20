"""Parts of a message's body that are not plain numbers or texts: opaque bytes, lists, records in line.

Each part both reads and writes. Nothing that a body says of itself is trusted: counts and offsets are held against what
has come before anything is made of it.
"""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Protocol

from switchover.models.spice.protocol.display import Rect

from .malformed import MalformedError

#: No list needs more elements: there are 65,536 pairs of channel type and id. It bounds what a body can take of memory.
MOST_ITEMS = 1 << 16


class Part(Protocol):
    """Consecutive bytes of a body."""

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        """Put what is at ``at`` into ``values``; return where the next part begins. Raises MalformedError."""
        ...

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        """Append the bytes. Raises ValueError for what the wire cannot carry."""
        ...


def count_key(name: str) -> str:
    """Under which key a count waits among the values for its items to be read."""
    return f"#{name}"


def require(name: str, body: bytes, at: int, size: int) -> None:
    """Raise MalformedError unless ``size`` bytes from ``at`` on have come."""
    if at + size > len(body):
        raise MalformedError(f"{name}: expected {size} bytes from {at} on, in a body of {len(body)}")


@dataclass(frozen=True)
class Rest:
    """Everything up to the end, opaque."""

    name: str

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        values[self.name] = body[at:]
        return len(body)

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        out += values[self.name]


@dataclass(frozen=True)
class CountedBytes:
    """Opaque bytes whose count came before."""

    name: str

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        end: int = at + values.pop(count_key(self.name))
        require(self.name, body, at, end - at)
        values[self.name] = body[at:end]
        return end

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        out += values[self.name]


@dataclass(frozen=True)
class SizedBytes:
    """Exactly ``size`` opaque bytes."""

    name: str
    size: int

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        require(self.name, body, at, self.size)
        values[self.name] = body[at : at + self.size]
        return at + self.size

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        data = values[self.name]
        if len(data) != self.size:
            raise ValueError(f"{self.name}: expected {self.size} bytes, came {len(data)}")
        out += data


@dataclass(frozen=True)
class Item:
    """Element of a list, or record in line, of fixed size: numbers, and what is made of them."""

    packed: struct.Struct
    make: Callable[..., Any]
    take: Callable[[Any], tuple[int, ...]]


def record_item(record: type, codes: str) -> Item:
    """An Item of a record of at least two numbers, in the order of its fields; ``codes`` are those of ``struct``."""
    names = [field.name for field in dataclasses.fields(record)]
    return Item(struct.Struct("<" + codes), record, attrgetter(*names))


def number_item(code: str) -> Item:
    """An Item of one number."""
    return Item(struct.Struct("<" + code), lambda number: number, lambda number: (number,))


@dataclass(frozen=True)
class Inline:
    """One record in line."""

    name: str
    item: Item

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        packed = self.item.packed
        require(self.name, body, at, packed.size)
        values[self.name] = self.item.make(*packed.unpack_from(body, at))
        return at + packed.size

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        out += self.item.packed.pack(*self.item.take(values[self.name]))


@dataclass(frozen=True)
class Items:
    """A list whose count came before."""

    name: str
    item: Item

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        values[self.name], end = read_items(self.name, self.item, values.pop(count_key(self.name)), body, at)
        return end

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        write_items(self.item, values[self.name], out)


def read_items(name: str, item: Item, count: int, body: bytes, at: int) -> tuple[tuple[Any, ...], int]:
    """``count`` elements from ``at`` on, and where they end. Raises MalformedError for more than have come."""
    if count > MOST_ITEMS:
        raise MalformedError(f"{name}: expected at most {MOST_ITEMS} elements, came {count}")
    end = at + count * item.packed.size
    require(name, body, at, end - at)
    return tuple([item.make(*each) for each in item.packed.iter_unpack(body[at:end])]), end


def write_items(item: Item, elements: tuple[Any, ...], out: bytearray) -> None:
    """Append the elements of a list."""
    pack, take = item.packed.pack, item.take
    for each in elements:
        out += pack(*take(each))


RECT = record_item(Rect, "iiii")
_RECTS = struct.Struct("<BI")


@dataclass(frozen=True)
class ClipPart:
    """Clip: a type, 0 for none, 1 for rectangles, which follow with their count (facts: SPICE 1.12)."""

    name: str

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        require(self.name, body, at, 1)
        if body[at] > 1:
            raise MalformedError(f"{self.name}: expected a type of 0 or 1, came {body[at]}")
        if body[at] == 0:
            values[self.name] = None
            return at + 1
        require(self.name, body, at, _RECTS.size)
        _, count = _RECTS.unpack_from(body, at)
        values[self.name], end = read_items(self.name, RECT, count, body, at + _RECTS.size)
        return end

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        rects = values[self.name]
        if rects is None:
            out.append(0)
            return
        out += _RECTS.pack(1, len(rects))
        write_items(RECT, rects, out)


@dataclass(frozen=True)
class OptionalU32:
    """A number at the end that may be missing: None."""

    name: str

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        if at == len(body):
            values[self.name] = None
            return at
        require(self.name, body, at, 4)
        values[self.name] = int.from_bytes(body[at : at + 4], "little")
        return at + 4

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        if values[self.name] is not None:
            out += values[self.name].to_bytes(4, "little")
