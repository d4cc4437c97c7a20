"""The algebra of regions: conversion, projection, implication, simplification and text."""

from __future__ import annotations

from itertools import pairwise, product

import pytest
import z3
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from switchover.checks.symbolic.elimination import Rows, irredundant
from switchover.checks.symbolic.linear import (
    NotLinearError,
    conjunction_term,
    formula_of,
    formula_term,
    linear_of,
    negation,
    normal,
    tidied,
)
from switchover.checks.symbolic.projection import NotPolyhedralError, implies, minimal, project, satisfiable, subsumes
from switchover.checks.symbolic.simplification import complement, difference, equivalent, region, simplify
from switchover.models.language.region import Condition, Formula, Linear, Quantity, formula_holds, formula_text

D, W, L, S, T = z3.Ints("D W L s t")
ORDER = ("D", "W", "L")
BOX = range(-4, 5)


def linears(names: str, factors: tuple[int, ...] = (-1, 0, 1), size: int = 6) -> st.SearchStrategy[Linear]:
    rows = st.fixed_dictionaries({name: st.sampled_from(factors) for name in names})
    return st.builds(Linear.of, rows, st.integers(-size, size))


def conjunctions(names: str, factors: tuple[int, ...] = (-1, 0, 1)) -> st.SearchStrategy[tuple[Condition, ...]]:
    # One condition in four is an equality.
    relations = st.sampled_from([False, False, False, True])
    return st.lists(st.builds(Condition, linears(names, factors), relations), max_size=5).map(tuple)


def points(names: str, box: range = BOX) -> list[dict[str, int]]:
    return [dict(zip(names, values, strict=True)) for values in product(box, repeat=len(names))]


def is_valid(claim: z3.BoolRef) -> bool:
    solver = z3.Solver()
    solver.add(z3.Not(claim))
    return solver.check() == z3.unsat


def projected(conditions: tuple[Condition, ...], keep: tuple[str, ...]) -> Formula:
    """The projection, where there is one without divisibility."""
    try:
        return project(conditions, keep)
    except NotPolyhedralError:
        reject()


def alternatives(*terms: z3.BoolRef) -> list[tuple[Condition, ...]]:
    return [each for term in terms for each in formula_of(term)]


class TestConversion:
    @given(conjunctions("xy", (-3, -2, -1, 0, 1, 2)))
    def test_there_and_back_holds_for_the_same_values(self, conditions: tuple[Condition, ...]) -> None:
        formula = formula_of(conjunction_term(conditions))
        for point in points("xy"):
            assert formula_holds(formula, point) == all(each.holds_at(point) for each in conditions)

    @given(st.builds(Condition, linears("xy", (-4, -2, 0, 2, 6)), st.booleans()))
    def test_normal_form_and_negation(self, condition: Condition) -> None:
        found = normal(condition)
        for point in points("xy"):
            truth = condition.holds_at(point)
            assert truth == (found if isinstance(found, bool) else found.holds_at(point))
            assert truth != any(each.holds_at(point) for each in negation(condition))

    @pytest.mark.parametrize(
        ("term", "text"),
        [
            (2 * D + 1 <= 4, "D <= 1"),
            (D != 0, "D < 0 or D > 0"),
            (z3.Not(z3.And(D > 0, W >= L)), "D <= 0 or W < L"),
            (z3.Implies(D > 0, W == L), "D <= 0 or W = L"),
            (z3.If(D > 0, W > 0, L > 0), "D > 0 and W > 0 or D <= 0 and L > 0"),
            (2 * D == 3, "never"),
            (D - D <= 0, "always"),
        ],
    )
    def test_boolean_structure(self, term: z3.BoolRef, text: str) -> None:
        assert formula_text(formula_of(term), ORDER) == text

    @pytest.mark.parametrize("term", [D * W > 0, D % 3 == 0, D / 2 > 1, z3.BitVec("b", 8) == 1, z3.Bool("p")])
    def test_what_is_not_linear_is_named(self, term: z3.BoolRef) -> None:
        with pytest.raises(NotLinearError, match="not linear: "):
            formula_of(term)

    def test_products_with_constants_are_linear(self) -> None:
        assert linear_of(2 * (D - 3 * (W + 1)) - D) == Linear.of({"D": 1, "W": -6}, -6)


