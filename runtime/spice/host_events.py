"""What a host reports besides its connections: what QEMU would say as QMP commands and events (facts: SPICE 2.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from .numbering import Target


class Happening(Enum):
    """What happens to the guest, or to a migration of it."""

    MIGRATION_COMPLETED = "MIGRATION completed"
    MIGRATION_FAILED = "MIGRATION failed"
    CONNECT_COMPLETED = "migrate_connect_complete"
    SPICE_MIGRATE_COMPLETED = "SPICE_MIGRATE_COMPLETED"
    GUEST_STOPPED = "STOP"
    GUEST_RESUMED = "RESUME"
    TICKET_EXPIRED = "the ticket has expired"
    SOUND_LEFT_OUT = "sound is left out: the client does not read it"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class HostEvent:
    """Something has happened at the host. ``is_cancelled``: of a migration that failed, that it was told to give up."""

    at: float
    what: Happening
    is_cancelled: bool = False

    def __str__(self) -> str:
        return "MIGRATION cancelled" if self.is_cancelled else str(self.what)


@dataclass(frozen=True)
class Commanded:
    """The host was told to do something: ``client_migrate_info``, ``migrate``, ``migrate_cancel``; with where to."""

    at: float
    command: str
    target: Target | None = None


@dataclass(frozen=True)
class NetTested:
    """A new client has answered the network test. ``latency``: in seconds; ``bit_rate``: to the client, in bit/s; None:
    the line is too fast to tell.
    """

    at: float
    latency: float
    bit_rate: int | None


@dataclass(frozen=True)
class StreamOpened:
    """A connection for a migration stream is open. ``address``: the peer's."""

    at: float
    connection: int
    address: str


@dataclass(frozen=True)
class StreamEnded:
    """A connection for a migration stream is over."""

    at: float
    connection: int
    reason: str
