"""Actor: a role of a protocol, written once as a python-statemachine chart."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar, cast

from statemachine import Event, StateChart
from statemachine.exceptions import InvalidDefinition
from statemachine.factory import StateMachineMetaclass
from statemachine.transition import Transition

from . import chart_rules
from .errors import DefinitionError, HandlerError
from .message import MARKERS, Message
from .port import Endpoint, Port, PortSlot
from .values import Check, resolve_annotations, value_check

T = TypeVar("T")

#: Eventless transitions that may follow one event; more is taken for an endless loop.
MICROSTEP_LIMIT = 64


class Decision(Event):
    """An event that the actor may cause of its own accord, or never: "the administrator cancels"."""


class Task(Event):
    """Work that the actor has set itself and will do at some moment: an idle callback, a routine to resume.

    Enabled whenever one of its transitions is; unlike a decision it counts as work not yet done,
    so a state with an enabled task is not quiescent.
    """


class Timer(Event):
    """An event that a timer of this name causes once it was armed: ``self.arm("link_limit")``."""


@dataclass(frozen=True)
class Field:
    """A declared variable or parameter: its name, its initial value, the check of its type and range."""

    name: str
    initial: Any
    check: Check
    required: bool = False


_REQUIRED = object()


class _Declared:
    def __init__(self, initial: Any) -> None:
        self.initial = initial
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class _Variable(_Declared):
    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance._values[self.name]

    def __set__(self, instance: Any, value: Any) -> None:
        complaint = type(instance)._variables[self.name].check(value)
        if complaint is not None:
            raise HandlerError(f"{type(instance).__name__}.{self.name}: {complaint}")
        instance._values[self.name] = value


class _Parameter(_Declared):
    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else instance._parameters[self.name]

    def __set__(self, instance: Any, value: Any) -> None:
        raise HandlerError(f"{type(instance).__name__}.{self.name} is a parameter: the variant fixes it")


def variable(initial: T) -> T:
    """Declare a variable of an actor, part of its state: ``connected: bool = variable(False)``.

    The annotation gives its type, ``Annotated[int, Between(0, 3)]`` its range; both are checked on
    every write. A parameter's name in place of the initial value: ``variable(from_parameter("x"))``.
    """
    return cast(T, _Variable(initial))


def parameter(default: Any = _REQUIRED) -> Any:
    """Declare a parameter of an actor, fixed when the actor is made: ``seamless: bool = parameter(False)``."""
    return _Parameter(default)


class ActorMeta(StateMachineMetaclass):
    """Checks a chart when its class is made, so that no error of it waits until it runs."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> ActorMeta:
        if any(isinstance(base, ActorMeta) for base in bases):
            chart_rules.check_names(name, namespace)
        return cast("ActorMeta", super().__new__(mcs, name, bases, namespace))

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        inherited = chart_rules.inherited_transition_counts(bases)
        try:
            super().__init__(name, bases, namespace)  # type: ignore[arg-type]
        except InvalidDefinition as error:
            raise DefinitionError(f"{name}: {' '.join(str(error).split())}") from None
        chart_rules.check_inherited_untouched(name, bases, inherited)
        _declare_fields(cls, sys._getframe(1).f_locals)
        _declare_events(cls, namespace)
        if not cls._abstract:
            chart_rules.check_chart(cast("type[Actor]", cls))


def _declare_fields(cls: Any, namespace: dict[str, Any]) -> None:
    annotations = resolve_annotations(cls, namespace)
    for kind, store in ((_Variable, "_variables"), (_Parameter, "_parameter_fields")):
        fields: dict[str, Field] = {}
        for base in reversed(cls.__mro__[1:]):
            fields.update(base.__dict__.get(store, {}))
        for name, declared in cls.__dict__.items():
            if isinstance(declared, kind):
                fields[name] = _field(cls, name, declared, annotations, fields)
        setattr(cls, store, fields)
    ports: dict[str, Port] = {}
    for base in reversed(cls.__mro__):
        ports.update({name: each for name, each in base.__dict__.items() if isinstance(each, Port)})
    cls._ports = ports


def _field(cls: Any, name: str, declared: _Declared, annotations: dict[str, Any], known: dict[str, Field]) -> Field:
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


