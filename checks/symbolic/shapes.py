"""The shape of a state: its plain values, and the sums that stand for its numbers, as something to look up."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from switchover.models.language import Wrap32

from .terms import SymbolicBits, SymbolicBoolean, SymbolicInteger


def shape_of(value: Any) -> Any:
    """A hashable stand-in: equal for two values exactly when they are equal as terms."""
    if isinstance(value, SymbolicInteger):
        return value.sum
    if isinstance(value, SymbolicBoolean | SymbolicBits):
        return type(value), value.term.sexpr()
    if isinstance(value, Wrap32):
        return Wrap32, shape_of(value.bits)
    if isinstance(value, tuple | list):
        return type(value), tuple(shape_of(each) for each in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, Enum | type):
        return type(value), tuple(shape_of(getattr(value, each.name)) for each in dataclasses.fields(value))
    return type(value), value


class ShapeTable:
    """The shapes of many values with most of their parts in common: each part is looked at once, and numbered."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        # With the part: an identity stands for it only as long as it lives.
        self._known: dict[int, tuple[Any, int]] = {}

    def of(self, value: Any) -> Any:
        """A number, or a plain value with its type: equal for two values exactly when ``shape_of`` is."""
        if not isinstance(value, tuple | SymbolicInteger) and not dataclasses.is_dataclass(value):
            return shape_of(value)
        known = self._known.get(id(value))
        if known is None:
            shape = self._shape(value)
            known = self._known[id(value)] = value, self._numbers.setdefault(shape, len(self._numbers))
        return known[1]

    def _shape(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return type(value), tuple(self.of(each) for each in value)
        if isinstance(value, SymbolicInteger | Enum | type | Wrap32):
            return shape_of(value)
        return type(value), tuple(self.of(getattr(value, each.name)) for each in dataclasses.fields(value))
