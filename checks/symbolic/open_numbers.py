"""The numbers that a question leaves open, in one of two arithmetics, and the regions of their values."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import z3
from switchover.models.language import DefinitionError, Linear, Open, Quantity, Region
from switchover.models.language.region import Condition, Formula

from .booleans import literals
from .cubes import alternatives
from .forking import explore
from .intervals import intervals
from .linear import Conjunction, formula_of, formula_term
from .simplification import region as region_of
from .solving import is_satisfiable, seeded_solver
from .sums import constants_of
from .terms import integer, integer_64, within_bounds

__all__ = ["OpenNumbers", "open_numbers"]

Terms = Sequence[z3.BoolRef]


def open_numbers(over: Open) -> OpenNumbers:
    """The numbers of a question: integers without bound, or of so many bits when its quantities say so.

    Raises DefinitionError when some quantities say so and others do not, or when one of bits has no range.
    """
    bits = {each.bits for each in over.quantities}
    if bits == {None}:
        return _Integers(over)
    if bits == {64} and len(over.quantities) == 1:
        return _Bits(over)
    raise DefinitionError("over 64-bit numbers one quantity can be left open; the others are integers without bound")


class OpenNumbers(ABC):
    """What the engine needs to know of the numbers left open.

    ``values``: what a system is made with. ``within``: what is assumed of them.
    """

    #: What a result over these numbers is about.
    arithmetic: str

    def __init__(self, over: Open, values: dict[str, Any], bounds: Terms) -> None:
        self.over = over
        self.values = values
        self.within: list[z3.BoolRef] = [*bounds, *literals(over.within(**values))]

    @abstractmethod
    def region(self, conditions: Sequence[Terms]) -> Region:
        """Where one of ``conditions`` holds for some values of everything else. Raises SolverUnknown."""

    def possible(self, condition: Terms) -> z3.BoolRef:
        """Where ``condition`` holds for some values of everything else. Raises SolverUnknown."""
        return z3.And(*condition)

    @abstractmethod
    def is_stated(self, region: Region) -> bool | None:
        """Whether it is the region that the question states; None when it states none. Raises SolverUnknown."""

    @abstractmethod
    def assumptions(self) -> tuple[str, ...]:
        """What is assumed of the numbers, in words."""

    def term(self, name: str) -> Any:
        """The solver's constant for a quantity."""
        return self.values[name].term

    def _stated(self, stated: Callable[..., bool]) -> z3.BoolRef:
        paths = explore(lambda: bool(stated(**self.values)), self.within)
        return z3.Or(*(z3.And(*path.condition) for path in paths if path.result))


class _Integers(OpenNumbers):
    arithmetic = "integers without bound"

    def __init__(self, over: Open) -> None:
        values = {each.name: integer(each.name) for each in over.quantities}
        super().__init__(over, values, literals([each for q in over.quantities for each in _range(q, values[q.name])]))

    def region(self, conditions: Sequence[Terms]) -> Region:
        keep = tuple(self.values)
        union = [cube for each in conditions for cube in alternatives(each, self.within, keep)]
        return region_of(self.over.quantities, union, self._assumed())

    def possible(self, condition: Terms) -> z3.BoolRef:
        keep = tuple(self.values)
        if set(constants_of(*condition)) <= set(keep):
            return z3.And(*condition)
        return formula_term(tuple(alternatives(condition, self.within, keep)))

    def is_stated(self, region: Region) -> bool | None:
        if self.over.stated is None:
            return None
        solver = seeded_solver()
        solver.add(*self.within, self._stated(self.over.stated) != formula_term(region.failing))
        return not is_satisfiable(solver, question="whether the region is the stated one")

    def assumptions(self) -> tuple[str, ...]:
        return tuple(str(each) for each in self._assumed())

    def _assumed(self) -> Conjunction:
        formula = formula_of(self.within)
        if len(formula) != 1:
            raise DefinitionError("what is assumed of the numbers left open must be a conjunction of linear conditions")
        return formula[0]


class _Bits(OpenNumbers):
    arithmetic = "integers of 64 bits, multimedia times of 32"

    def __init__(self, over: Open) -> None:
        (quantity,) = over.quantities
        if quantity.low is None or quantity.high is None:
            raise DefinitionError(f"quantity {quantity.name}: a number of bits needs its range, low and high")
        number = integer_64(quantity.name, quantity.low, quantity.high)
        super().__init__(over, {quantity.name: number}, [within_bounds(number)])
        self.quantity = quantity
        self.number = number

    def region(self, conditions: Sequence[Terms]) -> Region:
        fails = z3.Or(*(z3.And(*each) for each in conditions))
        return Region(self.over.quantities, self._formula(fails), self._formula(z3.Not(fails)))

    def is_stated(self, region: Region) -> bool | None:
        stated = self.over.stated
        return None if stated is None else self._formula(self._stated(stated)) == region.failing

    def assumptions(self) -> tuple[str, ...]:
        return (f"{self.quantity.low} <= {self.quantity.name} <= {self.quantity.high}",)

    def _formula(self, condition: z3.BoolRef) -> Formula:
        found = intervals(z3.And(*self.within, condition), self.number.term, signed=True)
        return tuple(self._between(low, high) for low, high in found)

    def _between(self, low: int, high: int) -> Conjunction:
        name = self.quantity.name
        if low == high:
            return (Condition(Linear.of({name: 1}, -low), equal=True),)
        above = (Condition(Linear.of({name: -1}, low)),) if low != self.quantity.low else ()
        below = (Condition(Linear.of({name: 1}, -high)),) if high != self.quantity.high else ()
        return (*above, *below)


def _range(quantity: Quantity, number: Any) -> list[Any]:
    above = [number >= quantity.low] if quantity.low is not None else []
    return above + ([number <= quantity.high] if quantity.high is not None else [])
