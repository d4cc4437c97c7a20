"""Messages: frozen, typed records that travel between actors."""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from collections.abc import Callable
from typing import Any, ClassVar, dataclass_transform

from .errors import DefinitionError
from .values import Check, resolve_annotations, value_check


def snake_case(name: str) -> str:
    """``MigrateBeginSeamless`` → ``migrate_begin_seamless``: how a message type names its event."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


@dataclass_transform(frozen_default=True)
class Message:
    """Base of every message. A subclass is made a frozen dataclass; its fields are checked when a message is built.

    ``class MigrateBegin(Message): port: Annotated[int, Between(0, 65535)]``

    Raises DefinitionError for a field whose type a state cannot hold, or a number without a range;
    ValueError when a message is built with a value outside its field's type or range.
    """

    # In a slot, so that a message's dictionary holds its fields and nothing else.
    __slots__ = ("_is_checked",)

    event: ClassVar[str] = "message"
    _checks: ClassVar[tuple[tuple[str, Check], ...]] = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        if "event" in inspect.get_annotations(cls):
            raise DefinitionError(f"{cls.__qualname__}.event: the name is taken; choose another")
        dataclasses.dataclass(frozen=True)(cls)
        cls.event = snake_case(cls.__name__)
        cls.__hash__ = _hash_with_type(cls)  # type: ignore[method-assign, assignment]
        caller = sys._getframe(1).f_locals
        own = resolve_annotations(cls, dict(caller))
        fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        checks = {
            name: value_check(annotation, f"{cls.__qualname__}.{name}", needs_range=True)
            for name, annotation in own.items()
            if name in fields
        }
        for name, check in checks.items():
            default = fields[name].default
            complaint = None if default is dataclasses.MISSING else check(default)
            if complaint is not None:
                raise DefinitionError(f"{cls.__qualname__}.{name}: {complaint}")
        cls._checks = tuple({**dict(cls._checks), **checks}.items())

    def __post_init__(self) -> None:
        for name, check in self._checks:
            complaint = check(getattr(self, name))
            if complaint is not None:
                raise ValueError(f"{type(self).__name__}.{name}: {complaint}")
        object.__setattr__(self, "_is_checked", True)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __str__(self) -> str:
        values = [str(getattr(self, field.name)) for field in dataclasses.fields(self)]  # type: ignore[arg-type]
        name = type(self).__name__
        return f"{name}({', '.join(values)})" if values else name


def _hash_with_type(cls: type[Message]) -> Callable[[Message], int]:
    # A dataclass hashes its fields alone: all messages without fields would collide in every table.
    fields_hash = cls.__hash__

    def hash_message(self: Message) -> int:
        return hash((cls, fields_hash(self)))

    return hash_message


class Opened(Message):
    """The connection is open: the peer accepted it, or connected to us."""


class Refused(Message):
    """The peer does not listen: the connection was never open."""


class Closed(Message):
    """The peer closed the connection, after everything that it had sent."""


class Lost(Message):
    """The connection broke; what was in flight is gone."""


#: Connection events after which this end is closed.
ENDINGS: tuple[type[Message], ...] = (Refused, Closed, Lost)

#: Connection events, delivered like messages and in order with them.
MARKERS: tuple[type[Message], ...] = (Opened, *ENDINGS)


def require_message_types(types: tuple[Any, ...], where: str) -> None:
    """Raise DefinitionError unless ``types`` are message types with distinct event names, none a connection event's."""
    seen: dict[str, type[Message]] = {}
    for each in types:
        if not (isinstance(each, type) and issubclass(each, Message)):
            raise DefinitionError(f"{where}: {each!r} is not a Message type")
        if each in MARKERS:
            raise DefinitionError(f"{where}: {each.__name__} is a connection event; every port has it")
        if each.event in seen:
            raise DefinitionError(f"{where}: duplicate message type {each.__name__}, event {each.event!r} twice")
        seen[each.event] = each
