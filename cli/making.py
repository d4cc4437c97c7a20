"""Runs code that a user wrote, and says in one line what went wrong in it."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from switchover.models.language import DefinitionError, System
from switchover.models.language.claim import SystemMaker

from .errors import InputError


def describe_error(path: str, error: BaseException) -> str:
    """``file:line: kind: text``, the line being the innermost one in the file at ``path``."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if is_same_file(frame.filename, path)]
    place = f"{path}:{lines[-1]}" if lines else path
    kind = "" if isinstance(error, DefinitionError) else f"{type(error).__name__}: "
    return f"{place}: {kind}{' '.join(str(error).split()) or 'no reason given'}"


def is_same_file(one: str, other: str) -> bool:
    """Whether two paths lead to one file."""
    return Path(one).resolve() == Path(other).resolve()


def system_of(name: str, make: SystemMaker) -> System:
    """The system, made once. Raises InputError, which begins with ``name``, when it cannot be made."""
    try:
        made: Any = _build(make)
    except Exception as error:
        raise InputError(f"{name}: {describe_error(_file_of(make), error)}") from None
    if not isinstance(made, System):
        raise InputError(f"{name}: {_file_of(make)} made {made!r}, not a System")
    return made


def with_bounds(system: System, bounds: Mapping[str, int]) -> System:
    """The system with the named bounds replaced."""
    if not bounds:
        return system
    return dataclasses.replace(system, bounds=dataclasses.replace(system.bounds, **bounds))


@cache
def _build(make: SystemMaker) -> System:
    return make()


def _file_of(make: Any) -> str:
    while isinstance(make, partial):
        make = make.func
    code = getattr(make, "__code__", None)
    return "its maker" if code is None else str(code.co_filename)
