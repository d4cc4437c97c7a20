"""What a property sees of a state: read-only views of actors and connections that note what was read."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import FunctionType
from typing import Any

from statemachine import Event

from .actor import Actor, require_states
from .connection import ConnectionState
from .errors import HandlerError
from .execution import GlobalState
from .message import Message
from .properties import Property
from .stepping import Snapshot
from .system import System

#: Called with the name of each thing that a predicate reads: of an actor a variable, ``state``, ``timers`` or
#: ``open_ports``, of a connection ``contents``.
Note = Callable[[str], object]


def _ignore(_: str) -> None:
    return None


def _ignore_all(_: int) -> Note:
    return _ignore


def arguments(
    system: System, prop: Property, state: GlobalState, note_of: Callable[[int], Note] = _ignore_all
) -> list[Any]:
    """What the predicate of ``prop`` is called with in ``state``: a view for each of its parameters, for a replicated
    role a tuple of them.

    ``note_of``: what is called with the reads of a component of the state; these are the actors, then the connections.
    """
    layout = system.layout
    connections = {each.name: number for number, each in enumerate(system.connections)}
    found: list[Any] = []
    for name in prop.parameters:
        if name in connections:
            number = connections[name]
            found.append(ConnectionView(state.connections[number], note_of(len(layout.workers) + number)))
            continue
        views = tuple(ActorView(layout.workers[i], state.snapshots[i], note_of(i)) for i in layout.members[name])
        found.append(views if name in layout.replicated else views[0])
    return found


def _derived(cls: type[Actor], name: str) -> Any:
    """What the class has under a name, unbound; None: nothing."""
    return next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), None)


class ActorView:
    """An actor's snapshot by attribute: variables, parameters, and what the class derives from them.

    ``view.state`` is the innermost active state's name, ``view.is_in("linking", …)`` and
    ``view.is_armed("timer")`` ask for one. A property defined on the actor's class works too.
    """

    __slots__ = ("_actor", "_cls", "_note", "_snapshot")

    def __init__(self, actor: Actor, snapshot: Snapshot, note: Note = _ignore) -> None:
        self._actor = actor
        self._cls = type(actor)
        self._snapshot = snapshot
        self._note = note

    @property
    def state(self) -> str:
        """The innermost active state's name."""
        self._note("state")
        return self._snapshot.states[-1]

    def is_in(self, *states: str) -> bool:
        """Whether one of the named states is active; ``"crashed"`` when the actor's process is down."""
        require_states(self._cls, states)
        self._note("state")
        return any(each in self._snapshot.states for each in states)

    def is_armed(self, timer: str) -> bool:
        """Whether the timer runs."""
        if timer not in self._cls._timers:
            raise HandlerError(f"{self._cls.__name__} has no timer {timer!r}")
        self._note("timers")
        return timer in self._snapshot.timers

    def __getattr__(self, name: str) -> Any:
        cls = self._cls
        if name in cls._variables:
            self._note(name)
            return self._snapshot.variables[cls._variable_numbers[name]]
        if name in cls._parameter_fields:
            return self._actor._parameters[name]
        if name in cls._ports:
            self._note("open_ports")
            return self._port(name)
        derived = _derived(cls, name)
        if isinstance(derived, property) and derived.fget is not None:
            return derived.fget(self)
        if isinstance(derived, FunctionType):
            return lambda *arguments: derived(self, *arguments)
        if isinstance(derived, bool | int | str | tuple | Enum) and not isinstance(derived, Event):
            return derived
        raise AttributeError(f"{cls.__name__} has no variable, parameter or property {name!r}")

    def _port(self, name: str) -> Any:
        ends = [
            PortView(is_open)
            for slot, is_open in zip(self._actor._slots, self._snapshot.open_ports, strict=True)
            if slot.name == name
        ]
        return ends[0] if self._cls._ports[name].count is None else tuple(ends)


class PortView:
    """One port of an actor: ``is_open`` at this end."""

    __slots__ = ("is_open",)

    def __init__(self, is_open: bool) -> None:
        self.is_open = is_open


class ConnectionView:
    """A connection slot: ``is_free``, ``open_ends``, and what is under way ``to_first`` and ``to_second``."""

    __slots__ = ("_contents", "_note")

    def __init__(self, state: ConnectionState, note: Note = _ignore) -> None:
        self._contents = state
        self._note = note

    @property
    def _state(self) -> ConnectionState:
        self._note("contents")
        return self._contents

    @property
    def is_free(self) -> bool:
        """Both ends closed, nothing under way."""
        return self._state.is_free

    @property
    def open_ends(self) -> tuple[bool, bool]:
        """Which ends count it as open."""
        return self._state.open_ends

    @property
    def to_first(self) -> tuple[Message, ...]:
        """What is on its way to the first endpoint, first to arrive first."""
        return self._state.queues[0]

    @property
    def to_second(self) -> tuple[Message, ...]:
        """What is on its way to the second endpoint, first to arrive first."""
        return self._state.queues[1]
