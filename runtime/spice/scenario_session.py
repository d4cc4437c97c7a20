"""Plays a scenario: management migrates a guest again and again, and says what became of its client each time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from random import Random

from ..simulation import Link, Reported
from .handovers import Handover, HandoverLog, Result
from .host import MIGRATION
from .host_events import Happening
from .scenario_world import World
from .scenarios import Cut, Ending, Peer, Plan, Scenario, draw

#: Virtual seconds: that a client may take to connect, that a command may take, and that everything may take to come to
#: rest. The longest wait of a server is 10 s (facts: SPICE 7).
_CONNECT_LIMIT, _COMMAND_LIMIT, _REST_LIMIT = 30.0, 12.0, 45.0
#: How often is looked whether all is at rest, and how long upkeep may take after that.
_STEP, _AFTERWARDS = 0.1, 0.5
_AT_REST = ("on_source", "completed", "cancelled")
_ENDS = (Happening.MIGRATION_COMPLETED, Happening.MIGRATION_FAILED)
_COMMANDS = {Ending.COMPLETED: "complete", Ending.FAILED: "fail", Ending.CANCELLED: "migrate_cancel"}


class Fate(Enum):
    """What became of an attempt to hand the client over.

    COMPLETED: client and guest are at the target; CANCELLED, FAILED: the guest has stayed, and so has the client;
    LOST: the client has no session any more; ASTRAY: some of it is where the guest is not; INCOMPLETE: some channel is
    missing; STUCK: it did not come to rest.
    """

    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"
    ASTRAY = "astray"
    INCOMPLETE = "incomplete"
    STUCK = "stuck"

    def __str__(self) -> str:
        return self.value


_BAD = (Fate.LOST, Fate.ASTRAY, Fate.INCOMPLETE, Fate.STUCK)


@dataclass(frozen=True)
class Attempt:
    """One attempt, when it was over. ``began`` and ``ended`` are in seconds of the network's time.

    ``guest`` is the host where the guest runs, ``client`` where all of the client's channels are, None: nowhere, not
    all at one host, or nobody has looked. ``handovers``: what the client saw of it; one that it completed stands under
    the attempt in whose time that was. ``not_allowed``: what no chart expected, at the client or
    at a host. ``leaked``: connections that are still there when all is at rest, and that nobody uses. ``is_excused``:
    what was drawn for it may lose a client whatever the design, or what was drawn for the one before did, and
    ``was_followed_at_once`` by it, before all was at rest.
    """

    plan: Plan
    source: str
    began: float
    ended: float
    fate: Fate
    guest: str
    client: str | None
    not_allowed: tuple[str, ...] = ()
    handovers: tuple[Handover, ...] = ()
    leaked: int = 0
    is_excused: bool = False
    was_followed_at_once: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether something happened that need not, and that a user would not want."""
        is_bad = self.fate in (Fate.ASTRAY, Fate.STUCK) or (self.fate in _BAD and not self.is_excused)
        return is_bad or bool(self.not_allowed) or self.leaked > 0


@dataclass(frozen=True)
class Seen:
    """An event of an attempt, numbered from 0, and the world as it is then."""

    attempt: int
    world: World
    reported: Reported


@dataclass(frozen=True)
class Session:
    """What became of its attempts, and how long it took in virtual seconds."""

    attempts: tuple[Attempt, ...]
    seconds: float


def run_session(scenario: Scenario, seed: int, show: Callable[[Seen], None] | None = None) -> Session:
    """Play a scenario once: the same seed gives the same session. ``show`` is given each event."""
    player = _Player(scenario, seed, show)
    for number in range(scenario.attempts):
        player.play(number)
    return Session(tuple(player.finished()), player.world.network.time)


