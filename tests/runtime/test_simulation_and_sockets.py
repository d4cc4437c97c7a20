"""The same endpoints on real sockets and in the simulated network are told the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address, Close, Pause, Resume, Wish, Write
from switchover.runtime.simulation import Link, Network
from toy_endpoints import Told, Toy, echo, sender, slow_reader
from waiting import run, until

pytestmark = pytest.mark.filterwarnings("error")

HOST = "127.0.0.1"
#: What a client and its server were told, and the bytes each got.
Outcome = tuple[list[Told], dict[int, bytes], list[Told], dict[int, bytes]]


class Case:
    """A server, a client, what is done when the client is connected, and when it is over."""

    def __init__(
        self,
        server: Callable[[], Toy],
        client: Callable[[], Toy],
        over: Callable[[Toy, Toy], object],
        then: tuple[Wish, ...] = (),
        listens: bool = True,
    ) -> None:
        self.server, self.client, self.then, self.over, self.listens = server, client, then, over, listens

    def outcome(self, server: Toy, client: Toy) -> Outcome:
        got = [{number: bytes(data) for number, data in toy.got.items()} for toy in (client, server)]
        told = [[each for each in toy.told if each.what != "timeout"] for toy in (client, server)]
        return told[0], got[0], told[1], got[1]


def simulated(case: Case) -> Outcome:
    server, client = case.server(), case.client()
    network = Network(seed=7, link=Link(latency=0.01, jitter=0.01))
    address = Address(HOST, 5900)
    network.add("server", server, {"spice": address} if case.listens else {})
    node = network.add("client", client)
    node.call(client.connect, address)
    if case.then:
        network.run_until(lambda: bool(client.told and server.told))
        node.call(client.do, *case.then)
    network.run_until(lambda: bool(case.over(server, client)))
    return case.outcome(server, client)


def on_sockets(case: Case) -> Outcome:
    server, client = case.server(), case.client()

    async def main() -> None:
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            if not case.listens:
                below.stop_listening("spice")
            above.call(client.connect, Address(HOST, port))
            if case.then:
                await until(lambda: client.told and server.told)
                above.call(client.do, *case.then)
            await until(lambda: case.over(server, client))

    run(main())
    return case.outcome(server, client)


def nothing_is_read() -> Toy:
    return Toy(accepted=lambda *_: [Pause(1)])


def reads_after_a_while() -> Toy:
    toy = Toy(accepted=lambda *_: [Pause(1)], timeout=lambda *_: [Resume(1)])
    toy.deadline = 0.0
    return toy


def writes_too_much() -> Toy:
    return Toy(connected=lambda *_: [Write(2, bytes(32 << 20))])


CASES = {
    "there and back": Case(echo, Toy, lambda _, client: client.heard("ended"), (Write(2, b"a "), Write(2, b"bye\n"))),
    "nobody listens": Case(Toy, Toy, lambda _, client: client.heard("refused"), listens=False),
    "much, then the end": Case(
        lambda: sender(bytes(2_000_000), pieces=9), Toy, lambda _, client: client.heard("ended")
    ),
    "a reader that rests": Case(
        lambda: sender(bytes(range(256)) * 4000), lambda: slow_reader(0.001), lambda _, client: client.heard("ended")
    ),
    "both close": Case(
        lambda: Toy(received=lambda *_: [Close(1)]),
        Toy,
        lambda server, _: server.got and not server.heard("ended"),
        (Write(2, b"x"), Close(2)),
    ),
    "the client leaves": Case(Toy, Toy, lambda server, _: server.heard("ended"), (Write(2, b"last"), Close(2))),
    "a write after the end": Case(
        lambda: sender(b"all"),
        lambda: Toy(ended=lambda *_: [Write(2, b"too late"), Close(2)]),
        lambda _, client: client.heard("ended"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_same_is_told(name: str) -> None:
    assert simulated(CASES[name]) == on_sockets(CASES[name])


def test_timeouts_come_in_the_same_order() -> None:
    """A chain of deadlines, each set by the one before, beside one that is given up."""

    def chain() -> Toy:
        def again(toy: Toy, _: int, __: bytes) -> list[Wish]:
            if len(toy.heard("timeout")) < 5:
                toy.deadline = toy.times[-1] + 0.002
            return []

        return Toy(timeout=again)

    real, virtual = chain(), chain()

    async def main() -> None:
        async with Driver(real) as driver:
            driver.call(real.wake_in, 0.002)
            await until(lambda: len(real.told) == 5)

    run(main())
    network = Network()
    network.add("node", virtual).call(virtual.wake_in, 0.002)
    network.run_until(1.0)
    assert real.told == virtual.told
    assert all(later - earlier >= 0.002 for earlier, later in zip(real.times, real.times[1:], strict=False))
    assert virtual.times == pytest.approx([0.002, 0.004, 0.006, 0.008, 0.01])
