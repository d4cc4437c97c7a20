"""Exact linear sums of open numbers, and the inequalities between them in one normal form.

A number left open is a sum: whole multiples of *atoms* (constants of the solver, quotients, 32-bit differences) and a
constant. Equal sums are equal objects, so that ``x + 1 - x`` is 1 without a solver. Two arithmetics: the integers
without bound, and signed numbers of 64 bits, whose atoms have bounds. A sum of those that may leave 64 bits is refused,
hence both compute as Python does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from math import gcd
from typing import Any

import z3

from .authoring import UnsupportedOperationError, author_line
from .forking import Cases, fail

__all__ = ["Arithmetic", "Atom", "Cases", "Sum", "atom_of", "comparison", "constants_of", "equality", "unsupported"]

_BITS = 64
_LIMIT = 1 << (_BITS - 1)


class Arithmetic(Enum):
    """How open numbers are computed with; the two never mix."""

    INTEGERS = "integers without bound"
    BITS_64 = "integers of 64 bits"


@dataclass(frozen=True)
class Atom:
    """What a sum adds up: ``term``, known by its text; of 64 bits, it is ``low`` to ``high``."""

    key: str
    arithmetic: Arithmetic
    term: Any = field(compare=False, repr=False)
    low: int = 0
    high: int = 0


Parts = tuple[tuple[Atom, int], ...]


def atom_of(term: Any, arithmetic: Arithmetic, low: int = 0, high: int = 0) -> Atom:
    """The atom that stands for a term of the solver."""
    key = term.decl().name() if z3.is_const(term) else term.sexpr()
    return Atom(key, arithmetic, term, low, high)


@dataclass(frozen=True)
class Sum:
    """``parts``, in the order of their atoms' texts and none with the factor 0, plus ``constant``.

    Raises UnsupportedOperationError when made of 64-bit atoms and it might leave 64 bits.
    """

    arithmetic: Arithmetic
    parts: Parts
    constant: int = 0

    def __post_init__(self) -> None:
        if self.arithmetic is Arithmetic.BITS_64 and not -_LIMIT <= self.low <= self.high < _LIMIT:
            raise unsupported("arithmetic that may leave 64 bits", self)

    @property
    def low(self) -> int:
        """The least value that the atoms' bounds allow (64 bits)."""
        return self.constant + sum(factor * (a.low if factor > 0 else a.high) for a, factor in self.parts)

    @property
    def high(self) -> int:
        """The greatest value that the atoms' bounds allow (64 bits)."""
        return self.constant + sum(factor * (a.high if factor > 0 else a.low) for a, factor in self.parts)

    def plus(self, other: Sum, factor: int = 1) -> Sum:
        """This and ``factor`` times ``other``. Raises UnsupportedOperationError when the arithmetics differ."""
        if self.arithmetic is not other.arithmetic and self.parts and other.parts:
            text = f"{self.arithmetic.value} and {other.arithmetic.value} in one operation"
            raise unsupported(text, self, other)
        arithmetic = self.arithmetic if self.parts else other.arithmetic
        constant = self.constant + factor * other.constant
        if not other.parts:
            return Sum(arithmetic, self.parts, constant)
        merged = dict(self.parts)
        for atom, count in other.parts:
            merged[atom] = merged.get(atom, 0) + factor * count
        kept = [(atom, count) for atom, count in merged.items() if count]
        return Sum(arithmetic, tuple(sorted(kept, key=_key)), constant)

    def times(self, factor: int) -> Sum:
        """``factor`` times this."""
        parts = tuple((atom, count * factor) for atom, count in self.parts) if factor else ()
        return Sum(self.arithmetic, parts, self.constant * factor)

    def quotient(self, divisor: int) -> Sum:
        """This divided by a positive number, rounded down as Python does."""
        if all(count % divisor == 0 for _, count in self.parts):
            # Whole multiples leave the rounding to the constant.
            parts = tuple((atom, count // divisor) for atom, count in self.parts)
            return Sum(self.arithmetic, parts, self.constant // divisor)
        if self.arithmetic is Arithmetic.INTEGERS:
            # Z3's div rounds down for a positive divisor.
            atom = atom_of(self.term / z3.IntVal(divisor), self.arithmetic)
            return Sum(self.arithmetic, ((atom, 1),))
        rest = self.plus(self.remainder(divisor), -1)
        # bvsdiv rounds towards zero, which does not matter where nothing remains.
        term = rest.term / z3.BitVecVal(divisor, _BITS)
        atom = atom_of(term, self.arithmetic, self.low // divisor, self.high // divisor)
        return Sum(self.arithmetic, ((atom, 1),))

    def remainder(self, divisor: int) -> Sum:
        """What remains of a division by a positive number: 0 to ``divisor`` - 1, as in Python."""
        if self.arithmetic is Arithmetic.INTEGERS:
            return self.plus(self.quotient(divisor), -divisor)
        if not any(count % divisor for _, count in self.parts):
            return Sum(self.arithmetic, (), self.constant % divisor)
        # z3py's % on bit vectors is bvsmod, which takes the divisor's sign.
        atom = atom_of(self.term % z3.BitVecVal(divisor, _BITS), self.arithmetic, 0, divisor - 1)
        return Sum(self.arithmetic, ((atom, 1),))

    @property
    def term(self) -> Any:
        """The sum as a term of the solver."""
        return _term(self.parts, self.constant, self.arithmetic)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the solver's constants in it, sorted."""
        return constants_of(*(atom.term for atom, _ in self.parts))

    def __str__(self) -> str:
        written = [f"{'-' if count < 0 else '+'} {_factor(count)}{atom.key}" for atom, count in self.parts]
        if self.constant or not written:
            written.append(f"{'-' if self.constant < 0 else '+'} {abs(self.constant)}")
        text = " ".join(written)
        return text.removeprefix("+ ") if text.startswith("+") else "-" + text[2:]


def comparison(left: Sum, right: Sum) -> tuple[z3.BoolRef, Cases] | bool:
    """Whether ``left <= right``: a literal and its answers, or the truth itself."""
    difference = left.plus(right, -1)
    return _at_most_cases(difference) if difference.parts else difference.constant <= 0


def equality(left: Sum, right: Sum) -> tuple[z3.BoolRef, Cases] | bool:
    """Whether ``left == right``. Over the integers it has two ways of being false: less, and greater."""
    difference = left.plus(right, -1)
    return _equal_cases(difference) if difference.parts else difference.constant == 0


@lru_cache(maxsize=65_536)
def _at_most_cases(difference: Sum) -> tuple[z3.BoolRef, Cases]:
    below = _at_most(difference)
    return below, ((below, True), (_at_most(difference.times(-1).plus(_one(difference))), False))


@lru_cache(maxsize=65_536)
def _equal_cases(difference: Sum) -> tuple[z3.BoolRef, Cases] | bool:
    parts, constant, divisor = _reduced(difference.parts, difference.constant)
    if constant % divisor:
        return False
    equal = _literal("==", parts, -constant // divisor, difference.arithmetic)
    if difference.arithmetic is Arithmetic.BITS_64:
        return equal, ((equal, True), (z3.Not(equal), False))
    less, greater = difference.plus(_one(difference)), difference.times(-1).plus(_one(difference))
    return equal, ((equal, True), (_at_most(less), False), (_at_most(greater), False))


def unsupported(operation: str, *involved: Any) -> Exception:
    """The error for an operation on open values, noted with the exploration under way."""
    symbols = sorted({name for each in involved for name in getattr(each, "symbols", ())})
    text = f"{operation} is not supported on a value left open: {author_line()}"
    return fail(UnsupportedOperationError(text, tuple(symbols)))


def _key(part: tuple[Atom, int]) -> str:
    return part[0].key


def _factor(count: int) -> str:
    return "" if abs(count) == 1 else f"{abs(count)}*"


def _one(like: Sum) -> Sum:
    return Sum(like.arithmetic, (), 1)


def _reduced(parts: Parts, constant: int) -> tuple[Parts, int, int]:
    """The parts divided by their common divisor, the first one positive; the constant; the divisor, signed."""
    divisor = gcd(*(count for _, count in parts))
    if parts[0][1] < 0:
        divisor = -divisor
    return tuple((atom, count // divisor) for atom, count in parts), constant, divisor


def _at_most(difference: Sum) -> z3.BoolRef:
    """``difference <= 0``, its factors without common divisor and the first of them positive."""
    parts, constant, divisor = _reduced(difference.parts, difference.constant)
    if divisor > 0:
        return _literal("<=", parts, -constant // divisor, difference.arithmetic)
    return _literal(">=", parts, -(constant // divisor), difference.arithmetic)


@lru_cache(maxsize=65_536)
def _literal(relation: str, parts: Parts, bound: int, arithmetic: Arithmetic) -> z3.BoolRef:
    # Each side is a Sum, which sees to it that it stays within 64 bits by itself.
    left = Sum(arithmetic, tuple(each for each in parts if each[1] > 0)).term
    right = Sum(arithmetic, tuple((atom, -count) for atom, count in parts if count < 0), bound).term
    # Comparison operators on bit vectors are signed, which is what is wanted here.
    # Called by name: a numeral on the right would have the operator turned round.
    if relation == "==":
        return left.__eq__(right)
    return left.__le__(right) if relation == "<=" else left.__ge__(right)


@lru_cache(maxsize=65_536)
def _term(parts: Parts, constant: int, arithmetic: Arithmetic) -> Any:
    terms = [atom.term if count == 1 else atom.term * _number(count, arithmetic) for atom, count in parts]
    if constant or not terms:
        terms.append(_number(constant, arithmetic))
    total = terms[0]
    for each in terms[1:]:
        total = total + each
    return total


def _number(value: int, arithmetic: Arithmetic) -> Any:
    return z3.IntVal(value) if arithmetic is Arithmetic.INTEGERS else z3.BitVecVal(value, _BITS)


def constants_of(*terms: Any) -> tuple[str, ...]:
    """The names of the solver's constants in terms, sorted."""
    return tuple(sorted(set(_constants(terms))))


def _constants(terms: Iterable[Any]) -> Iterator[str]:
    pending, seen = list(terms), set()
    while pending:
        each = pending.pop()
        if each.get_id() in seen:
            continue
        seen.add(each.get_id())
        if z3.is_const(each) and each.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            yield each.decl().name()
        pending.extend(each.children())
