"""The rules of docs/semantics.md that speak of time: when something may happen, and what it is told and leaves."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from switchover.models.language import (
    Actor,
    Between,
    Connection,
    Decision,
    DefinitionError,
    Endpoint,
    Faults,
    Latency,
    Message,
    Port,
    ReplayError,
    State,
    System,
    Task,
    TimedExecution,
    TimedState,
    Timer,
    Timing,
    Trace,
    make_timed_trace,
    parameter,
    replay_timed,
    stay,
    variable,
)
from switchover.models.language.execution import Action, ActionKind, is_disabled


class Ping(Message):
    """A message that says when it was sent, by its sender's clock."""

    sent_at: Annotated[int, Between(-20_000, 20_000)]


class Pong(Message):
    """The answer."""


class Caller(Actor):
    """Calls at its first alarm, and notes when the answer came, by its own clock."""

    limit: int = parameter(50)

    answered_at: int = variable(-1)
    gave_up_at: int = variable(-1)

    line = Port(sends=(Ping,), receives=(Pong,))

    idle = State(initial=True)
    waiting = State()

    alarm = Timer(idle.to(waiting))
    patience = Timer(waiting.to(idle))
    pong = waiting.to(idle) | stay(idle)

    def on_alarm(self) -> None:
        self.line.send(Ping(self.now))
        self.arm("patience", after=self.limit)

    def on_pong(self) -> None:
        self.answered_at = self.now
        self.disarm("patience")

    def on_patience(self) -> None:
        self.gave_up_at = self.now


class Answerer(Actor):
    """Answers when it is awake; asleep, it does not read. Its note is a task, done in no time."""

    sleeps: bool = parameter(False)

    heard: tuple[tuple[int, int], ...] = variable(())
    noted_at: int = variable(-1)

    line = Port(sends=(Pong,), receives=(Ping,))

    awake = State(initial=True)
    asleep = State()
    noting = State()

    ping = awake.to(noting)
    note = Task(noting.to(awake))
    wake = Timer(asleep.to(awake))
    doze = Decision(awake.to(asleep))

    def reads(self, endpoint: Endpoint) -> bool:
        return not self.is_in("asleep")

    def on_ping(self, message: Ping) -> None:
        self.heard = (*self.heard, (message.sent_at, self.now))

    def on_note(self) -> None:
        self.noted_at = self.now
        self.line.send(Pong())

    def on_doze(self) -> None:
        self.arm("wake", after=30)


EXACT: Mapping[str | tuple[str, str], Latency] = {"line": Latency.exactly(5)}


def call(timing: Timing | None = None, *, alarm: int = 10, limit: int = 50, callers: int = 1, **options: Any) -> System:
    """Callers, each with an answerer; nobody dozes unless the schedule says so."""
    return System(
        name="call",
        actors={
            "caller": [Caller(limit=limit, armed={"alarm": alarm + number}) for number in range(callers)],
            "answerer": [Answerer() for _ in range(callers)],
        },
        connections=tuple(
            Connection(
                "line" if not number else f"line_{number}",
                f"caller[{number}].line",
                f"answerer[{number}].line",
                established=True,
            )
            for number in range(callers)
        ),
        timing=timing or Timing(latencies=EXACT, schedule={}),
        **options,
    )


class Run:
    """A run of a timed system, one named action at a time."""

    def __init__(self, system: System) -> None:
        self.execution = TimedExecution(system)
        self.state = self.execution.initial()
        self.events: list[tuple[Action, int]] = []

    def possible(self) -> dict[tuple[str, int], list[int]]:
        """The times below 200 ms at which each action is enabled, by its kind and subject or name."""
        found: dict[tuple[str, int], list[int]] = {}
        for moment in self.execution.moments(self.state):
            action = moment.action
            times = [at for at in range(200) if self._is_enabled(action, at)]
            if times:
                found[(action.name or action.kind.value, action.end or action.subject)] = times
        return found

    def _is_enabled(self, action: Action, at: int) -> bool:
        if not self.execution.allows(self.state, action, at):
            return False
        return not is_disabled(action, self.execution.fire(self.state, action, at).firing)

    def do(self, *events: tuple[str, int]) -> Run:
        """Do each of these, at its time; a delivery is called ``deliver``."""
        for name, at in events:
            actions = [each.action for each in self.execution.moments(self.state)]
            named = [each for each in actions if name in (each.name, each.kind.value)]
            (action,) = [each for each in named if self._is_enabled(each, at)]
            after = self.execution.fire(self.state, action, at).state
            assert after is not None
            self.state = after
            self.events.append((action, at))
        return self

    def variable(self, actor: int, name: str) -> object:
        worker = self.execution.execution.layout.workers[actor]
        return dict(zip(type(worker)._variables, self.state.system.snapshots[actor].variables, strict=True))[name]


