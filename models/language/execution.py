"""The reference semantics of a System: its global states, the actions each enables, and what an action does.

Every engine agrees with this module to the unit; ``docs/semantics.md`` explains the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from . import connection as transport
from .actor import Actor
from .connection import ConnectionState
from .determinism import require_same_result
from .message import Opened
from .outputs import Close, Open, Output, Send
from .plans import plan_step
from .snapshot import Snapshot, crashed_snapshot, is_crashed, with_open_port
from .stepping import Decide, Expire, Input, Outcome, Receive, StepResult, port_masks, step
from .system import System

__all__ = [
    "CALL_LIMIT",
    "PROGRESS",
    "Action",
    "ActionKind",
    "Budgets",
    "Execution",
    "Firing",
    "GlobalState",
    "LocalStep",
    "crashed_snapshot",
    "is_crashed",
    "with_open_port",
]

#: In-process calls that one action may set off; more is taken for an endless loop.
CALL_LIMIT = 64


class Budgets(NamedTuple):
    """How many faults of each kind are left."""

    cut: int = 0
    early: int = 0
    crash: int = 0
    restart: int = 0


class GlobalState(NamedTuple):
    """A state of the whole system: a snapshot for each actor, a state for each connection slot, faults left."""

    snapshots: tuple[Snapshot, ...]
    connections: tuple[ConnectionState, ...]
    budgets: Budgets


class ActionKind(Enum):
    """What can happen next in a system."""

    DELIVER = "deliver"
    TASK = "task"
    DECIDE = "decide"
    TIMEOUT = "timeout"
    EARLY = "early"
    CUT = "cut"
    CRASH = "crash"
    RESTART = "restart"


#: Work under way: a state that enables none of these is quiescent.
PROGRESS = (ActionKind.DELIVER, ActionKind.TASK, ActionKind.TIMEOUT)


class Action(NamedTuple):
    """One possible next event. ``subject``: connection number for deliver and cut, process number for
    crash and restart, else actor number. ``end``: receiving end of a delivery. ``name``: decision, task or timer.
    """

    kind: ActionKind
    subject: int
    end: int = 0
    name: str = ""


@dataclass(frozen=True)
class LocalStep:
    """One actor's part in an action."""

    actor: int
    event: Input
    result: StepResult


@dataclass(frozen=True)
class Firing:
    """What an action does. ``state`` is the successor, or None when there is none:
    ``outcome`` says whether it is refused (not enabled), unexpected, an error, or, with ``bound``
    set, disabled by a bound.
    """

    outcome: Outcome
    state: GlobalState | None
    steps: tuple[LocalStep, ...] = ()
    reason: str = ""
    bound: str = ""


#: A way to run local steps: ``stepping.step`` is the reference, ``plans.plan_step`` the fast one.
Stepper = Callable[[Actor, Snapshot, Input], StepResult]


class _StoppedError(Exception):
    def __init__(self, outcome: Outcome, reason: str, bound: str = "") -> None:
        self.outcome, self.reason, self.bound = outcome, reason, bound


