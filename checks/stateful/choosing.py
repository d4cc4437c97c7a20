"""Which of the things that can happen happens next: what an example draws, made into a choice.

Each example has a plan. It says how reluctant each source of events is: for how many steps what it has to offer waits,
unless nothing else is to be had. So some connections are slow and some decisions late, in one example and not in
another. With plan 0 nothing is reluctant: towards that examples shrink.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from random import Random

from switchover.models.language import System
from switchover.models.language.execution import Action, ActionKind

from .reference import Choice

#: Draws are whole numbers from 0 to below this. Hypothesis draws larger ones with a liking for those that stand in the
#: modules that happen to be imported, so that a seed would not find the same elsewhere.
TURNS = 100
#: How many plans there are: two draws.
PLANS = TURNS * TURNS

#: In steps. Most examples need several slow sources to show something.
_RELUCTANCES = (0, 0, 2, 5, 10, 20, 40)


class Kind(Enum):
    """What a step is about."""

    DELIVERY = (ActionKind.DELIVER,)
    TASK = (ActionKind.TASK,)
    DECISION = (ActionKind.DECIDE,)
    TIMER = (ActionKind.TIMEOUT,)
    FAULT = (ActionKind.EARLY, ActionKind.CUT, ActionKind.CRASH, ActionKind.RESTART)


class Sources:
    """All actions that there can be in a system, in a fixed order: a connection's end, a task, a fault …"""

    def __init__(self, system: System) -> None:
        self.actions = tuple(_actions(system))
        self.kinds = frozenset(kind for kind in Kind for action in self.actions if action.kind in kind.value)


def _actions(system: System) -> Iterator[Action]:
    faults, connections = system.faults, range(len(system.connections))
    yield from (Action(ActionKind.DELIVER, number, end) for number in connections for end in (0, 1))
    yield from _of_actors(system, ActionKind.TASK, "_tasks")
    yield from _of_actors(system, ActionKind.DECIDE, "_decisions")
    yield from _of_actors(system, ActionKind.TIMEOUT, "_timers")
    if faults.early:
        yield from _of_actors(system, ActionKind.EARLY, "_timers")
    if faults.cut:
        yield from (Action(ActionKind.CUT, number) for number in connections)
    for kind, budget in ((ActionKind.CRASH, faults.crash), (ActionKind.RESTART, faults.restart)):
        if budget:
            yield from (Action(kind, number) for number in range(len(system.processes)))


def _of_actors(system: System, kind: ActionKind, declared: str) -> Iterator[Action]:
    for actor, worker in enumerate(system.layout.workers):
        yield from (Action(kind, actor, 0, name) for name in getattr(type(worker), declared))


class Chooser:
    """Chooses in one example."""

    def __init__(self, sources: Sources, plan: int) -> None:
        order = list(sources.actions)
        rng = Random(plan)
        if plan:
            rng.shuffle(order)
        self._places = {action: place for place, action in enumerate(order)}
        self._reluctance = {action: rng.choice(_RELUCTANCES) if plan else 0 for action in order}
        self._since: dict[Action, int] = {}
        self._step = 0

    def notice(self, choices: Sequence[Choice]) -> None:
        """A step is over: these can happen now."""
        self._step += 1
        self._since = {each.action: self._since.get(each.action, self._step) for each in choices}

    def choose(self, choices: Sequence[Choice], kind: Kind, turn: int) -> Choice | None:
        """One of the choices of this kind, or of another where there is none of it, yet no fault instead of something
        else. ``turn``: 0 to TURNS - 1. None: there is nothing but faults.
        """
        usual = [each for each in choices if each.action.kind not in Kind.FAULT.value]
        wanted = [each for each in choices if each.action.kind in kind.value] or usual
        ready = [each for each in wanted if self._is_ready(each)] or [each for each in usual if self._is_ready(each)]
        first = turn * len(self._places) // TURNS
        return min(ready or wanted, key=lambda each: self._distance(first, each), default=None)

    def _is_ready(self, choice: Choice) -> bool:
        return self._step - self._since[choice.action] >= self._reluctance[choice.action]

    def _distance(self, first: int, choice: Choice) -> int:
        return (self._places[choice.action] - first) % len(self._places)
