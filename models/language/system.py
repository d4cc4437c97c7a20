"""System: which actors, how they are connected, what may go wrong, and under which bounds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .actor import Actor
from .errors import DefinitionError
from .properties import Property


@dataclass(frozen=True)
class Connection:
    """A slot between two ports, written ``Connection("main_a", "client.host[0]", "server_a.main")``.

    ``established`` slots are open at both ends from the start.
    """

    name: str
    first: str
    second: str
    established: bool = False


@dataclass(frozen=True)
class Binding:
    """Two ``Local`` ports of one process: a send at one is handled at the other within the same step."""

    first: str
    second: str


@dataclass(frozen=True)
class Faults:
    """How many faults of each kind may happen. Assumptions: a verdict under them may be *holds*.

    ``cut`` breaks any of the named connections (all, when empty). ``early`` fires an armed timer before its time.
    ``crash`` ends a process (a name of ``System.processes``): its connections break; ``restart``
    starts a crashed one anew.
    """

    cut: int = 0
    cut_connections: tuple[str, ...] = ()
    early: int = 0
    crash: int = 0
    crash_processes: tuple[str, ...] = ()
    restart: int = 0

    def __post_init__(self) -> None:
        for name in ("cut", "early", "crash", "restart"):
            if getattr(self, name) < 0:
                raise DefinitionError(f"Faults: {name}={getattr(self, name)} is negative")
        if self.restart and not self.crash:
            raise DefinitionError(f"Faults: restart={self.restart}, but no process may crash")


@dataclass(frozen=True)
class Bounds:
    """Limits of the exploration. A verdict for which one was hit is ``bounded``.

    ``queue``: how much may be under way in one direction of one connection before a send is disabled, connection
    events counted. ``depth``: steps from the initial state; None: no limit.
    """

    queue: int = 8
    depth: int | None = None

    def __post_init__(self) -> None:
        if self.queue < 1:
            raise DefinitionError(f"Bounds: queue={self.queue} lets no message through; it is 1 or more")
        if self.depth is not None and self.depth < 0:
            raise DefinitionError(f"Bounds: depth={self.depth} is negative")


@dataclass(frozen=True)
class Latency:
    """How long a message is under way, in ms: at least ``low``, at most ``high`` (None: no limit)."""

    low: int = 0
    high: int | None = None

    @staticmethod
    def exactly(duration: int) -> Latency:
        """Always the same."""
        return Latency(duration, duration)


@dataclass(frozen=True)
class Timing:
    """Makes a system timed: every event has a moment, timers fire exactly when they are due, tasks take no time.

    ``schedule``: when decisions are taken, by actor and decision, once each and only if they are enabled then; when it
    is None, any decision may be taken at any time.
    ``clocks``: for each role whose host's clock is not the system's own, what it shows at the start, in ms.
    ``latencies``: by connection, or by connection and receiving actor; those not named take any time. What has arrived
    is read as soon as it is read at all.
    """

    clocks: Mapping[str, int] = field(default_factory=dict)
    latencies: Mapping[str | tuple[str, str], Latency] = field(default_factory=dict)
    schedule: Mapping[tuple[str, str], int] | None = None

    def latency(self, connection: str, receiver: str) -> Latency:
        """That of what ``connection`` brings to ``receiver``."""
        both = self.latencies.get(connection, Latency())
        return self.latencies.get((connection, receiver), both)


ActorSpec = Actor | Sequence[Actor]


@dataclass(frozen=True)
class System:
    """A closed system, ready to explore.

    ``actors`` maps a role's name to an actor made with its parameters, or to a list of them (a
    replicated role, whose members are written ``channel[0]``). ``processes`` groups roles that live
    and die together. ``variant`` is the frozen dataclass of choices it was made from.
    ``timing`` makes it timed.
    ``assumptions`` says in words what the variant takes for granted (when empty, its fields stand for it).
    ``expected_violations`` names built-in properties that this variant is known to break.
    ``cite`` says which seed or fact it follows.
    """

    name: str
    actors: Mapping[str, ActorSpec]
    connections: tuple[Connection, ...] = ()
    bindings: tuple[Binding, ...] = ()
    properties: tuple[Property, ...] = ()
    faults: Faults = Faults()
    bounds: Bounds = Bounds()
    processes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variant: Any = None
    assumptions: tuple[str, ...] = ()
    expected_violations: tuple[str, ...] = ()
    cite: str = ""
    timing: Timing | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "layout", Layout(self))
        names = [each.name for each in self.properties]
        for name in names:
            if names.count(name) > 1:
                raise DefinitionError(f"system {self.name}: two properties are called {name!r}")
        for each in self.properties:
            each.check_parameters(self.name, self.roles, tuple(c.name for c in self.connections))
        self._check_timing()

    def _check_timing(self) -> None:
        if self.timing is None:
            for name, worker in zip(self.layout.actor_names, self.layout.workers, strict=True):
                if type(worker)._reads_time:
                    raise DefinitionError(f"system {self.name}: {name} reads self.now, but the system is untimed")
            return
        for role in self.timing.clocks:
            if role not in self.actors:
                raise DefinitionError(f"system {self.name}: timing: clock of {role!r}, which is no role")
        known: set[str | tuple[str, str]] = {each.name for each in self.connections}
        for declared, ends in zip(self.connections, self.layout.ends, strict=True):
            known |= {(declared.name, self.layout.actor_names[actor]) for actor, _ in ends}
        for place in self.timing.latencies:
            if place not in known:
                raise DefinitionError(f"system {self.name}: timing: latency of {place!r}, which is no connection")
        for actor, decision in self.timing.schedule or ():
            if actor not in self.layout.actor_names or decision not in self._decisions_of(actor):
                raise DefinitionError(f"system {self.name}: timing: {actor}.{decision} is no decision of an actor")
        if self.faults != Faults():
            raise DefinitionError(f"system {self.name}: a timed system has no faults")

    def _decisions_of(self, actor: str) -> tuple[str, ...]:
        return type(self.layout.workers[self.layout.actor_names.index(actor)])._decisions

    def clock_offsets(self) -> list[int]:
        """For each actor, what its clock shows at the start; 0 for all in an untimed system."""
        clocks = {} if self.timing is None else self.timing.clocks
        offsets = [0] * len(self.layout.workers)
        for role, shown in clocks.items():
            for number in self.layout.numbers(role):
                offsets[number] = shown
        return offsets

    layout: Layout = field(init=False, repr=False, compare=False)

    @property
    def roles(self) -> tuple[str, ...]:
        """The names of the roles and, for each, its members' names are in ``layout``."""
        return tuple(self.actors)


