"""Runs a function once for each feasible path through the truths that it asks for.

Whoever asks for the truth of a condition left open gets an answer that the path so far allows; when it allows several,
the function is run again for each of the others. It must do the same each time: it is a function of the answers.

A path's condition holds exactly the answers that were free. Those that follow from the assumptions and the answers
before them add nothing, hence assumptions and condition together describe the path exactly, the paths exclude each
other, and every solution of the assumptions is on one of them (or was cut off by ``assume``). A solver's *unknown*
counts as feasible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import z3

from .authoring import author_line
from .solving import holds
from .spare_solver import ask, keep_solver, take_solver

__all__ = ["Cases", "ForkingError", "Path", "PathLimits", "assume", "decide", "explore", "fail", "is_exploring"]

T = TypeVar("T")

#: A question's exclusive and exhaustive answers: the literal that holds, and the truth that it stands for.
Cases = tuple[tuple[z3.BoolRef, bool], ...]


class ForkingError(Exception):
    """A limit was hit, a truth was asked outside an exploration, or the function explored is none of its answers."""


class _CutError(BaseException):
    """The present path is infeasible. No Exception: a step takes those for the author's."""


@dataclass(frozen=True)
class PathLimits:
    """``paths`` of one exploration; truths asked (``decisions``) on one path; what one solver query may take.

    ``effort`` is z3's rlimit, the same on every machine; ``milliseconds`` a stop for when that does not help.
    """

    paths: int = 512
    decisions: int = 2_000
    effort: int = 50_000_000
    milliseconds: int = 20_000


@dataclass(frozen=True)
class Path(Generic[T]):
    """What one path gave, and when it is taken; ``model`` is a solution on it.

    ``uncertain``: the solver could not say whether any solution is on it.
    """

    result: T
    condition: tuple[z3.BoolRef, ...]
    uncertain: bool
    model: z3.ModelRef | None = None


def explore(
    run: Callable[[], T],
    assuming: Sequence[z3.BoolRef] = (),
    *,
    limits: PathLimits | None = None,
    split_disequalities: bool = True,
    model: z3.ModelRef | None = None,
) -> list[Path[T]]:
    """Every path of ``run`` that some solution of ``assuming`` takes, in a fixed order.

    ``model``: a solution of ``assuming``, where one is known; it spares looking for one.
    With ``split_disequalities`` integers that are not equal are less or greater, so that a condition on them is a
    conjunction of linear inequalities. An exception of ``run`` ends the exploration. Raises ForkingError when a limit
    is hit, naming the author's line, and when called inside an exploration; UnsupportedOperationError for what cannot
    be done with open values, even where ``run`` swallowed it.
    """
    global _active
    if _active is not None:
        raise ForkingError(f"an exploration inside an exploration: {author_line()}")
    _active = exploration = _Exploration(assuming, limits or PathLimits(), split_disequalities, model)
    try:
        found = list(exploration.paths(run))
        exploration.put_away()
        return found
    finally:
        _active = None


def decide(term: z3.BoolRef, cases: Cases) -> bool:
    """The truth of ``term`` on the present path; ``cases`` are its answers. Raises ForkingError outside one."""
    return _require_active().decide(term, cases)


def assume(condition: Any) -> None:
    """Go on only where ``condition`` (a bool, an open truth or a Z3 Boolean) holds; it joins the path's condition.

    Raises ForkingError outside an exploration.
    """
    exploration = _require_active()
    if isinstance(condition, bool):
        if not condition:
            exploration.cut()
        return
    term: z3.BoolRef = condition if isinstance(condition, z3.BoolRef) else condition.term
    cases: Cases = ((term, True),) if isinstance(condition, z3.BoolRef) else condition.cases
    exploration.assume(term, cases)


def fail(error: Exception) -> Exception:
    """Note ``error``, so that the exploration under way raises it whatever becomes of it, and return it."""
    if _active is not None and _active.failure is None:
        _active.failure = error
    return error


def is_exploring() -> bool:
    """Whether a truth can be asked for now."""
    return _active is not None


@dataclass
class _Alternative:
    """A feasible answer. ``model`` is a solution of the path up to it; None: the solver could not say."""

    literal: z3.BoolRef
    answer: bool
    model: z3.ModelRef | None


@dataclass
class _Choice:
    """A question asked, its feasible answers, and which is taken now. Unless ``free`` the answer was implied.

    ``cases`` are kept for their terms' sake: an id stands for a term only as long as that lives.
    """

    term: z3.BoolRef
    cases: Cases
    alternatives: list[_Alternative]
    free: bool
    taken: int = 0


@dataclass
class _State:
    """What is known on the path being run."""

    position: int = 0
    asked: int = 0
    model: z3.ModelRef | None = None
    truths: dict[int, bool] = field(default_factory=dict)


