"""TCP ports on loopback for peers that must be told which port to use."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"

# Below the range from which the kernel takes ports for outgoing connections, so that none of those is in the way.
_FIRST, _LAST = 20000, 32000
_random = random.SystemRandom()


def free_port() -> int:
    """A port that was free just now. Another process may still take it: start again with a new one then."""
    while True:
        port = _random.randint(_FIRST, _LAST)
        try:
            with _bound(port):
                return port
        except OSError:
            continue


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


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.bind((LOOPBACK, port))
    except OSError:
        bound.close()
        raise
    return bound
