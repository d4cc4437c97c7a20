"""Runs of a timed system on numbers: what its nodes' variables have been, and violations that turn up on the way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import z3
from switchover.checks.built_in import BROKEN_BY
from switchover.models.language import Open, Property, System, TimedExecution, TimedState, Trace, make_timed_trace
from switchover.models.language.execution import Action
from switchover.models.language.view import arguments

from .search import Condition
from .solving import seeded_solver
from .transition_system import Skeletons, is_idle

__all__ = ["Sample", "Sampler", "SamplingLimits"]

_SEED = 1


@dataclass(frozen=True)
class SamplingLimits:
    """``runs``: how many, each with values of its own for the quantities; ``events`` on each."""

    runs: int = 24
    events: int = 90


@dataclass(frozen=True)
class Sample:
    """A state met: ``template`` is its control, ``filled`` the values of its holes, ``quantities`` those of the run."""

    template: TimedState
    filled: dict[str, int]
    quantities: dict[str, int]


class Sampler:
    """Random runs, the same in every process. ``violation``: the first one met, as a trace, by the property's name."""

    def __init__(
        self,
        make: Callable[..., System],
        prop: Property | None,
        over: Open,
        within: Condition,
        limits: SamplingLimits | None = None,
    ) -> None:
        self.make = make
        self.prop = prop
        self.over = over
        self.within = within
        self.limits = limits or SamplingLimits()
        self.random = random.Random(_SEED)
        self.violation: tuple[str, Trace] | None = None

    def samples(self) -> Iterator[Sample]:
        """The states met, until all runs are over or one violates the property."""
        for number in range(self.limits.runs):
            values = self._values(number)
            if values is not None:
                yield from self._run(values)
            if values is None or self.violation is not None:
                return

    def _values(self, number: int) -> dict[str, int] | None:
        """Values of the quantities within what is assumed: typical ones, small ones, large ones."""
        solver = seeded_solver()
        solver.add(*self.within)
        if solver.check() != z3.sat:
            return None
        for each in self.random.sample(self.over.quantities, len(self.over.quantities)):
            self._fix(solver, z3.Int(each.name), [self._guess(each.typical, number) for _ in range(3)])
        if solver.check() != z3.sat:
            return None
        model = solver.model()
        return {
            each.name: model.eval(z3.Int(each.name), model_completion=True).as_long() for each in self.over.quantities
        }

    def _guess(self, typical: int, number: int) -> int:
        if number == 0:
            return typical
        size = self.random.choice((3, 30, 300, 3_000, 30_000, abs(typical) + 1, 2 * abs(typical) + 1))
        return self.random.randint(-size, size) if number % 2 else self.random.randint(0, size)

    def _fix(self, solver: z3.Solver, constant: z3.ArithRef, guesses: Sequence[int]) -> None:
        for guess in guesses:
            if solver.check(constant == guess) == z3.sat:
                solver.add(constant == guess)
                return

    def _run(self, values: dict[str, int]) -> Iterator[Sample]:
        execution = TimedExecution(self.make(**values))
        skeletons = Skeletons(execution)
        state, taken = execution.initial(), list[tuple[Action, int]]()
        for _ in range(self.limits.events):
            yield Sample(*skeletons.apart(state), values)
            if self._breaks(execution, state):
                assert self.prop is not None
                self._note(self.prop.name, execution, taken, values)
                return
            following = self._step(execution, state, taken)
            if isinstance(following, str):
                self._note(following, execution, taken, values)
            if not isinstance(following, TimedState):
                return
            state = following

    def _breaks(self, execution: TimedExecution, state: TimedState) -> bool:
        prop = self.prop
        if prop is None or (prop.when == "quiescent" and not execution.is_quiescent(state)):
            return False
        return bool(prop.predicate(*arguments(execution.system, prop, state.system))) is not (prop.kind == "always")

    def _step(
        self, execution: TimedExecution, state: TimedState, taken: list[tuple[Action, int]]
    ) -> TimedState | str | None:
        """A successor chosen at random; the name of what goes wrong; None where nothing happens any more."""
        latest = min(execution.limits(state), default=None)
        moments = [each for each in execution.moments(state) if latest is None or each.earliest <= latest]
        for moment in self.random.sample(moments, len(moments)):
            at = moment.earliest if moment.exact else self._time(moment.earliest, latest)
            fired = execution.fire(state, moment.action, at)
            if is_idle(moment.action, fired) or fired.firing.bound:
                continue
            taken.append((moment.action, at))
            if fired.state is not None:
                return fired.state
            return BROKEN_BY[fired.firing.outcome]
        return None

    def _time(self, earliest: int, latest: int | None) -> int:
        size = self.random.choice((0, 1, 10, 1_000))
        chosen = earliest + self.random.randint(0, size)
        return chosen if latest is None else min(chosen, latest)

    def _note(
        self, name: str, execution: TimedExecution, taken: Sequence[tuple[Action, int]], values: dict[str, int]
    ) -> None:
        self.violation = (name, make_timed_trace(execution, taken, values)[0])
