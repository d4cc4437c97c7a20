"""Frames: a header and a body for each message, in a stream of bytes (facts: SPICE 1.6).

A body may hold further messages: a list of them is at the offset that the full header gives, or is the whole of LIST.
"""

from __future__ import annotations

import struct
from collections import deque
from typing import NamedTuple

from .malformed import MalformedError

_FULL = struct.Struct("<QHII")
_MINI = struct.Struct("<HI")
_SUB_HEADER = struct.Struct("<HI")
_LIST = 8
_MOST_SIZE = (1 << 32) - 1


class Frame(NamedTuple):
    """One message. ``serial``: of the frame that brought it, from 1 on.

    ``ends_frame``: False for a message of a list that others of the same frame follow: an acknowledgement counts
    frames.
    """

    number: int
    body: bytes
    serial: int
    ends_frame: bool = True


class FrameReader:
    """Cuts what has come into frames. ``mini``: headers have 6 bytes, without serial, instead of 18.

    It keeps what has come and not been taken, and never asks for memory ahead of that.
    """

    def __init__(self, mini: bool, limit: int) -> None:
        """``limit``: the longest body that is taken, in bytes."""
        self._header = _MINI if mini else _FULL
        self._mini = mini
        self._limit = limit
        self._serial = 0
        self._buffer = bytearray()
        self._start = 0
        self._inner: deque[Frame] = deque()

    @property
    def buffered(self) -> int:
        """How many bytes have come that no frame has been made of."""
        return len(self._buffer) - self._start

    @property
    def is_empty(self) -> bool:
        """Whether everything that has come was returned by ``next``."""
        return not self._inner and not self.buffered

    def feed(self, data: bytes) -> None:
        """Bytes have come."""
        del self._buffer[: self._start]
        self._start = 0
        self._buffer += data

    def next(self) -> Frame | None:
        """The next message; None: none is complete.

        Raises MalformedError as soon as a header announces a body over the limit, and for a list that is none. Nothing
        can be read after that.
        """
        if self._inner:
            return self._inner.popleft()
        body_start = self._start + self._header.size
        if body_start > len(self._buffer):
            return None
        serial, number, size, sub_list = self._read_header()
        if size > self._limit:
            raise MalformedError(f"message {number}: expected at most {self._limit} bytes, {size} announced")
        end = body_start + size
        if end > len(self._buffer):
            return None
        body = bytes(self._buffer[body_start:end])
        if number == _LIST or sub_list:
            self._inner.extend(_unfolded(number, body, serial, sub_list))
        self._serial, self._start = serial, end
        if end == len(self._buffer):
            # Nothing more may come for long.
            self._buffer.clear()
            self._start = 0
        return self._inner.popleft() if self._inner else Frame(number, body, serial)

    def _read_header(self) -> tuple[int, int, int, int]:
        if self._mini:
            number, size = _MINI.unpack_from(self._buffer, self._start)
            return self._serial + 1, number, size, 0
        serial, number, size, sub_list = _FULL.unpack_from(self._buffer, self._start)
        return serial, number, size, sub_list

    def take_rest(self) -> bytes:
        """What has come and is in no frame yet; it is no longer kept here."""
        rest = bytes(self._buffer[self._start :])
        self._buffer.clear()
        self._start = 0
        return rest


def _unfolded(number: int, body: bytes, serial: int, sub_list: int) -> list[Frame]:
    """The messages of a list, then the one that brought it, unless it is LIST and brought any."""
    inner = _sub_messages(body, sub_list)
    if number != _LIST or not inner:
        inner.append((number, body))
    last = len(inner) - 1
    return [Frame(each, data, serial, place == last) for place, (each, data) in enumerate(inner)]


def _sub_messages(body: bytes, at: int) -> list[tuple[int, bytes]]:
    _require(body, at, 2)
    count = int.from_bytes(body[at : at + 2], "little")
    _require(body, at + 2, 4 * count)
    inner: list[tuple[int, bytes]] = []
    left = len(body)
    for (place,) in struct.iter_unpack("<I", body[at + 2 : at + 2 + 4 * count]):
        _require(body, place, _SUB_HEADER.size)
        number, size = _SUB_HEADER.unpack_from(body, place)
        start = place + _SUB_HEADER.size
        _require(body, start, size)
        left -= _SUB_HEADER.size + size
        if left < 0:
            # A few bytes could otherwise ask for the same long message 65,535 times.
            raise MalformedError("LIST: expected messages that do not overlap")
        inner.append((number, body[start : start + size]))
    return inner


def _require(body: bytes, at: int, size: int) -> None:
    if at + size > len(body):
        raise MalformedError(f"LIST: expected {size} bytes from {at} on, in a body of {len(body)}")


class FrameWriter:
    """Puts headers before bodies. ``serial``: of the last frame; it may be set, where a migrated channel goes on."""

    def __init__(self, mini: bool) -> None:
        self._mini = mini
        self.serial = 0

    def frame(self, number: int, body: bytes) -> bytes:
        """The bytes of one message. Raises ValueError for a body that no header can announce."""
        if len(body) > _MOST_SIZE:
            raise ValueError(f"message {number}: expected at most {_MOST_SIZE} bytes, came {len(body)}")
        self.serial += 1
        if self._mini:
            return _MINI.pack(number, len(body)) + body
        return _FULL.pack(self.serial, number, len(body), 0) + body
