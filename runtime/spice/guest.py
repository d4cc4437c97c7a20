"""The synthetic guest: it counts frames while it runs, and moves from host to host with its count."""

from __future__ import annotations

from .migration_stream import GuestState

#: A frame is due when its time has come but for rounding, in frames.
_SLACK = 1e-6


class Guest:
    """``interval``: seconds between frames. ``runs``: it runs on this host."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._first = 0
        self._since = 0.0
        self.runs = False

    def start(self, state: GuestState, now: float) -> None:
        """It runs here from now on."""
        self._first, self._since, self.runs = state.frame, now, True

    def stop(self, now: float) -> None:
        """It stands still."""
        if self.runs:
            self._first, self.runs = self.frame(now), False

    def state(self, now: float) -> GuestState:
        """What moves with it."""
        return GuestState(self.frame(now))

    def frame(self, now: float) -> int:
        """Number of the frame that is on its screen."""
        if not self.runs:
            return self._first
        return self._first + int((now - self._since) / self._interval + _SLACK)

    def due(self, frame: int) -> float:
        """When it shows that frame, if it goes on running."""
        return self._since + (frame - self._first) * self._interval
