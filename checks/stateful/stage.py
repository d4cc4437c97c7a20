"""A system with what is built of it once for all its examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from switchover.models.language import Execution, Open, System, TimedExecution

from .choosing import PLANS, TURNS, Chooser, Sources
from .example import Draw, Example
from .judging import Asked, Judge
from .numbers import Numbers
from .parties import Parts
from .reference import Marks, Memory, Reference, TimedReference, UntimedReference
from .wires import Wiring
from .world import World

#: Systems that are kept: numbers that were drawn before are drawn again, above all while an example shrinks.
_KEPT = 64


class Stage:
    """One system. ``wiring`` makes the wires of its connections; ``marks`` takes those of the states that it meets."""

    def __init__(self, system: System, wiring: Wiring, marks: Marks) -> None:
        self.system = system
        self.sources = Sources(system)
        self.timed = None if system.timing is None else TimedExecution(system)
        self.execution = Execution(system) if self.timed is None else self.timed.execution
        self._marks = marks
        self._memory = Memory(self.execution, marks)
        self._parts = Parts(system)
        self._wires = {mini: wiring(system, mini) for mini in (True, False)}
        self._judges: dict[Asked, Judge] = {}

    def begin(self, asked: Asked, draw: Draw, values: Mapping[str, int]) -> Example:
        """An example of which this is asked."""
        plan = draw() * (PLANS // TURNS) + draw()
        makers = self._wires[draw() < TURNS // 2]
        world = World(self._parts, makers)
        return Example(self._reference(), world, Chooser(self.sources, plan), self._judge(asked), values)

    def _reference(self) -> Reference:
        """A run of the system by the reference semantics."""
        return UntimedReference(self._memory) if self.timed is None else TimedReference(self.timed, self._marks)

    def _judge(self, asked: Asked) -> Judge:
        if asked not in self._judges:
            self._judges[asked] = Judge(self.execution, asked)
        return self._judges[asked]


class Subject(Protocol):
    """What is attacked."""

    @property
    def typical(self) -> Stage:
        """A stage that stands for all of it."""
        ...

    @property
    def marks(self) -> Marks:
        """Those of all states that were met."""
        ...

    def begin(self, asked: Asked, draw: Draw) -> Example | None:
        """A new example; None: what was drawn is not assumed possible."""
        ...

    def stage(self, values: Mapping[str, int]) -> Stage:
        """The stage with these numbers."""
        ...


class ClosedSubject:
    """One system."""

    def __init__(self, system: System, wiring: Wiring) -> None:
        self.marks: Marks = set()
        self.typical = Stage(system, wiring, self.marks)

    def begin(self, asked: Asked, draw: Draw) -> Example | None:
        """A new example."""
        return self.typical.begin(asked, draw, {})

    def stage(self, values: Mapping[str, int]) -> Stage:
        """The one that there is."""
        return self.typical


class OpenSubject:
    """A system for each value of the numbers that are left open in it."""

    def __init__(self, make: Callable[..., System], over: Open, wiring: Wiring) -> None:
        self._make, self._wiring = make, wiring
        self.marks: Marks = set()
        self._stages: dict[tuple[Any, ...], Stage] = {}
        self.typical = self.stage(over.typical())
        self._numbers = Numbers(over, self.typical.system)

    def begin(self, asked: Asked, draw: Draw) -> Example | None:
        """A new example; None: no numbers were drawn that are as assumed."""
        values = self._numbers.draw(draw)
        return None if values is None else self.stage(values).begin(asked, draw, values)

    def stage(self, values: Mapping[str, int]) -> Stage:
        """The stage with these numbers."""
        key = tuple(values.items())
        if key not in self._stages:
            if len(self._stages) >= _KEPT:
                self._stages.clear()
            self._stages[key] = Stage(self._make(**values), self._wiring, self.marks)
        return self._stages[key]
