"""What a chart may contain, checked when its class is made (python-statemachine's traps among it)."""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from statemachine import Event, State, StateChart
from statemachine.transition import Transition
from statemachine.transition_list import TransitionList

from .errors import DefinitionError
from .message import MARKERS, Message

if TYPE_CHECKING:
    from .actor import Actor

_OVERRIDABLE = {"reads", "listens", "end_states"}
_LIBRARY_NAMES = {name for name in dir(StateChart) if not name.startswith("__")} | {
    "model",
    "history_values",
    "state_field",
    "start_configuration_values",
}
_LANGUAGE_NAMES = {"arm", "disarm", "is_armed", "is_in", "origin", "before_transition"}
_LIBRARY_ARGUMENTS = {"source", "target", "state", "event", "model", "machine", "transition", "event_data"}
_EVENT_PREFIXES = ("done_state_", "done_invoke_", "error_")
_HOOK = re.compile(r"(on_enter_|on_exit_|on_invoke_|on_|before_|after_)(\w+)")


def check_names(class_name: str, namespace: dict[str, Any]) -> None:
    """Refuse names that python-statemachine or the language uses itself (some would be taken silently)."""
    for name, value in namespace.items():
        where = f"{class_name}.{name}"
        if name.startswith("__") or name in _OVERRIDABLE:
            continue
        if name in _LIBRARY_NAMES or name in _LANGUAGE_NAMES or (name.startswith("_") and _is_declaration(value)):
            raise DefinitionError(f"{where}: the name is taken by the library; choose another")
        if isinstance(value, Event | TransitionList) and name.startswith(_EVENT_PREFIXES):
            raise DefinitionError(f"{where}: an event's name must not begin with done_state_, done_invoke_ or error_")
        if isinstance(value, Event) and (value.delay or value.internal):
            raise DefinitionError(f"{where}: delay and internal events are not supported; use a Timer")


def _is_declaration(value: Any) -> bool:
    return isinstance(value, State | Event | TransitionList)


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


def check_chart(cls: type[Actor]) -> None:
    """Check a finished chart and note what running it needs: event names, transition numbers."""
    cls._transition_counts = {id(s): len(s.transitions) for s in cls.states_map.values()}  # type: ignore[attr-defined]
    _check_states(cls)
    _check_variables(cls)
    _check_transitions(cls)
    _check_events(cls)
    _check_methods(cls)


def chart_transitions(cls: type[Actor]) -> Iterator[Transition]:
    """Every transition of the chart but the initial ones of compounds, in document order."""
    for state in sorted(cls.states_map.values(), key=lambda each: each.document_order):
        yield from (each for each in state.transitions if not each.initial)


def _check_states(cls: type[Actor]) -> None:
    for state in cls.states_map.values():
        where = f"{cls.__name__}.{state.id}"
        if state.parallel:
            raise DefinitionError(f"{where}: parallel states are not supported; make two actors")
        if getattr(state, "history", ()):
            raise DefinitionError(f"{where}: history states are not supported; keep a variable")
        if any("invoke" in str(spec.group).lower() and not spec.is_convention
                                                     for spec in state._specs):
            raise DefinitionError(f"{where}: invoke is not supported; use a Task")
    unknown = [name for name in cls.end_states or () if name not in cls.states_map]
    if unknown:
        raise DefinitionError(f"{cls.__name__}.end_states: there is no state {unknown[0]!r}")


def _check_variables(cls: type[Actor]) -> None:
    events = {str(event) for event in cls._events}
    for name in (*cls._variables, *cls._parameter_fields, *cls._ports):
        if name in cls.states_map or name in events:
            raise DefinitionError(f"{cls.__name__}.{name}: a variable, parameter or port is named like a state or event")


def _check_transitions(cls: type[Actor]) -> None:
    transitions = tuple(chart_transitions(cls))
    cls._transition_list = transitions
    cls._transition_numbers = {id(each): number for number, each in enumerate(transitions)}
    open_for: dict[tuple[str, str], Transition] = {}
    for each in transitions:
        where = f"{cls.__name__}: {describe_transition(each)}"
        if each.internal:
            raise DefinitionError(f"{where}: internal=True is not supported; write {each.source.id}.to(None)")
        for name in ("validator", "before", "after"):
            if _written(each, name):
                raise DefinitionError(f"{where}: {name}= is not supported; use cond= and on=")
        for guard in (*_written(each, "cond"), *_written(each, "unless")):
            _check_guard(cls, where, guard)
        for event in each.events or [None]:
            key = (each.source.id, str(event))
            if key in open_for:
                raise DefinitionError(f"{where}: never taken, an unguarded transition for {event or 'no event'} precedes")
            if not guards_of(each):
                open_for[key] = each


def _written(transition: Transition, group: str) -> list[Any]:
    return [
        spec.func if not isinstance(spec.func, property) else spec.attr_name
        for spec in transition._specs
        if spec.group.name.lower() == {"unless": "cond"}.get(group, group)
        and not spec.is_convention
        and not getattr(spec, "is_event", False)
        and (group not in ("cond", "unless") or getattr(spec, "expected_value", None) is (group == "cond"))
    ]


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


