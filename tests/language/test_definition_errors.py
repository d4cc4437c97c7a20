"""What cannot be given a meaning is refused when the class is made: one line, with class, attribute and reason.

Each case is a class as an author might write it, and the text that it gets.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from switchover.models.language import Actor, DefinitionError
from written_classes import chart, in_handler, in_helper, plain

UNDECLARED = "writes 'total', which is not declared: total: bool = variable(False)"

WRITES = {
    "handler": (in_handler("self.total = 1"), f"Role.on_go: {UNDECLARED}"),
    "helper": (in_helper("self.total = 1"), f"Role.helper: {UNDECLARED}"),
    "augmented": (in_handler("self.total += 1"), f"Role.on_go: {UNDECLARED}"),
    "unpacked": (in_handler("self.flag, (self.count, *self.total) = True, (1, 2)"), f"Role.on_go: {UNDECLARED}"),
    "loop target": (in_helper("for self.total in (1, 2):", "    pass"), f"Role.helper: {UNDECLARED}"),
    "with target": (in_helper("with message as self.total:", "    pass"), f"Role.helper: {UNDECLARED}"),
    "annotated": (in_handler("self.total: int = 1"), f"Role.on_go: {UNDECLARED}"),
    "deleted": (in_handler("del self.total"), f"Role.on_go: {UNDECLARED}"),
    "alias": (in_helper("me = self", "me.total = 1"), f"Role.helper: {UNDECLARED}"),
    "nested function": (in_helper("def inner():", "    self.total = 1", "inner()"), f"Role.helper: {UNDECLARED}"),
    "lambda": (in_helper("return [setattr for self.total in (1,)]"), f"Role.helper: {UNDECLARED}"),
    "private": (in_handler("self._total = 1"), "Role.on_go: writes '_total', which is not declared"),
    "parameter": (in_handler("self.fixed = True"), "Role.on_go: writes the parameter 'fixed', which the variant fixes"),
    "port": (in_handler("self.port = None"), "Role.on_go: writes 'port', which is not declared"),
    "global": (in_helper("global COUNTER", "COUNTER = 1"), "Role.helper: writes the global 'COUNTER'"),
    "property": (
        "class Role(Base):\n    @property\n    def seen(self):\n        self.total = 1\n",
        f"Role.seen: {UNDECLARED}",
    ),
    "outer function": (
        """
        def make():
            seen = 0
            class Role(Base):
                def on_go(self):
                    nonlocal seen
                    seen += 1
        make()
        """,
        "Role.on_go: writes 'seen' outside the actor; all state is in variables",
    ),
    "inherited handler": (
        """
        class Mixin:
            def on_go(self):
                self.total = 1
        class Role(Mixin, Base):
            pass
        """,
        f"Role.on_go: {UNDECLARED}",
    ),
}

VARIABLES = {
    "untyped": (plain("extra = variable(False)"), "Role.extra: needs a type: extra: bool = variable(False)"),
    "list": (plain("extra: list = variable([])"), "Role.extra: list is not a type a state can hold; use bool, int"),
    "set": (plain("extra: set[int] = variable(set())"), "Role.extra: set is not a type a state can hold"),
    "dict": (plain("extra: dict = variable({})"), "Role.extra: dict is not a type a state can hold"),
    "float": (plain("extra: float = variable(0.0)"), "Role.extra: float is not a type a state can hold"),
    "unknown": (plain("extra: 'Nothing' = variable(0)"), "Role.extra: annotation uses the unknown name 'Nothing'"),
    "broken": (plain("extra: 'Enum.' = variable(0)"), "Role.extra: annotation 'Enum.':"),
    "initial": (
        plain("extra: Annotated[int, Between(1, 3)] = variable(0)"),
        "Role.extra: 0 is outside 1 to 3",
    ),
    "initial type": (plain("extra: bool = variable(0)"), "Role.extra: 0 is not a bool"),
    "parameter": (plain("extra: Annotated[int, Between(1, 3)] = parameter(7)"), "Role.extra: 7 is outside 1 to 3"),
    "like an event": (
        "class Role(Base):\n    go: bool = variable(False)\n",
        "Role.go: a variable, parameter or port is named like a state or event",
    ),
    "like a state above": (
        "class Role(Base):\n    busy: bool = variable(False)\n",
        "Role.busy: a variable, parameter or port is named like a state or event",
    ),
    "message default": (
        "class Bad(Message):\n    number: Annotated[int, Between(0, 3)] = 4\n",
        "Bad.number: 4 is outside 0 to 3",
    ),
    "message range": (
        "class Bad(Message):\n    number: int\n",
        "Bad.number: a number needs its range: Annotated[int, Between(low, high)]",
    ),
    "message range hidden": (
        "class Bad(Message):\n    number: Annotated[int, 'of what']\n",
        "Bad.number: a number needs its range",
    ),
    "message range in a tuple": (
        "class Bad(Message):\n    numbers: tuple[int, ...] = ()\n",
        "Bad.numbers: a number needs its range",
    ),
    "message list": ("class Bad(Message):\n    names: list[str]\n", "Bad.names: list is not a type a state can hold"),
    "message event": ("class Bad(Message):\n    event: str\n", "Bad.event: the name is taken; choose another"),
    "constructor's name": (
        plain("initial: bool = parameter(False)"),
        "Role.initial: no parameter may have this name; every actor takes it",
    ),
}

PORTS = {
    "duplicate message": (
        plain("more = Port(receives=(Go, Go))"),
        "Role.more receives: duplicate message type Go, event 'go' twice",
    ),
    "two types of one name": (
        """
        Other = type("Go", (Message,), {})
        class Role(Base):
            more = Port(sends=(Go, Other))
        """,
        "Role.more sends: duplicate message type Go, event 'go' twice",
    ),
    "connection event": (
        plain("more = Port(receives=(Closed,))"),
        "Role.more receives: Closed is a connection event; every port has it",
    ),
    "no message": (plain("more = Port(receives=(int,))"), "Role.more receives: <class 'int'> is not a Message type"),
    "count": (plain("more = Port(count='many')"), "Role.more: count='many' is no parameter of the class"),
    "not handled": (
        plain("more = Port(receives=(Done,))"),
        "Role.more receives Done, but no transition is named done or more_done",
    ),
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param(source, text, id=f"{group}: {name}")
        for group, cases in {
            "write": WRITES,
            "variable": VARIABLES,
            "port": PORTS,
        }.items()
        for name, (source, text) in cases.items()
    ],
)
def test_a_class_is_refused_in_one_line(define: Callable[[str], ModuleType], source: str, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        define(source)
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)


GOOD = {
    "helper methods": in_helper("self.flag = message is None", "return self.count"),
    "property with a setter": """
        class Role(Base):
            @property
            def both(self):
                return self.flag
            @both.setter
            def both(self, value):
                self.flag = value
            def on_go(self):
                self.both = True
        """,
    "message field named like an effect": """
        class Offer(Message):
            open: bool = False
        class Role(Actor):
            port = Port(receives=(Offer,))
            idle = State(initial=True)
            offer = idle.to(None, cond="is_open")
            def is_open(self, message):
                return message.open
        """,
    "event that begins like a hook": """
        class EnterRoom(Message):
            pass
        class Role(Actor):
            port = Port(receives=(EnterRoom,))
            idle = State(initial=True)
            enter_room = idle.to(None)
            def on_enter_room(self):
                pass
        """,
    "guards in creation order": chart(
        "go = idle.to(busy, cond='count == 1') | idle.to(idle, cond='count == 2') | idle.to(None)",
        "back = Decision(busy.to(idle))",
    ),
}


@pytest.mark.parametrize("source", GOOD.values(), ids=GOOD)
def test_what_looks_similar_and_is_right_is_accepted(define: Callable[[str], ModuleType], source: str) -> None:
    assert issubclass(define(source).Role, Actor)
