"""The actors of one process run by themselves: what happens to them goes in, what they do to others comes out.

A System whose ports partly lead nowhere is *open*: what its actors send, open and close there is handed out instead of
being carried to a peer. The rules of a step are those of a closed system (``docs/semantics.md``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from .errors import DefinitionError
from .execution import CALL_LIMIT, Execution
from .message import Message
from .outputs import Arm, Close, Disarm, Open, Output, Send
from .plans import plan_ahead
from .port import PortSlot
from .snapshot import Snapshot, with_open_port
from .stepping import Decide, Expire, Input, Outcome, Receive
from .view import ActorView


class Place(NamedTuple):
    """A port of an actor that leads out of the process: ``Place("session", "main", 3)`` is ``session.main[3]``."""

    actor: str
    port: str
    # Nobody looks for values in a place, as ``tuple.index`` does.
    index: int = 0  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"{self.actor}.{self.port}[{self.index}]"


@dataclass(frozen=True)
class Effect:
    """What an actor did at a place: a Send, Open or Close."""

    place: Place
    output: Send | Open | Close


@dataclass(frozen=True)
class Reaction:
    """What an input did. Unless it was *handled* nothing has changed and there are no effects; ``reason`` says why."""

    outcome: Outcome
    effects: tuple[Effect, ...] = ()
    reason: str = ""

    @property
    def is_handled(self) -> bool:
        """Whether the input was handled."""
        return self.outcome is Outcome.HANDLED


class _StoppedError(Exception):
    def __init__(self, outcome: Outcome, reason: str) -> None:
        self.outcome, self.reason = outcome, reason


@dataclass
class _Run:
    """One input being carried out, on copies of what it touches. ``now`` in ms."""

    snapshots: list[Snapshot]
    deadlines: dict[tuple[int, str], int]
    now: int
    effects: list[Effect] = field(default_factory=list)
    steps: int = 0


class _Index:
    """What there is in an open System, by name and by number. Processes of one Execution share it."""

    def __init__(self, execution: Execution) -> None:
        layout = execution.layout
        self.numbers = {name: number for number, name in enumerate(layout.actor_names)}
        self.places = [
            [Place(name, slot.name, slot.index or 0) for slot in worker._slots]
            for name, worker in zip(layout.actor_names, layout.workers, strict=True)
        ]
        self.ports = {
            place: (actor, port) for actor, places in enumerate(self.places) for port, place in enumerate(places)
        }
        self.call_limit = CALL_LIMIT * max(1, len(layout.workers))
        self.is_timed = execution.system.timing is not None
        self.is_prepared = False
        self.tasks = {
            actor: tuple(Decide(name) for name in type(worker)._tasks)
            for actor, worker in enumerate(layout.workers)
            if type(worker)._tasks
        }


_INDICES: WeakKeyDictionary[Execution, _Index] = WeakKeyDictionary()

#: What ``Execution.masks`` gives: which ports are read, and which listen.
_Masks = tuple[tuple[bool, ...], tuple[bool | None, ...]]


class Process:
    """Actors that share a process. They have no clock: whoever runs them says what time it is, ``now``, in ms.

    ``execution`` is of an open System, and may be shared by processes. A System without ``timing`` sees no times, but
    its timers run by them all the same.
    """

    def __init__(self, execution: Execution) -> None:
        self._snapshots = list(execution.initial().snapshots)
        self._deadlines: dict[tuple[int, str], int] = {}
        self._use(execution)

    def _use(self, execution: Execution) -> None:
        self._execution = execution
        index = _INDICES.get(execution)
        if index is None:
            index = _INDICES[execution] = _Index(execution)
        self._index = index
        # Of each actor, for the snapshot in which it was found: most events leave most actors as they are.
        self._known_tasks: dict[int, tuple[Snapshot, tuple[str, ...]]] = {}
        self._known_masks: dict[int, tuple[Snapshot, _Masks]] = {}

    # What can happen.

    def receive(self, place: Place, message: Message, now: int) -> Reaction:
        """A message or connection event arrives at ``place``."""
        actor, port = self._index.ports[place]
        return self._perform(actor, Receive(port, message), now)

    def decide(self, actor: str, name: str, now: int) -> Reaction:
        """The actor takes a decision, or does a task. *Refused* or *unexpected*: it is not enabled."""
        return self._perform(self._index.numbers[actor], Decide(name), now)

    def tasks(self) -> tuple[tuple[str, str], ...]:
        """(actor, name) of the tasks that are enabled."""
        names = self._execution.layout.actor_names
        return tuple((names[actor], name) for actor in self._index.tasks for name in self._tasks_of(actor))

    def next_deadline(self) -> int | None:
        """When the next timer is due; None: none runs."""
        return min(self._deadlines.values(), default=None)

    def expire(self, now: int) -> Reaction | None:
        """Fire the timer that is due first, at its own time; None: none is due yet."""
        due = min(((at, key) for key, at in self._deadlines.items() if at <= now), default=None)
        if due is None:
            return None
        at, (actor, timer) = due
        reaction = self._perform(actor, Expire(timer), at)
        if not reaction.is_handled:
            self._deadlines.pop((actor, timer), None)
        return reaction

    # What can be seen.

    def reads(self, place: Place) -> bool:
        """Whether what has arrived at ``place`` would be read now."""
        actor, port = self._index.ports[place]
        return self._masks_of(actor)[0][port]

    def listens(self, place: Place) -> bool | None:
        """Whether a peer that connects to ``place`` is accepted (True), refused (False) or left waiting (None)."""
        actor, port = self._index.ports[place]
        return self._masks_of(actor)[1][port]

    def is_open(self, place: Place) -> bool:
        """Whether the actor counts ``place`` as open."""
        actor, port = self._index.ports[place]
        return self._snapshots[actor].open_ports[port]

    def places(self, actor: str, port: str) -> tuple[Place, ...]:
        """The places of one port of an actor, by index."""
        return tuple(each for each in self._index.places[self._index.numbers[actor]] if each.port == port)

    def actors(self, role: str) -> tuple[str, ...]:
        """The names of a role's members: ``channel[0]``, ``channel[1]``."""
        layout = self._execution.layout
        return tuple(layout.actor_names[number] for number in layout.members.get(role, ()))

    def states(self, actor: str) -> tuple[str, ...]:
        """An actor's active states, the innermost last."""
        return self._snapshots[self._index.numbers[actor]].states

    def view(self, actor: str) -> ActorView:
        """An actor's states, variables and parameters, to read."""
        number = self._index.numbers[actor]
        return ActorView(self._execution.layout.workers[number], self._snapshots[number])

    # What it is made of.

    def copy(self) -> Process:
        """Another process in the same state, which goes its own way from here."""
        other = Process(self._execution)
        other._snapshots, other._deadlines = list(self._snapshots), dict(self._deadlines)
        return other

    def exchange(self, execution: Execution, origins: Mapping[str, str | None] | None = None) -> None:
        """Go on as another open System: actors of the same name keep their states, variables, ports and timers, those
        that are new start as that System has it. ``origins``: for actors that are called otherwise now, the name that
        each had; None: it is new in spite of its name.

        Raises DefinitionError when an actor that stays is of another class.
        """
        old, kept = self._execution.layout, self._snapshots
        snapshots = list(execution.initial().snapshots)
        deadlines: dict[tuple[int, str], int] = {}
        layout = execution.layout
        for number, (name, worker) in enumerate(zip(layout.actor_names, layout.workers, strict=True)):
            origin = (origins or {}).get(name, name)
            before = self._index.numbers.get(origin) if origin is not None else None
            if before is None:
                continue
            if type(old.workers[before]) is not type(worker):
                raise DefinitionError(f"{name} is a {type(worker).__name__} no longer")
            open_ports = _carried_over(old.workers[before]._slots, kept[before], worker._slots, snapshots[number])
            snapshots[number] = kept[before]._replace(open_ports=open_ports)
            deadlines |= {(number, timer): at for (actor, timer), at in self._deadlines.items() if actor == before}
        self._snapshots, self._deadlines = snapshots, deadlines
        self._use(execution)

    def prepare(self) -> None:
        """Compute ahead what any event can need. Otherwise each first of its kind takes about a millisecond longer.

        Takes some milliseconds an actor, once for all processes of the Execution.
        """
        if not self._index.is_prepared:
            self._index.is_prepared = True
            for worker, snapshot in zip(
                self._execution.layout.workers, self._execution.initial().snapshots, strict=True
            ):
                plan_ahead(worker, snapshot)

    def rewrite(self, actor: str, *, states: tuple[str, ...] | None = None, **variables: Any) -> None:
        """Set an actor's state and variables from outside: for what begins anew with the same actors."""
        number = self._index.numbers[actor]
        names = type(self._execution.layout.workers[number])._variables
        snapshot = self._snapshots[number]
        unknown = [name for name in variables if name not in names]
        if unknown:
            raise DefinitionError(f"{actor} has no variable {unknown[0]!r}")
        values = tuple(variables.get(name, value) for name, value in zip(names, snapshot.variables, strict=True))
        self._snapshots[number] = snapshot._replace(states=states or snapshot.states, variables=values)

    def set_open(self, place: Place, is_open: bool) -> None:
        """Count ``place`` as open, or closed, without anything having happened there."""
        actor, port = self._index.ports[place]
        self._snapshots[actor] = with_open_port(self._snapshots[actor], port, is_open)

    # How it is done.

    def _tasks_of(self, actor: int) -> tuple[str, ...]:
        snapshot = self._snapshots[actor]
        known = self._known_tasks.get(actor)
        if known is None or known[0] is not snapshot:
            events = self._index.tasks[actor]
            known = snapshot, tuple(each.name for each in events if self._is_enabled(actor, each))
            self._known_tasks[actor] = known
        return known[1]

    def _masks_of(self, actor: int) -> _Masks:
        snapshot = self._snapshots[actor]
        known = self._known_masks.get(actor)
        if known is None or known[0] is not snapshot:
            known = self._known_masks[actor] = snapshot, self._execution.masks(actor, snapshot)
        return known[1]

    def _is_enabled(self, actor: int, event: Input) -> bool:
        return self._execution.local_step(actor, self._snapshots[actor], event).outcome is Outcome.HANDLED

    def _perform(self, actor: int, event: Input, now: int) -> Reaction:
        run = _Run(list(self._snapshots), dict(self._deadlines), now)
        try:
            self._step(run, actor, event, is_call=False)
        except _StoppedError as stopped:
            return Reaction(stopped.outcome, reason=stopped.reason)
        self._snapshots, self._deadlines = run.snapshots, run.deadlines
        return Reaction(Outcome.HANDLED, tuple(run.effects))

    def _step(self, run: _Run, actor: int, event: Input, is_call: bool) -> None:
        run.steps += 1
        if run.steps > self._index.call_limit:
            raise _StoppedError(
                Outcome.ERROR, f"more than {self._index.call_limit} in-process calls set off by one event"
            )
        if self._index.is_timed:
            event = event._replace(at=run.now)
        result = self._execution.local_step(actor, run.snapshots[actor], event)
        if result.outcome is not Outcome.HANDLED:
            refused_call = is_call and result.outcome is Outcome.REFUSED
            raise _StoppedError(Outcome.ERROR if refused_call else result.outcome, result.reason)
        run.snapshots[actor] = result.snapshot
        if isinstance(event, Expire):
            run.deadlines.pop((actor, event.timer), None)
        for output in result.outputs:
            self._put_out(run, actor, output)

    def _put_out(self, run: _Run, actor: int, output: Output) -> None:
        if isinstance(output, Arm):
            if output.after is None:
                name = self._execution.layout.actor_names[actor]
                raise _StoppedError(Outcome.ERROR, f"{name} arms {output.timer} without a duration")
            run.deadlines[actor, output.timer] = run.now + output.after
        elif isinstance(output, Disarm):
            run.deadlines.pop((actor, output.timer), None)
        else:
            wire = self._execution.layout.wires[actor][output.port]
            if wire is None:
                run.effects.append(Effect(self._index.places[actor][output.port], output))
            elif isinstance(output, Send):
                self._step(run, wire.actor, Receive(wire.port, output.message), is_call=True)


def _carried_over(
    old_slots: tuple[PortSlot, ...], old: Snapshot, new_slots: tuple[PortSlot, ...], new: Snapshot
) -> tuple[bool, ...]:
    """Which ports are open: as before where there was one of that name and index, else as the new System has it."""
    before = {(slot.name, slot.index): is_open for slot, is_open in zip(old_slots, old.open_ports, strict=True)}
    return tuple(
        before.get((slot.name, slot.index), is_open) for slot, is_open in zip(new_slots, new.open_ports, strict=True)
    )
