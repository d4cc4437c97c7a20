"""Regions, losses and proofs in words and signs for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from switchover.models.language import PiecewiseLinear, Region
from switchover.models.language.region import Formula, formula_text

from .question import Result

#: What every path of was followed: nothing more need be said of the method.
EXHAUSTIVE = "exhaustive"

#: A blank at which no line ends.
_KEPT = "\N{NO-BREAK SPACE}"


def signs(text: str) -> str:
    """A formula with the signs of mathematics for those of program texts."""
    return text.replace("<=", "≤").replace(">=", "≥").replace("- ", "− ").replace("*", "·")


def kept_whole(text: str) -> str:
    """A text that ``unkept`` after wrapping makes plain again: no line ends within it."""
    return text.replace(" ", _KEPT)


def unkept(text: str) -> str:
    """The inverse of ``kept_whole``."""
    return text.replace(_KEPT, " ")


def details(result: Result, width: int) -> list[str]:
    """What the table has to add below a result's row: its region, or by what it is proved."""
    verdict = result.verdict
    if verdict.region is not None and verdict.region.complement:
        lines = fails_when(verdict.region, width, within=bool(verdict.bounds_hit))
        return [*lines, "which is not the stated region"] if result.is_misstated else lines
    if result.examples is not None and verdict.trace is not None and verdict.trace.values:
        return textwrap.wrap(f"with {values_text(verdict.trace.values)}", width, subsequent_indent="     ")
    if verdict.proof is not None and verdict.proof.method != EXHAUSTIVE:
        return [f"proved by {verdict.proof.method}"]
    return []


def values_text(values: Mapping[str, int]) -> str:
    """``D = 6000, W = 700``."""
    return signs(", ".join(f"{name} = {value}" for name, value in values.items()))


def fails_when(region: Region, width: int, *, within: bool = False) -> list[str]:
    """``fails when D > 0 and W > L``, each alternative on a line of its own; ``within`` a bound it is not all of it."""
    return alternatives("fails at least when" if within else "fails when", region.failing, region.names, width)


def alternatives(heading: str, formula: Formula, names: Sequence[str], width: int) -> list[str]:
    """The alternatives of a formula below each other, behind ``heading``; in one line where that is clear."""
    texts = [signs(formula_text((each,), names)) for each in formula] or ["never"]
    whole = f"{heading} {' or '.join(texts)}"
    if len(whole) <= width and (len(texts) == 1 or not any(" and " in each for each in texts)):
        return [whole]
    lines: list[str] = []
    for number, text in enumerate(texts):
        first = f"{'or' if number else heading:{'>' if number else '<'}{len(heading)}} "
        later = " " * (len(heading) + 5)
        lines += _wrapped(text, width, first, later)
    return lines


def _wrapped(text: str, width: int, first: str, later: str) -> list[str]:
    """Lines that break between conditions only."""
    whole = kept_whole(text).replace(kept_whole(" and "), " and ")
    lines = textwrap.wrap(whole, width, initial_indent=first, subsequent_indent=later, break_on_hyphens=False)
    return [unkept(line) for line in lines]


def loss_lines(loss: PiecewiseLinear, width: int) -> list[str]:
    """A loss: its one formula, or each value with where it applies, the alternatives below each other."""
    title = f"{loss.name} ({loss.unit})"
    if " where " not in loss.text:
        return [f"{title} = {signs(loss.text)}"]
    names = [each.name for each in loss.quantities]
    places: dict[str, Formula] = {}
    for piece in loss.pieces:
        text = signs(piece.value.text(names))
        places[text] = (*places.get(text, ()), piece.where)
    room = max(map(len, places))
    lines = [f"{title} ="]
    for text, formula in places.items():
        lines += [f"  {each}" for each in alternatives(f"{text:{room}}  where", formula, names, width - 2)]
    return lines
