"""Byte layout of a message's body: one definition that decodes and encodes (facts: SPICE 1.1).

A layout is a record and its fields in wire order. All numbers are little-endian, nothing is padded. Bytes behind the
last known field are ignored, as newer software may append fields; where the last field is an optional number, the
first four of them are that number.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from switchover.models.language import Message

from .malformed import MalformedError
from .parts import Part, count_key
from .texts import POINTER, PointedTexts, Pointer, encoded_text


@dataclass(frozen=True)
class Numbers:
    """Fields that are numbers of one width; ``code`` is that of ``struct``."""

    code: str
    names: tuple[str, ...]


def u8(*names: str) -> Numbers:
    """Unsigned, 8 bits."""
    return Numbers("B", names)


def u16(*names: str) -> Numbers:
    """Unsigned, 16 bits."""
    return Numbers("H", names)


def u32(*names: str) -> Numbers:
    """Unsigned, 32 bits."""
    return Numbers("I", names)


def u64(*names: str) -> Numbers:
    """Unsigned, 64 bits."""
    return Numbers("Q", names)


def i32(*names: str) -> Numbers:
    """Signed, 32 bits."""
    return Numbers("i", names)


def i64(*names: str) -> Numbers:
    """Signed, 64 bits."""
    return Numbers("q", names)


@dataclass(frozen=True)
class Count:
    """How many bytes or elements the field ``name`` has, which is read later. ``measure`` counts them for writing."""

    code: str
    name: str
    measure: Callable[[Any], int] = len


def text_size(text: str) -> int:
    """What a Count says of a text, its NUL included."""
    return len(encoded_text("text", text))


def text_size_without_nul(text: str) -> int:
    """What a Count says of a text whose NUL is not counted."""
    return text_size(text) - 1


Fixed = Numbers | Count | Pointer


class Run:
    """Consecutive numbers, counts and pointers: read and written at once."""

    def __init__(self, members: Iterable[Fixed]) -> None:
        self.pointers: list[tuple[Pointer, int]] = []
        self._ends: list[tuple[str, int]] = []
        self._keys: list[str] = []
        self._takers: list[tuple[str, Callable[[Any], int] | None, int]] = []
        codes = "<"
        for member in members:
            for name, code in _cells(member):
                start, codes = struct.calcsize(codes), codes + code
                self._ends.append((name, struct.calcsize(codes)))
                self._add(member, name, start)
        self._struct = struct.Struct(codes)
        self.size = self._struct.size

    def _add(self, member: Fixed, name: str, start: int) -> None:
        if isinstance(member, Pointer):
            self.pointers.append((member, start))
        elif isinstance(member, Count):
            self._keys.append(count_key(name))
            self._takers.append((name, member.measure, (1 << 8 * struct.calcsize("<" + member.code)) - 1))
        else:
            self._keys.append(name)
            self._takers.append((name, None, 0))

    def read(self, body: bytes, at: int, values: dict[str, Any]) -> int:
        if at + self.size > len(body):
            raise self._too_short(body, at)
        values.update(zip(self._keys, self._struct.unpack_from(body, at), strict=True))
        return at + self.size

    def _too_short(self, body: bytes, at: int) -> MalformedError:
        name, end = next((name, at + end) for name, end in self._ends if at + end > len(body))
        return MalformedError(f"{name}: expected a body of at least {end} bytes, came {len(body)}")

    def write(self, values: Mapping[str, Any], out: bytearray) -> None:
        numbers = [
            values[name] if measure is None else _counted(name, measure(values[name]), most)
            for name, measure, most in self._takers
        ]
        out += self._struct.pack(*numbers)


def _cells(member: Fixed) -> list[tuple[str, str]]:
    if isinstance(member, Pointer):
        return [(member.name, f"{POINTER.size}x")]
    names = member.names if isinstance(member, Numbers) else (member.name,)
    return [(name, member.code) for name in names]


def _counted(name: str, count: int, most: int) -> int:
    if count > most:
        raise ValueError(f"{name}: expected at most {most} on the wire, came {count}")
    return count


class Layout:
    """How the fields of ``record`` lie in a body, in wire order. What pointers point to comes behind the numbers."""

    def __init__(self, record: type[Message], *fields: Fixed | Part) -> None:
        self.record = record
        self.name = record.event.upper()
        self._parts: list[Part] = []
        run: list[Fixed] = []
        for field in fields:
            if isinstance(field, Numbers | Count | Pointer):
                run.append(field)
            else:
                self._parts += [*_run_and_texts(run), field]
                run = []
        self._parts += _run_and_texts(run)

    def decode(self, body: bytes) -> Message:
        """The record that ``body`` is. Raises MalformedError, which names the message and the field."""
        values: dict[str, Any] = {}
        at = 0
        try:
            for part in self._parts:
                at = part.read(body, at, values)
        except MalformedError as error:
            raise MalformedError(f"{self.name}: {error}") from None
        # Widths on the wire are the ranges of the record's fields: to check them again would take most of the time.
        message = object.__new__(self.record)
        message.__dict__.update(values)
        return message

    def encode(self, message: Message) -> bytes:
        """The body of ``message``. Raises ValueError, one line, for what the wire cannot carry."""
        values = message.__dict__
        out = bytearray()
        try:
            for part in self._parts:
                part.write(values, out)
        except (ValueError, struct.error) as error:
            raise ValueError(f"{self.name}: {error}") from None
        return bytes(out)


def _run_and_texts(members: list[Fixed]) -> list[Part]:
    if not members:
        return []
    run = Run(members)
    return [run, PointedTexts(tuple(run.pointers), run.size)] if run.pointers else [run]
