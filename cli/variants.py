"""A variant in a few words: the choices in which it differs from its class's defaults."""

from __future__ import annotations

import dataclasses
from enum import Enum
from typing import Any

from .question import Result

_MISSING = dataclasses.MISSING


def differences(variant: Any) -> list[str]:
    """``may_cancel``, ``not restarts``, ``targets=1+2``, of parts of the variant too; what has no default is told."""
    if not dataclasses.is_dataclass(variant) or isinstance(variant, type):
        return [] if variant is None else [str(variant)]
    found: list[str] = []
    for each in dataclasses.fields(variant):
        value, default = getattr(variant, each.name), _default(each)
        if default is not _MISSING and value == default:
            continue
        found += differences(value) if dataclasses.is_dataclass(value) else [_choice(each.name, value)]
    return found


def assumptions(result: Result) -> tuple[str, ...]:
    """What a verdict rests on: the budgets of faults, and the variant in its system's words or by ``differences``."""
    variant = result.system.variant
    if result.system.assumptions or not dataclasses.is_dataclass(variant):
        return result.verdict.assumptions
    choices = tuple(f"{each.name} = " for each in dataclasses.fields(variant))
    budgets = [each for each in result.verdict.assumptions if not each.startswith(choices)]
    return (*budgets, *differences(variant))


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
