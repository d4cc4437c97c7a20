"""Messages of the playback channel (facts: SPICE 1.11).

``time`` is the server's clock in ms, without the latency that the main channel's times allow for.
"""

from __future__ import annotations

from switchover.models.language import Message

from .numbers import U8, U16, U32


class Data(Message):
    """Sound, as MODE said."""

    time: U32
    data: bytes


class Mode(Message):
    """``mode``: 1 raw, 2 CELT, 3 Opus."""

    time: U32
    mode: U16
    data: bytes = b""


class Start(Message):
    """Sound begins. ``format``: 1 for signed 16 bits; ``frequency`` in Hz."""

    channels: U32
    format: U16
    frequency: U32
    time: U32


class Stop(Message):
    """Sound ends."""


class Volume(Message):
    """Volume of each sound channel."""

    volume: tuple[U16, ...]


class Mute(Message):
    """Whether to be silent: 0 or 1."""

    mute: U8


class Latency(Message):
    """The least time between arrival and sound, in ms."""

    latency_ms: U32
