"""The migration streams of one host, to and from others: the ports ``outgoing`` and ``incoming`` of its hypervisor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from switchover.models.language import Message
from switchover.models.language.message import Closed, Opened
from switchover.models.language.process import Place, Process
from switchover.models.spice.link_timing.environment import StreamEnds

from ..endpoint import Address, Close, Connect, Report, Wish, Write
from . import migration_stream as stream
from .guest import Guest
from .host_events import StreamEnded, StreamOpened

#: Seconds that the target has for the connection.
CONNECT_LIMIT = 10.0


@dataclass
class _Outgoing:
    """A stream to another host. ``is_open``: connected."""

    number: int
    place: Place
    address: Address
    format: stream.OutgoingStream = field(default_factory=stream.OutgoingStream)
    is_open: bool = False


@dataclass
class _Incoming:
    """A stream from another host. ``place``: None before its header; ``deadline``: when that must have come."""

    number: int
    deadline: float
    format: stream.IncomingStream = field(default_factory=stream.IncomingStream)
    place: Place | None = None
    guest: stream.GuestState | None = None


class HostStreams:
    """``deliver`` hands the chart what has come, and says whether it was handled; ``fail`` lets the migration fail."""

    def __init__(
        self,
        guest: Guest,
        process: Process,
        deliver: Callable[[Place, Message], bool],
        fail: Callable[[str], None],
        wishes: list[Wish],
    ) -> None:
        self._guest = guest
        self._process = process
        self._deliver = deliver
        self._fail = fail
        self._wishes = wishes
        self._outgoing: dict[int, _Outgoing] = {}
        self._incoming: dict[int, _Incoming] = {}
        self.arrived: stream.GuestState | None = None

    def __contains__(self, number: int) -> bool:
        return number in self._outgoing or number in self._incoming

    def next_deadline(self) -> float | None:
        """When the next incoming stream must have begun."""
        return min((each.deadline for each in self._incoming.values() if each.place is None), default=None)

    # What the chart wants.

    def open(self, number: int, place: Place, address: Address) -> None:
        """Connect to the target's migration listener."""
        self._outgoing[number] = _Outgoing(number, place, address)
        self._wishes.append(Connect(number, address, CONNECT_LIMIT))

    def send_guest(self, place: Place, now: float) -> None:
        """The guest goes, and with it the stream ends."""
        found = self._at(place)
        if found is not None and found.is_open:
            self._wishes.append(Write(found.number, stream.guest_line(self._guest.state(now)) + stream.END))

    def close(self, place: Place, now: float) -> None:
        """Close the stream after what was sent."""
        found = self._at(place)
        if found is not None:
            del self._outgoing[found.number]
            self._close(found.number, "closed by the host", now)

    def close_all(self, now: float) -> None:
        """The process ends."""
        for number in (*self._outgoing, *self._incoming):
            self._close(number, "closed by the host", now)
        self._outgoing.clear()
        self._incoming.clear()

    def _at(self, place: Place) -> _Outgoing | None:
        return next((each for each in self._outgoing.values() if each.place == place), None)

    # What happens to them.

    def accept(self, number: int, peer: str, deadline: float, now: float) -> None:
        """Somebody has connected to the migration listener, which takes as many as the chart has ports."""
        self._wishes.append(Report(StreamOpened(now, number, peer)))
        if len(self._incoming) >= len(self._ports()):
            self._close(number, "more migration streams than there are hosts", now)
        else:
            self._incoming[number] = _Incoming(number, deadline)

    def connected(self, number: int, now: float) -> None:
        """The target's listener has accepted."""
        self._outgoing[number].is_open = True
        self._wishes.append(Report(StreamOpened(now, number, str(self._outgoing[number].address))))
        self._wishes.append(Write(number, stream.HEADER))

    def received(self, number: int, data: bytes, now: float) -> None:
        """Bytes have come."""
        try:
            if number in self._outgoing:
                self._from_target(self._outgoing[number], data)
            else:
                self._from_source(self._incoming[number], data, now)
        except stream.StreamError as error:
            self._close(number, str(error), now)
            self._break(number, str(error))

    def over(self, number: int, reason: str, now: float) -> None:
        """The connection has ended, or broke, or was never there."""
        self._wishes.append(Report(StreamEnded(now, number, reason)))
        self._break(number, reason)

    def give_up_late(self, now: float) -> None:
        """Close incoming streams that have not begun in time."""
        for each in list(self._incoming.values()):
            if each.place is None and each.deadline <= now:
                self._close(each.number, "no migration stream", now)
                del self._incoming[each.number]

    def _from_target(self, found: _Outgoing, data: bytes) -> None:
        if found.format.feed(data):
            self._deliver(found.place, Opened())

    def _from_source(self, found: _Incoming, data: bytes, now: float) -> None:
        for part in found.format.feed(data):
            if part is stream.Mark.HEADER:
                self._begin(found, now)
            elif isinstance(part, stream.GuestState):
                self.arrived = part
            elif part is stream.Mark.END and found.place is not None:
                self._deliver(found.place, StreamEnds())
            if found.number not in self._incoming:
                return

    def _begin(self, found: _Incoming, now: float) -> None:
        free = [each for each in self._ports() if not self._process.is_open(each)]
        place = free[0] if free else None
        if place is None or self._guest.runs or not self._deliver(place, Opened()):
            del self._incoming[found.number]
            self._close(found.number, "no guest is expected here", now)
            return
        found.place = place
        self._wishes.append(Write(found.number, stream.LOADING))

    def _ports(self) -> tuple[Place, ...]:
        return self._process.places("hypervisor", "incoming")

    def _break(self, number: int, reason: str) -> None:
        outgoing, incoming = self._outgoing.pop(number, None), self._incoming.pop(number, None)
        if outgoing is not None:
            self._fail(reason)
        elif incoming is not None and incoming.place is not None:
            self._deliver(incoming.place, Closed())

    def _close(self, number: int, reason: str, now: float) -> None:
        self._wishes.append(Close(number))
        self._wishes.append(Report(StreamEnded(now, number, reason)))
