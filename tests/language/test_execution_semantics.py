"""The rules of docs/semantics.md that speak of a whole system: what is enabled, and what an action does."""

from __future__ import annotations

from example_charts import Client, Data, Server, client_server, frozen_reader, in_process
from runs import Run, every_state
from switchover.models.language import (
    Actor,
    Connection,
    Decision,
    Endpoint,
    Execution,
    Faults,
    Lost,
    Message,
    Opened,
    Port,
    Refused,
    State,
    System,
    Task,
    Timer,
    variable,
)
from switchover.models.language.execution import Action, ActionKind
from switchover.models.language.snapshot import is_crashed
from switchover.models.language.stepping import Decide, Expire, Outcome, Receive, step

# Delivery.


def test_a_connection_opens_is_used_and_closes() -> None:
    run = Run(client_server()).do("start")
    assert run.state.connections[0].queues == ((), (Opened(), run.state.connections[0].queues[1][1]))
    assert run.enabled() == {"Opened to server"}  # the head only
    run.do("Opened to server", "Hello to server", "Hello to client", "stop")
    assert run.view("client").is_in("idle")
    run.do("Bye to server", "Closed to server")
    assert run.state.connections[0].is_free
    assert run.enabled() == {"start"}


def test_a_peer_that_does_not_listen_refuses() -> None:
    run = Run(client_server(deaf=True)).do("start", "Opened to server")
    assert run.state.connections[0].queues == ((Refused(),), ())
    assert run.fire("Refused to client").steps[0].event == Receive(0, Refused())
    assert run.do("Refused to client").view("client").is_in("idle")


def test_closing_drops_what_was_on_its_way_to_the_closer() -> None:
    run = Run(client_server()).do("start", "Opened to server", "Hello to server", "Hello to client", "talk")
    run.do("Data(1) to server", "stop")
    assert run.state.connections[0].queues[0] == ()
    assert [type(each).__name__ for each in run.state.connections[0].queues[1]] == ["Bye", "Closed"]


def test_refused_by_every_guard_leaves_the_head_in_its_queue() -> None:
    run = Run(frozen_reader(limit=0)).do("write", "unfreeze")
    action = Action(ActionKind.DELIVER, 0, 1)
    assert action in run.execution.candidates(run.state)
    assert run.execution.fire(run.state, action).outcome is Outcome.REFUSED
    assert run.execution.fire(run.state, action).reason == "Reader in reading on data: refused by fits"
    assert run.enabled() == set()
    assert run.state.connections[0].head(1) == Data(1)


def test_what_is_not_read_stays_at_the_head_and_is_neither_unexpected_nor_ignored() -> None:
    run = Run(frozen_reader()).do("write")
    assert run.enabled() == {"unfreeze"}
    assert run.execution.is_quiescent(run.firings())
    assert run.do("unfreeze").enabled() == {"Data(1) to reader"}
    run.do("Data(1) to reader")
    assert run.state.connections[0].head(1) is None


def test_a_message_without_a_transition_is_unexpected() -> None:
    server = Server()
    result = step(server, server._initial_snapshot, Receive(0, Data(1)))
    assert result.outcome is Outcome.UNEXPECTED
    assert result.reason == "Server in idle on data: no transition"
    assert result.snapshot == server._initial_snapshot


def test_an_undeclared_connection_event_is_taken_in_silence() -> None:
    server = Server()
    opened = step(server, server._initial_snapshot, Receive(0, Opened()))
    assert opened.outcome is Outcome.HANDLED
    assert opened.snapshot == server._initial_snapshot._replace(open_ports=(True,))
    assert opened.transitions == ()


