"""The words of ``spice.mm_time``: times are of 32 bits, a frame's data say which frame it is.

Solution (1)(a) of seed 000 was never built: its message has a number of its own.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache, partial
from typing import Any

from switchover.models.language import Message, Wrap32
from switchover.models.spice.mm_time import messages as clock
from switchover.models.spice.protocol import base, display, drawing, link, main, playback
from switchover.models.spice.protocol.base import Unknown
from switchover.models.spice.protocol.channels import ChannelType, Side

from .model_wire_words import ModelWords, init_record, link_record, switch_host_record

_HANDSHAKE_TIME = 900
_SESSION = 1
_TARGET = 1
_STREAM = 0
_MODULUS = 1 << 32
_U32 = struct.Struct("<I")
#: A frame's number and, in STREAM_DATA, which host stamped it.
_FRAME = struct.Struct("<HB")
_NUMBER = struct.Struct("<H")
_HOSTS = tuple(clock.Host)


def _bits(time: clock.MmTime) -> int:
    return int(time) % _MODULUS


def _time(bits: int, wraps: bool) -> clock.MmTime:
    """``wraps``: the model's times are of 32 bits too; otherwise they are numbers around 0."""
    if wraps:
        return Wrap32(bits)
    return bits - _MODULUS if bits >= _MODULUS // 2 else bits


def _frame(message: clock.StreamData) -> bytes:
    return _FRAME.pack(message.number, _HOSTS.index(message.stamped_by))


def _stream_data(record: display.StreamData, wraps: bool) -> clock.StreamData:
    number, stamped_by = _FRAME.unpack(record.data)
    return clock.StreamData(_time(record.multi_media_time, wraps), number, _HOSTS[stamped_by])


_TO_WIRE: dict[type[Message], Callable[[Any, ChannelType], Message]] = {
    clock.Init: lambda m, _: init_record(_SESSION, _bits(m.multi_media_time)),
    clock.MultiMediaTime: lambda m, _: main.MultiMediaTime(_bits(m.time)),
    clock.HandshakeTime: lambda m, _: Unknown(_HANDSHAKE_TIME, _U32.pack(_bits(m.time))),
    clock.PlaybackStart: lambda m, _: playback.Start(2, 1, 44100, _bits(m.time)),
    clock.PlaybackData: lambda m, _: playback.Data(_bits(m.time), b""),
    clock.PlaybackStop: lambda m, _: playback.Stop(),
    clock.StreamData: lambda m, _: display.StreamData(_STREAM, _bits(m.multi_media_time), _frame(m)),
    clock.DrawCopy: lambda m, _: drawing.DrawCopy(_NUMBER.pack(m.number)),
    clock.StreamDestroy: lambda m, _: display.StreamDestroy(_STREAM),
    clock.StreamDestroyAll: lambda m, _: display.StreamDestroyAll(),
    clock.Migrate: lambda m, _: base.Migrate(base.MigrateFlags.NEED_FLUSH | base.MigrateFlags.NEED_DATA_TRANSFER),
    clock.MigrateEnd: lambda m, _: main.MigrateEnd(),
    clock.ClientMigrateEnd: lambda m, _: main.MigrateEnd(),
    clock.SwitchHost: lambda m, _: switch_host_record(_TARGET),
    clock.MigrateData: lambda m, _: base.MigrateData(b"state"),
    clock.Link: lambda m, channel: link_record(0, channel),
    clock.DisplayInit: lambda m, _: display.Init(1, 1 << 20, 1, 1 << 18),
}

_FROM_WIRE: dict[type[Message], Callable[[Any, bool], Message]] = {
    main.Init: lambda r, wraps: clock.Init(_time(r.multi_media_time, wraps)),
    main.MultiMediaTime: lambda r, wraps: clock.MultiMediaTime(_time(r.time, wraps)),
    Unknown: lambda r, wraps: clock.HandshakeTime(_time(_U32.unpack(r.body)[0], wraps)),
    playback.Start: lambda r, wraps: clock.PlaybackStart(_time(r.time, wraps)),
    playback.Data: lambda r, wraps: clock.PlaybackData(_time(r.time, wraps)),
    playback.Stop: lambda r, _: clock.PlaybackStop(),
    display.StreamData: _stream_data,
    drawing.DrawCopy: lambda r, _: clock.DrawCopy(_NUMBER.unpack(r.body)[0]),
    display.StreamDestroy: lambda r, _: clock.StreamDestroy(),
    display.StreamDestroyAll: lambda r, _: clock.StreamDestroyAll(),
    base.Migrate: lambda r, _: clock.Migrate(),
    main.MigrateEnd: lambda r, _: clock.MigrateEnd(),
    main.MigrateSwitchHost: lambda r, _: clock.SwitchHost(),
    base.MigrateData: lambda r, _: clock.MigrateData(),
    link.Link: lambda r, _: clock.Link(),
    display.Init: lambda r, _: clock.DisplayInit(),
}

_FROM_CLIENT = {clock.ClientMigrateEnd, clock.MigrateData, clock.Link, clock.DisplayInit}


def _to_wire(message: Message, channel: ChannelType) -> Message:
    return _TO_WIRE[type(message)](message, channel)


def _from_wire(wraps: bool, record: Message, channel: ChannelType, sender: Side) -> Message:
    if sender is Side.CLIENT and isinstance(record, main.MigrateEnd):
        return clock.ClientMigrateEnd()
    return _FROM_WIRE[type(record)](record, wraps)


@cache
def mm_time_words(wraps: bool) -> ModelWords:
    """The words of a system whose times are of 32 bits that wrap, or numbers without bounds."""
    known = frozenset(_TO_WIRE)
    return ModelWords(known, known - _FROM_CLIENT, _to_wire, partial(_from_wire, wraps))
