"""Numbers, truths and 32-bit values left open: they compute as Python does, on terms of the solver.

What a handler gets in place of an ``int`` or a ``bool``. Whatever would need a value (an index, a hash, a text) is an
UnsupportedOperationError that names the author's line; a truth is asked of the exploration under way (``forking``).
What simplifies to one value *is* a plain ``int`` or ``bool`` again.
"""

from __future__ import annotations

from typing import Any

import z3
from switchover.models.language.open_values import OpenBits, OpenNumber
from switchover.models.language.wrap32 import Wrap32

from .booleans import SymbolicBoolean, opposite, refuse, truth, truth_of, write_only_in_errors
from .sums import Arithmetic, Cases, Sum, atom_of, comparison, constants_of, equality, unsupported

__all__ = [
    "Arithmetic",
    "SymbolicBits",
    "SymbolicBoolean",
    "SymbolicInteger",
    "integer",
    "integer_64",
    "number_of",
    "term_of",
    "truth",
    "truth_of",
    "within_bounds",
    "wrapping",
]


def integer(name: str) -> SymbolicInteger:
    """An integer left open, without bounds."""
    return _constant(z3.Int(name), Arithmetic.INTEGERS)


def integer_64(name: str, low: int, high: int) -> SymbolicInteger:
    """An integer of 64 bits left open, ``low`` to ``high``: what goes with ``Wrap32``.

    The bounds are taken for granted: assume ``within_bounds`` of it.
    """
    return _constant(z3.BitVec(name, 64), Arithmetic.BITS_64, low, high)


def within_bounds(number: SymbolicInteger) -> z3.BoolRef:
    """That every constant in a 64-bit number is within the bounds it was made with; other integers have none."""
    parts = number.sum.parts if number.sum.arithmetic is Arithmetic.BITS_64 else ()
    bounds = [(atom.term, atom.low, atom.high) for atom, _ in parts if z3.is_const(atom.term)]
    return z3.And(*[z3.And(low <= term, term <= high) for term, low, high in bounds])


def wrapping(name: str) -> Wrap32:
    """A 32-bit number left open."""
    return Wrap32(SymbolicBits(z3.BitVec(name, 32)))


def number_of(term: z3.ArithRef) -> SymbolicInteger | int:
    """A number for an integer term; sums and whole multiples in it are taken apart."""
    return _number(_sum_of(z3.simplify(term)))


def term_of(value: Any, arithmetic: Arithmetic = Arithmetic.INTEGERS) -> Any:
    """The solver's term for a number, truth or ``Wrap32``, open or not. Raises TypeError for anything else."""
    if isinstance(value, Wrap32):
        value = value.bits
        return value.term if isinstance(value, SymbolicBits) else z3.BitVecVal(value, 32)
    if isinstance(value, bool):
        return z3.BoolVal(value)
    if isinstance(value, int):
        return Sum(arithmetic, (), value).term
    if isinstance(value, SymbolicInteger | SymbolicBoolean | SymbolicBits):
        return value.term
    raise TypeError(f"{value!r} is neither a number nor a truth")


class SymbolicInteger(OpenNumber):
    """An ``int`` left open: a linear sum. Raises UnsupportedOperationError for what is not linear."""

    __slots__ = ("sum",)
    sum: Sum

    def __init__(self, total: Sum) -> None:
        object.__setattr__(self, "sum", total)

    @property
    def term(self) -> Any:
        """The solver's term: an Int, or a bit vector of 64."""
        return self.sum.term

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the solver's constants in it, sorted."""
        return self.sum.symbols

    def low_bits(self) -> SymbolicBits | int:
        """The low 32 bits, of a 64-bit number only."""
        if self.sum.arithmetic is not Arithmetic.BITS_64:
            raise unsupported("Wrap32 of an integer without bound (make it one of 64 bits)", self)
        # Taking bits off commutes with adding, so that sums stay as plain as they were.
        total = z3.BitVecVal(self.sum.constant, 32)
        for atom, count in self.sum.parts:
            total = total + z3.Extract(31, 0, atom.term) * z3.BitVecVal(count, 32)
        return _bits(total)

    def __add__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _number(self.sum.plus(right))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _number(self.sum.plus(right, -1))

    def __rsub__(self, other: Any) -> Any:
        left = _operand(other)
        return NotImplemented if left is None else _number(left.plus(self.sum, -1))

    def __mul__(self, other: Any) -> Any:
        right = _operand(other)
        if right is None:
            raise unsupported(f"* with {type(other).__name__}", self)
        if right.parts:
            raise unsupported("the product of two open values", self, other)
        return _number(self.sum.times(right.constant))

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return _number(self.sum.times(-1))

    def __pos__(self) -> SymbolicInteger:
        return self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    def __floordiv__(self, other: Any) -> Any:
        divisor = self._divisor("//", other)
        # a // -b is -a // b.
        return _number(self.sum.times(-1).quotient(-divisor) if divisor < 0 else self.sum.quotient(divisor))

    def __mod__(self, other: Any) -> Any:
        divisor = self._divisor("%", other)
        if divisor < 0:
            return _number(self.sum.times(-1).remainder(-divisor).times(-1))
        return _number(self.sum.remainder(divisor))

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def _divisor(self, operation: str, other: Any) -> int:
        divisor = _operand(other)
        if divisor is None or divisor.parts:
            raise unsupported(f"{operation} by anything but a fixed number", self, other)
        if divisor.constant == 0:
            raise ZeroDivisionError(f"{operation} by 0")
        return divisor.constant

    def __le__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _truth(comparison(self.sum, right))

    def __ge__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _truth(comparison(right, self.sum))

    def __lt__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _truth(comparison(self.sum.plus(_ONE), right))

    def __gt__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _truth(comparison(right.plus(_ONE), self.sum))

    def __eq__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else _truth(equality(self.sum, right))

    def __ne__(self, other: Any) -> Any:
        right = _operand(other)
        return NotImplemented if right is None else opposite(_truth(equality(self.sum, right)))

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a number never changes")

    def __repr__(self) -> str:
        return f"<{self.sum}>"

    __hash__ = refuse("hash(), as in a set or a dict,")
    __index__ = refuse("an index, range() or bit count")
    __int__ = refuse("int()")
    __float__ = refuse("float()")
    __complex__ = refuse("complex()")
    __round__ = refuse("round()")
    __trunc__ = __floor__ = __ceil__ = refuse("rounding")
    __str__ = write_only_in_errors("str()")
    __format__ = write_only_in_errors("an f-string or format()")
    __truediv__ = __rtruediv__ = refuse("/")
    __rfloordiv__ = __rmod__ = __rdivmod__ = refuse("division by an open value")
    __pow__ = __rpow__ = refuse("**")
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = refuse("a bitwise operation")
    __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = refuse("a shift")


