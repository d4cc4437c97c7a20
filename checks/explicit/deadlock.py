"""When a state in which nothing happens any more is a deadlock, and what is stuck there."""

from __future__ import annotations

from collections.abc import Iterator

from switchover.models.language import Actor, Execution, GlobalState, Opened
from switchover.models.language.execution import Action, ActionKind, Firing, is_crashed
from switchover.models.language.stepping import Snapshot

FAULTS = (ActionKind.EARLY, ActionKind.CUT, ActionKind.CRASH, ActionKind.RESTART)


def is_at_rest(cls: type[Actor], initial: Snapshot, snapshot: Snapshot) -> bool:
    """Whether the actor may stay here for ever: crashed, or in one of its ``end_states``.

    Of nested states any active one counts. Without ``end_states`` these are the initial state and every final one.
    """
    if is_crashed(snapshot):
        return True
    if cls.end_states is not None:
        return any(each in cls.end_states for each in snapshot.states)
    return snapshot.states == initial.states or any(cls.states_map[each].final for each in snapshot.states)


def is_deadlock(execution: Execution, state: GlobalState, firings: list[tuple[Action, Firing]]) -> bool:
    """Whether only faults can happen, no bound disabled anything, and work is left.

    Work is left when an actor is not at rest, or when something under way will never be read although all are.
    """
    if any(action.kind not in FAULTS or firing.bound for action, firing in firings):
        return False
    if any(any(each.queues) for each in state.connections):
        return True
    actors = zip(execution.layout.workers, execution._initial, state.snapshots, strict=True)
    return not all(is_at_rest(type(worker), initial, now) for worker, initial, now in actors)


def what_is_stuck(execution: Execution, state: GlobalState) -> str:
    """Why a deadlock is one: the actors that are in no end state, and what is under way and will not be read.

    ``a in waiting is no end state; link: Lease waits for b, which refuses it (not away)``.
    """
    return "; ".join((*_restless(execution, state), *_unread(execution, state)))


def _restless(execution: Execution, state: GlobalState) -> Iterator[str]:
    layout = execution.layout
    actors = zip(layout.actor_names, layout.workers, execution._initial, state.snapshots, strict=True)
    for name, worker, initial, now in actors:
        if not is_at_rest(type(worker), initial, now):
            yield f"{name} in {'.'.join(now.states)} is no end state"


def _unread(execution: Execution, state: GlobalState) -> Iterator[str]:
    for number, connection in enumerate(state.connections):
        name = execution.system.connections[number].name
        for end in (0, 1):
            if not connection.queues[end]:
                continue
            receiver = execution.layout.actor_names[execution.layout.ends[number][end][0]]
            why = _why_unread(execution, state, number, end)
            yield f"{name}: {connection.queues[end][0]} waits for {receiver}, {why}"


def _why_unread(execution: Execution, state: GlobalState, number: int, end: int) -> str:
    actor, port = execution.layout.ends[number][end]
    reads, listens = execution.masks(actor, state.snapshots[actor])
    connection = state.connections[number]
    if isinstance(connection.queues[end][0], Opened) and not connection.open_ends[end]:
        if listens[port] is None:
            return "which neither accepts nor refuses it"
    elif not reads[port]:
        return "which does not read it"
    guards = execution.fire(state, Action(ActionKind.DELIVER, number, end)).reason.partition(": refused by ")[2]
    return f"which refuses it ({guards})"
