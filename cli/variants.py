"""A variant in a few words: the choices in which it differs from its class's defaults."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection
from enum import Enum
from typing import Any

from .formulas import kept_whole, signs
from .question import Result

_MISSING = dataclasses.MISSING

#: What tells a condition from words; a longer one may be broken anywhere.
_RELATION = re.compile(r" [<>]=? ")
_LONGEST = 40


def differences(variant: Any, left_out: Collection[str] = ()) -> list[str]:
    """``may_cancel``, ``not restarts``, ``targets=1+2``, of parts of the variant too; what has no default is told.

    ``left_out``: fields of the variant of which nothing is said.
    """
    if not dataclasses.is_dataclass(variant) or isinstance(variant, type):
        return [] if variant is None else [str(variant)]
    found: list[str] = []
    for each in dataclasses.fields(variant):
        value, default = getattr(variant, each.name), _default(each)
        if each.name in left_out or (default is not _MISSING and value == default):
            continue
        found += differences(value) if dataclasses.is_dataclass(value) else [_choice(each.name, value)]
    return found


def assumptions(result: Result) -> tuple[str, ...]:
    """What a verdict rests on: the budgets of faults, and the variant in its system's words or by ``differences``."""
    variant = result.system.variant
    if result.system.assumptions or not dataclasses.is_dataclass(variant):
        return tuple(map(_formula, result.verdict.assumptions))
    choices = tuple(f"{each.name} = " for each in dataclasses.fields(variant))
    budgets = [each for each in result.verdict.assumptions if not each.startswith(choices)]
    return (*map(_formula, budgets), *differences(variant, _open_fields(result)))


def _formula(text: str) -> str:
    """An assumption in signs; no line ends in a short condition."""
    return kept_whole(signs(text)) if _RELATION.search(text) and len(text) < _LONGEST else signs(text)


def _open_fields(result: Result) -> set[str]:
    """The variant's fields that are numbers left open: those that are others when the numbers are others."""
    question = result.question
    if question.over is None or question.open_make is None:
        return set()
    typical = question.over.typical()
    one, other = (question.open_make(**{name: value + add for name, value in typical.items()}) for add in (0, 1))
    names = [each.name for each in dataclasses.fields(one.variant)]
    return {name for name in names if getattr(one.variant, name) != getattr(other.variant, name)}


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is _MISSING else field.default_factory()


def _choice(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"not {name}"
    return f"{name}={_word(value)}"


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return "+".join(map(_word, value)) or "none"
    return str(value.value if isinstance(value, Enum) else value)