@dataclass(frozen=True)
class Wire:
    """What a port slot leads to: end ``end`` of ``connection``, or in-process, port slot ``port`` of ``actor``."""

    connection: int = -1
    end: int = 0
    actor: int = -1
    port: int = 0


class Layout:
    """A system's actors and wires by number: what the engines index by.

    ``actor_names[i]``, ``workers[i]``; ``wires[i][p]`` is what port slot p of actor i leads to (None:
    nothing); ``ends[c][e]`` is the (actor, port slot) at end e of connection c.
    """

    def __init__(self, system: System) -> None:
        self.actor_names: list[str] = []
        self.workers: list[Actor] = []
        self.members: dict[str, tuple[int, ...]] = {}
        self.replicated: set[str] = set()
        for role, given in system.actors.items():
            self._add_role(system.name, role, given)
        self.wires: list[list[Wire | None]] = [[None] * len(worker._slots) for worker in self.workers]
        self.ends: list[tuple[tuple[int, int], tuple[int, int]]] = []
        self._connect(system)
        self._bind(system)
        self._check_processes(system)

    def _add_role(self, system: str, role: str, given: ActorSpec) -> None:
        if not re.fullmatch(r"[A-Za-z_]\w*", role):
            raise DefinitionError(f"system {system}: role {role!r} is not a name")
        members = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
        if not isinstance(given, Actor):
            self.replicated.add(role)
        first = len(self.workers)
        for index, actor in enumerate(members):
            if not isinstance(actor, Actor):
                raise DefinitionError(f"system {system}: role {role!r} is {actor!r}, not an Actor")
            self.actor_names.append(role if isinstance(given, Actor) else f"{role}[{index}]")
            self.workers.append(actor)
        self.members[role] = tuple(range(first, len(self.workers)))

    def _connect(self, system: System) -> None:
        names = set()
        for number, connection in enumerate(system.connections):
            where = f"system {system.name}: connection {connection.name!r}"
            if connection.name in names or connection.name in self.members:
                raise DefinitionError(f"{where}: the name is used twice")
            names.add(connection.name)
            ends = (self.endpoint(connection.first, where), self.endpoint(connection.second, where))
            self._check_types(where, ends, in_process=False)
            for end, (actor, port) in enumerate(ends):
                self._wire(where, actor, port, Wire(connection=number, end=end))
            self.ends.append(ends)

    def _bind(self, system: System) -> None:
        for binding in system.bindings:
            where = f"system {system.name}: binding of {binding.first} and {binding.second}"
            ends = (self.endpoint(binding.first, where), self.endpoint(binding.second, where))
            self._check_types(where, ends, in_process=True)
            for (actor, port), (peer, peer_port) in (ends, ends[::-1]):
                self._wire(where, actor, port, Wire(actor=peer, port=peer_port))

    def _wire(self, where: str, actor: int, port: int, wire: Wire) -> None:
        if self.wires[actor][port] is not None:
            raise DefinitionError(f"{where}: {self.port_name(actor, port)} is connected already")
        self.wires[actor][port] = wire

    def _check_types(self, where: str, ends: tuple[tuple[int, int], tuple[int, int]], in_process: bool) -> None:
        slots = [self.workers[actor]._slots[port] for actor, port in ends]
        for (actor, port), slot in zip(ends, slots, strict=True):
            if slot.port.in_process is not in_process:
                kind = "Local and needs a Binding" if slot.port.in_process else "a Port and needs a Connection"
                raise DefinitionError(f"{where}: {self.port_name(actor, port)} is {kind}")
        for sender, receiver in ((0, 1), (1, 0)):
            missing = [each for each in slots[sender].port.sends if each not in slots[receiver].port.receives]
            if missing:
                raise DefinitionError(
                    f"{where}: {self.port_name(*ends[sender])} sends {missing[0].__name__}, which "
                    f"{self.port_name(*ends[receiver])} does not receive"
                )

    def numbers(self, name: str) -> tuple[int, ...]:
        """The actors that a role's name (all its members) or an actor's name (``channel[0]``) stands for."""
        return self.members[name] if name in self.members else (self.actor_names.index(name),)

    def endpoint(self, text: str, where: str) -> tuple[int, int]:
        """``client.host[1]`` as (actor number, port slot number). Raises DefinitionError when there is none."""
        matched = re.fullmatch(r"(\w+)(?:\[(\d+)\])?\.(\w+)(?:\[(\d+)\])?", text)
        if matched is None:
            raise DefinitionError(f"{where}: {text!r} is not written actor.port or actor[0].port[0]")
        role, member, port, index = matched.groups()
        name = role if member is None else f"{role}[{int(member)}]"
        if name not in self.actor_names:
            raise DefinitionError(f"{where}: there is no actor {name!r}; there are {', '.join(self.actor_names)}")
        actor = self.actor_names.index(name)
        slot_name = port if index is None else f"{port}[{int(index)}]"
        slots = [str(slot) for slot in self.workers[actor]._slots]
        if slot_name not in slots:
            raise DefinitionError(f"{where}: {name} has no port {slot_name!r}; it has {', '.join(slots) or 'none'}")
        return actor, slots.index(slot_name)

    def port_name(self, actor: int, port: int) -> str:
        """``client.host[1]``."""
        return f"{self.actor_names[actor]}.{self.workers[actor]._slots[port]}"

    def _check_processes(self, system: System) -> None:
        if system.faults.crash and not system.processes:
            raise DefinitionError(
                f"system {system.name}: faults crash={system.faults.crash}, but there are no processes"
            )
        home: dict[str, str] = {}
        for process, roles in system.processes.items():
            if not roles:
                raise DefinitionError(f"system {system.name}: process {process!r} has no role")
            for role in roles:
                if home.setdefault(role, process) != process:
                    raise DefinitionError(f"system {system.name}: role {role!r} is in {home[role]!r} and {process!r}")
        for process, roles in system.processes.items():
            unknown = [role for role in roles if role not in self.members and role not in self.actor_names]
            if unknown:
                raise DefinitionError(f"system {system.name}: process {process!r} has no role {unknown[0]!r}")
        known = {connection.name for connection in system.connections}
        for name in system.faults.cut_connections:
            if name not in known:
                raise DefinitionError(f"system {system.name}: faults cut {name!r}, which is no connection")
        for name in system.faults.crash_processes:
            if name not in system.processes:
                raise DefinitionError(f"system {system.name}: faults crash {name!r}, which is no process")
