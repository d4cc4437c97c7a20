"""Truths left open, and the refusals that all open values share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import z3
from switchover.models.language.open_values import OpenNumber, OpenTruth

from .authoring import is_error_text
from .forking import Cases, decide
from .sums import constants_of, unsupported

__all__ = ["SymbolicBoolean", "literals", "opposite", "refuse", "truth", "truth_of", "write_only_in_errors"]


def truth(name: str) -> SymbolicBoolean:
    """A truth left open."""
    term = z3.Bool(name)
    return SymbolicBoolean(term, _both(term))


def truth_of(term: z3.BoolRef) -> SymbolicBoolean | bool:
    """A truth for a Boolean term."""
    term = z3.simplify(term)
    if z3.is_true(term) or z3.is_false(term):
        return bool(z3.is_true(term))
    return SymbolicBoolean(term, _both(term))


def refuse(operation: str) -> Callable[..., Any]:
    """A method that raises the error for ``operation``."""

    def refused(self: Any, *operands: Any) -> Any:
        raise unsupported(operation, self, *operands)

    return refused


def write_only_in_errors(operation: str) -> Callable[..., str]:
    """A method that shows a value in the language's own errors, and raises the error for ``operation`` elsewhere."""

    def write(self: Any, _specification: str = "") -> str:
        # The language's own errors quote values; an author's text of one would have to be every text at once.
        if is_error_text():
            return repr(self)
        raise unsupported(operation, self)

    return write


class SymbolicBoolean(OpenTruth):
    """A ``bool`` left open. Asked for its truth, it takes the one of the present path; arithmetic asks for it."""

    __slots__ = ("cases", "term")
    term: z3.BoolRef
    cases: Cases

    def __init__(self, term: z3.BoolRef, cases: Cases) -> None:
        object.__setattr__(self, "term", term)
        object.__setattr__(self, "cases", cases)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The names of the solver's constants in it, sorted."""
        return constants_of(self.term)

    def negated(self) -> SymbolicBoolean:
        """The opposite truth, with the same answers."""
        return SymbolicBoolean(
            _opposite_term(self.term), tuple((literal, not answer) for literal, answer in self.cases)
        )

    def __bool__(self) -> bool:
        return decide(self.term, self.cases)

    def __eq__(self, other: Any) -> Any:
        if isinstance(other, SymbolicBoolean):
            return truth_of(self.term == other.term)
        if isinstance(other, bool):
            return self if other else self.negated()
        return bool(self) == other if isinstance(other, int | OpenNumber) else NotImplemented

    def __ne__(self, other: Any) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else opposite(equal)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: a truth never changes")

    def __repr__(self) -> str:
        return f"<{' '.join(str(self.term).split())}>"

    def __int__(self) -> int:
        return int(bool(self))

    __index__ = __int__

    def __add__(self, other: Any) -> Any:
        return bool(self) + other

    def __sub__(self, other: Any) -> Any:
        return bool(self) - other

    def __rsub__(self, other: Any) -> Any:
        return other - bool(self)

    def __mul__(self, other: Any) -> Any:
        return bool(self) * other

    def __and__(self, other: Any) -> Any:
        return bool(self) & other

    def __or__(self, other: Any) -> Any:
        return bool(self) | other

    def __xor__(self, other: Any) -> Any:
        return bool(self) ^ other

    def __lt__(self, other: Any) -> Any:
        return bool(self) < other

    def __le__(self, other: Any) -> Any:
        return bool(self) <= other

    def __gt__(self, other: Any) -> Any:
        return bool(self) > other

    def __ge__(self, other: Any) -> Any:
        return bool(self) >= other

    __radd__, __rmul__, __rand__, __ror__, __rxor__ = __add__, __mul__, __and__, __or__, __xor__
    __hash__ = refuse("hash(), as in a set or a dict,")
    __str__ = write_only_in_errors("str()")
    __format__ = write_only_in_errors("an f-string or format()")
    __float__ = refuse("float()")
    __neg__ = __invert__ = refuse("- or ~")


def opposite(value: Any) -> Any:
    """``not value``, without asking for the truth."""
    return value.negated() if isinstance(value, SymbolicBoolean) else not value


def _both(term: z3.BoolRef) -> Cases:
    return (term, True), (_opposite_term(term), False)


def _opposite_term(term: z3.BoolRef) -> z3.BoolRef:
    return term.arg(0) if z3.is_not(term) else z3.Not(term)


def literals(truths: Sequence[Any]) -> list[z3.BoolRef]:
    """Truths, open or not, as the solver's terms."""
    return [each.term if isinstance(each, SymbolicBoolean) else z3.BoolVal(bool(each)) for each in truths]
