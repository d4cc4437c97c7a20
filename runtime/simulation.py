"""Runs endpoints in a simulated network: virtual time, drawn delays, the same each time for the same seed.

    network = Network(seed=1, link=Link(latency=0.02, jitter=0.01))
    server = network.add("server", endpoint, {"spice": Address("server", 5900)})
    client = network.add("client", other, skew=100.0)
    client.call(other.connect)
    network.run_until(lambda: other.is_over, limit=60)

With ``by_choice`` nothing happens by itself: ``enabled`` says what can happen next, and ``take`` lets it happen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from . import reasons
from .endpoint import Address, Connect, Endpoint
from .simulation_agenda import Agenda, Call
from .simulation_connection import Connection, End
from .simulation_node import Node
from .simulation_pipe import Kind, Link, Medium, Pipe

__all__ = ["Choice", "Connection", "Delivery", "Link", "Network", "Node", "Reported", "Timeout"]


@dataclass(frozen=True)
class Reported:
    """What an endpoint reported, and when, in the network's time."""

    time: float
    node: str
    event: object


@dataclass(frozen=True)
class Delivery:
    """What can arrive next in one direction of a connection. ``what``: a Kind's value; ``size`` in bytes."""

    connection: int
    sender: str
    receiver: str
    what: str
    size: int


@dataclass(frozen=True)
class Timeout:
    """The time that comes next at which something is to happen; ``node`` is empty for a call that ``at`` put off."""

    node: str
    time: float


Choice = Delivery | Timeout


