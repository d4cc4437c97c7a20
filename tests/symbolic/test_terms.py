"""Open numbers, truths and 32-bit values compute as Python and C do, and say no in the author's line."""

from __future__ import annotations

import ctypes
import operator
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.symbolic import forking, terms
from switchover.checks.symbolic.authoring import UnsupportedOperationError
from switchover.checks.symbolic.syntax import unsupported_syntax
from switchover.models.language import Actor, Decision, State, variable
from switchover.models.language.wrap32 import Wrap32

NAMES = ("x", "y", "z")
BOUND = 1 << 20
numbers = st.one_of(st.integers(-3, 3), st.integers(-BOUND, BOUND))
divisors = st.integers(-7, 7).filter(bool)


class Expression(NamedTuple):
    """A function of three numbers, and how it is written."""

    text: str
    compute: Callable[[dict[str, Any]], Any]


def _binary(name: str, operation: Callable[[Any, Any], Any]) -> Callable[[tuple[Expression, Expression]], Expression]:
    def make(pair: tuple[Expression, Expression]) -> Expression:
        left, right = pair
        return Expression(f"{name}({left.text}, {right.text})", lambda v: operation(left.compute(v), right.compute(v)))

    return make


def _with_constant(name: str, operation: Callable[[Any, Any], Any]) -> Callable[[tuple[Expression, int]], Expression]:
    def make(pair: tuple[Expression, int]) -> Expression:
        inner, constant = pair
        return Expression(f"{name}({inner.text}, {constant})", lambda v: operation(inner.compute(v), constant))

    return make


def _choose(parts: tuple[Expression, Expression, Expression]) -> Expression:
    asked, one, other = parts
    text = f"{one.text} if {asked.text} else {other.text}"
    return Expression(text, lambda v: one.compute(v) if asked.compute(v) else other.compute(v))


_leaves = st.one_of(
    st.sampled_from(NAMES).map(lambda name: Expression(name, lambda v: v[name])),
    st.integers(-5, 5).map(lambda number: Expression(str(number), lambda _: number)),
)


def _grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    pairs, tested = st.tuples(inner, inner), st.tuples(inner, divisors)
    made = [pairs.map(_binary(each.__name__, each)) for each in (operator.add, operator.sub, min, max)]
    made += [tested.map(_with_constant(f.__name__, f)) for f in (operator.mul, operator.floordiv, operator.mod)]
    made.append(inner.map(lambda e: Expression(f"abs({e.text})", lambda v: abs(e.compute(v)))))
    made.append(inner.map(lambda e: Expression(f"-{e.text}", lambda v: -e.compute(v))))
    made.append(st.tuples(inner, inner, inner).map(_choose))
    return st.one_of(made)


arithmetic = st.recursive(_leaves, _grow, max_leaves=5)
comparisons = st.sampled_from([operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne])


def _value(result: Any, substitution: list[tuple[Any, Any]]) -> Any:
    """What an open result is for fixed values."""
    if not isinstance(result, terms.SymbolicInteger | terms.SymbolicBoolean):
        return result
    term = z3.simplify(z3.substitute(result.term, *substitution))
    if z3.is_bool(term):
        return z3.is_true(term)
    return term.as_signed_long() if z3.is_bv(term) else term.as_long()


def _result_at(compute: Callable[[], Any], assuming: list[Any], substitution: list[tuple[Any, Any]]) -> Any:
    """Explore ``compute``; the result of the one path that fixed values take, at those values."""
    paths = forking.explore(compute, assuming)
    assert not any(path.uncertain for path in paths)
    taken = [path for path in paths if all(_value(terms.truth_of(each), substitution) for each in path.condition)]
    assert len(taken) == 1
    return _value(taken[0].result, substitution)


@settings(max_examples=150)
@given(arithmetic, arithmetic, comparisons, st.tuples(numbers, numbers, numbers))
def test_integers_compute_as_python_does(
    one: Expression, other: Expression, compare: Any, values: tuple[int, int, int]
) -> None:
    opened = {name: terms.integer(name) for name in NAMES}
    fixed = dict(zip(NAMES, values, strict=True))
    substitution = [(opened[name].term, z3.IntVal(value)) for name, value in fixed.items()]

    def compute(values: dict[str, Any]) -> Any:
        left, right = one.compute(values), other.compute(values)
        return left if compare(left, right) else right - left

    assert _result_at(lambda: compute(opened), [], substitution) == compute(fixed)


@settings(max_examples=60)
@given(arithmetic, arithmetic, comparisons, st.tuples(numbers, numbers, numbers))
def test_integers_of_64_bits_compute_as_python_does(
    one: Expression, other: Expression, compare: Any, values: tuple[int, int, int]
) -> None:
    opened = {name: terms.integer_64(name, -BOUND, BOUND) for name in NAMES}
    fixed = dict(zip(NAMES, values, strict=True))
    substitution = [(opened[name].term, z3.BitVecVal(value, 64)) for name, value in fixed.items()]
    # With the values fixed there is little to search; what remains is whether each operation is right.
    assuming = [terms.within_bounds(number) for number in opened.values()]
    assuming += [left == right for left, right in substitution]

    def compute(values: dict[str, Any]) -> Any:
        left, right = one.compute(values), other.compute(values)
        return left if compare(left, right) else right - left

    assert _result_at(lambda: compute(opened), assuming, substitution) == compute(fixed)


bits = st.one_of(st.integers(0, 3), st.integers(2**31 - 2, 2**31 + 2), st.integers(2**32 - 3, 2**32 - 1))


