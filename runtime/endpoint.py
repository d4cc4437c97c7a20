"""What an endpoint without input and output is told, and what it wishes for.

An endpoint never waits, reads no clock and touches no socket. Whoever runs it (``asyncio_driver``, ``simulation``)
calls one of its methods when something has happened, carries out the wishes that come back, in order but for reports,
which come last, and calls ``timeout`` when the time ``next_deadline`` has come. Times are seconds on any clock that
does not go back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Address:
    """Where to connect. ``subject``: with TLS, the certificate's subject that the peer must have, empty: the host name
    must match instead.
    """

    host: str
    port: int
    tls: bool = False
    subject: str = ""

    def __str__(self) -> str:
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"{shown}:{self.port}" + (" (TLS)" if self.tls else "")


@dataclass(frozen=True)
class Connect:
    """Open a connection. Answered by ``connected`` or ``refused``, at the latest after ``limit`` seconds."""

    connection: int
    address: Address
    limit: float


@dataclass(frozen=True)
class Write:
    """Send these bytes, after those wished for before. ``ends_segment``: what comes after them goes into another TCP
    segment, where that can be had: dissectors (tshark's) expect a segment for each step of a link.
    """

    connection: int
    data: bytes
    ends_segment: bool = False


@dataclass(frozen=True)
class Close:
    """Close, after everything that was to be written. Nothing is told about this connection any more."""

    connection: int


@dataclass(frozen=True)
class Pause:
    """Take nothing more from the connection until Resume; what comes anyway is kept, not lost."""

    connection: int


@dataclass(frozen=True)
class Resume:
    """Take from the connection again."""

    connection: int


@dataclass(frozen=True)
class Report:
    """Something for whoever uses the endpoint: one of its event records."""

    event: object


Wish = Connect | Write | Close | Pause | Resume | Report


class Endpoint(Protocol):
    """What every endpoint can be told. ``connection`` is a number that the endpoint has given."""

    def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
        """Somebody has connected to the listening address called ``listener``; the connection's number comes back."""
        ...

    def connected(self, connection: int, now: float) -> list[Wish]:
        """A connection wished for is open."""
        ...

    def refused(self, connection: int, reason: str, now: float) -> list[Wish]:
        """A connection wished for could not be opened."""
        ...

    def received(self, connection: int, data: bytes, now: float) -> list[Wish]:
        """Bytes have come."""
        ...

    def ended(self, connection: int, now: float) -> list[Wish]:
        """The peer has closed the connection, after all its bytes."""
        ...

    def lost(self, connection: int, reason: str, now: float) -> list[Wish]:
        """The connection broke."""
        ...

    def timeout(self, now: float) -> list[Wish]:
        """Time has come to do what was put off; harmless when there is nothing."""
        ...

    def next_deadline(self) -> float | None:
        """When ``timeout`` is to be called at the latest; None: no need."""
        ...
