"""What the two sides of one SPICE connection say, overheard: the link phase (facts: SPICE 1.2), then messages."""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from switchover.models.language import Message
from switchover.models.spice.protocol.channels import CommonCap, Side
from switchover.models.spice.protocol.link import Auth, AuthMechanism, Link, LinkReply, LinkResult, Ticket
from switchover.runtime.spice.codec import MalformedError, name_of
from switchover.runtime.spice.framing import Frame, FrameReader
from switchover.runtime.spice.layout import Layout
from switchover.runtime.spice.link import HEADER, MAGIC, MAJOR
from switchover.runtime.spice.tables import LINK, LINK_REPLY
from switchover.runtime.spice.ticket import TICKET_SIZE

from .reassembly import BEGINNING, Moment, Piece
from .remarks import Remark, Remarks
from .rows import Fields, channel_name, fields_of
from .understanding import understand

#: The longest message that is taken, in bytes: a picture of 16 million pixels.
LONGEST_MESSAGE = 64 << 20
#: The longest gap that is passed over, in bytes.
_LONGEST_GAP = 1 << 20
_MOST_LINK = 4096
#: Bytes of one side that wait in the link phase for what the other says.
_MOST_WAITING = 1 << 20

LOST = Remark("direction", "cannot be read behind a gap, the rest of it left out")
MALFORMED_FRAME = Remark("direction", "with a malformed header or a message that is too long, the rest of it left out")
MALFORMED_LINK = Remark("direction", "with a malformed link, left out")
SASL = Remark("connection", "authenticated by SASL, not read behind that")
NO_PARTNER = Remark("direction", "left out, as what the other side says in the link is not there")

_MINI_SIZE, _FULL_SIZE = 6, 18
_U32 = struct.Struct("<I")


class Said(NamedTuple):
    """A message, or a TCP flag. ``channel``: "?" before the link. ``number`` and ``size``: those of the message's
    header; the link phase has none.
    """

    side: Side
    come: Moment
    channel: str
    name: str
    fields: Fields
    number: int | None = None
    size: int | None = None
    is_tcp: bool = False


@dataclass
class _Stream:
    """What one side has said. In the link phase ``data`` waits, and ``next`` takes from it: True when it got on.

    Then ``fed`` bytes have come to the ``reader``; ``gaps`` are places of bytes that were not captured.
    """

    side: Side
    next: Callable[[], bool]
    data: bytearray = field(default_factory=bytearray)
    reader: FrameReader | None = None
    fed: int = 0
    gaps: deque[tuple[int, int]] = field(default_factory=deque)
    come: Moment = BEGINNING
    is_silent: bool = False

    def has_gap(self, start: int, end: int) -> bool:
        """Whether some byte from ``start`` to ``end`` was not captured. What is before ``start`` is done with."""
        while self.gaps and self.gaps[0][1] <= start:
            self.gaps.popleft()
        return bool(self.gaps) and self.gaps[0][0] < end

    def missing(self, start: int, end: int) -> bytes:
        """What of the stream from ``start`` to ``end`` was not captured: 255 for a byte that was not, 0 for others; b""
        when all was.
        """
        if not self.has_gap(start, end):
            return b""
        marks = bytearray(end - start)
        for first, last in self.gaps:
            if first >= end:
                break
            inside = slice(max(first - start, 0), min(last, end) - start)
            marks[inside] = b"\xff" * len(marks[inside])
        return bytes(marks)


