"""Small timed systems, whose numbers may be left open, and what a plain exploration of their runs on numbers says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from switchover.models.language import (
    Actor,
    ActorView,
    Between,
    Bounds,
    Connection,
    Latency,
    Message,
    Port,
    Property,
    State,
    System,
    TimedExecution,
    TimedState,
    Timer,
    Timing,
    Wrap32,
    always,
    never,
    parameter,
    stay,
    variable,
)
from switchover.models.language.view import arguments

Number = Annotated[int, Between(0, 9)]


class Parcel(Message):
    """Something that a sender sends; ``number`` is the sender's."""

    number: Number


class Sender(Actor):
    """Sends ``count`` parcels, one each ``interval`` ms."""

    number: int = parameter(0)
    count: int = parameter(1)
    interval: int = parameter(1)

    sent: Number = variable(0)

    wire = Port(sends=(Parcel,))

    running = State(initial=True)
    tick = Timer(stay(running))

    def on_tick(self) -> None:
        self.wire.send(Parcel(self.number))
        self.sent = self.sent + 1
        if self.sent < self.count:
            self.arm("tick", after=self.interval)


class Judge(Actor):
    """Takes parcels in the order in which they come, until its deadline."""

    senders: int = parameter(2)

    order: tuple[Number, ...] = variable(())
    late: Number = variable(0)

    wire = Port(receives=(Parcel,), count="senders")

    open = State(initial=True)
    closed = State()

    end_states = ("open", "closed")

    parcel = stay(open, on="take") | stay(closed, on="refuse")
    deadline = Timer(open.to(closed))

    def take(self, message: Parcel) -> None:
        self.order = (*self.order, message.number)

    def refuse(self) -> None:
        self.late = self.late + 1


class StrictJudge(Actor):
    """Expects no parcel once its deadline is over, and may not stay open."""

    senders: int = parameter(2)

    wire = Port(receives=(Parcel,), count="senders")

    open = State(initial=True)
    closed = State()

    end_states = ("closed",)

    parcel = stay(open, on="take")
    deadline = Timer(open.to(closed))

    def take(self, message: Parcel) -> None:
        pass


@always
def none_is_late(judge: ActorView) -> bool:
    """Every parcel comes before the deadline."""
    return bool(judge.late == 0)


@never
def overtaken(judge: ActorView) -> bool:
    """The first parcel of sender 0 comes after one of sender 1."""
    return 0 in judge.order and judge.order.index(0) > 0


@always(when="quiescent")
def all_are_taken(judge: ActorView, sender: tuple[ActorView, ...]) -> bool:
    """In the end the judge has taken every parcel that was sent."""
    return len(judge.order) == sum(each.sent for each in sender)


PROPERTIES = (none_is_late, overtaken, all_are_taken)


def race(
    starts: tuple[int, ...],
    delays: tuple[Latency, ...],
    deadline: int | None,
    *,
    interval: int = 1,
    counts: tuple[int, ...] = (),
    bounds: Bounds | None = None,
    sender: Callable[..., Actor] = Sender,
    judge: Callable[..., Actor] = Judge,
) -> System:
    """Senders that start at these times, each with a wire to the judge; one parcel each unless ``counts`` says more.

    Without a ``deadline`` the judge stays open.
    """
    each_count = counts or (1,) * len(starts)
    return System(
        name="race",
        actors={
            "sender": [
                sender(number=number, count=each_count[number], interval=interval, armed={"tick": start})
                for number, start in enumerate(starts)
            ],
            "judge": judge(senders=len(starts), armed={} if deadline is None else {"deadline": deadline}),
        },
        connections=tuple(
            Connection(f"wire_{number}", f"sender[{number}].wire", f"judge.wire[{number}]", established=True)
            for number in range(len(starts))
        ),
        bounds=bounds or Bounds(),
        timing=Timing(latencies={f"wire_{number}": delay for number, delay in enumerate(delays)}),
        assumptions=("one judge",),
    )


class Clock(Actor):
    """Looks at a clock of 32 bits twice, ``pause`` ms apart, and keeps which time was the greater."""

    started: Wrap32 = parameter()
    pause: int = parameter(10)

    first: Wrap32 = variable(Wrap32(0))
    goes_back: bool = variable(False)

    running = State(initial=True)
    look = Timer(stay(running))
    look_again = Timer(stay(running))

    def on_look(self) -> None:
        self.first = self.started + self.now
        self.arm("look_again", after=self.pause)

    def on_look_again(self) -> None:
        self.goes_back = bool(self.started + self.now < self.first)


@never
def time_goes_back(clock: ActorView) -> bool:
    """The later time is the smaller number."""
    return bool(clock.goes_back)


def wrapping_clock(*, uptime: int) -> System:
    """A clock that shows ``uptime`` at the start and is looked at after 5 ms and again after 15."""
    return System(
        name="wrapping_clock",
        actors={"clock": Clock(started=Wrap32.of(uptime), armed={"look": 5})},
        timing=Timing(),
    )


# What runs on numbers say.


def successors(execution: TimedExecution, state: TimedState) -> Iterator[tuple[Any, int, Any]]:
    """Every action with every time at which it is possible, and what it does."""
    limits = execution.limits(state)
    for moment in execution.moments(state):
        latest = moment.earliest if moment.exact or not limits else min(limits)
        for at in range(moment.earliest, latest + 1):
            if execution.allows(state, moment.action, at):
                yield moment.action, at, execution.fire(state, moment.action, at)


def reachable(system: System) -> set[TimedState]:
    """Every state of a system without numbers left open."""
    execution = TimedExecution(system)
    found, pending = set(), [execution.initial()]
    while pending:
        state = pending.pop()
        if state not in found:
            found.add(state)
            pending += [fired.state for _, _, fired in successors(execution, state) if fired.state is not None]
    return found


def fails(system: System, prop: Property) -> bool:
    """Whether a property fails in some reachable state of a system without numbers left open."""
    execution = TimedExecution(system)
    return any(breaks(execution, prop, state) for state in reachable(system))


def breaks(execution: TimedExecution, prop: Property, state: TimedState) -> bool:
    """Whether ``state`` is a counterexample."""
    if prop.when == "quiescent" and not execution.is_quiescent(state):
        return False
    truth = bool(prop.predicate(*arguments(execution.system, prop, state.system)))
    return truth is (prop.kind == "never")
