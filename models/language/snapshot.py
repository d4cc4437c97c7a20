"""Snapshot: the complete state of an actor as plain hashable data, taken from an actor and put back into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from statemachine.orderedset import OrderedSet

if TYPE_CHECKING:
    from .actor import Actor

#: Stands for the active states of an actor whose process is down; no chart may use the name.
CRASHED = "crashed"


class Snapshot(NamedTuple):
    """The complete state of an actor: running on from it is running on from where it was taken.

    ``states``: the active states' names, outermost first. ``variables``: values in declared order.
    ``timers``: the armed ones, sorted. ``open_ports``: for each port slot, whether this end is open.
    """

    states: tuple[str, ...]
    variables: tuple[Any, ...]
    timers: tuple[str, ...]
    open_ports: tuple[bool, ...]


def take_snapshot(actor: Actor) -> Snapshot:
    """The actor's complete state. It has no pending events: a step runs to its end before it is taken."""
    active = actor.configuration_values
    return Snapshot(
        tuple(name for name in type(actor).states_map if name in active),
        tuple(actor._values.values()),
        tuple(sorted(actor._armed)),
        tuple(actor._open_ports),
    )


def restore_snapshot(actor: Actor, snapshot: Snapshot) -> None:
    """Put ``actor`` (same class, same parameters) into the state that ``snapshot`` describes."""
    states = snapshot.states
    # All active names are stored, not the leaf alone: from the leaf the library would not exit the compound.
    actor._config.value = states[0] if len(states) == 1 else OrderedSet(states)
    restore_data(actor, snapshot)
    actor._engine.clear()
    actor._engine.running = True


def restore_data(actor: Actor, snapshot: Snapshot) -> None:
    """Put everything but the active states into ``actor``, and forget what it has done so far."""
    own = actor.__dict__
    own["_values"] = dict(zip(own["_values"], snapshot.variables, strict=True))
    own["_armed"] = set(snapshot.timers)
    own["_open_ports"] = list(snapshot.open_ports)
    own["_outputs"] = []
    own["_fired"] = []
    own["_origin"] = None
    own["_now"] = None


def crashed_snapshot(initial: Snapshot) -> Snapshot:
    """What stands for an actor whose process is down: its variables read as at the start, its ports are closed."""
    return Snapshot((CRASHED,), initial.variables, (), (False,) * len(initial.open_ports))


def is_crashed(snapshot: Snapshot) -> bool:
    """Whether the actor's process is down."""
    return snapshot.states == (CRASHED,)


def with_open_port(snapshot: Snapshot, port: int, is_open: bool) -> Snapshot:
    """The snapshot with one port open or closed at this end."""
    ports = list(snapshot.open_ports)
    ports[port] = is_open
    return snapshot._replace(open_ports=tuple(ports))
