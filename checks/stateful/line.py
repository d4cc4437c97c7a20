"""A connection slot as a pair of byte streams: what TCP does, on bytes (docs/semantics.md, section 3).

Written apart from the reference (``models/language/connection.py``), which it is held against after each step.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from switchover.models.language import Closed, Lost, Message, Opened, Refused
from switchover.models.language.connection import ConnectionState
from switchover.models.language.message import ENDINGS

from .wires import Wire, WireMaker

_OPENED, _REFUSED, _CLOSED, _LOST = Opened(), Refused(), Closed(), Lost()


class WireFault(Exception):  # noqa: N818 - it is one of the wire
    """A message did not come out of the wire as one message; one line."""


@dataclass(frozen=True)
class _InFlight:
    """What is on its way: a message in its bytes, and as the receiver decodes it; or a connection event, in none."""

    data: bytes
    message: Message


class Line:
    """One slot. Ends are 0 and 1; ``make_wire`` is called whenever a connection is opened in it."""

    def __init__(self, make_wire: WireMaker, is_established: bool) -> None:
        self._make_wire = make_wire
        self._wire: Wire | None = make_wire() if is_established else None
        self.open_ends = [is_established, is_established]
        self._coming: tuple[deque[_InFlight], deque[_InFlight]] = (deque(), deque())

    @property
    def state(self) -> ConnectionState:
        """Which ends are open, and what will arrive at each, as it decodes it."""
        first, second = (tuple(each.message for each in coming) for coming in self._coming)
        return ConnectionState((self.open_ends[0], self.open_ends[1]), (first, second))

    def first(self, end: int) -> Message:
        """What arrives at ``end`` next; there is something."""
        return self._coming[end][0].message

    # What the ends do.

    def connect(self, end: int) -> None:
        """``end`` opens the connection; the slot is free."""
        self._wire = self._make_wire()
        self.open_ends[end] = True
        self._announce(1 - end, _OPENED)

    def write(self, end: int, message: Message) -> None:
        """``end`` says something; gone without a word if the other has ended the connection already.

        Raises WireFault.
        """
        if self._is_over(end):
            return
        assert self._wire is not None, "who writes has the connection open"
        try:
            data = self._wire.encode(end, message)
            found = _decoded(self._wire, end, data)
        except Exception as error:
            raise WireFault(f"{message}: {type(error).__name__}: {error}") from error
        if len(found) != 1:
            raise WireFault(f"{message}: its {len(data)} bytes were decoded as {len(found)} messages")
        self._coming[1 - end].append(_InFlight(data, found[0]))

    def close(self, end: int) -> None:
        """``end`` reads no more; the other does until all has come."""
        if not self._is_over(end):
            self._announce(1 - end, _CLOSED)
        self._coming[end].clear()
        self.open_ends[end] = False

    # What happens to them.

    def take(self, end: int) -> Message:
        """The first of what is on its way to ``end`` arrives there."""
        arrived = self._coming[end].popleft().message
        if isinstance(arrived, Opened):
            self.open_ends[end] = True
        elif isinstance(arrived, ENDINGS):
            self.open_ends[end] = False
        return arrived

    def tell_accepted(self, end: int) -> None:
        """``end`` has accepted a connection: the other is told, if it is still there."""
        if self.open_ends[1 - end]:
            self._announce(1 - end, _OPENED)

    def refuse(self, end: int) -> None:
        """``end`` does not accept the connection that is being opened."""
        self._coming[end].clear()
        self._end_for(1 - end, _REFUSED)

    def cut(self) -> None:
        """The connection breaks."""
        for end in (0, 1):
            self._end_for(end, _LOST)

    def crash(self, end: int) -> None:
        """The process at ``end`` is gone. What it had ended before is left to drain."""
        if not self.open_ends[end] and self._is_over(1 - end):
            return
        self.open_ends[end] = False
        self._coming[end].clear()
        self._end_for(1 - end, _LOST)

    def _is_over(self, end: int) -> bool:
        """Whether the other side has ended it: an ending is on its way to ``end``."""
        coming = self._coming[end]
        return bool(coming) and isinstance(coming[-1].message, ENDINGS)

    def _announce(self, end: int, event: Message) -> None:
        self._coming[end].append(_InFlight(b"", event))

    def _end_for(self, end: int, event: Message) -> None:
        self._coming[end].clear()
        if self.open_ends[end]:
            self._announce(end, event)


def _decoded(wire: Wire, sender: int, data: bytes) -> list[Message]:
    """The messages, out of bytes that come in two pieces."""
    half = len(data) // 2
    return wire.decode(sender, data[:half]) + wire.decode(sender, data[half:])
