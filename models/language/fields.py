"""Variables and parameters: the declared, typed attributes of an actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from .errors import DefinitionError, HandlerError
from .port import Port
from .values import Check, resolve_annotations, value_check

T = TypeVar("T")

_REQUIRED = object()


@dataclass(frozen=True)
class Field:
    """A declared variable or parameter: its name, its initial value, the check of its type and range."""

    name: str
    initial: Any
    check: Check
    required: bool = False


class Declared:
    """What ``variable`` or ``parameter`` leaves in a class body."""

    def __init__(self, initial: Any) -> None:
        self.initial = initial
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Variable(Declared):
    """Reads and writes one of an actor's values; a write is checked against its type and range."""

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance._values[self.name]

    def __set__(self, instance: Any, value: Any) -> None:
        complaint = type(instance)._variables[self.name].check(value)
        if complaint is not None:
            raise HandlerError(f"{type(instance).__name__}.{self.name}: {complaint}")
        instance._values[self.name] = value


class Parameter(Declared):
    """Reads one of an actor's parameters."""

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance._parameters[self.name]

    def __set__(self, instance: Any, value: Any) -> None:
        raise HandlerError(f"{type(instance).__name__}.{self.name} is a parameter: the variant fixes it")


def variable(initial: T) -> T:
    """Declare a variable of an actor, part of its state: ``connected: bool = variable(False)``.

    The annotation gives its type, ``Annotated[int, Between(0, 3)]`` its range; both are checked on
    every write. One actor of a system may start with another value: ``Client(initial={"connected": True})``.
    """
    return cast(T, Variable(initial))


def parameter(default: Any = _REQUIRED) -> Any:
    """Declare a parameter of an actor, fixed when the actor is made: ``seamless: bool = parameter(False)``."""
    return Parameter(default)


def declare_fields(cls: Any, namespace: dict[str, Any]) -> None:
    """Collect a class's variables, parameters and ports, the inherited ones first. Raises DefinitionError."""
    annotations = resolve_annotations(cls, namespace)
    for kind, store in ((Variable, "_variables"), (Parameter, "_parameter_fields")):
        fields: dict[str, Field] = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(base.__dict__.get(store, {}))
        for name, declared in cls.__dict__.items():
            if isinstance(declared, kind):
                fields[name] = _field(cls, name, declared, annotations, fields)
        setattr(cls, store, {name: each for name, each in fields.items() if isinstance(getattr(cls, name), kind)})
    cls._variable_numbers = {name: number for number, name in enumerate(cls._variables)}
    ports: dict[str, Port] = {}
    for base in reversed(cls.__mro__):
        ports.update({name: each for name, each in base.__dict__.items() if isinstance(each, Port)})
    cls._ports = ports
    for name, port in ports.items():
        # Not when the port is given its name: Python would wrap the error.
        port.check(f"{cls.__qualname__}.{name}")


def _field(cls: Any, name: str, declared: Declared, annotations: dict[str, Any], known: dict[str, Field]) -> Field:
    where = f"{cls.__qualname__}.{name}"
    if name in annotations:
        check = value_check(annotations[name], where)
    elif name in known:
        check = known[name].check
    else:
        raise DefinitionError(f"{where}: needs a type: {name}: bool = variable(False)")
    if declared.initial is _REQUIRED:
        return Field(name, None, check, required=True)
    complaint = check(declared.initial)
    if complaint is not None:
        raise DefinitionError(f"{where}: {complaint}")
    return Field(name, declared.initial, check)


def checked_parameters(cls: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an actor of ``cls``. Raises DefinitionError: unknown, missing, of another type or range."""
    fields: dict[str, Field] = cls._parameter_fields
    for name in given:
        if name not in fields:
            raise DefinitionError(f"{cls.__name__} has no parameter {name!r}; it has {', '.join(fields) or 'none'}")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in given and field.required:
            raise DefinitionError(f"{cls.__name__}: parameter {name!r} is missing")
        values[name] = given.get(name, field.initial)
        complaint = field.check(values[name])
        if complaint is not None:
            raise DefinitionError(f"{cls.__name__}: parameter {name!r}: {complaint}")
    return values


def initial_values(cls: Any, given: Mapping[str, Any]) -> dict[str, Any]:
    """The variables an actor of ``cls`` starts with. Raises DefinitionError: unknown, of another type or range."""
    fields: dict[str, Field] = cls._variables
    for name, value in given.items():
        if name not in fields:
            raise DefinitionError(
                f"{cls.__name__}: initial={name!r}: there is no such variable; there are {', '.join(fields) or 'none'}"
            )
        complaint = fields[name].check(value)
        if complaint is not None:
            raise DefinitionError(f"{cls.__name__}.{name}: initial value: {complaint}")
    return {name: given.get(name, field.initial) for name, field in fields.items()}
