"""Which values a variable, a parameter or a message field may hold: immutable, hashable, typed."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Union

from .errors import DefinitionError
from .open_values import OpenNumber, OpenTruth
from .wrap32 import Wrap32

#: Says what is wrong with a value, or None when nothing is.
Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Between:
    """Closed range of a number, written ``Annotated[int, Between(0, 9)]``. None leaves an end open."""

    low: int | None = None
    high: int | None = None

    def __contains__(self, value: int) -> bool:
        return (self.low is None or bool(self.low <= value)) and (self.high is None or bool(value <= self.high))

    def __str__(self) -> str:
        return f"{'…' if self.low is None else self.low} to {'…' if self.high is None else self.high}"


def resolve_annotations(owner: type, namespace: dict[str, Any]) -> dict[str, Any]:
    """Evaluate the annotations written in ``owner`` itself (not in its bases), keeping ``Annotated`` ranges.

    ``namespace`` holds the names visible where the class was written, besides its module's.
    Raises DefinitionError naming the class when an annotation names something unknown.
    """
    module = vars(sys.modules[owner.__module__]) if owner.__module__ in sys.modules else {}
    resolved: dict[str, Any] = {}
    for name, annotation in inspect.get_annotations(owner).items():
        if isinstance(annotation, str):
            try:
                annotation = eval(annotation, dict(module), namespace)
            except NameError as error:
                raise DefinitionError(
                    f"{owner.__qualname__}.{name}: annotation uses the unknown name {error.name!r}"
                ) from None
            except Exception as error:
                raise DefinitionError(f"{owner.__qualname__}.{name}: annotation {annotation!r}: {error}") from None
        resolved[name] = annotation
    return resolved


def value_check(annotation: Any, where: str, *, needs_range: bool = False) -> Check:
    """Build the check for values of ``annotation``.

    Accepted: bool, int, Wrap32, str, bytes, None, enumerations, ``Literal``, and unions, tuples and frozen dataclasses
    of these; an ``int`` may carry a ``Between``, and must when ``needs_range``, except in ``int | Wrap32``: a time that
    may wrap or not has no range of its own. Sets and dictionaries are refused (no order, not hashable), floats too (no
    exact arithmetic). A number or truth left open (``open_values``) passes for an int or a bool; comparing it
    with a range asks for a truth.
    Raises DefinitionError with ``where`` when the annotation is none of these.
    """
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is Annotated:
        return _ranged_check(arguments, where, needs_range)
    if origin in (Union, types.UnionType):
        if bool in arguments and any(_base_type(each) is int for each in arguments):
            raise DefinitionError(f"{where}: bool and int in one union; True and 1 would be one state")
        needs_range = needs_range and Wrap32 not in arguments
        return _union_check([value_check(each, where, needs_range=needs_range) for each in arguments])
    if origin is typing.Literal:
        return _literal_check(arguments, where)
    if origin is tuple:
        return _tuple_check(arguments, where, needs_range)
    if annotation is int and needs_range:
        raise DefinitionError(f"{where}: a number needs its range: Annotated[int, Between(low, high)]")
    return _plain_check(annotation, where)


def _base_type(annotation: Any) -> Any:
    return typing.get_args(annotation)[0] if typing.get_origin(annotation) is Annotated else annotation


def _literal_check(choices: tuple[Any, ...], where: str) -> Check:
    if len(set(choices)) < len(choices):
        raise DefinitionError(f"{where}: two of {choices} are equal and would be one state")
    allowed = {(type(each), each) for each in choices}

    def check(value: Any) -> str | None:
        is_open = isinstance(value, OpenNumber | OpenTruth)
        found = _is_one_of(value, choices) if is_open else (type(value), value) in allowed
        return None if found else f"{value!r} is none of {choices}"

    return check


def _is_one_of(value: Any, choices: tuple[Any, ...]) -> bool:
    kind = int if isinstance(value, OpenNumber) else bool
    return any(bool(value == each) for each in choices if type(each) is kind)


def _ranged_check(arguments: tuple[Any, ...], where: str, needs_range: bool) -> Check:
    ranges = [each for each in arguments[1:] if isinstance(each, Between)]
    if not ranges:
        return value_check(arguments[0], where, needs_range=needs_range)
    if arguments[0] is not int:
        raise DefinitionError(f"{where}: Between is for int, not {arguments[0]!r}")
    allowed = ranges[0]

    def check(value: Any) -> str | None:
        if not _is_int(value):
            return f"{value!r} is not an int"
        return None if value in allowed else f"{value!r} is outside {allowed}"

    return check


def _union_check(checks: list[Check]) -> Check:
    def check(value: Any) -> str | None:
        complaints = []
        for each in checks:
            complaint = each(value)
            if complaint is None:
                return None
            complaints.append(complaint)
        return " and ".join(complaints)

    return check


def _tuple_check(arguments: tuple[Any, ...], where: str, needs_range: bool) -> Check:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        each_check = value_check(arguments[0], where, needs_range=needs_range)

        def check_all(value: Any) -> str | None:
            if not isinstance(value, tuple):
                return f"{value!r} is not a tuple"
            return next((complaint for item in value if (complaint := each_check(item))), None)

        return check_all
    checks = [value_check(each, where, needs_range=needs_range) for each in arguments]

    def check(value: Any) -> str | None:
        if not isinstance(value, tuple) or len(value) != len(checks):
            return f"{value!r} is not a tuple of {len(checks)}"
        return next((complaint for item, one in zip(value, checks, strict=True) if (complaint := one(item))), None)

    return check


def _plain_check(annotation: Any, where: str) -> Check:
    if annotation is type(None) or annotation is None:
        return lambda value: None if value is None else f"{value!r} is not None"
    if annotation is int:
        return lambda value: None if _is_int(value) else f"{value!r} is not an int"
    if annotation is bool:
        return lambda value: None if isinstance(value, bool | OpenTruth) else f"{value!r} is not a bool"
    if annotation in (str, bytes, Wrap32):
        return lambda value: None if isinstance(value, annotation) else f"{value!r} is not a {annotation.__name__}"
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return lambda value: None if isinstance(value, annotation) else f"{value!r} is not a {annotation.__name__}"
    if isinstance(annotation, type) and _is_frozen_dataclass(annotation):
        return _record_check(annotation, where)
    name = getattr(annotation, "__name__", repr(annotation))
    raise DefinitionError(
        f"{where}: {name} is not a type a state can hold; "
        "use bool, int, Wrap32, str, bytes, None, an Enum, a frozen dataclass, or a tuple of these"
    )


def _record_check(record: type, where: str) -> Check:
    hints = typing.get_type_hints(record, include_extras=True)
    checks = [
        (field.name, value_check(hints[field.name], f"{where}: {record.__name__}.{field.name}"))
        for field in dataclasses.fields(record)
    ]

    def check(value: Any) -> str | None:
        if type(value) is not record:
            return f"{value!r} is not a {record.__name__}"
        # A message has checked its fields when it was built, unless an engine has put it together field by field.
        if getattr(value, "_is_checked", False):
            return None
        found = ((name, one(getattr(value, name))) for name, one in checks)
        return next((f"{record.__name__}.{name}: {complaint}" for name, complaint in found if complaint), None)

    return check


def _is_int(value: Any) -> bool:
    return isinstance(value, OpenNumber) or (isinstance(value, int) and not isinstance(value, bool))


def _is_frozen_dataclass(annotation: type) -> bool:
    if not dataclasses.is_dataclass(annotation):
        return False
    written: Any = annotation.__dataclass_params__  # type: ignore[attr-defined]
    return bool(written.frozen and written.eq)