# Timers and latencies.


def test_a_timer_fires_when_it_is_due_and_at_no_other_time() -> None:
    run = Run(call())
    assert run.possible() == {("alarm", 0): [10]}
    assert run.do(("alarm", 10)).state.now == 10
    assert dict(run.state.deadlines[0]) == {"patience": 60}


def test_an_exact_latency_is_the_only_time_of_arrival() -> None:
    run = Run(call()).do(("alarm", 10))
    assert run.possible() == {("deliver", 1): [15]}


def test_a_ranged_latency_gives_every_time_between() -> None:
    run = Run(call(Timing(latencies={"line": Latency(2, 6)}, schedule={}))).do(("alarm", 10))
    assert run.possible()["deliver", 1] == [12, 13, 14, 15, 16]


def test_nothing_passes_what_is_due() -> None:
    unlimited = Timing(latencies={"line": Latency(2)}, schedule={})
    run = Run(call(unlimited, limit=4)).do(("alarm", 10))
    assert run.possible() == {("deliver", 1): [12, 13, 14], ("patience", 0): [14]}


def test_what_is_due_at_the_same_time_happens_in_either_order() -> None:
    run = Run(call(limit=5)).do(("alarm", 10))
    assert set(run.possible()) == {("deliver", 1), ("patience", 0)}
    first = Run(call(limit=5)).do(("alarm", 10), ("deliver", 15), ("patience", 15))
    second = Run(call(limit=5)).do(("alarm", 10), ("patience", 15), ("deliver", 15))
    assert first.state == second.state


def test_a_latency_may_be_that_of_one_direction() -> None:
    there: Mapping[str | tuple[str, str], Latency] = {
        ("line", "answerer[0]"): Latency.exactly(3),
        "line": Latency(7, 8),
    }
    run = Run(call(Timing(latencies=there, schedule={}))).do(("alarm", 10))
    assert run.possible() == {("deliver", 1): [13]}
    run.do(("deliver", 13), ("note", 13))
    assert run.possible() == {("deliver", 0): [20, 21]}


def test_a_message_without_a_latency_takes_any_time() -> None:
    run = Run(call(Timing(schedule={}), limit=999)).do(("alarm", 10))
    assert run.possible()["deliver", 1] == list(range(10, 200))


def test_messages_of_one_connection_stay_in_order() -> None:
    system = call(Timing(latencies={"line": Latency(0, 20)}, schedule={}), limit=5)
    run = Run(system).do(("alarm", 10))
    assert run.state.departures[0] == ((), (10,))
    run.do(("deliver", 12), ("note", 12))
    assert run.state.departures[0] == ((12,), ())


def test_to_arm_again_is_to_start_anew_and_to_disarm_is_to_stop() -> None:
    run = Run(call()).do(("alarm", 10), ("deliver", 15), ("note", 15), ("deliver", 20))
    assert run.state.deadlines == ((), ())
    assert run.possible() == {}

    class Restless(Actor):
        on = State(initial=True)
        slow = Timer(stay(on))
        quick = Timer(stay(on))

        def on_quick(self) -> None:
            self.arm("slow", after=100)

    again = Run(System("s", {"r": Restless(armed={"slow": 20, "quick": 7})}, timing=Timing()))
    assert again.possible() == {("quick", 0): [7]}
    assert again.do(("quick", 7)).possible() == {("slow", 0): [107]}


# Clocks.


def test_each_role_reads_its_own_clock() -> None:
    clocks = {"caller": 1000, "answerer": -3}
    timing = Timing(clocks=clocks, latencies=EXACT, schedule={})
    run = Run(call(timing)).do(("alarm", 10), ("deliver", 15), ("note", 15), ("deliver", 20))
    assert run.variable(1, "heard") == ((1010, 12),)
    assert run.variable(0, "answered_at") == 1020
    assert run.state.now == 20


def test_a_clock_is_that_of_all_members_of_a_role() -> None:
    timing = Timing(clocks={"caller": 100}, latencies={"line": Latency(0, 0), "line_1": Latency(0, 0)}, schedule={})
    run = Run(call(timing, callers=2)).do(("alarm", 10), ("deliver", 10), ("note", 10), ("deliver", 10), ("alarm", 11))
    run.do(("deliver", 11))
    assert run.variable(2, "heard") == ((110, 10),)
    assert run.variable(3, "heard") == ((111, 11),)


# Tasks, and what is not read.


def test_a_task_takes_no_time() -> None:
    run = Run(call()).do(("alarm", 10), ("deliver", 15))
    assert run.possible() == {("note", 1): [15]}
    assert run.do(("note", 15)).variable(1, "noted_at") == 15


DOZING = Timing(latencies=EXACT, schedule={("answerer[0]", "doze"): 12})


