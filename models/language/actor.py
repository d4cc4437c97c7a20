"""Actor: a role of a protocol, written once as a python-statemachine chart."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

from statemachine import Event, StateChart
from statemachine.exceptions import InvalidDefinition
from statemachine.factory import StateMachineMetaclass
from statemachine.signature import SignatureAdapter
from statemachine.transition import Transition

from . import chart_rules, handler_rules
from .errors import DefinitionError, HandlerError
from .fields import Field, Variable, checked_parameters, declare_fields, initial_values, parameter, variable
from .message import Message
from .outputs import Arm, Close, Disarm, Open, Output, Send
from .port import Endpoint, Port, PortSlot
from .snapshot import CRASHED, Snapshot, take_snapshot

if TYPE_CHECKING:
    from .plans import Planner

__all__ = [
    "MICROSTEP_LIMIT",
    "Actor",
    "ActorMeta",
    "Arm",
    "Close",
    "Decision",
    "Disarm",
    "Field",
    "Open",
    "Output",
    "Send",
    "Task",
    "Timer",
    "parameter",
    "variable",
]

#: Transitions that one event may set off; more is taken for an endless loop of eventless ones.
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


class ActorMeta(StateMachineMetaclass):
    """Checks a chart when its class is made, so that no error of it waits until it runs."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> ActorMeta:
        if any(isinstance(base, ActorMeta) for base in bases):
            chart_rules.check_names(name, namespace, _TAKEN_NAMES)
        return super().__new__(mcs, name, bases, namespace)

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:  # noqa: N805
        inherited = chart_rules.inherited_transition_counts(bases)
        try:
            super().__init__(name, bases, namespace)  # type: ignore[arg-type]
        except InvalidDefinition as error:
            raise DefinitionError(f"{name}: {' '.join(str(error).split())}") from None
        chart_rules.check_inherited_untouched(name, bases, inherited)
        declare_fields(cls, sys._getframe(1).f_locals)
        _declare_events(cls, namespace)
        if not cls._abstract:
            chart_rules.check_chart(cast("type[Actor]", cls), namespace)
            cls._reads_time = handler_rules.reads_time(cast("type[Actor]", cls))


def _declare_events(cls: Any, namespace: dict[str, Any]) -> None:
    for kind, store in ((Decision, "_decisions"), (Task, "_tasks"), (Timer, "_timers")):
        names = {name: None for base in reversed(cls.__mro__[1:]) for name in base.__dict__.get(store, ())}
        names.update({name: None for name, value in namespace.items() if isinstance(value, kind)})
        setattr(cls, store, tuple(names))


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
    validate_disconnected_states = False  # an actor may start in another state than its chart's

    #: Names of the states in which the actor may stay for ever without that being a deadlock;
    #: None: the states it starts in, and final states.
    end_states: ClassVar[tuple[str, ...] | None] = None

    _variables: ClassVar[dict[str, Field]]
    _variable_numbers: ClassVar[dict[str, int]]
    _parameter_fields: ClassVar[dict[str, Field]]
    _ports: ClassVar[dict[str, Port]]
    _decisions: ClassVar[tuple[str, ...]] = ()
    _tasks: ClassVar[tuple[str, ...]] = ()
    _timers: ClassVar[tuple[str, ...]] = ()
    _receive_events: ClassVar[dict[tuple[str, type[Message]], str]]
    _transition_list: ClassVar[tuple[Transition, ...]]
    _transition_numbers: ClassVar[dict[int, int]]
    _reads_time: ClassVar[bool] = False

    def __init__(
        self,
        *,
        start_in: str | None = None,
        initial: Mapping[str, Any] | None = None,
        armed: Mapping[str, int] | None = None,
        **parameters: Any,
    ) -> None:
        """Make an actor with its parameters. It starts in its chart's initial state and its variables' initial values
        unless ``start_in`` names another state and ``initial`` other values, and with no timer running but those
        that ``armed`` names, each with the ms after which it fires.

        Raises DefinitionError for an unknown or missing parameter, state, variable or timer, and for a value outside
        its type or range.
        """
        cls = type(self)
        if cls._abstract:
            raise DefinitionError(f"{cls.__name__} has no states: it is a base for actors")
        if start_in is not None and start_in not in cls.states_map:
            raise DefinitionError(f"{cls.__name__}: start_in={start_in!r}: there is no such state")
        self._values: dict[str, Any] = initial_values(cls, initial or {})
        self._parameters = checked_parameters(cls, parameters)
        self._slots = tuple(_port_slots(self))
        self._endpoints = _endpoints(self, self._slots)
        self._armed: set[str] = set()
        self._open_ports = [slot.port.in_process for slot in self._slots]
        self._outputs: list[Output] = []
        self._fired: list[int] = []
        self._origin: Endpoint | None = None
        self._now: int | None = None
        self._planner: Planner | None = None
        self._initial_deadlines: dict[str, int] = dict(armed or {})
        _enter_chart(self, start_in)
        for timer in self._initial_deadlines:
            if timer not in cls._timers:
                raise DefinitionError(f"{cls.__name__}: armed={timer!r}: there is no such timer")
            self._armed.add(timer)
        self._initial_snapshot: Snapshot = take_snapshot(self)

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

    @property
    def now(self) -> int:
        """What this actor's own clock shows, in ms. Only differences mean something: clocks of two hosts differ.

        Raises HandlerError in an untimed system.
        """
        if self._now is None:
            raise HandlerError(f"{type(self).__name__}: self.now: the system is untimed")
        return self._now

    def arm(self, timer: str, after: int | None = None) -> None:
        """Start a timer, or start it anew; it fires ``after`` so many ms. In an untimed system the duration does not
        matter, in a timed one it must be given.

        Raises HandlerError for a name that is no Timer of the class, and for a negative duration.
        """
        self._require_timer(timer)
        if after is not None and after < 0:
            raise HandlerError(f"{type(self).__name__} arms {timer} for {after} ms, which is in the past")
        self._armed.add(timer)
        self._outputs.append(Arm(timer, after))

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
        """Whether one of the named states is active. ``"crashed"``, true only in properties, may be asked for too."""
        require_states(type(self), states)
        active = self.configuration_values
        return any(each in active for each in states)

    # How effects are recorded.

    def before_transition(self, transition: Transition) -> None:
        """Called by the library before each transition: notes that it is taken, and ends an endless loop."""
        self._note_transition(type(self)._transition_numbers[id(transition)])

    def _note_transition(self, number: int) -> None:
        if len(self._fired) >= MICROSTEP_LIMIT:
            raise HandlerError(f"{type(self).__name__}: more than {MICROSTEP_LIMIT} transitions after one event")
        self._fired.append(number)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _WRITABLE and not _accepts_writes(getattr(type(self), name, None)):
            raise HandlerError(f"{type(self).__name__}.{name} is not declared: {name}: bool = variable(False)")
        object.__setattr__(self, name, value)

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
        if slot.port.in_process:
            raise HandlerError(f"{type(self).__name__} opens {slot}, which is Local: it is open always")
        if self._open_ports[number]:
            raise HandlerError(f"{type(self).__name__} opens {slot}, which is open already")
        self._open_ports[number] = True
        self._outputs.append(Open(number))

    def _record_close(self, number: int) -> None:
        slot = self._slots[number]
        if slot.port.in_process:
            raise HandlerError(f"{type(self).__name__} closes {slot}, which is Local: it is open always")
        if not self._open_ports[number]:
            raise HandlerError(f"{type(self).__name__} closes {slot}, which is not open at this end")
        self._open_ports[number] = False
        self._outputs.append(Close(number))


