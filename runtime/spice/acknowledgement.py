"""Acknowledgement windows: how much a server sends ahead on display and cursor channels (facts: SPICE 1.7)."""

from __future__ import annotations

from switchover.models.spice.protocol.base import AckSync, SetAck

#: How many messages a server asks to be acknowledged together, and on a link of low bandwidth.
WINDOW = 20
LOW_BANDWIDTH_WINDOW = 40


class Acknowledger:
    """The receiver: counts messages, and says when an ACK is due."""

    def __init__(self) -> None:
        self._window = 0
        self._count = 0

    def on_set_ack(self, message: SetAck) -> AckSync:
        """The server has set a window: count anew. Returns the answer. A window of 0: no ACK is due any more."""
        self._window, self._count = message.window, 0
        return AckSync(message.generation)

    def on_message(self) -> bool:
        """A message other than SET_ACK has come. Returns whether to send ACK now."""
        self._count += 1
        if self._count != self._window:
            return False
        self._count = 0
        return True


class SendWindow:
    """The sender: as a channel is new it may send nothing; released, it sends until too much is not acknowledged.

    What ``set_ack`` returns is to be sent before anything else, and counts like any message.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self.window = window
        self._generation = 0
        self._synced: int | None = None
        self._unacknowledged = 0
        self._is_released = False

    @property
    def may_send(self) -> bool:
        """Whether a message may be sent now."""
        return self._is_released and self._unacknowledged <= 2 * self.window

    def release(self) -> None:
        """The channel is initialised, or its MIGRATE_DATA has come."""
        self._is_released = True

    def set_ack(self) -> SetAck:
        """Begin a new generation: nothing is unacknowledged."""
        self._generation += 1
        self._unacknowledged = 0
        return SetAck(self._generation, self.window)

    def on_sent(self) -> None:
        """A message has been sent."""
        self._unacknowledged += 1

    def on_ack_sync(self, message: AckSync) -> None:
        """The client has seen a SET_ACK."""
        self._synced = message.generation

    def on_ack(self) -> None:
        """The client acknowledges a window. What belongs to an earlier generation is ignored."""
        if self._synced == self._generation:
            self._unacknowledged = max(0, self._unacknowledged - self.window)
