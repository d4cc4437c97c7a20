"""Puts open values in place of the numbers and truths in a snapshot or an input, and plain ones back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

import z3
from switchover.models.language import Wrap32
from switchover.models.language.open_values import OpenNumber, OpenTruth

from . import terms
from .terms import Arithmetic, SymbolicBits, SymbolicBoolean, SymbolicInteger

__all__ = ["Leaf", "closed", "is_true", "leaves", "open_leaf", "replaced"]

#: What may be left open in a state: a number, a truth, a number that wraps.
Leaf = int | bool | Wrap32 | OpenNumber | OpenTruth

#: 64-bit integers without a range of their own stay where sums of a few thousand of them still fit.
_FAR = 1 << 48


def replaced(value: Any, name: str, replace: Callable[[str, Any], Any]) -> Any:
    """``value`` with every number and truth in it replaced, each named by its place: ``pair[0]``, ``frame.time``.

    Records are put together without their own checks: an open value's range is an assumption, not a question.
    """
    if isinstance(value, Enum):
        return value
    if isinstance(value, Leaf):
        return replace(name, value)
    if isinstance(value, tuple):
        return _replaced_tuple(value, name, replace)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for field in dataclasses.fields(value):
            inner = replaced(getattr(value, field.name), f"{name}.{field.name}", replace)
            object.__setattr__(made, field.name, inner)
        return made
    return value


def _replaced_tuple(value: tuple[Any, ...], name: str, replace: Callable[[str, Any], Any]) -> Any:
    fields = getattr(type(value), "_fields", None)
    if fields is None:
        return tuple(replaced(each, f"{name}[{index}]", replace) for index, each in enumerate(value))
    return type(value)(*(replaced(each, f"{name}.{field}", replace) for field, each in zip(fields, value, strict=True)))


def leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Every number and truth in ``value`` with its place, in a fixed order."""
    found: list[tuple[str, Any]] = []

    def note(place: str, leaf: Any) -> Any:
        found.append((place, leaf))
        return leaf

    replaced(value, name, note)
    return iter(found)


def open_leaf(name: str, like: Any, arithmetic: Arithmetic) -> Any:
    """A fresh open value of the same kind as ``like``."""
    if isinstance(like, bool | OpenTruth):
        return terms.truth(name)
    if isinstance(like, Wrap32):
        return terms.wrapping(name)
    if arithmetic is Arithmetic.INTEGERS:
        return terms.integer(name)
    return terms.integer_64(name, -_FAR, _FAR)


def closed(value: Any, substitution: list[tuple[Any, Any]]) -> Any:
    """``value`` with what is open in it computed for the constants that ``substitution`` fixes, all of them."""
    return replaced(value, "", lambda _, leaf: _closed_leaf(leaf, substitution))


def is_true(term: z3.BoolRef, substitution: list[tuple[Any, Any]]) -> bool:
    """Whether ``term`` is true for the constants that ``substitution`` fixes, all of them."""
    return bool(z3.is_true(_fixed(term, substitution)))


def _closed_leaf(leaf: Any, substitution: list[tuple[Any, Any]]) -> Any:
    if isinstance(leaf, Wrap32):
        bits = leaf.bits
        return Wrap32(_fixed(bits.term, substitution).as_long()) if isinstance(bits, SymbolicBits) else leaf
    if isinstance(leaf, SymbolicBoolean):
        return is_true(leaf.term, substitution)
    if isinstance(leaf, SymbolicInteger):
        term = _fixed(leaf.term, substitution)
        return term.as_signed_long() if z3.is_bv(term) else term.as_long()
    return leaf


def _fixed(term: Any, substitution: list[tuple[Any, Any]]) -> Any:
    return z3.simplify(z3.substitute(term, *substitution))
