"""Turns what a search found into verdicts: nothing is rounded up."""

from __future__ import annotations

import dataclasses

from switchover.checks.built_in import BROKEN_BY, BUILT_IN, NO_DEADLOCK
from switchover.models.language import Answer, Execution, GlobalState, System, Trace, Verdict, make_trace
from switchover.models.language.execution import Action
from switchover.models.language.properties import Property
from switchover.models.language.stepping import Outcome

from .deadlock import what_is_stuck
from .findings import Findings
from .plain import connecting_actions

_LAST_STEP = {name: outcome for outcome, name in BROKEN_BY.items()}
_BOUND_TEXT = {
    "queue": "a full queue disabled some step",
    "slot": "a connection slot in use disabled some step",
    "depth": "states at the depth bound were not followed",
}


def make_verdicts(
    execution: Execution, properties: tuple[Property, ...], found: Findings, seconds: float
) -> tuple[Verdict, ...]:
    """A verdict for each property, then one for each built-in check."""
    judge = _Judge(execution, found, seconds)
    built_in = [judge.safety(name) for name in BUILT_IN]
    return (*(judge.property(each) for each in properties), *built_in)


class _Judge:
    def __init__(self, execution: Execution, found: Findings, seconds: float) -> None:
        self.execution = execution
        self.found = found
        self.common = Verdict(
            "",
            Answer.UNKNOWN,
            found.engine,
            found.states,
            found.transitions,
            found.depth,
            seconds,
            tuple(sorted(found.bounds_hit)),
            assumptions(execution.system),
        )

    def property(self, prop: Property) -> Verdict:
        if prop.kind in ("eventually", "leads_to"):
            return self._make(prop.name, Answer.UNKNOWN, "needs liveness checking")
        return self._reachable(prop.name) if prop.kind == "sometimes" else self.safety(prop.name)

    def safety(self, name: str) -> Verdict:
        """*Always*, *never* and the built-in checks: a finding breaks them."""
        if name in self.found.first:
            return self._make(name, Answer.VIOLATED, self._what_is_wrong(name), self._trace(name))
        return self._failed(name) or self._open(name) or self._make(name, Answer.HOLDS)

    def _what_is_wrong(self, name: str) -> str:
        if name != NO_DEADLOCK:
            return ""
        return what_is_stuck(self.execution, self.found.path(self.found.first[name])[-1])

    def _reachable(self, name: str) -> Verdict:
        """*Sometimes*: a finding is the witness."""
        if name in self.found.first:
            return self._make(name, Answer.HOLDS, "reached by the trace", self._trace(name))
        exhausted = self._make(name, Answer.VIOLATED, "no reachable state makes it true")
        return self._failed(name) or self._open(name) or exhausted

    def _failed(self, name: str) -> Verdict | None:
        if name not in self.found.errors:
            return None
        number, error = self.found.errors[name]
        states = self.found.path(number)
        trace = make_trace(self.execution, connecting_actions(self.execution, states))
        return self._make(name, Answer.UNKNOWN, f"error: the predicate raised {error}", trace)

    def _open(self, name: str) -> Verdict | None:
        if self.found.stopped:
            return self._make(name, Answer.UNKNOWN, self.explain_stop())
        if self.found.bounds_hit:
            hit = [_BOUND_TEXT[each] for each in sorted(self.found.bounds_hit)]
            return self._make(name, Answer.BOUNDED, "; ".join(hit))
        return None

    def explain_stop(self) -> str:
        reason = {"interrupted": "interrupted", "settled": "stopped early: all that was asked had been found"}
        why = reason.get(self.found.stopped, f"{self.found.stopped} reached")
        return f"{why} after {self.found.states} states, {self.found.transitions} transitions, depth {self.found.depth}"

    def _trace(self, name: str) -> Trace:
        states = self.found.path(self.found.first[name])
        actions = connecting_actions(self.execution, states)
        if name in _LAST_STEP:
            actions.append(self._wrong_action(states, _LAST_STEP[name]))
        return make_trace(self.execution, actions)

    def _wrong_action(self, states: list[GlobalState], outcome: Outcome) -> Action:
        firings = self.execution.firings(states[-1])
        return next(action for action, firing in firings if firing.outcome is outcome)

    def _make(self, name: str, answer: Answer, note: str = "", trace: Trace | None = None) -> Verdict:
        return dataclasses.replace(self.common, property=name, answer=answer, note=note, trace=trace)


def assumptions(system: System) -> tuple[str, ...]:
    """What every verdict on ``system`` rests on: its fault budgets, and its variant in its own words or by fields."""
    faults = system.faults
    budgets = (
        ("cut", faults.cut, faults.cut_connections),
        ("early", faults.early, ()),
        ("crash", faults.crash, faults.crash_processes),
        ("restart", faults.restart, ()),
    )
    texts = [f"{name} ≤ {budget}" + (f" ({', '.join(of)})" if of else "") for name, budget, of in budgets if budget]
    if system.assumptions:
        texts += system.assumptions
    elif dataclasses.is_dataclass(system.variant):
        fields = dataclasses.fields(system.variant)
        texts += [f"{each.name} = {getattr(system.variant, each.name)}" for each in fields]
    return tuple(texts)