class _Player:
    def __init__(self, scenario: Scenario, seed: int, show: Callable[[Seen], None] | None) -> None:
        self.random = Random(seed)
        self._scenario = scenario
        self._number = 0
        self.world = World(scenario, self.random)
        if show is not None:
            self.world.show = lambda reported: show(Seen(self._number, self.world, reported))
        self._attempts: list[Attempt] = []
        self._saw: list[tuple[HandoverLog, int]] = []

    def finished(self) -> list[Attempt]:
        """The attempts with what the client has seen of each; of one that was not waited for, that comes later."""
        seen: list[list[Handover]] = [[] for _ in self._attempts]
        for number, (log, first) in enumerate(self._saw):
            following = self._saw[number + 1] if number + 1 < len(self._saw) else None
            last = following[1] if following is not None and following[0] is log else len(log.handovers)
            for each in log.handovers[first:last]:
                seen[self._completed_in(number, each)].append(each)
        return [replace(attempt, handovers=tuple(each)) for attempt, each in zip(self._attempts, seen, strict=True)]

    def _completed_in(self, number: int, handover: Handover) -> int:
        """The attempt in whose time a handover that began in attempt ``number`` was completed; if not, that one."""
        if handover.result is not Result.COMPLETED or handover.completed is None:
            return number
        while number + 1 < len(self._attempts) and self._saw[number + 1][0] is self._saw[number][0]:
            if self._attempts[number + 1].began > handover.completed:
                break
            number += 1
        return number

    def play(self, number: int) -> None:
        """Migrate the guest once, and see what becomes of its client."""
        self._number, world = number, self.world
        if not self._attempts or self._attempts[-1].fate in _BAD:
            self._connect()
        source, began, complaints = world.guest, world.network.time, len(world.complaints)
        self._saw.append((world.log, len(world.log.handovers)))
        plan = draw(self._scenario, self.random, [name for name in world.hosts if name != source])
        self._prepare(plan, source)
        self._migrate(plan, source)
        is_last = number == self._scenario.attempts - 1
        goes_on = plan.goes_on_at_once and world.guest == source and not world.client.is_over and not is_last
        is_settled = not goes_on and self._comes_to_rest()
        fate = _stayed(plan) if goes_on else self._fate(plan, source) if is_settled else Fate.STUCK
        leaked = len(world.network.connections) - len(world.client.attached) if is_settled else 0
        self._restore(plan)
        self._attempts.append(
            Attempt(
                plan,
                source,
                began,
                world.network.time,
                fate,
                world.guest,
                None if goes_on else world.place,
                tuple(world.complaints[complaints:]),
                leaked=leaked,
                is_excused=plan.may_lose_client or self._is_excused_before(),
                was_followed_at_once=goes_on,
            )
        )

    def _is_excused_before(self) -> bool:
        return bool(self._attempts) and self._attempts[-1].was_followed_at_once and self._attempts[-1].is_excused

    def _connect(self) -> None:
        world = self.world
        for host in world.hosts:
            world.set_ticket(host, None)
        world.add_client()
        world.until(lambda: world.place == world.guest, _CONNECT_LIMIT)
        world.let_pass(_AFTERWARDS)

    def _prepare(self, plan: Plan, source: str) -> None:
        """The network, the target's ticket and the faults are as the plan says."""
        world, network = self.world, self.world.network
        link = Link(plan.latency, self._scenario.jitter)
        network.set_link(world.name, plan.target, link)
        network.set_link(plan.target, world.name, link)
        world.set_ticket(plan.target, plan.ticket_lifetime)
        if plan.refuses:
            network.stop_listening(world.listeners(plan.target)["spice"])
        if not plan.takes_guest:
            network.stop_listening(world.listeners(plan.target)[MIGRATION])
        if plan.cut is not None:
            cut, number = plan.cut, self._number
            peer = source if cut.peer is Peer.SOURCE else plan.target
            network.at(network.time + cut.after, lambda: self._cut(cut, peer, number))

    def _restore(self, plan: Plan) -> None:
        listeners = self.world.listeners(plan.target)
        if plan.refuses:
            self.world.network.listen(plan.target, "spice", listeners["spice"])
        if not plan.takes_guest:
            self.world.network.listen(plan.target, MIGRATION, listeners[MIGRATION])

    def _cut(self, cut: Cut, peer: str, number: int) -> None:
        connections = self.world.network.between(self.world.name, peer)
        if number == self._number and connections:
            for each in connections if cut.is_whole else [self.random.choice(connections)]:
                each.cut()

    def _migrate(self, plan: Plan, source: str) -> None:
        """Until the guest runs at the target, or stays where it is."""
        world, host = self.world, self.world.hosts[source]
        returned = world.count(source, Happening.CONNECT_COMPLETED)
        ended = world.count(source, *_ENDS)
        listeners = world.listeners(plan.target)
        world.command(source, "client_migrate_info", plan.target, listeners["spice"].port)
        if plan.waits:
            world.until(lambda: world.count(source, Happening.CONNECT_COMPLETED) > returned, _COMMAND_LIMIT)
            world.let_pass(plan.pause)
        world.command(source, "migrate", listeners[MIGRATION])
        world.until(lambda: host.is_streaming or world.count(source, *_ENDS) > ended, _COMMAND_LIMIT)
        world.let_pass(plan.duration)
        if world.count(source, *_ENDS) == ended:
            world.command(source, _COMMANDS[plan.ending])
        world.until(lambda: bool(world.guest), _COMMAND_LIMIT)

    def _comes_to_rest(self) -> bool:
        """Let time pass until the client is where the guest is, and nothing else is left; or for as long as anybody
        waits for anything. Whether the client is done.
        """
        world = self.world
        end = world.network.time + _REST_LIMIT
        while world.network.time < end:
            world.let_pass(_STEP)
            if self._is_settled():
                world.let_pass(_AFTERWARDS + 4 * self._scenario.latency)
                if self._is_settled():
                    break
        return world.client.is_over or world.client.state in _AT_REST

    def _is_settled(self) -> bool:
        world = self.world
        if len(world.network.connections) != len(world.client.attached):
            return False
        return world.client.is_over or (world.client.state in _AT_REST and world.place == world.guest)

    def _fate(self, plan: Plan, source: str) -> Fate:
        world = self.world
        if world.client.is_over:
            return Fate.LOST
        if world.places != {world.guest}:
            return Fate.ASTRAY
        if world.place is None:
            return Fate.INCOMPLETE
        return _stayed(plan) if world.guest == source else Fate.COMPLETED


def _stayed(plan: Plan) -> Fate:
    return Fate.CANCELLED if plan.ending is Ending.CANCELLED else Fate.FAILED
