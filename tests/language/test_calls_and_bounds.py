"""The rules of docs/semantics.md on in-process calls, bounds, errors and eventless transitions."""

from __future__ import annotations

from typing import Annotated

import pytest
from example_charts import Client, Data, client_server, in_process
from runs import Run
from switchover.models.language import (
    Actor,
    Between,
    Binding,
    Bounds,
    Closed,
    Connection,
    Decision,
    Endpoint,
    Execution,
    HandlerError,
    Local,
    Lost,
    Port,
    State,
    System,
    parameter,
    variable,
)
from switchover.models.language.execution import CALL_LIMIT
from switchover.models.language.stepping import Decide, Outcome, Receive, port_masks, step

# In-process calls.


def test_a_local_call_and_its_answer_are_one_step() -> None:
    run = Run(in_process())
    firing = run.fire("call")
    assert [(part.actor, part.event) for part in firing.steps] == [
        (0, Decide("call")),
        (1, Receive(0, Data(2))),
        (0, Receive(0, firing.steps[2].event.message)),  # type: ignore[union-attr]
    ]
    run.do("call")
    assert (run.view("caller").answers, run.view("callee").last) == (1, 2)


def test_a_call_that_the_callee_refuses_is_an_error() -> None:
    class Picky(Actor):
        caller = Local(receives=(Data,))
        ready = State(initial=True)
        data = ready.to(None, cond="never")

        def never(self) -> bool:
            return False

    class Asker(Actor):
        callee = Local(sends=(Data,))
        idle = State(initial=True)
        ask = Decision(idle.to(None))

        def on_ask(self) -> None:
            self.callee.send(Data(1))

    run = Run(System("s", {"a": Asker(), "b": Picky()}, bindings=(Binding("a.callee", "b.caller"),)))
    firing = run.fire("ask")
    assert (firing.outcome, firing.state) == (Outcome.ERROR, None)
    assert firing.reason == "Picky in ready on data: refused by never"


def test_calls_without_end_are_an_error() -> None:
    class Echo(Actor):
        other = Local(receives=(Data,), sends=(Data,))
        ready = State(initial=True)
        data = ready.to(None)
        begin = Decision(ready.to(None))

        def on_data(self, message: Data) -> None:
            self.other.send(message)

        def on_begin(self) -> None:
            self.other.send(Data(0))

    system = System("s", {"a": Echo(), "b": Echo()}, bindings=(Binding("a.other", "b.other"),))
    firing = Run(system).fire("begin")
    assert firing.outcome is Outcome.ERROR
    assert firing.reason == f"more than {CALL_LIMIT} in-process calls set off by one action"


def test_outputs_go_out_in_order_each_with_what_it_sets_off() -> None:
    class Front(Actor):
        log: tuple[str, ...] = variable(())
        back = Local(receives=(Data,), sends=(Data,))
        idle = State(initial=True)
        data = idle.to(None)
        begin = Decision(idle.to(None))

        def on_begin(self) -> None:
            self.back.send(Data(1))
            self.back.send(Data(2))
            self.log = (*self.log, "begin")

        def on_data(self, message: Data) -> None:
            self.log = (*self.log, f"answer {message.number}")

    class Back(Actor):
        front = Local(receives=(Data,), sends=(Data,))
        idle = State(initial=True)
        data = idle.to(None)

        def on_data(self, message: Data) -> None:
            self.front.send(message)

    run = Run(System("s", {"a": Front(), "b": Back()}, bindings=(Binding("a.back", "b.front"),)))
    assert run.do("begin").view("a").log == ("begin", "answer 1", "answer 2")


# Bounds and errors.


class Flooder(Actor):
    line = Port(sends=(Data,))
    idle = State(initial=True)
    more = Decision(idle.to(None))

    def on_more(self) -> None:
        self.line.send(Data(1))


class Sink(Actor):
    line = Port(receives=(Data,))
    idle = State(initial=True)
    data = idle.to(None)


def test_a_full_queue_disables_the_step_and_is_a_bound_hit() -> None:
    connections = (Connection("c", "a.line", "b.line", True),)
    run = Run(System("s", {"a": Flooder(), "b": Sink()}, connections, bounds=Bounds(queue=2))).do("more", "more")
    firing = run.fire("more")
    assert (firing.outcome, firing.state, firing.bound) == (Outcome.REFUSED, None, "queue")
    assert firing.reason == "queue bound at connection c"
    run.do("Data(1) to b")
    assert run.fire("more").state is not None


def test_opening_a_slot_that_is_not_free_is_a_bound_hit() -> None:
    run = Run(client_server()).do("start", "Opened to server", "Hello to server", "Hello to client", "stop")
    firing = run.fire("start")
    assert (firing.outcome, firing.bound) == (Outcome.REFUSED, "slot")
    assert run.do("Bye to server", "Closed to server").fire("start").state is not None


