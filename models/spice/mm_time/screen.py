"""What the user sees: the observer by which frames are counted and timed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from switchover.models.language import Actor, Between, Local, State, parameter, stay, variable

from .calls import Drawn, Dropped, Shown
from .messages import Host, StreamData


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
    """What can be kept of a stream without end: whether a frame of the destination was ever shown, or lost."""

    has_shown: bool = variable(False)
    has_lost: bool = variable(False)

    display = Local(receives=(Shown, Dropped, Drawn))

    on = State(initial=True)

    shown = stay(on)
    dropped = stay(on)
    drawn = stay(on)

    def on_shown(self, message: Shown) -> None:
        if message.frame.stamped_by is Host.TARGET:
            self.has_shown = True

    def on_dropped(self, message: Dropped) -> None:
        if message.frame.stamped_by is Host.TARGET:
            self.has_lost = True
