"""Random systems: small charts with every feature of the language, made from plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Annotated, Any

from switchover.models.language import (
    Actor,
    Between,
    Binding,
    Bounds,
    Connection,
    Decision,
    Faults,
    HandlerError,
    Local,
    Message,
    Port,
    State,
    System,
    Task,
    Timer,
    always,
    never,
    sometimes,
    variable,
)

STATES = ("first", "second", "third")


class Ping(Message):
    """Carries a number."""

    number: Annotated[int, Between(0, 2)]


class Pong(Message):
    """Carries nothing."""


@dataclass(frozen=True)
class Move:
    """A transition: where to (None: stays, no entry), whether a guard is asked, and what its handler does."""

    target: int | None
    guarded: bool
    deeds: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Chart:
    """``moves``: (state, event) to a transition. ``reads`` and ``listens``: by state. ``final``: the last state is."""

    moves: tuple[tuple[int, str, Move], ...]
    reads: tuple[bool, ...]
    listens: tuple[bool | None, ...]
    has_end_states: bool


DEEDS = (
    ("send_ping", 2),
    ("send_pong", 2),
    ("open", 2),
    ("close", 2),
    ("call", 1),
    ("arm", 1),
    ("disarm", 1),
    ("count", 1),
    ("fail", 1),
)
DEED_WEIGHTS = (4, 3, 3, 1, 1, 2, 1, 3, 0.2)
EVENTS = {
    "decide": lambda each: Decision(each),
    "other": lambda each: Decision(each),
    "work": lambda each: Task(each),
    "limit": lambda each: Timer(each),
    "ping": None,
    "pong": None,
    "opened": None,
    "closed": None,
    "lost": None,
    "refused": None,
}


def carry_out(actor: Any, deed: str, which: int) -> None:
    """One effect of a handler."""
    if deed in ("send_ping", "send_pong"):
        if actor.wire[which].is_open:
            actor.wire[which].send(Ping(actor.counter) if deed == "send_ping" else Pong())
    elif deed == "open":
        if not actor.wire[which].is_open:
            actor.wire[which].open()
    elif deed == "close":
        actor.wire[which].close()
    elif deed == "call":
        actor.call.send(Ping(actor.counter))
    elif deed == "fail":
        raise HandlerError("fails on purpose")
    elif deed == "count":
        actor.counter = (actor.counter + 1) % 3
    else:
        getattr(actor, deed)("limit")


def actor_class(name: str, chart: Chart) -> type[Actor]:
    """The chart as a class."""
    states = {each: State(initial=number == 0) for number, each in enumerate(STATES)}
    events: dict[str, Any] = {}
    handlers: dict[str, Any] = {}
    for number, (source, event, move) in enumerate(chart.moves):

        def handler(self: Any, deeds: Any = move.deeds) -> None:
            for deed, which in deeds:
                carry_out(self, deed, which)

        handlers[f"handle_{number}"] = _without_default(handler)
        target = None if move.target is None else states[STATES[move.target]]
        guard = {"cond": "may"} if move.guarded else {}
        made = states[STATES[source]].to(target, on=f"handle_{number}", **guard)
        events[event] = made if event not in events else events[event] | made
    for event, wrap in EVENTS.items():
        if wrap is not None and event in events:
            events[event] = wrap(events[event])

    def reads(self: Any, port: Any) -> bool:
        return chart.reads[STATES.index(_active(self))] or port.index == 1

    def listens(self: Any, _port: Any) -> bool | None:
        return chart.listens[STATES.index(_active(self))]

    def may(self: Any) -> bool:
        return bool(self.counter != 1)

    namespace = {
        "__module__": __name__,
        "__qualname__": name,
        "__annotations__": {"counter": Annotated[int, Between(0, 2)]},
        "counter": variable(0),
        "wire": Port(receives=(Ping, Pong), sends=(Ping, Pong), count=2),
        "call": Local(receives=(Ping,), sends=(Ping,)),
        **({"end_states": ("second",)} if chart.has_end_states else {}),
        **states,
        **events,
        **handlers,
        "may": may,
        "reads": reads,
        "listens": listens,
    }
    return type(Actor)(name, (Actor,), namespace)


def _without_default(handler: Any) -> Any:
    deeds = handler.__defaults__[0]

    def bound(self: Any) -> None:
        handler(self, deeds)

    return bound


def _active(actor: Any) -> str:
    return next(each for each in STATES if actor.is_in(each))


@never
def two_in_third(one, two):
    return one.is_in("third") and two.is_in("third")


@always(when="quiescent")
def rests_closed(one, three):
    return not one.wire[0].is_open or three.counter == 0


@sometimes
def counts_to_two(two, line):
    return two.counter == 2 and not line.is_free


@never
def raises_sometimes(three, cross):
    return 1 // (2 - three.counter) == 5 and bool(cross.to_first)


PROPERTIES = (two_in_third, rests_closed, counts_to_two, raises_sometimes)


def random_chart(chance: Random) -> Chart:
    """A chart that the language accepts: one transition at most for each state and event, no state out of reach."""
    places = chance.sample([(state, event) for state in range(3) for event in sorted(EVENTS)], chance.randint(6, 20))
    moves = {place: _random_move(chance, chance.choice((None, 0, 1, 2))) for place in places}
    for event, target in (("ping", 1), ("pong", 2), ("decide", None)):
        moves[0, event] = _random_move(chance, target)
    return Chart(
        tuple((state, event, move) for (state, event), move in moves.items()),
        tuple(chance.random() < 0.8 for _ in STATES),
        tuple(chance.choice((True, True, False, None)) for _ in STATES),
        chance.random() < 0.5,
    )


def _random_move(chance: Random, target: int | None) -> Move:
    deeds = [
        (name, chance.randrange(count)) for name, count in chance.choices(DEEDS, DEED_WEIGHTS, k=chance.randint(0, 3))
    ]
    return Move(target, chance.random() < 0.2, tuple(deeds))


def random_system(seed: int) -> System:
    """Three actors, two of them in one process and calling each other, with faults and tight bounds."""
    chance = Random(seed)
    charts = [random_chart(chance) for _ in range(3)]
    crash = chance.randint(0, 1)
    faults = Faults(chance.randint(0, 1), (), chance.randint(0, 1), crash, (), crash and chance.randint(0, 1))
    return make_system(
        charts, faults, Bounds(chance.randint(1, 2), chance.choice((None, None, 3, 6))), chance.random() < 0.7
    )


def make_system(given: list[Chart], faults: Faults, bounds: Bounds, established: bool) -> System:
    """The system of these charts."""
    names = ("one", "two", "three")
    made = [actor_class(f"Random{number}", chart)() for number, chart in enumerate(given)]
    return System(
        "random",
        dict(zip(names, made, strict=True)),
        (
            Connection("line", "one.wire[0]", "two.wire[0]", established),
            Connection("cross", "three.wire[1]", "one.wire[1]"),
            Connection("back", "two.wire[1]", "three.wire[0]"),
        ),
        (Binding("one.call", "two.call"),),
        PROPERTIES,
        faults,
        bounds,
        {"host": ("one", "two"), "guest": ("three",)},
    )