ERRORS = {
    "raise ValueError('two\\nlines')": "ValueError: two lines",
    "self.count = 9": "HandlerError: Bad.count: 9 is outside 0 to 3",
    "setattr(self, 'total', 1)": "HandlerError: Bad.total is not declared: total: bool = variable(False)",
    "setattr(self, '_total', 1)": "HandlerError: Bad._total is not declared: _total: bool = variable(False)",
    "setattr(self, 'fixed', 1)": "HandlerError: Bad.fixed is a parameter: the variant fixes it",
    "self.line.send(Data(1))": "HandlerError: Bad sends Data(1) on line, which is not open at this end",
    "self.line.send(Lost())": "HandlerError: Bad.line does not declare that it sends Lost",
    "self.line.close()": "HandlerError: Bad closes line, which is not open at this end",
    "self.line.open() or self.line.open()": "HandlerError: Bad opens line, which is open already",
    "self.near.open()": "HandlerError: Bad opens near, which is Local: it is open always",
    "self.near.close()": "HandlerError: Bad closes near, which is Local: it is open always",
    "self.arm('limt')": "HandlerError: Bad has no timer 'limt'",
    "self.is_in('idel')": "HandlerError: Bad has no state 'idel'; it has idle",
    "self.origin": "HandlerError: Bad: self.origin exists only while a message is handled",
    "Data(7)": "ValueError: Data.number: 7 is outside 0 to 3",
}


@pytest.mark.parametrize(("statement", "reason"), ERRORS.items())
@pytest.mark.parametrize("reference", [False, True])
def test_an_exception_is_an_error_whose_effects_are_discarded(statement: str, reason: str, reference: bool) -> None:
    scope: dict[str, object] = {"Data": Data, "Lost": Lost}
    exec(f"def on_act(self):\n    self.count = 1\n    {statement}", scope)
    namespace = {
        "__module__": __name__,
        "__annotations__": {"count": Annotated[int, Between(0, 3)], "fixed": bool},
        "count": variable(0),
        "fixed": parameter(False),
        "line": Port(sends=(Data,)),
        "near": Local(sends=(Data,)),
        "idle": (idle := State(initial=True)),
        "act": Decision(idle.to(None)),
        "on_act": scope["on_act"],
    }
    execution = Execution(System("s", {"bad": type(Actor)("Bad", (Actor,), namespace)()}), reference=reference)
    ((_, firing),) = execution.firings(execution.initial())
    assert (firing.outcome, firing.state) == (Outcome.ERROR, None)
    assert firing.reason == f"Bad in idle on act: {reason}"
    assert firing.steps[0].result.snapshot == execution.initial().snapshots[0]


def test_sending_where_nothing_is_connected_is_an_error() -> None:
    execution = Execution(System("s", {"client": Client()}))
    ((_, firing),) = execution.firings(execution.initial())
    assert firing.outcome is Outcome.ERROR
    assert firing.reason == "client.server is not connected to anything"


def test_a_broken_reads_is_told_in_one_line() -> None:
    class Broken(Actor):
        line = Port(receives=(Data,))
        idle = State(initial=True)
        data = idle.to(None)

        def reads(self, port: Endpoint) -> bool:
            return [][1]  # type: ignore[no-any-return]

    with pytest.raises(HandlerError, match=r"^Broken in idle: reads or listens\(line\): IndexError: list index out of"):
        port_masks(Broken(), Broken()._initial_snapshot)


# Eventless transitions.


def test_eventless_transitions_run_until_none_is_enabled_within_the_step() -> None:
    class Chain(Actor):
        left: int = variable(3)
        idle = State(initial=True)
        running = State()
        over = State()
        begin = Decision(idle.to(running))
        running.to(None, cond="left > 0", on="count_down")
        running.to(over, cond="left == 0")

        def count_down(self) -> None:
            self.left -= 1

    actor = Chain()
    result = step(actor, actor._initial_snapshot, Decide("begin"))
    assert result.snapshot.states == ("over",)
    assert len(result.transitions) == 5


def test_what_an_input_enables_by_itself_is_taken_before_the_input_is_offered() -> None:
    class Watcher(Actor):
        line = Port()
        linked = State(initial=True)
        apart = State()
        line_closed = apart.to(None)
        linked.to(apart, cond="is_cut")

        def is_cut(self) -> bool:
            return not self.line.is_open

    actor = Watcher(start_in="apart")
    open_and_linked = actor._initial_snapshot._replace(states=("linked",), open_ports=(True,))
    result = step(actor, open_and_linked, Receive(0, Closed()))
    assert result.outcome is Outcome.HANDLED
    assert result.snapshot.states == ("apart",)
    assert len(result.transitions) == 2
