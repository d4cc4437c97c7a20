"""What is drawn for a session in which a guest is migrated again and again: delays, endings, faults."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from random import Random

from switchover.models.spice.link_timing.endpoints import ServerDesign

from .client_links import ClientOptions
from .host_options import Video

LEAST_HOSTS, MOST_HOSTS = 2, 26


class Ending(Enum):
    """How a migration ends."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Peer(Enum):
    """Whose connections with the client are cut."""

    SOURCE = "source"
    TARGET = "target"


@dataclass(frozen=True)
class Scenario:
    """``server`` is the design of all ``hosts``. Times are in seconds, rates are probabilities.

    ``attempts``: migrations in a session. ``latency`` of each way between client and target is drawn for each attempt
    from 0 to twice as much, ``jitter`` for each segment; clocks of hosts are apart by up to ``skew``. A migration takes
    up to ``migration_time``. ``fail_rate``, ``cancel_rate``: how it ends. ``too_early_rate``: the guest goes without
    waiting for the client. ``ticket_expires_rate``: the target's ticket lives for less than ``ticket_lifetime``.
    ``refusal_rate``: nobody answers clients at the target. ``cut_rate``: connections of the client break.
    ``at_once_rate``: after a migration that did not complete the next one begins at once.

    Raises ValueError for what cannot be drawn from.
    """

    server: ServerDesign = field(default_factory=ServerDesign)
    client: ClientOptions = field(default_factory=ClientOptions)
    hosts: int = 3
    attempts: int = 5
    latency: float = 0.01
    jitter: float = 0.005
    skew: float = 100.0
    migration_time: float = 1.0
    fail_rate: float = 0.0
    cancel_rate: float = 0.0
    too_early_rate: float = 0.0
    ticket_expires_rate: float = 0.0
    ticket_lifetime: float = 1.0
    refusal_rate: float = 0.0
    cut_rate: float = 0.0
    at_once_rate: float = 0.0
    video: Video | None = field(default_factory=Video)

    def __post_init__(self) -> None:
        rates = {name: value for name, value in vars(self).items() if name.endswith("_rate")}
        for name, value in rates.items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name}: expected a probability, from 0 to 1, not {value:g}")
        if self.fail_rate + self.cancel_rate > 1:
            raise ValueError("fail_rate and cancel_rate: together at most 1")
        for name in ("latency", "jitter", "skew", "migration_time", "ticket_lifetime"):
            if not 0 <= getattr(self, name) < float("inf"):
                raise ValueError(f"{name}: expected at least 0 s, not {getattr(self, name):g}")
        if not LEAST_HOSTS <= self.hosts <= MOST_HOSTS:
            raise ValueError(f"hosts: expected {LEAST_HOSTS} to {MOST_HOSTS}, not {self.hosts}")
        if self.attempts < 1:
            raise ValueError(f"attempts: expected at least 1, not {self.attempts}")


@dataclass(frozen=True)
class Cut:
    """The client's connections with ``peer`` break ``after`` so many seconds: all, or one."""

    peer: Peer
    after: float
    is_whole: bool


@dataclass(frozen=True)
class Plan:
    """What is drawn for one attempt to migrate the guest to ``target``. Times are in seconds.

    ``latency`` between client and target. ``waits``: for the client to be linked, and ``pause`` longer; then the guest
    is under way for ``duration``. ``takes_guest``: the target listens for guests; where it does not, the migration
    fails at once, and the target lives on, which one that has begun to load a guest does not. ``refuses``: it does not
    listen for clients. ``goes_on_at_once``: the next attempt follows without a pause, if this one does not complete.
    """

    target: str
    latency: float
    ending: Ending
    waits: bool
    pause: float
    duration: float
    takes_guest: bool
    ticket_lifetime: float | None
    refuses: bool
    cut: Cut | None
    goes_on_at_once: bool

    @property
    def may_lose_client(self) -> bool:
        """Whether what is drawn can keep a client from going where its guest goes, whatever the design."""
        return self.ticket_lifetime is not None or self.refuses or self.cut is not None


def draw(scenario: Scenario, random: Random, targets: list[str]) -> Plan:
    """One attempt, to one of these targets."""
    ending = random.random()
    fails = ending < scenario.fail_rate
    cancelled = not fails and ending < scenario.fail_rate + scenario.cancel_rate

    def happens(rate: float) -> bool:
        return random.random() < rate

    def part(of: float) -> float:
        return random.random() * of

    return Plan(
        target=random.choice(targets),
        latency=part(2 * scenario.latency),
        ending=Ending.FAILED if fails else Ending.CANCELLED if cancelled else Ending.COMPLETED,
        waits=not happens(scenario.too_early_rate),
        pause=part(scenario.migration_time),
        duration=part(scenario.migration_time),
        takes_guest=not (fails and happens(0.5)),
        ticket_lifetime=part(scenario.ticket_lifetime) if happens(scenario.ticket_expires_rate) else None,
        refuses=happens(scenario.refusal_rate),
        cut=_cut(scenario, random) if happens(scenario.cut_rate) else None,
        goes_on_at_once=happens(scenario.at_once_rate),
    )


def _cut(scenario: Scenario, random: Random) -> Cut:
    after = random.random() * (2 * scenario.migration_time + 20 * scenario.latency)
    return Cut(random.choice(list(Peer)), after, random.random() < 0.5)
