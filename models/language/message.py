"""Messages: frozen, typed records that travel between actors."""

from __future__ import annotations

import dataclasses
import re
import sys
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

    event: ClassVar[str] = "message"
    _checks: ClassVar[tuple[tuple[str, Check], ...]] = ()

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        dataclasses.dataclass(frozen=True)(cls)
        cls.event = snake_case(cls.__name__)
        caller = sys._getframe(1).f_locals
        own = resolve_annotations(cls, dict(caller))
        cls._checks = cls._checks + tuple(
            (name, value_check(annotation, f"{cls.__qualname__}.{name}", needs_range=True))
            for name, annotation in own.items()
            if name in {field.name for field in dataclasses.fields(cls)}  # type: ignore[arg-type]
        )

    def __post_init__(self) -> None:
        for name, check in self._checks:
            complaint = check(getattr(self, name))
            if complaint is not None:
                raise ValueError(f"{type(self).__name__}.{name}: {complaint}")

    def __str__(self) -> str:
        values = [str(getattr(self, field.name)) for field in dataclasses.fields(self)]  # type: ignore[arg-type]
        name = type(self).__name__
        return f"{name}({', '.join(values)})" if values else name


class Opened(Message):
    """The connection is open: the peer accepted it, or connected to us."""


class Refused(Message):
    """The peer does not listen: the connection was never open."""


class Closed(Message):
    """The peer closed the connection, after everything that it had sent."""


class Lost(Message):
    """The connection broke; what was in flight is gone."""


#: Connection events, delivered like messages and in order with them.
MARKERS: tuple[type[Message], ...] = (Opened, Refused, Closed, Lost)


def require_message_types(types: tuple[Any, ...], where: str) -> None:
    """Raise DefinitionError unless ``types`` are message types with distinct event names."""
    seen: dict[str, type[Message]] = {}
    for each in types:
        if not (isinstance(each, type) and issubclass(each, Message)):
            raise DefinitionError(f"{where}: {each!r} is not a Message type")
        other = seen.setdefault(each.event, each)
        if other is not each or each in MARKERS:
            raise DefinitionError(f"{where}: duplicate message type {each.__name__}")
