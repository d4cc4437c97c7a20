"""What handlers, guards and helper methods of an actor may contain, checked when its class is made."""

from __future__ import annotations

import ast
import dis
import inspect
import re
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from . import chart_rules
from .errors import DefinitionError

if TYPE_CHECKING:
    from .actor import Actor

_LIBRARY_ARGUMENTS = frozenset({"source", "target", "state", "event", "model", "machine", "transition", "event_data"})
_HOOK = re.compile(r"(on_enter_|on_exit_|on_invoke_|on_|before_|after_)(\w+)")
_EFFECTS = frozenset({"send", "open", "close", "arm", "disarm"})
_GUARD_NODES = (
    ast.Expression,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.UnaryOp,
    ast.Not,
    ast.Compare,
    ast.Eq,
    ast.NotEq,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Name,
    ast.Load,
    ast.Constant,
)


def check_guard_name(cls: type[Actor], where: str, guard: Any) -> None:
    """Check a guard as written at a transition: a method's name, or a boolean expression over variables."""
    if not isinstance(guard, str):
        raise DefinitionError(f"{where}: name a guard by its method, as a string")
    if re.search(r"\bv\b|\^|!(?!=)", guard):
        raise DefinitionError(
            f"{where}: guard {guard!r}: python-statemachine reads v as or, ^ as and, ! as not; write those"
        )
    try:
        nodes = list(ast.walk(ast.parse(guard.strip(), mode="eval")))
    except SyntaxError:
        raise DefinitionError(f"{where}: guard {guard!r} is no expression") from None
    if not all(isinstance(node, _GUARD_NODES) for node in nodes):
        raise DefinitionError(
            f"{where}: guard {guard!r}: a string may compare and combine variables; write the rest as a method"
        )
    for node in nodes:
        if isinstance(node, ast.Name):
            _check_guard_operand(cls, where, guard, node.id)


def _check_guard_operand(cls: type[Actor], where: str, guard: str, name: str) -> None:
    known = name in cls._variables or name in cls._parameter_fields
    found = inspect.getattr_static(cls, name, None)
    if not known and not isinstance(found, property) and not chart_rules.is_plain_method(cls, name):
        raise DefinitionError(f"{where}: guard {guard!r}: {cls.__name__} has no method or variable {name!r}")
    if chart_rules.is_taken(name):
        raise DefinitionError(f"{where}: guard {guard!r}: {name!r} is the library's own")


def reads_time(cls: type[Actor]) -> bool:
    """Whether some method of the class reads ``self.now``."""
    return any(
        "now" in _read_on_self(code, function.__code__.co_varnames[:1])
        for _, function in _own_functions(cls)
        for code in _codes(function.__code__)
    )


def check_handlers(cls: type[Actor]) -> None:
    """Check every method and property that the author wrote, by its role: handler, guard or helper."""
    _check_conventions(cls)
    guards = _guard_names(cls)
    handlers = _named_handlers(cls)
    for name, function in _own_functions(cls):
        where = f"{cls.__name__}.{name}"
        if _check_hook(cls, where, name):
            handlers.add(name)
        _check_code(cls, where, function)
        if name in guards or name in ("reads", "listens"):
            _check_looks_only(where, function)
        if name in handlers | guards and chart_rules.is_plain_method(cls, name):
            _check_signature(where, function)
    _check_messageless(cls)


def _own_functions(cls: type[Actor]) -> Iterator[tuple[str, FunctionType]]:
    authors = [base for base in cls.__mro__ if not _is_library(base.__module__)]
    names = {name: None for base in authors for name in base.__dict__}
    for name in names:
        found = inspect.getattr_static(cls, name)
        for function in (found.fget, found.fset) if isinstance(found, property) else (found,):
            if isinstance(function, FunctionType):
                yield name, function


def _is_library(module: str) -> bool:
    own = __name__.rpartition(".")[0] + "."
    return module in ("builtins", "typing") or module.startswith(("statemachine.", own))


def _guard_names(cls: type[Actor]) -> set[str]:
    return {
        name
        for each in cls._transition_list
        for guard in chart_rules.guards_of(each)
        for name in chart_rules.names_in(guard)
    }


def _named_handlers(cls: type[Actor]) -> set[str]:
    written = [
        (chart_rules.describe_transition(each), name)
        for each in cls._transition_list
        for name in chart_rules.actions_of(each)
    ]
    for state in cls.states_map.values():
        for spec in state._specs:
            if not spec.is_convention and not isinstance(spec.func, str):
                raise DefinitionError(f"{cls.__name__}.{state.id}: name a handler by its method, as a string")
            if not spec.is_convention:
                written.append((str(state.id), spec.func))
    for where, name in written:
        if not chart_rules.is_plain_method(cls, name):
            raise DefinitionError(f"{cls.__name__}: {where}: there is no method {name!r}")
    return {name for _, name in written}


def _check_conventions(cls: type[Actor]) -> None:
    """The library calls whatever bears the name of a hook, be it a state, a variable or a static method."""
    events = {str(event) for event in cls._events}
    hooks = {f"on_{event}": f"event {event}" for event in events}
    hooks |= {f"{at}_{event}": f"event {event}" for at in ("before", "after") for event in events}
    hooks |= {f"on_{at}_{state}": f"state {state}" for at in ("enter", "exit", "invoke") for state in cls.states_map}
    for name, subject in hooks.items():
        found = inspect.getattr_static(cls, name, None)
        if name in cls.states_map or not (found is None or isinstance(found, FunctionType)):
            raise DefinitionError(f"{cls.__name__}.{name}: the library takes it for a handler of {subject}; rename")
    for event in sorted(events):
        state = event.removeprefix("enter_").removeprefix("exit_")
        if state != event and state in cls.states_map:
            raise DefinitionError(f"{cls.__name__}.{event}: on_{event} would be taken for state {state}'s; rename it")


