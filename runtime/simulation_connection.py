"""A simulated connection, and its two ends."""

from __future__ import annotations

from typing import Protocol

from . import reasons
from .endpoint import Address
from .runner import Runner
from .simulation_pipe import Kind, Pipe, Segment

#: Bytes that may wait at the sender (the default of ``asyncio_connection.Limits`` too).
MOST_WAITING = 16 * 1024 * 1024


class Place(Protocol):
    """Where an end is: a node of the network."""

    @property
    def name(self) -> str:
        """What the node is called."""
        ...

    @property
    def runner(self) -> Runner:
        """Who runs the node's endpoint."""
        ...


class Hosts(Protocol):
    """Those who can be connected to."""

    def answer(self, connection: Connection) -> None:
        """An attempt to connect has come: answer it, or do not."""
        ...

    def gone(self, connection: Connection) -> None:
        """Nothing is left of a connection."""
        ...


class End:
    """One end of a connection, at ``place`` (None: nobody has answered): a ``runner.Wire``."""

    def __init__(self, connection: Connection, place: Place | None, into: Pipe, out: Pipe) -> None:
        self.number = -1
        self.is_open = False
        self.is_paused = False
        self.is_over = False
        self.connection = connection
        self.place = place
        self.into, self.out = into, out
        into.target = self

    # What the runner wants.

    def begin(self) -> bool:
        """False: the attempt to connect is under way since there is this end."""
        return False

    def write(self, data: bytes) -> None:
        """Send these bytes. With a peer that lets too many wait the connection breaks."""
        self.out.write(data)
        waiting = self.out.waiting_size
        if waiting > MOST_WAITING:
            self.out.reset(reasons.RESET)
            self.into.reset(reasons.too_much_waits(waiting, MOST_WAITING))

    def close(self) -> None:
        """Close after everything that was written, or give up opening."""
        self.out.finish()
        self.end()

    def pause(self) -> None:
        """Leave what comes in the receive buffer."""
        self.is_paused = True

    def resume(self) -> None:
        """Read what has come, and what comes."""
        self.is_paused = False
        self.into.read_again()

    # What the network does.

    def arrive(self, segment: Segment) -> None:
        """A segment has come."""
        kind, place = segment.kind, self.place
        if kind is Kind.SYN:
            self.connection.hosts.answer(self.connection)
        elif kind in (Kind.FIN, Kind.RST):
            self._finish(segment)
        elif place is None:
            raise AssertionError("bytes have come for a host that has not answered")
        elif kind is Kind.DATA:
            place.runner.received(self, segment.data)
        elif kind is Kind.SYN_ACK:
            self.out.signal(Kind.ACK)
            place.runner.connected(self)
        else:
            place.runner.accepted(self, self.connection.listener, self.connection.client_name)

    def _finish(self, segment: Segment) -> None:
        self.end()
        if self.place is None:
            return
        runner = self.place.runner
        if self.is_open and segment.kind is Kind.FIN:
            runner.ended(self)
        elif self.is_open:
            runner.lost(self, segment.reason)
        elif self is self.connection.client:
            self.connection.server.end()
            runner.refused(self, segment.reason)

    def end(self) -> None:
        """It has ended or broken: nothing is wanted here any more."""
        self.is_over = True
        self.into.silence()
        self.connection.forget_if_over()


class Connection:
    """A simulated connection, from ``client`` to ``address``, where ``listener`` is what answered. ``names`` are those
    of the nodes at its ends, the client's first; where no node is, the host's.

    Scenarios may hold it up or cut it. An entry of the agenda: the moment when the attempt is given up, after ``limit``
    seconds of the client's clock.
    """

    def __init__(
        self,
        number: int,
        address: Address,
        limit: float,
        client: Place,
        target: str,
        pipes: tuple[Pipe, Pipe],
        hosts: Hosts,
    ) -> None:
        up, down = pipes
        self.number = number
        self.address = address
        self.listener = ""
        self.names = (client.name, target)
        self.pipes = pipes
        self.hosts = hosts
        self.client = End(self, client, down, up)
        self.server = End(self, None, up, down)
        self._limit = limit
        self._place = client

    @property
    def name(self) -> str:
        """The node whose attempt it is."""
        return self._place.name

    @property
    def client_name(self) -> str:
        """The client's end, for those who are told who has connected."""
        return f"{self._place.name}:{self.number}"

    def cut(self, reason: str = reasons.RESET) -> None:
        """Everything under way is gone, and each end learns, as late as anything would arrive, that it broke."""
        for pipe in self.pipes:
            pipe.reset(reason)

    def hold(self) -> None:
        """Let nothing arrive, in either direction, until ``release``."""
        for pipe in self.pipes:
            pipe.is_held = True

    def release(self) -> None:
        """Let what was held arrive now."""
        for pipe in self.pipes:
            pipe.is_held = False
            pipe.read_again()

    def vanish(self) -> None:
        """It is gone at once, and neither end is told."""
        self.client.end()
        self.server.end()

    def forget_if_over(self) -> None:
        """Nothing is left of a connection that is over at both ends."""
        if self.client.is_over and self.server.is_over:
            self.hosts.gone(self)

    def is_due(self, at: float) -> bool:
        """Whether the attempt is to be given up."""
        return not self.client.is_open and not self.client.is_over

    def happen(self) -> None:
        """The attempt is given up."""
        self.vanish()
        self._place.runner.refused(self.client, reasons.no_answer(self._limit))
