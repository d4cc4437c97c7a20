"""The asyncio driver on loopback: connections open, carry all bytes in order, pause, end, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import select
import socket
import struct
from collections.abc import Callable

import pytest
import uvloop
from hypothesis import given, settings
from hypothesis import strategies as st
from loopback_ports import refusing_port
from switchover.runtime import asyncio_sockets, reasons
from switchover.runtime.asyncio_driver import Driver, Limits
from switchover.runtime.endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write
from toy_endpoints import Told, Toy, echo, sender, slow_reader
from waiting import LIMIT, run, until

pytestmark = pytest.mark.filterwarnings("error")

HOST = "127.0.0.1"


def bytes_of(size: int) -> bytes:
    return random.Random(size).randbytes(size)


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_bytes_go_there_and_back(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def main() -> None:
        server, client = echo(), Toy()
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            above.call(client.connect, Address("localhost", port))
            await until(lambda: client.heard("connected"))
            above.call(client.do, Write(2, b"one "), Write(2, b"two "), Write(2, b"bye\n"))
            await until(lambda: client.heard("ended"))
        assert client.got[2] == b"one two bye\n"
        assert server.told == [Told("accepted", 1, "spice")]
        # What is wished for at once is sent at once.
        assert server.chunks == [b"one two bye\n"]

    run(main(), loop)


def test_who_has_connected_is_told() -> None:
    class Listener(Toy):
        def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
            self.peer = peer
            return super().accepted(listener, peer, now)

    async def main(host: str, shown: str) -> None:
        server = Listener()
        async with Driver(server) as driver:
            port = await driver.listen("migration", host)
            _, writer = await asyncio.open_connection(host, port)
            await until(lambda: server.heard("accepted"))
            assert server.peer == f"{shown}:{writer.get_extra_info('sockname')[1]}"
            writer.close()
            await until(lambda: server.heard("ended"))

    run(main(HOST, HOST))
    if socket.has_ipv6:
        run(main("::1", "[::1]"))


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("a" * 300, 5900, "not a host name"),
        ("a..b", 5900, "not a host name"),
        ("a\0b", 5900, "not a host name"),
        (HOST, 65536, "65536 is no port, expected 1 to 65535"),
        (HOST, -1, "-1 is no port, expected 1 to 65535"),
        (HOST, 0, "0 is no port, expected 1 to 65535"),
    ],
)
def test_addresses_from_outside_that_are_none_are_refused(host: str, port: int, reason: str) -> None:
    async def main() -> None:
        client = Toy()
        async with Driver(client) as driver:
            driver.call(client.connect, Address(host, port))
            await until(lambda: client.told)
        assert client.told == [Told("refused", 2, reason)]

    run(main())


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_nobody_listens(host: str) -> None:
    async def main() -> None:
        client = Toy()
        with refusing_port() as port:
            async with Driver(client) as driver:
                driver.call(client.connect, Address(host, port))
                await until(lambda: client.told)
        assert client.told == [Told("refused", 2, reasons.REFUSED)]

    run(main())


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_nobody_is_asked_twice(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that takes its time, or refuses, is not connected to anew: each of its addresses has one socket."""
    made: list[socket.socket] = []

    class Counted(socket.socket):
        def connect_ex(self, address: object) -> int:  # type: ignore[override]
            made.append(self)
            return super().connect_ex(address)  # type: ignore[arg-type]

        def connect(self, address: object) -> None:  # type: ignore[override]
            made.append(self)
            super().connect(address)  # type: ignore[arg-type]

    async def main() -> None:
        client = Toy()
        with refusing_port() as port:
            monkeypatch.setattr(asyncio_sockets.socket, "socket", Counted)
            async with Driver(client) as driver:
                driver.call(client.connect, Address(host, port))
                await until(lambda: client.told)
        assert client.told == [Told("refused", 2, reasons.REFUSED)]
        addresses = socket.getaddrinfo(host, 1, type=socket.SOCK_STREAM)
        assert len(set(map(id, made))) == len(addresses)

    run(main())


