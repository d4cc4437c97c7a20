"""Question and Result: one property of one system with the answer that is expected, and the answer given."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache, partial
from typing import Any

from switchover.models.language import Answer, Claim, Family, Open, Property, System, Trace, Verdict
from switchover.models.language.claim import Case, SystemMaker
from switchover.models.language.space_time import SpaceTime


@dataclass(frozen=True)
class Question:
    """One thing to check. ``id`` selects it on the command line; ``label`` is its last part, the result's or property's
    name. ``design`` names the system within its family (for a control: the control; empty: by its own name).

    ``needs``: the engine without which it has no answer. ``why``: an explained difference from the ledger.
    ``over``: the numbers left open, of which the question asks for which values the property fails; ``open_make`` makes
    the system for some values of them, ``make`` for typical ones. ``space_time``: how the family draws a timed trace.
    """

    id: str
    label: str
    family: str
    design: str
    make: SystemMaker
    statement: Property | str
    expected: Answer
    claim: Claim | None = None
    needs: str = ""
    why: str = ""
    role: str = "claim"
    over: Open | None = None
    open_make: Callable[..., System] | None = None
    space_time: Callable[[System, Trace], SpaceTime] | None = None

    @property
    def brief(self) -> str:
        """A short name that is clear beside a table: the claim's result, or the system's property."""
        return self.label if self.claim is not None or not self.design else f"{self.design}:{self.label}"

    @property
    def topic(self) -> str:
        """What it is about, beside the design: the claim, or the property."""
        if self.claim is None:
            return self.label
        return f"{self.claim.id} {self.role}" if self.role != "claim" else self.claim.id

    @property
    def property_name(self) -> str:
        """The property's name, whether it is built in or not."""
        return self.statement if isinstance(self.statement, str) else self.statement.name


@dataclass(frozen=True)
class Result:
    """What came out. ``system`` is what was explored, its bounds as set on the command line. ``examples``: of the
    stateful engine, that it took to find the trace, or that found none; ``seed``: that they were drawn from.
    """

    question: Question
    system: System
    verdict: Verdict
    examples: int | None = None
    seed: int | None = None

    @property
    def is_expected(self) -> bool:
        """Whether the verdict is the expected one, and its region the stated one or the difference explained. The
        stateful engine gives no region: the numbers that it has drawn are to be in it.
        """
        is_met = self.verdict.answer is self.question.expected or self._is_in_region
        return is_met and not self.is_misstated

    @property
    def _is_in_region(self) -> bool:
        is_drawn = self.examples is not None and self.question.expected is Answer.REGION
        return is_drawn and self.verdict.answer is Answer.VIOLATED

    @property
    def is_open(self) -> bool:
        """Whether it is unknown, or the stateful engine has found nothing, which says little."""
        has_survived = self.examples is not None and self.verdict.answer is Answer.BOUNDED
        return has_survived or self.verdict.answer is Answer.UNKNOWN

    @property
    def is_misstated(self) -> bool:
        """Whether the region is another than the stated one, and nothing explains that."""
        return self.verdict.as_stated is False and not self.question.why

    @property
    def is_wrong(self) -> bool:
        """Whether the verdict differs from the expected one and is not merely open."""
        return not self.is_expected and not self.is_open

    def to_json(self) -> dict[str, Any]:
        """As the contract of ``check --json`` says, field by field (docs/command-line.md)."""
        verdict, question = self.verdict, self.question
        return {
            "id": question.id,
            "family": question.family,
            "system": self.system.name,
            "variant": plain(self.system.variant),
            "property": question.property_name,
            "claim": None if question.claim is None else question.claim.id,
            "engine": verdict.engine,
            "expected": question.expected.value,
            "verdict": verdict.answer.value,
            "bounds_hit": list(verdict.bounds_hit),
            "states": verdict.states,
            "transitions": verdict.transitions,
            "depth": verdict.depth,
            "seconds": round(verdict.seconds, 6),
            "trace": None if verdict.trace is None else verdict.trace.to_json(),
            **_open_fields(self),
            "examples": self.examples,
            "seed": self.seed,
        }


def _open_fields(result: Result) -> dict[str, Any]:
    """What an answer over numbers left open has beside the others'."""
    verdict = result.verdict
    values = verdict.trace.values if verdict.trace is not None else {}
    return {
        "region": None if verdict.region is None else verdict.region.to_json() | {"plot": _plot(result)},
        "losses": [each.to_json() for each in verdict.losses] or None,
        "proof": None if verdict.proof is None else verdict.proof.to_json(),
        "as_stated": verdict.as_stated,
        "values": dict(values) or None,
    }


def _plot(result: Result) -> dict[str, Any] | None:
    """The region as polygons over its first two quantities, the others as in the example; null with fewer than two."""
    region, over = result.verdict.region, result.question.over
    if region is None or over is None or len(region.quantities) < 2:
        return None
    from switchover.diagrams import region_plot

    example = dict(result.verdict.trace.values) if result.verdict.trace is not None else None
    x, y = region.names[:2]
    fixed = None if example else {name: value for name, value in over.typical().items() if name not in (x, y)}
    return region_plot(region, x, y, fixed=fixed, example=example).to_json()


def exit_status(results: list[Result]) -> int:
    """0 every verdict is the expected one; 1 some is not; 3 some is open and none is wrong."""
    if any(each.is_wrong for each in results):
        return 1
    return 3 if any(each.is_open for each in results) else 0


def questions_of_claim(family: Family, claim: Claim, prefix: str = "", *, controls: bool) -> list[Question]:
    """The claim's own results and, with ``controls``, its mutations and repairs. ``prefix`` makes their ids."""
    named = claim.results() + (claim.controls() if controls else ())
    return [_of_case(family, claim, prefix, name, case) for name, case in named]


def _of_case(family: Family, claim: Claim, prefix: str, name: str, case: Case) -> Question:
    return Question(
        id=f"{prefix}{name}",
        label=name,
        family=family.name,
        design=case.name,
        make=case.system if case.over is None else _typical(case.system, case.over),
        statement=case.property,
        expected=case.expected,
        claim=claim,
        needs=case.needs,
        why=case.why,
        role=case.role,
        over=case.over,
        open_make=None if case.over is None else case.system,
        space_time=family.space_time,
    )


@cache
def _typical(make: Callable[..., System], over: Open) -> SystemMaker:
    """Makes the system for typical values: one maker for all the questions of one system."""
    return partial(make, **over.typical())


def identity(system: System) -> object:
    """What tells systems apart that behave differently: everything but their properties."""
    actors = tuple(
        (name, type(worker), tuple(worker._parameters.items()))
        for name, worker in zip(system.layout.actor_names, system.layout.workers, strict=True)
    )
    processes = tuple((name, tuple(roles)) for name, roles in system.processes.items())
    parts = (system.connections, system.bindings, system.faults, system.bounds)
    return (system.name, repr(system.variant), actors, processes, *parts)


def plain(value: Any) -> Any:
    """A variant's value as JSON data: dataclasses by field, enumerations by value, tuples as lists."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, tuple | list | set | frozenset):
        members = [plain(each) for each in value]
        return sorted(members, key=repr) if isinstance(value, set | frozenset) else members
    if isinstance(value, dict):
        return {str(key): plain(each) for key, each in value.items()}
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
