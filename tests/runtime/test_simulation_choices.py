"""A network in which nothing happens by itself: whatever is chosen, each connection stays a connection."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from switchover.runtime import reasons
from switchover.runtime.endpoint import Address, Close, Pause, Resume, Write
from switchover.runtime.simulation import Delivery, Network, Timeout
from toy_endpoints import Told, Toy, sender

SERVER = Address("server", 5900)
SPICE = {"spice": SERVER}


def test_one_thing_at_a_time() -> None:
    network = Network(by_choice=True, segments=False)
    server, client = Toy(), Toy()
    network.add("server", server, SPICE)
    node = network.add("client", client)
    assert network.enabled() == []
    node.call(client.connect, SERVER, limit=30.0)
    late = Timeout("client", 30.0)
    taken = []
    for _ in range(3):
        first, timeout = network.enabled()[0], network.enabled()[1:]
        assert timeout == ([late] if len(taken) < 2 else [])
        network.take(first)
        taken.append(first)
    assert taken == [
        Delivery(0, "client", "server", "SYN", 0),
        Delivery(0, "server", "client", "SYN+ACK", 0),
        Delivery(0, "client", "server", "ACK", 0),
    ]
    assert (client.told, server.told) == ([Told("connected", 2)], [Told("accepted", 1, "spice")])
    node.call(client.do, Write(2, b"one"))
    node.call(client.do, Write(2, b"three"), Close(2))
    assert network.enabled() == [Delivery(0, "client", "server", "data", 3)]
    for size in (3, 5):
        network.take(Delivery(0, "client", "server", "data", size))
    network.take(Delivery(0, "client", "server", "FIN", 0))
    assert server.chunks == [b"one", b"three"]
    assert (network.enabled(), network.connections, network.time) == ([], {}, 0.0)


def test_connections_have_no_order_between_them() -> None:
    network = Network(by_choice=True, segments=False)
    server, client = Toy(), Toy()
    network.add("server", server, SPICE)
    node = network.add("client", client)
    for _ in range(2):
        node.call(client.connect, SERVER)
    for connection in (1, 0):
        for choice in ("SYN", "SYN+ACK", "ACK"):
            [now] = [each for each in network.enabled() if getattr(each, "connection", None) == connection]
            assert isinstance(now, Delivery)
            assert now.what == choice
            network.take(now)
    assert [each.connection for each in client.told] == [4, 2]


def test_time_passes_by_choice() -> None:
    network = Network(by_choice=True)
    early, late = Toy(), Toy()
    fast = network.add("fast", early, skew=1000.0, drift=1.0)
    slow = network.add("slow", late)
    fast.call(early.wake_in, 10.0)
    slow.call(late.wake_in, 7.0)
    calls: list[float] = []
    network.at(6.0, lambda: calls.append(network.time))
    assert network.enabled() == [Timeout("fast", 5.0)]
    network.wait(3.0)
    assert (network.time, network.enabled()) == (3.0, [Timeout("fast", 5.0)])
    network.wait(3.0)
    assert (network.time, early.told) == (5.0, [])
    with pytest.raises(ValueError, match="is not what comes next"):
        network.take(Timeout("slow", 7.0))
    for choice in (Timeout("fast", 5.0), Timeout("", 6.0), Timeout("slow", 7.0)):
        assert network.enabled() == [choice]
        network.take(choice)
    assert (early.times, late.times, calls, network.enabled()) == ([1010.0], [7.0], [6.0], [])
    network.wait(1.0)
    assert network.time == 8.0


def test_who_does_not_read_gets_nothing_but_a_loss() -> None:
    network = Network(by_choice=True)
    server, client = sender(b"data"), Toy(connected=lambda *_: [Pause(2)])
    network.add("server", server, SPICE)
    network.add("client", client).call(client.connect, SERVER)
    while deliveries := [each for each in network.enabled() if isinstance(each, Delivery)]:
        network.take(deliveries[0])
    assert (client.got, network.enabled()) == ({}, [])
    with pytest.raises(ValueError, match="is not under way, or its receiver does not read"):
        network.take(Delivery(0, "server", "client", "data", 4))
    network.cut("client", "server")
    assert network.enabled() == [Delivery(0, "server", "client", "RST", 0)]
    network.take(network.enabled()[0])
    assert client.told[-1] == Told("lost", 2, reasons.RESET)


def test_nothing_happens_by_itself() -> None:
    with pytest.raises(ValueError, match="things happen by choice"):
        Network(by_choice=True).run_until(1.0)


class AnyOrder(RuleBasedStateMachine):
    """Two clients, a server, and whatever is chosen; the bytes of each direction arrive in order and are never more."""

    @initialize(seed=st.integers(0, 100))
    def begin(self, seed: int) -> None:
        self.network = Network(seed, by_choice=True)
        self.server = Toy()
        self.clients = [Toy(), Toy()]
        self.below = self.network.add("server", self.server, SPICE)
        self.above = [self.network.add(f"client {number}", client) for number, client in enumerate(self.clients)]
        self.written: dict[tuple[int, int], bytes] = {}

    def open_connections(self) -> list[tuple[int, int]]:
        return [
            (at, number)
            for at, node in enumerate(self.above)
            for number, wire in node.runner.wires.items()
            if wire.is_open
        ]

    @rule(at=st.integers(0, 1), limit=st.floats(1, 100))
    def connect(self, at: int, limit: float) -> None:
        self.above[at].call(self.clients[at].connect, SERVER, limit=limit)

    @precondition(lambda self: self.network.enabled())
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        self.network.take(data.draw(st.sampled_from(self.network.enabled())))

    @precondition(lambda self: self.open_connections())
    @rule(data=st.data(), text=st.binary(min_size=1, max_size=50), pause=st.sampled_from([None, Pause, Resume, Close]))
    def write(self, data: st.DataObject, text: bytes, pause: type[Pause] | type[Resume] | type[Close] | None) -> None:
        at, number = data.draw(st.sampled_from(self.open_connections()))
        self.written[at, number] = self.written.get((at, number), b"") + text
        self.above[at].call(self.clients[at].do, Write(number, text), *([] if pause is None else [pause(number)]))

    @precondition(lambda self: self.network.connections)
    @rule(data=st.data(), hold=st.sampled_from(["hold", "release", "cut"]))
    def disturb(self, data: st.DataObject, hold: str) -> None:
        connection = data.draw(st.sampled_from(list(self.network.connections.values())))
        getattr(connection, hold)()

    @rule(seconds=st.floats(0, 5))
    def wait(self, seconds: float) -> None:
        self.network.wait(seconds)

    @invariant()
    def bytes_are_a_beginning_of_what_was_written_and_all_at_the_end(self) -> None:
        ended = {each.connection for each in self.server.heard("ended")}
        for number, data in self.server.got.items():
            written = self.written.values()
            assert any(each == data if number in ended else each.startswith(data) for each in written)

    @invariant()
    def each_connection_has_one_end(self) -> None:
        for toy in (self.server, *self.clients):
            for number in {each.connection for each in toy.told}:
                told = [each.what for each in toy.told if each.connection == number]
                assert told in (
                    ["refused"],
                    *([begin, *end] for begin in ("accepted", "connected") for end in ([], ["ended"], ["lost"])),
                )

    def take_all(self) -> None:
        while choices := self.network.enabled():
            self.network.take(choices[0])

    def teardown(self) -> None:
        if hasattr(self, "network"):
            for connection in list(self.network.connections.values()):
                connection.release()
            self.take_all()
            for at, number in self.open_connections():
                self.above[at].call(self.clients[at].do, Resume(number), Close(number))
            self.take_all()
            assert self.network.connections == {}
            assert all(not node.runner.wires for node in (self.below, *self.above))


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=100, stateful_step_count=40)
