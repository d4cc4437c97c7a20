"""Sockets in asyncio that listen, and that connect to one of a host's addresses."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from .endpoint import Address

_BACKLOG = 1024
#: How long nobody is accepted after the system has refused to, in s: it may have run out of files.
_REST = 1.0


class Listener:
    """Accepts connections to the first of the host's addresses; ``accept`` is given each socket.

    asyncio's own server forgets a socket that it has accepted in the moment in which it is closed.
    """

    def __init__(self, listening: socket.socket, accept: Callable[[socket.socket], None]) -> None:
        self._socket = listening
        self._accept = accept
        self._loop = asyncio.get_running_loop()
        self._rest: asyncio.TimerHandle | None = None
        self._listen()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def close(self) -> None:
        """Accept no more."""
        if self._rest is not None:
            self._rest.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _listen(self) -> None:
        self._loop.add_reader(self._socket, self._accept_those_who_wait)

    def _accept_those_who_wait(self) -> None:
        for _ in range(_BACKLOG):
            try:
                accepted, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._loop.remove_reader(self._socket)
                self._rest = self._loop.call_later(_REST, self._listen)
                return
            accepted.setblocking(False)
            self._accept(accepted)


async def listening_socket(host: str, port: int) -> socket.socket:
    """A socket that listens at the first of the host's addresses. Raises OSError, and UnicodeError for no host."""
    [(family, _, _, _, where), *_] = await _addresses(Address(host, port))
    listening = socket.create_server(where[:2], family=family, backlog=_BACKLOG)
    listening.setblocking(False)
    return listening


def begun_socket(address: Address) -> socket.socket | None:
    """A socket that has begun to connect to a host that is given as a number; None: it cannot, or has to be looked up.

    To the same machine it has connected (`is_connected`) when this returns, if anybody listens.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        socket.inet_pton(family, address.host)
        begun = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, ValueError):
        return None
    try:
        begun.setblocking(False)
        begun.connect_ex((address.host, address.port))
    except OverflowError:
        begun.close()
        return None
    return begun


def is_connected(sock: socket.socket) -> bool:
    """Whether it has a peer."""
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


async def connected_socket(address: Address, limit: float, begun: socket.socket | None = None) -> socket.socket:
    """A socket that is connected to one of the host's addresses, each of which gets its share of ``limit`` seconds.

    ``begun``: a `begun_socket` for the address, with which it goes on. Raises OSError, of the address that was tried
    last, and UnicodeError for a host that is none.
    """
    loop = asyncio.get_running_loop()
    found = await _addresses(address)
    error: OSError = ConnectionRefusedError()
    for family, kind, protocol, _, where in found:
        tried, begun = begun or socket.socket(family, kind, protocol), None
        try:
            tried.setblocking(False)
            async with asyncio.timeout(limit / len(found)):
                await loop.sock_connect(tried, where)
        except OSError as failure:
            tried.close()
            error = failure
        except BaseException:
            tried.close()
            raise
        else:
            return tried
    raise error


async def _addresses(address: Address) -> list[Any]:
    """What getaddrinfo finds. Numbers need no look-up, which asyncio does in a thread."""
    if "\0" in address.host:
        raise UnicodeError("a host name ends at a NUL")
    try:
        return socket.getaddrinfo(
            address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
        )
    except socket.gaierror:
        found = asyncio.get_running_loop().getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return list(await found)


def shown(name: Any) -> str:
    """A socket's name as ``host:port``; empty when it has none any more."""
    if not name:
        return ""
    host, port = name[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
