"""What a step of a run shows to an observer: the effects of an action, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from switchover.models.language.actor import Close, Open, Send
from switchover.models.language.execution import Action, ActionKind, Execution, Firing, GlobalState
from switchover.models.language.message import Closed, Lost, Opened
from switchover.models.language.observation import ENDING, OPENING, Label, Said, Vocabulary
from switchover.models.language.stepping import Outcome

_ENDED = (Closed, Lost)


@dataclass(frozen=True)
class Sent:
    """Something goes out on connection slot ``slot`` from ``end``.

    ``comes_late``: the peer had ended the connection already, so that it may never have got as far as the wire.
    """

    slot: int
    end: int
    label: Label
    comes_late: bool = False


Emission = Sent | Said


class Observer:
    """Sees the effects of actions through a vocabulary."""

    def __init__(self, execution: Execution, vocabulary: Vocabulary, slots: frozenset[int]) -> None:
        self._execution = execution
        self._vocabulary = vocabulary
        self._slots = slots

    def emissions(self, state: GlobalState, action: Action, firing: Firing) -> list[Emission]:
        """The observable effects of ``action``, which was fired in ``state``, in order."""
        found: list[Emission] = list(self._of_delivery(state, action))
        walk = _Walk(self._execution, self._vocabulary, self._slots, state, firing)
        while walk.next < len(firing.steps):
            found += walk.step()
        return found

    def _of_delivery(self, state: GlobalState, action: Action) -> Iterator[Sent]:
        """A side that learns that the peer has closed closes too; one that does not listen answers with a reset."""
        if action.kind is not ActionKind.DELIVER or action.subject not in self._slots:
            return
        connection = state.connections[action.subject]
        message = connection.queues[action.end][0]
        if isinstance(message, _ENDED) and connection.open_ends[action.end]:
            yield Sent(action.subject, action.end, ENDING, comes_late=True)
        elif isinstance(message, Opened) and not connection.open_ends[action.end]:
            actor, port = self._execution.layout.ends[action.subject][action.end]
            if self._execution.masks(actor, state.snapshots[actor])[1][port] is False:
                yield Sent(action.subject, action.end, ENDING)


class _Walk:
    """Goes through the steps of a firing as they happened: a call's effects come between its caller's."""

    def __init__(
        self,
        execution: Execution,
        vocabulary: Vocabulary,
        slots: frozenset[int],
        state: GlobalState,
        firing: Firing,
    ) -> None:
        self.layout = execution.layout
        self.vocabulary = vocabulary
        self.slots = slots
        self.steps = firing.steps
        self.next = 0
        self.ended = {
            (slot, end)
            for slot in slots
            for end in (0, 1)
            if state.connections[slot].queues[end] and isinstance(state.connections[slot].queues[end][-1], _ENDED)
        }

    def step(self) -> list[Emission]:
        local = self.steps[self.next]
        self.next += 1
        found: list[Emission] = []
        if local.result.outcome is not Outcome.HANDLED:
            return found
        for output in local.result.outputs:
            if not isinstance(output, Send | Open | Close):
                continue
            wire = self.layout.wires[local.actor][output.port]
            if wire is None:
                continue
            if wire.connection >= 0:
                found += self._on_connection(wire.connection, wire.end, output)
            elif isinstance(output, Send):
                names = self.layout.actor_names
                found += self.vocabulary.in_process(names[local.actor], names[wire.actor], output.message)
                if self._is_called(wire.actor):
                    found += self.step()
        return found

    def _is_called(self, actor: int) -> bool:
        """A call to a process that is down sets off no step."""
        return self.next < len(self.steps) and self.steps[self.next].actor == actor

    def _on_connection(self, slot: int, end: int, output: Send | Open | Close) -> Iterator[Sent]:
        if slot not in self.slots:
            return
        if isinstance(output, Open):
            self.ended.discard((slot, 0))
            self.ended.discard((slot, 1))
            yield Sent(slot, end, OPENING)
        elif isinstance(output, Close):
            yield Sent(slot, end, ENDING, comes_late=(slot, end) in self.ended)
            self.ended.add((slot, 1 - end))
        else:
            yield Sent(slot, end, self.vocabulary.on_wire(output.message), comes_late=(slot, end) in self.ended)
