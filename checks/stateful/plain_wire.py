"""A byte format for any message: its type, then each field with a tag that says what it is.

Types of messages, enumerations and records are numbered as they first appear; both ends know the numbers. A number is
written in zigzag and seven bits a byte, a text or a tuple with its length before it.
"""

from __future__ import annotations

import dataclasses
from enum import Enum, Flag
from typing import Any

from switchover.models.language import Message, Wrap32

_NONE, _FALSE, _TRUE, _INT, _WRAP32, _TEXT, _BYTES, _TUPLE, _ENUM, _RECORD = range(10)

#: Python's texts may hold half a surrogate pair.
_ANY_TEXT = "surrogatepass"


class Vocabulary:
    """The types that the ends of a system's connections have agreed upon, each with its number."""

    def __init__(self) -> None:
        self._types: list[type] = []
        self._numbers: dict[type, int] = {}

    def number(self, cls: type) -> int:
        """The number of a type, which gets one if it has none."""
        if cls not in self._numbers:
            self._numbers[cls] = len(self._types)
            self._types.append(cls)
        return self._numbers[cls]

    def type(self, number: int) -> type:
        """The type of this number. Raises IndexError for one that was never given."""
        return self._types[number]


class PlainWire:
    """One connection. Each message is preceded by its length."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._inboxes = (bytearray(), bytearray())

    def encode(self, end: int, message: Message) -> bytes:
        """What ``end`` writes to say ``message``."""
        body = bytearray()
        self._write_record(message, body)
        return _natural(len(body)) + body

    def decode(self, end: int, data: bytes) -> list[Message]:
        """Bytes that ``end`` has written: the messages that they complete."""
        inbox = self._inboxes[end]
        inbox += data
        found = []
        while (cut := _first_body(inbox)) is not None:
            start, stop = cut
            body = _Reader(bytes(inbox[start:stop]), self._vocabulary)
            del inbox[:stop]
            found.append(body.record())
        return found

    def _write_record(self, record: Any, out: bytearray) -> None:
        out += _natural(self._vocabulary.number(type(record)))
        for field in dataclasses.fields(record):
            self._write(getattr(record, field.name), out)

    def _write(self, value: Any, out: bytearray) -> None:
        if value is None or isinstance(value, bool):
            out.append(_NONE if value is None else _TRUE if value else _FALSE)
        elif isinstance(value, Enum):
            out.append(_ENUM)
            out += _natural(self._vocabulary.number(type(value)))
            # Members of a Flag that are combined have no name.
            self._write(value.value if isinstance(value, Flag) else value.name, out)
        elif isinstance(value, int):
            out.append(_INT)
            out += _natural(2 * value if value >= 0 else -2 * value - 1)
        elif isinstance(value, Wrap32):
            out.append(_WRAP32)
            out += int(value).to_bytes(4, "little")
        elif isinstance(value, str | bytes):
            out.append(_TEXT if isinstance(value, str) else _BYTES)
            out += _counted(value.encode(errors=_ANY_TEXT) if isinstance(value, str) else value)
        elif isinstance(value, tuple):
            out.append(_TUPLE)
            out += _natural(len(value))
            for each in value:
                self._write(each, out)
        else:
            out.append(_RECORD)
            self._write_record(value, out)


class _Reader:
    """Values out of one message's body. Raises IndexError where that ends too soon."""

    def __init__(self, body: bytes, vocabulary: Vocabulary) -> None:
        self._body = body
        self._vocabulary = vocabulary
        self._at = 0

    def record(self) -> Any:
        cls: Any = self._vocabulary.type(self._natural())
        return cls(*(self._value() for _ in dataclasses.fields(cls)))

    def _value(self) -> Any:
        tag = self._take(1)[0]
        if tag in (_NONE, _FALSE, _TRUE):
            return None if tag == _NONE else tag == _TRUE
        if tag == _INT:
            number = self._natural()
            return -(number + 1) // 2 if number % 2 else number // 2
        if tag == _WRAP32:
            return Wrap32(int.from_bytes(self._take(4), "little"))
        if tag == _TUPLE:
            return tuple(self._value() for _ in range(self._natural()))
        if tag == _ENUM:
            cls: Any = self._vocabulary.type(self._natural())
            told = self._value()
            return cls[told] if isinstance(told, str) else cls(told)
        if tag == _RECORD:
            return self.record()
        return self._counted().decode(errors=_ANY_TEXT) if tag == _TEXT else self._counted()

    def _natural(self) -> int:
        number, self._at = _read_natural(self._body, self._at)
        return number

    def _counted(self) -> bytes:
        return self._take(self._natural())

    def _take(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        if self._at > len(self._body):
            raise IndexError(f"expected {size} bytes from {start} on, in a body of {len(self._body)}")
        return self._body[start : self._at]


def _natural(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_natural(data: bytes | bytearray, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends. Raises IndexError when it does not end."""
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at


def _first_body(inbox: bytearray) -> tuple[int, int] | None:
    """Where the first message's body lies; None: not all of it has come."""
    try:
        size, start = _read_natural(inbox, 0)
    except IndexError:
        return None
    return (start, start + size) if start + size <= len(inbox) else None


def _counted(data: bytes) -> bytes:
    return _natural(len(data)) + data
