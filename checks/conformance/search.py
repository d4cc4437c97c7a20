"""Is a recording a behaviour of a system? A search over runs, unobserved actions filled in.

A message passes the point of observation after it was sent and before it is delivered. Hence a run explains a recording
exactly when (1) what it puts out at each source is that source's part of the recording, in order, and (2) whenever it
delivers a recorded message or carries out a recorded command, it has put out everything recorded before. Sending early
never hurts, for it forbids nothing later; so a state and the number of observations put out at each source say all that
matters of a run, and the search over these pairs is exhaustive. Where a recording breaks off, a source may say more
than was recorded (a *stray*); nothing of that is ever delivered. Pairs that explain most are looked at first, and of
these the oldest: what is hard to explain is mostly a few unobserved actions away, and there are many more further on.

When no run explains all of it, a second search finds the longest prefix that some run explains. What lies behind a
prefix says nothing about it: there a run may put out strays instead of what was recorded.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from switchover.models.language.connection import ConnectionState
from switchover.models.language.execution import PROGRESS, Action, ActionKind, Execution, Firing, GlobalState
from switchover.models.language.observation import Recording, Vocabulary
from switchover.models.language.stepping import Decide, Outcome, Snapshot

from .emission import Emission, Observer
from .script import Progress, Script

#: How many of the states that explain most are kept to say what was possible there.
KEPT = 40


class Node(NamedTuple):
    """A state of the system that some run reaches, with what the run has explained.

    ``numbers``: the state's snapshots and connections by number.
    """

    state: GlobalState
    progress: Progress
    numbers: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Attempt:
    """An action tried in a node: what it did and would show; and the recording's objection to it, "" when none."""

    action: Action
    firing: Firing
    emissions: tuple[Emission, ...] = ()
    objection: str = ""


@dataclass(frozen=True)
class Outcomes:
    """What a search found. ``first``: index of the first observation that no run explains, None when all are explained.

    ``best``: nodes that explain everything before ``first``. ``complete``: every run was looked at.
    """

    first: int | None
    best: tuple[Node, ...]
    states: int
    transitions: int
    complete: bool


