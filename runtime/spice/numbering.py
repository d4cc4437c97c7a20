"""Small numbers for what the model numbers and the wire does not: hosts, sessions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from switchover.models.spice.link_timing.endpoints import HOSTS

from ..endpoint import Address

#: A port that is not there, as servers write it (facts: SPICE 1.10).
NO_PORT = 0xFFFF


@dataclass(frozen=True)
class Target:
    """A SPICE server as messages name it. ``port`` or ``tls_port`` is None when the server has none."""

    host: str
    port: int | None
    tls_port: int | None = None
    subject: str = ""

    def address(self, tls: bool) -> Address:
        """Where to connect: with TLS if it is wanted and there is a port for it, or no other port."""
        if self.tls_port is not None and (tls or self.port is None):
            return Address(self.host, self.tls_port, True, self.subject)
        if self.port is None:
            raise ValueError(f"{self.host} has no port")
        return Address(self.host, self.port)


class ServerNames:
    """What servers are called: each by the port by which it was met first, whichever of its ports is taken later."""

    def __init__(self) -> None:
        self._names: dict[Address, str] = {}

    def name(self, target: Target) -> str:
        """The name of a server."""
        ports = [Address(target.host, port) for port in (target.port, target.tls_port) if port is not None]
        found = next((self._names[each] for each in ports if each in self._names), str(ports[0]))
        self._names |= dict.fromkeys(ports, found)
        return found


class HostNumbers:
    """Which host each number of the model stands for. A number is given to another host when nobody uses it any more.

    ``in_use``: the numbers that the charts hold at present.
    """

    def __init__(self, first: Target, in_use: Callable[[], Collection[int]]) -> None:
        self._targets: list[Target | None] = [first] + [None] * (HOSTS - 1)
        self._used_last: list[int] = [1] + [0] * (HOSTS - 1)
        self._in_use = in_use
        self._clock = 1

    def number(self, target: Target) -> int:
        """The number of a host, which gets one if it has none. Raises ValueError when all are in use."""
        self._clock += 1
        if target in self._targets:
            found = self._targets.index(target)
        else:
            free = self.next()
            if free is None:
                raise ValueError(f"more than {HOSTS} hosts at once")
            found = free
            self._targets[found] = target
        self._used_last[found] = self._clock
        return found

    def next(self) -> int | None:
        """The number that a host would get that has none; None: all are in use."""
        in_use = self._in_use()
        free = (number for number in range(HOSTS) if number not in in_use)
        return min(free, key=lambda number: self._used_last[number], default=None)

    def target(self, number: int) -> Target:
        """The host that a number stands for."""
        found = self._targets[number]
        assert found is not None, f"host {number} was never named"
        return found


class SessionNumbers:
    """Which session id each connection id of the model stands for, at a client: it knows one session at a time."""

    def __init__(self) -> None:
        self._number = 0
        self._session = 0

    def learn(self, session: int) -> int:
        """The server has said its session's id; the number that stands for it from now on."""
        if session != self._session or not self._number:
            self._session = session
            self._number = self._number % HOSTS + 1
        return self._number

    def session(self, number: int) -> int:
        """The id behind a number; 0: none."""
        return self._session if number else 0
