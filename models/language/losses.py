"""Losses as plain data: how much each design loses at some values of one quantity."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from .errors import DefinitionError
from .region import Quantity, Values


@dataclass(frozen=True)
class LossSeries:
    """What one design loses, as points (value of the quantity, loss in ms) in ascending order."""

    name: str
    points: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if not self.points or list(self.points) != sorted(self.points):
            raise DefinitionError(f"losses of {self.name}: expected one point or more, in ascending order")

    def at(self, value: int) -> int:
        """The loss at ``value``, between two points on the line from one to the other; beyond the last, as there."""
        places = [place for place, _ in self.points]
        number = bisect_right(places, value)
        if number in (0, len(places)):
            return self.points[min(number, len(places) - 1)][1]
        (left, low), (right, high) = self.points[number - 1 : number + 1]
        return low + round((high - low) * (value - left) / (right - left))


@dataclass(frozen=True)
class LossTable:
    """The losses of several designs over ``x``. ``quantities`` and ``fixed``: the other numbers, and their values."""

    title: str
    x: Quantity
    series: tuple[LossSeries, ...]
    quantities: tuple[Quantity, ...] = ()
    fixed: Values = field(default_factory=dict)

    @property
    def ends(self) -> tuple[int, int]:
        """The least and the greatest value of ``x`` that a series has."""
        places = [place for each in self.series for place, _ in each.points]
        return min(places), max(places)
