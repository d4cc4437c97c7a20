"""A local step: one actor, one input, on python-statemachine's own engine. The reference for every faster way."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from statemachine import StateChart
from statemachine.exceptions import TransitionNotAllowed

from .actor import Actor, endpoint_of
from .chart_rules import describe_transition, guards_of
from .errors import HandlerError
from .message import ENDINGS, Message, Opened
from .outputs import Output
from .snapshot import Snapshot, restore_snapshot, take_snapshot

__all__ = [
    "Decide",
    "Expire",
    "Input",
    "Outcome",
    "Receive",
    "Snapshot",
    "StepResult",
    "advance",
    "describe_transitions",
    "event_name",
    "port_masks",
    "restore_snapshot",
    "step",
    "take_snapshot",
]


class Receive(NamedTuple):
    """Input: a message or connection event arrives on port number ``port``.

    ``at``, here and in the other inputs: what the actor's clock shows, in ms; None in an untimed system.
    """

    port: int
    message: Message
    at: int | None = None


class Decide(NamedTuple):
    """Input: the actor takes the decision, or does the task, of this name."""

    name: str
    at: int | None = None


class Expire(NamedTuple):
    """Input: the timer of this name, which is armed, fires."""

    timer: str
    at: int | None = None


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
    return advance(actor, snapshot, event)


def advance(actor: Actor, snapshot: Snapshot, event: Input) -> StepResult:
    """Run one input on ``actor``, which is in the state ``snapshot``. Unless it is handled, restore before the next."""
    actor._outputs, actor._fired, actor._origin, actor._now = [], [], None, event.at
    name = event_name(type(actor), actor, event)
    if name is not None and in_final_state(type(actor), snapshot.states):
        return final_result(type(actor), snapshot, name)
    apply_connection_event(actor, event)
    message = event.message if isinstance(event, Receive) else None
    try:
        if name is None:
            actor._processing_loop()
        else:
            StateChart.send(actor, name, message=message)
    except TransitionNotAllowed:
        return not_taken_result(type(actor), snapshot, actor.configuration_values, str(name))
    except Exception as error:
        return error_result(type(actor), snapshot, name or describe_marker(actor, event), error)
    return StepResult(Outcome.HANDLED, take_snapshot(actor), tuple(actor._outputs), tuple(actor._fired))


def apply_connection_event(actor: Actor, event: Input) -> None:
    """Note what an input says by itself, before any handler runs: a port opened or ended, a timer ran out."""
    if isinstance(event, Expire):
        actor._armed.discard(event.timer)
    elif isinstance(event, Receive):
        actor._origin = endpoint_of(actor, event.port)
        if isinstance(event.message, Opened):
            actor._open_ports[event.port] = True
        elif isinstance(event.message, ENDINGS):
            actor._open_ports[event.port] = False


def in_final_state(cls: type[Actor], states: tuple[str, ...]) -> bool:
    """Whether the chart has ended: one of its outermost final states is active."""
    outermost = cls.states_map[states[0]]
    return bool(outermost.final)


def final_result(cls: type[Actor], snapshot: Snapshot, name: str) -> StepResult:
    """Nothing is expected after a final state."""
    return StepResult(Outcome.UNEXPECTED, snapshot, reason=f"{_where(cls, snapshot)} on {name}: the state is final")


def not_taken_result(cls: type[Actor], snapshot: Snapshot, active: Iterable[str], name: str) -> StepResult:
    """No transition was taken from the ``active`` states: *refused* when there is one, else *unexpected*."""
    states = set(active)
    candidates = [each for each in cls._transition_list if each.source.id in states and name in each.events]
    where = f"{_where(cls, snapshot)} on {name}"
    if not candidates:
        return StepResult(Outcome.UNEXPECTED, snapshot, reason=f"{where}: no transition")
    guards = "; ".join(" and ".join(guards_of(each)) for each in candidates)
    return StepResult(Outcome.REFUSED, snapshot, reason=f"{where}: refused by {guards}")


def error_result(cls: type[Actor], snapshot: Snapshot, name: str, error: Exception) -> StepResult:
    """A guard or handler raised ``error``; whatever it had done is discarded. The reason says in which line."""
    reason = f"{_where(cls, snapshot)} on {name}: {_one_line(error)}{_place(cls, error)}"
    return StepResult(Outcome.ERROR, snapshot, reason=reason)


def _place(cls: type[Actor], error: Exception) -> str:
    """`` (model.py:12)``: the innermost line of the actor's own modules; empty when none took part."""
    modules = [sys.modules.get(each.__module__) for each in cls.__mro__[: cls.__mro__.index(Actor)]]
    files = {getattr(each, "__file__", None) for each in modules}
    frames = traceback.walk_tb(error.__traceback__)
    lines = [(frame.f_code.co_filename, line) for frame, line in frames if frame.f_code.co_filename in files]
    return f" ({os.path.basename(lines[-1][0])}:{lines[-1][1]})" if lines else ""


def describe_marker(actor: Actor, event: Input) -> str:
    """How an undeclared connection event is called in an error's text."""
    assert isinstance(event, Receive)
    return f"{actor._slots[event.port].name}_{event.message.event}"


def _where(cls: type[Actor], snapshot: Snapshot) -> str:
    return f"{cls.__name__} in {'.'.join(snapshot.states)}"


def _one_line(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def port_masks(actor: Actor, snapshot: Snapshot) -> tuple[tuple[bool, ...], tuple[bool | None, ...]]:
    """For each port slot: whether the actor reads it in this state, and whether it listens there.

    Raises HandlerError, one line, when ``reads`` or ``listens`` of the class raises.
    """
    cls, ports = type(actor), len(actor._slots)
    if cls.reads is Actor.reads and cls.listens is Actor.listens:
        return (True,) * ports, (True,) * ports
    restore_snapshot(actor, snapshot)
    reads: list[bool] = []
    listens: list[bool | None] = []
    for number in range(ports):
        endpoint = endpoint_of(actor, number)
        try:
            reads.append(bool(actor.reads(endpoint)))
            answer = actor.listens(endpoint)
        except Exception as error:
            reason = f"reads or listens({endpoint}): {_one_line(error)}{_place(cls, error)}"
            raise HandlerError(f"{_where(cls, snapshot)}: {reason}") from error
        listens.append(None if answer is None else bool(answer))
    return tuple(reads), tuple(listens)


def describe_transitions(cls: type[Actor]) -> tuple[str, ...]:
    """Every transition of a chart, in the order of ``StepResult.transitions``' numbers."""
    return tuple(describe_transition(each) for each in cls._transition_list)