#: Instance attributes that the library and the language set themselves.
_LIBRARY_WRITES: tuple[str, ...] = ("model", "state_field", "history_values", "start_configuration_values")
_LIBRARY_WRITES += ("configuration", "current_state_value", "_callbacks", "_config", "_listeners", "_engine")
_LANGUAGE_WRITES: tuple[str, ...] = ("_values", "_parameters", "_slots", "_endpoints", "_armed", "_open_ports")
_LANGUAGE_WRITES += ("_outputs", "_fired", "_origin", "_now", "_planner", "_initial_snapshot", "_initial_deadlines")
_WRITABLE = frozenset((*_LIBRARY_WRITES, *_LANGUAGE_WRITES))
_TAKEN_NAMES = frozenset(name for name in (*dir(Actor), *_WRITABLE) if not name.startswith("__"))


def _accepts_writes(attribute: Any) -> bool:
    return isinstance(attribute, Variable) or hasattr(attribute, "__set__")


def require_states(cls: type[Actor], names: tuple[str, ...]) -> None:
    """Raise HandlerError unless each name is a state of ``cls``, or ``"crashed"``."""
    for name in names:
        if name not in cls.states_map and name != CRASHED:
            raise HandlerError(f"{cls.__name__} has no state {name!r}; it has {', '.join(cls.states_map)}")


def _enter_chart(actor: Actor, start_in: str | None) -> None:
    name = type(actor).__name__
    # The library remembers signatures by qualified name and class name: another module's class of the
    # same name would lend this one its handlers' signatures.
    SignatureAdapter.from_callable.clear_cache()
    try:
        StateChart.__init__(actor, start_value=start_in)
    except DefinitionError:
        raise
    except Exception as error:
        raise DefinitionError(f"{name}: entering its initial state: {' '.join(str(error).split())}") from error
    if actor._outputs or actor._armed:
        raise DefinitionError(f"{name}: entering the initial state may set variables only")


def _port_slots(actor: Actor) -> Iterator[PortSlot]:
    for name, port in actor._ports.items():
        if port.count is None:
            yield PortSlot(name, None, port)
            continue
        count = actor._parameters.get(port.count) if isinstance(port.count, str) else port.count
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
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


def endpoint_of(actor: Actor, number: int) -> Endpoint:
    """The endpoint of port slot ``number``."""
    slot = actor._slots[number]
    found = actor._endpoints[slot.name]
    endpoint: Endpoint = found if slot.index is None else found[slot.index]
    return endpoint
