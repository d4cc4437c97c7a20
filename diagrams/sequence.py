"""A trace as a sequence of rows between lifelines: what every sequence diagram is drawn from."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from switchover.models.language.verdict import Flight, Part, Trace, TraceStep

from .metrics import clean, shorten


class RowKind(Enum):
    """What a row shows: a message arriving, something an actor does of its own accord, or a fault."""

    DELIVERY = "delivery"
    DECISION = "decision"
    TASK = "task"
    TIMER = "timer"
    FAULT = "fault"


_KINDS = {
    "deliver": RowKind.DELIVERY,
    "decide": RowKind.DECISION,
    "task": RowKind.TASK,
    "timeout": RowKind.TIMER,
    "early": RowKind.TIMER,
}

#: Characters that a variable's change may take where it is the only thing a step did.
_CHANGE_WIDTH = 48

_LOST = "Lost"
_CONNECTION_EVENTS = {"Opened": "opened", "Refused": "refused", "Closed": "closed", _LOST: "lost"}


@dataclass(frozen=True)
class Call:
    """An in-process call within a step. Lifelines by number."""

    caller: int
    callee: int
    label: str


@dataclass(frozen=True)
class Note:
    """What a step changed at one lifeline: ``state`` (before, after) or None, ``variables`` (name, before, after) each.

    ``actor`` is named where several share the lifeline. ``only_variables``: no state changed in the whole step.
    """

    lifeline: int
    state: tuple[str, str] | None
    variables: tuple[tuple[str, str, str], ...] = ()
    actor: str = ""
    only_variables: bool = False

    def text(self, variables: bool) -> str:
        """``idle → up  tries=1``, the latter part only with ``variables``; ``tries: 0 → 1`` where no state changed."""
        parts = [f"{self.state[0]} → {self.state[1]}"] if self.state else []
        if variables:
            parts += [f"{name}={after}" for name, _, after in self.variables]
        elif self.only_variables:
            changes = "  ".join(f"{name}: {before} → {after}" for name, before, after in self.variables)
            parts += [shorten(changes, _CHANGE_WIDTH)]
        shown = "  ".join(parts)
        return f"{self.actor}: {shown}" if self.actor and shown else shown


@dataclass(frozen=True)
class Loss:
    """A message that was sent in row ``sent`` (0: not known) and will not arrive."""

    sender: int | None
    receiver: int
    label: str
    connection: str
    sent: int


@dataclass(frozen=True)
class Pending:
    """What is still under way when the trace ends: ``number`` of one kind, the first of them sent in row ``sent``.

    ``sender`` is None where nobody sent it (a connection's loss) and for what stays within one lifeline.
    """

    sender: int | None
    receiver: int
    label: str
    connection: str
    sent: int
    number: int
    route: str

    @property
    def name(self) -> str:
        """``Write``, ``Write × 8``."""
        return self.label + (f" × {self.number}" if self.number > 1 else "")


@dataclass(frozen=True)
class Row:
    """One step. ``lifeline`` is where it happens (None for a fault), ``sender`` where a delivery comes from
    (None also for a connection found lost, which nobody sends, and for what stays within one lifeline).

    ``sent`` is the number of the row that sent what is delivered, 0 when not known. ``answered`` is
    false when nothing at the receiver handled it (it does not listen, or its process is down).
    ``failure`` is the reason of a step that went wrong, in one line.
    """

    number: int
    kind: RowKind
    label: str
    lifeline: int | None
    sender: int | None = None
    connection: str = ""
    connection_event: bool = False
    sent: int = 0
    answered: bool = True
    calls: tuple[Call, ...] = ()
    notes: tuple[Note, ...] = ()
    losses: tuple[Loss, ...] = ()
    failure: str = ""

    @property
    def is_late(self) -> bool:
        """Whether other steps came between the sending and the arrival of what is delivered."""
        return 0 < self.sent < self.number - 1

    def shown_notes(self, variables: bool) -> list[tuple[int, int, str]]:
        """(lifeline, how many stand above it there, text) of the notes that say something."""
        texts = [(note.lifeline, note.text(variables)) for note in self.notes]
        shown = [(lifeline, text) for lifeline, text in texts if text]
        above = [sum(1 for other, _ in shown[:place] if other == each) for place, (each, _) in enumerate(shown)]
        return [(lifeline, level, text) for (lifeline, text), level in zip(shown, above, strict=True)]


@dataclass(frozen=True)
class SequenceModel:
    """The lifelines' names, left to right, the rows, first to last, and what is under way after the last one."""

    system: str
    lifelines: tuple[str, ...]
    rows: tuple[Row, ...]
    under_way: tuple[Pending, ...] = ()

    def under_way_texts(self) -> list[str]:
        """``Write (a to store, wire_a)``; what goes the same way shares a text."""
        groups: dict[tuple[str, str], list[str]] = {}
        for each in self.under_way:
            groups.setdefault((each.route, each.connection), []).append(each.name)
        return [f"{', '.join(names)} ({route}, {connection})" for (route, connection), names in groups.items()]


def sequence_model(trace: Trace, processes: Mapping[str, Sequence[str]] | None = None) -> SequenceModel:
    """The trace as rows between lifelines; actors that take no part are left out.

    ``processes`` maps names to the roles (or single actors) that share one lifeline, as
    ``System.processes`` does; what they do among themselves is then not shown.
    """
    taking_part = _participants(trace) or set(trace.actors) or {trace.system}
    actors = [*(name for name in trace.actors if name in taking_part), *sorted(taking_part - set(trace.actors))]
    shared = {role: process for process, roles in (processes or {}).items() for role in roles}
    homes = {name: shared.get(name, shared.get(re.sub(r"\[\d+\]$", "", name), name)) for name in actors}
    lifelines = list(dict.fromkeys(homes.values()))
    numbers = {name: lifelines.index(home) for name, home in homes.items()}
    reader = _Reader(numbers, {name for name, home in homes.items() if name != home})
    rows = tuple(reader.row(number, step) for number, step in enumerate(trace.steps, start=1))
    return SequenceModel(clean(trace.system), tuple(clean(each) for each in lifelines), rows, reader.under_way())


def _participants(trace: Trace) -> set[str]:
    names: set[str] = set()
    for step in trace.steps:
        names.update({step.actor, step.sender} - {""})
        names.update(part.actor for part in step.parts)
        names.update(change.actor for change in step.changes)
        names.update(flight.receiver for flight in (*step.dropped, *step.sent))
    return names


class _Flights:
    """Who sent what is under way, and when: connections are first in, first out."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[str, str], deque[tuple[str, int, str]]] = {}

    def take(self, flight: Flight) -> tuple[int, str]:
        """The row that sent it and the actor that did; (0, "") when the trace does not say."""
        queue = self._under_way.get((flight.connection, flight.receiver), deque())
        while queue:
            message, row, sender = queue.popleft()
            if message == flight.message:
                return row, sender
        return 0, ""

    def send(self, flight: Flight, row: int, sender: str) -> None:
        self._under_way.setdefault((flight.connection, flight.receiver), deque()).append((flight.message, row, sender))

    def rest(self) -> dict[tuple[Flight, str], list[int]]:
        """What was not taken, each message with its sender and the rows that sent it."""
        found: dict[tuple[Flight, str], list[int]] = {}
        for (connection, receiver), queue in self._under_way.items():
            for message, row, sender in queue:
                found.setdefault((Flight(connection, receiver, message), sender), []).append(row)
        return found


class _Reader:
    """Turns steps into rows, in order: it knows what is under way."""

    def __init__(self, numbers: Mapping[str, int], sharing: set[str]) -> None:
        self._numbers = numbers
        self._sharing = sharing
        self._flights = _Flights()

    def row(self, number: int, step: TraceStep) -> Row:
        kind = _KINDS.get(step.kind, RowKind.FAULT)
        delivered = kind is RowKind.DELIVERY
        sent = self._flights.take(Flight(step.subject, step.actor, step.message))[0] if delivered else 0
        losses = tuple(self._loss(flight) for flight in step.dropped if flight.message != _LOST)
        for flight in step.dropped:
            if flight.message == _LOST:
                self._flights.take(flight)
        for flight in step.sent:
            self._flights.send(flight, number, _sender(step, flight))
        lifeline = None if kind is RowKind.FAULT else self._numbers.get(step.actor)
        sender = self._numbers.get(step.sender) if delivered and step.message != _LOST else None
        sender = None if sender == lifeline else sender
        return Row(
            number,
            kind,
            self._label(step, kind, sender is None),
            lifeline,
            sender,
            clean(step.subject) if delivered else "",
            delivered and step.message in _CONNECTION_EVENTS,
            0 if sender is None else sent,
            bool(step.parts) or not delivered,
            tuple(call for call in _calls(step.parts, self._numbers) if call.caller != call.callee),
            self._notes(step),
            losses,
            "" if step.outcome == "handled" else clean(f"{step.outcome}: {step.reason}"),
        )

    def under_way(self) -> tuple[Pending, ...]:
        """What the rows so far have left under way, in the order of sending."""
        rest = sorted(self._flights.rest().items(), key=lambda item: item[1][0])
        return tuple(self._pending(flight, sender, rows) for (flight, sender), rows in rest)

    def _pending(self, flight: Flight, sender: str, rows: list[int]) -> Pending:
        sender = "" if flight.message == _LOST else sender
        start, end = self._numbers.get(sender), self._numbers[flight.receiver]
        label = _CONNECTION_EVENTS.get(flight.message, clean(flight.message))
        route = clean(f"{sender} to {flight.receiver}" if sender else f"to {flight.receiver}")
        start = None if start == end else start
        return Pending(start, end, label, clean(flight.connection), rows[0], len(rows), route)

    def _label(self, step: TraceStep, kind: RowKind, stays: bool) -> str:
        if kind is RowKind.FAULT:
            return clean(f"{step.kind} {step.subject}")
        if kind is RowKind.DELIVERY:
            message = _CONNECTION_EVENTS.get(step.message, step.message)
            return clean(f"{step.subject} {message}" if stays else message)
        actor = f"{step.actor}: " if step.actor in self._sharing else ""
        return clean(f"{actor}{step.message}" + (" (early)" if step.kind == "early" else ""))

    def _loss(self, flight: Flight) -> Loss:
        row, sender = self._flights.take(flight)
        label = _CONNECTION_EVENTS.get(flight.message, clean(flight.message))
        start, end = self._numbers.get(sender), self._numbers[flight.receiver]
        return Loss(None if start == end else start, end, label, clean(flight.connection), row)

    def _notes(self, step: TraceStep) -> tuple[Note, ...]:
        notes: list[Note] = []
        only_variables = all(change.state is None for change in step.changes)
        for change in sorted(step.changes, key=lambda each: self._numbers[each.actor]):
            state = None if change.state is None else (clean(change.state[0]), clean(change.state[1]))
            variables = tuple(
                (clean(name), clean(before), clean(after)) for name, (before, after) in change.variables.items()
            )
            lifeline = self._numbers[change.actor]
            if state or variables:
                actor = clean(change.actor) if change.actor in self._sharing else ""
                notes.append(Note(lifeline, state, variables, actor, only_variables))
        return tuple(notes)


def _sender(step: TraceStep, flight: Flight) -> str:
    """Who sent ``flight``: the actor that says so among its effects, else the first that is not its receiver."""
    for part in step.parts:
        if part.actor != flight.receiver and any(_sends(effect, flight.message) for effect in part.effects):
            return part.actor
    if not step.parts:
        return step.actor if step.actor != flight.receiver else ""
    return next((part.actor for part in step.parts if part.actor != flight.receiver), "")


def _sends(effect: str, message: str) -> bool:
    return (
        effect.endswith(f": send {message}")
        or (message == "Opened" and effect.endswith(": open"))
        or (message == "Closed" and effect.endswith(": close"))
    )


def _calls(parts: tuple[Part, ...], numbers: Mapping[str, int]) -> tuple[Call, ...]:
    """Who called whom: parts are in the order of the calls, a caller's own goes on after its callee's is done."""
    calls: list[Call] = []
    running: list[tuple[str, list[str]]] = []
    for part in parts:
        message = re.sub(r" on \S+$", "", part.event)
        waiting = [entry for entry in running if any(_sends(effect, message) for effect in entry[1])]
        if running:
            caller = waiting[-1] if waiting else running[-1]
            caller[1][:] = _after(caller[1], message)
            calls.append(Call(numbers[caller[0]], numbers[part.actor], clean(message)))
        running.append((part.actor, list(part.effects)))
    return tuple(calls)


def _after(effects: list[str], message: str) -> list[str]:
    for position, effect in enumerate(effects):
        if _sends(effect, message):
            return effects[position + 1 :]
    return effects
