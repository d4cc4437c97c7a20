"""Decides conformance in another way: all states that a system can be in after each line, line by line.

Nothing is shared with the search but the mapping of lines: steps come from the plain reference semantics, what they
send is read off the connections before and after, and the moment at which a line is recorded is a step of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from switchover.models.language import Closed, Lost
from switchover.models.language.actor import Close, Open, Send
from switchover.models.language.execution import Action, ActionKind, Execution, Firing, GlobalState
from switchover.models.language.observation import ANYTHING, ENDING, OPENING, Recording, wire_source
from switchover.models.spice.link_timing.recording import Reading
from switchover.models.spice.link_timing.shipped import build


class Point(NamedTuple):
    """A state; per source, how much was said, and how much of that was recorded; which recorded connection is where."""

    state: GlobalState
    said: tuple[int, ...]
    recorded: tuple[int, ...]
    bound: tuple[int, ...]
    opened: tuple[int, ...]


class Enumeration:
    """All runs of a small system that a recording admits."""

    def __init__(self, reading: Reading, limit: int = 30_000) -> None:
        self.recording: Recording = reading.recording
        self.vocabulary = reading.vocabulary
        self.execution = Execution(build("enumerated", reading.variant))
        self.sources = list(self.recording.sources)
        self.script = [
            [(n, each) for n, each in enumerate(self.recording.observations) if each.source == source]
            for source in self.sources
        ]
        self.slots = sorted(self.recording.places)
        self.places = sorted(set(self.recording.places.values()))
        self.limit = limit

    def conforms(self) -> bool:
        """Whether some run produces the whole recording."""
        start = Point(
            self.execution.initial(),
            (0,) * len(self.sources),
            (0,) * len(self.sources),
            (-1,) * len(self.slots),
            (0,) * len(self.places),
        )
        points = {start}
        for number, each in enumerate(self.recording.observations):
            points = self._closure(points, number)
            if each.required:
                points = {
                    after for point in points for after in self._record(point, self.sources.index(each.source), number)
                }
            if not points:
                return False
        return True

    def _record(self, point: Point, source: int, number: int) -> Iterator[Point]:
        """The line is recorded: it was said and not yet recorded; lines that need not be recorded are passed over."""
        recorded = point.recorded[source]
        while recorded < point.said[source]:
            index, each = self.script[source][recorded]
            recorded += 1
            if index == number:
                yield point._replace(recorded=_put(point.recorded, source, recorded))
            if each.required:
                return

    def _closure(self, points: set[Point], line: int) -> set[Point]:
        found, queue = set(points), list(points)
        while queue:
            assert len(found) < self.limit, "too large for an enumeration"
            point = queue.pop()
            if self._is_all_said(point):
                continue
            for action, firing in self.execution.firings(point.state):
                if firing.state is None or not self._may_arrive(point, action):
                    continue
                for after in self._after(point, action, firing, line):
                    if after not in found:
                        found.add(after)
                        queue.append(after)
        return found

    def _may_arrive(self, point: Point, action: Action) -> bool:
        """A message arrives after it was recorded: only what was said last is unrecorded."""
        if action.kind is not ActionKind.DELIVER or action.subject not in self.slots:
            return True
        connection = point.bound[self.slots.index(action.subject)]
        if connection == -2:
            return False
        source = self.sources.index(wire_source(connection, 1 - action.end))
        position = point.said[source] - len(point.state.connections[action.subject].queues[action.end])
        return (
            position < min(point.recorded[source], len(self.script[source]))
            and not self.script[source][position][1].is_held
        )

    def _is_all_said(self, point: Point) -> bool:
        rests = [script[said:] for script, said in zip(self.script, point.said, strict=True)]
        return not any(each.required for rest in rests for _, each in rest)

    def _after(self, point: Point, action: Action, firing: Firing, line: int) -> list[Point]:
        assert firing.state is not None
        points = [point._replace(state=firing.state)]
        for slot in self.slots:
            for end, label, is_sure in self._sent(point.state, firing, slot):
                points = [
                    after for before in points for after in self._say_on_wire(before, slot, end, label, is_sure, line)
                ]
        for source, label, is_sure in self._calls(firing):
            if source in self.sources:
                number = self.sources.index(source)
                points = [
                    after
                    for before in points
                    for after in (self._say(before, number, label, line) or ([] if is_sure else [before]))
                ]
        return points

    def _sent(self, state: GlobalState, firing: Firing, slot: int) -> Iterator[tuple[int, tuple[object, ...], bool]]:
        """What a step put on a connection, by each end: read off what it was and what it is."""
        assert firing.state is not None
        old, new = state.connections[slot], firing.state.connections[slot]
        opening = old.is_free and not new.is_free
        for end in (0, 1):
            if opening and end == 0:
                yield end, OPENING, True
            peer_ended = bool(old.queues[end]) and isinstance(old.queues[end][-1], Closed | Lost)
            for output in self._outputs(firing, slot, end):
                if isinstance(output, Send):
                    yield end, self.vocabulary.on_wire(output.message), not peer_ended
            closed_unheard = opening and any(isinstance(each, Close) for each in self._outputs(firing, slot, end))
            refused = old.queues[1] and not old.open_ends[1] and not new.queues[1] and end == 1 and old != new
            if (old.open_ends[end] and not new.open_ends[end]) or closed_unheard:
                if (
                    old.queues[end]
                    and not isinstance(old.queues[end][0], Closed | Lost)
                    and not self._closes(firing, slot, end)
                ):
                    continue
                yield end, ENDING, not peer_ended
            elif refused and not new.open_ends[1]:
                yield end, ENDING, True

    def _closes(self, firing: Firing, slot: int, end: int) -> bool:
        return any(isinstance(each, Close) for each in self._outputs(firing, slot, end))

    def _outputs(self, firing: Firing, slot: int, end: int) -> list[Send | Open | Close]:
        actor, port = self.execution.layout.ends[slot][end]
        return [
            output
            for step in firing.steps
            if step.actor == actor
            for output in step.result.outputs
            if isinstance(output, Send | Open | Close) and output.port == port
        ]

    def _calls(self, firing: Firing) -> Iterator[tuple[str, tuple[object, ...], bool]]:
        layout = self.execution.layout
        for step in firing.steps:
            for output in step.result.outputs:
                wire = layout.wires[step.actor][output.port] if isinstance(output, Send) else None
                if isinstance(output, Send) and wire is not None and wire.connection < 0:
                    names = layout.actor_names
                    for said in self.vocabulary.in_process(names[step.actor], names[wire.actor], output.message):
                        yield said.source, said.label, not said.optional

    def _say_on_wire(
        self, point: Point, slot: int, end: int, label: tuple[object, ...], is_sure: bool, line: int
    ) -> list[Point]:
        place = self.recording.places[slot]
        position, number = self.slots.index(slot), self.places.index(place)
        if label == OPENING:
            if point.opened[number] >= len(place) or place[0] < 0:
                unrecorded = point._replace(bound=_put(point.bound, position, -2))
                return [unrecorded] if self.recording.breaks_off else []
            point = point._replace(
                bound=_put(point.bound, position, place[point.opened[number]]),
                opened=_put(point.opened, number, point.opened[number] + 1),
            )
        connection = point.bound[position]
        if connection == -2:
            return [point]
        said = self._say(point, self.sources.index(wire_source(connection, end)), label, line)
        is_seen = label == ENDING and wire_source(connection, 1 - end) not in self.recording.resets
        return said + ([] if is_sure or is_seen else [point])

    def _say(self, point: Point, source: int, label: tuple[object, ...], line: int) -> list[Point]:
        count = point.said[source]
        if count >= len(self.script[source]):
            beyond = point._replace(said=_put(point.said, source, count + 1))
            return [beyond] if self.sources[source] in self.recording.open_ended else []
        number, expected = self.script[source][count]
        if expected.label not in (label, ANYTHING) or (expected.is_cause and number != line):
            return []
        after = point._replace(said=_put(point.said, source, count + 1))
        if number < line and after.recorded[source] == count:
            after = after._replace(recorded=_put(after.recorded, source, count + 1))
        return [after]


def _put(values: tuple[int, ...], position: int, value: int) -> tuple[int, ...]:
    return (*values[:position], value, *values[position + 1 :])
