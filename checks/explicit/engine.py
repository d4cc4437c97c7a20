"""Explores a system exhaustively: chooses the way to search, and judges what it found."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from switchover.checks.built_in import BUILT_IN
from switchover.models.language import DefinitionError, Execution, System
from switchover.models.language.properties import Property

from .exploration import Exploration, Limits, ProgressCallback
from .findings import Findings, Task
from .memory import default_memory
from .naming import wrong_names_explained
from .plain import search_plainly
from .predicates import DecisionTree
from .verdicts import make_verdicts

Method = Literal["auto", "plain", "kernel"]

#: States after which the kernel is quicker than the plain loop, its start included.
HAND_OVER_AT = 10_000


def explore(
    system: System,
    *,
    method: Method = "auto",
    limits: Limits | None = None,
    progress: ProgressCallback | None = None,
    properties: Sequence[Property | str] | None = None,
    stop_early: bool = False,
) -> Exploration:
    """Explore every reachable state of ``system``, breadth first, and judge its properties.

    ``properties``: which to judge (names of the system's own, or any that fit it), by default the system's;
    the built-in checks are always judged. With ``stop_early`` the search ends with the breadth-first level
    in which all of them (and by default those built-in checks that are not in ``expected_violations``) were
    decided. ``method``: "auto" begins with the plain loop and hands large systems to the kernel.
    Ctrl-C ends the search, not the program: the exploration is then ``interrupted``.

    Raises DefinitionError for a timed system, for a property that the system does not have, and for a predicate,
    ``reads`` or ``listens`` that uses a name which is not there.
    """
    if system.timing is not None:
        raise DefinitionError(f"system {system.name} is timed; it is the symbolic engine that explores such systems")
    asked = _select(system, properties)
    limits = limits or Limits()
    request = _Request(
        Execution(system),
        asked,
        limits,
        default_memory() if limits.max_memory is None else limits.max_memory,
        _watched(system, asked, properties) if stop_early else frozenset(),
        progress,
        time.perf_counter(),
    )
    with wrong_names_explained():
        task, found = _search(request, method)
    return _conclude(request, task, found)


@dataclass(frozen=True)
class _Request:
    execution: Execution
    asked: tuple[Property, ...]
    limits: Limits
    max_memory: int
    watched: frozenset[str]
    progress: ProgressCallback | None
    started: float

    def task(self) -> Task:
        """A search to make, with nothing observed yet."""
        trees = tuple(DecisionTree(self.execution, each) for each in self.asked if each.kind != "eventually")
        return Task(self.execution, trees, self.limits, self.max_memory, self.watched, self.progress, self.started)


def _select(system: System, properties: Sequence[Property | str] | None) -> tuple[Property, ...]:
    """The properties to judge besides the built-in ones."""
    own = {each.name: each for each in system.properties}
    if properties is None:
        return tuple(own.values())
    chosen: dict[str, Property] = {}
    for each in properties:
        if isinstance(each, Property):
            each.check_parameters(system.name, system.roles, tuple(c.name for c in system.connections))
            chosen[each.name] = each
        elif each in own:
            chosen[each] = own[each]
        elif each not in BUILT_IN:
            known = ", ".join((*own, *BUILT_IN))
            raise DefinitionError(f"system {system.name} has no property {each!r}; it has {known}")
    return tuple(chosen.values())


def _watched(
    system: System, asked: tuple[Property, ...], properties: Sequence[Property | str] | None
) -> frozenset[str]:
    names = {each.name for each in asked if each.kind not in ("eventually", "leads_to")}
    if properties is None:
        return frozenset(names | (set(BUILT_IN) - set(system.expected_violations)))
    return frozenset(names | {each for each in properties if isinstance(each, str) and each in BUILT_IN})


def _search(request: _Request, method: Method) -> tuple[Task, Findings]:
    if method != "kernel":
        task = request.task()
        found = search_plainly(task, HAND_OVER_AT if method == "auto" else None)
        if found is not None:
            return task, found
    # Numba takes longer to import than a small system to explore.
    from .kernel import search_by_kernel

    task = request.task()
    return task, search_by_kernel(task)


def _conclude(request: _Request, task: Task, found: Findings) -> Exploration:
    seconds = time.perf_counter() - request.started
    return Exploration(
        system=request.execution.system.name,
        verdicts=make_verdicts(request.execution, request.asked, found, seconds),
        states=found.states,
        transitions=found.transitions,
        depth=found.depth,
        seconds=seconds,
        bounds_hit=tuple(sorted(found.bounds_hit)),
        complete=not found.stopped,
        interrupted=found.stopped == "interrupted",
        stopped=found.stopped,
        engine=found.engine,
        fired=frozenset(found.fired),
        observations=tuple(each.observation(each.property.name in found.first) for each in task.trees),
        frontier_peak=found.frontier_peak,
        memory=found.memory,
    )
