"""Messages of the record channel (facts: SPICE 1.11)."""

from __future__ import annotations

from switchover.models.language import Message

from .numbers import U8, U16, U32


class Start(Message):
    """Begin to record. ``format``: 1 for signed 16 bits; ``frequency`` in Hz."""

    channels: U32
    format: U16
    frequency: U32


class Stop(Message):
    """Stop recording."""


class Volume(Message):
    """Volume of each sound channel."""

    volume: tuple[U16, ...]


class Mute(Message):
    """Whether to be silent: 0 or 1."""

    mute: U8


class Data(Message):
    """Sound, as MODE said."""

    time: U32
    data: bytes


class Mode(Message):
    """``mode``: 1 raw, 2 CELT, 3 Opus."""

    time: U32
    mode: U16
    data: bytes = b""


class StartMark(Message):
    """The client has begun to record."""

    time: U32
