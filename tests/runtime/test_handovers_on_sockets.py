"""Our client between our hosts over real sockets: every design, with passwords and TLS, and again and again."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority
from host_bench import key
from simulated_handovers import CLIENTS as DESIGNED
from simulated_handovers import SERVERS, SWITCH_HOST
from switchover.models.spice.protocol.channels import Side
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import ClientEndpoint, ClientOptions, Target
from switchover.runtime.spice.events import Ended, MessageSeen, NotAllowed, Opened
from switchover.runtime.spice.handovers import HandoverLog, Method, Result
from switchover.runtime.spice.host import MIGRATION, HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent, StreamEnded, StreamOpened
from switchover.runtime.spice.host_options import HostOptions
from waiting import run, until

LOOPBACK = "127.0.0.1"
PASSWORD = "pässword"
CHANNELS = 5


class Host:
    def __init__(self, options: HostOptions) -> None:
        self.endpoint = HostEndpoint(options, key=key())
        self.events: list[object] = []
        self.driver = Driver(self.endpoint, on_report=self.events.append)
        self.port = self.tls_port = -1
        self.migration = Address(LOOPBACK, 0)

    async def listen(self, tls: ssl.SSLContext | None) -> None:
        if tls is None:
            self.port = await self.driver.listen("spice")
        else:
            self.tls_port = await self.driver.listen("spice-tls", ssl=tls)
        self.migration = Address(LOOPBACK, await self.driver.listen(MIGRATION))

    def happened(self, what: Happening) -> int:
        return sum(isinstance(each, HostEvent) and each.what is what for each in self.events)

    @property
    def connections(self) -> int:
        """Those of clients and of migrations that are open."""
        opened = {each.connection for each in self.events if isinstance(each, Opened | StreamOpened)}
        return len(opened - {each.connection for each in self.events if isinstance(each, Ended | StreamEnded)})

    def sent(self, name: str) -> int:
        return sum(
            isinstance(each, MessageSeen) and each.sender is Side.SERVER and each.name == name for each in self.events
        )


class Pair:
    """Two hosts and a client that is in service at the first."""

    def __init__(self, hosts: tuple[Host, Host], client: ClientEndpoint, driver: Driver, log: HandoverLog) -> None:
        self.hosts, self.client, self.driver, self.log = hosts, client, driver, log

    async def until_at(self, host: Host) -> None:
        """Every channel is there, and nothing is left at the other host."""
        ports = {host.port if host.tls_port == -1 else host.tls_port}
        await until(lambda: len(self.client.attached) == CHANNELS and self.ports() == ports)
        others = [each for each in self.hosts if each is not host]
        await until(lambda: all(each.connections == 0 for each in others))
        await until(lambda: host.connections == CHANNELS)

    def ports(self) -> set[int | None]:
        return {each.port or each.tls_port for each in self.client.attached.values()}

    async def inform(self, source: Host, target: Host, subject: str = "") -> None:
        returned = source.happened(Happening.CONNECT_COMPLETED)
        source.driver.call(source.endpoint.client_migrate_info, LOOPBACK, target.port, target.tls_port, subject)
        await until(lambda: source.happened(Happening.CONNECT_COMPLETED) > returned)

    async def start(self, source: Host, target: Host) -> None:
        source.driver.call(source.endpoint.migrate, target.migration)
        await until(lambda: source.endpoint.is_streaming)

    async def migrate(self, source: Host, target: Host) -> None:
        completed = source.happened(Happening.SPICE_MIGRATE_COMPLETED)
        await self.inform(source, target)
        await self.start(source, target)
        source.driver.call(source.endpoint.complete)
        await until(lambda: source.happened(Happening.SPICE_MIGRATE_COMPLETED) > completed)
        await self.until_at(target)

    def complaints(self) -> list[object]:
        return [*self.log.not_allowed, *(e for host in self.hosts for e in host.events if isinstance(e, NotAllowed))]


@asynccontextmanager
async def pair(
    server: str, options: ClientOptions, authority: Authority | None = None, password: str | None = None
) -> AsyncIterator[Pair]:
    tls = None
    if authority is not None:
        files = authority.vouch(SUBJECT, (LOOPBACK,))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(files.certificate, files.key)
    hosts = tuple(Host(HostOptions(design=SERVERS[server], password=password)) for _ in range(2))
    async with AsyncExitStack() as stack:
        for host in hosts:
            await stack.enter_async_context(host.driver)
            await host.listen(tls)
        source = hosts[0]
        source.driver.call(source.endpoint.start_guest)
        target = Target(LOOPBACK, None if tls else source.port, source.tls_port if tls else None)
        client, log = ClientEndpoint(target, password or "", options), HandoverLog()
        driver = Driver(client, on_report=log.feed, ca_file=authority.file if authority is not None else None)
        await stack.enter_async_context(driver)
        driver.call(client.connect)
        found = Pair((hosts[0], hosts[1]), client, driver, log)
        await found.until_at(source)
        await until(lambda: source.sent("MARK"))
        yield found


CLIENTS = DESIGNED | {"switch-host": SWITCH_HOST, "semi-seamless": ClientOptions(seamless=False)}
DESIGNS = pytest.mark.parametrize(
    ("server", "client", "method"),
    [
        ("shipped", "shipped", Method.SEMI_SEAMLESS),
        ("shipped", "reference", Method.SEMI_SEAMLESS),
        ("shipped", "switch-host", Method.SWITCH_HOST),
        ("seamless", "shipped", Method.SEAMLESS),
        ("seamless", "reference", Method.SEAMLESS),
        ("seamless", "semi-seamless", Method.SEMI_SEAMLESS),
        ("reference", "shipped", Method.SEAMLESS),
        ("reference", "reference", Method.SEAMLESS),
        ("reference", "switch-host", Method.SWITCH_HOST),
    ],
    ids=str,
)


@DESIGNS
def test_there_and_back(server: str, client: str, method: Method) -> None:
    async def main() -> None:
        async with pair(server, CLIENTS[client]) as found:
            a, b = found.hosts
            await found.migrate(a, b)
            await found.migrate(b, a)
            assert [(each.method, each.result) for each in found.log.handovers] == [(method, Result.COMPLETED)] * 2
            assert found.complaints() == []

    run(main())


@DESIGNS
@pytest.mark.parametrize("ending", ["migrate_cancel", "fail"])
def test_a_migration_that_does_not_complete_leaves_the_client_where_it_was(
    server: str, client: str, method: Method, ending: str
) -> None:
    async def main() -> None:
        async with pair(server, CLIENTS[client]) as found:
            a, b = found.hosts
            await found.inform(a, b)
            await found.start(a, b)
            a.driver.call(getattr(a.endpoint, ending))
            await until(lambda: a.happened(Happening.MIGRATION_FAILED))
            await found.until_at(a)
            await found.migrate(a, b)
            last = found.log.handovers[-1]
            assert (last.method, last.result) == (method, Result.COMPLETED)
            assert found.complaints() == []

    run(main())


@pytest.mark.parametrize("server", ["shipped", "seamless", "reference"])
def test_twenty_handovers_in_a_row(server: str) -> None:
    async def main() -> None:
        async with pair(server, CLIENTS["reference"]) as found:
            for number in range(20):
                await found.migrate(found.hosts[number % 2], found.hosts[1 - number % 2])
            assert [each.result for each in found.log.handovers] == [Result.COMPLETED] * 20
            assert found.complaints() == []

    run(main())


@pytest.mark.parametrize("server", ["shipped", "reference"])
def test_with_tls_and_a_password(server: str, tmp_path: Path) -> None:
    async def main() -> None:
        async with pair(server, CLIENTS["reference"], Authority(tmp_path), PASSWORD) as found:
            a, b = found.hosts
            await found.migrate(a, b)
            await found.migrate(b, a)
            assert [each.result for each in found.log.handovers] == [Result.COMPLETED] * 2
            assert found.complaints() == []

    run(main())


@pytest.mark.parametrize(
    ("subject", "result"),
    [(SUBJECT_TEXT, Result.CANCELLED), (SUBJECT_TEXT + "x", Result.FAILED)],
    ids=["right", "wrong"],
)
def test_the_target_must_have_the_subject_of_begin(subject: str, result: Result, tmp_path: Path) -> None:
    async def main() -> None:
        async with pair("reference", CLIENTS["reference"], Authority(tmp_path)) as found:
            a, b = found.hosts
            await found.inform(a, b, subject)
            await found.start(a, b)
            a.driver.call(a.endpoint.migrate_cancel)
            await until(lambda: found.log.handovers[-1].result is result)
            await found.until_at(a)
            assert found.complaints() == []

    run(main())


def test_a_wrong_password_at_the_target_is_a_failed_attempt() -> None:
    async def main() -> None:
        async with pair("shipped", CLIENTS["reference"], password=PASSWORD) as found:
            a, b = found.hosts
            b.driver.call(b.endpoint.set_password, "another one")
            await found.inform(a, b)
            assert found.log.handovers[-1].result is Result.FAILED
            await found.until_at(a)

    run(main())
