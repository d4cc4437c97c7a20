"""Observations: what a recording says about a run, and what the steps of a run would look like in one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from .message import Message

#: What identifies something observable: a name and its arguments.
Label = tuple[object, ...]

#: A connection's opening, and its closing or breaking by one side, on the wire.
OPENING: Label = ("SYN",)
ENDING: Label = ("FIN",)

#: What no run says: something from a side that has ended its connection.
NOT_POSSIBLE: Label = ("nothing can follow",)

#: Matches every label: what was held back is not known.
ANYTHING: Label = ("anything",)


@dataclass(frozen=True)
class Observation:
    """One entry of a recording that takes part in the model.

    ``source`` is where it was observed; the order within a source is exact. ``required``: a run must explain it; False
    for what the end of the recording may have caused. ``is_cause``: it takes effect only after all that was recorded
    before it (a command), while anything else has happened at the latest when it was recorded. ``is_held``: what a side
    had to say on a connection that never got far enough to carry it; it may be said, and arrives nowhere.
    """

    line: int
    text: str
    source: str
    label: Label
    required: bool = True
    is_cause: bool = False
    is_held: bool = False


@dataclass(frozen=True)
class Said:
    """One observable effect of a step that is no message on a connection: at ``source``, ``label``.

    ``optional``: the real software may leave it out.
    """

    source: str
    label: Label
    optional: bool = False


@dataclass(frozen=True)
class Recording:
    """A recording in the model's terms.

    ``observations`` are in recorded order. ``places[slot]`` are the numbers of the recorded connections that the
    system's connection number ``slot`` may stand for, in the order in which they were opened; slots of one channel to
    one host share one tuple. What end 0 or 1 of recorded connection n sent has the source ``wire_source(n, end)``.
    ``resets`` are the sources that broke their connection off instead of closing it. ``watched`` are sources that would
    have said what there was to say; what happens at any other is not observed. ``open_ended`` are sources that may have
    gone on after the recording; ``breaks_off``: connections may have been opened after it. ``titles`` name the sources
    for people.
    """

    observations: tuple[Observation, ...]
    places: dict[int, tuple[int, ...]] = field(default_factory=dict)
    resets: frozenset[str] = frozenset()
    watched: tuple[str, ...] = ()
    open_ended: frozenset[str] = frozenset()
    breaks_off: bool = False
    titles: dict[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """Every source that was watched, whether it says anything or not."""
        return tuple(dict.fromkeys((*self.watched, *(each.source for each in self.observations))))


def wire_source(connection: int, end: int) -> str:
    """The source of what ``end`` of recorded connection ``connection`` sent."""
    return f"connection {connection} end {end}"


class Vocabulary(Protocol):
    """How a system's messages and calls are called in recordings."""

    def on_wire(self, message: Message) -> Label:
        """The label of a message on a connection that has a place in the recording."""

    def is_inert(self, message: Message) -> bool:
        """Whether a message, whenever it arrives, sets nothing off and changes nothing that anything depends on."""

    def in_process(self, caller: str, called: str, message: Message) -> Sequence[Said]:
        """What a call between two actors of a process shows, in order; nothing, if it is not observed."""
