"""Turns a run into a Trace, and a Trace back into a run through the live actors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from .actor import Arm, Close, Disarm, Open, Output
from .execution import Action, ActionKind, Execution, Firing, GlobalState
from .stepping import Decide, Expire, Input, Outcome, Snapshot
from .timed import TimedExecution, TimedState
from .verdict import Change, Flight, Part, Trace, TraceStep


class ReplayError(Exception):
    """A trace is not a run of this system: which step, what was expected, what is possible."""


def make_trace(execution: Execution, actions: Iterable[Action]) -> Trace:
    """Run ``actions`` from the initial state. Only the last may fail to have a successor."""
    state: GlobalState | None = execution.initial()
    steps: list[TraceStep] = []
    for action in actions:
        if state is None:
            raise ReplayError(f"step {len(steps) + 1}: the run ended at the step before")
        firing = execution.fire(state, action)
        steps.append(trace_step(execution, state, action, firing))
        state = firing.state
    return Trace(execution.system.name, tuple(execution.layout.actor_names), tuple(steps))


def make_timed_trace(
    execution: TimedExecution, moments: Iterable[tuple[Action, int]], values: Mapping[str, int] | None = None
) -> tuple[Trace, TimedState]:
    """Run actions, each at its time, from the initial state; returns the last state too.

    Only the last may fail to have a successor. Raises ReplayError for an action at a time at which it cannot happen.
    """
    state = execution.initial()
    steps: list[TraceStep] = []
    for action, at in moments:
        if not execution.allows(state, action, at):
            raise ReplayError(f"step {len(steps) + 1}: {action.kind.value} is not possible at {at} ms")
        fired = execution.fire(state, action, at)
        step = trace_step(execution.execution, state.system, action, fired.firing)
        steps.append(replace(step, at=at))
        state = fired.state or state
    names = execution.execution.layout.actor_names
    clocks = dict(zip(names, execution.system.clock_offsets(), strict=True))
    return Trace(execution.system.name, tuple(names), tuple(steps), dict(values or {}), clocks), state


def replay_timed(execution: TimedExecution, trace: Trace) -> TimedState:
    """Run a timed trace through the live actors, checking every step; returns the state that it ends in.

    Raises ReplayError when it is no run of the system.
    """
    state = execution.initial()
    for number, expected in enumerate(trace.steps, start=1):
        at = expected.at
        if at is None:
            raise ReplayError(f"step {number}: says no time, in a timed system")
        actions = [each.action for each in execution.moments(state) if execution.allows(state, each.action, at)]
        for action in actions:
            fired = execution.fire(state, action, at)
            if replace(trace_step(execution.execution, state.system, action, fired.firing), at=at) == expected:
                break
        else:
            raise ReplayError(f"step {number}: {expected.kind} {expected.message} at {at} ms is not possible")
        state = fired.state or state
    return state


def trace_step(execution: Execution, state: GlobalState, action: Action, firing: Firing) -> TraceStep:
    """One action, fired in ``state``, as a step of a trace."""
    kind, subject, actor, message, sender = label(execution, state, action)
    return TraceStep(
        kind,
        subject,
        actor,
        message,
        sender,
        firing.outcome.value,
        firing.reason,
        tuple(
            Part(
                execution.layout.actor_names[each.actor],
                describe_input(execution, each.actor, each.event),
                tuple(describe_output(execution, each.actor, output) for output in each.result.outputs),
            )
            for each in firing.steps
        ),
        _changes(execution, state, firing.state),
        *_flights(execution, state, action, firing.state),
    )


def label(execution: Execution, state: GlobalState, action: Action) -> tuple[str, str, str, str, str]:
    """(kind, subject, actor, message, sender) of an action: what identifies it in a trace."""
    layout, kind = execution.layout, action.kind.value
    if action.kind in (ActionKind.DELIVER, ActionKind.CUT):
        name = execution.system.connections[action.subject].name
        if action.kind is ActionKind.CUT:
            return kind, name, "", "", ""
        ends = layout.ends[action.subject]
        receiver, sender = ends[action.end][0], ends[1 - action.end][0]
        message = str(state.connections[action.subject].queues[action.end][0])
        return kind, name, layout.actor_names[receiver], message, layout.actor_names[sender]
    if action.kind in (ActionKind.CRASH, ActionKind.RESTART):
        return kind, list(execution.system.processes)[action.subject], "", "", ""
    name = layout.actor_names[action.subject]
    return kind, name, name, action.name, ""


def describe_input(execution: Execution, actor: int, event: Input) -> str:
    """``MigrateBegin(1) on source``, or a decision's, task's or timer's name."""
    if isinstance(event, Decide):
        return event.name
    if isinstance(event, Expire):
        return event.timer
    return f"{event.message} on {execution.layout.workers[actor]._slots[event.port]}"