@settings(max_examples=150)
@given(bits, bits, st.integers(-(2**33), 2**33), comparisons)
def test_wrapping_numbers_compute_as_c_does(a: int, b: int, ahead: int, compare: Any) -> None:
    open_a, open_b, number = terms.wrapping("a"), terms.wrapping("b"), terms.integer_64("n", -(2**34), 2**34)
    substitution = [
        (terms.term_of(open_a), z3.BitVecVal(a, 32)),
        (terms.term_of(open_b), z3.BitVecVal(b, 32)),
        (number.term, z3.BitVecVal(ahead, 64)),
    ]
    assuming = [left == right for left, right in substitution]
    later = ctypes.c_uint32(a + ahead).value
    expected = {
        "difference": ctypes.c_int32(a - b).value,
        "later": ctypes.c_int32(later - b).value,
        "earlier": ctypes.c_int32(a - ahead).value,
        "order": compare(a, b),
        "order of the later": compare(b, later),
    }
    computed = {
        "difference": lambda: open_a - open_b,
        "later": lambda: (open_a + number) - Wrap32(b) if a % 2 else (Wrap32(a) + number) - open_b,
        "earlier": lambda: (open_a - ahead) - Wrap32.of(0),
        "order": lambda: bool(compare(open_a, open_b)),
        "order of the later": lambda: bool(compare(Wrap32(b), Wrap32.of(number + open_a_as_number(open_a)))),
    }
    for name, compute in computed.items():
        assert _result_at(compute, assuming, substitution) == expected[name], name


def open_a_as_number(wrapped: Wrap32) -> Any:
    """The signed number of a wrapping one's bits."""
    return wrapped - Wrap32(0)


def test_equal_sums_are_equal_without_a_solver() -> None:
    x, y = terms.integer("x"), terms.integer("y")
    a, n = terms.wrapping("a"), terms.integer_64("n", 0, 2**40)
    truth = terms.truth("t")
    for plain in (x == x, x + 1 - x == 1, 2 * x - (x + x) == 0, x + y <= y + x, not (x < x), (4 * x + 2) % 2 == 0):
        assert plain is True
    assert (x + 7) - x == 7
    assert isinstance((x + 7) - x, int)
    assert (a + 5) - a == 5
    assert Wrap32.of(n + 3) - Wrap32.of(n) == 3
    assert (truth == truth) is True


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (lambda x: {x}, "hash"),
        (lambda x: "ab"[x], "index"),
        (lambda x: list(range(x)), "range"),
        (lambda x: f"{x}", "f-string"),
        (lambda x: str(x), "str"),
        (lambda x: "%d" % x, "int"),  # noqa: UP031
        (lambda x: int(x), "int"),
        (lambda x: float(x), "float"),
        (lambda x: x / 2, "/"),
        (lambda x: x * x, "product"),
        (lambda x: x * "a", "str"),
        (lambda x: x // x, "//"),
        (lambda x: 7 % x, "division"),
        (lambda x: x**2, r"\*\*"),
        (lambda x: x & 1, "bitwise"),
        (lambda x: 1 << x, "shift"),
        (lambda x: round(x), "round"),
        (lambda x: Wrap32.of(x), "Wrap32"),
        (lambda x: x + terms.integer_64("n", 0, 9), "64 bits"),
        (lambda _: terms.integer_64("n", 0, 2**62) * 4, "leave 64 bits"),
    ],
)
def test_what_would_need_a_value_is_refused_in_the_authors_line(operation: Callable[[Any], Any], name: str) -> None:
    with pytest.raises(UnsupportedOperationError, match=rf"(?s){name}.*test_terms\.py:\d+ in <lambda>"):
        operation(terms.integer("x"))


def test_division_by_zero_is_pythons() -> None:
    with pytest.raises(ZeroDivisionError):
        terms.integer("x") // 0


def test_an_open_value_never_changes_and_shows_itself() -> None:
    number, truth = terms.integer("x") - 3, terms.truth("t")
    assert repr(number) == "<x - 3>"
    assert repr(-number) == "<-x + 3>"
    assert repr(truth) == "<t>"
    for each in (number, truth, terms.wrapping("a")):
        with pytest.raises(AttributeError):
            each.term = 1
    assert number is not None
    assert (number == None) is False  # noqa: E711


class Peculiar(Actor):
    count: int = variable(0)
    ready: bool = variable(False)

    idle = State(initial=True)
    tick = Decision(idle.to(None, cond="is_fine", on="count_on"))

    def is_fine(self) -> bool:
        return self.ready is True

    def count_on(self) -> None:
        match self.count:
            case 3:
                self.count = 0
        if isinstance(self.count, int | str) or self.count is None:
            self.count += 1
        if type(self.count) is int:
            self.count += 1


def test_what_no_value_notices_is_found_in_the_source() -> None:
    found = unsupported_syntax(Peculiar)
    kinds = [text.split(": ", 1)[1].split()[0] for text in found]
    assert sorted(kinds) == ["isinstance(self.count,", "match", "self.ready", "type(self.count)"]
    assert all(text.startswith("test_terms.py:") for text in found)
    assert any(" in is_fine: self.ready is True" in text for text in found)


@settings(max_examples=80)
@given(numbers, divisors, st.sampled_from([1, -1, 2]), st.integers(-4, 4))
def test_division_rounds_down_as_pythons_does(number: int, divisor: int, factor: int, more: int) -> None:
    for opened, fixed in (
        (terms.integer("x"), z3.IntVal(number)),
        (terms.integer_64("x", -BOUND, BOUND), z3.BitVecVal(number, 64)),
    ):
        substitution = [(opened.term, fixed)]
        dividend = factor * opened + more
        expected = divmod(factor * number + more, divisor)
        assert (_value(dividend // divisor, substitution), _value(dividend % divisor, substitution)) == expected
        assert tuple(_value(each, substitution) for each in divmod(dividend, divisor)) == expected
