"""A generator of random charts, for the properties that every chart must have."""

from __future__ import annotations

from typing import Annotated, Any

from hypothesis import reject
from hypothesis import strategies as st
from switchover.models.language import (
    Actor,
    Between,
    Decision,
    DefinitionError,
    Message,
    Port,
    State,
    Task,
    Timer,
    variable,
)

__all__ = ["actor_classes", "make_actors"]


class Ping(Message):
    number: Annotated[int, Between(0, 2)] = 0


class Pong(Message):
    pass


_GUARDS = (
    None,
    "flag",
    "not flag",
    "count < 2",
    "0 < count <= 2 and flag",
    "flag or other",
    "not (flag or count == other_count)",
    "looks_fine",
    "looks_fine and count != 3",
    "is_even",
)
_EVENTLESS_GUARDS = ("flag and other", "count == 3", "is_even and other", "is_cut", "is_late and not flag")
_STATEMENTS = (
    "self.flag = not self.flag",
    "self.other = self.flag",
    "self.count = (self.count + 1) % 4",
    "self.count += 1",  # leaves its range sooner or later
    "self.other_count = self.count",
    "self.port.send(Pong())",  # an error when it is closed
    "self.port.send(Pong()) if self.port.is_open else self.arm('timer')",
    "self.port.open() if not self.port.is_open else self.port.close()",
    "self.arm('timer')",
    "self.was_open = self.port.is_open",
    "self.was_armed = self.is_armed('timer')",
    "self.disarm('timer')",
    "self.flag = self.is_in('compound', 'b')",
    "self.other = self.is_armed('timer')",
    "self.count = 0 if self.is_in('left', 'a') else self.count",
)
_MESSAGE_STATEMENTS = ("self.count = message.number if message is not None else 1", *_STATEMENTS)
_FLAT = ("a", "b", "c")
_LEAVES = ("left", "right")


def _bodies(statements: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(statements), min_size=1, max_size=3)


def _method(name: str, arguments: str, lines: list[str]) -> Any:
    scope: dict[str, Any] = {"Pong": Pong}
    body = "\n    ".join(lines)
    exec(f"def {name}({arguments}):\n    {body}", scope)
    return scope[name]


def _states() -> dict[str, State]:
    made = {name: State(initial=name == "a") for name in _FLAT}
    children = []
    for name in _LEAVES:
        child = State(initial=name == "left")
        child._set_id(name)
        children.append(child)
        made[name] = child
    made["compound"] = State(states=children)
    made["end"] = State(final=True)
    return made


@st.composite
def actor_classes(draw: st.DrawFn) -> type[Actor]:
    """A class with flat states, a compound and a final state; its transitions, guards and handlers are drawn."""
    states = _states()
    sources = [name for name in states if name != "end"]
    targets = st.sampled_from([None, *states])
    handlers = draw(st.lists(_bodies(_STATEMENTS), min_size=1, max_size=3))
    names = [f"act_{number}" for number in range(len(handlers))]
    transition = st.tuples(st.sampled_from(sources), targets, st.sampled_from(_GUARDS), st.sampled_from([None, *names]))

    def group() -> Any:
        made = None
        closed: set[str] = set()
        for source, target, guard, on in draw(st.lists(transition, min_size=1, max_size=5)):
            if source in closed:
                continue
            if guard is None:
                closed.add(source)
            negate = guard is not None and draw(st.booleans())
            options = {"unless" if negate else "cond": guard, "on": on}
            one = states[source].to(None if target is None else states[target], **options)
            made = one if made is None else made | one
        return made

    namespace: dict[str, Any] = {
        "__module__": __name__,
        "__annotations__": {
            "flag": bool,
            "other": bool,
            "was_open": bool,
            "was_armed": bool,
            "count": Annotated[int, Between(0, 3)],
            "other_count": Annotated[int, Between(0, 3)],
        },
        "flag": variable(False),
        "other": variable(True),
        "count": variable(0),
        "other_count": variable(1),
        "port": Port(receives=(Ping,), sends=(Pong,)),
        "looks_fine": _method("looks_fine", "self, message", ["return message is None or message.number < 2"]),
        "is_even": property(_method("is_even", "self", ["return self.count % 2 == 0"])),
        # What an input enables by itself: the end of a connection, a timer that has run out.
        "is_cut": property(_method("is_cut", "self", ["return self.was_open and not self.port.is_open"])),
        "is_late": property(_method("is_late", "self", ["return self.was_armed and not self.is_armed('timer')"])),
        "was_open": variable(False),
        "was_armed": variable(False),
        **{name: states[name] for name in ("a", "b", "c", "compound", "end")},
        "ping": group(),
        "port_lost": group(),
        "opened": group(),
        "decide": Decision(group()),
        "work": Task(group()),
        "timer": Timer(group()),
    }
    for name in states:
        if name not in ("a", "end"):
            namespace[f"to_{name}"] = Decision(states["a"].to(states[name]))
    namespace["stop"] = Decision(states["b"].to(states["end"]))
    for source, guard in draw(
        st.lists(st.tuples(st.sampled_from(sources), st.sampled_from(_EVENTLESS_GUARDS)), max_size=2)
    ):
        states[source].to(states[draw(st.sampled_from(sources))], cond=guard)
    for name, lines in zip(names, handlers, strict=True):
        namespace[name] = _method(name, "self", lines)
    hooks = [f"on_{at}_{state}" for at in ("enter", "exit") for state in ("b", "left", "right", "compound")]
    for name in draw(st.lists(st.sampled_from(hooks), unique=True, max_size=4)):
        # Where an eventless transition leads, a handler that wants the message is an error.
        arguments = draw(st.sampled_from(["self", "self, message", "self, message=None"]))
        namespace[name] = _method(name, arguments, draw(_bodies(_STATEMENTS)))
    for name in draw(st.lists(st.sampled_from(["on_ping", "on_decide", "on_timer"]), unique=True)):
        namespace[name] = _method(name, "self, message", draw(_bodies(_MESSAGE_STATEMENTS)))
    return type(Actor)("Random", (Actor,), namespace)


def make_actors(cls: type[Actor], count: int = 1) -> list[Actor]:
    """Actors of a drawn class; a chart that goes round or errs from its very start is not one to test."""
    try:
        return [cls() for _ in range(count)]
    except DefinitionError as error:
        if "initial state" not in str(error):
            raise
        reject()
