"""Whether a trace shows what a verdict says, judged without the engine that found it."""

from __future__ import annotations

from switchover.models.language import (
    Execution,
    GlobalState,
    Property,
    System,
    TimedExecution,
    Trace,
    replay,
    replay_timed,
)
from switchover.models.language.view import arguments


def last_state(system: System, trace: Trace) -> GlobalState:
    """Where the trace, a run of the system, ends. Raises ReplayError when it is none."""
    if system.timing is not None:
        return replay_timed(TimedExecution(system), trace).system
    return replay(Execution(system), trace)[-1]


def is_quiescent(system: System, trace: Trace) -> bool:
    """Whether nothing is under way where the trace ends."""
    if system.timing is not None:
        timed = TimedExecution(system)
        return timed.is_quiescent(replay_timed(timed, trace))
    execution = Execution(system)
    return execution.is_quiescent(execution.firings(replay(execution, trace)[-1]))


def truth(system: System, prop: Property, trace: Trace) -> bool:
    """What the property's predicate says where the trace ends."""
    return bool(prop.predicate(*arguments(system, prop, last_state(system, trace))))


def is_broken(system: System, prop: Property, trace: Trace) -> bool:
    """Whether the trace replays and ends where the property, an *always* or a *never*, does not hold."""
    if prop.when == "quiescent" and not is_quiescent(system, trace):
        return False
    return truth(system, prop, trace) is (prop.kind == "never")