def _declare_events(cls: Any, namespace: dict[str, Any]) -> None:
    for kind, store in ((Decision, "_decisions"), (Task, "_tasks"), (Timer, "_timers")):
        names: tuple[str, ...] = getattr(cls, store, ())
        own = tuple(name for name, value in namespace.items() if isinstance(value, kind) and name not in names)
        setattr(cls, store, names + own)


class Actor(StateChart[Any], metaclass=ActorMeta):
    """Base of every role: a chart whose inputs are messages, connection events, decisions, tasks and timers.

    A subclass declares, in this order: parameters, variables, ports, states, transitions, handlers.
    An event is named after what causes it: ``migrate_begin`` for the message ``MigrateBegin``
    (``target_migrate_begin`` when only what arrives on port ``target`` is meant), ``target_closed``
    for a connection event, or the name of a ``Decision``, ``Task`` or ``Timer``. Handlers are
    ``on_<event>``, ``on_enter_<state>``, ``on_exit_<state>``, or named at a transition with
    ``on=``; guards with ``cond=`` and ``unless=``. Each takes ``(self)`` or ``(self, message)``, and
    acts only by writing variables, ``self.port.send/open/close`` and ``self.arm/disarm``.

    ``docs/semantics.md`` says what a step is. Raises DefinitionError when a class breaks a rule.
    """

    allow_event_without_transition = False
    catch_errors_as_events = False
    validate_trap_states = False
    validate_final_reachability = False

    #: Names of the states in which the actor may stay for ever without that being a deadlock;
    #: None: its initial state, and final states.
    end_states: ClassVar[tuple[str, ...] | None] = None

    _variables: ClassVar[dict[str, Field]]
    _parameter_fields: ClassVar[dict[str, Field]]
    _ports: ClassVar[dict[str, Port]]
    _decisions: ClassVar[tuple[str, ...]] = ()
    _tasks: ClassVar[tuple[str, ...]] = ()
    _timers: ClassVar[tuple[str, ...]] = ()
    _receive_events: ClassVar[dict[tuple[str, type[Message]], str]]
    _transition_list: ClassVar[tuple[Transition, ...]]

    def __init__(self, **parameters: Any) -> None:
        self._values: dict[str, Any] = {name: field.initial for name, field in self._variables.items()}
        self._parameters = _checked_parameters(type(self), parameters)
        self._slots = tuple(_port_slots(self))
        self._endpoints = _endpoints(self, self._slots)
        self._armed: set[str] = set()
        self._open_ports = [slot.port.in_process for slot in self._slots]
        self._outputs: list[Output] = []
        self._fired: list[int] = []
        self._origin: Endpoint | None = None
        super().__init__()
        if self._outputs or self._armed:
            raise DefinitionError(f"{type(self).__name__}: entering the initial state may set variables only")

    # What a role may override.

    def reads(self, port: Endpoint) -> bool:
        """Whether what has arrived on ``port`` would be read in this state; by default it would.

        What is not read stays at the head of its queue: neither unexpected nor ignored.
        """
        return True

    def listens(self, port: Endpoint) -> bool | None:
        """Whether a peer that connects to ``port`` is accepted (True), refused (False), or left waiting (None)."""
        return True

    # What a handler may use.

    @property
    def origin(self) -> Endpoint:
        """The port by which the present message or connection event came."""
        if self._origin is None:
            raise HandlerError(f"{type(self).__name__}: self.origin exists only while a message is handled")
        return self._origin

    def arm(self, timer: str) -> None:
        """Start a timer, or start it anew. Raises HandlerError for a name that is no Timer of the class."""
        self._require_timer(timer)
        self._armed.add(timer)
        self._outputs.append(Arm(timer))

    def disarm(self, timer: str) -> None:
        """Stop a timer; nothing happens when it is not armed."""
        self._require_timer(timer)
        if timer in self._armed:
            self._armed.discard(timer)
            self._outputs.append(Disarm(timer))

    def is_armed(self, timer: str) -> bool:
        """Whether the timer runs."""
        self._require_timer(timer)
        return timer in self._armed

    def is_in(self, *states: str) -> bool:
        """Whether one of the named states is active."""
        unknown = [each for each in states if each not in self.states_map]
        if unknown:
            raise HandlerError(f"{type(self).__name__} has no state {unknown[0]!r}")
        active = self.configuration_values
        return any(each in active for each in states)

    # How effects are recorded.

    def before_transition(self, transition: Transition) -> None:
        if len(self._fired) >= MICROSTEP_LIMIT:
            raise HandlerError(f"{type(self).__name__}: more than {MICROSTEP_LIMIT} transitions after one event")
        index = type(self)._transition_numbers.get(id(transition))
        if index is not None:
            self._fired.append(index)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in _LIBRARY_ATTRIBUTES or isinstance(getattr(type(self), name, None), _Declared):
            super().__setattr__(name, value)
        else:
            raise HandlerError(f"{type(self).__name__}.{name} is not declared: {name}: bool = variable(False)")

    def _require_timer(self, timer: str) -> None:
        if timer not in self._timers:
            raise HandlerError(f"{type(self).__name__} has no timer {timer!r}")

    def _record_send(self, number: int, message: Message) -> None:
        slot = self._slots[number]
        if type(message) not in slot.port.sends:
            raise HandlerError(f"{type(self).__name__}.{slot} does not declare that it sends {type(message).__name__}")
        if not self._open_ports[number]:
            raise HandlerError(f"{type(self).__name__} sends {message} on {slot}, which is not open at this end")
        self._outputs.append(Send(number, message))

    def _record_open(self, number: int) -> None:
        slot = self._slots[number]
        if slot.port.in_process or self._open_ports[number]:
            raise HandlerError(f"{type(self).__name__} opens {slot}, which is open already")
        self._open_ports[number] = True
        self._outputs.append(Open(number))

    def _record_close(self, number: int) -> None:
        slot = self._slots[number]
        if slot.port.in_process or not self._open_ports[number]:
            raise HandlerError(f"{type(self).__name__} closes {slot}, which is not open at this end")
        self._open_ports[number] = False
        self._outputs.append(Close(number))

    _transition_numbers: ClassVar[dict[int, int]]


