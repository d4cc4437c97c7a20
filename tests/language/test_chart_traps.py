"""The traps of python-statemachine (facts: charts, T1 to T15) and what the language leaves out of it are refused.

Each case is a class as an author might write it, and the one line that it gets: class, attribute, reason.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest
from example_charts import Client
from switchover.models.language import Actor, DefinitionError
from written_classes import chart, in_handler, plain

TRAPS = {
    "T1 internal": (
        plain("again = Decision(idle.to(idle, internal=True))"),
        "Role: idle → idle on again: internal=True is not supported; write idle.to(None)",
    ),
    "T2 errors as events": (plain("catch_errors_as_events = True"), "Role.catch_errors_as_events: the name is taken"),
    "T3 swallow": (
        plain("allow_event_without_transition = True"),
        "Role.allow_event_without_transition: the name is taken by the library",
    ),
    "T3 send": (in_handler("self.send('back')"), "Role.on_go: self.send() is the library's; use self.<port>.send(…)"),
    "T3 raise": (in_handler("self.raise_('back')"), "Role.on_go: self.raise_() is the library's"),
    "T3 event": (in_handler("self.back()"), "Role.on_go: self.back: an event is caused from outside; call a method"),
    "T6 source": (
        "class Role(Base):\n    def on_go(self, source):\n        pass\n",
        "Role.on_go: takes (self) or (self, message), not source; the library would pass its own",
    ),
    "T6 several": (
        "class Role(Base):\n    def on_go(self, message, number):\n        pass\n",
        "Role.on_go: takes (self) or (self, message), not number",
    ),
    "T7 variable": (plain("name: str = variable('')"), "Role.name: the name is taken by the library; choose another"),
    "T7 state": (plain("model = State()"), "Role.model: the name is taken by the library; choose another"),
    "T7 event": (plain("send = Decision(busy.to(None))"), "Role.send: the name is taken by the library"),
    "T7 method": (plain("def configuration(self):", "    pass"), "Role.configuration: the name is taken"),
    "T7 language": (plain("arm: bool = variable(False)"), "Role.arm: the name is taken by the library"),
    "T7 internals": (plain("_values: bool = variable(False)"), "Role._values: the name is taken by the library"),
    "T7 helper": (plain("def _record_send(self):", "    pass"), "Role._record_send: the name is taken"),
    "T7 view": (plain("state: bool = variable(False)"), "Role.state: the name is taken by the library"),
    "T7 crashed": (
        plain("crashed = State()", "fall = Decision(idle.to(crashed))"),
        "Role.crashed: the name is taken by the library",
    ),
    "T7 nested": (
        plain("class box(State.Compound):", "    configuration = State()", "pack = Decision(idle.to(box))"),
        "Role.configuration: the name is taken by the library",
    ),
    "T7 nested method": (
        plain(
            "class box(State.Compound):",
            "    help = State()",
            "pack = Decision(idle.to(box))",
            "def help(self):",
            "    pass",
        ),
        "Role.help: the class has another attribute of this name; rename one",
    ),
    "T7 two states": (
        plain(
            "class box(State.Compound):",
            "    one = State()",
            "class bag(State.Compound):",
            "    one = State()",
            "pack = Decision(idle.to(box, cond='flag') | idle.to(bag))",
        ),
        "Role.one: two states have this name",
    ),
    "T7 constructor": (plain("def __init__(self):", "    pass"), "Role.__init__: an actor has none"),
    "T7 hook": (
        plain("on_go: bool = variable(False)"),
        "Role.on_go: the library takes it for a handler of event go; rename",
    ),
    "T7 hook state": (
        plain("on_back = State()", "turn = Decision(idle.to(on_back))"),
        "Role.on_back: the library takes it for a handler of event back; rename",
    ),
    "T7 static hook": (
        plain("on_go = staticmethod(print)"),
        "Role.on_go: the library takes it for a handler of event go; rename",
    ),
    "T7 enter": (
        plain("enter_busy = Decision(idle.to(busy))"),
        "Role.enter_busy: on_enter_busy would be taken for state busy's; rename it",
    ),
    "T7 generic hook": (plain("def on_transition(self):", "    pass"), "Role.on_transition: the name is taken"),
    "T7 prepare": (plain("def prepare_event(self):", "    pass"), "Role.prepare_event: the name is taken"),
    "T7 listeners": (plain("listeners = [print]"), "Role.listeners: the name is taken by the library"),
    "T7 done": (
        """
        class Role(Actor):
            port = Port(receives=(Done,))
            class box(State.Compound, initial=True):
                one = State(initial=True)
                last = State(final=True)
                step = one.to(last)
            done = box.to(None)
            step_on = Decision(box.one.to(box.last))
        """.replace("                step = one.to(last)\n", ""),
        "Role.done: the library would take it for the end of a compound; rename it",
    ),
    "T8 v": (
        chart("go = idle.to(busy, cond='flag v count')"),
        "Role: idle → busy on go [flag v count]: guard 'flag v count': python-statemachine reads v as or",
    ),
    "T8 ^": (chart("go = idle.to(busy, cond='flag ^ flag')"), "Role: idle → busy on go [flag ^ flag]: guard"),
    "T8 !": (chart("go = idle.to(busy, cond='!flag')"), "Role: idle → busy on go [!flag]: guard '!flag': python-st"),
    "T8 attribute": (
        chart("go = idle.to(busy, cond='flag.real')"),
        "Role: idle → busy on go [flag.real]: guard 'flag.real': a string may compare and combine variables",
    ),
    "T8 arithmetic": (chart("go = idle.to(busy, cond='count + 1 > 2')"), "Role: idle → busy on go [count + 1 > 2]: gu"),
    "T8 negative": (chart("go = idle.to(busy, cond='count > -1')"), "Role: idle → busy on go [count > -1]: guard"),
    "T8 in": (chart("go = idle.to(busy, cond='count in flag')"), "Role: idle → busy on go [count in flag]: guard"),
    "T8 call": (chart("go = idle.to(busy, cond='In(idle)')"), "Role: idle → busy on go [In(idle)]: guard 'In(idle)'"),
    "T8 unknown": (
        chart("go = idle.to(busy, cond='flog')"),
        "Role: idle → busy on go [flog]: guard 'flog': Role has no method or variable 'flog'",
    ),
    "T8 syntax": (
        chart("go = idle.to(busy, cond='flag and')"),
        "Role: idle → busy on go [flag and]: guard 'flag and' is no expression",
    ),
    "T8 function": (
        chart("go = idle.to(busy, cond=lambda: True)"),
        "Role: idle → busy on go [<lambda>]: name a guard by its method, as a string",
    ),
    "T9 on": (plain("def on_gone(self):", "    pass"), "Role.on_gone: there is no event 'gone', so this would never"),
    "T9 on_enter": (
        plain("def on_enter_bussy(self):", "    pass"),
        "Role.on_enter_bussy: there is no state 'bussy', so this would never run",
    ),
    "T9 on_exit": (plain("def on_exit_go(self):", "    pass"), "Role.on_exit_go: there is no state 'go', so this"),
    "T9 before": (
        plain("def before_go(self):", "    pass"),
        "Role.before_go: before_ handlers are not supported; use on_go",
    ),
    "T9 after": (plain("def after_go(self):", "    pass"), "Role.after_go: after_ handlers are not supported; use on"),
    "T9 event": (
        plain("gone = busy.to(idle)"),
        "Role.gone: no port receives such a message, and it is no connection event, Decision, Task or Timer",
    ),
    "T9 named": (
        chart("go = idle.to(busy, on='misspelt')"),
        "Role: idle → busy on go: there is no method 'misspelt'",
    ),
    "T10 async": (
        plain("async def on_go(self):", "    pass"),
        "Role.on_go: handlers are plain functions, not async and not generators",
    ),
    "T10 async helper": (
        plain("async def helper(self):", "    pass"),
        "Role.helper: handlers are plain functions, not async and not generators",
    ),
    "T10 generator": (plain("def on_go(self):", "    yield"), "Role.on_go: handlers are plain functions, not async"),
    "T10 arguments": (plain("def on_go(self, *args):", "    pass"), "Role.on_go: takes (self) or (self, message)"),
    "T10 keyword": (plain("def on_go(self, *, message):", "    pass"), "Role.on_go: takes (self) or (self, message)"),
    "T10 guard": (
        chart("go = idle.to(busy, cond='fine')", "def fine(self, event):", "    return True"),
        "Role.fine: takes (self) or (self, message), not event; the library would pass its own",
    ),
    "T11 inherited": (
        "class Role(Base):\n    more = State()\n    far = Decision(Base.busy.to(more))\n",
        "Role: adds a transition to Base.busy, which would change Base too; override a guard or a handler",
    ),
    "T12 order": (
        chart(
            "last = busy.to(idle)",
            "go = idle.to(busy, cond='flag')",
            "second = idle.to(idle, cond='count == 1')",
            "first = idle.to(busy, cond='count == 2')",
            "choose = Decision(first | second)",
        ),
        "Role.choose: the library tries transitions as created; write them in that order",
    ),
    "T12 never taken": (
        chart("go = idle.to(busy) | idle.to(idle, cond='flag')"),
        "Role: idle → idle on go [flag]: never taken, an unguarded transition for go precedes",
    ),
    "T14 delay": (
        plain("late = Decision(busy.to(idle), delay=5)"),
        "Role.late: delay and internal events are not supported; use a Timer",
    ),
    "T15 trap states": (plain("validate_trap_states = True"), "Role.validate_trap_states: the name is taken"),
}

UNSUPPORTED = {
    "parallel": (
        plain(
            "class both(State.Parallel):", "    one = State()", "    two = State()", "split = Decision(idle.to(both))"
        ),
        "Role.both: parallel states are not supported; make two actors",
    ),
    "history": (
        plain(
            "class box(State.Compound):",
            "    one = State(initial=True)",
            "    past = HistoryState()",
            "return_ = Decision(idle.to(box.past))",
        ),
        "Role.box: history states are not supported; keep a variable",
    ),
    "invoke": (
        plain("loud = State(invoke='work')", "shout = Decision(idle.to(loud))", "def work(self):", "    pass"),
        "Role.loud: invoke is not supported; use a Task",
    ),
    "on_invoke": (
        plain("def on_invoke_busy(self):", "    pass"),
        "Role.on_invoke_busy: on_invoke_ handlers are not supported",
    ),
    "state value": (
        plain("three = State(value=3)", "count_on = Decision(idle.to(three))"),
        "Role.three: value=3 is not supported; a state is known by its name",
    ),
    "before=": (
        chart("go = idle.to(busy, before='help')", "def help(self):", "    pass"),
        "Role: idle → busy on go: before= is not supported; use cond= and on=",
    ),
    "after=": (
        chart("go = idle.to(busy, after='help')", "def help(self):", "    pass"),
        "Role: idle → busy on go: after= is not supported; use cond= and on=",
    ),
    "validators=": (
        chart("go = idle.to(busy, validators='help')", "def help(self):", "    pass"),
        "Role: idle → busy on go: validator= is not supported; use cond= and on=",
    ),
    "on=function": (
        chart("go = idle.to(busy, on=lambda: None)"),
        "Role: idle → busy on go: on=: name a handler by its method, as a string",
    ),
    "enter=function": (
        plain("loud = State(enter=lambda: None)", "shout = Decision(idle.to(loud))"),
        "Role.loud: name a handler by its method, as a string",
    ),
    "error event": (plain("error_x = Decision(idle.to(busy))"), "Role.error_x: an event's name must not begin with"),
    "eventless message": (
        plain("busy.to(idle, cond='fine')", "def fine(self, message):", "    return True"),
        "Role.fine: takes a message, but busy → idle on no event [fine] has none",
    ),
    "guard writes": (
        chart("go = idle.to(busy, cond='fine')", "def fine(self):", "    self.flag = True", "    return True"),
        "Role.fine: writes 'flag'; a guard only looks",
    ),
    "guard sends": (
        chart("go = idle.to(busy, cond='fine')", "def fine(self):", "    self.port.send(Done())", "    return True"),
        "Role.fine: calls send; a guard only looks",
    ),
    "reads writes": (plain("def reads(self, port):", "    self.flag = True"), "Role.reads: writes 'flag'; a guard onl"),
    "library's own": (in_handler("self.configuration"), "Role.on_go: self.configuration is the library's own"),
    "its dictionary": (in_handler("self.__dict__['x'] = 1"), "Role.on_go: self.__dict__ is the library's own"),
    "two kinds": (
        plain("late = Timer(busy.to(idle))", "class _(Message): pass").replace("_(Message)", "Late(Message)")
        + "\n        more = Port(receives=(Late,))\n",
        "Role.late: is a Timer, and a message of a port as well",
    ),
    "unreachable": (plain("island = State()"), "Role.island: no transition leads to it or from it"),
    "end states": (plain("end_states = ('idel',)"), "Role.end_states: there is no state 'idel'"),
}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        pytest.param(source, text, id=f"{group}: {name}")
        for group, cases in {
            "trap": TRAPS,
            "unsupported": UNSUPPORTED,
        }.items()
        for name, (source, text) in cases.items()
    ],
)
def test_a_class_is_refused_in_one_line(define: Callable[[str], ModuleType], source: str, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        define(source)
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)


def test_a_refused_subclass_leaves_its_base_as_it_was() -> None:
    before = len(Client.up.transitions)
    with pytest.raises(DefinitionError, match=r"^Role: adds a transition to Client\.up"):
        type(Actor)("Role", (Client,), {"__module__": __name__, "far": Client.up.to(Client.idle)})
    assert len(Client.up.transitions) == before


def test_classes_of_one_name_in_two_modules_keep_their_own_signatures(define: Callable[[str], ModuleType]) -> None:
    first = define("class Role(Base):\n    def on_go(self):\n        message = 1\n        self.count = message\n")
    second = define("class Role(Base):\n    def on_go(self, message):\n        self.count = message.number\n")
    for module, count in ((first, 1), (second, 3), (first, 1)):
        actor = module.Role()
        actor.go(message=module.Go(3))
        assert actor.count == count
