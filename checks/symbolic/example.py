"""Turns a violation over numbers left open into a run with numbers, through the live actors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import z3
from switchover.models.language import Property, System, TimedExecution, Trace, make_timed_trace
from switchover.models.language.view import arguments

from .open_numbers import OpenNumbers
from .search import Finding
from .solving import holds
from .terms import SymbolicInteger

__all__ = ["example_of"]

_MILLISECONDS = 10_000


def example_of(
    make: Callable[..., System], numbers: OpenNumbers, statement: Property | str, findings: Sequence[Finding]
) -> Trace:
    """The run of fewest events among ``findings`` whose values are nearest to the typical ones.

    It is run on concrete values and its violation seen there: raises AssertionError if it is not.
    """
    least = min(each.node.depth for each in findings)
    shortest = [each for each in findings if each.node.depth == least]
    finding, model = _nearest(shortest, numbers)
    values = {name: _number(model, numbers.term(name)) for name in numbers.values}
    moments = [(action, _at(model, at)) for action, at in finding.node.actions(lambda each: holds(model, each))]
    if finding.action is not None:
        moments.append((finding.action[0], _at(model, finding.action[1])))
    execution = TimedExecution(make(**values))
    trace, state = make_timed_trace(execution, moments, values)
    if isinstance(statement, Property):
        truth = bool(statement.predicate(*arguments(execution.system, statement, state.system)))
        if truth is (statement.kind == "always"):
            raise AssertionError(f"{statement.name}: the example {values} does not violate it")
    return trace


def _nearest(findings: Sequence[Finding], numbers: OpenNumbers) -> tuple[Finding, z3.ModelRef]:
    optimizer = z3.Optimize()
    optimizer.set(timeout=_MILLISECONDS)
    optimizer.add(*numbers.within, z3.Or(*(z3.And(*each.condition) for each in findings)))
    for name, typical in numbers.over.typical().items():
        optimizer.add_soft(numbers.term(name) == typical)
    for name, typical in numbers.over.typical().items():
        number = numbers.term(name)
        optimizer.minimize(z3.If(number >= typical, number - typical, typical - number))
    if optimizer.check() == z3.unsat:
        raise AssertionError("a violation was found, but no values for it")
    model = optimizer.model()
    return next(each for each in findings if holds(model, each.condition)), model


def _at(model: z3.ModelRef, at: Any) -> int:
    return _number(model, at.term) if isinstance(at, SymbolicInteger) else int(at)


def _number(model: z3.ModelRef, term: Any) -> int:
    value = model.eval(term, model_completion=True)
    return int(value.as_signed_long() if z3.is_bv(value) else value.as_long())
