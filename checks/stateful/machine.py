"""The state machine that Hypothesis runs: its rules let things happen in a system, its invariants are what is asked.

Every rule can be run at any time, and lets something of its kind happen; where there is nothing, something of another.
So what Hypothesis leaves out of an example, as it does of some rules in each, is put off rather than missing:
without deliveries a slow network, without decisions patient people.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.internal.conjecture.data import Status
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from .choosing import TURNS, Kind
from .example import Draw, Example

_TURN = st.integers(0, TURNS - 1)


class FoundError(Exception):
    """An example has shown what is looked for."""


class Hunt(Protocol):
    """Who has the machine run."""

    kinds: frozenset[Kind]

    def begin(self, draw: Draw) -> Example | None:
        """A new example; None: what was drawn is not assumed possible."""
        ...

    def go_on(self, example: Example, kind: Kind, turn: int, draw: Draw) -> bool:
        """Let something happen in an example; False: it is over."""
        ...

    def judge(self, example: Example) -> None:
        """Raises FoundError when the example has shown what is looked for."""
        ...

    def end(self, example: Example) -> None:
        """The example is over."""
        ...


def _has(kind: Kind) -> Callable[[SystemMachine], bool]:
    return lambda machine: kind in machine.hunt.kinds


class SystemMachine(RuleBasedStateMachine):
    """One example of a hunt."""

    def __init__(self, hunt: Hunt) -> None:
        super().__init__()
        self.hunt = hunt
        self.example: Example | None = None

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        """Draw what is drawn once."""
        self._data = data
        self.example = self.hunt.begin(self._draw)
        if self.example is None:
            reject()

    @rule(turn=_TURN)
    def deliver(self, turn: int) -> None:
        """Something arrives."""
        self._go_on(Kind.DELIVERY, turn)

    @precondition(_has(Kind.TASK))
    @rule(turn=_TURN)
    def do_task(self, turn: int) -> None:
        """A task is done."""
        self._go_on(Kind.TASK, turn)

    @precondition(_has(Kind.TIMER))
    @rule(turn=_TURN)
    def fire_timer(self, turn: int) -> None:
        """A timer fires."""
        self._go_on(Kind.TIMER, turn)

    @precondition(_has(Kind.DECISION))
    @rule(turn=_TURN)
    def take_decision(self, turn: int) -> None:
        """Somebody decides something."""
        self._go_on(Kind.DECISION, turn)

    @precondition(_has(Kind.FAULT))
    @rule(turn=_TURN)
    def inject_fault(self, turn: int) -> None:
        """Something breaks."""
        self._go_on(Kind.FAULT, turn)

    @invariant()
    def shows_nothing(self) -> None:
        """What is asked of the system is not decided by this example."""
        if self.example is not None:
            self.hunt.judge(self.example)

    def teardown(self) -> None:
        """The example is over, in whatever way."""
        if self.example is not None:
            self.hunt.end(self.example)

    def _go_on(self, kind: Kind, turn: int) -> None:
        assert self.example is not None
        if not self.hunt.go_on(self.example, kind, turn, self._draw):
            # A machine has no other way to say that it has come to its end.
            self._data.conjecture_data.conclude_test(Status.VALID)

    def _draw(self) -> int:
        return self._data.draw(_TURN)