def test_what_has_arrived_unread_is_read_as_soon_as_it_can_be() -> None:
    run = Run(call(DOZING)).do(("alarm", 10), ("doze", 12))
    # The message arrives at 15, while nobody reads: the clock passes it by.
    assert run.possible() == {("wake", 1): [42]}
    assert run.do(("wake", 42)).possible() == {("deliver", 1): [42]}
    assert run.do(("deliver", 42)).variable(1, "heard") == ((10, 42),)


class Shy(Actor):
    """Takes a call only when its guard says so, although it reads; ``opens``: when that changes."""

    opens: int = parameter(15)

    willing: bool = variable(False)

    line = Port(sends=(Pong,), receives=(Ping,))

    on = State(initial=True)
    ping = stay(on, cond="is_willing")
    change = Timer(stay(on))

    def is_willing(self) -> bool:
        return self.willing

    def on_change(self) -> None:
        self.willing = True


@pytest.mark.parametrize(("opens", "possible"), [(15, {("change", 1)}), (16, set())])
def test_a_message_that_is_refused_holds_time_up(opens: int, possible: set[tuple[str, int]]) -> None:
    system = call()
    shy = dataclasses.replace(system, actors={**system.actors, "answerer": [Shy(opens=opens, armed={"change": opens})]})
    run = Run(shy).do(("alarm", 10))
    assert set(run.possible()) == possible
    if possible:
        assert set(run.do(("change", 15)).possible()) == {("deliver", 1)}


# Decisions.


def test_a_decision_without_a_schedule_may_be_taken_at_any_time_up_to_what_is_due() -> None:
    run = Run(call(Timing(latencies=EXACT)))
    assert run.possible() == {("alarm", 0): [10], ("doze", 1): list(range(11))}


def test_a_scheduled_decision_is_taken_once_at_its_time() -> None:
    run = Run(call(DOZING)).do(("alarm", 10))
    assert run.possible() == {("doze", 1): [12]}
    run.do(("doze", 12), ("wake", 42), ("deliver", 42), ("note", 42))
    assert ("doze", 1) not in run.possible()


def test_a_scheduled_decision_that_is_not_enabled_at_its_time_does_nothing() -> None:
    run = Run(call(Timing(latencies=EXACT, schedule={("answerer[0]", "doze"): 15}))).do(("alarm", 10), ("deliver", 15))
    action = Action(ActionKind.DECIDE, 1, 0, "doze")
    assert run.execution.allows(run.state, action, 15)
    after = run.execution.fire(run.state, action, 15)
    assert after.firing.steps == ()
    assert after.state == run.state._replace(deadlines=(run.state.deadlines[0], ()))


# Definition and run-time errors.


class NeedsTime(Actor):
    """Reads the time."""

    seen: int = variable(0)

    on = State(initial=True)
    look = Task(stay(on, cond="is_early"))

    def is_early(self) -> bool:
        return self.now < 3


class Plain(Actor):
    """Arms a timer without a duration."""

    after: int = parameter(0)

    on = State(initial=True)
    first = Timer(stay(on))
    second = Timer(stay(on))

    def on_first(self) -> None:
        if self.after:
            self.arm("second", after=self.after)
        else:
            self.arm("second")


def with_timing(**given: Any) -> Callable[[], object]:
    return lambda: call(Timing(**given))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (
            lambda: System("s", {"n": NeedsTime()}),
            "system s: n reads self.now, but the system is untimed",
        ),
        (with_timing(clocks={"calller": 1}), "system call: timing: clock of 'calller', which is no role"),
        (with_timing(clocks={"caller[0]": 1}), "system call: timing: clock of 'caller[0]', which is no role"),
        (
            with_timing(latencies={"lime": Latency(1)}),
            "system call: timing: latency of 'lime', which is no connection",
        ),
        (
            with_timing(latencies={("line", "nobody"): Latency(1)}),
            "system call: timing: latency of ('line', 'nobody'), which is no connection",
        ),
        (
            with_timing(schedule={("answerer[0]", "snooze"): 1}),
            "system call: timing: answerer[0].snooze is no decision of an actor",
        ),
        (
            with_timing(schedule={("answerer", "doze"): 1}),
            "system call: timing: answerer.doze is no decision of an actor",
        ),
        (lambda: call(faults=Faults(cut=1)), "system call: a timed system has no faults"),
    ],
)
def test_a_timing_that_cannot_be_given_a_meaning_is_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        make()
    assert str(caught.value) == text


