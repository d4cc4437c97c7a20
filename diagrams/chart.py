"""An actor's chart as plain data: what every picture of it is drawn from."""

from __future__ import annotations

import dis
import inspect
from dataclasses import dataclass
from enum import Enum

from statemachine import State
from statemachine.transition import Transition
from switchover.models.language import Actor
from switchover.models.language.chart_rules import actions_of, chart_transitions, guards_of
from switchover.models.language.message import MARKERS

from .metrics import clean


class Cause(Enum):
    """What sets a transition off."""

    MESSAGE = "message"
    CONNECTION = "connection event"
    DECISION = "decision"
    TASK = "task"
    TIMER = "timer"
    EVENTLESS = "at once"


#: As many states that do the same are told of once.
_MANY = 4


@dataclass(frozen=True)
class ChartState:
    """A state. ``parent`` is the enclosing compound's name or empty; ``may_stay``: no deadlock for ever there."""

    name: str
    parent: str = ""
    compound: bool = False
    initial: bool = False
    final: bool = False
    may_stay: bool = False


@dataclass(frozen=True)
class ChartTransition:
    """One transition for one event. ``target`` is None when it stays where it is; ``event`` as a reader says it.

    ``ignores``: it stays and does nothing, which is how a chart says that a message is ignored there.
    ``otherwise``: unguarded, but tried only when the guards of an earlier one for the event said no.
    """

    source: str
    target: str | None
    cause: Cause
    event: str
    guards: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    ignores: bool = False
    otherwise: bool = False

    @property
    def suffix(self) -> str:
        """``[guard] / action``, what UML writes behind the event."""
        guards = ("else",) if self.otherwise and not self.guards else self.guards
        guard = f"[{' and '.join(guards)}]" if guards else ""
        action = f"/ {', '.join(self.actions)}" if self.actions else ""
        return " ".join(filter(None, (guard, action)))


@dataclass(frozen=True)
class ChartModel:
    """A chart: its class's name and first docstring line, states (parents first), transitions in document order."""

    name: str
    summary: str
    states: tuple[ChartState, ...]
    transitions: tuple[ChartTransition, ...]

    def children(self, parent: str) -> tuple[ChartState, ...]:
        """The states directly inside ``parent``; of the chart itself when it is empty."""
        return tuple(each for each in self.states if each.parent == parent)

    def inner(self, state: str) -> tuple[ChartTransition, ...]:
        """The transitions that stay in ``state``, leaving it and entering it again among them."""
        return tuple(each for each in self.transitions if each.source == state and each.target in (None, state))

    def arrows(self) -> dict[tuple[str, str], tuple[ChartTransition, ...]]:
        """The transitions that go somewhere, those between the same two states together; without what is ``shared``."""
        told = {
            (source, target, each.event, each.suffix)
            for (sources, target), group in self.shared().items()
            for source in sources
            for each in group
        }
        merged: dict[tuple[str, str], list[ChartTransition]] = {}
        for each in self.transitions:
            key = (each.source, each.target, each.event, each.suffix)
            if each.target not in (None, each.source) and key not in told:
                merged.setdefault((each.source, str(each.target)), []).append(each)
        return {ends: tuple(group) for ends, group in merged.items()}

    def shared(self) -> dict[tuple[tuple[str, ...], str], tuple[ChartTransition, ...]]:
        """What many states (four at least) have alike: (sources, target) to the transitions, one for all sources."""
        sources: dict[tuple[str, str, Cause, str], list[ChartTransition]] = {}
        for each in self.transitions:
            if each.target not in (None, each.source):
                sources.setdefault((str(each.target), each.event, each.cause, each.suffix), []).append(each)
        merged: dict[tuple[tuple[str, ...], str], list[ChartTransition]] = {}
        for (target, *_), alike in sources.items():
            if len(alike) >= _MANY:
                merged.setdefault((tuple(each.source for each in alike), target), []).append(alike[0])
        return {ends: tuple(group) for ends, group in merged.items()}

    def causes(self) -> tuple[Cause, ...]:
        """The kinds of causes that occur, in the order in which ``Cause`` lists them."""
        present = {each.cause for each in self.transitions}
        return tuple(cause for cause in Cause if cause in present)


def chart_model(actor: type[Actor]) -> ChartModel:
    """The chart of an actor class. Raises TypeError when ``actor`` is not one."""
    if not (isinstance(actor, type) and issubclass(actor, Actor)) or actor is Actor:
        raise TypeError(f"{actor!r} is not an Actor class")
    events = _event_names(actor)
    states = sorted(actor.states_map.values(), key=lambda each: each.document_order)
    transitions: list[ChartTransition] = []
    for each in chart_transitions(actor):
        transitions += _transitions(actor, each, events, transitions)
    return ChartModel(
        actor.__name__, _summary(actor), tuple(_state(actor, each) for each in states), tuple(transitions)
    )


def _summary(actor: type[Actor]) -> str:
    """The first line of the class's own docstring; the language's bases do not describe a role."""
    text = inspect.cleandoc(actor.__dict__.get("__doc__") or "")
    return clean(text.split("\n\n")[0].replace("``", ""))


def _state(actor: type[Actor], state: State) -> ChartState:
    name = state.id
    parent = state.parent
    stay = actor.end_states
    may_stay = name in stay if stay is not None else bool(state.initial) and parent is None
    return ChartState(
        name,
        parent.id if parent is not None else "",
        bool(state.states),
        bool(state.initial),
        bool(state.final),
        may_stay,
    )


def _event_names(actor: type[Actor]) -> dict[str, tuple[Cause, str]]:
    """Each event's cause, and its name for a reader: ``MigrateBegin``, ``target: LinkReply``, ``target closed``."""
    names: dict[str, tuple[Cause, str]] = {}
    for kind, events in ((Cause.DECISION, actor._decisions), (Cause.TASK, actor._tasks), (Cause.TIMER, actor._timers)):
        names.update({event: (kind, event) for event in events})
    for (port, message), event in actor._receive_events.items():
        own = event != message.event
        if message in MARKERS:
            names[event] = Cause.CONNECTION, f"{port} {message.event}" if own else message.event
        else:
            names[event] = Cause.MESSAGE, f"{port}: {message.__name__}" if own else message.__name__
    return names


def _transitions(
    actor: type[Actor],
    transition: Transition,
    events: dict[str, tuple[Cause, str]],
    earlier: list[ChartTransition],
) -> list[ChartTransition]:
    source = transition.source.id
    target = transition.target.id if transition.target is not None else None
    guards = guards_of(transition)
    actions = tuple(name for name in actions_of(transition) if _does_something(actor, name))
    made = []
    for event in [str(each) for each in transition.events] or [""]:
        cause, name = events.get(event, (Cause.EVENTLESS, ""))
        acts = bool(actions) or (bool(event) and _does_something(actor, f"on_{event}"))
        otherwise = not guards and any((each.source, each.event) == (source, name) for each in earlier)
        made.append(
            ChartTransition(source, target, cause, name, guards, actions, target is None and not acts, otherwise)
        )
    return made


def _does_something(actor: type[Actor], handler: str) -> bool:
    """Whether the actor has such a handler, and its body is more than ``pass`` or a docstring."""
    function = inspect.unwrap(getattr(actor, handler, _nothing))
    code = getattr(function, "__code__", None)
    return code is None or any(each.opname not in _IDLE for each in dis.get_instructions(code))


def _nothing() -> None:
    """Stands for a handler that is not there."""


#: The instructions of a function that does nothing.
_IDLE = frozenset({"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"})
