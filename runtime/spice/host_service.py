"""What every channel of a host does below the charts: what their messages are on the wire, and what goes between them.

A service is of one connection. The charts decide about a handover; a service fills the time in which a channel is in
use, and knows what its MIGRATE_DATA says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base

from ..endpoint import Report, Wish
from .guest import Guest
from .host_options import HostOptions

#: What INIT and MULTI_MEDIA_TIME say less than the clock, in ms (facts: SPICE 5.1).
LATENCY = 400

_BITS = (1 << 32) - 1

#: The largest time that PING and NOTIFY carry.
LAST_TIME = (1 << 64) - 1

#: Bytes that are sent before the next PING at most.
_MUCH = 1 << 16

#: A millisecond has come but for rounding, in ms.
_SLACK = 1e-6


@dataclass(frozen=True)
class Machine:
    """What the channels of a host have in common. ``wishes``: what came of what they did, in order."""

    options: HostOptions
    guest: Guest
    wishes: list[Wish] = field(default_factory=list)

    def report(self, event: object) -> None:
        """Tell whoever uses the host."""
        self.wishes.append(Report(event))

    def mm_time(self, now: float) -> int:
        """What the multimedia clock shows, in ms, 0 to 2^32 - 1."""
        return int((now + self.options.clock_offset) * 1000 + _SLACK) & _BITS

    def client_time(self, now: float) -> int:
        """What the client's clock is set to: the latency earlier."""
        return (self.mm_time(now) - LATENCY) & _BITS


@dataclass(frozen=True)
class Situation:
    """How it stands with a connection. ``state``: its chart's; ``continues``: its client's session goes on as it was;
    ``may_send``: what is said now goes out at once, as the client has acknowledged enough; ``serial``: of the last
    message; ``unread``: bytes that the client may not have read, ``unpinged`` of them behind the last PING.
    """

    state: str
    continues: bool
    may_send: bool
    serial: int
    unread: int = 0
    unpinged: int = 0


class Service(Protocol):
    """One connection's channel. Times are in seconds."""

    def meaning(self, message: Message) -> Message | None:
        """What a client's message is in the model; None: nothing. Raises MalformedError for MIGRATE_DATA that is
        none.
        """
        ...

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        """A client's message was handled: the answers to it."""
        ...

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        """What a chart's message is on the wire, with what must go before and after it."""
        ...

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        """What there is to say now; called whenever anything has happened, and when the deadline has come."""
        ...

    def stop(self, situation: Situation, now: float) -> list[Message]:
        """The guest has stopped; called before anything is said about a handover."""
        ...

    def next_deadline(self) -> float | None:
        """When ``go_on`` is to be called at the latest; None: no need."""
        ...


def ping(now: float, filler: bytes = b"") -> base.Ping:
    """A PING, with a time that nobody guesses who does not read it. The connection numbers them."""
    return base.Ping(0, int(now * 1e6) & LAST_TIME, filler)


def ping_after_much(situation: Situation, now: float) -> list[Message]:
    """A PING when so much was sent that the client has to show that it reads."""
    return [ping(now)] if situation.unpinged >= _MUCH else []


def migrate(message: spice.Migrate) -> base.Migrate:
    """MIGRATE with its flags (facts: SPICE 1.14)."""
    flags = base.MigrateFlags.NEED_FLUSH | base.MigrateFlags.NEED_DATA_TRANSFER
    return base.Migrate(int(flags) if message.transfers else 0)
