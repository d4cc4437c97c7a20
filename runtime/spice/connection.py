"""A client's end of one SPICE connection: the link, then messages, with their upkeep (facts: SPICE 1.2, 1.7)."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice.protocol import base
from switchover.models.spice.protocol.channels import ChannelType, CommonCap, Side

from . import codec
from .acknowledgement import Acknowledger
from .framing import Frame, FrameReader, FrameWriter
from .link import ClientLink, LinkOutcome, LinkRequest
from .ticket import TICKET_SIZE


@dataclass(frozen=True)
class Received:
    """One message that has come, with its number and the size of its body. ``ends_frame``: no other came with it."""

    message: Message
    number: int
    size: int
    ends_frame: bool = True


class ChannelConnection:
    """One connection. Bytes go in by ``receive``, bytes to write come out of ``start``, ``receive``, ``send`` and
    ``pull``; messages come out of ``pull`` one at a time, so that whoever does not read leaves the rest unread.

    ``limit``: bytes of the longest message that is taken. Raises MalformedError for what no SPICE server sends.
    """

    def __init__(self, channel: ChannelType, request: LinkRequest, password: str, limit: int) -> None:
        self.channel = channel
        self.request = request
        self._link = ClientLink(request, password)
        self._limit = limit
        self._reader: FrameReader | None = None
        self._writer: FrameWriter | None = None
        self._acknowledger = Acknowledger()
        self._waiting: Received | None = None

    @property
    def outcome(self) -> LinkOutcome | None:
        """What the link came to; None: it is not done yet."""
        return self._link.outcome

    @property
    def is_linked(self) -> bool:
        """Whether the link was accepted: messages may be sent."""
        return self._writer is not None

    def start(self) -> bytes:
        """The connection is open: what to write."""
        return self._link.start()

    def receive(self, data: bytes) -> tuple[bytes, ...]:
        """Bytes have come. Returns what to write at once, as part of the link, step by step."""
        if self._reader is not None:
            self._reader.feed(data)
            return ()
        answer = self._link.receive(data)
        outcome = self._link.outcome
        if outcome is not None and outcome.result == 0:
            mini = CommonCap.MINI_HEADER in outcome.common_caps & self.request.common_caps
            self._reader, self._writer = FrameReader(mini, self._limit), FrameWriter(mini)
            self._reader.feed(self._link.rest)
        mechanism, ticket = answer[:-TICKET_SIZE], answer[-TICKET_SIZE:]
        return tuple(each for each in (mechanism, ticket) if each)

    def pull(self) -> Received | None:
        """The next message; None: none is complete."""
        if self._waiting is not None:
            received, self._waiting = self._waiting, None
            return received
        frame = self._reader.next() if self._reader is not None else None
        return None if frame is None else self._decode(frame)

    @property
    def has_something(self) -> bool:
        """Whether there may be something to pull."""
        return self._waiting is not None or (self._reader is not None and not self._reader.is_empty)

    def put_back(self, received: Received) -> None:
        """The message could not be handled yet: it stays at the head of the queue."""
        self._waiting = received

    def _decode(self, frame: Frame) -> Received:
        message = codec.decode(self.channel, Side.SERVER, frame.number, frame.body)
        return Received(message, frame.number, len(frame.body), frame.ends_frame)

    def upkeep(self, received: Received) -> list[Message]:
        """The answers to a message that was handled, which no chart is concerned with: PONG, ACK_SYNC, ACK."""
        message = received.message
        answers: list[Message] = []
        if isinstance(message, base.SetAck):
            return [self._acknowledger.on_set_ack(message)]
        if isinstance(message, base.Ping):
            answers.append(base.Pong(message.id, message.timestamp))
        if received.ends_frame and self._acknowledger.on_message():
            answers.append(base.Ack())
        return answers

    def encode(self, message: Message) -> tuple[bytes, int, int]:
        """A message as it goes over the wire, its number, and the size of its body. The link must be accepted."""
        assert self._writer is not None
        number, body = codec.encode(self.channel, Side.CLIENT, message)
        return self._writer.frame(number, body), number, len(body)
