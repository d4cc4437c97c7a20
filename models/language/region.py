"""Regions: exact sets of parameter values, as linear conditions that can be read, evaluated and drawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import DefinitionError

#: Values of the quantities by name.
Values = Mapping[str, int]


@dataclass(frozen=True)
class Quantity:
    """A number left open, over which a question is asked: ``Quantity("D", "destination clock minus source clock")``.

    ``low`` and ``high`` bound it by assumption; None leaves an end open. ``typical``: a value for examples.
    ``bits``: it is a number of so many bits that wraps around, instead of an integer without bounds.
    """

    name: str
    meaning: str
    unit: str = "ms"
    low: int | None = None
    high: int | None = None
    typical: int = 0
    bits: int | None = None

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise DefinitionError(f"quantity {self.name!r}: not a name")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DefinitionError(f"quantity {self.name}: {self.low} to {self.high} is empty")


@dataclass(frozen=True)
class Linear:
    """A linear expression: ``coefficients`` of quantities by name, sorted, none of them 0, and a constant."""

    coefficients: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    @staticmethod
    def of(coefficients: Mapping[str, int], constant: int = 0) -> Linear:
        """The expression with these coefficients, in its one normal form."""
        return Linear(tuple(sorted((name, value) for name, value in coefficients.items() if value)), constant)

    def at(self, values: Values) -> int:
        """Its value. Raises KeyError for a quantity without a value."""
        return sum(factor * values[name] for name, factor in self.coefficients) + self.constant

    def plus(self, other: Linear, factor: int = 1) -> Linear:
        """This and ``factor`` times ``other``."""
        sums = dict(self.coefficients)
        for name, count in other.coefficients:
            sums[name] = sums.get(name, 0) + factor * count
        return Linear.of(sums, self.constant + factor * other.constant)

    def times(self, factor: int) -> Linear:
        """``factor`` times this."""
        return Linear.of({name: factor * count for name, count in self.coefficients}, factor * self.constant)

    def text(self, order: Sequence[str] = ()) -> str:
        """``W - L + 500``: what is added first, then the names in ``order``, then the others by name."""
        terms = sorted(self.coefficients, key=lambda term: (term[1] < 0, *_rank(term[0], order)))
        return _sum([(factor, name) for name, factor in terms], self.constant)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True)
class Condition:
    """``linear <= 0``, or ``linear == 0`` when ``equal``."""

    linear: Linear
    equal: bool = False

    def holds_at(self, values: Values) -> bool:
        """Whether it is true for these values."""
        value = self.linear.at(values)
        return value == 0 if self.equal else value <= 0

    def text(self, order: Sequence[str] = ()) -> str:
        """``W > L``: no minus where both sides can do without, and the first name in ``order`` on the left.

        Of ``>= 501`` and ``> 500`` it is the one with the rounder number.
        """
        terms = sorted(self.linear.coefficients, key=lambda term: _rank(term[0], order))
        if not terms:
            return f"{self.linear.constant} {'=' if self.equal else '<='} 0"
        # The sign is turned so that the first name is added, on the left.
        sign = 1 if terms[0][1] > 0 else -1
        left = [(sign * factor, name) for name, factor in terms if sign * factor > 0]
        right = [(-sign * factor, name) for name, factor in terms if sign * factor < 0]
        relation, bound = _relation(self.equal, sign, -sign * self.linear.constant)
        if right and bound < 0:
            return f"{_sum(left, -bound)} {relation} {_sum(right, 0)}"
        return f"{_sum(left, 0)} {relation} {_sum(right, bound)}"

    def __str__(self) -> str:
        return self.text()


#: Alternatives, each a list of conditions that are all true: ``()`` is never true, ``((),)`` always.
Formula = tuple[tuple[Condition, ...], ...]


def formula_holds(formula: Formula, values: Values) -> bool:
    """Whether one of the alternatives is true for these values."""
    return any(all(condition.holds_at(values) for condition in each) for each in formula)


def formula_text(formula: Formula, order: Sequence[str] = ()) -> str:
    """``D > 0 and W > L or …``, names in ``order``; ``never`` and ``always`` for the empty and the full set."""
    if not formula:
        return "never"
    if () in formula:
        return "always"
    return " or ".join(" and ".join(each.text(order) for each in alternative) for alternative in formula)


@dataclass(frozen=True)
class Region:
    """The exact set of values for which a property fails, within the assumed ranges of the quantities.

    ``complement`` is where it does not. ``within``: what else is assumed of the quantities.
    """

    quantities: tuple[Quantity, ...]
    failing: Formula
    complement: Formula
    within: tuple[Condition, ...] = ()

    def fails_at(self, values: Values) -> bool:
        """Whether the property fails for these values."""
        return formula_holds(self.failing, values)

    @property
    def names(self) -> tuple[str, ...]:
        """The quantities' names, in their order."""
        return tuple(each.name for each in self.quantities)

    def __str__(self) -> str:
        return formula_text(self.failing, self.names)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data: the formulas as text and as coefficients."""
        return {
            "quantities": [dict(vars(each)) for each in self.quantities],
            "fails": formula_text(self.failing, self.names),
            "holds": formula_text(self.complement, self.names),
            "within": [each.text(self.names) for each in self.within],
            "failing": formula_json(self.failing),
            "complement": formula_json(self.complement),
        }


@dataclass(frozen=True)
class Piece:
    """``value`` wherever all of ``where`` is true."""

    where: tuple[Condition, ...]
    value: Linear


@dataclass(frozen=True)
class PiecewiseLinear:
    """A quantity that is a piecewise-linear function of others. ``text`` is its shortest form: ``max(0, W - L)``."""

    name: str
    quantities: tuple[Quantity, ...]
    pieces: tuple[Piece, ...]
    text: str
    unit: str = "ms"

    def at(self, values: Values) -> int:
        """Its value. Raises ValueError outside all pieces."""
        for piece in self.pieces:
            if all(each.holds_at(values) for each in piece.where):
                return piece.value.at(values)
        raise ValueError(f"{self.name} is not defined at {dict(values)}")

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        pieces = [{"where": [condition_json(c) for c in p.where], "value": linear_json(p.value)} for p in self.pieces]
        return {"name": self.name, "unit": self.unit, "text": self.text, "pieces": pieces}


@dataclass(frozen=True)
class Proof:
    """Why a property holds: the method, and the invariant by which an independent query confirmed it.

    ``invariant``: one line for each control state or conjunct. ``confirmed``: the queries (initiation, consecution,
    safety) that a fresh solver answered.
    """

    method: str
    invariant: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {"method": self.method, "invariant": list(self.invariant), "confirmed": list(self.confirmed)}


def linear_json(linear: Linear) -> dict[str, Any]:
    """As plain JSON data."""
    return {"coefficients": dict(linear.coefficients), "constant": linear.constant}


def condition_json(condition: Condition) -> dict[str, Any]:
    """As plain JSON data: ``linear`` ``relation`` 0."""
    return {"linear": linear_json(condition.linear), "relation": "=" if condition.equal else "<="}


def formula_json(formula: Formula) -> list[list[dict[str, Any]]]:
    """As plain JSON data: alternatives of conditions."""
    return [[condition_json(each) for each in alternative] for alternative in formula]


def _rank(name: str, order: Sequence[str]) -> tuple[int, str]:
    return (order.index(name) if name in order else len(order), name)


def _relation(equal: bool, sign: int, bound: int) -> tuple[str, int]:
    """The relation to ``bound`` and the number to write, strict when that makes it rounder."""
    if equal:
        return "=", bound
    strict = bound + sign
    if _digits(strict) < _digits(bound):
        return ("<", strict) if sign > 0 else (">", strict)
    return ("<=", bound) if sign > 0 else (">=", bound)


def _digits(number: int) -> int:
    return len(str(abs(number)).rstrip("0"))


def _sum(terms: Iterable[tuple[int, str]], constant: int) -> str:
    parts: list[str] = []
    for factor, name in terms:
        size = name if abs(factor) == 1 else f"{abs(factor)}*{name}"
        parts.append(("- " if parts else "-") + size if factor < 0 else ("+ " if parts else "") + size)
    if constant or not parts:
        sign = "- " if constant < 0 else "+ "
        parts.append(f"{sign}{abs(constant)}" if parts else str(constant))
    return " ".join(parts)
