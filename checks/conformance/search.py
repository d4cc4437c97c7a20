"""Is a recording a behaviour of a system? A search over runs, unobserved actions filled in.

A message passes the point of observation after it was sent and before it is delivered. Hence a run explains a recording
exactly when (1) what it puts out at each source is that source's part of the recording, in order, and (2) whenever it
delivers a recorded message or carries out a recorded command, it has put out everything recorded before. Sending early
never hurts, for it forbids nothing later; so a state and the number of observations put out at each source say all that
matters of a run, and the search over these pairs is exhaustive. A recording may end in the middle of a step: the step
that explains the last of it may show more, at sources of which nothing further is recorded.

When no run explains all of it, a second search finds the longest prefix that some run explains. What lies behind a
prefix says nothing about it: there a run may put out something else than what was recorded (a *stray*), and
nothing of that is delivered before the prefix is explained.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from switchover.models.language.connection import ConnectionState
from switchover.models.language.execution import PROGRESS, Action, ActionKind, Execution, Firing, GlobalState
from switchover.models.language.observation import (
    ANYTHING,
    ENDING,
    OPENING,
    Label,
    Observation,
    Recording,
    Said,
    Vocabulary,
    wire_source,
)
from switchover.models.language.stepping import Decide, Outcome, Snapshot

from .emission import Emission, Observer, Sent

NONE = -1
STRAY = -2

#: How many of the states that explain most are kept to say what was possible there.
KEPT = 40


class Progress(NamedTuple):
    """How far a run has explained a recording.

    ``counts``: observations put out at each source. ``bound``: for each connection slot with a place, the recorded
    connection that it stands for now, NONE yet, or one that is STRAY. ``opened``: for each place, how many were opened.
    ``strays``: (source, count, label) where something else than the recorded was put out first.
    """

    counts: tuple[int, ...]
    bound: tuple[int, ...]
    opened: tuple[int, ...]
    strays: tuple[tuple[int, int, Label], ...] = ()


class Node(NamedTuple):
    """A state of the system that some run reaches, with what the run has explained.

    ``numbers``: the state's snapshots and connections by number.
    """

    state: GlobalState
    progress: Progress
    numbers: tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True)
class Attempt:
    """An action tried in a node: what it did, what it would show, and why it is not a step of the run ("": it is one)."""

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
        self.sources = {name: number for number, name in enumerate(recording.sources)}
        self._index: list[list[int]] = [[] for _ in self.sources]
        for number, each in enumerate(recording.observations):
            self._index[self.sources[each.source]].append(number)
        self._next_required = [self._required_from(indices) for indices in self._index]
        self._slots = tuple(sorted(recording.places))
        self._position = {slot: number for number, slot in enumerate(self._slots)}
        distinct = list(dict.fromkeys(recording.places.values()))
        self._place = {slot: distinct.index(recording.places[slot]) for slot in self._slots}
        self._members = distinct
        self._vocabulary = vocabulary
        self._observer = Observer(execution, vocabulary, frozenset(self._slots))
        self._snapshots: dict[Snapshot, int] = {}
        self._connections: dict[ConnectionState, int] = {}
        self._chosen: dict[tuple[int, int], tuple[Action, ...]] = {}
        self._causes = {
            number
            for number, indices in enumerate(self._index)
            if any(recording.observations[each].is_cause for each in indices)
        }
        #: Strays are admitted behind this index; None: nowhere.
        self._floor: int | None = None
        self._is_last = False

    def _required_from(self, indices: list[int]) -> list[int]:
        end = len(self.recording.observations)
        found = [end]
        for number in reversed(indices):
            found.append(number if self.recording.observations[number].required else found[-1])
        return found[::-1]

    # Where a run stands.

    def first_unexplained(self, progress: Progress) -> int:
        """Index of the first required observation that has not been put out."""
        if progress.strays:
            return self._first_despite_strays(progress)
        return min(
            (required[count] for required, count in zip(self._next_required, progress.counts, strict=True)),
            default=len(self.recording.observations),
        )

    def _first_despite_strays(self, progress: Progress) -> int:
        counts = list(progress.counts)
        first = len(self.recording.observations)
        for source, count, _ in progress.strays:
            counts[source] = count
            if count < len(self._index[source]):
                first = min(first, self._index[source][count])
        return min(first, *(required[count] for required, count in zip(self._next_required, counts, strict=True)))

    def next_observation(self, progress: Progress, source: str) -> Observation | None:
        """What comes next at a source."""
        number = self.sources.get(source)
        if number is None or number in {each for each, _, _ in progress.strays}:
            return None
        if progress.counts[number] >= len(self._index[number]):
            return None
        return self.recording.observations[self._index[number][progress.counts[number]]]

    def initial(self) -> Node:
        """Where every run starts."""
        progress = Progress((0,) * len(self.sources), (NONE,) * len(self._slots), (0,) * len(self._members))
        return self._node(self.execution.initial(), progress, None)

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

    # The search.

    def search(self, limit: int, interrupted: Callable[[int], bool] | None = None) -> Outcomes:
        """Look for a run that explains everything, at most ``limit`` states; ``interrupted`` may stop it."""
        self._floor = None
        return self._search(limit, interrupted)

    def longest_prefix(self, found: Outcomes, limit: int, interrupted: Callable[[int], bool] | None = None) -> Outcomes:
        """Given what ``search`` found, look for a run that explains a longer prefix, whatever comes behind."""
        assert found.first is not None
        self._floor = found.first
        try:
            longer = self._search(limit, interrupted)
        finally:
            self._floor = None
        if longer.first is None or longer.first <= found.first:
            return found
        return longer

    def _search(self, limit: int, interrupted: Callable[[int], bool] | None) -> Outcomes:
        end = len(self.recording.observations)
        start = self.initial()
        seen = {self._key(start)}
        first, transitions, serial = self.first_unexplained(start.progress), 0, 0
        best = [start]
        frontier = [(-first, 0, 0, start)]
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
                reached = self.first_unexplained(successor.progress)
                serial += 1
                ahead = sum(successor.progress.counts)
                heapq.heappush(frontier, (-reached, ahead, -serial, successor))
                if reached > first:
                    best, first = [], reached
                    self._floor = None if self._floor is None else max(self._floor, first)
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
            if not self._comes_too_early(node, action):
                yield from self._after(node, action)
        if any(each.timers for each in node.state.snapshots) and not self._in_progress(node):
            for action in self.execution.timeouts(node.state):
                yield from self._after(node, action)

    def _inert_delivery(self, node: Node) -> Node | None:
        """Where a delivery leads that may as well happen now: it commutes with everything else, so that no run is missed."""
        for slot in self._slots:
            for end in (0, 1):
                message = node.state.connections[slot].head(end)
                if message is None or not self._vocabulary.is_inert(message):
                    continue
                action = Action(ActionKind.DELIVER, slot, end)
                if not self.execution._can_receive(node.state, slot, end) or self._comes_too_early(node, action):
                    continue
                firing = self.execution.fire(node.state, action)
                if firing.state is not None and not any(each.result.outputs for each in firing.steps):
                    return self._node(firing.state, node.progress, node)
        return None

    def _after(self, node: Node, action: Action) -> Iterator[Node]:
        firing = self.execution.fire(node.state, action)
        if firing.state is not None:
            emissions = self._observer.emissions(node.state, action, firing)
            for progress in self._explained(node.progress, emissions) or self._ended(node.progress, emissions):
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
        names = [(ActionKind.TASK, each) for each in cls._tasks] + [(ActionKind.DECIDE, each) for each in cls._decisions]
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

    # What the recording admits.

    def _comes_too_early(self, node: Node, action: Action) -> bool:
        """A recorded message is delivered after it was observed, hence after all that was observed before."""
        index = self.delivered_index(node, action)
        if index is None:
            return False
        if index == STRAY:
            return True
        return self.recording.observations[index].is_held or self.first_unexplained(node.progress) < index

    def delivered_index(self, node: Node, action: Action) -> int | None:
        """Which observation the message is that ``action`` delivers; None: it delivers none; STRAY: none that was made."""
        if action.kind is not ActionKind.DELIVER or action.subject not in self._position:
            return None
        connection = node.progress.bound[self._position[action.subject]]
        if connection == STRAY:
            return STRAY
        source = self.sources.get(wire_source(connection, 1 - action.end))
        if source is None:
            return None
        queue = node.state.connections[action.subject].queues[action.end]
        position = node.progress.counts[source] - len(queue)
        if any(each == source and position >= count for each, count, _ in node.progress.strays):
            return STRAY
        return self._index[source][position]

    def _explained(self, progress: Progress, emissions: Iterable[Emission]) -> list[Progress]:
        """Every way in which the recording goes on with ``emissions``; none when it does not."""
        found = [progress]
        for emission in emissions:
            found = [after for before in found for after in self.explain(before, emission)]
        return found

    def _ended(self, progress: Progress, emissions: Sequence[Emission]) -> list[Progress]:
        """The same for a step in which the recording ends."""
        if self._floor is not None or len(emissions) < 2:
            return []
        self._is_last = True
        found = self._explained(progress, emissions)
        self._is_last = False
        return [each for each in found if self.first_unexplained(each) == len(self.recording.observations)]

    def explain(self, progress: Progress, emission: Emission) -> list[Progress]:
        """Every way in which the recording goes on with one emission."""
        if isinstance(emission, Said):
            if emission.source not in self.sources:
                return [progress]
            matched = self._match(progress, emission.source, emission.label)
            if matched or emission.optional:
                return matched or [progress]
            return self._astray(progress, self.sources[emission.source], emission.label)
        if emission.label == OPENING:
            return self._open(progress, emission)
        if progress.bound[self._position[emission.slot]] == STRAY:
            return [progress]
        source = self.source_of(progress, emission)
        matched = self._match(progress, source, emission.label)
        unseen = emission.vanishes or (emission.label == ENDING and self._is_broken(progress, emission))
        if matched or unseen:
            return [*matched, progress] if unseen else matched
        return self._astray(progress, self.sources[source], emission.label) if source in self.sources else []

    def source_of(self, progress: Progress, emission: Sent) -> str:
        """The source at which something sent on a connection shows."""
        return wire_source(progress.bound[self._position[emission.slot]], emission.end)

    def _open(self, progress: Progress, emission: Sent) -> list[Progress]:
        place = self._place[emission.slot]
        members, count = self._members[place], progress.opened[place]
        exists = count < len(members) and wire_source(members[count], emission.end) in self.sources
        if not exists and self._floor is None and not self._is_last:
            return []
        bound, opened = list(progress.bound), list(progress.opened)
        bound[self._position[emission.slot]] = members[count] if exists else STRAY
        opened[place] = count + 1
        if not exists:
            return [progress._replace(bound=tuple(bound), opened=tuple(opened))]
        after = progress._replace(bound=tuple(bound), opened=tuple(opened))
        source = wire_source(members[count], emission.end)
        return self._match(after, source, OPENING) or self._astray(after, self.sources[source], OPENING)

    def _astray(self, progress: Progress, source: int, label: Label) -> list[Progress]:
        """Something else than the recorded is put out: admitted when it happens behind the prefix in question."""
        if self._is_last and progress.counts[source] >= len(self._index[source]):
            return [progress]
        if self._floor is None or source in self._causes:
            return []
        counts = list(progress.counts)
        count = counts[source]
        counts[source] = count + 1
        gone = any(each == source for each, _, _ in progress.strays)
        strays = progress.strays if gone else (*progress.strays, (source, count, label))
        after = progress._replace(counts=tuple(counts), strays=strays)
        return [after] if self.first_unexplained(progress) <= self._ceiling(after) > self._floor else []

    def _ceiling(self, progress: Progress) -> int:
        """No prefix beyond this index can be explained any more."""
        ceiling = len(self.recording.observations)
        for source, count, _ in progress.strays:
            if count < len(self._index[source]):
                ceiling = min(ceiling, self._index[source][count])
        return ceiling

    def _is_broken(self, progress: Progress, emission: Sent) -> bool:
        """Whether the recording has the peer break the connection off: then the side itself has nothing to close."""
        connection = progress.bound[self._position[emission.slot]]
        return wire_source(connection, 1 - emission.end) in self.recording.resets

    def _match(self, progress: Progress, source: str, label: tuple[object, ...]) -> list[Progress]:
        number = self.sources.get(source)
        if number is None:
            return []
        count = progress.counts[number]
        if count >= len(self._index[number]) or any(each == number for each, _, _ in progress.strays):
            return []
        index = self._index[number][count]
        expected = self.recording.observations[index]
        if expected.label not in (label, ANYTHING) or (expected.is_cause and self.first_unexplained(progress) < index):
            return []
        counts = list(progress.counts)
        counts[number] = count + 1
        return [progress._replace(counts=tuple(counts))]

    # What was possible.

    def attempts(self, node: Node) -> Iterator[Attempt]:
        """Every action of the system in a node, with the recording's objection to it."""
        for action in self.execution.candidates(node.state):
            firing = self.execution.fire(node.state, action)
            if firing.state is None:
                yield Attempt(action, firing, objection=firing.reason)
                continue
            emissions = tuple(self._observer.emissions(node.state, action, firing))
            if self._comes_too_early(node, action):
                index = self.delivered_index(node, action)
                assert index is not None
                yield Attempt(action, firing, emissions, self._not_yet(index))
            elif not self._explained(node.progress, emissions):
                yield Attempt(action, firing, emissions, self._mismatch(node.progress, emissions))
            else:
                yield Attempt(action, firing, emissions)

    def _not_yet(self, index: int) -> str:
        if index == STRAY:
            return "it is not in the recording"
        message = self.recording.observations[index]
        return "it never got on the wire" if message.is_held else f"it was recorded later, in line {message.line}"

    def _mismatch(self, progress: Progress, emissions: Iterable[Emission]) -> str:
        """Which emission the recording does not have, and what it has in its place."""
        for emission in emissions:
            after = self.explain(progress, emission)
            if after:
                progress = after[0]
                continue
            if isinstance(emission, Sent) and emission.label == OPENING:
                return "the recording has no further connection there"
            source = emission.source if isinstance(emission, Said) else self.source_of(progress, emission)
            expected = self.next_observation(progress, source)
            shown = " ".join(map(str, emission.label))
            if expected is None:
                return f"{shown} is not in the recording"
            return f"{shown} would come where line {expected.line} has {expected.text}"
        return ""
