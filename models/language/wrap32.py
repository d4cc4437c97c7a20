"""Wrap32: a number of 32 bits that wraps, as the clocks and time stamps of SPICE do (facts: SPICE 5.4)."""

from __future__ import annotations

from typing import Any, cast

from .open_values import OpenBits, OpenNumber, OpenTruth

__all__ = ["Wrap32", "distance"]

_MODULUS = 1 << 32
_HALF = 1 << 31


class Wrap32:
    """32 bits. ``a - b`` is the signed difference of two as a number, -2^31 to 2^31 - 1: C's ``(int32_t)(a - b)``.

    ``a + n`` and ``a - n`` with a number wrap. ``<``, ``<=``, ``>``, ``>=`` compare without sign, as C's ``uint32_t``:
    shortly after a wrap the later time is the smaller. Immutable; hashable unless the bits are left open.
    """

    __slots__ = ("_bits",)
    _bits: int | OpenBits

    def __init__(self, number: int | OpenNumber | OpenBits) -> None:
        """The low 32 bits of ``number``. Raises TypeError for what is no number."""
        object.__setattr__(self, "_bits", _low_bits(number))

    @staticmethod
    def of(number: int | OpenNumber) -> Wrap32:
        """What remains of ``number`` in 32 bits: its low ones."""
        return Wrap32(number)

    @property
    def bits(self) -> int | OpenBits:
        """0 to 2^32 - 1, or the open bits."""
        return self._bits

    # Typed so that a handler for ``int | Wrap32`` may subtract and compare; mixing the two raises TypeError.

    def __sub__(self, other: int | Wrap32) -> Any:
        if isinstance(other, Wrap32):
            return _difference(self._bits, other._bits)
        return Wrap32(_sum(self._bits, -other)) if _is_number(other) else NotImplemented

    def __rsub__(self, other: int) -> Any:
        return NotImplemented

    def __add__(self, other: int) -> Wrap32:
        return Wrap32(_sum(self._bits, other)) if _is_number(other) else NotImplemented

    __radd__ = __add__

    def __lt__(self, other: int | Wrap32) -> bool:
        return _below(self._bits, other._bits) if isinstance(other, Wrap32) else NotImplemented

    def __gt__(self, other: int | Wrap32) -> bool:
        return _below(other._bits, self._bits) if isinstance(other, Wrap32) else NotImplemented

    def __le__(self, other: int | Wrap32) -> bool:
        return _not(_below(other._bits, self._bits)) if isinstance(other, Wrap32) else NotImplemented

    def __ge__(self, other: int | Wrap32) -> bool:
        return _not(_below(self._bits, other._bits)) if isinstance(other, Wrap32) else NotImplemented

    def __eq__(self, other: object) -> bool:
        return _same(self._bits, other._bits) if isinstance(other, Wrap32) else NotImplemented

    def __ne__(self, other: object) -> bool:
        return _not(_same(self._bits, other._bits)) if isinstance(other, Wrap32) else NotImplemented

    def __bool__(self) -> bool:
        return not _same(self._bits, 0)

    def __hash__(self) -> int:
        return hash((Wrap32, self._bits))

    def __int__(self) -> int:
        return int(cast(int, self._bits))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Wrap32.{name} cannot be written: a Wrap32 never changes")

    def __reduce__(self) -> tuple[type[Wrap32], tuple[int | OpenBits]]:
        return Wrap32, (self._bits,)

    def __repr__(self) -> str:
        return f"Wrap32({self._bits!r})"

    def __str__(self) -> str:
        return str(self._bits)


def _is_number(value: object) -> bool:
    return isinstance(value, int | OpenNumber)


def _low_bits(number: int | OpenNumber | OpenBits) -> int | OpenBits:
    if isinstance(number, int):
        return int(number) % _MODULUS
    if isinstance(number, OpenNumber):
        return number.low_bits()
    if isinstance(number, OpenBits):
        return number
    raise TypeError(f"Wrap32 is made of a number, not of {number!r}")


def _difference(left: int | OpenBits, right: int | OpenBits) -> Any:
    if isinstance(left, OpenBits):
        return left.difference(right)
    if isinstance(right, OpenBits):
        return right.difference_from(left)
    return (left - right + _HALF) % _MODULUS - _HALF


def _sum(bits: int | OpenBits, number: int | OpenNumber) -> int | OpenBits:
    if isinstance(bits, OpenBits):
        return bits.plus(number)
    if isinstance(number, int):
        return bits + number
    low = number.low_bits()
    return low.plus(bits) if isinstance(low, OpenBits) else bits + low


# What is compared stays open until somebody asks for its truth, hence Any and not bool.


def _below(left: int | OpenBits, right: int | OpenBits) -> Any:
    if isinstance(left, OpenBits):
        return left.below(right)
    if isinstance(right, OpenBits):
        return right.above(left)
    return left < right


def _same(left: int | OpenBits, right: int | OpenBits) -> Any:
    if isinstance(left, OpenBits):
        return left.same(right)
    return right.same(left) if isinstance(right, OpenBits) else left == right


def _not(truth: Any) -> Any:
    return truth.negated() if isinstance(truth, OpenTruth) else not truth


def distance(first: int | Wrap32, second: int | Wrap32) -> int:
    """How far ``second`` lies after ``first``: of two Wrap32 as C's ``uint32_t`` difference, 0 to 2^32 - 1."""
    between: int = second - first
    return between + _MODULUS if isinstance(first, Wrap32) and between < 0 else between
