"""What a chart may contain, checked when its class is made (python-statemachine's traps among it)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from statemachine import Event, State, StateChart
from statemachine.transition import Transition
from statemachine.transition_list import TransitionList

from . import handler_rules
from .errors import DefinitionError
from .fields import Declared
from .message import MARKERS, Message
from .port import Port
from .snapshot import CRASHED

if TYPE_CHECKING:
    from .actor import Actor

_OVERRIDABLE = frozenset({"reads", "listens", "end_states"})
_LIBRARY_NAMES = frozenset(
    {name for name in dir(StateChart) if not name.startswith("__")}
    | {"listeners", "listeners_inherit", "start_value", "validate_disconnected_states"}
    | {"prepare_event", "after_transition", "on_transition", "on_enter_state", "on_exit_state", "on_invoke_state"}
)
#: Names that a property's view of an actor gives a meaning of its own.
_VIEW_NAMES = frozenset({"state"})
_SPECIAL_METHODS = frozenset({"__init__", "__new__", "__setattr__", "__getattr__", "__getattribute__", "__slots__"})
_CONSTRUCTOR_NAMES = frozenset({"start_in", "initial"})
_EVENT_PREFIXES = ("done_state_", "done_invoke_", "error_")


def check_names(class_name: str, namespace: dict[str, Any], taken: frozenset[str]) -> None:
    """Refuse names that python-statemachine or the language uses itself (some would be taken silently)."""
    for name, value in namespace.items():
        where = f"{class_name}.{name}"
        if name in _SPECIAL_METHODS:
            raise DefinitionError(f"{where}: an actor has none; declare parameters and variables")
        if name.startswith("__") or name in _OVERRIDABLE:
            continue
        if is_taken(name) or name in taken or (name.startswith("_") and _is_declaration(value)):
            raise DefinitionError(f"{where}: the name is taken by the library; choose another")
        if isinstance(value, Event | TransitionList):
            _check_event_declaration(where, name, value)


def is_taken(name: str) -> bool:
    """Whether python-statemachine, or a property's view of an actor, gives ``name`` a meaning."""
    return name in _LIBRARY_NAMES or name in _VIEW_NAMES


def _is_declaration(value: Any) -> bool:
    return isinstance(value, State | Event | TransitionList) or hasattr(value, "__set_name__")


def _check_event_declaration(where: str, name: str, value: Event | TransitionList) -> None:
    if name.startswith(_EVENT_PREFIXES):
        raise DefinitionError(f"{where}: an event's name must not begin with done_state_, done_invoke_ or error_")
    if isinstance(value, Event) and (value.delay or value.internal):
        raise DefinitionError(f"{where}: delay and internal events are not supported; use a Timer")
    declared = value if isinstance(value, TransitionList) else value._transitions
    written = list(declared.transitions) if isinstance(declared, TransitionList) else []
    for source in {id(each.source): each.source for each in written}.values():
        own = [each for each in written if each.source is source]
        created = [each for each in source.transitions.transitions if any(each is one for one in own)]
        if any(one is not other for one, other in zip(own, created, strict=False)):
            raise DefinitionError(f"{where}: the library tries transitions as created; write them in that order")


def inherited_transition_counts(bases: tuple[type, ...]) -> dict[int, int]:
    """How many transitions each inherited state had when its own class was finished."""
    counts: dict[int, int] = {}
    for base in bases:
        counts.update(getattr(base, "_transition_counts", {}))
    return counts


def check_inherited_untouched(class_name: str, bases: tuple[type, ...], counts: dict[int, int]) -> None:
    """Refuse a subclass that adds a transition to a base's state: it would change the base as well."""
    for base in bases:
        for state in getattr(base, "states_map", {}).values():
            expected = counts.get(id(state))
            if expected is not None and len(state.transitions) != expected:
                del state.transitions.transitions[expected:]
                raise DefinitionError(
                    f"{class_name}: adds a transition to {base.__name__}.{state.id}, which would change "
                    f"{base.__name__} too; override a guard or a handler, or write the chart anew"
                )


