"""What a local step puts out: messages sent, connections opened and closed, timers started and stopped."""

from __future__ import annotations

from dataclasses import dataclass

from .message import Message


@dataclass(frozen=True)
class Send:
    """Output: ``message`` goes out on port number ``port``."""

    port: int
    message: Message


@dataclass(frozen=True)
class Open:
    """Output: connect port number ``port``."""

    port: int


@dataclass(frozen=True)
class Close:
    """Output: close port number ``port`` at this end."""

    port: int


@dataclass(frozen=True)
class Arm:
    """Output: start ``timer`` (anew), to fire ``after`` so many ms (None: not said, which a timed system refuses).

    The armed timers are part of the snapshot too.
    """

    timer: str
    after: int | None = None


@dataclass(frozen=True)
class Disarm:
    """Output: stop ``timer``."""

    timer: str


Output = Send | Open | Close | Arm | Disarm
