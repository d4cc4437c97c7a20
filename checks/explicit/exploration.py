"""What an exploration is asked and what it answers: plain data, the same for every way of searching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from switchover.models.language import Verdict


@dataclass(frozen=True)
class Limits:
    """Resources that the search may use; reaching one ends it with ``unknown`` where nothing was found.

    ``max_states``: distinct states. ``max_memory``: bytes of the search's own tables; None: most of
    what the machine has free.
    """

    max_states: int | None = None
    max_memory: int | None = None


@dataclass(frozen=True)
class Progress:
    """Figures of a search under way. ``frontier``: states found and not yet expanded."""

    system: str
    states: int
    transitions: int
    depth: int
    frontier: int
    memory: int
    seconds: float

    @property
    def rate(self) -> float:
        """Transitions a second."""
        return self.transitions / self.seconds if self.seconds > 0 else 0.0


ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True)
class Observation:
    """What the search saw of a property's predicate; ``vacuity`` reads it.

    ``evaluated``: in some state (a quiescent one, for such a property). ``varied``: something that it read
    had two different values, or may have had. ``witnessed``: it was true in some state.
    """

    property: str
    kind: str
    evaluated: bool
    varied: bool
    witnessed: bool


@dataclass(frozen=True)
class Exploration:
    """The outcome of exploring one system.

    ``verdicts``: one for each property asked, then the built-in ones. ``states``: distinct states found;
    ``transitions``: firings that have a successor; ``depth``: steps to the farthest state. ``complete``: every
    state within the bounds was expanded. ``stopped``: why it was not, else empty. ``fired``: (actor class,
    transition number) of what was taken in some firing; the class by module and name. ``memory``: bytes of the search's
    tables at its end, an estimate in the plain loop. ``frontier_peak``: most states of one level.
    """

    system: str
    verdicts: tuple[Verdict, ...]
    states: int
    transitions: int
    depth: int
    seconds: float
    bounds_hit: tuple[str, ...]
    complete: bool
    interrupted: bool
    stopped: str
    engine: str
    fired: frozenset[tuple[str, int]]
    observations: tuple[Observation, ...]
    frontier_peak: int
    memory: int

    @property
    def bytes_per_state(self) -> float:
        """Memory of the search's tables, shared out over the states."""
        return self.memory / self.states if self.states else 0.0

    @property
    def rate(self) -> float:
        """Transitions a second."""
        return self.transitions / self.seconds if self.seconds > 0 else 0.0

    def verdict(self, name: str) -> Verdict:
        """The verdict on the property of this name. Raises KeyError when it was not asked."""
        for each in self.verdicts:
            if each.property == name:
                return each
        raise KeyError(name)


def class_name(cls: type) -> str:
    """How ``fired`` names an actor's class: unambiguous when two families have a class of one name."""
    return f"{cls.__module__}.{cls.__qualname__}"