class TestProjection:
    @given(conjunctions("abst", (-1, 0, 1)))
    def test_equals_quantifier_elimination(self, conditions: tuple[Condition, ...]) -> None:
        found = projected(conditions, ("a", "b"))
        solved = z3.Tactic("qe2")(z3.Exists(list(z3.Ints("s t")), conjunction_term(conditions))).as_expr()
        assert is_valid(formula_term(found) == solved)
        assert satisfiable(conditions) == bool(found)

    @settings(max_examples=40)
    @given(conjunctions("ast", (-2, -1, 0, 1, 2, 3)))
    def test_long_factors_are_exact_or_refused(self, conditions: tuple[Condition, ...]) -> None:
        found = projected(conditions, ("a",))
        solver = z3.Solver()
        solver.add(conjunction_term(conditions))
        for a in range(-9, 10):
            assert formula_holds(found, {"a": a}) == (solver.check(z3.Int("a") == a) == z3.sat)

    @given(conjunctions("ast"))
    def test_equals_enumeration_in_a_box(self, conditions: tuple[Condition, ...]) -> None:
        bounds = [Condition(Linear.of({name: sign}, -4)) for name in "st" for sign in (1, -1)]
        found = projected((*conditions, *bounds), ("a",))
        for a in BOX:
            witnessed = any(all(c.holds_at({"a": a, **rest}) for c in conditions) for rest in points("st"))
            assert formula_holds(found, {"a": a}) == witnessed

    @given(conjunctions("xyz"))
    def test_nothing_left_over_is_redundant(self, conditions: tuple[Condition, ...]) -> None:
        least = minimal(conditions)
        if least is None:
            assert not satisfiable(conditions)
            return
        assert equivalent((least,), (conditions,))
        for each in least:
            assert not implies([other for other in least if other != each], each)

    def test_many_events_between_two_parameters(self) -> None:
        times = z3.Ints(" ".join(f"t{number}" for number in range(15)))
        order = [later >= earlier + 1 for earlier, later in pairwise(times)]
        (conditions,) = formula_of([*order, times[0] >= D, times[-1] <= W, *(each >= L for each in times)])
        assert formula_text(project(conditions, ORDER), ORDER) == "D + 14 <= W and W >= L + 14"

    @settings(max_examples=40)
    @given(st.dictionaries(linears("xyz", (-2, -1, 0, 1)).map(lambda each: each.coefficients), st.integers(-6, 6)))
    def test_inequalities_that_the_others_imply_are_dropped(self, rows: Rows) -> None:
        rows.pop((), None)
        least = irredundant(rows)
        whole = tuple(Condition(Linear(row, constant)) for row, constant in rows.items())
        if least is None:
            assert not satisfiable(whole)
        else:
            kept = tuple(Condition(Linear(row, constant)) for row, constant in least.items())
            assert set(kept) <= set(whole)
            assert equivalent((whole,), (kept,))

    def test_elimination_that_grows(self) -> None:
        # Every event is after five sums of parameters and events, and before five others.
        events = z3.Ints("t0 t1 t2 t3")
        signs = [(1, 0, 1), (0, 1, -1), (-1, 1, 0), (1, -1, 1), (0, -1, 0)]
        sums = [a * D + b * W + c * L for a, b, c in signs]
        bounds = [z3.And(each + 2 * k >= s, each <= s + 2 * k + 40) for k, each in enumerate(events) for s in sums]
        links = [later >= earlier - W for earlier, later in pairwise(events)]
        (conditions,) = formula_of([*bounds, *links])
        found = project(conditions, ORDER)
        solver = z3.Solver()
        solver.add(conjunction_term(conditions))
        assert satisfiable(conditions)
        for d, w, latency in product(range(-60, 61, 12), repeat=3):
            point = {"D": d, "W": w, "L": latency}
            witnessed = solver.check(d == D, w == W, latency == L) == z3.sat
            assert formula_holds(found, point) == witnessed

    def test_dependence_on_divisibility_is_refused(self) -> None:
        (conditions,) = formula_of(2 * S == D)
        with pytest.raises(NotPolyhedralError, match="D"):
            project(conditions, ("D",))

    def test_gap_of_a_long_factor_that_always_holds_an_integer(self) -> None:
        (conditions,) = formula_of([2 * S >= D, 2 * S <= D + 1])
        assert project(conditions, ("D",)) == ((),)

    @given(conjunctions("xyz"), conjunctions("xyz"))
    def test_subsumption_is_implication(self, a: tuple[Condition, ...], b: tuple[Condition, ...]) -> None:
        expected = is_valid(z3.Implies(conjunction_term(b), conjunction_term(a)))
        assert subsumes(a, b) == expected
        assert subsumes(a, (*a, *b))