def test_an_untimed_system_has_no_timed_runs() -> None:
    with pytest.raises(DefinitionError, match=r"^system s is untimed$"):
        TimedExecution(System("s", {"p": Plain()}))


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        (0, "p arms second without a duration, in a timed system"),
        (-5, "Plain arms second for -5 ms, which is in the past"),
    ],
)
def test_a_timer_needs_a_duration_that_is_not_negative(after: int, reason: str) -> None:
    execution = TimedExecution(System("s", {"p": Plain(after=after, armed={"first": 1})}, timing=Timing()))
    fired = execution.fire(execution.initial(), Action(ActionKind.TIMEOUT, 0, 0, "first"), 1)
    assert fired.state is None
    assert fired.firing.outcome.value == "error"
    assert reason in fired.firing.reason


# Traces.

WHOLE = (("alarm", 10), ("deliver", 15), ("note", 15), ("deliver", 20))


def recorded(system: System) -> tuple[Trace, TimedState]:
    return make_timed_trace(TimedExecution(system), Run(system).do(*WHOLE).events, {"x": 3})


def test_a_timed_run_survives_trace_json_and_replay() -> None:
    timing = Timing(clocks={"caller": 100}, latencies=EXACT, schedule={})
    trace, last = recorded(call(timing))
    loaded = Trace.from_json(json.loads(json.dumps(trace.to_json())))
    assert loaded == trace
    assert [each.at for each in loaded.steps] == [10, 15, 15, 20]
    assert dict(loaded.clocks) == {"caller[0]": 100, "answerer[0]": 0}
    assert dict(loaded.values) == {"x": 3}
    assert replay_timed(TimedExecution(call(timing)), loaded) == last


@given(
    number=st.integers(0, len(WHOLE) - 1),
    edit=st.sampled_from(["at", "message", "subject", "outcome", "parts", "no time"]),
    shift=st.integers(-20, 20),
)
@settings(max_examples=60)
def test_an_edited_trace_is_refused_at_its_place(number: int, edit: str, shift: int) -> None:
    trace, _ = recorded(call())
    step = trace.steps[number]
    changes: dict[str, Any] = {
        "at": {"at": (step.at or 0) + shift},
        "no time": {"at": None},
        "parts": {"parts": step.parts[1:]},
    }.get(edit, {edit: f"{getattr(step, edit, '')}x"})
    altered = dataclasses.replace(step, **changes)
    assume(altered != step)
    steps = (*trace.steps[:number], altered, *trace.steps[number + 1 :])
    with pytest.raises(ReplayError, match=rf"^step {number + 1}: "):
        replay_timed(TimedExecution(call()), dataclasses.replace(trace, steps=steps))


def test_an_action_at_a_time_at_which_it_cannot_happen_makes_no_trace() -> None:
    execution = TimedExecution(call())
    alarm = Action(ActionKind.TIMEOUT, 0, 0, "alarm")
    with pytest.raises(ReplayError, match=r"^step 1: timeout is not possible at 11 ms$"):
        make_timed_trace(execution, [(alarm, 11)])


# What does not depend on the clocks.


def ends(system: System) -> set[TimedState]:
    """Every state in which nothing more happens, of a system whose times are all exact."""
    execution = TimedExecution(system)
    pending, seen, found = [execution.initial()], set(), set()
    while pending:
        state = pending.pop()
        if state in seen:
            continue
        seen.add(state)
        following = [
            execution.fire(state, each.action, each.earliest).state
            for each in execution.moments(state)
            if execution.allows(state, each.action, each.earliest)
        ]
        after = [each for each in following if each is not None]
        pending += after
        if not after:
            found.add(state)
    return found


def relative(state: TimedState, system: System) -> tuple[object, ...]:
    """A final state of a call, its actors' times counted from what their clocks showed at the start."""
    offsets = system.clock_offsets()
    caller, answerer = (each.variables for each in state.system.snapshots)
    heard = tuple((sent - offsets[0], came - offsets[1]) for sent, came in answerer[0])
    own = tuple(each if each == -1 else each - offsets[0] for each in caller)
    return (state.now, own, heard, tuple(each.states for each in state.system.snapshots))


@given(
    shifts=st.tuples(st.integers(-10_000, -100) | st.integers(0, 10_000), st.integers(0, 10_000)),
    alarm=st.integers(0, 30),
    limit=st.integers(1, 40),
    delay=st.integers(0, 20),
    dozes=st.integers(0, 40),
)
@settings(max_examples=60)
def test_clocks_change_what_is_read_and_nothing_else(
    shifts: tuple[int, int], alarm: int, limit: int, delay: int, dozes: int
) -> None:
    def make(caller: int, answerer: int) -> System:
        latencies: dict[str | tuple[str, str], Latency] = {"line": Latency.exactly(delay)}
        clocks = {"caller": caller, "answerer": answerer}
        return call(Timing(clocks, latencies, {("answerer[0]", "doze"): dozes}), alarm=alarm, limit=limit)

    plain, shifted = make(0, 0), make(*shifts)
    assert {relative(each, plain) for each in ends(plain)} == {relative(each, shifted) for each in ends(shifted)}
