"""Draws the numbers that a question leaves open: typical ones, round ones, ends of ranges, and sums of such.

What matters in a question about times is how they compare, so that numbers drawn one by one would miss most of what
there is: a delay that is just longer than another, or than two others together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from switchover.models.language import Open, Quantity, System

from .choosing import TURNS
from .example import Draw

#: How often numbers are drawn anew that are not what is assumed.
_ATTEMPTS = 20
#: What a draw is multiplied by.
_SCALES = (1, 1, 10, 100, 1000)


class Numbers:
    """Draws for one question. ``typical``: its system for typical numbers, whose variant has others that matter."""

    def __init__(self, over: Open, typical: System) -> None:
        self._over = over
        self._fixed = tuple(_numbers_of(typical.variant))

    def draw(self, draw: Draw) -> dict[str, int] | None:
        """A value for each quantity, in its range and as is assumed of them; None: none was found."""
        for _ in range(_ATTEMPTS):
            values: dict[str, int] = {}
            for each in self._over.quantities:
                drawn = self._number(each, (*values.values(), *self._fixed), draw)
                values[each.name] = _within_range(each, drawn)
            if all(self._over.within(**values)):
                return values
        return None

    def _number(self, quantity: Quantity, others: tuple[int, ...], draw: Draw) -> int:
        shape = draw()
        if shape < TURNS // 5:
            return quantity.typical
        marks = tuple(_marks(quantity))
        start = marks[draw() % len(marks)]
        if shape < TURNS // 2 or not others:
            return start + _sign(draw) * _magnitude(draw)
        return start + sum(_sign(draw) * others[draw() % len(others)] for _ in range(1 + draw() % 2)) + _little(draw)


def _numbers_of(variant: object) -> Iterator[int]:
    if dataclasses.is_dataclass(variant):
        values = (getattr(variant, each.name) for each in dataclasses.fields(variant))
        yield from dict.fromkeys(each for each in values if type(each) is int)


def _marks(quantity: Quantity) -> Iterator[int]:
    """Where something may change: at 0, at the ends of the range, and where 32 bits wrap or change sign."""
    yield 0
    yield from (each for each in (quantity.low, quantity.high) if each)
    if quantity.bits is not None:
        yield from (1 << 32, 1 << 31)


def _sign(draw: Draw) -> int:
    return 1 if draw() < TURNS // 2 else -1


def _magnitude(draw: Draw) -> int:
    return draw() * _SCALES[draw() % len(_SCALES)]


def _little(draw: Draw) -> int:
    """Nothing, next to nothing, or some way off, on either side."""
    shape = draw()
    return shape % 5 - 2 if shape < 4 * TURNS // 5 else _sign(draw) * _magnitude(draw)


def _within_range(quantity: Quantity, number: int) -> int:
    """The number, turned over or brought to an end of the range where it is outside."""
    low, high = quantity.low, quantity.high
    if (low is not None and number < low) or (high is not None and number > high):
        number = -number
    if low is not None:
        number = max(low, number)
    return number if high is None else min(high, number)
