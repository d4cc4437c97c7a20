"""What ``explain`` says of an answer over numbers left open: which numbers, the region, losses, proof and example."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from switchover.models.language import Open, Quantity

from .formulas import EXHAUSTIVE, alternatives, loss_lines, signs
from .question import Result

#: Lines of an invariant that are shown: it may have one for each control state.
_SHOWN = 8


def open_paragraphs(result: Result, width: int) -> list[list[str]]:
    """Paragraphs of lines of at most ``width`` columns; none for an answer about one system alone."""
    over = result.question.over
    if over is None:
        return []
    found = [_numbers(over), _region(result, width), *_losses(result, width), _proof(result, width)]
    return [each for each in [*found, _example(result, over, width)] if each]


def _numbers(over: Open) -> list[str]:
    """Each number left open with what it is."""
    names = [f"{each.name}{_range(each)}" for each in over.quantities]
    room = max(map(len, names), default=0)
    meanings = [f"{each.meaning} ({each.unit})" for each in over.quantities]
    return ["for all", *(f"  {name:{room}}  {meaning}" for name, meaning in zip(names, meanings, strict=True))]


def _range(quantity: Quantity) -> str:
    low, high = quantity.low, quantity.high
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return f" ≥ {low}" if low is not None else f" ≤ {high}" if high is not None else ""


def _region(result: Result, width: int) -> list[str]:
    """Where it fails, where it does not, and whether its source says the same."""
    verdict = result.verdict
    if verdict.region is None:
        return []
    region, names = verdict.region, verdict.region.names
    if not region.complement:
        return ["fails for all of these values"]
    bound = " at least" if verdict.bounds_hit else ""
    lines = alternatives(f"fails{bound} when", region.failing, names, width)
    if not verdict.bounds_hit:
        lines += alternatives("holds when", region.complement, names, width)
    if verdict.as_stated is not None:
        lines.append(
            "the region that its source states" if verdict.as_stated else "not the region that its source states"
        )
    return lines


def _losses(result: Result, width: int) -> Iterator[list[str]]:
    for each in result.verdict.losses:
        yield loss_lines(each, width)


def _proof(result: Result, width: int) -> list[str]:
    """The method, the invariant, and the queries that confirmed it."""
    proof = result.verdict.proof
    if proof is None:
        return []
    method = "following every path to its end" if proof.method == EXHAUSTIVE else proof.method
    lines = [f"proved by {method}"]
    for text in proof.invariant[:_SHOWN]:
        lines += textwrap.wrap(signs(text), width, initial_indent="  ", subsequent_indent="    ")
    if len(proof.invariant) > _SHOWN:
        lines.append(f"  and {len(proof.invariant) - _SHOWN} more: check --json has the whole invariant")
    for text in proof.confirmed:
        lines += textwrap.wrap(signs(text), width, initial_indent="  confirmed: ", subsequent_indent="    ")
    return lines


def _example(result: Result, over: Open, width: int) -> list[str]:
    trace = result.verdict.trace
    if trace is None or not trace.values:
        return []
    values = ", ".join(f"{each.name} = {trace.values[each.name]} {each.unit}" for each in over.quantities)
    return textwrap.wrap(f"for example with {signs(values)}", width)
