"""A path summary says what the concrete step does: on drawn charts and on every actor of the families."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Annotated, Any

import pytest
import z3
from example_charts import ACTORS
from hypothesis import HealthCheck, given, settings
from local_steps import walk
from random_charts import actor_classes, make_actors
from switchover.checks.symbolic.authoring import UnsupportedOperationError
from switchover.checks.symbolic.opening import replaced
from switchover.checks.symbolic.summaries import StepSummary, configuration_of, is_stable, summarise, values_of
from switchover.checks.symbolic.syntax import unsupported_syntax
from switchover.checks.symbolic.terms import Arithmetic, SymbolicInteger
from switchover.families import all_families
from switchover.models.language import Actor, Between, Execution, Message, Port, State, System, Wrap32, variable
from switchover.models.language.execution import Stepper
from switchover.models.language.plans import plan_step
from switchover.models.language.stepping import (
    Input,
    Outcome,
    Receive,
    Snapshot,
    StepResult,
    describe_transitions,
    step,
)
from switchover.models.language.timed import TimedExecution

Step = tuple[Actor, Snapshot, Input, StepResult]


class Agreement:
    """Compares concrete steps with summaries, each of which is made once and used for every step of its kind."""

    def __init__(self, stepper: Stepper, **options: Any) -> None:
        self._summarise = partial(summarise, stepper=stepper, keep_unsupported=True, **options)
        self._known: dict[Any, list[StepSummary]] = {}
        self.ended: Counter[Outcome] = Counter()
        self.paths = 0

    def check(self, steps: Iterable[Step]) -> None:
        for actor, snapshot, event, expected in steps:
            values = values_of(actor, snapshot, event)
            summary = self._summary(actor, snapshot, event, values)
            found = summary.results(values)
            if not is_stable(actor, snapshot):
                assert found == []
                found = self._summarise(actor, snapshot, event, stable=False).results(values)
            assert len(found) == 1, (snapshot, event)
            (result,) = found
            assert result.outcome is expected.outcome, (snapshot, event)
            assert result.snapshot == expected.snapshot, (snapshot, event)
            assert result.outputs == expected.outputs, (snapshot, event)
            assert result.transitions == expected.transitions, (snapshot, event)
            self.ended[result.outcome] += 1

    def _summary(self, actor: Actor, snapshot: Snapshot, event: Input, values: dict[str, Any]) -> StepSummary:
        known = self._known.setdefault((id(actor), configuration_of(actor, snapshot, event)), [])
        for each in known:
            if all(values[name] == value for name, value in each.kept.items()):
                return each
        made = self._summarise(actor, snapshot, event)
        assert not any(path.uncertain for path in made.paths)
        self.paths += len(made.paths)
        known.append(made)
        return made


def concrete_steps(system: System, limit: int) -> Iterator[Step]:
    """Local steps of a breadth-first walk; of a timed system, each action as early as it may happen."""
    execution = _untimed_walk(system, limit) if system.timing is None else _timed_walk(system, limit)
    for (kind, snapshot, event), result in islice(execution._steps.items(), limit):
        yield execution.layout.workers[execution.kinds.index(kind)], snapshot, event, result


def _untimed_walk(system: System, limit: int) -> Execution:
    execution = Execution(system, reference=True)
    frontier = [execution.initial()]
    seen = set(frontier)
    for state in frontier:
        if len(execution._steps) >= limit:
            break
        reached = [firing.state for _, firing in execution.firings(state) if firing.state is not None]
        for after in dict.fromkeys(reached):
            if after not in seen:
                seen.add(after)
                frontier.append(after)
    return execution


def _timed_walk(system: System, limit: int) -> Execution:
    timed = TimedExecution(system, reference=True)
    frontier = [timed.initial()]
    for state in frontier:
        if len(timed.execution._steps) >= limit or len(frontier) > 5 * limit:
            break
        last = min(timed.limits(state), default=None)
        for moment in timed.moments(state):
            if last is None or moment.earliest <= last:
                after = timed.fire(state, moment.action, moment.earliest).state
                frontier += [] if after is None else [after]
    return timed.execution


FAMILY_SYSTEMS = [
    pytest.param(maker, id=f"{family.name}-{design}")
    for family in all_families()
    for design, maker in family.systems.items()
]


@pytest.mark.parametrize("maker", FAMILY_SYSTEMS)
def test_summaries_agree_on_every_actor_of_the_families(maker: Any) -> None:
    agreement = Agreement(step)
    agreement.check(concrete_steps(maker(), 160))
    assert agreement.ended[Outcome.HANDLED] > 10


@pytest.mark.parametrize("maker", FAMILY_SYSTEMS[:1])
def test_summaries_by_plans_agree_too(maker: Any) -> None:
    agreement = Agreement(plan_step)
    agreement.check(concrete_steps(maker(), 160))
    assert agreement.ended[Outcome.HANDLED] > 10


@pytest.mark.parametrize("maker", FAMILY_SYSTEMS)
def test_no_handler_of_the_families_asks_what_open_values_cannot_notice(maker: Any) -> None:
    for cls in {type(worker): None for worker in maker().layout.workers}:
        assert unsupported_syntax(cls) == []


@pytest.mark.parametrize("cls", ACTORS)
def test_summaries_agree_on_examples(cls: type[Actor]) -> None:
    actor = cls()
    agreement = Agreement(step)
    agreement.check((actor, *each) for each in walk(actor, step, 150))
    assert agreement.ended[Outcome.HANDLED]


_SEEN: Counter[Outcome] = Counter()


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(actor_classes())
def test_summaries_agree_on_drawn_charts(cls: type[Actor]) -> None:
    (actor,) = make_actors(cls)
    for stepper in (step, plan_step):
        agreement = Agreement(stepper)
        agreement.check((actor, *each) for each in walk(actor, step, 60))
        _SEEN.update(agreement.ended)


def test_drawn_charts_end_in_every_way() -> None:
    if not _SEEN:
        test_summaries_agree_on_drawn_charts()
    assert set(_SEEN) == set(Outcome)


Time = int | Wrap32


@dataclass(frozen=True)
class Shown:
    time: Time
    pair: tuple[bool, int]


class Stamp(Message):
    time: Time
    number: Annotated[int, Between(0, 9)] = 0


class Ack(Message):
    time: Time
    seen: bool


class Keeper(Actor):
    """Every kind of value that may be left open, nested ones too."""

    clock: Time = variable(0)
    last: Shown | None = variable(None)
    margin: Annotated[int, Between(-5, 5)] = variable(0)

    port = Port(receives=(Stamp,), sends=(Ack,))

    early = State(initial=True)
    late = State()

    stamp = early.to(late, cond="is_behind", on="answer") | early.to(None, on="keep") | late.to(early, on="keep")
    early.to(late, cond="margin > 4")

    def is_behind(self, message: Stamp) -> bool:
        return message.time - self.clock < 0

    def answer(self, message: Stamp) -> None:
        seen = self.last is not None and self.last.time < message.time
        self.port.send(Ack(message.time + 100, seen))

    def keep(self, message: Stamp) -> None:
        self.last = Shown(message.time, (message.number > 3, message.number))
        self.clock = message.time - -40
        self.margin = message.number - 2


def _keeper_steps(keeper: Keeper, times: list[Any]) -> Iterator[Step]:
    for clock in times:
        for margin in (-5, 0, 5):
            for last in (None, Shown(times[0], (True, 7))):
                for time in times:
                    for number in (0, 3, 4, 9):
                        at = Snapshot(("early",), (clock, last, margin), (), (True,))
                        event = Receive(0, Stamp(time, number))
                        yield keeper, at, event, step(keeper, at, event)


@pytest.mark.parametrize(
    ("times", "arithmetic"),
    [
        ([-3, 0, 40, 2**35], Arithmetic.INTEGERS),
        ([-3, 0, 40, 2**35], Arithmetic.BITS_64),
        ([Wrap32(each) for each in (0, 3, 2**31, 2**32 - 1)], Arithmetic.BITS_64),
    ],
    ids=["integers", "64 bits", "wrapping"],
)
def test_summaries_agree_on_nested_and_wrapping_values(times: list[Any], arithmetic: Arithmetic) -> None:
    agreement = Agreement(step, arithmetic=arithmetic)
    agreement.check(_keeper_steps(Keeper(), times))
    assert set(agreement.ended) == {Outcome.HANDLED, Outcome.ERROR}
    assert agreement.paths > 4


def test_ranges_are_assumed_and_unstable_values_left_out() -> None:
    keeper = Keeper()
    snapshot, event = Snapshot(("early",), (0, None, 0), (), (True,)), Receive(0, Stamp(0))
    stable, unstable = summarise(keeper, snapshot, event), summarise(keeper, snapshot, event, stable=False)
    margin, number = stable.constants["margin"], stable.constants["event.message.number"]
    solver = z3.Solver()
    solver.add(*stable.assuming)
    assert solver.check(z3.Or(margin < -5, margin > 5, number < 0, number > 9)) == z3.unsat
    taken = [z3.And(*path.condition) for path in stable.paths]
    assert solver.check(z3.And(margin <= 4, z3.Not(z3.Or(*taken)))) == z3.unsat
    assert solver.check(z3.And(margin > 4, z3.Or(*taken))) == z3.unsat
    eventless = describe_transitions(Keeper).index("early → late on no event [margin > 4]")
    assert (eventless,) in {path.transitions[:1] for path in unstable.paths}
    assert (eventless,) not in {path.transitions[:1] for path in stable.paths}


def test_an_error_of_the_language_may_quote_open_values() -> None:
    keeper = Keeper()
    snapshot, event = Snapshot(("early",), (0, None, 3), (), (False,)), Receive(0, Stamp(-1))
    summary = summarise(keeper, snapshot, event)
    assert [each.outcome for each in summary.results(values_of(keeper, snapshot, event))] == [Outcome.ERROR]
    assert step(keeper, snapshot, event).outcome is Outcome.ERROR


def test_what_is_named_is_kept() -> None:
    keeper = Keeper()
    snapshot, event = Snapshot(("early",), (0, None, 3), (), (True,)), Receive(0, Stamp(0))
    summary = summarise(keeper, snapshot, event, keep=("margin",))
    assert summary.kept == {"margin": 3}
    assert summary.snapshot.variables[2] == 3
    assert isinstance(summary.snapshot.variables[0], SymbolicInteger)
    with pytest.raises(ValueError, match="margin = 3"):
        summary.results({**values_of(keeper, snapshot, event), "margin": 4})
    with pytest.raises(KeyError, match="nothing"):
        summarise(keeper, snapshot, event, keep=("nothing",))


def test_an_index_needs_its_value_kept() -> None:
    class Chooser(Actor):
        chosen: Annotated[int, Between(0, 2)] = variable(0)
        last: int = variable(0)
        port = Port(receives=(Stamp,))
        idle = State(initial=True)
        stamp = idle.to(None, on="choose")

        def choose(self) -> None:
            self.last = (10, 20, 30)[self.chosen]

    actor, event = Chooser(), Receive(0, Stamp(0))
    with pytest.raises(UnsupportedOperationError, match=r"an index.*test_path_summaries\.py:\d+ in choose") as caught:
        summarise(actor, actor._initial_snapshot, event)
    assert caught.value.symbols == ("chosen",)
    summary = summarise(actor, actor._initial_snapshot, event, keep_unsupported=True)
    assert summary.kept == {"chosen": 0}
    (path,) = summary.paths
    assert path.snapshot.variables == (0, 10)


def test_open_values_go_where_the_plain_ones_were() -> None:
    value = (1, (True, None), Shown(Wrap32(3), (False, 2)), Outcome.ERROR, "text")
    places: dict[str, Any] = {}
    assert replaced(value, "v", lambda name, leaf: places.setdefault(name, leaf)) == value
    assert places == {
        "v[0]": 1,
        "v[1][0]": True,
        "v[2].time": Wrap32(3),
        "v[2].pair[0]": False,
        "v[2].pair[1]": 2,
    }