@pytest.mark.parametrize("turns", [0, 1, 3, 20])
def test_an_attempt_that_is_not_answered_is_given_up(turns: int) -> None:
    """A host whose queue is full answers nobody; the socket that has begun to connect goes with the attempt."""

    async def main() -> None:
        client = Toy()
        with socket.create_server((HOST, 0), backlog=0) as full:
            where = full.getsockname()
            waiting = [socket.create_connection(where)]
            async with Driver(client) as driver:
                driver.call(client.connect, Address(*where), limit=30.0)
                for _ in range(turns):
                    await asyncio.sleep(0)
                assert client.told == []
                driver.call(client.do, Close(2))
            for each in waiting:
                each.close()
        assert client.told == []
        gc.collect()

    run(main())


def test_listening_stops() -> None:
    async def main() -> None:
        server, client = echo(), Toy()
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            with pytest.raises(ValueError, match="spice listens already"):
                await below.listen("spice")
            above.call(client.connect, Address(HOST, port))
            await until(lambda: client.heard("connected") and server.heard("accepted"))
            below.stop_listening("spice")
            above.call(client.connect, Address(HOST, port))
            await until(lambda: client.heard("refused"))
            above.call(client.do, Write(2, b"still here: bye\n"))
            await until(lambda: client.heard("ended"))
            assert await below.listen("spice", port=port) == port

    run(main())


def test_an_attempt_has_its_limit() -> None:
    """A server that accepts and says nothing never gets TLS done."""

    async def main() -> None:
        client = Toy()
        with socket.create_server((HOST, 0)) as silent:
            async with Driver(client) as driver:
                driver.call(client.connect, Address(HOST, silent.getsockname()[1], tls=True), limit=0.05)
                await until(lambda: client.told)
        assert client.told == [Told("refused", 2, "no answer within 0.05 s")]

    run(main())


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 20])
@pytest.mark.parametrize("tls", [False, True])
def test_an_attempt_is_given_up(turns: int, tls: bool) -> None:
    async def main() -> None:
        client = Toy()
        with socket.create_server((HOST, 0)) as silent:
            async with Driver(client, limits=Limits(closing=0.05)) as driver:
                driver.call(client.connect, Address(HOST, silent.getsockname()[1], tls=tls))
                for _ in range(turns):
                    await asyncio.sleep(0)
                told = list(client.told)
                driver.call(client.do, Close(2))
                # Its number can be given again at once.
                with refusing_port() as port:
                    driver.call(client.do, Connect(2, Address(HOST, port), 30.0))
                    await until(lambda: client.heard("refused"))
        assert client.told == [*told, Told("refused", 2, reasons.REFUSED)]

    run(main())


@pytest.mark.parametrize("size", [0, 1, 300_000, 5_000_000])
def test_a_reader_that_rests_misses_nothing(size: int) -> None:
    async def main() -> None:
        data = bytes_of(size)
        server, client = sender(data, pieces=7), slow_reader(rest=0.002)
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            above.call(client.connect, Address(HOST, port))
            await until(lambda: client.heard("ended"))
        assert client.got[2] == data
        assert [each.what for each in client.told if each.what != "timeout"] == ["connected", "ended"]

    run(main())


def test_an_end_waits_for_a_reader_that_rests() -> None:
    async def main() -> None:
        server, client = sender(b"farewell"), Toy(connected=lambda *_: [Pause(2)])
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            above.call(client.connect, Address(HOST, port))
            await until(lambda: server.told and client.told)
            for _ in range(20):
                await asyncio.sleep(0.001)
            assert (client.got, client.heard("ended")) == ({}, [])
            # Whoever pauses again at once still rests; and what is written to one who has left is harmless.
            above.call(client.do, Resume(2), Pause(2), Write(2, b"too late"))
            await asyncio.sleep(0.01)
            assert (client.got, client.heard("ended")) == ({}, [])
            above.call(client.do, Resume(2))
            await until(lambda: client.heard("ended") or client.heard("lost"))
        assert client.got[2] == b"farewell"

    run(main())