def _check_hook(cls: type[Actor], where: str, name: str) -> bool:
    hook = _HOOK.fullmatch(name)
    if hook is None or not chart_rules.is_plain_method(cls, name):
        return False
    prefix, subject = hook.groups()
    if prefix in ("before_", "after_", "on_invoke_"):
        raise DefinitionError(f"{where}: {prefix} handlers are not supported; use on_{subject}")
    events = {str(event) for event in cls._events}
    if name.removeprefix("on_") in events:
        return True
    of_state = prefix in ("on_enter_", "on_exit_")
    if subject not in (cls.states_map if of_state else events):
        kind = "state" if of_state else "event"
        raise DefinitionError(f"{where}: there is no {kind} {subject!r}, so this would never run")
    return True


def _check_signature(where: str, method: FunctionType) -> None:
    if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method) or inspect.isasyncgenfunction(method):
        raise DefinitionError(f"{where}: handlers are plain functions, not async and not generators")
    for each in list(inspect.signature(method).parameters.values())[1:]:
        if each.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD or each.name != "message":
            hint = "; the library would pass its own" if each.name in _LIBRARY_ARGUMENTS else ""
            raise DefinitionError(f"{where}: takes (self) or (self, message), not {each}{hint}")


def takes_message(method: Any) -> bool:
    """Whether a handler or guard wants the message."""
    return "message" in inspect.signature(method).parameters


def _check_messageless(cls: type[Actor]) -> None:
    """What an eventless transition runs gets no message: there is none."""
    for each in cls._transition_list:
        if not each.is_eventless:
            continue
        names = [*chart_rules.actions_of(each)]
        names += [name for guard in chart_rules.guards_of(each) for name in chart_rules.names_in(guard)]
        for name in names:
            if chart_rules.is_plain_method(cls, name) and takes_message(getattr(cls, name)):
                raise DefinitionError(
                    f"{cls.__name__}.{name}: takes a message, but {chart_rules.describe_transition(each)} has none"
                )


def _check_code(cls: type[Actor], where: str, method: FunctionType) -> None:
    """Look through the instructions for writes of what is not declared, and for the library's own verbs."""
    events = {str(event) for event in cls._events}
    for code in _codes(method.__code__):
        if inspect.CO_ASYNC_GENERATOR & code.co_flags or inspect.CO_COROUTINE & code.co_flags:
            raise DefinitionError(f"{where}: handlers are plain functions, not async and not generators")
        for instruction in dis.get_instructions(code):
            name = str(instruction.argval)
            if instruction.opname in ("STORE_ATTR", "DELETE_ATTR"):
                _check_write(cls, where, name)
            if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                raise DefinitionError(f"{where}: writes the global {name!r}; all state is in variables")
            if instruction.opname == "STORE_DEREF" and name in method.__code__.co_freevars:
                raise DefinitionError(f"{where}: writes {name!r} outside the actor; all state is in variables")
        for name in _read_on_self(code, method.__code__.co_varnames[:1]):
            if name in ("send", "raise_"):
                raise DefinitionError(f"{where}: self.{name}() is the library's; use self.<port>.send(…)")
            if name in events:
                raise DefinitionError(f"{where}: self.{name}: an event is caused from outside; call a method instead")
            if name == "__dict__" or (chart_rules.is_taken(name) and name != "state"):
                raise DefinitionError(f"{where}: self.{name} is the library's own")


def _read_on_self(code: CodeType, own: tuple[str, ...]) -> Iterator[str]:
    before: dis.Instruction | None = None
    for instruction in dis.get_instructions(code):
        loaded = before is not None and before.opname.startswith("LOAD_") and before.argval
        last = loaded[-1:] if isinstance(loaded, tuple) else (loaded,)  # newer Pythons load two at once
        if own and last == own and instruction.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            yield str(instruction.argval)
        if instruction.opname not in ("CACHE", "PRECALL", "COPY_FREE_VARS", "RESUME"):
            before = instruction


def _check_write(cls: type[Actor], where: str, name: str) -> None:
    found = inspect.getattr_static(cls, name, None)
    if name in cls._variables or (isinstance(found, property) and found.fset is not None):
        return
    if name in cls._parameter_fields:
        raise DefinitionError(f"{where}: writes the parameter {name!r}, which the variant fixes; make it a variable")
    raise DefinitionError(f"{where}: writes {name!r}, which is not declared: {name}: bool = variable(False)")


def _check_looks_only(where: str, method: FunctionType) -> None:
    for code in _codes(method.__code__):
        before: Any = None
        for instruction in dis.get_instructions(code):
            if instruction.opname == "STORE_ATTR":
                raise DefinitionError(f"{where}: writes {instruction.argval!r}; a guard only looks")
            looked_up = instruction.opname in ("LOAD_ATTR", "LOAD_METHOD") and str(instruction.argval) in _EFFECTS
            if looked_up and before != "message":  # a field of the message may well be called so
                raise DefinitionError(f"{where}: calls {instruction.argval}; a guard only looks")
            before = instruction.argval


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