class TestSimplification:
    @pytest.mark.parametrize(
        ("union", "within", "text"),
        [
            ([z3.And(D > 0, D >= W, W > L), z3.And(D > 0, D < W, W > L)], [L >= 0], "D > 0 and W > L"),
            ([D == 1, D == 2, D >= 3], [], "D > 0"),
            ([D == 1, D == 2, D == 3], [], "D > 0 and D <= 3"),
            ([z3.And(D >= 0, D <= 4), z3.And(D >= 3, D <= 10)], [], "D >= 0 and D <= 10"),
            ([z3.And(D > 0, L + k == W) for k in range(1, 9)] + [z3.And(D > 0, W > L + 8)], [], "D > 0 and W > L"),
            ([D > 0, D <= 0], [], "always"),
            ([z3.And(D > 0, D < 0)], [], "never"),
            ([z3.And(D > 500, W > L, W >= 0)], [W >= 0], "D > 500 and W > L"),
            ([z3.And(D < 0, D + L < W), D < -500], [W >= 0, L >= 0], "D < -500 or D < 0 and D + L < W"),
            # A square cut in four, and a triangle cut at an inner point.
            (
                [z3.And(a <= D, a + 4 >= D, b <= W, b + 4 >= W) for a in (0, 5) for b in (0, 5)],
                [],
                "D >= 0 and D <= 9 and W >= 0 and W <= 9",
            ),
            (
                [z3.And(*cuts, D + W <= 9) for cuts in ([D >= 0, D <= W, D <= 3], [W >= 0, W <= D], [D >= 0, W >= D])],
                [],
                "D >= 0 and D + W <= 9 and W >= 0",
            ),
        ],
    )
    def test_it_is_what_a_person_would_write(
        self, union: list[z3.BoolRef], within: list[z3.BoolRef], text: str
    ) -> None:
        simple = simplify(alternatives(*union), formula_of(within)[0], ORDER)
        assert simple.is_proved
        assert formula_text(simple.formula, ORDER) == text

    @settings(max_examples=40)
    @given(st.lists(conjunctions("xy"), max_size=5), conjunctions("xy"))
    def test_it_holds_for_the_same_values(
        self, union: list[tuple[Condition, ...]], within: tuple[Condition, ...]
    ) -> None:
        simple, opposite = simplify(union, within), complement(tuple(union), within)
        assert simple.is_proved
        assert len(simple.formula) <= len(union)
        for point in points("xy", range(-8, 9)):
            if all(each.holds_at(point) for each in within):
                truth = formula_holds(tuple(union), point)
                assert formula_holds(simple.formula, point) == truth
                assert formula_holds(opposite.formula, point) != truth

    @settings(max_examples=40)
    @given(st.lists(conjunctions("xy"), max_size=4))
    def test_it_is_always_the_same(self, union: list[tuple[Condition, ...]]) -> None:
        assert simplify(union, (), ("x", "y")) == simplify([*reversed(union), *union], (), ("x", "y"))

    @given(conjunctions("xy"), st.lists(conjunctions("xy"), max_size=3))
    def test_pieces_of_a_difference_exclude_each_other(
        self, whole: tuple[Condition, ...], cuts: list[tuple[Condition, ...]]
    ) -> None:
        pieces = difference((whole,), tuple(cuts))
        for point in points("xy"):
            inside = all(each.holds_at(point) for each in whole) and not formula_holds(tuple(cuts), point)
            assert sum(formula_holds((piece,), point) for piece in pieces) == inside


class TestRegion:
    def test_conditions_are_written_in_the_order_of_the_quantities(self) -> None:
        quantities = [Quantity("D", "skew"), Quantity("W", "window", low=0), Quantity("L", "latency", low=0)]
        found = region(quantities, alternatives(z3.And(L < W, D > 0, W >= D), z3.And(W < D, W > L)))
        assert str(found) == "D > 0 and W > L"
        assert formula_text(found.complement, ORDER) == "D <= 0 or W <= L"
        assert found.fails_at({"D": 1, "W": 5, "L": 4})
        assert not found.fails_at({"D": 1, "W": 5, "L": 5})
        assert found.to_json()["fails"] == "D > 0 and W > L"

    @pytest.mark.parametrize(
        ("term", "text"),
        [
            (D >= 501, "D > 500"),
            (D >= 20, "D >= 20"),
            (D <= -1, "D < 0"),
            (L + 1 <= W, "W > L"),
            (D + W + 3 <= 2 * L, "D + W + 3 <= 2*L"),
            (W <= L + 500, "W <= L + 500"),
            (D + L >= 0, "D + L >= 0"),
            (D == W - 7, "D + 7 = W"),
        ],
    )
    def test_text_of_a_condition(self, term: z3.BoolRef, text: str) -> None:
        ((condition,),) = formula_of(term)
        assert condition.text(ORDER) == text

    @given(st.builds(Condition, linears("DWL", (-2, -1, 0, 1, 2)), st.booleans()))
    def test_text_says_what_the_condition_means(self, condition: Condition) -> None:
        text = condition.text(ORDER).replace(" = ", " == ")
        for point in points("DWL", range(-2, 3)):
            assert eval(text, {}, dict(point)) == condition.holds_at(point)

    def test_opposite_bounds_are_an_equality(self) -> None:
        (conditions,) = formula_of([D <= W, D >= W])
        assert formula_text((conditions,), ORDER) == "D = W"
        assert tidied((*conditions, *formula_of(D > W)[0])) is None
