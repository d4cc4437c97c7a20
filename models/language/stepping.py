"""A local step: one actor, one input, on python-statemachine's own engine. The reference for every faster way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

from statemachine.exceptions import TransitionNotAllowed
from statemachine.orderedset import OrderedSet

from .actor import Actor, Output
from .chart_rules import chart_transitions, describe_transition, guards_of
from .message import Closed, Lost, Message, Opened, Refused


class Snapshot(NamedTuple):
    """The complete state of an actor: running on from it is running on from where it was taken.

    ``states``: the active states' names, outermost first. ``variables``: values in declared order.
    ``timers``: the armed ones, sorted. ``open_ports``: for each port slot, whether this end is open.
    """

    states: tuple[str, ...]
    variables: tuple[Any, ...]
    timers: tuple[str, ...]
    open_ports: tuple[bool, ...]


class Receive(NamedTuple):
    """Input: a message or connection event arrives on port number ``port``."""

    port: int
    message: Message


class Decide(NamedTuple):
    """Input: the actor takes the decision, or does the task, of this name."""

    name: str


class Expire(NamedTuple):
    """Input: the timer of this name, which is armed, fires."""

    timer: str


Input = Receive | Decide | Expire


class Outcome(Enum):
    """How a local step ends (design section 4)."""

    HANDLED = "handled"
    REFUSED = "refused"
    UNEXPECTED = "unexpected"
    ERROR = "error"


@dataclass(frozen=True)
class StepResult:
    """What a local step did. ``snapshot`` is unchanged and ``outputs`` is empty unless it was handled.

    ``transitions``: numbers of the chart's transitions that were taken. ``reason``: for *refused* the
    guards that said no, for *unexpected* and *error* one line.
    """

    outcome: Outcome
    snapshot: Snapshot
    outputs: tuple[Output, ...] = ()
    transitions: tuple[int, ...] = ()
    reason: str = ""


_ENDS_HERE = (Closed, Lost, Refused)


def take_snapshot(actor: Actor) -> Snapshot:
    """The actor's complete state as plain hashable data."""
    active = actor.configuration_values
    return Snapshot(
        tuple(name for name in _document_order(type(actor)) if name in active),
        tuple(actor._values.values()),
        tuple(sorted(actor._armed)),
        tuple(actor._open_ports),
    )


def _document_order(cls: type[Actor]) -> tuple[str, ...]:
    cached: tuple[str, ...] | None = cls.__dict__.get("_document_order")
    if cached is None:
        cached = tuple(cls.states_map)
        cls._document_order = cached  # type: ignore[attr-defined]
    return cached


def restore_snapshot(actor: Actor, snapshot: Snapshot) -> None:
    """Put ``actor`` (same class, same parameters) into the state that ``snapshot`` describes."""
    states = snapshot.states
    actor._config.value = states[0] if len(states) == 1 else OrderedSet(states)
    actor._values = dict(zip(actor._values, snapshot.variables, strict=True))
    actor._armed = set(snapshot.timers)
    actor._open_ports = list(snapshot.open_ports)
    actor._outputs = []
    actor._fired = []
    actor._origin = None
    actor._engine.clear()
    actor._engine.running = True


def event_name(cls: type[Actor], actor: Actor, event: Input) -> str | None:
    """The chart's name for an input; None for a connection event that the chart does not declare."""
    if isinstance(event, Receive):
        return cls._receive_events.get((actor._slots[event.port].name, type(event.message)))
    return event.name if isinstance(event, Decide) else event.timer


def step(actor: Actor, snapshot: Snapshot, event: Input) -> StepResult:
    """Run one input on ``actor`` from ``snapshot``. A pure function of the last two and the actor's parameters.

    ``actor`` is a worker: its own state before is irrelevant and after is undefined.
    """
    restore_snapshot(actor, snapshot)
    _apply_connection_event(actor, event)
    name = event_name(type(actor), actor, event)
    if name is None:
        return StepResult(Outcome.HANDLED, take_snapshot(actor))
    if isinstance(event, Receive):
        actor._origin = actor._endpoints[actor._slots[event.port].name]
        if isinstance(actor._origin, tuple):
            actor._origin = actor._origin[actor._slots[event.port].index or 0]
    message = event.message if isinstance(event, Receive) else None
    if _is_final(actor, snapshot):
        return StepResult(Outcome.UNEXPECTED, snapshot, reason=f"{_where(actor, snapshot)} is final: {name}")
    try:
        actor.send(name, message=message)
    except TransitionNotAllowed:
        return _not_taken(actor, snapshot, name)
    except Exception as error:
        return StepResult(Outcome.ERROR, snapshot, reason=f"{_where(actor, snapshot)} on {name}: {_one_line(error)}")
    return StepResult(Outcome.HANDLED, take_snapshot(actor), tuple(actor._outputs), tuple(actor._fired))


def _apply_connection_event(actor: Actor, event: Input) -> None:
    if isinstance(event, Expire):
        actor._armed.discard(event.timer)
    elif isinstance(event, Receive):
        if isinstance(event.message, Opened):
            actor._open_ports[event.port] = True
        elif isinstance(event.message, _ENDS_HERE):
            actor._open_ports[event.port] = False


def _is_final(actor: Actor, snapshot: Snapshot) -> bool:
    return any(actor.states_map[name].final and actor.states_map[name].parent is None for name in snapshot.states)


def _not_taken(actor: Actor, snapshot: Snapshot, name: str) -> StepResult:
    candidates = [
        each for each in chart_transitions(type(actor)) if each.source.id in snapshot.states and name in each.events
    ]
    where = f"{_where(actor, snapshot)} on {name}"
    if not candidates:
        return StepResult(Outcome.UNEXPECTED, snapshot, reason=f"{where}: no transition")
    guards = "; ".join(" and ".join(guards_of(each)) for each in candidates)
    return StepResult(Outcome.REFUSED, snapshot, reason=f"{where}: refused by {guards}")


def _where(actor: Actor, snapshot: Snapshot) -> str:
    return f"{type(actor).__name__} in {'.'.join(snapshot.states)}"


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def port_masks(actor: Actor, snapshot: Snapshot) -> tuple[tuple[bool, ...], tuple[bool | None, ...]]:
    """For each port slot: whether the actor reads it in this state, and whether it listens there."""
    restore_snapshot(actor, snapshot)
    reads, listens = [], []
    for slot in actor._slots:
        endpoint = actor._endpoints[slot.name]
        one = endpoint if slot.index is None else endpoint[slot.index]
        reads.append(bool(actor.reads(one)))
        answer = actor.listens(one)
        listens.append(None if answer is None else bool(answer))
    return tuple(reads), tuple(listens)


def describe_transitions(cls: type[Actor]) -> tuple[str, ...]:
    """Every transition of a chart, in the order of ``StepResult.transitions``' numbers."""
    return tuple(describe_transition(each) for each in cls._transition_list)