class Dialogue:
    """Both sides of one connection. ``is_harmed``: something of it could not be read, so that what was read is not all
    that was said.
    """

    def __init__(self, remarks: Remarks) -> None:
        self.is_harmed = False
        self.link: Link | None = None
        self._reply: LinkReply | None = None
        self._header_size = 0
        self._remarks = remarks
        self._said: list[Said] = []
        self._streams = {
            Side.CLIENT: _Stream(Side.CLIENT, self._read_link),
            Side.SERVER: _Stream(Side.SERVER, self._read_reply),
        }

    @property
    def channel(self) -> str:
        """The channel's name; "?" before the client has linked it."""
        return "?" if self.link is None else channel_name(self.link.channel_type)

    @property
    def held(self) -> int:
        """Bytes kept of messages that are not complete."""
        found = 0
        for each in self._streams.values():
            found += len(each.data) if each.reader is None else each.reader.buffered
        return found

    def hear(self, side: Side, piece: Piece) -> list[Said]:
        """What is complete with this piece of what ``side`` says."""
        stream = self._streams[side]
        if not stream.is_silent:
            stream.come = max(stream.come, piece.come)
            if stream.reader is not None:
                self._feed(stream, piece)
            else:
                self._wait(stream, piece)
        said, self._said = self._said, []
        return said

    def finish(self) -> None:
        """Nothing more comes."""
        waiting = Side.SERVER if self.link is None else Side.CLIENT if self._reply is None else None
        if waiting is not None and self._streams[waiting].data:
            self._silence(self._streams[waiting], NO_PARTNER)

    def _silence(self, stream: _Stream, why: Remark | None) -> None:
        """Leave out what this side says from now on. ``why``: None when nothing is lost by that."""
        stream.is_silent = True
        stream.data.clear()
        stream.reader = None
        if why is not None:
            self.is_harmed = True
            self._remarks[why] += 1

    def _wait(self, stream: _Stream, piece: Piece) -> None:
        """In the link phase: what each side says next may depend on what the other has said."""
        stream.data += piece.data
        while any(not each.is_silent and each.reader is None and each.next() for each in self._streams.values()):
            pass
        if len(stream.data) > _MOST_WAITING:
            self._silence(stream, NO_PARTNER)
        if not piece.missing or stream.is_silent:
            return
        if stream.reader is not None:
            self._feed(stream, Piece(b"", piece.missing, piece.come))
        else:
            self._silence(stream, LOST)

    def _take(self, side: Side, size: int) -> bytes | None:
        data = self._streams[side].data
        if len(data) < size:
            return None
        taken = bytes(data[:size])
        del data[:size]
        return taken

    def _say(self, side: Side, message: Message) -> None:
        self._said.append(Said(side, self._streams[side].come, self.channel, name_of(message), fields_of(message)))

    def _linking(self, side: Side, layout: Layout) -> Message | None:
        """The record that follows a link header."""
        stream = self._streams[side]
        if len(stream.data) < HEADER.size:
            return None
        magic, major, _, size = HEADER.unpack_from(stream.data)
        if magic != MAGIC or major != MAJOR or size > _MOST_LINK:
            self._silence(stream, MALFORMED_LINK)
            return None
        body = self._take(side, HEADER.size + size)
        try:
            return None if body is None else layout.decode(body[HEADER.size :])
        except MalformedError:
            self._silence(stream, MALFORMED_LINK)
            return None

    def _read_link(self) -> bool:
        link = self._linking(Side.CLIENT, LINK)
        if not isinstance(link, Link):
            return False
        self.link = link
        self._say(Side.CLIENT, link)
        self._streams[Side.CLIENT].next = self._read_mechanism
        return True

    def _read_reply(self) -> bool:
        reply = self._linking(Side.SERVER, LINK_REPLY) if self.link is not None else None
        if not isinstance(reply, LinkReply):
            return False
        self._reply = reply
        self._say(Side.SERVER, reply)
        self._streams[Side.SERVER].next = self._read_result
        return True

    def _both_have(self, cap: CommonCap) -> bool:
        assert self.link is not None
        return self._reply is not None and cap in self.link.common_caps and cap in self._reply.common_caps

    def _read_mechanism(self) -> bool:
        if self._reply is None:
            return False
        if self._both_have(CommonCap.PROTOCOL_AUTH_SELECTION):
            data = self._take(Side.CLIENT, _U32.size)
            if data is None:
                return False
            auth = Auth(_U32.unpack(data)[0])
            self._say(Side.CLIENT, auth)
            if auth.mechanism == AuthMechanism.SASL:
                self._silence(self._streams[Side.CLIENT], SASL)
                self._silence(self._streams[Side.SERVER], None)
                return True
        self._streams[Side.CLIENT].next = self._read_ticket
        return True

    def _read_ticket(self) -> bool:
        data = self._take(Side.CLIENT, TICKET_SIZE)
        if data is None:
            return False
        self._say(Side.CLIENT, Ticket(data))
        self._read_messages(Side.CLIENT)
        return True

    def _read_result(self) -> bool:
        data = self._take(Side.SERVER, _U32.size)
        if data is None:
            return False
        result = LinkResult(_U32.unpack(data)[0])
        self._say(Side.SERVER, result)
        if result.result:
            self._silence(self._streams[Side.SERVER], None)
        else:
            self._read_messages(Side.SERVER)
        return True

    def _read_messages(self, side: Side) -> None:
        stream = self._streams[side]
        is_mini = self._both_have(CommonCap.MINI_HEADER)
        self._header_size = _MINI_SIZE if is_mini else _FULL_SIZE
        stream.reader = FrameReader(is_mini, LONGEST_MESSAGE)
        rest = Piece(bytes(stream.data), 0, stream.come)
        stream.data.clear()
        self._feed(stream, rest)

    def _feed(self, stream: _Stream, piece: Piece) -> None:
        reader = stream.reader
        assert reader is not None
        if piece.missing > _LONGEST_GAP:
            self._silence(stream, LOST)
            return
        begun = stream.fed - reader.buffered
        stream.fed += len(piece.data) + piece.missing
        if piece.missing:
            stream.gaps.append((stream.fed - piece.missing, stream.fed))
        reader.feed(piece.data + bytes(piece.missing))
        try:
            while not stream.has_gap(begun, begun + self._header_size):
                frame = reader.next()
                if frame is None:
                    return
                ends = stream.fed - reader.buffered
                missing = stream.missing(begun + self._header_size, ends)
                self._take_frame(stream, frame, missing)
                begun = ends if frame.ends_frame else begun
            self._silence(stream, LOST)
        except MalformedError:
            self._silence(stream, LOST if stream.gaps else MALFORMED_FRAME)

    def _take_frame(self, stream: _Stream, frame: Frame, missing: bytes) -> None:
        assert self.link is not None
        understood = understand(self.link.channel_type, stream.side, frame, missing)
        if understood.remark is not None:
            self._remarks[understood.remark] += 1
        self.is_harmed = self.is_harmed or not understood.is_whole
        name, fields = understood.name, understood.fields
        self._said.append(Said(stream.side, stream.come, self.channel, name, fields, frame.number, len(frame.body)))
