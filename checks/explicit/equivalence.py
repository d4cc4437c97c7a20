"""Trace equivalence: do some actors see the same, in the same order, in two systems?

Two systems are compared by the words over what the chosen actors handle: messages and connection events with
their connection, and their own decisions, tasks and timers. Everything else is silent. The sets of words (all
prefixes included) are compared by determinising both systems at once, so it is exact; it is for small systems.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable

from switchover.models.language import Execution, GlobalState, System
from switchover.models.language.execution import Action
from switchover.models.language.tracing import label

#: What happened to whom: (kind, connection or actor, actor, message).
Seen = tuple[str, str, str, str]


def distinguishing_word(first: System, second: System, roles: Collection[str]) -> tuple[Seen, ...] | None:
    """A shortest word that the actors of ``roles`` may see in one system and not in the other; None when there is none.

    ``roles`` are names of roles of both systems. Bounds are not looked at: give systems that hit none.
    """
    sides = (_Side(first, roles), _Side(second, roles))
    start = (sides[0].closure([sides[0].execution.initial()]), sides[1].closure([sides[1].execution.initial()]))
    words: dict[tuple[frozenset[GlobalState], frozenset[GlobalState]], tuple[Seen, ...]] = {start: ()}
    frontier = deque([start])
    while frontier:
        pair = frontier.popleft()
        left, right = (side.after(states) for side, states in zip(sides, pair, strict=True))
        for seen in sorted(left.keys() | right.keys()):
            word = (*words[pair], seen)
            if (seen in left) != (seen in right):
                return word
            following = (sides[0].closure(left[seen]), sides[1].closure(right[seen]))
            if following not in words:
                words[following] = word
                frontier.append(following)
    return None


class _Side:
    """One of the two systems, its successors remembered."""

    def __init__(self, system: System, roles: Collection[str]) -> None:
        self.execution = Execution(system)
        layout = self.execution.layout
        self.names = {layout.actor_names[number] for role in roles for number in layout.numbers(role)}
        self.successors: dict[GlobalState, list[tuple[Seen | None, GlobalState]]] = {}

    def steps(self, state: GlobalState) -> list[tuple[Seen | None, GlobalState]]:
        """What may come next, with what is seen of it (None: nothing)."""
        known = self.successors.get(state)
        if known is None:
            known = self.successors[state] = [
                (self.seen(state, action), firing.state)
                for action, firing in self.execution.firings(state)
                if firing.state is not None
            ]
        return known

    def seen(self, state: GlobalState, action: Action) -> Seen | None:
        kind, subject, actor, message, _ = label(self.execution, state, action)
        return (kind, subject, actor, message) if actor in self.names else None

    def closure(self, states: Iterable[GlobalState]) -> frozenset[GlobalState]:
        """The states that may be reached from ``states`` with nothing seen."""
        found = set(states)
        waiting = list(found)
        while waiting:
            for seen, state in self.steps(waiting.pop()):
                if seen is None and state not in found:
                    found.add(state)
                    waiting.append(state)
        return frozenset(found)

    def after(self, states: frozenset[GlobalState]) -> dict[Seen, set[GlobalState]]:
        """The states right after each thing that may be seen next."""
        found: dict[Seen, set[GlobalState]] = {}
        for state in states:
            for seen, following in self.steps(state):
                if seen is not None:
                    found.setdefault(seen, set()).add(following)
        return found