#: Instance attributes that python-statemachine sets itself.
_LIBRARY_ATTRIBUTES = frozenset(
    {"model", "history_values", "state_field", "start_configuration_values", "configuration", "current_state_value"}
)


@dataclass(frozen=True)
class Send:
    """Output: ``message`` goes out on port number ``port``."""

    port: int
    message: Message


@dataclass(frozen=True)
class Open:
    """Output: connect port number ``port``."""

    port: int


@dataclass(frozen=True)
class Close:
    """Output: close port number ``port`` at this end."""

    port: int


@dataclass(frozen=True)
class Arm:
    """Output: start ``timer`` (anew). The armed timers are part of the snapshot too."""

    timer: str


@dataclass(frozen=True)
class Disarm:
    """Output: stop ``timer``."""

    timer: str


Output = Send | Open | Close | Arm | Disarm


def _checked_parameters(cls: type[Actor], given: dict[str, Any]) -> dict[str, Any]:
    fields = cls._parameter_fields
    unknown = [name for name in given if name not in fields]
    if unknown:
        raise DefinitionError(f"{cls.__name__} has no parameter {unknown[0]!r}; it has {', '.join(fields) or 'none'}")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name not in given and field.required:
            raise DefinitionError(f"{cls.__name__}: parameter {name!r} is missing")
        values[name] = given.get(name, field.initial)
        complaint = field.check(values[name])
        if complaint is not None:
            raise DefinitionError(f"{cls.__name__}: parameter {name!r}: {complaint}")
    return values


def _port_slots(actor: Actor) -> Iterator[PortSlot]:
    for name, port in actor._ports.items():
        if port.count is None:
            yield PortSlot(name, None, port)
            continue
        count = actor._parameters.get(port.count) if isinstance(port.count, str) else port.count
        if not isinstance(count, int) or count < 0:
            raise DefinitionError(
                f"{type(actor).__name__}.{name}: count={port.count!r} is neither a number nor a number's parameter"
            )
        for index in range(count):
            yield PortSlot(name, index, port)


def _endpoints(actor: Actor, slots: tuple[PortSlot, ...]) -> dict[str, Any]:
    endpoints: dict[str, Any] = {}
    for name, port in actor._ports.items():
        own = [Endpoint(actor, number, slot) for number, slot in enumerate(slots) if slot.name == name]
        endpoints[name] = own[0] if port.count is None else tuple(own)
    return endpoints


def marker_events(name: str) -> dict[type[Message], tuple[str, str]]:
    """The two event names by which a chart may declare a connection event of port ``name``."""
    return {marker: (f"{name}_{marker.event}", marker.event) for marker in MARKERS}
