"""When a state in which nothing happens any more is a deadlock."""

from __future__ import annotations

from switchover.models.language import Actor, Execution, GlobalState
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

    Work is left when an actor is not at rest, or when something on its way is not read.
    """
    if any(action.kind not in FAULTS or firing.bound for action, firing in firings):
        return False
    if any(any(each.queues) for each in state.connections):
        return True
    actors = zip(execution.layout.workers, execution._initial, state.snapshots, strict=True)
    return not all(is_at_rest(type(worker), initial, now) for worker, initial, now in actors)