class Execution:
    """Runs a System one action at a time. Local steps are remembered: each is computed by the chart once.

    ``reference`` runs them on python-statemachine's own engine instead of precomputed plans; ``twice`` runs
    each new one twice and raises NondeterminismError when the two differ; without ``remember`` each is run anew, as
    it must be on values that are left open.
    """

    def __init__(self, system: System, *, reference: bool = False, twice: bool = False, remember: bool = True) -> None:
        self.system = system
        self._stepper: Stepper = step if reference else plan_step
        self._twice = twice
        self._remember = remember
        self.layout = system.layout
        self.kinds = _actor_kinds(self.layout.workers) if remember else list(range(len(self.layout.workers)))
        self._steps: dict[tuple[int, Snapshot, Input], StepResult] = {}
        self._masks: dict[tuple[int, Snapshot], tuple[tuple[bool, ...], tuple[bool | None, ...]]] = {}
        self._clocks = system.clock_offsets()
        self._initial = tuple(worker._initial_snapshot for worker in self.layout.workers)
        self._process_members = [
            [actor for role in roles for actor in self.layout.numbers(role)] for roles in system.processes.values()
        ]
        self._cuttable = _numbers(system.faults.cut_connections, [c.name for c in system.connections])
        self._crashable = _numbers(system.faults.crash_processes, list(system.processes))

    def initial(self) -> GlobalState:
        """The state every run starts from."""
        snapshots = list(self._initial)
        connections = []
        for number, declared in enumerate(self.system.connections):
            connections.append(transport.ESTABLISHED if declared.established else transport.FREE)
            for actor, port in self.layout.ends[number] if declared.established else ():
                snapshots[actor] = with_open_port(snapshots[actor], port, True)
        faults = self.system.faults
        budgets = Budgets(faults.cut, faults.early, faults.crash, faults.restart)
        return GlobalState(tuple(snapshots), tuple(connections), budgets)

    # Local steps.

    def local_step(self, actor: int, snapshot: Snapshot, event: Input) -> StepResult:
        """The (remembered) result of one input on one actor."""
        if not self._remember:
            return self._stepper(self.layout.workers[actor], snapshot, event)
        key = (self.kinds[actor], snapshot, event)
        known = self._steps.get(key)
        if known is None:
            worker = self.layout.workers[actor]
            known = self._steps[key] = self._stepper(worker, snapshot, event)
            if self._twice:
                require_same_result(type(worker), snapshot, event, known, self._stepper(worker, snapshot, event))
        return known

    def masks(self, actor: int, snapshot: Snapshot) -> tuple[tuple[bool, ...], tuple[bool | None, ...]]:
        """For each port slot of ``actor``: whether it is read, and whether it listens (``port_masks``)."""
        if is_crashed(snapshot):
            ports = len(snapshot.open_ports)
            return (True,) * ports, (False,) * ports
        if not self._remember:
            return port_masks(self.layout.workers[actor], snapshot)
        key = (self.kinds[actor], snapshot)
        known = self._masks.get(key)
        if known is None:
            known = self._masks[key] = port_masks(self.layout.workers[actor], snapshot)
        return known

    # Actions.

    def candidates(self, state: GlobalState) -> Iterator[Action]:
        """Every action worth trying, faults included, in a fixed order; timers come with ``timeouts``."""
        for number, connection in enumerate(state.connections):
            for end in (0, 1):
                if connection.queues[end] and self._can_receive(state, number, end):
                    yield Action(ActionKind.DELIVER, number, end)
        for actor, snapshot in enumerate(state.snapshots):
            if not is_crashed(snapshot):
                cls = type(self.layout.workers[actor])
                yield from (Action(ActionKind.TASK, actor, 0, name) for name in cls._tasks)
                yield from (Action(ActionKind.DECIDE, actor, 0, name) for name in cls._decisions)
        yield from self._faults(state)

    def timeouts(self, state: GlobalState) -> Iterator[Action]:
        """The armed timers. They fire only when no delivery and no task is enabled."""
        for actor, snapshot in enumerate(state.snapshots):
            yield from (Action(ActionKind.TIMEOUT, actor, 0, timer) for timer in snapshot.timers)

    def _can_receive(self, state: GlobalState, number: int, end: int) -> bool:
        actor, port = self.layout.ends[number][end]
        reads, listens = self.masks(actor, state.snapshots[actor])
        connection = state.connections[number]
        if isinstance(connection.queues[end][0], Opened) and not connection.open_ends[end]:
            return listens[port] is not None
        return reads[port]

    def _faults(self, state: GlobalState) -> Iterator[Action]:
        if state.budgets.early:
            for actor, snapshot in enumerate(state.snapshots):
                yield from (Action(ActionKind.EARLY, actor, 0, timer) for timer in snapshot.timers)
        if state.budgets.cut:
            for number in self._cuttable:
                if any(state.connections[number].open_ends):
                    yield Action(ActionKind.CUT, number)
        for number, members in enumerate(self._process_members):
            crashed = bool(members) and is_crashed(state.snapshots[members[0]])
            if state.budgets.crash and not crashed and number in self._crashable:
                yield Action(ActionKind.CRASH, number)
            if state.budgets.restart and crashed:
                yield Action(ActionKind.RESTART, number)

    def fire(self, state: GlobalState, action: Action, at: int | None = None) -> Firing:
        """What ``action`` does in ``state``; in a timed system it happens ``at`` so many ms after the start."""
        run = _Run(self, state, at)
        try:
            run.perform(action)
        except _StoppedError as stopped:
            return Firing(stopped.outcome, None, tuple(run.steps), stopped.reason, stopped.bound)
        return Firing(Outcome.HANDLED, run.result(), tuple(run.steps))

    def firings(self, state: GlobalState) -> list[tuple[Action, Firing]]:
        """Every action that is enabled in ``state``, or goes wrong there, in a fixed order; not the refused ones."""
        found = [(action, self.fire(state, action)) for action in self.candidates(state)]
        found = [(action, firing) for action, firing in found if not is_disabled(action, firing)]
        if not any(action.kind in PROGRESS for action, _ in found):
            timeouts = [(action, self.fire(state, action)) for action in self.timeouts(state)]
            found += [(action, firing) for action, firing in timeouts if not is_disabled(action, firing)]
        return found

    def is_quiescent(self, firings: list[tuple[Action, Firing]]) -> bool:
        """Whether nothing is under way: only decisions and faults could happen."""
        return not any(action.kind in PROGRESS for action, _ in firings)


