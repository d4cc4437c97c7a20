"""A recording as a script that a run has to follow: what each source says next, and what must have been said before.

A run that follows it to the end explains the recording. What a run says instead of, or after, what was recorded is a
*stray*: it is admitted where the recording breaks off, and behind a prefix that is looked at alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from switchover.models.language.execution import Action, ActionKind, GlobalState
from switchover.models.language.observation import (
    ANYTHING,
    ENDING,
    OPENING,
    Label,
    Observation,
    Recording,
    Said,
    wire_source,
)

from .emission import Emission, Sent

NONE = -1
STRAY = -2


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


class Script:
    """What a recording admits. ``floor``: strays are admitted behind the observation of this index; None: nowhere."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.sources = {name: number for number, name in enumerate(recording.sources)}
        self._index: list[list[int]] = [[] for _ in self.sources]
        for number, each in enumerate(recording.observations):
            self._index[self.sources[each.source]].append(number)
        self._next_required = [self._required_from(indices) for indices in self._index]
        self.slots = tuple(sorted(recording.places))
        self._position = {slot: number for number, slot in enumerate(self.slots)}
        distinct = list(dict.fromkeys(recording.places.values()))
        self._place = {slot: distinct.index(recording.places[slot]) for slot in self.slots}
        self._members = distinct
        self._causes = {
            number
            for number, indices in enumerate(self._index)
            if any(recording.observations[each].is_cause for each in indices)
        }
        self.floor: int | None = None
        self._endless = {self.sources[each] for each in recording.open_ended}

    def start(self) -> Progress:
        """Nothing is explained yet."""
        return Progress((0,) * len(self.sources), (NONE,) * len(self.slots), (0,) * len(self._members))

    def _required_from(self, indices: list[int]) -> list[int]:
        end = len(self.recording.observations)
        found = [end]
        for number in reversed(indices):
            found.append(number if self.recording.observations[number].required else found[-1])
        return found[::-1]

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

    def comes_too_early(self, state: GlobalState, progress: Progress, action: Action) -> bool:
        """A recorded message is delivered after it was observed, hence after all that was observed before."""
        index = self.delivered_index(state, progress, action)
        if index is None or index == STRAY:
            return index is not None
        return self.recording.observations[index].is_held or self.first_unexplained(progress) < index

    def delivered_index(self, state: GlobalState, progress: Progress, action: Action) -> int | None:
        """Which observation ``action`` delivers; None: it delivers none; STRAY: one that was not made."""
        if action.kind is not ActionKind.DELIVER or action.subject not in self._position:
            return None
        connection = progress.bound[self._position[action.subject]]
        if connection == STRAY:
            return STRAY
        source = self.sources.get(wire_source(connection, 1 - action.end))
        if source is None:
            return None
        queue = state.connections[action.subject].queues[action.end]
        position = progress.counts[source] - len(queue)
        if any(each == source and position >= count for each, count, _ in progress.strays):
            return STRAY
        return self._index[source][position]

    def follow(self, progress: Progress, emissions: Iterable[Emission]) -> list[Progress]:
        """Every way in which the recording goes on with ``emissions``; none when it does not."""
        found = [progress]
        for emission in emissions:
            found = [after for before in found for after in self.explain(before, emission)]
        return found

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
        unseen = emission.comes_late and (emission.label != ENDING or self._is_broken(progress, emission))
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
        if not exists and self.floor is None and not self.recording.breaks_off:
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
        counts = list(progress.counts)
        count = counts[source]
        is_cut_off = source in self._endless and count >= len(self._index[source])
        if not is_cut_off and (self.floor is None or source in self._causes):
            return []
        counts[source] = count + 1
        gone = any(each == source for each, _, _ in progress.strays)
        strays = progress.strays if gone else (*progress.strays, (source, count, label))
        after = progress._replace(counts=tuple(counts), strays=strays)
        return [after] if is_cut_off or self.floor is None or self._ceiling(after) > self.floor else []

    def _ceiling(self, progress: Progress) -> int:
        """No prefix beyond this index can be explained any more."""
        ceiling = len(self.recording.observations)
        for source, count, _ in progress.strays:
            if count < len(self._index[source]):
                ceiling = min(ceiling, self._index[source][count])
        return ceiling

    def _is_broken(self, progress: Progress, emission: Sent) -> bool:
        """Whether the peer broke the connection off, as recorded: then the side itself has nothing to close."""
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

    def not_yet(self, index: int) -> str:
        """Why the delivery of this observation, or of a stray, comes too early."""
        if index == STRAY:
            return "it is not in the recording"
        message = self.recording.observations[index]
        return "it never got on the wire" if message.is_held else f"it was recorded later, in line {message.line}"

    def mismatch(self, progress: Progress, emissions: Iterable[Emission]) -> str:
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
