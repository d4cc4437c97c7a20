"""Z3 terms and literals of linear integer arithmetic to conditions in their one normal form, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import gcd
from typing import Any

import z3
from switchover.models.language.region import Condition, Formula, Linear

__all__ = [
    "Conjunction",
    "NotLinearError",
    "condition_term",
    "conditions_of",
    "conjoined",
    "conjunction_term",
    "formula_of",
    "formula_term",
    "linear_of",
    "linear_term",
    "negation",
    "normal",
    "tidied",
]

#: Conditions that are all true.
Conjunction = tuple[Condition, ...]

_NEVER: Formula = ()
_ALWAYS: Formula = ((),)
_MOST_ALTERNATIVES = 4_096
_MOST_REMEMBERED = 65_536


class NotLinearError(ValueError):
    """A term is no linear integer arithmetic, or has too many alternatives; the text names it."""


# Normal form.


def normal(condition: Condition) -> Condition | bool:
    """The condition without common divisor and as tight as the integers allow; its truth when it is constant.

    An equality's first factor is positive. An equality without integer solution is False.
    """
    coefficients, constant = condition.linear.coefficients, condition.linear.constant
    if not coefficients:
        return constant == 0 if condition.equal else constant <= 0
    divisor = gcd(*(factor for _, factor in coefficients))
    if condition.equal:
        if constant % divisor:
            return False
        divisor = -divisor if coefficients[0][1] < 0 else divisor
    if divisor == 1:
        return condition
    reduced = tuple((name, factor // divisor) for name, factor in coefficients)
    # Rounding up the constant is what tightens: 2*x + 1 <= 0 is x + 1 <= 0.
    return Condition(Linear(reduced, -(-constant // divisor)), condition.equal)


def tidied(conditions: Iterable[Condition]) -> Conjunction | None:
    """All in normal form, the tightest of each direction, in a fixed order; None when two exclude each other."""
    tightest: dict[tuple[tuple[str, int], ...], int] = {}
    for each in conditions:
        found = normal(each)
        if found is False:
            return None
        if found is not True:
            for row, constant in _rows(found):
                tightest[row] = max(constant, tightest.get(row, constant))
    return _joined(tightest)


def negation(condition: Condition) -> Conjunction:
    """The alternatives, one or two inequalities in normal form, that are its opposite."""
    linear = condition.linear
    above = Condition(linear.times(-1).plus(Linear((), 1)))
    if not condition.equal:
        return (above,)
    return (Condition(linear.plus(Linear((), 1))), above)


def conjoined(first: Formula, second: Formula) -> Formula:
    """Both. Raises NotLinearError when that has too many alternatives."""
    if len(first) * len(second) > _MOST_ALTERNATIVES:
        raise NotLinearError(f"more than {_MOST_ALTERNATIVES} alternatives in one condition")
    both = (tidied((*left, *right)) for left, right in product(first, second))
    return tuple(dict.fromkeys(each for each in both if each is not None))


def _rows(condition: Condition) -> list[tuple[tuple[tuple[str, int], ...], int]]:
    coefficients, constant = condition.linear.coefficients, condition.linear.constant
    rows = [(coefficients, constant)]
    if condition.equal:
        rows.append((_opposite(coefficients), -constant))
    return rows


def _opposite(coefficients: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    return tuple((name, -factor) for name, factor in coefficients)


def _joined(tightest: dict[tuple[tuple[str, int], ...], int]) -> Conjunction | None:
    """Rows as conditions, a pair of opposite ones that leaves one value as an equality."""
    found = []
    for row, constant in tightest.items():
        opposite = tightest.get(_opposite(row))
        if opposite is not None and constant + opposite > 0:
            return None
        is_equal = opposite is not None and constant + opposite == 0
        if not is_equal or row[0][1] > 0:
            found.append(Condition(Linear(row, constant), is_equal))
    return tuple(sorted(found, key=_order))


def _order(condition: Condition) -> tuple[bool, tuple[tuple[str, int], ...], int]:
    return not condition.equal, condition.linear.coefficients, condition.linear.constant


# From Z3.


def linear_of(term: z3.ExprRef) -> Linear:
    """A linear integer term as an expression over its constants' names. Raises NotLinearError."""
    sums: dict[str, int] = {}
    constant = _add(term, 1, sums)
    return Linear.of(sums, constant)