def test_a_peer_that_does_not_read_loses_the_connection() -> None:
    async def main() -> None:
        client, called = Toy(connected=lambda *_: [Write(2, bytes(1 << 20))] * 64), list[object]()
        with socket.create_server((HOST, 0)) as idle:
            limits = Limits(waiting=1 << 20, closing=0.05)
            async with Driver(client, on_report=called.append, limits=limits) as driver:
                driver.call(client.connect, Address(HOST, idle.getsockname()[1]))
                await until(lambda: client.heard("lost"))
                driver.call(client.do, Write(2, b"more"), Close(2))
        [lost] = client.heard("lost")
        assert lost.detail.startswith("the peer does not read: ")
        assert lost.detail.endswith(" bytes wait to be sent, at most 1,048,576 may")
        assert called == client.told

    run(main())


@settings(max_examples=25)
@given(down=st.integers(0, 3_000_000), up=st.integers(0, 600_000))
def test_what_was_written_before_closing_arrives(down: int, up: int) -> None:
    """Though the peer is sending too, and nobody reads what it sends any more."""

    async def main() -> None:
        server = sender(bytes_of(down), pieces=3)
        client = Toy(connected=lambda *_: [Write(2, bytes(up))])
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            above.call(client.connect, Address(HOST, port))
            await until(lambda: client.heard("ended"))
        assert client.got[2] == bytes_of(down)
        assert [each.what for each in client.told] == ["connected", "ended"]
        assert [each.what for each in server.told] == ["accepted"]

    run(main())


@pytest.mark.parametrize("resets", [False, True])
def test_what_came_before_sending_failed_is_not_lost(resets: bool) -> None:
    async def main() -> None:
        client = Toy()
        with socket.create_server((HOST, 0)) as listening:
            async with Driver(client) as driver:
                driver.call(client.connect, Address(HOST, listening.getsockname()[1]))
                await until(lambda: client.heard("connected"))
                peer, _ = listening.accept()
                if resets:
                    # Bytes that were never read make the system send a RST.
                    driver.call(client.do, Write(2, b"unread"))
                    await until(lambda: select.select([peer], [], [], 0)[0])
                peer.sendall(b"last words")
                peer.close()
                # The loop has had no chance to read them before it finds that it cannot send.
                for _ in range(3):
                    driver.call(client.do, Write(2, b"hello?"))
                await until(lambda: client.heard("ended") or client.heard("lost"))
        assert client.got[2] == b"last words"
        ending = Told("lost", 2, reasons.RESET) if resets else Told("ended", 2)
        assert client.told[1:] == [ending]

    run(main())


def test_a_broken_connection_is_told() -> None:
    async def main() -> None:
        client = Toy()
        with socket.create_server((HOST, 0)) as listening:
            async with Driver(client) as driver:
                driver.call(client.connect, Address(HOST, listening.getsockname()[1]))
                await until(lambda: client.heard("connected"))
                peer, _ = listening.accept()
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                peer.close()
                await until(lambda: client.heard("lost"))
        assert client.heard("lost") == [Told("lost", 2, reasons.RESET)]

    run(main())


def test_a_peer_that_stays_does_not_hold_up_the_end() -> None:
    async def main() -> None:
        client = Toy(connected=lambda *_: [Write(2, bytes(8 << 20))])
        with socket.create_server((HOST, 0)) as idle:
            async with Driver(client, limits=Limits(closing=0.05)) as driver:
                driver.call(client.connect, Address(HOST, idle.getsockname()[1]))
                await until(lambda: client.heard("connected"))

    run(main())


def test_deadlines() -> None:
    async def main() -> None:
        toy = Toy()
        toy.deadline = 0.0
        async with Driver(toy) as driver:
            await until(lambda: len(toy.told) == 1)
            start = driver.now()
            # One that is put off, one that is brought forward, one that is given up.
            driver.call(toy.wake_in, 60.0)
            driver.call(toy.wake_in, 0.01)
            driver.call(toy.wake_in, 0.02)
            await until(lambda: len(toy.told) == 2)
            assert toy.times[-1] >= start + 0.02
            driver.call(toy.wake_in, 0.001)
            toy.deadline = None
            await asyncio.sleep(0.01)
        assert [each.what for each in toy.told] == ["timeout", "timeout"]

    run(main())