def describe_output(execution: Execution, actor: int, output: Output) -> str:
    """``target: open``, ``source: send MigrateConnected``, ``arm link_limit``."""
    if isinstance(output, Arm):
        return f"arm {output.timer}"
    if isinstance(output, Disarm):
        return f"disarm {output.timer}"
    port = str(execution.layout.workers[actor]._slots[output.port])
    if isinstance(output, Open):
        return f"{port}: open"
    return f"{port}: close" if isinstance(output, Close) else f"{port}: send {output.message}"


def _flights(
    execution: Execution, before: GlobalState, action: Action, after: GlobalState | None
) -> tuple[tuple[Flight, ...], tuple[Flight, ...]]:
    """What the step put on its way, and what it took off its way unread."""
    sent: list[Flight] = []
    dropped: list[Flight] = []
    for number, old in enumerate(before.connections if after is not None else ()):
        assert after is not None
        new = after.connections[number]
        for end in (0, 1) if new != old else ():
            receiver = execution.layout.actor_names[execution.layout.ends[number][end][0]]
            arrives = action.kind is ActionKind.DELIVER and (action.subject, action.end) == (number, end)
            waiting = old.queues[end][arrives:]
            kept = len(waiting) if new.queues[end][: len(waiting)] == waiting else 0
            name = execution.system.connections[number].name
            dropped += [Flight(name, receiver, str(message)) for message in waiting[kept:]]
            sent += [Flight(name, receiver, str(message)) for message in new.queues[end][kept:]]
    return tuple(sent), tuple(dropped)


def _changes(execution: Execution, before: GlobalState, after: GlobalState | None) -> tuple[Change, ...]:
    if after is None:
        return ()
    pairs = zip(execution.layout.actor_names, before.snapshots, after.snapshots, strict=True)
    return tuple(
        _change(execution, number, name, old, new) for number, (name, old, new) in enumerate(pairs) if old != new
    )


def _change(execution: Execution, number: int, name: str, old: Snapshot, new: Snapshot) -> Change:
    names = tuple(type(execution.layout.workers[number])._variables)
    values = zip(names, old.variables, new.variables, strict=True)
    states = None if old.states == new.states else (".".join(old.states), ".".join(new.states))
    return Change(name, states, {key: (str(a), str(b)) for key, a, b in values if a != b})


def replay(execution: Execution, trace: Trace) -> list[GlobalState]:
    """Run a trace through the live actors, checking every step: message, changes and outcome.

    Returns the states passed, the initial one first. Raises ReplayError when it is no run of the system.
    """
    states = [execution.initial()]
    for number, expected in enumerate(trace.steps, start=1):
        state = states[-1]
        firings = execution.firings(state)
        for action, firing in firings:
            if trace_step(execution, state, action, firing) == expected:
                break
        else:
            possible = "; ".join(" ".join(filter(None, label(execution, state, action))) for action, _ in firings)
            raise ReplayError(
                f"step {number}: {expected.kind} {expected.subject} {expected.message} as recorded is not possible; "
                f"possible: {possible or 'nothing'}"
            )
        if firing.state is None and number < len(trace.steps):
            raise ReplayError(f"step {number}: ends {firing.outcome.value}, yet the trace goes on")
        if firing.state is not None:
            states.append(firing.state)
    return states


def is_wrong(firing: Firing) -> bool:
    """Whether an action ended *unexpected* or in an *error*."""
    return firing.outcome in (Outcome.UNEXPECTED, Outcome.ERROR)
