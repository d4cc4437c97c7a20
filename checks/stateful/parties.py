"""Takes a closed system apart into the processes that it consists of: what is bound together runs in one.

Each is run by itself (``models/language/process.py``), as an open system whose ports lead out. What it lacks to behave
as a part of the closed system is added here: clocks that differ within a process, timers that fire when somebody says
so, and members that crash while others live on.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from switchover.models.language import Binding, Execution, Message, System, Timing
from switchover.models.language.outputs import Arm, Close, Open, Send
from switchover.models.language.process import Place, Process, Reaction
from switchover.models.language.snapshot import Snapshot
from switchover.models.language.stepping import Expire, Input, StepResult

#: A port of the closed system: number of the actor, number of its port slot.
PortNumber = tuple[int, int]


class _PartExecution(Execution):
    """Local steps as in the closed system: each actor by its own clock, untimed timers without durations."""

    def local_step(self, actor: int, snapshot: Snapshot, event: Input) -> StepResult:
        if event.at is not None:
            return super().local_step(actor, snapshot, event._replace(at=event.at + self._clocks[actor]))
        result = super().local_step(actor, snapshot, event)
        if any(isinstance(each, Arm) and each.after is None for each in result.outputs):
            outputs = tuple(Arm(each.timer, 0) if isinstance(each, Arm) else each for each in result.outputs)
            return replace(result, outputs=outputs)
        return result


def _name(actor: int) -> str:
    """What an actor of the closed system is called within its process."""
    return f"actor_{actor}"


class Parts:
    """The processes of a system, ready to be started: built once, for any number of runs."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.members = _connected(system)
        self._executions: dict[tuple[int, ...], Execution] = {}
        workers = system.layout.workers
        slots = [(actor, port, slot) for actor, worker in enumerate(workers) for port, slot in enumerate(worker._slots)]
        #: How the processes call the ports.
        self.places = {(actor, port): Place(_name(actor), slot.name, slot.index or 0) for actor, port, slot in slots}
        self.ports = {place: port for port, place in self.places.items()}

    def execution(self, actors: tuple[int, ...]) -> Execution:
        """The open system of these actors, with the bindings between them."""
        if actors not in self._executions:
            self._executions[actors] = _PartExecution(self._open_system(actors))
        return self._executions[actors]

    def _open_system(self, actors: tuple[int, ...]) -> System:
        offsets = self.system.clock_offsets()
        clocks = {_name(actor): offsets[actor] for actor in actors}
        timing = None if self.system.timing is None else Timing(clocks=clocks)
        roles = {_name(actor): self.system.layout.workers[actor] for actor in actors}
        return System(self.system.name, roles, bindings=tuple(self._bindings(actors)), timing=timing)

    def _bindings(self, actors: tuple[int, ...]) -> Iterator[Binding]:
        for actor in actors:
            for port, wire in enumerate(self.system.layout.wires[actor]):
                if wire is None or wire.connection >= 0 or wire.actor not in actors:
                    continue
                if (actor, port) < (wire.actor, wire.port):
                    yield Binding(self._port(actor, port), self._port(wire.actor, wire.port))

    def _port(self, actor: int, port: int) -> str:
        return f"{_name(actor)}.{self.system.layout.workers[actor]._slots[port]}"


def _connected(system: System) -> list[tuple[int, ...]]:
    """The actors of each process: those bound to each other, or said to share one."""
    home = list(range(len(system.layout.workers)))

    def join(one: int, other: int) -> None:
        kept, gone = sorted((home[one], home[other]))
        home[:] = [kept if each == gone else each for each in home]

    for actor, wires in enumerate(system.layout.wires):
        for wire in wires:
            if wire is not None and wire.connection < 0:
                join(actor, wire.actor)
    for roles in system.processes.values():
        first, *rest = (actor for role in roles for actor in system.layout.numbers(role))
        for actor in rest:
            join(first, actor)
    return [tuple(actor for actor, at in enumerate(home) if at == each) for each in sorted(set(home))]


class Party:
    """One process in one run. Actors are known by their numbers in the closed system; times are in ms."""

    def __init__(self, parts: Parts, members: tuple[int, ...]) -> None:
        self._parts = parts
        self._process = Process(parts.execution(members))
        self._numbers = {actor: number for number, actor in enumerate(members)}
        for actor, number in self._numbers.items():
            armed = parts.system.layout.workers[actor]._initial_deadlines
            self._process._deadlines |= {(number, timer): at for timer, at in armed.items()}

    # What happens to it.

    def receive(self, port: PortNumber, message: Message, now: int) -> Reaction:
        """A message or connection event arrives."""
        return self._process.receive(self._parts.places[port], message, now)

    def decide(self, actor: int, name: str, now: int) -> Reaction:
        """An actor takes a decision or does a task."""
        return self._process.decide(_name(actor), name, now)

    def fire(self, actor: int, timer: str, now: int) -> Reaction:
        """A timer of an actor fires."""
        return self._process._perform(self._numbers[actor], Expire(timer), now)

    def set_open(self, port: PortNumber) -> None:
        """A connection is established from the start."""
        self._process.set_open(self._parts.places[port], True)

    def crash(self, actors: Sequence[int]) -> None:
        """Some of its actors are gone; in-process calls to them go nowhere."""
        self._go_on_with(tuple(each for each in self._numbers if each not in actors), ())

    def restart(self, actors: Sequence[int]) -> None:
        """They start anew."""
        self._go_on_with(tuple(sorted((*self._numbers, *actors))), actors)

    def _go_on_with(self, living: tuple[int, ...], new: Sequence[int]) -> None:
        self._process.exchange(self._parts.execution(living), {_name(each): None for each in new})
        self._numbers = {actor: number for number, actor in enumerate(living)}

    # What can be seen of it.

    def outgoing(self, reaction: Reaction) -> list[tuple[PortNumber, Send | Open | Close]]:
        """What a reaction put out, in order, each with the port of the closed system."""
        return [(self._parts.ports[each.place], each.output) for each in reaction.effects]

    def listens(self, port: PortNumber) -> bool | None:
        """Whether a peer that connects there is accepted, refused, or left waiting (None)."""
        return self._process.listens(self._parts.places[port])

    def lives(self, actor: int) -> bool:
        """Whether the actor is not crashed."""
        return actor in self._numbers

    def snapshot(self, actor: int) -> Snapshot:
        """The actor's state."""
        return self._process._snapshots[self._numbers[actor]]

    def deadlines(self, actor: int) -> dict[str, int]:
        """When the actor's timers are due, by name; of an untimed system without meaning."""
        own = self._numbers[actor]
        return {timer: at for (number, timer), at in self._process._deadlines.items() if number == own}