def test_reports_are_told_and_can_be_awaited() -> None:
    async def main() -> None:
        toy, called = Toy(), list[object]()
        async with Driver(toy, on_report=called.append) as driver:
            reports = driver.reports()
            driver.call(toy.do, Report(1), Report(2))
            assert [await anext(reports), await anext(reports)] == [1, 2]
            asyncio.get_running_loop().call_soon(driver.call, toy.do, Report(3))
            assert await anext(reports) == 3
            driver.call(toy.do, Report(4))
        assert [event async for event in reports] == [4]
        assert called == [1, 2, 3, 4]

    run(main())


def test_reports_that_nobody_reads_do_not_pile_up() -> None:
    async def main() -> None:
        toy = Toy()
        async with Driver(toy) as driver:
            reports = driver.reports(most=3)
            driver.call(toy.do, *(Report(number) for number in range(100)))
            with pytest.raises(OverflowError, match="more than 3 reports wait"):
                await anext(reports)

    run(main())


def test_whoever_is_told_of_a_report_may_call_the_endpoint() -> None:
    """Its wishes come after those that came with the report, however long the chain."""

    async def main() -> None:
        toy, called = Toy(), list[int]()

        def on_report(number: int) -> None:
            called.append(number)
            if number < 5000:
                driver.call(toy.do, Report(number + 2))

        async with Driver(toy, on_report=on_report) as driver:
            driver.call(toy.do, Report(0), Report(1))
        assert called == list(range(5002))

    run(main())


class BugError(Exception):
    pass


def failing(*_: object, **__: object) -> list[Wish]:
    raise BugError


@pytest.mark.parametrize("where", ["accepted", "received", "ended", "lost", "timeout", "refused", "next_deadline"])
def test_a_bug_in_an_endpoint_ends_the_block(where: str) -> None:
    async def main() -> None:
        toy = Toy(**{where: failing})
        async with Driver(toy) as driver:
            port = await driver.listen("spice")
            if where == "timeout":
                driver.call(toy.wake_in, 0.001)
            elif where == "refused":
                with refusing_port() as nobody:
                    driver.call(toy.connect, Address(HOST, nobody))
            else:
                peer = socket.create_connection((HOST, port))
                peer.sendall(b"bytes")
                if where == "lost":
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    await until(lambda: toy.got)
                if where == "next_deadline":
                    toy.next_deadline = failing  # type: ignore[method-assign,assignment]
                peer.close()
            await asyncio.sleep(30)

    with pytest.raises(BugError):
        run(main())


def test_bytes_are_on_their_way_before_anybody_is_told() -> None:
    """Whoever is told may take his time."""

    async def main() -> None:
        with socket.create_server((HOST, 0)) as listening:
            toy, arrived = Toy(), list[bytes]()

            def told(event: object) -> None:
                if event == "said":
                    peer.settimeout(LIMIT)
                    arrived.append(peer.recv(100))

            async with Driver(toy, on_report=told) as driver:
                driver.call(toy.connect, Address(*listening.getsockname()))
                peer, _ = await asyncio.to_thread(listening.accept)
                with peer:
                    await until(lambda: toy.heard("connected"))
                    driver.call(toy.do, Report("said"), Write(2, b"hello"))
        assert arrived == [b"hello"]

    run(main())


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Write(2, b"early"), "the endpoint writes to connection 2, which is not open yet"),
        (Connect(2, Address(HOST, 1), 1.0), "connection 2 is in use"),
    ],
)
def test_a_wish_that_makes_no_sense_is_an_error(wish: Wish, message: str) -> None:
    async def main() -> None:
        toy, called = Toy(), list[object]()
        with socket.create_server((HOST, 0)) as silent:
            async with Driver(toy, on_report=called.append) as driver:
                driver.call(toy.connect, Address(HOST, silent.getsockname()[1], tls=True))
                with pytest.raises(ValueError, match=message):
                    driver.call(toy.do, Report("never"), wish, Report("never"))
                driver.call(toy.do, Report("still running"))
        assert called == ["still running"]

    run(main())