def conditions_of(literal: z3.BoolRef) -> Formula:
    """A comparison, possibly negated, in normal form: one alternative, for ``!=`` two. Raises NotLinearError."""
    return formula_of(literal)


def formula_of(term: z3.BoolRef | Sequence[z3.BoolRef]) -> Formula:
    """A Boolean term over linear integer literals, or several that are all true, as alternatives.

    Raises NotLinearError for what is not linear (divisibility, quantifiers, bit vectors) or has too many alternatives.
    """
    if isinstance(term, z3.BoolRef):
        return _remembered(term, True)
    formula = _ALWAYS
    conditions: list[Condition] = []
    for each in term:
        alternatives = _remembered(each, True)
        if len(alternatives) == 1:
            conditions.extend(alternatives[0])
        else:
            formula = conjoined(formula, alternatives)
    tidy = tidied(conditions)
    return _NEVER if tidy is None else conjoined((tidy,), formula)


# A term is kept with what became of it: an id stands for a term only as long as that lives.
_memory: dict[tuple[int, int, bool], tuple[z3.BoolRef, Formula]] = {}


def _remembered(term: z3.BoolRef, is_positive: bool) -> Formula:
    key = (id(term.ctx), term.get_id(), is_positive)
    known = _memory.get(key)
    if known is not None:
        return known[1]
    formula = _formula(term, is_positive)
    if len(_memory) >= _MOST_REMEMBERED:
        _memory.clear()
    _memory[key] = (term, formula)
    return formula


def _formula(term: z3.BoolRef, is_positive: bool) -> Formula:
    if not z3.is_app(term):
        raise NotLinearError(f"not linear: {_short(term)}")
    kind, children = term.decl().kind(), term.children()
    if kind in (z3.Z3_OP_TRUE, z3.Z3_OP_FALSE):
        return _ALWAYS if (kind == z3.Z3_OP_TRUE) == is_positive else _NEVER
    if kind == z3.Z3_OP_NOT:
        return _remembered(children[0], not is_positive)
    if kind in (z3.Z3_OP_AND, z3.Z3_OP_OR):
        parts = [_remembered(each, is_positive) for each in children]
        return _all(parts) if (kind == z3.Z3_OP_AND) == is_positive else _any(parts)
    if kind == z3.Z3_OP_IMPLIES:
        parts = [_remembered(children[0], not is_positive), _remembered(children[1], is_positive)]
        return _any(parts) if is_positive else _all(parts)
    if kind in _COMPARISONS and z3.is_int(children[0]):
        return _comparison(kind, children, is_positive)
    if kind in (z3.Z3_OP_EQ, z3.Z3_OP_ITE) and z3.is_bool(children[-1]):
        return _choice(kind, children, is_positive)
    raise NotLinearError(f"not linear: {_short(term)}")


def _choice(kind: int, children: list[z3.BoolRef], is_positive: bool) -> Formula:
    """Equality of truths, and ``if``: a condition, and what holds when it is true and when not."""
    condition, *others = children
    yes = _remembered(others[0], is_positive)
    no = _remembered(others[-1], is_positive if kind == z3.Z3_OP_ITE else not is_positive)
    cases = [conjoined(_remembered(condition, True), yes), conjoined(_remembered(condition, False), no)]
    return _any(cases)


def _all(parts: Iterable[Formula]) -> Formula:
    formula = _ALWAYS
    for each in parts:
        formula = conjoined(formula, each)
    return formula


def _any(parts: Iterable[Formula]) -> Formula:
    found = tuple(dict.fromkeys(alternative for each in parts for alternative in each))
    return _ALWAYS if () in found else found


_COMPARISONS = (z3.Z3_OP_LE, z3.Z3_OP_LT, z3.Z3_OP_GE, z3.Z3_OP_GT, z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT)


