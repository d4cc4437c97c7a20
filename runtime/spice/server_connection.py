"""A server's end of one SPICE connection: the link, then messages, as many as the client lets it send ahead (facts:
SPICE 1.2, 1.7).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice.protocol import base
from switchover.models.spice.protocol.channels import ChannelType, CommonCap, Side

from . import codec
from .acknowledgement import SendWindow
from .connection import Received
from .framing import FrameReader, FrameWriter
from .link import Announce, LinkRequest, Policy, ServerLink
from .ticket import ServerKey
from .unread import Unread

#: The channels on which a server waits for acknowledgements (facts: SPICE 1.7).
_WINDOWED = (ChannelType.DISPLAY, ChannelType.CURSOR)


@dataclass(frozen=True)
class Sent:
    """One message that goes out, its number, the size of its body, and its bytes with the header."""

    message: Message
    number: int
    size: int
    data: bytes


class ServerConnection:
    """One connection. Bytes go in by ``receive``; what to write comes out of it, of ``answer`` and of ``flush``;
    messages come out of ``pull`` one at a time.

    ``announce``: common and own capabilities for a channel type; ``policy``: whether one may be linked by this
    connection; ``limit``: bytes of the longest message that is taken. ``received``: bytes that have come; ``unread``:
    what is known of those that were sent. Raises MalformedError for what no SPICE client sends.
    """

    def __init__(self, key: ServerKey, announce: Announce, limit: int, policy: Policy | None = None) -> None:
        self.received = 0
        self.unread = Unread()
        self._link = ServerLink(key, announce, policy)
        self._announce = announce
        self._limit = limit
        self._reader: FrameReader | None = None
        self._writer: FrameWriter | None = None
        self._window: SendWindow | None = None
        self._queue: deque[Message] = deque()
        self._waiting: Received | None = None

    @property
    def request(self) -> LinkRequest | None:
        """What the client wants to link; None: it has not said so yet."""
        return self._link.request

    @property
    def password(self) -> str | None:
        """What the ticket says, when the link waits for an answer."""
        return self._link.password

    @property
    def waits_for_answer(self) -> bool:
        """Whether all of the link has come, and ``answer`` is to be called."""
        return self._link.is_waiting_for_answer

    @property
    def refused(self) -> int | None:
        """The error that the link ended with by itself: what ``receive`` returned is all that is to be written."""
        return self._link.refused

    @property
    def refused_ticket(self) -> bool:
        """Whether that was the link's result; else it was the reply."""
        return self._link.refused_ticket

    @property
    def is_linked(self) -> bool:
        """Whether messages may be exchanged."""
        return self._writer is not None

    @property
    def may_send(self) -> bool:
        """Whether a message would go out at once."""
        return not self._queue and (self._window is None or self._window.may_send)

    @property
    def waiting(self) -> int:
        """How many messages wait until the client has acknowledged enough."""
        return len(self._queue)

    @property
    def serial(self) -> int:
        """Serial number of the last message sent, or put off."""
        return (self._writer.serial if self._writer is not None else 0) + len(self._queue)

    def receive(self, data: bytes) -> bytes:
        """Bytes have come. Returns what to write at once, as part of the link."""
        self.received += len(data)
        if self._reader is not None:
            self._reader.feed(data)
            return b""
        return self._link.receive(data)

    def answer(self, result: int) -> bytes:
        """The link's result, to be written. With 0 the connection is linked."""
        written = self._link.answer(result)
        request = self._link.request
        if result == 0 and request is not None:
            mini = CommonCap.MINI_HEADER in request.common_caps & self._announce(request.channel_type)[0]
            self._reader, self._writer = FrameReader(mini, self._limit), FrameWriter(mini)
            self._reader.feed(self._link.rest)
            if request.channel_type in _WINDOWED:
                self._window = SendWindow()
                self._window.release()
        return written

    def pull(self) -> Received | None:
        """The next message; None: none is complete. What only says how far the client is comes out like any other."""
        if self._waiting is not None:
            received, self._waiting = self._waiting, None
            return received
        frame = self._reader.next() if self._reader is not None else None
        if frame is None or self.request is None:
            return None
        message = codec.decode(self.request.channel_type, Side.CLIENT, frame.number, frame.body)
        return Received(message, frame.number, len(frame.body))

    def put_back(self, received: Received) -> None:
        """The message could not be handled yet: it stays at the head of the queue."""
        self._waiting = received

    def note(self, message: Message) -> None:
        """A message was handled: it may have been an acknowledgement, or the answer to a PING."""
        if isinstance(message, base.Pong):
            self.unread.on_pong(message)
        elif self._window is None:
            return
        elif isinstance(message, base.AckSync):
            self._window.on_ack_sync(message)
        elif isinstance(message, base.Ack):
            self._window.on_ack()

    def send(self, messages: list[Message]) -> None:
        """These are to go out, in order, as soon as they may; ``flush`` has those that may."""
        if self._writer is not None:
            self._queue.extend(messages)

    def flush(self) -> list[Sent]:
        """What goes out now. Raises ValueError for a message that the wire cannot carry."""
        sent: list[Sent] = []
        while self._queue and (self._window is None or self._window.may_send):
            sent.append(self._encode(self._queue.popleft()))
        return sent

    def _encode(self, message: Message) -> Sent:
        assert self._writer is not None
        assert self.request is not None
        if self._window is not None:
            message = self._window.set_ack() if isinstance(message, base.SetAck) else message
            self._window.on_sent()
        if isinstance(message, base.Ping):
            message = self.unread.number(message)
        number, body = codec.encode(self.request.channel_type, Side.SERVER, message)
        data = self._writer.frame(number, body)
        if self._window is None:
            self.unread.on_sent(message, len(data))
        return Sent(message, number, len(body), data)