class _Exploration:
    def __init__(
        self, assuming: Sequence[z3.BoolRef], limits: PathLimits, split: bool, model: z3.ModelRef | None
    ) -> None:
        self.assuming = assuming
        self.limits = limits
        self.split = split
        self.failure: Exception | None = None
        self._solver: z3.Solver | None = None
        self.choices: list[_Choice] = []
        self.gave_up = False
        self.finished = 0
        self.is_cut = False
        self.state = _State()
        self.first_model = model

    @property
    def solver(self) -> z3.Solver:
        """Made when the first question is asked: many runs ask none."""
        if self._solver is None:
            self._solver = take_solver(self.assuming, self.limits.milliseconds, self.limits.effort)
        return self._solver

    def put_away(self) -> None:
        """Keep the solver for the next exploration, unless it gave up."""
        if self._solver is not None and not self.gave_up:
            keep_solver(self._solver)

    # Paths.

    def paths(self, run: Callable[[], T]) -> Iterator[Path[T]]:
        feasible = self.first_model is not None
        if not feasible:
            feasible, self.first_model = self._check()
        while feasible:
            self.state, self.is_cut = _State(model=self.first_model), False
            path = self._run(run)
            if path is not None:
                self.finished += 1
                yield path
            feasible = self._backtrack()

    def _run(self, run: Callable[[], T]) -> Path[T] | None:
        try:
            result = run()
        except _CutError:
            return None
        except Exception:
            if self.failure is not None:
                raise self.failure from None
            raise
        if self.failure is not None:
            raise self.failure
        if self.is_cut:
            return None
        self._require_same(self.state.position == len(self.choices))
        literals = (each.alternatives[each.taken].literal for each in self.choices if each.free)
        return Path(result, tuple(literals), self.state.model is None, self.state.model)

    def _backtrack(self) -> bool:
        """Turn to the last answer not yet taken. False: there is none left."""
        while self.choices:
            choice = self.choices[-1]
            if choice.free:
                self.solver.pop()
            choice.taken += 1
            if choice.taken < len(choice.alternatives):
                self._push(choice)
                return True
            self.choices.pop()
        return False

    # Questions.

    def decide(self, term: z3.BoolRef, cases: Cases) -> bool:
        state = self.state
        state.asked += 1
        if state.asked > self.limits.decisions:
            text = f"more than {self.limits.decisions} decisions on one path, a loop without bound? {author_line()}"
            raise fail(ForkingError(text))
        known = state.truths.get(term.get_id())
        if known is not None:
            return known
        if not self.split and len(cases) > 2:
            cases = ((term, True), (z3.Not(term), False))
        return self._take(self._next_choice(term, cases, is_exhaustive=True))

    def assume(self, term: z3.BoolRef, cases: Cases) -> None:
        if self.state.truths.get(term.get_id()) is True:
            return
        wanted = tuple(each for each in cases if each[1])
        if not self.split and len(wanted) > 1:
            wanted = ((term, True),)
        self._take(self._next_choice(term, wanted, is_exhaustive=False))

    def cut(self) -> None:
        self.is_cut = True
        raise _CutError

    def _next_choice(self, term: z3.BoolRef, cases: Cases, is_exhaustive: bool) -> _Choice:
        position = self.state.position
        self.state.position += 1
        if position < len(self.choices):
            choice = self.choices[position]
            self._require_same(choice.term is term or choice.term.eq(term))
            return choice
        alternatives = self._feasible(cases)
        if not alternatives:
            self.state.position -= 1
            self.cut()
        choice = _Choice(term, cases, alternatives, free=len(alternatives) > 1 or not is_exhaustive)
        self.choices.append(choice)
        if choice.free:
            self._push(choice)
            self._check_path_limit()
        return choice

    def _take(self, choice: _Choice) -> bool:
        taken = choice.alternatives[choice.taken]
        state = self.state
        state.model = taken.model
        for literal, _ in choice.cases:
            state.truths[literal.get_id()] = literal is taken.literal
        state.truths[choice.term.get_id()] = taken.answer
        return taken.answer

    def _push(self, choice: _Choice) -> None:
        self.solver.push()
        self.solver.add(choice.alternatives[choice.taken].literal)

    def _check_path_limit(self) -> None:
        pending = sum(len(each.alternatives) - each.taken - 1 for each in self.choices)
        if self.finished + pending + 1 > self.limits.paths:
            raise fail(ForkingError(f"more than {self.limits.paths} paths: {author_line()}"))

    def _require_same(self, is_same: bool) -> None:
        if not is_same:
            raise fail(ForkingError(f"run twice with the same answers, it asked something else: {author_line()}"))

    # Feasibility.

    def _feasible(self, cases: Cases) -> list[_Alternative]:
        model = self.state.model
        shown = None if model is None else next((each for each in cases if holds(model, (each[0],))), None)
        found = []
        for case in cases:
            if case is shown:
                found.append(_Alternative(*case, model))
                continue
            feasible, solution = self._check(case[0])
            if feasible:
                found.append(_Alternative(*case, solution))
        return found

    def _check(self, *literals: z3.BoolRef) -> tuple[bool, z3.ModelRef | None]:
        answer = ask(self.solver, *literals)
        if answer == z3.sat:
            return True, self.solver.model()
        if answer == z3.unknown:
            self.gave_up = True
        return answer == z3.unknown, None


_active: _Exploration | None = None


def _require_active() -> _Exploration:
    if _active is None:
        raise ForkingError(f"the truth of a value left open is asked for outside an exploration: {author_line()}")
    return _active