def is_disabled(action: Action, firing: Firing) -> bool:
    """Whether an action that was tried is not enabled: every guard said no, or there is nothing to decide or to do."""
    if firing.outcome is Outcome.REFUSED:
        return not firing.bound
    chosen = action.kind in (ActionKind.TASK, ActionKind.DECIDE)
    return chosen and firing.outcome is Outcome.UNEXPECTED and len(firing.steps) == 1


def _numbers(chosen: tuple[str, ...], names: list[str]) -> tuple[int, ...]:
    return tuple(number for number, name in enumerate(names) if not chosen or name in chosen)


def _actor_kinds(workers: list[Actor]) -> list[int]:
    """Actors of one class with equal parameters are of one kind: their local steps are the same."""
    seen: dict[tuple[type[Actor], tuple[object, ...]], int] = {}
    return [seen.setdefault((type(each), tuple(each._parameters.values())), len(seen)) for each in workers]


class _Run:
    """One action being carried out, on copies of what it touches."""

    def __init__(self, execution: Execution, state: GlobalState, at: int | None) -> None:
        self.execution = execution
        self.at = at
        self.layout = execution.layout
        self.snapshots = list(state.snapshots)
        self.connections = list(state.connections)
        self.budgets = state.budgets
        self.steps: list[LocalStep] = []

    def result(self) -> GlobalState:
        return GlobalState(tuple(self.snapshots), tuple(self.connections), self.budgets)

    def perform(self, action: Action) -> None:
        if action.kind is ActionKind.DELIVER:
            self._deliver(action.subject, action.end)
        elif action.kind in (ActionKind.TASK, ActionKind.DECIDE):
            self._step(action.subject, Decide(action.name))
        elif action.kind is ActionKind.TIMEOUT:
            self._step(action.subject, Expire(action.name))
        elif action.kind is ActionKind.EARLY:
            self.budgets = self.budgets._replace(early=self.budgets.early - 1)
            self._step(action.subject, Expire(action.name))
        elif action.kind is ActionKind.CUT:
            self.budgets = self.budgets._replace(cut=self.budgets.cut - 1)
            self.connections[action.subject] = transport.cut(self.connections[action.subject])
        elif action.kind is ActionKind.CRASH:
            self._crash(action.subject)
        else:
            self._restart(action.subject)

    def _deliver(self, number: int, end: int) -> None:
        actor, port = self.layout.ends[number][end]
        connection = self.connections[number]
        message = connection.queues[end][0]
        connecting = isinstance(message, Opened) and not connection.open_ends[end]
        if connecting and self.execution.masks(actor, self.snapshots[actor])[1][port] is False:
            self.connections[number] = transport.refuse_at(connection, end)
            return
        self.connections[number] = transport.receive_at(connection, end)
        if connecting and self._wants_notice(*self.layout.ends[number][1 - end]):
            self.connections[number] = transport.accept_notice(self.connections[number], end)
        if is_crashed(self.snapshots[actor]):
            return
        self._step(actor, Receive(port, message))

    def _wants_notice(self, actor: int, port: int) -> bool:
        worker = self.layout.workers[actor]
        return (worker._slots[port].name, Opened) in worker._receive_events

    def _step(self, actor: int, event: Input, calls: int = 0) -> None:
        if calls > CALL_LIMIT or len(self.steps) > CALL_LIMIT:
            raise _StoppedError(Outcome.ERROR, f"more than {CALL_LIMIT} in-process calls set off by one action")
        if self.at is not None:
            event = event._replace(at=self.at + self.execution._clocks[actor])
        result = self.execution.local_step(actor, self.snapshots[actor], event)
        self.steps.append(LocalStep(actor, event, result))
        if result.outcome is not Outcome.HANDLED:
            refused_call = result.outcome is Outcome.REFUSED and calls
            raise _StoppedError(Outcome.ERROR if refused_call else result.outcome, result.reason)
        self.snapshots[actor] = result.snapshot
        for output in result.outputs:
            self._put_out(actor, output, calls)

    def _put_out(self, actor: int, output: Output, calls: int) -> None:
        if not isinstance(output, Send | Open | Close):
            return
        wire = self.layout.wires[actor][output.port]
        if wire is None:
            raise _StoppedError(
                Outcome.ERROR, f"{self.layout.port_name(actor, output.port)} is not connected to anything"
            )
        if wire.connection < 0:
            assert isinstance(output, Send)
            if not is_crashed(self.snapshots[wire.actor]):
                self._step(wire.actor, Receive(wire.port, output.message), calls + 1)
            return
        before = self.connections[wire.connection]
        after = self._on_connection(before, wire.end, output)
        if after is None:
            name = self.execution.system.connections[wire.connection].name
            bound = "queue" if isinstance(output, Send) else "slot"
            raise _StoppedError(Outcome.REFUSED, f"{bound} bound at connection {name}", bound)
        self.connections[wire.connection] = after

    def _on_connection(self, state: ConnectionState, end: int, output: Send | Open | Close) -> ConnectionState | None:
        if isinstance(output, Send):
            return transport.send_from(state, end, output.message, self.execution.system.bounds.queue)
        return transport.open_from(state, end) if isinstance(output, Open) else transport.close_from(state, end)

    def _crash(self, process: int) -> None:
        self.budgets = self.budgets._replace(crash=self.budgets.crash - 1)
        members = self.execution._process_members[process]
        for actor in members:
            self.snapshots[actor] = crashed_snapshot(self.execution._initial[actor])
        for number, ends in enumerate(self.layout.ends):
            for end, (actor, _) in enumerate(ends):
                if actor in members:
                    self.connections[number] = transport.crash_at(self.connections[number], end)

    def _restart(self, process: int) -> None:
        self.budgets = self.budgets._replace(restart=self.budgets.restart - 1)
        for actor in self.execution._process_members[process]:
            self.snapshots[actor] = self.execution._initial[actor]
