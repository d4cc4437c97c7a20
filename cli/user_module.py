"""A user's own file: imported, searched for systems and families, its errors told in one line each."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from switchover.models.language import Actor, Family, System

from .errors import InputError
from .making import describe_error, is_same_file

#: Kinds of parameter that need no argument: ``*args`` and ``**kwargs``.
_COLLECTING = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True)
class UserModule:
    """What a user's file has: systems and families by the name under which it has them, and actor classes.

    ``hint``: what may have been meant as a system but is not taken for one; empty when there is no such function.
    """

    path: str
    systems: dict[str, System]
    families: dict[str, Family]
    actors: dict[str, type[Actor]]
    hint: str = ""


def load(path: str) -> UserModule:
    """Import the file and make its systems. Raises InputError naming file and line when that fails."""
    module = _import(path)
    systems: dict[str, System] = {}
    families: dict[str, Family] = {}
    actors: dict[str, type[Actor]] = {}
    for name, value in vars(module).items():
        if isinstance(value, System):
            systems[name] = value
        elif isinstance(value, Family):
            families[name] = value
        elif isinstance(value, type) and issubclass(value, Actor) and value is not Actor:
            actors[name] = value
        elif inspect.isfunction(value) and value.__module__ == module.__name__ and _makes_system(value):
            systems[name] = _make(path, name, value)
    if not systems and not families and not actors:
        raise InputError(
            f"{path}: no system in it; expected a module-level System, a Family, "
            f"or a function without arguments that is annotated -> System{_hint(module)}"
        )
    return UserModule(path, systems, families, actors, _hint(module))


def _hint(module: ModuleType) -> str:
    """Names the functions that need no argument and say nothing about what they return."""
    own = [each for each in vars(module).values() if inspect.isfunction(each) and each.__module__ == module.__name__]
    bare = [each.__name__ for each in own if "return" not in each.__annotations__ and not _required(each)]
    return f" ({', '.join(bare)}: a function counts when it is annotated -> System)" if bare else ""


def _import(path: str) -> ModuleType:
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{path}: {'is a directory' if file.is_dir() else 'no such file'}")
    # A name of its own: two files called model.py must not be taken for one.
    name = f"_switchover_user_{len(sys.modules)}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise InputError(f"{path}: cannot be imported as a Python module")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # As for a script: what it imports from beside it is found, now and when its handlers run.
    sys.path.insert(0, str(file.resolve().parent))
    with _explained(path):
        spec.loader.exec_module(module)
    return module


def _required(function: Callable[..., Any]) -> list[inspect.Parameter]:
    parameters = inspect.signature(function).parameters.values()
    return [each for each in parameters if each.default is each.empty and each.kind not in _COLLECTING]


def _makes_system(function: Callable[..., Any]) -> bool:
    returned = function.__annotations__.get("return")
    named = returned.rsplit(".", 1)[-1] == "System" if isinstance(returned, str) else returned is System
    return named and not _required(function)


def _make(path: str, name: str, function: Callable[[], Any]) -> System:
    with _explained(path):
        made = function()
    if not isinstance(made, System):
        raise InputError(f"{path}:{function.__code__.co_firstlineno}: {name}() returned {made!r}, not a System")
    return made


@contextlib.contextmanager
def _explained(path: str) -> Iterator[None]:
    """Run the user's code: what it prints goes to stderr, what it raises becomes one line."""
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    except SyntaxError as error:
        place = path if error.filename is None or is_same_file(error.filename, path) else error.filename
        raise InputError(f"{place}:{error.lineno or 1}: syntax error: {error.msg}") from None
    except (Exception, SystemExit) as error:
        raise InputError(describe_error(path, error)) from None
