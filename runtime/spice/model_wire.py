"""The wire of a model's connection: its messages as the bytes that SPICE software would exchange, and back.

A model leaves out what no behaviour depends on; here it is filled in with something that fits, and left out again.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from switchover.models.language import Message, System
from switchover.models.spice.mm_time.designs import Variant
from switchover.models.spice.protocol import link
from switchover.models.spice.protocol.channels import ChannelType, Side

from .codec import decode, encode
from .framing import FrameReader, FrameWriter
from .link import MAGIC, MAJOR, MINOR
from .model_wire_link_timing import LINK_TIMING
from .model_wire_mm_time import mm_time_words
from .model_wire_words import ModelWords
from .tables import LINK, LINK_REPLY

#: No message of a model is longer.
_LIMIT = 1 << 16
_HEADER = struct.Struct("<4sIII")
_U32 = struct.Struct("<I")
_PUBLIC_KEY = bytes(162)
#: Errors that LINK_REPLY has; the others are for LINK_RESULT, which follows it (facts: SPICE 1.3).
_IN_REPLY = range(link.LinkError.INVALID_MAGIC, link.LinkError.PERMISSION_DENIED)


@dataclass(frozen=True)
class _Inbox:
    """What has come from one end and is no message yet."""

    data: bytearray
    frames: FrameReader


class ModelWire:
    """One connection of a ``channel``. ``server_end``: which of its two ends is the server's. ``mini``: of frames."""

    def __init__(self, channel: ChannelType, words: ModelWords, server_end: int, mini: bool) -> None:
        self._channel = channel
        self._words = words
        self._sides = tuple(Side.SERVER if end == server_end else Side.CLIENT for end in (0, 1))
        self._writers = (FrameWriter(mini), FrameWriter(mini))
        self._inboxes = tuple(_Inbox(bytearray(), FrameReader(mini, _LIMIT)) for _ in (0, 1))

    def encode(self, end: int, message: Message) -> bytes:
        """What ``end`` writes to say ``message``. Raises ValueError for what the wire cannot carry."""
        record = self._words.to_wire(message, self._channel)
        if isinstance(record, link.Link):
            return _with_header(LINK.encode(record))
        if isinstance(record, link.LinkResult):
            return _answer(record.result)
        return self._writers[end].frame(*encode(self._channel, self._sides[end], record))

    def decode(self, end: int, data: bytes) -> list[Message]:
        """Bytes that ``end`` has written: the messages that they complete. Raises MalformedError."""
        self._inboxes[end].data.extend(data)
        found = []
        while (record := self._next(end)) is not None:
            found.append(self._words.from_wire(record, self._channel, self._sides[end]))
        return found

    def _next(self, end: int) -> Message | None:
        inbox, sender = self._inboxes[end], self._sides[end]
        if MAGIC.startswith(inbox.data[: len(MAGIC)]):
            return _take_link(inbox.data, sender)
        inbox.frames.feed(bytes(inbox.data))
        frame = inbox.frames.next()
        inbox.data[:] = inbox.frames.take_rest()
        return None if frame is None else decode(self._channel, sender, frame.number, frame.body)


def _with_header(body: bytes) -> bytes:
    return _HEADER.pack(MAGIC, MAJOR, MINOR, len(body)) + body


def _answer(result: int) -> bytes:
    """LINK_REPLY, and LINK_RESULT if that has the answer. The ticket that goes the other way in between is left out."""
    error = result if result in _IN_REPLY else link.LinkError.OK
    reply = _with_header(LINK_REPLY.encode(link.LinkReply(error, _PUBLIC_KEY, (), ())))
    return reply if error else reply + _U32.pack(result)


def _take_link(data: bytearray, sender: Side) -> Message | None:
    """Take a Link, or a server's whole answer, if all of it has come."""
    if len(data) < _HEADER.size:
        return None
    end = _HEADER.size + _HEADER.unpack_from(data)[3]
    if len(data) < end:
        return None
    body = bytes(data[_HEADER.size : end])
    if sender is Side.CLIENT:
        del data[:end]
        return LINK.decode(body)
    reply = LINK_REPLY.decode(body)
    assert isinstance(reply, link.LinkReply)
    if reply.error:
        del data[:end]
        return link.LinkResult(reply.error)
    if len(data) < end + _U32.size:
        return None
    (result,) = _U32.unpack_from(data, end)
    del data[: end + _U32.size]
    return link.LinkResult(result)


#: Makes the wire of a connection that is opened.
WireMaker = Callable[[], ModelWire]


def model_wires(system: System, mini: bool) -> list[WireMaker | None]:
    """For each connection of a SPICE family's system what makes its wire. ``mini``: of frames.

    A connection is called after its channel: ``main_1_0``, ``display_b``. None: it is no SPICE channel, or has
    messages that are in no SPICE family.
    """
    variant = system.variant
    words = mm_time_words(variant.wraps) if isinstance(variant, Variant) else LINK_TIMING
    return [_maker(each.name, _sent(system, number), words, mini) for number, each in enumerate(system.connections)]


def _sent(system: System, number: int) -> list[tuple[type[Message], ...]]:
    """The types of messages that each end of a connection may send."""
    layout = system.layout
    return [layout.workers[actor]._slots[port].port.sends for actor, port in layout.ends[number]]


def _maker(name: str, sent: Sequence[tuple[type[Message], ...]], words: ModelWords, mini: bool) -> WireMaker | None:
    kind = name.partition("_")[0].rstrip("0123456789").upper()
    if kind not in ChannelType.__members__ or not words.types.issuperset((*sent[0], *sent[1])):
        return None
    server_end = 0 if words.from_server.intersection(sent[0]) else 1
    return partial(ModelWire, ChannelType[kind], words, server_end, mini)
