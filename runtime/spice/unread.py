"""How much of what a server sends a client has not shown to have read: its answer to a PING shows it for all before."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from switchover.models.language import Message
from switchover.models.spice.protocol import base

_NUMBERS = 1 << 32


class Unread:
    """Counts the bytes of one connection. It numbers the PINGs, from 1, and knows what was sent before each."""

    def __init__(self) -> None:
        self._sent = 0
        self._read = 0
        self._pinged = 0
        self._count = 0
        self._owed: deque[tuple[base.Pong, int]] = deque()

    @property
    def size(self) -> int:
        """Bytes that the client may not have read."""
        return self._sent - self._read

    @property
    def unpinged(self) -> int:
        """Bytes that were sent behind the last PING."""
        return self._sent - self._pinged

    @property
    def is_owed(self) -> bool:
        """Whether a PING has not been answered."""
        return bool(self._owed)

    def number(self, message: base.Ping) -> base.Ping:
        """The PING as it is to be sent next."""
        self._count += 1
        return replace(message, id=self._count % _NUMBERS)

    def on_sent(self, message: Message, size: int) -> None:
        """A message has been sent, in so many bytes."""
        self._sent += size
        if isinstance(message, base.Ping):
            self._pinged = self._sent
            self._owed.append((base.Pong(message.id, message.timestamp), self._sent))

    def on_pong(self, message: base.Pong) -> None:
        """The client has answered. What answers no PING that was sent shows nothing."""
        if any(message == owed for owed, _ in self._owed):
            while self._owed:
                owed, self._read = self._owed.popleft()
                if owed == message:
                    break
