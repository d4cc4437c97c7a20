"""The network test that a new client's main channel begins with (facts: SPICE 1.9): two short PINGs, and a long one."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.spice.protocol import base

from .host_events import NetTested
from .host_service import ping

#: What the long PING carries.
_FILLER = bytes(256_000)

_SHORT = 2
_BITS = 8


@dataclass
class NetTest:
    """The test of one line, which began at ``began``. ``answered``: how many PINGs were; ``latency``: the shorter of
    the short ones' round trips, in µs.
    """

    began: float
    answered: int = 0
    latency: int = 0

    def pings(self) -> list[base.Ping]:
        """What to send, before any other PING."""
        return [*(ping(self.began) for _ in range(_SHORT)), ping(self.began, _FILLER)]

    def on_pong(self, message: base.Pong, now: float) -> NetTested | None:
        """A PING is answered. Returns what was measured, when that was the last one."""
        if message.id != self.answered + 1 or self.answered > _SHORT:
            return None
        self.answered += 1
        trip = round((now - self.began) * 1e6)
        if self.answered <= _SHORT:
            self.latency = trip if self.answered == 1 else min(self.latency, trip)
            return None
        longer = trip - self.latency
        rate = None if longer <= 0 else len(_FILLER) * _BITS * 1_000_000 // longer
        return NetTested(now, self.latency / 1e6, rate)
