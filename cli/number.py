"""Numbers as users give them: finite, and within a range."""

from __future__ import annotations

from typing import Any

import click

from .errors import InputError
from .excerpt import excerpt

#: Seconds that anything may last: some 30 years.
_LONGEST = 1e9

#: Of what a user gave, so many characters are repeated.
_MOST_SHOWN = 40


class Number(click.ParamType):  # type: ignore[type-arg]  # It takes arguments only in newer versions of click.
    """A number from ``low`` to ``high``; ``is_open``: more than ``low``."""

    name = "number"

    def __init__(self, low: float, high: float, *, is_open: bool = False) -> None:
        self._low, self._high, self._is_open = low, high, is_open

    def read(self, text: str) -> float:
        """The number. Raises InputError, one line."""
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        # A comparison with nan is false.
        if self._low <= value <= self._high and not (self._is_open and value == self._low):
            return value
        low = f"more than {self._low:,g}, up" if self._is_open else f"{self._low:,.0f}"
        raise InputError(f"{excerpt(text, _MOST_SHOWN)!r}: expected a number, {low} to {self._high:,.0f}")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            return self.read(str(value))
        except InputError as error:
            self.fail(str(error), param, ctx)


#: A span of time in seconds, and one that is not empty.
SECONDS = Number(0, _LONGEST)
MORE_THAN_0_SECONDS = Number(0, _LONGEST, is_open=True)