def test_a_waiting_peer_is_neither_accepted_nor_refused() -> None:
    class Slow(Actor):
        client = Port(receives=(), sends=())
        asleep = State(initial=True)
        awake = State()
        wake = Decision(asleep.to(awake))

        def listens(self, port: Endpoint) -> bool | None:
            return True if self.is_in("awake") else None

    class Caller(Actor):
        line = Port()
        idle = State(initial=True)
        waiting = State()
        linked = State()
        dial = Decision(idle.to(waiting))
        line_opened = waiting.to(linked)

        def on_dial(self) -> None:
            self.line.open()

    run = Run(System("s", {"a": Caller(), "b": Slow()}, (Connection("c", "a.line", "b.client"),))).do("dial")
    assert run.enabled() == {"wake"}
    run.do("wake", "Opened to b")
    assert run.state.connections[0].open_ends == (True, True)
    assert run.enabled() == {"Opened to a"}  # told, because its chart declares line_opened
    assert run.do("Opened to a").view("a").is_in("linked")


def test_messages_of_two_connections_have_no_order() -> None:
    class Pair(Actor):
        one = Port(sends=(Data,))
        two = Port(sends=(Data,))
        idle = State(initial=True)
        over = State()
        send_both = Decision(idle.to(over))

        def on_send_both(self) -> None:
            self.one.send(Data(1))
            self.two.send(Data(2))

    class Sink(Actor):
        line = Port(receives=(Data,), count=2)
        last: int = variable(0)
        idle = State(initial=True)
        data = idle.to(None)

        def on_data(self, message: Data) -> None:
            self.last = message.number * 10 + self.origin.index

    connections = (Connection("x", "a.one", "b.line[0]", True), Connection("y", "a.two", "b.line[1]", True))
    run = Run(System("s", {"a": Pair(), "b": Sink()}, connections)).do("send_both")
    assert run.enabled() == {"Data(1) to b", "Data(2) to b"}
    assert run.do("Data(2) to b").view("b").last == 21


# Decisions, tasks, timers, quiescence.


class Worker(Actor):
    """Has a task, a decision and a timer."""

    idle = State(initial=True)
    working = State()
    late = State()
    begin = Decision(idle.to(working))
    finish = Task(working.to(idle))
    limit = Timer(working.to(late) | idle.to(late))
    again = Decision(late.to(idle))

    def on_begin(self) -> None:
        self.arm("limit")

    def on_finish(self) -> None:
        self.disarm("limit")


def test_a_timer_is_slow_it_fires_only_when_no_delivery_and_no_task_is_enabled() -> None:
    run = Run(System("s", {"worker": Worker()})).do("begin")
    assert run.enabled() == {"finish"}
    calm = Run(client_server()).do("start", "Opened to server", "Hello to server")
    assert "give_up" not in calm.enabled()
    calm.do("Hello to client")
    assert not calm.view("client").is_armed("give_up")


def test_a_timer_fires_when_nothing_that_is_read_can_be_delivered() -> None:
    class Deaf(Actor):
        client = Port(receives=(Data,))
        idle = State(initial=True)
        data = idle.to(None)

        def reads(self, port: Endpoint) -> bool:
            return False

    class Sender(Actor):
        line = Port(sends=(Data,))
        idle = State(initial=True)
        sent = State()
        over = State()
        begin = Decision(idle.to(sent))
        limit = Timer(sent.to(over))

        def on_begin(self) -> None:
            self.line.send(Data(1))
            self.arm("limit")

    run = Run(System("s", {"a": Sender(), "b": Deaf()}, (Connection("c", "a.line", "b.client", True),))).do("begin")
    assert run.enabled() == {"limit"}
    assert not run.execution.is_quiescent(run.firings())
    assert run.do("limit").state.snapshots[0].timers == ()
    assert run.execution.is_quiescent(run.firings())


def test_a_timer_that_fires_is_no_longer_armed() -> None:
    actor = Worker()
    armed = step(actor, actor._initial_snapshot, Decide("begin")).snapshot
    assert armed.timers == ("limit",)
    fired = step(actor, armed, Expire("limit"))
    assert fired.snapshot.timers == ()


def test_an_early_timer_is_a_fault_with_a_budget() -> None:
    run = Run(System("s", {"worker": Worker()}, faults=Faults(early=1))).do("begin")
    assert run.enabled() == {"finish", "early limit"}
    run.do("early limit", "again", "begin")
    assert run.state.budgets.early == 0
    assert run.enabled() == {"finish"}


