"""What the asyncio driver and the simulator have in common: an endpoint, its connections, and its wishes carried out.

So what an endpoint may rely on (``endpoint``) is the same on real sockets and on simulated ones.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from .endpoint import Close, Connect, Endpoint, Pause, Report, Resume, Wish, Write

AnyEndpoint = TypeVar("AnyEndpoint", bound=Endpoint)


class Wire(Protocol):
    """One connection, as the runner sees it. None of its methods may call the runner before it has returned."""

    #: The number that the endpoint knows it by, and whether the endpoint may write; both set by the runner.
    number: int
    is_open: bool

    def begin(self) -> bool:
        """Connect. True: it is done already, and the runner will not be told; else it will."""
        ...

    def write(self, data: bytes) -> None:
        """Send these bytes."""
        ...

    def close(self) -> None:
        """Close after everything that was written, or give up connecting. The runner is not told of it any more."""
        ...

    def pause(self) -> None:
        """Deliver no more bytes and no end before ``resume``."""
        ...

    def resume(self) -> None:
        """Deliver again."""
        ...


class Runner:
    """Tells ``endpoint`` what happens, at ``clock()``, and carries out its wishes.

    ``open_wire`` makes what a connection begins with, ``arm`` is told each time when the endpoint wants to be called at
    the latest.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Callable[[], float],
        open_wire: Callable[[Connect], Wire],
        arm: Callable[[float | None], None],
        on_report: Callable[[object], None],
    ) -> None:
        self.endpoint = endpoint
        self.wires: dict[int, Wire] = {}
        self._clock = clock
        self._open_wire = open_wire
        self._arm = arm
        self._on_report = on_report
        self._wishes: deque[Wish] = deque()
        self._beginnings: deque[Wire] = deque()
        self._reports: deque[object] = deque()
        self._outgoing: dict[int, list[bytes]] = {}
        self._is_busy = False

    def call(self, fn: Callable[..., Sequence[Wish]], *args: Any, **options: Any) -> None:
        """Call a method of the endpoint that takes ``now`` and returns wishes; carry them out.

        Raises what the method raises, and ValueError for a wish that makes no sense.
        """
        self._carry_out(fn(*args, now=self._clock(), **options))

    def accepted(self, wire: Wire, listener: str, peer: str) -> None:
        """Somebody has connected to ``listener``."""
        number, wishes = self.endpoint.accepted(listener, peer, self._clock())
        self._enter(number, wire)
        wire.is_open = True
        self._carry_out(wishes)

    def connected(self, wire: Wire) -> None:
        """A connection wished for is open."""
        if self._is_current(wire):
            wire.is_open = True
            self._carry_out(self.endpoint.connected(wire.number, self._clock()))

    def refused(self, wire: Wire, reason: str) -> None:
        """A connection wished for could not be opened."""
        if self._leave(wire):
            self._carry_out(self.endpoint.refused(wire.number, reason, self._clock()))

    def received(self, wire: Wire, data: bytes) -> None:
        """Bytes have come."""
        if self._is_current(wire):
            self._carry_out(self.endpoint.received(wire.number, data, self._clock()))

    def ended(self, wire: Wire) -> None:
        """The peer has closed; nothing can be sent to it any more either."""
        if self._leave(wire):
            self._carry_out(self.endpoint.ended(wire.number, self._clock()))

    def lost(self, wire: Wire, reason: str) -> None:
        """The connection broke."""
        if self._leave(wire):
            self._carry_out(self.endpoint.lost(wire.number, reason, self._clock()))

    def timeout(self) -> None:
        """The time the endpoint wanted to be called at has come."""
        self._carry_out(self.endpoint.timeout(self._clock()))

    def _is_current(self, wire: Wire) -> bool:
        return self.wires.get(wire.number) is wire

    def _enter(self, number: int, wire: Wire) -> None:
        if number in self.wires:
            raise ValueError(f"connection {number} is in use, and the endpoint gave the number to another one")
        wire.number = number
        self.wires[number] = wire

    def _leave(self, wire: Wire) -> bool:
        if not self._is_current(wire):
            return False
        del self.wires[wire.number]
        return True

    def _carry_out(self, wishes: Sequence[Wish]) -> None:
        self._wishes.extend(wishes)
        if self._is_busy:
            # Whoever is told of a report may call the endpoint: its wishes come after those before them.
            return
        self._is_busy = True
        try:
            while self._wishes or self._beginnings or self._reports:
                while self._wishes:
                    self._carry_out_one(self._wishes.popleft())
                for number in tuple(self._outgoing):
                    self._flush(number)
                if self._beginnings:
                    self._begin(self._beginnings.popleft())
                # Only now: peers do not wait for whoever prints what is reported.
                elif self._reports:
                    self._on_report(self._reports.popleft())
        finally:
            self._wishes.clear()
            self._beginnings.clear()
            self._reports.clear()
            self._outgoing.clear()
            self._is_busy = False
        self._arm(self.endpoint.next_deadline())

    def _carry_out_one(self, wish: Wish) -> None:
        if isinstance(wish, Report):
            self._reports.append(wish.event)
            return
        if isinstance(wish, Connect):
            beginning = self._open_wire(wish)
            self._enter(wish.connection, beginning)
            self._beginnings.append(beginning)
            return
        number = wish.connection
        wire = self.wires.get(number)
        if wire is None:
            # It has ended, or broke, before the endpoint knew.
            return
        if isinstance(wish, Write):
            if not wire.is_open:
                raise ValueError(f"the endpoint writes to connection {number}, which is not open yet")
            self._outgoing.setdefault(number, []).append(wish.data)
            if wish.ends_segment:
                self._flush(number)
        elif isinstance(wish, Close):
            self._flush(number)
            del self.wires[number]
            wire.close()
        elif isinstance(wish, Pause):
            wire.pause()
        elif isinstance(wish, Resume):
            wire.resume()

    def _begin(self, wire: Wire) -> None:
        if self._is_current(wire) and wire.begin():
            wire.is_open = True
            self._wishes.extend(self.endpoint.connected(wire.number, self._clock()))

    def _flush(self, number: int) -> None:
        """Bytes wished for at once are sent at once: each sending costs a call of the system."""
        parts = self._outgoing.pop(number, None)
        if parts:
            self.wires[number].write(parts[0] if len(parts) == 1 else b"".join(parts))
