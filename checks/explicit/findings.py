"""What a search is given and what it brings back, whichever way it searches."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from switchover.models.language import Execution, GlobalState
from switchover.models.language.properties import Property

from .exploration import Limits, Progress, ProgressCallback
from .predicates import DecisionTree

#: Seconds between two reports of progress.
PROGRESS_INTERVAL = 0.2


@dataclass
class Task:
    """One exploration to make. ``trees``: a predicate for each property that a search can decide.

    ``watched``: the names whose findings end the search early; empty: search everything.
    """

    execution: Execution
    trees: tuple[DecisionTree, ...]
    limits: Limits
    max_memory: int
    watched: frozenset[str] = frozenset()
    progress: ProgressCallback | None = None
    started: float = field(default_factory=time.perf_counter)
    _reported: float = field(default_factory=time.perf_counter)

    def report(self, states: int, transitions: int, depth: int, frontier: int, memory: int) -> None:
        """Tell the caller how far the search is, every now and then."""
        now = time.perf_counter()
        if self.progress is None or now - self._reported < PROGRESS_INTERVAL:
            return
        self._reported = now
        name = self.execution.system.name
        self.progress(Progress(name, states, transitions, depth, frontier, memory, now - self.started))

    def is_settled(self, found: set[str]) -> bool:
        """Whether everything watched was found, so that the search may end."""
        return bool(self.watched) and self.watched <= found


@dataclass
class Findings:
    """What a search found. ``first``: for each property or built-in check, the first state (in
    breadth-first order) that decides it against (for *sometimes*, in favour); ``errors``: the first state in
    which a predicate raised, and what. ``path`` gives the states from the initial one to a numbered one.
    ``stopped``: the limit, "interrupted" or "settled" that ended it early; empty when everything was expanded.
    """

    engine: str
    path: Callable[[int], list[GlobalState]]
    states: int = 0
    transitions: int = 0
    depth: int = 0
    frontier_peak: int = 0
    memory: int = 0
    bounds_hit: set[str] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)
    errors: dict[str, tuple[int, str]] = field(default_factory=dict)
    fired: set[tuple[str, int]] = field(default_factory=set)
    stopped: str = ""


def sought_truth(prop: Property) -> bool:
    """The truth of the predicate that a search looks for: what breaks an *always*, what shows a *sometimes*."""
    return prop.kind != "always"