def _comparison(kind: int, children: list[Any], is_positive: bool) -> Formula:
    if len(children) != 2:
        raise NotLinearError("not linear: distinct of more than two terms")
    sums: dict[str, int] = {}
    constant = _add(children[0], 1, sums) + _add(children[1], -1, sums)
    difference = Linear.of(sums, constant)
    one = Linear((), 1)
    if kind in (z3.Z3_OP_EQ, z3.Z3_OP_DISTINCT):
        equality = Condition(difference, equal=True)
        is_equal = (kind == z3.Z3_OP_EQ) == is_positive
        return _alternatives((equality,) if is_equal else negation(equality))
    if kind in (z3.Z3_OP_GE, z3.Z3_OP_GT):
        difference = difference.times(-1)
    if kind in (z3.Z3_OP_LT, z3.Z3_OP_GT):
        difference = difference.plus(one)
    condition = Condition(difference)
    return _alternatives((condition,) if is_positive else negation(condition))


def _alternatives(conditions: Iterable[Condition]) -> Formula:
    found = [normal(each) for each in conditions]
    if True in found:
        return _ALWAYS
    return tuple((each,) for each in found if not isinstance(each, bool))


def _add(term: Any, factor: int, sums: dict[str, int]) -> int:
    """Add ``factor`` times the term to ``sums``; what it adds to the constant."""
    if z3.is_int_value(term):
        return factor * int(term.as_long())
    kind = term.decl().kind() if z3.is_app(term) else None
    if kind == z3.Z3_OP_UNINTERPRETED and term.num_args() == 0 and z3.is_int(term):
        name = term.decl().name()
        sums[name] = sums.get(name, 0) + factor
        return 0
    if kind == z3.Z3_OP_ADD:
        return sum(_add(each, factor, sums) for each in term.children())
    if kind == z3.Z3_OP_SUB:
        first, *others = term.children()
        return _add(first, factor, sums) + sum(_add(each, -factor, sums) for each in others)
    if kind == z3.Z3_OP_UMINUS:
        return _add(term.arg(0), -factor, sums)
    if kind == z3.Z3_OP_MUL:
        return _add_product(term, factor, sums)
    raise NotLinearError(f"not linear: {_short(term)}")


def _add_product(term: Any, factor: int, sums: dict[str, int]) -> int:
    parts = [linear_of(each) for each in term.children()]
    open_parts = [each for each in parts if each.coefficients]
    if len(open_parts) > 1:
        raise NotLinearError(f"not linear: {_short(term)}")
    for each in parts:
        factor *= 1 if each.coefficients else each.constant
    if not open_parts:
        return factor
    for name, count in open_parts[0].coefficients:
        sums[name] = sums.get(name, 0) + factor * count
    return factor * open_parts[0].constant


def _short(term: Any) -> str:
    text = " ".join(str(term).split())
    return text if len(text) <= 120 else f"{text[:117]}..."


# To Z3.


def linear_term(linear: Linear, context: z3.Context | None = None) -> Any:
    """The expression as a Z3 integer term."""
    parts = [z3.Int(name, context) * factor for name, factor in linear.coefficients]
    return z3.Sum(*parts, z3.IntVal(linear.constant, context))


def condition_term(condition: Condition, context: z3.Context | None = None) -> z3.BoolRef:
    """The condition as a Z3 literal."""
    term = linear_term(condition.linear, context)
    literal: z3.BoolRef = term == 0 if condition.equal else term <= 0
    return literal


def conjunction_term(conditions: Iterable[Condition], context: z3.Context | None = None) -> z3.BoolRef:
    """All of the conditions as one Z3 Boolean."""
    parts = [condition_term(each, context) for each in conditions]
    conjunction: z3.BoolRef = z3.And(*parts) if parts else z3.BoolVal(True, context)
    return conjunction


def formula_term(formula: Formula, context: z3.Context | None = None) -> z3.BoolRef:
    """Any of the alternatives as one Z3 Boolean."""
    parts = [conjunction_term(each, context) for each in formula]
    alternatives: z3.BoolRef = z3.Or(*parts) if parts else z3.BoolVal(False, context)
    return alternatives