class SymbolicBits(OpenBits):
    """The 32 bits of a ``Wrap32`` left open. Differences are numbers of 64 bits, order is without sign."""

    __slots__ = ("term",)
    term: Any

    def __init__(self, term: Any) -> None:
        object.__setattr__(self, "term", term)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the solver's constants in it, sorted."""
        return constants_of(self.term)

    def difference(self, other: OpenBits | int) -> SymbolicInteger | int:
        return _signed(self.term - _bits_term(other))

    def difference_from(self, other: int) -> SymbolicInteger | int:
        return _signed(_bits_term(other) - self.term)

    def plus(self, number: OpenNumber | OpenBits | int) -> SymbolicBits | int:
        low = number.low_bits() if isinstance(number, OpenNumber) else number
        return _bits(self.term + _bits_term(low))

    def negated(self) -> SymbolicBits | int:
        return _bits(-self.term)

    def below(self, other: OpenBits | int) -> SymbolicBoolean | bool:
        return truth_of(z3.ULT(self.term, _bits_term(other)))

    def above(self, other: OpenBits | int) -> SymbolicBoolean | bool:
        return truth_of(z3.ULT(_bits_term(other), self.term))

    def same(self, other: OpenBits | int) -> SymbolicBoolean | bool:
        return truth_of(self.term == _bits_term(other))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: bits never change")

    def __repr__(self) -> str:
        return f"<{' '.join(str(self.term).split())}>"

    __hash__ = refuse("hash(), as in a set or a dict,")
    __int__ = refuse("int()")
    __str__ = write_only_in_errors("str()")


_ONE = Sum(Arithmetic.INTEGERS, (), 1)


def _constant(term: Any, arithmetic: Arithmetic, low: int = 0, high: int = 0) -> SymbolicInteger:
    return SymbolicInteger(Sum(arithmetic, ((atom_of(term, arithmetic, low, high), 1),)))


def _number(total: Sum) -> SymbolicInteger | int:
    return SymbolicInteger(total) if total.parts else total.constant


def _truth(answer: tuple[z3.BoolRef, Cases] | bool) -> SymbolicBoolean | bool:
    return answer if isinstance(answer, bool) else SymbolicBoolean(*answer)


def _operand(value: Any) -> Sum | None:
    """A number as a sum; None for what is none."""
    if isinstance(value, SymbolicInteger):
        return value.sum
    if isinstance(value, int):
        return Sum(Arithmetic.INTEGERS, (), int(value))
    return Sum(Arithmetic.INTEGERS, (), int(bool(value))) if isinstance(value, SymbolicBoolean) else None


def _sum_of(term: Any) -> Sum:
    if z3.is_int_value(term):
        return Sum(Arithmetic.INTEGERS, (), term.as_long())
    if z3.is_add(term):
        total = Sum(Arithmetic.INTEGERS, ())
        for each in term.children():
            total = total.plus(_sum_of(each))
        return total
    if z3.is_mul(term) and term.num_args() == 2 and z3.is_int_value(term.arg(0)):
        return _sum_of(term.arg(1)).times(term.arg(0).as_long())
    return Sum(Arithmetic.INTEGERS, ((atom_of(term, Arithmetic.INTEGERS), 1),))


def _bits(term: Any) -> SymbolicBits | int:
    term = z3.simplify(term)
    return int(term.as_long()) if z3.is_bv_value(term) else SymbolicBits(term)


def _bits_term(value: OpenBits | int) -> Any:
    return value.term if isinstance(value, SymbolicBits) else z3.BitVecVal(value, 32)


def _signed(term: Any) -> SymbolicInteger | int:
    term = z3.simplify(term)
    if z3.is_bv_value(term):
        return int(term.as_signed_long())
    atom = atom_of(z3.SignExt(32, term), Arithmetic.BITS_64, -(1 << 31), (1 << 31) - 1)
    return SymbolicInteger(Sum(Arithmetic.BITS_64, ((atom, 1),)))
