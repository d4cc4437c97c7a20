"""The simulated network: bytes arrive in order and whole, in time; clocks differ; the same seed gives the same log."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.runtime import reasons
from switchover.runtime.endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write
from switchover.runtime.simulation import Connection, Link, Network, Node
from toy_endpoints import Told, Toy, echo, sender, slow_reader

SERVER = Address("server", 5900)
SPICE = {"spice": SERVER}

links = st.builds(
    Link,
    latency=st.floats(0, 0.5),
    jitter=st.floats(0, 0.5),
    bandwidth=st.none() | st.floats(1e5, 1e9),
)


def pair(server: Toy, client: Toy, network: Network) -> tuple[Node, Node]:
    below = network.add("server", server, SPICE)
    above = network.add("client", client)
    above.call(client.connect, SERVER)
    return below, above


@given(
    seed=st.integers(0, 2**32),
    up=links,
    down=links,
    segments=st.booleans(),
    size=st.integers(0, 700_000),
    pieces=st.integers(1, 50),
    rest=st.none() | st.floats(0.001, 0.5),
)
def test_bytes_arrive_whole_and_in_order(
    seed: int, up: Link, down: Link, segments: bool, size: int, pieces: int, rest: float | None
) -> None:
    data = random.Random(size).randbytes(size)
    network = Network(seed, segments=segments)
    network.set_link("server", "client", down)
    network.set_link("client", "server", up)
    client = Toy() if rest is None else slow_reader(rest)
    pair(sender(data, pieces), client, network)
    network.run_until(lambda: bool(client.heard("ended")))
    assert client.got[2] == data
    assert client.told[0].what == "connected"
    assert client.times == sorted(client.times)
    network.run_until(network.time + 60)
    assert network.connections == {}


def test_time_passes_as_the_links_say() -> None:
    network = Network(link=Link(latency=0.1))
    network.set_link("server", "client", Link(latency=0.2, bandwidth=1000))
    server, client = Toy(), Toy()
    below, above = pair(server, client, network)
    network.run_until(lambda: bool(server.told))
    # SYN 0.1, SYN+ACK 0.2, ACK 0.1; the client knows before the server.
    assert (client.times, server.times) == ([pytest.approx(0.3)], [pytest.approx(0.4)])
    below.call(server.do, Write(1, bytes(500)))
    network.run_until(10)
    assert client.times[-1] == pytest.approx(0.4 + 0.5 + 0.2)
    above.call(client.do, Write(2, b"up"))
    network.run_until(lambda: bool(server.got))
    assert network.time == pytest.approx(10.1)


def test_jitter_is_drawn_within_its_bounds() -> None:
    network = Network(seed=3, link=Link(latency=0.1, jitter=0.05))
    server, client = Toy(), Toy()
    _, above = pair(server, client, network)
    network.run_until(1)
    sent = []
    for _ in range(200):
        sent.append(network.time)
        above.call(client.do, Write(2, b"x"))
        network.run_until(network.time + 0.01)
    network.run_until(network.time + 1)
    arrived = [now for chunk, now in zip(server.chunks, server.times[1:], strict=True) for _ in chunk]
    delays = [came - went for came, went in zip(arrived, sent, strict=True)]
    assert 0.1 <= min(delays) < 0.12
    assert 0.13 < max(delays) <= 0.15 + 1e-9
    # Some came together, as they may.
    assert 100 < len(server.chunks) < 200


def test_segments_are_cut_and_merged() -> None:
    network = Network(seed=1, link=Link(latency=0.01))
    server, client = Toy(), Toy()
    _, above = pair(server, client, network)
    network.run_until(1)
    for _ in range(50):
        above.call(client.do, Write(2, bytes(10)))
        above.call(client.do, Write(2, bytes(10)))
        network.run_until(network.time + 1)
    sizes = {len(chunk) for chunk in server.chunks}
    assert sizes > {10, 20}
    assert any(size < 10 for size in sizes)


def test_without_segments_bytes_arrive_as_they_were_written() -> None:
    network = Network(segments=False, link=Link(latency=0.01, jitter=0.5))
    server, client = Toy(), Toy()
    _, above = pair(server, client, network)
    network.run_until(5)
    written = [bytes([number]) * (number + 1) for number in range(100)]
    for data in written:
        above.call(client.do, Write(2, data))
    network.run_until(10)
    assert server.chunks == written


def log_of(seed: int) -> list[object]:
    network = Network(seed, link=Link(latency=0.01, jitter=0.02))
    server = echo()
    network.add("server", server, SPICE)
    clients = [Toy() for _ in range(5)]
    nodes = [network.add(f"client {number}", client) for number, client in enumerate(clients)]
    for node, client in zip(nodes, clients, strict=True):
        node.call(client.connect, SERVER)
    network.run_until(lambda: all(client.told for client in clients))
    for number, (node, client) in enumerate(zip(nodes, clients, strict=True)):
        node.call(client.do, Write(2, bytes(1000 * number)), Write(2, b"bye\n"))
    network.run_until(lambda: all(client.heard("ended") for client in clients))
    return [*network.events, *(client.chunks for client in clients), server.chunks]


@given(seed=st.integers(0, 2**64))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_log(seed: int) -> None:
    assert log_of(seed) == log_of(seed)
    assert log_of(seed) != log_of(seed + 1)


def test_nobody_answers() -> None:
    network = Network(link=Link(latency=0.5))
    network.add("server", echo(), SPICE)
    client = Toy()
    node = network.add("client", client)

    def outcome(address: Address, limit: float = 30.0) -> tuple[Told, float]:
        client.told.clear()
        start = network.time
        node.call(client.connect, address, limit=limit)
        network.run_until(lambda: bool(client.told))
        assert network.connections == {}
        return client.told[0], network.time - start

    number = client.opened_count
    assert outcome(Address("server", 1)) == (Told("refused", 2 * (number + 1), reasons.REFUSED), 1.0)
    assert outcome(Address("nowhere", 1)) == (Told("refused", 4, reasons.REFUSED), 1.0)
    assert outcome(SERVER, limit=0.75) == (Told("refused", 6, "no answer within 0.75 s"), 0.75)
    network.blackholes.add("server")
    assert outcome(SERVER, limit=10.0) == (Told("refused", 8, "no answer within 10 s"), 10.0)
    network.blackholes.clear()
    network.stop_listening(SERVER)
    assert outcome(SERVER)[0] == Told("refused", 10, reasons.REFUSED)
    network.listen("server", "spice", SERVER)
    assert outcome_of_success(network, node, client) == Told("connected", 12)


def outcome_of_success(network: Network, node: Node, client: Toy) -> Told:
    client.told.clear()
    node.call(client.connect, SERVER)
    network.run_until(lambda: bool(client.told))
    return client.told[0]


def test_tls_is_only_a_word_here() -> None:
    network = Network()
    network.add("server", echo(), {"spice": SERVER, "spice-tls": Address("server", 5901, tls=True, subject="CN=a")})
    client = Toy()
    node = network.add("client", client)
    for address in (
        Address("server", 5900, tls=True),
        Address("server", 5901),
        Address("server", 5901, tls=True, subject="CN=b"),
        Address("server", 5901, tls=True, subject="CN=a"),
        Address("server", 5901, tls=True),
    ):
        node.call(client.connect, address)
    network.run_until(1)
    assert client.told == [
        Told("refused", 2, reasons.ONLY_ONE_SPEAKS_TLS),
        Told("refused", 4, reasons.ONLY_ONE_SPEAKS_TLS),
        Told("refused", 6, reasons.wrong_subject("CN=a", "CN=b")),
        Told("connected", 8),
        Told("connected", 10),
    ]
    assert [each.detail for each in network.nodes["server"].runner.endpoint.told] == ["spice-tls"] * 2  # type: ignore[attr-defined]


@pytest.mark.parametrize("until", [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 1.0])
def test_an_attempt_is_given_up(until: float) -> None:
    network = Network(link=Link(latency=0.1))
    server, client = Toy(), Toy()
    _, above = pair(server, client, network)
    network.run_until(until)
    told = list(client.told)
    above.call(client.do, Close(2))
    above.call(client.do, Connect(2, Address("server", 1), 30.0))
    network.run_until(100)
    assert client.told == [*told, Told("refused", 2, reasons.REFUSED)]
    assert [each.what for each in server.told] == (["accepted", "ended"] if told else [])
    assert network.connections == {}


@given(seed=st.integers(0, 1000), at=st.floats(0, 2), hold=st.none() | st.floats(0, 2))
def test_a_cut_connection_is_lost_at_both_ends(seed: int, at: float, hold: float | None) -> None:
    """Whenever it is cut: who has been told of the connection is told of its end, and nothing more."""
    network = Network(seed, Link(latency=0.1, jitter=0.1))
    server, client = sender(bytes(10_000_000)), slow_reader(0.05)
    server.rules["accepted"] = lambda *_: [Write(1, bytes(10_000_000))]
    pair(server, client, network)
    network.at(at, lambda: network.cut("client", "server"))
    if hold is not None:
        network.at(hold, lambda: [each.hold() for each in network.connections.values()])
        network.at(3, lambda: [each.release() for each in network.connections.values()])
    network.run_until(100)
    assert network.connections == {}
    for toy in (server, client):
        told = [each.what for each in toy.told if each.what != "timeout"]
        assert told in ([], ["refused"], ["connected", "lost"], ["accepted", "lost"])
    assert client.heard("lost") or client.heard("refused")
    assert len(client.got[2]) < 10_000_000


def test_a_connection_can_be_held_up_alone() -> None:
    """The first connection is late; the others are not."""

    def hold_first(connection: Connection) -> None:
        if connection.number == 0:
            connection.hold()
            network.at(2.0, connection.release)

    network = Network(link=Link(latency=0.1), on_connect=hold_first)
    server, client = sender(b"data"), Toy()
    _, above = pair(server, client, network)
    above.call(client.connect, SERVER)
    network.run_until(10)
    connected = [each.connection for each in client.heard("connected")]
    assert connected == [4, 2]
    assert (client.got[2], client.got[4]) == (b"data", b"data")
    first = network.events[0]
    assert (first.time, first.event) == (pytest.approx(0.2), Told("connected", 4))


def test_a_node_crashes_and_another_takes_its_place() -> None:
    network = Network(link=Link(latency=0.1))
    server, client = Toy(), Toy()
    below, above = pair(server, client, network)
    above.call(client.connect, SERVER)
    network.run_until(1)
    below.call(server.wake_at, 5.0)
    below.call(server.do, Write(1, b"never arrives"))
    above.call(client.connect, SERVER)
    network.remove("server")
    network.run_until(10)
    assert [each.what for each in client.told] == ["connected"] * 2 + ["lost"] * 2 + ["refused"]
    assert (client.got, server.heard("timeout"), network.connections) == ({}, [], {})
    network.add("server", echo(), SPICE)
    assert outcome_of_success(network, above, client) == Told("connected", 8)
    network.remove("client")
    network.run_until(20)
    assert network.connections == {}


def test_one_who_does_not_read_holds_up_the_sender() -> None:
    network = Network(link=Link(latency=0.01))
    server, client = Toy(accepted=lambda *_: [Write(1, bytes(1 << 20))] * 16), Toy()
    below, above = pair(server, client, network)
    network.run_until(0.02)
    above.call(client.do, Pause(2))
    network.run_until(1)
    assert client.got == {}
    [connection] = network.connections.values()
    down = connection.server.out
    assert sum(len(segment.data) for segment in down.flight) == 256 * 1024
    assert down.waiting_size == (16 << 20) - 256 * 1024
    below.call(server.do, Write(1, bytes(256 * 1024)), Write(1, b"x"))
    network.run_until(2)
    # The sender learns it, and the reader too, though it does not read.
    assert server.told[-1] == Told("lost", 1, reasons.too_much_waits((16 << 20) + 1, 16 << 20))
    assert client.told[-1] == Told("lost", 2, reasons.RESET)


def test_an_end_waits_for_a_reader_that_rests() -> None:
    network = Network()
    server, client = sender(b"farewell"), Toy(connected=lambda *_: [Pause(2)])
    _, above = pair(server, client, network)
    network.run_until(1)
    above.call(client.do, Resume(2), Pause(2), Write(2, b"too late"))
    network.run_until(2)
    assert (client.got, client.heard("ended")) == ({}, [])
    above.call(client.do, Resume(2))
    network.run_until(3)
    assert (client.got[2], client.heard("ended")) == (b"farewell", [Told("ended", 2)])


@given(skew=st.floats(-1e6, 1e6), drift=st.floats(-0.5, 0.5), deadline=st.floats(0, 1e4))
def test_each_node_has_its_own_clock(skew: float, drift: float, deadline: float) -> None:
    network, toy = Network(), Toy()
    node = network.add("node", toy, skew=skew, drift=drift)
    assert node.now() == skew
    node.call(toy.wake_in, deadline)
    network.run_until(1e5)
    [reported] = network.events
    assert reported.time == pytest.approx(deadline / (1 + drift), abs=1e-6)
    assert toy.times == [pytest.approx(skew + deadline, abs=1e-6)]
    assert toy.times[0] >= skew + deadline
    assert node.now() == pytest.approx(skew + 1e5 * (1 + drift))


def test_a_limit_is_one_of_the_nodes_clock() -> None:
    network, toy = Network(), Toy()
    network.blackholes.add("server")
    node = network.add("fast", toy, drift=1.0)
    node.call(toy.connect, SERVER, limit=10.0)
    network.run_until(lambda: bool(toy.told))
    assert (network.time, toy.times) == (5.0, [10.0])


def test_deadlines_move() -> None:
    network, toy = Network(), Toy()
    node = network.add("node", toy)
    for deadline in (60.0, 10.0, 20.0):
        node.call(toy.wake_at, deadline)
    network.run_until(15)
    assert toy.told == []
    network.run_until(lambda: bool(toy.told))
    assert network.time == 20
    node.call(toy.wake_at, 25.0)
    toy.deadline = None
    network.run_until(100)
    assert len(toy.told) == 1


def test_an_endpoint_that_never_stops_asking_is_an_error() -> None:
    def again(toy: Toy, _: int, __: bytes) -> list[Wish]:
        toy.deadline = toy.times[-1]
        return []

    network, toy = Network(), Toy(timeout=again)
    node = network.add("busy", toy)
    node.call(toy.wake_at, 1.0)
    with pytest.raises(RuntimeError, match=r"busy asks for a timeout at 1.0 s without end"):
        network.run_until(2.0)


def test_errors_come_through() -> None:
    class BugError(Exception):
        pass

    def fail(*_: object) -> list[Wish]:
        raise BugError

    network = Network()
    pair(Toy(accepted=fail), Toy(), network)
    with pytest.raises(BugError):
        network.run_until(1)


def test_conditions_that_never_hold() -> None:
    network = Network(link=Link(latency=0.5))
    pair(Toy(), Toy(), network)
    with pytest.raises(TimeoutError, match=r"at 0.5 s the condition does not hold, and 0.9 s are over"):
        network.run_until(lambda: False, limit=0.9)
    with pytest.raises(TimeoutError, match=r"at 1.5 s the condition does not hold, and nothing more happens"):
        network.run_until(lambda: False)


def test_what_makes_no_sense_is_refused() -> None:
    network = Network()
    network.add("server", Toy(), SPICE)
    with pytest.raises(ValueError, match="there is a node server already"):
        network.add("server", Toy())
    with pytest.raises(ValueError, match="server listens at server:5900 already"):
        network.add("other", Toy(), SPICE)
    with pytest.raises(ValueError, match=r"drift of back is -1.0, expected more than -1"):
        network.add("back", Toy(), drift=-1.0)
    network.run_until(1.0)
    with pytest.raises(ValueError, match=r"0.5 s is past, it is 1.0 s"):
        network.at(0.5, lambda: None)
    for wrong in ({"latency": -1.0}, {"jitter": float("nan")}, {"bandwidth": 0.0}):
        with pytest.raises(ValueError, match="must be at least 0, bandwidth more than 0"):
            Link(**wrong)


def test_reports_are_told() -> None:
    network, told = Network(), list[object]()
    toy = Toy()
    node = network.add("node", toy, on_report=told.append)
    node.call(toy.do, Report("one"))
    network.at(1.0, lambda: node.call(toy.do, Report("two")))
    network.run_until(1.0)
    assert told == ["one", "two"]
    assert [(each.time, each.node, each.event) for each in network.events] == [
        (0.0, "node", "one"),
        (1.0, "node", "two"),
    ]
