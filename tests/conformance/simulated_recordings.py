"""Recordings of our own client at our own hosts, in virtual time."""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path

from switchover.checks.conformance import Conformance, conform
from switchover.models.spice.link_timing.variant import Repairs
from switchover.runtime.endpoint import Address
from switchover.runtime.simulation import Link, Network
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.host import MIGRATION, HostEndpoint
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.recording import ClientRecording

sys.path.append(str(Path(__file__).parents[1] / "runtime"))
from simulated_handovers import CLIENTS, SERVERS


class Stage:
    """Hosts A, X and Y, each at the address of its name and all at one SPICE port; a client that is attached to A."""

    def __init__(self, servers: str, client: str, password: str | None = None, said: str = "") -> None:
        sessions = count(0x1001)
        self.network = Network(seed=1, link=Link(0.005))
        self.hosts: dict[str, HostEndpoint] = {}
        self.rows: list[dict[str, object]] = []
        self.client_repairs: Repairs = CLIENTS[client].design.repairs
        for name in "AXY":
            options = HostOptions(design=SERVERS[servers], video=None, password=password)
            self.hosts[name] = HostEndpoint(options, draw=lambda: next(sessions))
            self.network.add(name, self.hosts[name], {"spice": Address(name, 5900), MIGRATION: Address(name, 2)})
        self._recording = ClientRecording()
        self.client = ClientEndpoint(Target("A", 5900), said, CLIENTS[client])
        self.network.add("client", self.client, on_report=lambda event: self.rows.extend(self._recording.rows(event)))
        self.command("A", "start_guest")
        self.network.nodes["client"].call(self.client.connect)
        self.pause(2)

    def command(self, host: str, name: str, *values: object) -> None:
        self.network.nodes[host].call(getattr(self.hosts[host], name), *values)

    def pause(self, seconds: float) -> None:
        self.network.run_until(self.network.time + seconds)

    def begin(self, source: str, target: str) -> None:
        self.command(source, "client_migrate_info", target, 5900)
        self.pause(1)

    def migrate(self, source: str, target: str, ending: str) -> None:
        """``ending``: the command that ends it."""
        self.command(source, "migrate", Address(target, 2))
        self.pause(1)
        self.command(source, ending)
        self.pause(2)

    def lines(self) -> list[dict[str, object]]:
        """The client leaves; what it saw."""
        self.network.nodes["client"].call(self.client.quit)
        self.pause(1)
        return [*self.rows, *self._recording.endings()]

    def judge(self, lines: list[dict[str, object]], servers: Repairs | None = None) -> Conformance:
        return conform([json.dumps(each) for each in lines], client=self.client_repairs, servers=servers)

    def judged(self) -> Conformance:
        return self.judge(self.lines())
