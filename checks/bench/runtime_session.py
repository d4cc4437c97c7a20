"""A client's session with two hosts and a video, handed over once in virtual time: what came and what was answered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.runtime.endpoint import Address, Report, Wish
from switchover.runtime.simulation import Link, Network
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.handovers import HandoverLog, Result
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_options import HostOptions, Video
from switchover.runtime.spice.ticket import ServerKey

#: Of a host at 1: clients connect, 2: guests arrive.
_SPICE, _GUESTS = 1, 2
#: Virtual seconds in which a handover is over, or never will be.
_LIMIT = 60.0


@dataclass(frozen=True)
class Step:
    """A method of the client that was called, without ``now``, and what it wished for."""

    method: str
    arguments: tuple[Any, ...]
    now: float
    wishes: tuple[Wish, ...]


class HandoverError(Exception):
    """A simulated handover did not come to its end: which, in one line."""


class Tapped:
    """An Endpoint that is the client, and notes what it is told and what it wishes for."""

    def __init__(self, client: ClientEndpoint) -> None:
        self.client = client
        self.steps: list[Step] = []

    def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
        """A client listens nowhere. Raises ValueError."""
        return self.client.accepted(listener, peer, now)

    def connect(self, now: float) -> list[Wish]:
        """Make the first connection."""
        return self._note("connect", now)

    def connected(self, connection: int, now: float) -> list[Wish]:
        """A connection wished for is open."""
        return self._note("connected", now, connection)

    def refused(self, connection: int, reason: str, now: float) -> list[Wish]:
        """A connection wished for could not be opened."""
        return self._note("refused", now, connection, reason)

    def received(self, connection: int, data: bytes, now: float) -> list[Wish]:
        """Bytes have come."""
        return self._note("received", now, connection, data)

    def ended(self, connection: int, now: float) -> list[Wish]:
        """The server has closed the connection."""
        return self._note("ended", now, connection)

    def lost(self, connection: int, reason: str, now: float) -> list[Wish]:
        """The connection broke."""
        return self._note("lost", now, connection, reason)

    def timeout(self, now: float) -> list[Wish]:
        """Time has come to do what was put off."""
        return self._note("timeout", now)

    def next_deadline(self) -> float | None:
        """When ``timeout`` is to be called at the latest."""
        return self.client.next_deadline()

    def _note(self, method: str, now: float, *arguments: Any) -> list[Wish]:
        wishes: list[Wish] = getattr(self.client, method)(*arguments, now)
        self.steps.append(Step(method, arguments, now, tuple(wishes)))
        return wishes


class Simulation:
    """A client and two hosts in a simulated network: ``attach``, then ``hand_over``.

    ``segments``: bytes are cut and merged on their way. Raises HandoverError.
    """

    def __init__(
        self, seed: int, key: ServerKey, *, seamless: bool, video: Video | None, segments: bool = True
    ) -> None:
        options = HostOptions(design=ServerDesign(seamless=seamless), video=video, sound=video is not None)
        self.network = Network(seed, Link(latency=0.01, jitter=0.02), segments=segments)
        self.log = HandoverLog()
        self.tapped = Tapped(ClientEndpoint(Target("a", _SPICE)))
        self._hosts = [HostEndpoint(options, key=key, draw=lambda: 1 + seed) for _ in "ab"]
        for number, (name, host) in enumerate(zip("ab", self._hosts, strict=True)):
            listeners = {"spice": Address(name, _SPICE), "migration": Address(name, _GUESTS)}
            self.network.add(name, host, listeners, skew=100.0 * number)
        self.network.add("client", self.tapped, on_report=self.log.feed)
        self._call("a", self._hosts[0].start_guest)
        self._call("client", self.tapped.connect)

    def attach(self) -> None:
        """Until every channel is in service."""
        self._until(lambda: len(self.tapped.client.attached) == 5, "attachment")

    def hand_over(self) -> None:
        """Migrate the guest, and the client after it."""
        source, client = self._hosts[0], self.tapped.client
        self._call("a", source.client_migrate_info, "b", _SPICE)
        self._until(lambda: client.state == "migrating", "link to the target")
        self._call("a", source.migrate, Address("b", _GUESTS))
        self._until(lambda: source.is_streaming, "loading target")
        self._call("a", source.complete)
        self._until(lambda: self.log.handovers[-1].result is Result.COMPLETED, "handover")
        if self.log.not_allowed:
            raise HandoverError(str(self.log.not_allowed[0]))

    def last(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.network.run_until(self.network.time + seconds)

    def _call(self, node: str, method: Callable[..., Sequence[Wish]], *arguments: Any) -> None:
        self.network.nodes[node].call(method, *arguments)

    def _until(self, holds: Callable[[], bool], what: str) -> None:
        try:
            self.network.run_until(holds, limit=_LIMIT)
        except TimeoutError as error:
            raise HandoverError(f"no {what}: {error}") from None


def recorded_session(seconds: float) -> tuple[Step, ...]:
    """The steps of a client that sees and hears a video for so many virtual seconds at either host.

    Raises HandoverError.
    """
    key = ServerKey.generate()
    # What tshark cannot read is little then: MIGRATE_DATA, and links whose steps share a segment.
    simulation = Simulation(1, key, seamless=False, video=Video(), segments=False)
    simulation.attach()
    simulation.last(seconds)
    simulation.hand_over()
    simulation.last(seconds)
    return tuple(simulation.tapped.steps)


def replay(steps: Sequence[Step]) -> list[object]:
    """What a new client reports when the same happens to it."""
    client = ClientEndpoint(Target("a", _SPICE))
    events = []
    for step in steps:
        wishes = getattr(client, step.method)(*step.arguments, step.now)
        events += [each.event for each in wishes if isinstance(each, Report)]
    return events
