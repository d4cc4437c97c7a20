"""Hosts and a client in a simulated network, and what was seen of them: the world in which a scenario is played."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache
from random import Random

from ..endpoint import Address
from ..simulation import Link, Network, Reported
from .client import ClientEndpoint
from .events import NotAllowed
from .handovers import HandoverLog
from .host import MIGRATION, HostEndpoint
from .host_events import Happening, HostEvent
from .host_options import HostOptions
from .numbering import Target
from .scenarios import Scenario
from .ticket import ServerKey

SPICE_PORT, MIGRATION_PORT = 5900, 4444
_PASSWORD = "of the simulated guest"


@cache
def _key() -> ServerKey:
    """One for all simulated hosts: to make one takes longer than to hand a client over."""
    return ServerKey.generate()


class World:
    """``client`` is the present one, called ``name``, and ``log`` has its handovers; ``complaints`` is what no chart
    expected, at a client or at a host. ``show`` is given each event.
    """

    def __init__(self, scenario: Scenario, random: Random) -> None:
        self.show: Callable[[Reported], None] | None = None
        self.network = Network(random.getrandbits(32), Link(scenario.latency, scenario.jitter))
        self.hosts: dict[str, HostEndpoint] = {}
        self.complaints: list[str] = []
        self.client: ClientEndpoint
        self.name = ""
        self.log = HandoverLog()
        self._scenario = scenario
        self._random = random
        self._happened: Counter[tuple[str, Happening]] = Counter()
        self._clients = 0
        for number in range(scenario.hosts):
            self._add_host(chr(ord("A") + number))
        self.command(min(self.hosts), "start_guest")

    def _add_host(self, name: str) -> None:
        scenario, random = self._scenario, self._random
        options = HostOptions(design=scenario.server, password=_PASSWORD, video=scenario.video)
        host = HostEndpoint(options, key=_key(), draw=lambda: random.getrandbits(32))
        self.hosts[name] = host
        self.network.add(
            name,
            host,
            self.listeners(name),
            skew=random.random() * scenario.skew,
            on_report=lambda event: self._note_host(name, event),
        )

    def add_client(self) -> None:
        """A new client connects to where the guest runs; a client that was there before leaves."""
        if self.name and not self.client.is_over:
            self.network.nodes[self.name].call(self.client.quit)
        self._clients += 1
        self.name = f"client-{self._clients}"
        self.log = HandoverLog()
        self.client = ClientEndpoint(Target(self.guest, SPICE_PORT), _PASSWORD, self._scenario.client)
        self.network.add(self.name, self.client, on_report=self._note_client).call(self.client.connect)

    # What management may do.

    def command(self, host: str, name: str, *arguments: object) -> None:
        """Call a method of a host's endpoint."""
        self.network.nodes[host].call(getattr(self.hosts[host], name), *arguments)

    def set_ticket(self, host: str, lifetime: float | None) -> None:
        """A ticket for the client, for so many seconds, None: for ever."""
        self.command(host, "set_password", _PASSWORD, lifetime)

    def let_pass(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.network.run_until(self.network.time + seconds)

    def until(self, holds: Callable[[], bool], limit: float) -> bool:
        """Let virtual time pass until it holds, at most ``limit`` seconds; whether it holds."""
        try:
            self.network.run_until(holds, limit)
        except TimeoutError:
            return False
        return True

    # How things stand.

    @staticmethod
    def listeners(host: str) -> dict[str, Address]:
        """Where a host listens for clients, and for guests."""
        return {"spice": Address(host, SPICE_PORT), MIGRATION: Address(host, MIGRATION_PORT)}

    @property
    def guest(self) -> str:
        """The host where the guest runs; empty: it is between two."""
        return next((name for name, host in self.hosts.items() if host.runs_guest), "")

    @property
    def places(self) -> set[str]:
        """The hosts where channels of the client are."""
        return {target.host for target in self.client.attached.values()}

    @property
    def place(self) -> str | None:
        """The host where every channel of the client is; None: there is none."""
        is_whole = len(self.client.attached) == 1 + len(self.client.channels) > 1
        return self.places.pop() if is_whole and len(self.places) == 1 else None

    def count(self, host: str, *happenings: Happening) -> int:
        """How often these have happened at a host."""
        return sum(self._happened[host, each] for each in happenings)

    def _note_host(self, name: str, event: object) -> None:
        if isinstance(event, HostEvent):
            self._happened[name, event.what] += 1
        elif isinstance(event, NotAllowed):
            self.complaints.append(f"{name}: {event.text}")
        self._say(name, event)

    def _note_client(self, event: object) -> None:
        self.log.feed(event)
        if isinstance(event, NotAllowed):
            self.complaints.append(f"client: {event.text}")
        self._say(self.name, event)

    def _say(self, name: str, event: object) -> None:
        if self.show is not None:
            self.show(Reported(self.network.time, name, event))
        self.network.events.clear()