def test_a_bug_of_whoever_is_told_ends_the_block() -> None:
    async def main() -> None:
        toy = Toy()
        async with Driver(toy, on_report=failing) as driver:
            driver.call(toy.wake_in, 0.001)
            await asyncio.sleep(30)

    with pytest.raises(BugError):
        run(main())


def test_listening_goes_on_after_files_ran_out(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        server = Toy()
        async with Driver(server) as driver:
            port = await driver.listen("spice")
            with socket.create_connection((HOST, port)) as peer:
                soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
                resource.setrlimit(resource.RLIMIT_NOFILE, (peer.fileno() + 1, hard))
                try:
                    for _ in range(10):
                        await asyncio.sleep(0.001)
                    assert server.told == []
                finally:
                    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                await until(lambda: server.heard("accepted"))

    monkeypatch.setattr(asyncio_sockets, "_REST", 0.01)
    run(main())


@pytest.mark.parametrize("turns", range(6))
def test_who_connects_in_the_last_moment_is_left_too(turns: int) -> None:
    async def main() -> None:
        async with Driver(Toy(), limits=Limits(closing=0.01)) as driver:
            peer = socket.create_connection((HOST, await driver.listen("spice")))
            for _ in range(turns):
                await asyncio.sleep(0)
        peer.setblocking(False)
        try:
            async with asyncio.timeout(LIMIT):
                assert await asyncio.get_running_loop().sock_recv(peer, 1) == b""
        except ConnectionResetError:
            pass
        finally:
            peer.close()

    run(main())


def test_errors_of_a_call_are_the_callers() -> None:
    async def main() -> None:
        toy = Toy()
        async with Driver(toy) as driver:
            with pytest.raises(BugError):
                driver.call(failing)
            driver.call(toy.do, Report("still running"))
        with pytest.raises(RuntimeError, match="only within its async with block"):
            driver.call(toy.do)

    run(main())


def test_errors_of_the_block_come_through() -> None:
    async def main() -> None:
        server, client = echo(), Toy()
        async with Driver(server) as below, Driver(client) as above:
            port = await below.listen("spice")
            above.call(client.connect, Address(HOST, port))
            above.call(client.connect, Address(HOST, port, tls=True))
            await until(lambda: client.heard("connected"))
            raise BugError

    with pytest.raises(BugError):
        run(main())


def test_a_block_that_is_cancelled_ends() -> None:
    async def main() -> None:
        server, client = echo(), Toy()

        async def stay() -> None:
            async with Driver(server) as below, Driver(client) as above:
                above.call(client.connect, Address(HOST, await below.listen("spice")))
                await asyncio.sleep(30)

        task = asyncio.create_task(stay())
        await until(lambda: server.told and client.told)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())


def test_two_hundred_clients_in_one_loop_leave_nothing_behind() -> None:
    async def main() -> None:
        server, clients = echo(), [Toy() for _ in range(200)]
        async with Driver(server) as below:
            port = await below.listen("spice")
            drivers = [Driver(client) for client in clients]
            for driver, client in zip(drivers, clients, strict=True):
                await driver.__aenter__()
                driver.call(client.connect, Address(HOST, port))
            await until(lambda: all(client.heard("connected") for client in clients))
            for number, (driver, client) in enumerate(zip(drivers, clients, strict=True)):
                driver.call(client.do, Write(2, b"%d " % number), Write(2, b"bye\n" if number % 2 else b"hello\n"))
            await until(lambda: all(client.got[2].endswith(b"\n") for client in clients))
            for driver in drivers:
                await driver.__aexit__(None, None, None)
        for number, client in enumerate(clients):
            assert client.got[2] == (b"%d bye\n" if number % 2 else b"%d hello\n") % number

    def open_files() -> int:
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    before = open_files()
    run(main())
    assert open_files() == before
