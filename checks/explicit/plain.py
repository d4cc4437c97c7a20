"""Breadth-first search as a plain loop over the reference semantics: for small systems, and to check the kernel by."""

from __future__ import annotations

import sys
from itertools import pairwise

from switchover.checks.built_in import BROKEN_BY, NO_DEADLOCK
from switchover.models.language import Execution, GlobalState
from switchover.models.language.execution import Action, Firing

from .deadlock import is_deadlock
from .exploration import class_name
from .findings import Findings, Task, sought_truth

ENGINE = "explicit (plain loop)"

#: What a state costs beyond its own tuples: its place in the index, its parent, and the connection that it changed.
_OVERHEAD = 500


class _PlainSearch:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.execution = task.execution
        self.order: list[GlobalState] = [task.execution.initial()]
        self.index = {self.order[0]: 0}
        self.parents = [-1]
        self.found = Findings(ENGINE, self.path, frontier_peak=1)
        self.max_states = task.limits.max_states
        self.state_size = _OVERHEAD + sum(sys.getsizeof(each) for each in (self.order[0], *self.order[0]))
        self._classes = [class_name(type(worker)) for worker in self.execution.layout.workers]

    def run(self, give_up_at: int | None) -> Findings | None:
        """Search; None when ``give_up_at`` states were found and the search is not over."""
        try:
            over = self._levels(give_up_at)
        except KeyboardInterrupt:
            self.found.stopped, over = "interrupted", True
        self.found.states = len(self.order)
        self.found.memory = len(self.order) * self.state_size
        return self.found if over else None

    def _levels(self, give_up_at: int | None) -> bool:
        depth_bound = self.execution.system.bounds.depth
        start, end = 0, 1
        while start < end:
            is_last = depth_bound is not None and self.found.depth >= depth_bound
            for number in range(start, end):
                self._expand(number, is_last)
                if self.found.stopped:
                    return True
                if give_up_at is not None and len(self.order) >= give_up_at:
                    return False
                memory = len(self.order) * self.state_size
                self.task.report(len(self.order), self.found.transitions, self.found.depth, end - number, memory)
            start, end = end, len(self.order)
            if start < end:
                self.found.depth += 1
                self.found.frontier_peak = max(self.found.frontier_peak, end - start)
                if self.task.is_settled(set(self.found.first)):
                    self.found.stopped = "settled"
                    return True
        return True

    def _expand(self, number: int, is_last: bool) -> None:
        state = self.order[number]
        firings = self.execution.firings(state)
        for _, firing in firings:
            self._follow(number, firing, is_last)
            if self.found.stopped:
                return
        self._check(number, state, firings)

    def _follow(self, number: int, firing: Firing, is_last: bool) -> None:
        found = self.found
        if firing.bound:
            found.bounds_hit.add(firing.bound)
        elif firing.state is None or is_last:
            if is_last and (firing.state is None or firing.state not in self.index):
                found.bounds_hit.add("depth")
            elif firing.state is None:
                found.first.setdefault(BROKEN_BY[firing.outcome], number)
        else:
            found.transitions += 1
            for each in firing.steps:
                found.fired.update((self._classes[each.actor], fired) for fired in each.result.transitions)
            if firing.state not in self.index:
                self._add(number, firing.state)

    def _add(self, parent: int, state: GlobalState) -> None:
        if self.max_states is not None and len(self.order) >= self.max_states:
            self.found.stopped = "max_states"
        elif (len(self.order) + 1) * self.state_size > self.task.max_memory:
            self.found.stopped = "max_memory"
        else:
            self.index[state] = len(self.order)
            self.order.append(state)
            self.parents.append(parent)

    def _check(self, number: int, state: GlobalState, firings: list[tuple[Action, Firing]]) -> None:
        first = self.found.first
        if NO_DEADLOCK not in first and is_deadlock(self.execution, state, firings):
            first[NO_DEADLOCK] = number
        quiescent = self.execution.is_quiescent(firings)
        for tree in self.task.trees:
            name = tree.property.name
            if name in first or (tree.property.when == "quiescent" and not quiescent):
                continue
            leaf = tree.evaluate(state)
            if leaf.truth is None:
                self.found.errors.setdefault(name, (number, leaf.error))
            elif leaf.truth is sought_truth(tree.property):
                first[name] = number

    def path(self, number: int) -> list[GlobalState]:
        states = []
        while number >= 0:
            states.append(self.order[number])
            number = self.parents[number]
        return states[::-1]


def search_plainly(task: Task, give_up_at: int | None = None) -> Findings | None:
    """Explore ``task``; None when ``give_up_at`` states were found before the end."""
    return _PlainSearch(task).run(give_up_at)


def connecting_actions(execution: Execution, states: list[GlobalState]) -> list[Action]:
    """The actions that lead through ``states``: of several with the same effect, the first."""
    actions = []
    for before, after in pairwise(states):
        actions.append(next(action for action, firing in execution.firings(before) if firing.state == after))
    return actions
