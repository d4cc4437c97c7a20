"""When the client of a recording may have set its clock, and what its frames had left by it.

A recording tells when a message was on the wire. The client handles it later: how much later only bounds are known of.
"""

from __future__ import annotations

from bisect import bisect_left
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
    ``tick_of``: no message, but the audio back end, asked at ``time``, whole seconds after this START; None: not so.
    ``line`` is then of the message before which that was noticed, and ``name`` is empty.
    """

    line: int
    name: str
    shows: Wrap32
    time: int
    earliest: int = 0
    latest: int = MOST_LAG
    tick_of: Setting | None = None

    def tick(self, line: int, shows: Wrap32, at: int) -> Setting:
        """By the audio back end, asked at ``at``, in the whole ms of the replay; this is the START."""
        time = self.time + (at - self.time // 1000) * 1000
        return Setting(line, "", shows, time, self.earliest, self.latest, self)


@dataclass(frozen=True)
class Sound:
    """START or DATA. ``shows``: its time. ``time``, ``earliest``: when it could be handled, as with a frame."""

    line: int
    shows: Wrap32
    time: int
    earliest: int


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
    """How long until a frame was due, in µs, had both it and the message that set the clock been handled at once.

    ``is_before``: by a clock before the one that was set last.
    """

    setting: Setting
    left: int
    is_before: bool = False


@dataclass
class Clocks:
    """How the clock was set, in order; at first it shows 0. ``sounds``: what was heard of sound, in order."""

    settings: list[Setting] = field(default_factory=lambda: [Setting(0, "", Wrap32.of(0), 0, latest=0)])
    places: dict[tuple[int, int], int] = field(default_factory=lambda: {(0, 0): 0})
    sounds: list[Sound] = field(default_factory=list)

    def place(self, clock: tuple[int, int], setting: Setting) -> int:
        """Of the clock that shows ``clock[0]`` at ``clock[1]``; if it is new, it was set so."""
        if clock not in self.places:
            self.places[clock] = len(self.settings)
            self.settings.append(setting)
        return self.places[clock]

    def margins(self, frame: Frame) -> Iterator[Margin]:
        """By the clock that was set last, then by those that may have been in force as well."""
        for place in self._near(frame):
            setting = self.settings[place]
            left = int(frame.stamp - setting.shows) * 1000 - (frame.time - setting.time)
            yield Margin(setting, left, place < frame.place)

    def last_sound(self, tick: Setting) -> int:
        """The place in ``sounds`` of the last before a tick, as the replay has it: not in the tick's own ms."""
        return bisect_left(self.sounds, tick.time // 1000 * 1000, key=lambda each: each.time) - 1

    def _near(self, frame: Frame) -> Iterator[int]:
        yield frame.place
        for place in range(frame.place, max(0, frame.place - _MOST_NEAR), -1):
            if self.settings[place].time < frame.time - MOST_LAG:
                break
            yield place - 1
        for place in range(frame.place + 1, min(frame.place + 1 + _MOST_NEAR, len(self.settings))):
            if self.settings[place].time > frame.time + MOST_LAG:
                break
            yield place