def check_chart(cls: type[Actor], namespace: dict[str, Any]) -> None:
    """Check a finished chart and note what running it needs: event names, transition numbers."""
    cls._transition_counts = {id(s): len(s.transitions) for s in cls.states_map.values()}  # type: ignore[attr-defined]
    _check_states(cls)
    _check_variables(cls, namespace)
    _check_transitions(cls)
    _check_islands(cls)
    _check_events(cls)
    handler_rules.check_handlers(cls)


def chart_transitions(cls: type[Actor]) -> Iterator[Transition]:
    """Every transition of the chart but the initial ones of compounds, in document order."""
    for state in cls.states_map.values():
        yield from (each for each in state.transitions if not each.initial)


def _all_states(states: Any) -> Iterator[State]:
    for state in states:
        yield state
        yield from _all_states(state.states)


def _check_states(cls: type[Actor]) -> None:
    seen: set[str] = set()
    for state in _all_states(cls.states):
        where = f"{cls.__name__}.{state.id}"
        if state.id in seen:
            raise DefinitionError(f"{where}: two states have this name")
        seen.add(state.id)
        if state.parallel:
            raise DefinitionError(f"{where}: parallel states are not supported; make two actors")
        if state.history:
            raise DefinitionError(f"{where}: history states are not supported; keep a variable")
        if any(spec.group.name == "INVOKE" and not spec.is_convention for spec in state._specs):
            raise DefinitionError(f"{where}: invoke is not supported; use a Task")
        if state.value != state.id:
            raise DefinitionError(f"{where}: value={state.value!r} is not supported; a state is known by its name")
        if is_taken(state.id) or state.id == CRASHED or state.id.startswith("_"):
            raise DefinitionError(f"{where}: the name is taken by the library; choose another")
        _check_nested_name(cls, where, state)
    unknown = [name for name in cls.end_states or () if name not in cls.states_map]
    if unknown:
        raise DefinitionError(f"{cls.__name__}.end_states: there is no state {unknown[0]!r}")


def _check_islands(cls: type[Actor]) -> None:
    touched = {state for each in cls._transition_list for state in (each.source, *each.targets)}
    touched |= {above for state in touched for above in state.ancestors()}
    for state in cls.states_map.values():
        if not state.initial and state not in touched:
            raise DefinitionError(f"{cls.__name__}.{state.id}: no transition leads to it or from it")


def _check_nested_name(cls: type[Actor], where: str, state: State) -> None:
    # A nested state becomes an attribute of each instance and would hide a method of that name.
    if state.parent is not None and inspect.getattr_static(cls, state.id, None) is not None:
        raise DefinitionError(f"{where}: the class has another attribute of this name; rename one")
    if any(each.initial and actions_of(each) for each in state.transitions):
        raise DefinitionError(f"{where}: on= at an initial transition is not supported; use on_enter_{state.id}")


def _check_variables(cls: type[Actor], namespace: dict[str, Any]) -> None:
    events = {str(event) for event in cls._events}
    own = [name for name, value in namespace.items() if isinstance(value, Declared | Port)]
    for name in (*own, *cls._variables, *cls._parameter_fields, *cls._ports):
        if name in cls.states_map or name in events:
            raise DefinitionError(
                f"{cls.__name__}.{name}: a variable, parameter or port is named like a state or event"
            )
    for name in _CONSTRUCTOR_NAMES & set(cls._parameter_fields):
        raise DefinitionError(f"{cls.__name__}.{name}: no parameter may have this name; every actor takes it")
    for name, port in cls._ports.items():
        if isinstance(port.count, str) and port.count not in cls._parameter_fields:
            raise DefinitionError(f"{cls.__name__}.{name}: count={port.count!r} is no parameter of the class")


def _check_transitions(cls: type[Actor]) -> None:
    transitions = tuple(chart_transitions(cls))
    cls._transition_list = transitions
    cls._transition_numbers = {id(each): number for number, each in enumerate(transitions)}
    open_for: set[tuple[str, str]] = set()
    for each in transitions:
        where = f"{cls.__name__}: {describe_transition(each)}"
        _check_transition(where, each)
        for guard in (*_written(each, "cond"), *_written(each, "unless")):
            handler_rules.check_guard_name(cls, where, guard)
        for event in each.events or [None]:
            key = (each.source.id, str(event))
            if key in open_for:
                raise DefinitionError(
                    f"{where}: never taken, an unguarded transition for {event or 'no event'} precedes"
                )
            if not guards_of(each):
                open_for.add(key)


