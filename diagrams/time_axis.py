"""A time axis that is to scale, except that long stretches in which nothing happens are cut short."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Points that a stretch of time takes once it is cut short.
BREAK = 58.0


@dataclass(frozen=True)
class Break:
    """A stretch of time that is cut short: from ``start`` to ``end``, in ms."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How long it is, in ms."""
        return self.end - self.start


@dataclass(frozen=True)
class TimeAxis:
    """Where moments lie: ``moments`` in ms, ascending, and their ``places`` in points from the start."""

    moments: tuple[int, ...]
    places: tuple[float, ...]
    breaks: tuple[Break, ...]
    scale: float

    @property
    def length(self) -> float:
        """From the first moment to the last, in points."""
        return self.places[-1]

    def at(self, moment: int) -> float:
        """Where a moment lies, in points; outside the axis at its nearer end."""
        index = bisect_right(self.moments, moment)
        if index == 0:
            return self.places[0]
        if index == len(self.moments):
            return self.places[-1]
        start, end = self.moments[index - 1], self.moments[index]
        share = (moment - start) / (end - start)
        return self.places[index - 1] + share * (self.places[index] - self.places[index - 1])

    def ticks(self, apart: float) -> list[int]:
        """Moments to be written beside the axis: round ones, at least ``apart`` points from each other, and the ends of
        the breaks, of those that lie at one place the first."""
        step = next(size for size in _STEPS if size * self.scale >= apart or size == _STEPS[-1])
        ends = {moment for each in self.breaks for moment in (each.start, each.end)} | {self.moments[0]}
        ticks: list[int] = []
        taken: list[float] = []
        for end in sorted(ends):
            if not taken or self.at(end) - taken[-1] >= apart / 2:
                ticks.append(end)
                taken.append(self.at(end))
        for moment in range(-(-self.moments[0] // step) * step, self.moments[-1] + 1, step):
            place = self.at(moment)
            cut = any(each.start < moment < each.end for each in self.breaks)
            if not cut and all(abs(place - other) >= apart * 0.7 for other in taken):
                ticks.append(moment)
                taken.append(place)
        return sorted(ticks)


_STEPS = tuple(digit * 10**power for power in range(6) for digit in (1, 2, 5))


def time_axis(moments: Iterable[int], scale: float, longest: int) -> TimeAxis:
    """The axis of these moments at ``scale`` points a millisecond; gaps of more than ``longest`` ms are cut short.

    Raises ValueError without a moment.
    """
    ordered = sorted(set(moments))
    if not ordered:
        raise ValueError("a time axis takes one moment or more")
    places, breaks = [0.0], []
    for start, end in pairwise(ordered):
        cut = end - start > longest and (end - start) * scale > BREAK
        places.append(places[-1] + (BREAK if cut else (end - start) * scale))
        breaks += [Break(start, end)] if cut else []
    return TimeAxis(tuple(ordered), tuple(places), tuple(breaks), scale)


def spread(wanted: Sequence[float], apart: float) -> list[float]:
    """Places at least ``apart`` from each other, in the order of ``wanted`` (ascending) and as near to it as can be."""
    runs: list[tuple[float, list[float]]] = []
    for place in wanted:
        run = [place]
        start = place
        # A run that reaches into the one before is joined to it and centred on what both want.
        while runs and runs[-1][0] + apart * len(runs[-1][1]) > start:
            run = runs.pop()[1] + run
            start = sum(each - apart * number for number, each in enumerate(run)) / len(run)
        runs.append((start, run))
    return [start + apart * number for start, run in runs for number in range(len(run))]
