"""Races of shipped software on the wire, in a simulated network, and the repaired design that survives them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from host_bench import key
from simulated_handovers import CLIENTS, SERVERS
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.endpoint import Address
from switchover.runtime.simulation import Link, Network
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.handovers import HandoverLog, Method, Result
from switchover.runtime.spice.host import MIGRATION, HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.host_options import HostOptions

LIMIT = 60.0
NOBODY_LISTENS = 9


class Trio:
    """Hosts A, with the guest, X and Y, and a client in service at A."""

    def __init__(self, server: str, client: str) -> None:
        ids = count(0x1001)
        self.network = Network(seed=1, link=Link(0.02))
        self.hosts: dict[str, HostEndpoint] = {}
        for name in "AXY":
            options = HostOptions(design=SERVERS[server], video=None)
            self.hosts[name] = HostEndpoint(options, key=key(), draw=lambda: next(ids))
            listeners = {"spice": Address(name, 1), MIGRATION: Address(name, 2)}
            self.network.add(name, self.hosts[name], listeners)
        self.client = ClientEndpoint(Target("A", 1), "", CLIENTS[client])
        self.log = HandoverLog()
        self.network.add("client", self.client, on_report=self.log.feed)
        self.command("A", "start_guest")
        self.network.nodes["client"].call(self.client.connect)
        self.until(lambda: len(self.client.attached) == 5)
        self.pause(1)

    def command(self, host: str, name: str, *arguments: object) -> None:
        self.network.nodes[host].call(getattr(self.hosts[host], name), *arguments)

    def inform(self, source: str, target: str) -> None:
        self.command(source, "client_migrate_info", target, 1)

    def until(self, holds: Callable[[], bool]) -> None:
        self.network.run_until(holds, LIMIT)

    def pause(self, seconds: float) -> None:
        self.network.run_until(self.network.time + seconds)

    def until_happened(self, host: str, what: Happening, times: int = 1) -> None:
        self.until(lambda: self.happened(host, what) >= times)

    def happened(self, host: str, what: Happening) -> int:
        return sum(
            each.node == host and isinstance(each.event, HostEvent) and each.event.what is what
            for each in self.network.events
        )

    def start_migration(self, source: str, target: str) -> None:
        self.command(source, "migrate", Address(target, 2))
        self.until(lambda: self.hosts[source].is_streaming)

    def migrate(self, source: str, target: str) -> None:
        """The guest goes, and whatever the client does has time to happen."""
        self.start_migration(source, target)
        self.command(source, "complete")
        self.pause(25)
        assert self.hosts[target].runs_guest

    def said(self, node: str, sender: Side, *names: str) -> list[str]:
        """What was said on main, as one node saw it."""
        return [
            each.event.name
            for each in self.network.events
            if each.node == node and isinstance(each.event, MessageSeen) and each.event.sender is sender
            if each.event.channel[0] is ChannelType.MAIN and each.event.name.startswith("MIGRATE")
            if not names or each.event.name in names
        ]

    @property
    def places(self) -> set[str]:
        return {each.host for each in self.client.attached.values()}


def late_reply(trio: Trio) -> None:
    """N02: the client's way to X is long; the migration to X fails before it has answered, and the next one is to Y."""
    for way in (("client", "X"), ("X", "client")):
        trio.network.set_link(*way, Link(0.5))
    trio.inform("A", "X")
    trio.command("A", "migrate", Address("X", NOBODY_LISTENS))
    trio.until_happened("A", Happening.MIGRATION_FAILED)
    trio.inform("A", "Y")
    trio.until_happened("A", Happening.CONNECT_COMPLETED, 2)
    trio.migrate("A", "Y")


def test_n02_a_late_reply_leads_a_shipped_client_where_its_guest_is_not() -> None:
    trio = Trio("shipped", "shipped")
    late_reply(trio)
    assert trio.said("A", Side.SERVER) == ["MIGRATE_BEGIN", "MIGRATE_BEGIN", "MIGRATE_END"]
    assert trio.said("A", Side.CLIENT) == ["MIGRATE_CONNECTED", "MIGRATE_CONNECT_ERROR"]
    assert trio.places == {"X"}
    first, second = trio.log.handovers
    assert (first.target, first.result) == ("X:1", Result.COMPLETED)
    assert second.result is Result.FAILED


def test_n02_with_numbered_attempts_the_client_goes_where_its_guest_is() -> None:
    trio = Trio("reference", "reference")
    late_reply(trio)
    assert trio.places == {"Y"}
    assert trio.log.handovers[-1].result is Result.COMPLETED
    assert trio.log.handovers[-1].target == "Y:1"


def forgotten_seamless(trio: Trio) -> None:
    """N01: the first attempt was seamless and failed; of the second the client says nothing for 10 s."""
    trio.inform("A", "X")
    trio.until_happened("A", Happening.CONNECT_COMPLETED)
    trio.start_migration("A", "X")
    trio.command("A", "fail")
    trio.pause(1)
    trio.network.blackholes.add("Y")
    trio.inform("A", "Y")
    trio.until_happened("A", Happening.CONNECT_COMPLETED, 2)
    trio.network.blackholes.clear()
    trio.migrate("A", "Y")


def test_n01_a_shipped_server_goes_on_as_if_the_second_attempt_were_the_first() -> None:
    trio = Trio("seamless", "shipped")
    forgotten_seamless(trio)
    assert trio.said("A", Side.SERVER, "MIGRATE", "MIGRATE_SWITCH_HOST") == ["MIGRATE"]
    assert trio.places != {"Y"}


def test_n01_repaired() -> None:
    trio = Trio("reference", "reference")
    forgotten_seamless(trio)
    assert trio.said("A", Side.SERVER, "MIGRATE", "MIGRATE_SWITCH_HOST") == ["MIGRATE_SWITCH_HOST"]
    assert trio.places == {"Y"}


def left_over(trio: Trio) -> None:
    """N20: the guest goes to X before the client is linked there; SWITCH_HOST does not take the attempt back."""
    trio.inform("A", "X")
    trio.migrate("A", "X")
    assert trio.places == {"X"}
    trio.inform("X", "Y")
    trio.until_happened("X", Happening.CONNECT_COMPLETED)
    trio.migrate("X", "Y")


@pytest.mark.parametrize(
    ("server", "client", "methods"),
    [
        ("shipped", "shipped", [Method.SEMI_SEAMLESS, Method.SWITCH_HOST] * 2),
        ("reference", "reference", [Method.SEAMLESS, Method.SWITCH_HOST, Method.SEAMLESS]),
    ],
    ids=["shipped", "repaired"],
)
def test_n20_an_attempt_that_is_left_over_is_in_the_way_of_the_next(
    server: str, client: str, methods: list[Method]
) -> None:
    trio = Trio(server, client)
    left_over(trio)
    assert [each.method for each in trio.log.handovers] == methods
    assert trio.log.handovers[-1].result is Result.COMPLETED
    assert trio.places == {"Y"}