class Network:
    """The network, empty at first. ``seed`` decides everything that is drawn.

    ``link`` is how bytes travel where ``set_link`` says nothing else; ``on_connect`` is shown each connection before
    anything travels on it. ``segments``: bytes are cut and merged at random, as TCP may; without, they arrive as they
    were written.
    """

    def __init__(
        self,
        seed: int = 0,
        link: Link | None = None,
        *,
        segments: bool = True,
        by_choice: bool = False,
        on_connect: Callable[[Connection], None] | None = None,
    ) -> None:
        self.events: list[Reported] = []
        self.nodes: dict[str, Node] = {}
        #: Those that are not over, by number, in the order in which they were made.
        self.connections: dict[int, Connection] = {}
        #: Hosts that answer no attempt to connect.
        self.blackholes: set[str] = set()
        self._agenda = Agenda()
        self._medium = Medium(self._agenda, Random(seed), segments, by_choice)
        self._link = link or Link()
        self._links: dict[tuple[str, str], Link] = {}
        self._listeners: dict[tuple[str, int], tuple[Node, str, Address]] = {}
        self._reporters: dict[str, Callable[[Any], None]] = {}
        self._on_connect = on_connect
        self._made = 0

    @property
    def time(self) -> float:
        """The network's time, in s; it begins at 0."""
        return self._agenda.time

    # What there is.

    def add(
        self,
        name: str,
        endpoint: Endpoint,
        listeners: Mapping[str, Address] | None = None,
        *,
        skew: float = 0.0,
        drift: float = 0.0,
        on_report: Callable[[Any], None] | None = None,
    ) -> Node:
        """A node that runs ``endpoint``; its clock is ``skew`` seconds ahead and gains ``drift`` seconds a second.

        ``listeners``: the address of each. Raises ValueError for a name or an address that is taken.
        """
        if name in self.nodes:
            raise ValueError(f"there is a node {name} already")
        node = Node(name, endpoint, self._agenda, (skew, drift), self._connect, self._note)
        self.nodes[name] = node
        if on_report is not None:
            self._reporters[name] = on_report
        for listener, address in (listeners or {}).items():
            self.listen(name, listener, address)
        return node

    def listen(self, name: str, listener: str, address: Address) -> None:
        """Accept connections to ``address`` for the node's ``listener``. Raises ValueError, KeyError."""
        key = (address.host, address.port)
        if key in self._listeners:
            raise ValueError(f"{self._listeners[key][0].name} listens at {address} already")
        self._listeners[key] = (self.nodes[name], listener, address)

    def stop_listening(self, address: Address) -> None:
        """Accept no more connections to ``address``. Raises KeyError."""
        del self._listeners[address.host, address.port]

    def remove(self, name: str) -> None:
        """The node crashes: its peers find their connections broken. Raises KeyError."""
        node = self.nodes.pop(name)
        node.is_gone = True
        self._reporters.pop(name, None)
        self._listeners = {key: entry for key, entry in self._listeners.items() if entry[0] is not node}
        for connection in tuple(self.connections.values()):
            if connection.client.place is node and not connection.client.is_open:
                connection.vanish()
                continue
            for end in (connection.client, connection.server):
                if end.place is node and not end.is_over:
                    end.end()
                    end.out.reset(reasons.RESET)

    def set_link(self, sender: str, receiver: str, link: Link) -> None:
        """How bytes travel from one node to another, in connections made from now on."""
        self._links[sender, receiver] = link

    def between(self, one: str, other: str) -> list[Connection]:
        """The connections between two nodes, in the order in which they were made."""
        return [each for each in self.connections.values() if set(each.names) == {one, other}]

    def cut(self, one: str, other: str) -> None:
        """Cut every connection between two nodes."""
        for connection in self.between(one, other):
            connection.cut()

    # What happens.

    def at(self, time: float, fn: Callable[[], object]) -> None:
        """Call ``fn`` when the time has come. Raises ValueError for a time that is past."""
        if time < self.time:
            raise ValueError(f"{time} s is past, it is {self.time} s")
        self._agenda.plan(time, Call(fn))

    def run_until(self, until: float | Callable[[], bool], limit: float = 3600.0) -> float:
        """Let things happen until that time, or until the condition holds, looked at after each of them.

        The time comes back. Raises TimeoutError when the condition does not hold within ``limit`` seconds, or nothing
        more will happen; ValueError when things happen by choice; and what endpoints raise.
        """
        if self._medium.by_choice:
            raise ValueError("in this network things happen by choice: take what is enabled")
        agenda = self._agenda
        if not callable(until):
            agenda.run(until)
            agenda.time = max(agenda.time, until)
        elif not until() and not agenda.run(agenda.time + limit, until):
            why = "nothing more happens" if agenda.next() is None else f"{limit:g} s are over"
            raise TimeoutError(f"at {agenda.time:g} s the condition does not hold, and {why}")
        return agenda.time

    # What can happen, one thing at a time.

    def enabled(self) -> list[Choice]:
        """What can happen next: what comes next in each direction of each connection, and the time that comes next."""
        choices: list[Choice] = [
            _delivery(connection, pipe) for connection in self.connections.values() for pipe in _moving(connection)
        ]
        timeout = self._next_timeout()
        return choices if timeout is None else [*choices, timeout]

    def take(self, choice: Choice) -> None:
        """Let it happen. Only a Timeout makes time pass. Raises ValueError when it is not enabled."""
        if isinstance(choice, Timeout):
            if choice != self._next_timeout():
                raise ValueError(f"{choice} is not what comes next")
            self._agenda.take_next()
            return
        connection = self.connections.get(choice.connection)
        if connection is not None:
            for pipe in _moving(connection):
                if _delivery(connection, pipe) == choice:
                    pipe.deliver()
                    return
        raise ValueError(f"{choice} is not under way, or its receiver does not read")

    def wait(self, seconds: float) -> None:
        """Let time pass, by choice, but not beyond the time that comes next."""
        timeout = self._next_timeout()
        time = self.time + seconds
        self._agenda.time = time if timeout is None else min(time, timeout.time)

    def _next_timeout(self) -> Timeout | None:
        found = self._agenda.next()
        return None if found is None else Timeout(found[1].name, found[0])

    # What nodes and connections want.

    def answer(self, connection: Connection) -> None:
        """What a host does with an attempt to connect."""
        server, wanted = connection.server, connection.address
        if wanted.host in self.blackholes:
            return
        entry = self._listeners.get((wanted.host, wanted.port))
        if entry is None:
            server.out.reset(reasons.REFUSED)
            return
        node, listener, offered = entry
        if wanted.tls != offered.tls:
            server.out.reset(reasons.ONLY_ONE_SPEAKS_TLS)
        elif wanted.subject and wanted.subject != offered.subject:
            server.out.reset(reasons.wrong_subject(offered.subject, wanted.subject))
        else:
            server.place = node
            connection.listener = listener
            server.out.signal(Kind.SYN_ACK)

    def gone(self, connection: Connection) -> None:
        """Nothing is left of a connection."""
        self.connections.pop(connection.number, None)

    def _connect(self, node: Node, wish: Connect) -> End:
        address = wish.address
        entry = self._listeners.get((address.host, address.port))
        target = entry[0].name if entry else address.host
        up = Pipe(self._medium, self._links.get((node.name, target), self._link))
        down = Pipe(self._medium, self._links.get((target, node.name), self._link))
        connection = Connection(self._made, address, wish.limit, node, target, (up, down), self)
        self.connections[self._made] = connection
        self._made += 1
        if self._on_connect is not None:
            self._on_connect(connection)
        up.signal(Kind.SYN)
        self._agenda.plan(self.time + node.lasts(wish.limit), connection)
        return connection.client

    def _note(self, node: Node, event: object) -> None:
        self.events.append(Reported(self.time, node.name, event))
        reporter = self._reporters.get(node.name)
        if reporter is not None:
            reporter(event)


def _moving(connection: Connection) -> list[Pipe]:
    """The directions in which something can arrive."""
    return [pipe for pipe in connection.pipes if pipe.flight and not pipe.is_stalled]


def _delivery(connection: Connection, pipe: Pipe) -> Delivery:
    names = connection.names if pipe is connection.client.out else connection.names[::-1]
    segment = pipe.flight[0]
    return Delivery(connection.number, *names, segment.kind.value, len(segment.data))
