"""Messages of the cursor channel (facts: SPICE 1.13). What the cursor looks like is opaque."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message

from .numbers import I16, U8, U16, U64

#: A cursor that has no picture.
NO_CURSOR = b"\x01\x00"


@dataclass(frozen=True, slots=True)
class Point16:
    """A place on the display, in pixels."""

    x: I16
    y: I16


class Init(Message):
    """Beginning of the channel. ``cursor``: u16 flags and what they ask for."""

    position: Point16
    trail_length: U16
    trail_frequency: U16
    visible: U8
    cursor: bytes


class Reset(Message):
    """There is no cursor, and nothing is cached."""


class Set(Message):
    """The cursor has changed."""

    position: Point16
    visible: U8
    cursor: bytes


class Move(Message):
    """The cursor has moved."""

    position: Point16


class Hide(Message):
    """The cursor is not to be seen."""


class Trail(Message):
    """The trail that the cursor leaves."""

    length: U16
    frequency: U16


class InvalOne(Message):
    """Forget one cached cursor."""

    id: U64


class InvalAll(Message):
    """Forget all cached cursors."""
