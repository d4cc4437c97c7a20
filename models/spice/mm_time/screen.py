"""What the user sees: the observer by which frames are counted and timed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from switchover.models.language import Actor, Between, Local, State, parameter, stay, variable

from .calls import Drawn, Dropped, Shown
from .messages import Host, MmTime, StreamData


@dataclass(frozen=True)
class Showing:
    """``frame`` came on the screen at ``at``, by the destination's clock."""

    frame: StreamData
    at: int


class Screen(Actor):
    """Keeps what became of each frame of the stream. No part of the protocol: it reads the destination's clock.

    ``transit``, ``clock_transit``: how long frames and the clock message are on the way, by which it judges.
    """

    transit: int = parameter(0)
    clock_transit: int = parameter(0)

    showings: tuple[Showing, ...] = variable(())
    losses: tuple[StreamData, ...] = variable(())
    images: Annotated[int, Between(0, 1023)] = variable(0)

    display = Local(receives=(Shown, Dropped, Drawn))

    on = State(initial=True)

    shown = stay(on)
    dropped = stay(on)
    drawn = stay(on)

    def on_shown(self, message: Shown) -> None:
        self.showings = (*self.showings, Showing(message.frame, self.now))

    def on_dropped(self, message: Dropped) -> None:
        self.losses = (*self.losses, message.frame)

    def on_drawn(self) -> None:
        self.images = self.images + 1


class EndlessScreen(Actor):
    """What can be kept of a stream without end: of the destination's frames, the first, the last shown, the last lost.

    ``lateness`` and ``stall`` are those of the last frame shown: how long after it was due, and for how long the frame
    after its predecessor had been due.
    """

    transit: int = parameter(0)
    clock_transit: int = parameter(0)
    latency: int = parameter(400)
    interval: int = parameter(40)

    has_shown: bool = variable(False)
    has_lost: bool = variable(False)
    has_met: bool = variable(False)
    first_met: MmTime = variable(0)
    last_shown: MmTime = variable(0)
    last_lost: MmTime = variable(0)
    lateness: int = variable(0)
    stall: int = variable(0)
    image: bool = variable(False)

    display = Local(receives=(Shown, Dropped, Drawn))

    on = State(initial=True)

    shown = stay(on)
    dropped = stay(on)
    drawn = stay(on)

    def on_shown(self, message: Shown) -> None:
        if message.frame.stamped_by is Host.SOURCE:
            return
        stamp = message.frame.multi_media_time
        self.meet(stamp)
        due = stamp + self.latency + self.clock_transit
        expected = self.last_shown + self.interval if self.has_shown else self.first_met
        self.lateness = self.now - due
        self.stall = self.now - (expected + self.latency + self.clock_transit)
        self.has_shown = True
        self.last_shown = stamp

    def on_dropped(self, message: Dropped) -> None:
        if message.frame.stamped_by is Host.SOURCE:
            return
        self.meet(message.frame.multi_media_time)
        self.has_lost = True
        self.last_lost = message.frame.multi_media_time

    def on_drawn(self) -> None:
        self.image = True

    def meet(self, stamp: MmTime) -> None:
        if not self.has_met:
            self.has_met = True
            self.first_met = stamp