def test_a_decision_is_no_work_and_a_task_is() -> None:
    run = Run(System("s", {"worker": Worker()}))
    assert run.enabled() == {"begin"}
    assert run.execution.is_quiescent(run.firings())
    run.do("begin")
    assert not run.execution.is_quiescent(run.firings())


def test_a_decision_or_task_without_a_transition_here_is_not_enabled() -> None:
    run = Run(System("s", {"worker": Worker()}))
    assert Action(ActionKind.TASK, 0, 0, "finish") in run.execution.candidates(run.state)
    assert "finish" not in run.enabled()


def test_nothing_is_expected_after_a_final_state() -> None:
    class Short(Actor):
        idle = State(initial=True)
        over = State(final=True)
        end = Decision(idle.to(over))

    actor = Short(start_in="over")
    result = step(actor, actor._initial_snapshot, Decide("end"))
    assert (result.outcome, result.reason) == (Outcome.UNEXPECTED, "Short in over on end: the state is final")


# Faults.


def test_a_cut_spends_its_budget_and_may_be_limited_to_some_connections() -> None:
    run = Run(client_server(faults=Faults(cut=1))).do("start", "Opened to server", "cut main")
    assert run.state.connections[0].queues == ((Lost(),), (Lost(),))
    assert not any(name.startswith("cut") for name in run.enabled())
    assert run.do("Lost to client", "Lost to server").state.connections[0].is_free
    with_none = Run(System("s", {"a": Client(), "b": Server()}, (Connection("x", "a.server", "b.client"),)))
    assert "cut x" not in with_none.do("start").enabled()


def test_a_crash_ends_every_connection_of_the_process_and_a_restart_begins_anew() -> None:
    faults = Faults(crash=1, crash_processes=("client_host",), restart=1)
    run = Run(client_server(faults=faults)).do("start", "Opened to server", "crash client_host")
    assert is_crashed(run.state.snapshots[0])
    assert run.view("client").state == "crashed"
    assert run.view("client").is_in("crashed")
    assert not run.view("client").is_in("idle")
    assert run.state.connections[0].queues == ((), (Lost(),))
    run.do("Lost to server", "restart client_host")
    assert run.state.snapshots[0] == run.execution.initial().snapshots[0]
    assert run.enabled() == {"start"}


def test_a_crashed_actor_refuses_and_decides_nothing() -> None:
    run = Run(client_server(faults=Faults(crash=1, crash_processes=("server_host",)))).do("crash server_host", "start")
    assert run.enabled() == {"Opened to server"}
    assert run.do("Opened to server").enabled() == {"Refused to client"}


def test_an_in_process_call_to_a_crashed_actor_goes_nowhere() -> None:
    made = in_process()
    system = System(
        "s",
        made.actors,
        bindings=made.bindings,
        processes={"one": ("caller",), "two": ("callee",)},
        faults=Faults(crash=1, crash_processes=("two",)),
    )
    run = Run(system).do("crash two", "call")
    assert run.view("caller").is_in("calling")


# Agreement with the walk.


def test_two_executions_of_one_system_start_alike() -> None:
    system = client_server()
    first = Run(system).do("start", "Opened to server")
    assert Execution(system).initial() == Execution(client_server()).initial()
    assert first.state != Execution(system).initial()


def test_no_delivery_is_lost_to_a_walk() -> None:
    faults = Faults(cut=1, crash=1, restart=1)
    for run, firings in every_state(client_server(faults=faults)):
        kinds = {action.kind for action, _ in firings}
        if ActionKind.TIMEOUT in kinds:
            assert kinds.isdisjoint({ActionKind.DELIVER, ActionKind.TASK})
        for number, connection in enumerate(run.state.connections):
            for end, (actor, port) in enumerate(run.execution.layout.ends[number]):
                snapshot = run.state.snapshots[actor]
                assert snapshot.open_ports[port] == connection.open_ends[end]
                if isinstance(connection.head(end), Message):
                    assert Action(ActionKind.DELIVER, number, end) in {action for action, _ in firings}