class Explanation:
    """Searches the runs of a system for one that explains a recording."""

    def __init__(self, execution: Execution, recording: Recording, vocabulary: Vocabulary) -> None:
        self.execution = execution
        self.recording = recording
        self.script = Script(recording)
        self._vocabulary = vocabulary
        self._observer = Observer(execution, vocabulary, frozenset(self.script.slots))
        self._snapshots: dict[Snapshot, int] = {}
        self._connections: dict[ConnectionState, int] = {}
        self._chosen: dict[tuple[int, int], tuple[Action, ...]] = {}

    def initial(self) -> Node:
        """Where every run starts."""
        return self._node(self.execution.initial(), self.script.start(), None)

    def _node(self, state: GlobalState, progress: Progress, before: Node | None) -> Node:
        """Most of a state is the very same as before, and need not be looked up again."""
        snapshots, connections = self._snapshots, self._connections
        if before is None:
            numbers = (
                tuple([snapshots.setdefault(each, len(snapshots)) for each in state.snapshots]),
                tuple([connections.setdefault(each, len(connections)) for each in state.connections]),
            )
            return Node(state, progress, numbers)
        old = before.state
        numbers = (
            tuple(
                [
                    number if new is known else snapshots.setdefault(new, len(snapshots))
                    for new, known, number in zip(state.snapshots, old.snapshots, before.numbers[0], strict=True)
                ]
            ),
            tuple(
                [
                    number if new is known else connections.setdefault(new, len(connections))
                    for new, known, number in zip(state.connections, old.connections, before.numbers[1], strict=True)
                ]
            ),
        )
        return Node(state, progress, numbers)

    def search(self, limit: int, interrupted: Callable[[int], bool] | None = None) -> Outcomes:
        """Look for a run that explains everything, at most ``limit`` states; ``interrupted`` may stop it."""
        self.script.floor = None
        return self._search(limit, interrupted)

    def longest_prefix(self, found: Outcomes, limit: int, interrupted: Callable[[int], bool] | None = None) -> Outcomes:
        """Given what ``search`` found, look for a run that explains a longer prefix, whatever comes behind."""
        assert found.first is not None
        self.script.floor = found.first
        try:
            longer = self._search(limit, interrupted)
        finally:
            self.script.floor = None
        if longer.first is None or longer.first <= found.first:
            return found
        return longer

    def _search(self, limit: int, interrupted: Callable[[int], bool] | None) -> Outcomes:
        end = len(self.recording.observations)
        start = self.initial()
        seen = {self._key(start)}
        first, transitions, serial = self.script.first_unexplained(start.progress), 0, 0
        best = [start]
        frontier = [(-first, serial, start)]
        while frontier and first < end:
            if len(seen) >= limit or (interrupted is not None and interrupted(len(seen))):
                return Outcomes(first, tuple(best), len(seen), transitions, False)
            node = heapq.heappop(frontier)[-1]
            for successor in self.successors(node):
                transitions += 1
                key = self._key(successor)
                if key in seen:
                    continue
                seen.add(key)
                reached = self.script.first_unexplained(successor.progress)
                serial += 1
                heapq.heappush(frontier, (-reached, serial, successor))
                if reached > first:
                    best, first = [], reached
                    self.script.floor = None if self.script.floor is None else max(self.script.floor, first)
                if reached == first and len(best) < KEPT:
                    best.append(successor)
        return Outcomes(None if first == end else first, tuple(best), len(seen), transitions, True)

    def _key(self, node: Node) -> tuple[object, ...]:
        return node.numbers, node.state.budgets, node.progress

    def successors(self, node: Node) -> Iterator[Node]:
        """Where one more action leads that the recording admits."""
        inert = self._inert_delivery(node)
        if inert is not None:
            yield inert
            return
        for action in self._candidates(node):
            if not self.script.comes_too_early(node.state, node.progress, action):
                yield from self._after(node, action)
        if any(each.timers for each in node.state.snapshots) and not self._in_progress(node):
            for action in self.execution.timeouts(node.state):
                yield from self._after(node, action)

    def _inert_delivery(self, node: Node) -> Node | None:
        """Where a delivery leads that may as well happen now: it commutes with all else, so that no run is missed."""
        for slot in self.script.slots:
            for end in (0, 1):
                message = node.state.connections[slot].head(end)
                if message is None or not self._vocabulary.is_inert(message):
                    continue
                action = Action(ActionKind.DELIVER, slot, end)
                if not self.execution._can_receive(node.state, slot, end) or self.script.comes_too_early(
                    node.state, node.progress, action
                ):
                    continue
                firing = self.execution.fire(node.state, action)
                if firing.state is not None and not any(each.result.outputs for each in firing.steps):
                    return self._node(firing.state, node.progress, node)
        return None

    def _after(self, node: Node, action: Action) -> Iterator[Node]:
        firing = self.execution.fire(node.state, action)
        if firing.state is not None:
            emissions = self._observer.emissions(node.state, action, firing)
            for progress in self.script.follow(node.progress, emissions):
                yield self._node(firing.state, progress, node)

    def _candidates(self, node: Node) -> Iterator[Action]:
        """The actions that could do something, without trying each task and decision of each actor anew."""
        for slot, connection in enumerate(node.state.connections):
            for end in (0, 1):
                if connection.queues[end] and self.execution._can_receive(node.state, slot, end):
                    yield Action(ActionKind.DELIVER, slot, end)
        for actor, number in enumerate(node.numbers[0]):
            chosen = self._chosen.get((actor, number))
            if chosen is None:
                chosen = self._chosen[actor, number] = self._choose(node.state, actor)
            yield from chosen

    def _choose(self, state: GlobalState, actor: int) -> tuple[Action, ...]:
        """The tasks and decisions that an actor may do."""
        cls = type(self.execution.layout.workers[actor])
        names = [(ActionKind.TASK, each) for each in cls._tasks] + [
            (ActionKind.DECIDE, each) for each in cls._decisions
        ]
        return tuple(
            Action(kind, actor, 0, name)
            for kind, name in names
            if self.execution.local_step(actor, state.snapshots[actor], Decide(name)).outcome is Outcome.HANDLED
        )

    def _in_progress(self, node: Node) -> bool:
        for action in self._candidates(node):
            if action.kind in PROGRESS:
                firing = self.execution.fire(node.state, action)
                if firing.outcome is not Outcome.REFUSED or firing.bound:
                    return True
        return False

    def attempts(self, node: Node) -> Iterator[Attempt]:
        """Every action of the system in a node, with the recording's objection to it."""
        for action in self.execution.candidates(node.state):
            firing = self.execution.fire(node.state, action)
            if firing.state is None:
                yield Attempt(action, firing, objection=firing.reason)
                continue
            emissions = tuple(self._observer.emissions(node.state, action, firing))
            if self.script.comes_too_early(node.state, node.progress, action):
                index = self.script.delivered_index(node.state, node.progress, action)
                assert index is not None
                yield Attempt(action, firing, emissions, self.script.not_yet(index))
            elif not self.script.follow(node.progress, emissions):
                yield Attempt(action, firing, emissions, self.script.mismatch(node.progress, emissions))
            else:
                yield Attempt(action, firing, emissions)
