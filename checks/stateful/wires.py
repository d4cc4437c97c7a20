"""How what is said on a connection becomes bytes: the real encoders where there are some, else a plain format."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from switchover.models.language import Message, System
from switchover.runtime.spice.model_wire import model_wires

from .plain_wire import PlainWire, Vocabulary


class Wire(Protocol):
    """One connection, from its opening on. Its ends are numbered as in ``Connection``."""

    def encode(self, end: int, message: Message) -> bytes:
        """What ``end`` writes to say ``message``."""
        ...

    def decode(self, end: int, data: bytes) -> list[Message]:
        """Bytes that ``end`` has written have come: the messages that they complete."""
        ...


#: Makes the wire of a connection that is opened.
WireMaker = Callable[[], Wire]
#: What makes the wires of a system's connections, in their order. The truth says whether frames have mini headers.
Wiring = Callable[[System, bool], list[WireMaker]]


def wires_of(system: System, mini: bool) -> list[WireMaker]:
    """What makes the wires of a system's connections: SPICE's channels as SPICE has them, anything else plainly."""
    vocabulary = Vocabulary()
    return [maker or (lambda: PlainWire(vocabulary)) for maker in model_wires(system, mini)]
