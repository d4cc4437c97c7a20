"""Any timed trace as a space-time picture: a lifeline for each actor, its messages from when they are sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from .execution import ActionKind
from .space_time import EventKind, Lifeline, SpaceTime, TimedEvent, TimedMessage
from .verdict import Flight, Trace, TraceStep

#: What an actor does of its own accord is an event of its lifeline; these kinds have none.
_NO_EVENT = {ActionKind.DELIVER.value}


def picture_of(trace: Trace, title: str = "", caption: str = "") -> SpaceTime:
    """The picture of a timed trace. Actors that take no part in it have no lifeline; a clock is shown where it is not
    the system's own time.

    Raises ValueError for a trace of an untimed system.
    """
    if any(each.at is None for each in trace.steps):
        raise ValueError(f"the trace of {trace.system} says no times")
    messages = tuple(_messages(trace))
    events = tuple(event for step in trace.steps for event in _events(trace, step))
    active = {name for each in messages for name in (each.sender, each.receiver)} | {each.lifeline for each in events}
    names = [name for name in trace.actors if name in active] or list(trace.actors)
    lifelines = tuple(Lifeline(name, "own clock" if trace.clocks.get(name) else "") for name in names)
    return SpaceTime(lifelines, events, (), messages, (), title, caption)


def _events(trace: Trace, step: TraceStep) -> Iterator[TimedEvent]:
    moment = step.at or 0
    if step.kind not in _NO_EVENT and step.actor:
        offset = trace.clocks.get(step.actor, 0)
        yield TimedEvent(moment, step.actor, step.message, moment + offset if offset else None, EventKind.READING)
    if step.outcome != "handled" and step.actor:
        yield TimedEvent(moment, step.actor, f"{step.outcome}: {step.reason}", None, EventKind.NOTE)


def _messages(trace: Trace) -> Iterator[TimedMessage]:
    """Each message with its two times, in the order in which they arrive; then those that never do."""
    under_way: dict[tuple[str, str], deque[tuple[int, str, Flight]]] = {}
    for step in trace.steps:
        moment = step.at or 0
        if step.kind == ActionKind.DELIVER.value:
            waiting = under_way.get((step.subject, step.actor))
            sent_at = waiting.popleft()[0] if waiting else moment
            yield TimedMessage(sent_at, step.sender, moment, step.actor, step.message)
        for flight in step.dropped:
            waiting = under_way.get((flight.connection, flight.receiver))
            if waiting:
                sent_at, sender, _ = waiting.popleft()
                yield TimedMessage(sent_at, sender, None, flight.receiver, flight.message)
        for flight in step.sent:
            waiting = under_way.setdefault((flight.connection, flight.receiver), deque())
            waiting.append((moment, _sender(step, flight), flight))
    for waiting in under_way.values():
        for sent_at, sender, flight in waiting:
            yield TimedMessage(sent_at, sender, None, flight.receiver, flight.message)


def _sender(step: TraceStep, flight: Flight) -> str:
    """The actor that put a message on its way in this step."""
    ending = f"send {flight.message}"
    return next((p.actor for p in step.parts if any(each.endswith(ending) for each in p.effects)), step.actor)