def _check_transition(where: str, transition: Transition) -> None:
    if transition.internal:
        raise DefinitionError(f"{where}: internal=True is not supported; write {transition.source.id}.to(None)")
    if len(transition.targets) > 1:
        raise DefinitionError(f"{where}: several targets are not supported")
    for name in ("validator", "before", "after"):
        if _written(transition, name):
            raise DefinitionError(f"{where}: {name}= is not supported; use cond= and on=")
    for action in _written(transition, "on"):
        if not isinstance(action, str):
            raise DefinitionError(f"{where}: on=: name a handler by its method, as a string")


def _written(transition: Transition, group: str) -> list[Any]:
    return [
        spec.func if not isinstance(spec.func, property) else spec.attr_name
        for spec in transition._specs
        if spec.group.name.lower() == {"unless": "cond"}.get(group, group)
        and not spec.is_convention
        and not getattr(spec, "is_event", False)
        and (group not in ("cond", "unless") or getattr(spec, "expected_value", None) is (group == "cond"))
    ]


def actions_of(transition: Transition) -> tuple[str, ...]:
    """The handlers named at a transition with ``on=``."""
    return tuple(_written(transition, "on"))


def guards_of(transition: Transition) -> tuple[str, ...]:
    """The guards as written, ``not`` before those of ``unless=``."""
    own = tuple(str(getattr(each, "__name__", each)) for each in _written(transition, "cond"))
    return own + tuple(f"not {getattr(each, '__name__', each)}" for each in _written(transition, "unless"))


def describe_transition(transition: Transition) -> str:
    """``linking → on_source on link_result [accepted]``."""
    target = transition.target.id if transition.target is not None else transition.source.id
    events = " or ".join(str(event) for event in transition.events) or "no event"
    guards = " and ".join(guards_of(transition))
    return f"{transition.source.id} → {target} on {events}" + (f" [{guards}]" if guards else "")


def _check_events(cls: type[Actor]) -> None:
    declared = {str(event) for event in cls._events}
    causes = {name: kind for kind in ("_decisions", "_tasks", "_timers") for name in getattr(cls, kind)}
    received = _received_events(cls, declared)
    cls._receive_events = received
    for name in sorted(set(causes) & set(received.values())):
        raise DefinitionError(f"{cls.__name__}.{name}: is a {_singular(causes[name])}, and a message of a port as well")
    if len(causes) < len(cls._decisions) + len(cls._tasks) + len(cls._timers):
        raise DefinitionError(f"{cls.__name__}: one name is declared as two of Decision, Task and Timer")
    unknown = sorted(declared - set(causes) - set(received.values()))
    if unknown:
        raise DefinitionError(
            f"{cls.__name__}.{unknown[0]}: no port receives such a message, and it is no connection event, Decision, "
            "Task or Timer of the class body; is it misspelt?"
        )
    if "done" in declared and any(state.final and state.parent for state in cls.states_map.values()):
        raise DefinitionError(f"{cls.__name__}.done: the library would take it for the end of a compound; rename it")


def _singular(store: str) -> str:
    return store.strip("_").removesuffix("s").capitalize()


def _received_events(cls: type[Actor], declared: set[str]) -> dict[tuple[str, type[Message]], str]:
    received: dict[tuple[str, type[Message]], str] = {}
    for port_name, port in cls._ports.items():
        for message in port.receives:
            names = [name for name in (f"{port_name}_{message.event}", message.event) if name in declared]
            if not names:
                raise DefinitionError(
                    f"{cls.__name__}.{port_name} receives {message.__name__}, but no transition is named "
                    f"{message.event} or {port_name}_{message.event}"
                )
            received[port_name, message] = names[0]
        for marker in () if port.in_process else MARKERS:
            names = [name for name in (f"{port_name}_{marker.event}", marker.event) if name in declared]
            if names:
                received[port_name, marker] = names[0]
    return received


def is_plain_method(cls: type, name: str) -> bool:
    """Whether ``name`` is an ordinary method of ``cls``."""
    return isinstance(inspect.getattr_static(cls, name, None), FunctionType)


def names_in(expression: str) -> list[str]:
    """The names a guard mentions."""
    return re.findall(r"[A-Za-z_]\w*", expression)
