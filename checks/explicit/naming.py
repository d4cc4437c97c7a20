"""What is wrong with a name that a predicate, ``reads`` or ``listens`` looks up, and what there is instead."""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from switchover.models.language import Actor, ActorView, ConnectionView, DefinitionError, HandlerError
from switchover.models.language.view import PortView


class PredicateError(DefinitionError):
    """The predicate of ``property`` asks for what is not there."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.property = name


def raise_for_wrong_name(name: str, predicate: Callable[..., Any], error: Exception) -> None:
    """Raise PredicateError when ``error`` says that ``predicate`` used a name which its views do not have.

    Anything else that a predicate raises may depend on the state and is no such mistake.
    """
    wrong = str(error) if isinstance(error, HandlerError) else _wrong_attribute(error)
    if wrong:
        raise PredicateError(name, f"property {name}{_place(predicate, error)}: {wrong}") from None


@contextmanager
def wrong_names_explained() -> Iterator[None]:
    """Turn what ``reads`` or ``listens`` raised into a DefinitionError that says which names there are."""
    try:
        yield
    except HandlerError as error:
        cause = error.__cause__
        wrong = _wrong_attribute(cause) if isinstance(cause, Exception) else ""
        # The line stands at the end, in brackets; the library's own words for a wrong name give way to better ones.
        place = re.search(r" \([^()]*:\d+\)$", str(error))
        where = str(error).partition(": AttributeError: ")[0] + (place[0] if place else "")
        raise DefinitionError(f"{where}: {wrong}" if wrong else str(error)) from None


def _wrong_attribute(error: Exception) -> str:
    """``Node has no 'lod'; it has load, peer``; empty when the error is not about a name of the language's objects."""
    if not isinstance(error, AttributeError) or not error.name:
        return ""
    owner, names = _names(error.obj)
    return f"{owner} has no {error.name!r}; it has {', '.join(names)}" if owner else ""


def _names(owner: Any) -> tuple[str, list[str]]:
    if isinstance(owner, ConnectionView):
        return "a connection", _public(ConnectionView)
    if isinstance(owner, PortView):
        return "a port", ["is_open"]
    # A view answers for any name; what it is a view of is kept in a slot.
    cls = type(owner._actor) if isinstance(owner, ActorView) else type(owner)
    if not issubclass(cls, Actor):
        return "", []
    common = ["state", "is_in", "is_armed"] if isinstance(owner, ActorView) else ["is_in", "is_armed"]
    own = cls.__mro__[: cls.__mro__.index(Actor)]
    derived = [name for each in own for name in vars(each) if _is_derived(each, name)]
    names = (*cls._variables, *cls._parameter_fields, *cls._ports, *derived, *common)
    return cls.__name__, list(dict.fromkeys(names))


def _is_derived(cls: type, name: str) -> bool:
    return not name.startswith("_") and isinstance(vars(cls)[name], property)


def _public(cls: type) -> list[str]:
    return [name for name in vars(cls) if not name.startswith("_")]


def _place(predicate: Callable[..., Any], error: Exception) -> str:
    """`` (model.py:12)``: the predicate's line that raised."""
    code = getattr(predicate, "__code__", None)
    file = getattr(code, "co_filename", "")
    lines = [line for frame, line in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    return f" ({os.path.basename(file)}:{lines[-1]})" if lines else ""
