"""TCP ports on loopback for peers that must be told which port to use."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes ports for outgoing connections, so that none of those is in the way.
_FIRST, _LAST = 20000, 32000
_random = random.SystemRandom()


def free_ports(count: int) -> list[int]:
    """Different ports that were free just now. Another process may still take one: start again with new ones then."""
    with ExitStack() as taken:
        return [taken.enter_context(_bound_below()).getsockname()[1] for _ in range(count)]


def free_port() -> int:
    """A port that was free just now, as one of ``free_ports``."""
    return free_ports(1)[0]


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port that refuses connections and that nobody else can take meanwhile."""
    with _bound(0) as reserved:
        yield reserved.getsockname()[1]


@contextmanager
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says anything."""
    with _bound(0) as listening:
        listening.listen()
        yield listening.getsockname()[1]


def _bound_below() -> socket.socket:
    while True:
        try:
            return _bound(_random.randint(_FIRST, _LAST))
        except OSError:
            continue


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        raise
    return bound