def _check_guard(cls: type[Actor], where: str, guard: Any) -> None:
    if not isinstance(guard, str):
        raise DefinitionError(f"{where}: name a guard by its method, as a string")
    if re.search(r"\bv\b|\^", guard):
        raise DefinitionError(f"{where}: guard {guard!r}: python-statemachine reads v as or and ^ as and; write those")
    known = set(cls._variables) | set(cls._parameter_fields) | {"and", "or", "not", "True", "False"}
    for name in re.findall(r"[A-Za-z_]\w*", guard):
        if name not in known and not callable(getattr(cls, name, None)):
            raise DefinitionError(f"{where}: guard {guard!r}: {cls.__name__} has no method or variable {name!r}")


def _check_events(cls: type[Actor]) -> None:
    declared = {str(event) for event in cls._events}
    causes = set(cls._decisions) | set(cls._tasks) | set(cls._timers)
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
    cls._receive_events = received
    unknown = sorted(declared - causes - set(received.values()))
    if unknown:
        raise DefinitionError(
            f"{cls.__name__}.{unknown[0]}: no port receives such a message, and it is no connection event, Decision, "
            "Task or Timer; is it misspelt?"
        )


def _check_methods(cls: type[Actor]) -> None:
    events = {str(event) for event in cls._events}
    handlers = _named_handlers(cls)
    for name in {name for base in cls.__mro__ for name in base.__dict__ if base.__module__.split(".")[0] != "statemachine"}:
        method = inspect.getattr_static(cls, name)
        if not isinstance(method, FunctionType) or _is_language_method(method):
            continue
        where = f"{cls.__name__}.{name}"
        hook = _HOOK.fullmatch(name)
        if hook is not None:
            _check_hook(where, hook, events, set(cls.states_map))
            handlers.add(name)
        _check_writes(cls, where, method)
        if name in handlers:
            _check_handler_signature(where, method)


def _is_language_method(method: FunctionType) -> bool:
    return method.__module__.startswith(__name__.rpartition(".")[0] + ".")


def _named_handlers(cls: type[Actor]) -> set[str]:
    names: set[str] = set()
    for each in chart_transitions(cls):
        for written in (*_written(each, "on"), *_written(each, "cond"), *_written(each, "unless")):
            names.update(re.findall(r"[A-Za-z_]\w*", written) if isinstance(written, str) else ())
    for state in cls.states_map.values():
        for spec in state._specs:
            if not spec.is_convention and isinstance(spec.func, str):
                names.add(spec.func)
    return {name for name in names if isinstance(inspect.getattr_static(cls, name, None), FunctionType)}


def _check_hook(where: str, hook: re.Match[str], events: set[str], states: set[str]) -> None:
    prefix, subject = hook.groups()
    if prefix in ("before_", "after_", "on_invoke_"):
        raise DefinitionError(f"{where}: {prefix} handlers are not supported; use on_{subject}")
    known = states if prefix in ("on_enter_", "on_exit_") else events
    if subject not in known:
        kind = "state" if known is states else "event"
        raise DefinitionError(f"{where}: there is no {kind} {subject!r}, so this would never run")


def _check_handler_signature(where: str, method: FunctionType) -> None:
    if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method):
        raise DefinitionError(f"{where}: handlers are plain functions, not async and not generators")
    parameters = list(inspect.signature(method).parameters.values())[1:]
    for each in parameters:
        if each.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or each.name != "message":
            hint = "; the library would pass its own" if each.name in _LIBRARY_ARGUMENTS else ""
            raise DefinitionError(f"{where}: takes (self) or (self, message), not {each}{hint}")


def _check_writes(cls: type[Actor], where: str, method: FunctionType) -> None:
    """Find ``self.x = …`` for undeclared x, and ``self.send(…)``, in the method's own instructions."""
    if not method.__code__.co_varnames:
        return
    own_name = method.__code__.co_varnames[0]
    for code in _codes(method.__code__):
        before: dis.Instruction | None = None
        for instruction in dis.get_instructions(code):
            on_self = before is not None and before.opname.startswith("LOAD_") and before.argval == own_name
            if on_self and instruction.opname == "STORE_ATTR":
                _check_write(cls, where, str(instruction.argval))
            if on_self and instruction.argval in ("send", "raise_"):
                raise DefinitionError(f"{where}: self.{instruction.argval}() is the library's; use self.<port>.send(…)")
            if instruction.opname not in ("CACHE", "PRECALL", "COPY_FREE_VARS", "RESUME"):
                before = instruction


def _check_write(cls: type[Actor], where: str, name: str) -> None:
    if name in cls._variables or isinstance(getattr(cls, name, None), property):
        return
    if name in cls._parameter_fields:
        raise DefinitionError(f"{where}: writes the parameter {name!r}, which the variant fixes; make it a variable")
    raise DefinitionError(f"{where}: writes {name!r}, which is not declared: {name}: bool = variable(False)")


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


