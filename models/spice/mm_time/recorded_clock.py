"""When the client of a recording may have set its clock, and what its frames had left by it.

A recording tells when a message was on the wire. The client handles it later: how much later only bounds are known of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from switchover.models.language import Wrap32

#: A client handles what it reads within so many µs, also on a busy machine, where nothing else tells when it did.
MOST_LAG = 200_000
#: Clients reckon in whole ms, one for the clock and one for the frame: their difference may be off by as much, in µs.
ROUNDING = 1_000
#: Of the clocks that may have been in force when a frame was handled, so many before and after the nearest are tried.
_MOST_NEAR = 4


@dataclass(frozen=True)
class Setting:
    """The message of ``line`` set the clock to ``shows``, ``earliest`` to ``latest`` µs after ``time``.

    ``time``: when the client could handle it, in µs; before that, only if it was for the client to decide when.
    """

    line: int
    name: str
    shows: Wrap32
    time: int
    earliest: int = 0
    latest: int = MOST_LAG


@dataclass(frozen=True)
class Frame:
    """``time``: when it could be handled, in µs; it was from ``earliest`` to ``MOST_LAG`` µs after that.

    ``place``: of the clock that was set last, in ``Clocks.settings``.
    """

    stamp: Wrap32
    time: int
    earliest: int
    place: int


@dataclass(frozen=True)
class Margin:
    """How long until a frame was due, in µs, had both it and the message that set the clock been handled at once."""

    setting: Setting
    left: int


@dataclass
class Clocks:
    """How the clock was set, in order; at first it shows 0."""

    settings: list[Setting] = field(default_factory=lambda: [Setting(0, "", Wrap32.of(0), 0, latest=0)])
    places: dict[tuple[int, int], int] = field(default_factory=lambda: {(0, 0): 0})

    def place(self, clock: tuple[int, int], setting: Setting) -> int:
        """Of the clock that shows ``clock[0]`` at ``clock[1]``; if it is new, it was set so."""
        if clock not in self.places:
            self.places[clock] = len(self.settings)
            self.settings.append(setting)
        return self.places[clock]

    def margins(self, frame: Frame) -> Iterator[Margin]:
        """By the clock that was set last, then by those that may have been in force as well."""
        for setting in self._near(frame):
            yield Margin(setting, int(frame.stamp - setting.shows) * 1000 - (frame.time - setting.time))

    def _near(self, frame: Frame) -> Iterator[Setting]:
        yield self.settings[frame.place]
        for place in range(frame.place, max(0, frame.place - _MOST_NEAR), -1):
            if self.settings[place].time < frame.time - MOST_LAG:
                break
            yield self.settings[place - 1]
        for setting in self.settings[frame.place + 1 : frame.place + 1 + _MOST_NEAR]:
            if setting.time > frame.time + MOST_LAG:
                break
            yield setting
