"""What the engine answers: one small system for each rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import pytest
from switchover.checks.explicit import Exploration, Limits, Progress, dead_transitions, explore, vacuity
from switchover.checks.explicit.engine import Method
from switchover.models.language import (
    Actor,
    Answer,
    Between,
    Bounds,
    Connection,
    Decision,
    DefinitionError,
    Execution,
    Faults,
    Message,
    Port,
    State,
    System,
    Task,
    Timer,
    always,
    eventually,
    leads_to,
    never,
    replay,
    sometimes,
    variable,
)

METHODS: tuple[Method, ...] = ("plain", "kernel")


class Ask(Message):
    """A question."""


class Reply(Message):
    """Its answer."""


class Asker(Actor):
    """Asks, and waits."""

    asked: Annotated[int, Between(0, None)] = variable(0)

    peer = Port(receives=(Reply,), sends=(Ask,))

    idle = State(initial=True)
    waiting = State()

    ask = Decision(idle.to(waiting))
    reply = waiting.to(idle)

    def on_ask(self) -> None:
        self.asked = min(self.asked + 1, 2)
        self.peer.send(Ask())


class Answerer(Actor):
    """Answers."""

    peer = Port(receives=(Ask,), sends=(Reply,))

    up = State(initial=True)

    ask = up.to(None)

    def on_ask(self) -> None:
        self.peer.send(Reply())


class Silent(Actor):
    """Takes a question and says nothing."""

    peer = Port(receives=(Ask,), sends=(Reply,))

    up = State(initial=True)

    ask = up.to(None)


class Deaf(Silent):
    """Reads nothing."""

    def reads(self, port: object) -> bool:
        return False


class Choosy(Actor):
    """Takes a question when it is ready, which it never is."""

    peer = Port(receives=(Ask,), sends=(Reply,))

    up = State(initial=True)

    ask = up.to(None, cond="is_ready")

    def is_ready(self) -> bool:
        return False


class Absent(Silent):
    """Lets whoever connects wait."""

    def listens(self, port: object) -> None:
        return None


class Caller(Actor):
    """Connects, once."""

    end_states = ("calling",)

    peer = Port(receives=(Reply,), sends=(Ask,))

    idle = State(initial=True)
    calling = State()

    call = Task(idle.to(calling))
    reply = calling.to(None)

    def on_call(self) -> None:
        self.peer.open()


class Counter(Actor):
    """Counts for ever."""

    count: Annotated[int, Between(0, None)] = variable(0)

    counting = State(initial=True)

    more = Decision(counting.to(None))

    def on_more(self) -> None:
        self.count += 1


class Restless(Actor):
    """Always has something to do."""

    turns: Annotated[int, Between(0, 1)] = variable(0)
    unused: int = variable(0)

    running = State(initial=True)

    turn = Task(running.to(None))

    def on_turn(self) -> None:
        self.turns = 1 - self.turns


class Sleeper(Actor):
    """Goes to sleep and wakes by a timer."""

    awake = State(initial=True)
    asleep = State()

    doze = Decision(awake.to(asleep))
    alarm = Timer(asleep.to(awake))

    def on_doze(self) -> None:
        self.arm("alarm")


@never
def asked_twice(asker):
    """The asker never asks a second time."""
    return asker.asked == 2


@always
def known_state(asker):
    return asker.is_in("idle", "waiting")


@sometimes
def is_waiting(asker):
    return asker.is_in("waiting")


@sometimes
def is_impossible(asker):
    return asker.asked > 2


@never(when="quiescent")
def rests_waiting(asker):
    return asker.is_in("waiting")


@eventually
def comes_back(asker):
    return asker.is_in("idle")


@leads_to(lambda asker: asker.is_in("idle"))
def waiting_ends(asker):
    return asker.is_in("waiting")


@never
def misspelt(asker):
    return asker.asked == 1 and asker.aksed == 2


@never
def raising(asker):
    return asker.asked == 1 and 1 / (asker.asked - 1) > 2


PROPERTIES = (asked_twice, known_state, is_waiting, is_impossible, rests_waiting, comes_back, waiting_ends, raising)


@dataclass(frozen=True)
class Variant:
    """Choices of the dialogue."""

    friendly: bool = True


def dialogue(answerer: Actor | None = None, **more: object) -> System:
    return System(
        "dialogue",
        {"asker": Asker(), "answerer": answerer or Answerer()},
        (Connection("line", "asker.peer", "answerer.peer", established=True),),
        **{"properties": PROPERTIES, "variant": Variant(), **more},
    )


def alone(actor: Actor, **more: object) -> System:
    return System("alone", {"actor": actor}, **more)


def answers(exploration: Exploration) -> dict[str, str]:
    return {each.property: each.answer.value for each in exploration.verdicts}


@pytest.mark.parametrize("method", METHODS)
def test_every_kind_of_property(method: Method) -> None:
    system = dialogue()
    exploration = explore(system, method=method)
    assert answers(exploration) == {
        "asked_twice": "violated",
        "known_state": "holds",
        "is_waiting": "holds",
        "is_impossible": "violated",
        "rests_waiting": "holds",
        "comes_back": "unknown",
        "waiting_ends": "unknown",
        "raising": "unknown",
        "no_deadlock": "holds",
        "no_unexpected_message": "holds",
        "no_error": "holds",
    }
    assert exploration.complete
    assert exploration.verdict("comes_back").note == "needs liveness checking"
    assert exploration.verdict("raising").note.startswith("error: the predicate raised ZeroDivisionError: ")
    assert exploration.verdict("asked_twice").assumptions == ("friendly = True",)
    trace = exploration.verdict("asked_twice").trace
    assert [step.message for step in trace.steps] == ["ask", "Ask", "Reply", "ask"]
    assert replay(Execution(system), trace)[-1].snapshots[0].variables == (2,)
    assert len(exploration.verdict("is_waiting").trace.steps) == 1


@pytest.mark.parametrize("method", METHODS)
def test_a_predicate_that_asks_for_what_is_not_there(method: Method) -> None:
    wrong = r"^property misspelt \(test_explicit_verdicts.py:\d+\): Asker has no 'aksed'; it has asked, peer, state, "
    with pytest.raises(DefinitionError, match=wrong):
        explore(dialogue(), method=method, properties=(misspelt,))


@pytest.mark.parametrize("method", METHODS)
def test_deadlock_of_an_actor_that_waits_for_ever(method: Method) -> None:
    verdict = explore(dialogue(Silent()), method=method).verdict("no_deadlock")
    assert verdict.answer is Answer.VIOLATED
    assert verdict.note == "asker in waiting is no end state"
    assert [step.message for step in verdict.trace.steps] == ["ask", "Ask"]


@pytest.mark.parametrize("method", METHODS)
def test_deadlock_of_a_message_that_is_never_read(method: Method) -> None:
    patient = type(Asker)("Patient", (Asker,), {"__module__": __name__, "end_states": ("idle", "waiting")})
    assert explore(dialogue(Silent()), method=method).verdict("no_deadlock").answer is Answer.VIOLATED
    system = System(
        "patient",
        {"asker": patient(), "answerer": Silent()},
        (Connection("line", "asker.peer", "answerer.peer", established=True),),
    )
    assert explore(system, method=method).verdict("no_deadlock").answer is Answer.HOLDS
    system = System(
        "deaf",
        {"asker": patient(), "answerer": Deaf()},
        (Connection("line", "asker.peer", "answerer.peer", established=True),),
    )
    verdict = explore(system, method=method).verdict("no_deadlock")
    assert verdict.answer is Answer.VIOLATED
    assert verdict.note == "line: Ask waits for answerer, which does not read it"
    assert [step.message for step in verdict.trace.steps] == ["ask"]


@pytest.mark.parametrize("method", METHODS)
def test_a_deadlock_tells_the_guard_that_refuses_and_who_leaves_a_connection_waiting(method: Method) -> None:
    stuck = explore(dialogue(Choosy()), method=method).verdict("no_deadlock")
    assert stuck.note == "asker in waiting is no end state; line: Ask waits for answerer, which refuses it (is_ready)"
    system = System(
        "absent",
        {"caller": Caller(), "answerer": Absent()},
        (Connection("line", "caller.peer", "answerer.peer"),),
    )
    verdict = explore(system, method=method).verdict("no_deadlock")
    assert verdict.note == "line: Opened waits for answerer, which neither accepts nor refuses it"


@pytest.mark.parametrize("method", METHODS)
def test_a_bound_makes_bounded_and_never_holds(method: Method) -> None:
    exploration = explore(alone(Counter(), bounds=Bounds(depth=7)), method=method)
    assert exploration.bounds_hit == ("depth",)
    assert set(answers(exploration).values()) == {"bounded"}
    assert (exploration.states, exploration.transitions, exploration.depth) == (8, 7, 7)
    # A depth that the system does not reach cuts nothing off.
    assert explore(dialogue(bounds=Bounds(depth=50)), method=method).bounds_hit == ()


@pytest.mark.parametrize("method", METHODS)
def test_limits_end_in_unknown_with_the_partial_figures(method: Method) -> None:
    exploration = explore(alone(Counter()), method=method, limits=Limits(max_states=100))
    assert set(answers(exploration).values()) == {"unknown"}
    assert exploration.verdicts[0].note == "max_states reached after 100 states, 100 transitions, depth 99"
    exploration = explore(alone(Counter()), method=method, limits=Limits(max_memory=3_000_000))
    assert exploration.stopped == "max_memory"
    assert not exploration.complete
    assert exploration.memory <= 3_500_000


@pytest.mark.parametrize("method", METHODS)
def test_a_limit_that_is_just_met_is_no_limit(method: Method) -> None:
    states = explore(dialogue(), method=method).states
    assert explore(dialogue(), method=method, limits=Limits(max_states=states)).complete


@pytest.mark.parametrize("method", METHODS)
def test_stopping_early_still_finds_what_was_asked(method: Method) -> None:
    whole = explore(dialogue(), method=method)
    early = explore(dialogue(), method=method, properties=("is_waiting",), stop_early=True)
    assert early.stopped == "settled"
    assert early.states < whole.states
    assert answers(early)["is_waiting"] == "holds"
    assert early.verdict("is_waiting").trace == whole.verdict("is_waiting").trace
    assert answers(early)["no_deadlock"] == "unknown"
    assert "stopped early" in early.verdict("no_deadlock").note


@pytest.mark.parametrize("method", METHODS)
def test_timers_and_quiescence(method: Method) -> None:
    @never(when="quiescent")
    def sleeps_on(actor):
        return actor.is_in("asleep")

    quiet = explore(alone(Sleeper(), properties=(sleeps_on,)), method=method)
    assert answers(quiet)["sleeps_on"] == "holds"
    assert quiet.transitions == 2
    # An early firing has the same effect here, but is one transition more while its budget lasts.
    early = explore(alone(Sleeper(), faults=Faults(early=1)), method=method)
    assert early.verdicts[0].assumptions == ("early ≤ 1",)
    assert early.transitions == 5


@pytest.mark.parametrize("method", METHODS)
def test_ctrl_c_gives_the_partial_verdict(method: Method) -> None:
    def interrupt(progress: Progress) -> None:
        assert progress.states > 0
        raise KeyboardInterrupt

    exploration = explore(alone(Counter(), bounds=Bounds(depth=100_000)), method=method, progress=interrupt)
    assert exploration.interrupted
    assert exploration.verdicts[0].note.startswith("interrupted after ")


def test_auto_hands_a_large_system_over_to_the_kernel() -> None:
    small = explore(alone(Counter(), bounds=Bounds(depth=50)))
    large = explore(alone(Counter(), bounds=Bounds(depth=12_000)))
    assert small.engine == "explicit (plain loop)"
    assert large.engine == "explicit (kernel)"
    # More than 4,096 snapshots of one actor: its field in the states has grown on the way.
    assert large.states == 12_001


def test_more_snapshots_than_sixteen_bits_and_states_wider_than_a_word() -> None:
    many = explore(alone(Counter(), bounds=Bounds(depth=66_000)), method="kernel")
    assert (many.states, many.transitions) == (66_001, 66_000)
    wide = System("wide", {"sleeper": [Sleeper() for _ in range(70)]}, bounds=Bounds(depth=2))
    plain, kernel = (explore(wide, method=method) for method in METHODS)
    assert (plain.states, plain.transitions) == (kernel.states, kernel.transitions)


def test_an_unknown_property_is_one_line() -> None:
    with pytest.raises(DefinitionError, match=r"dialogue has no property 'mood'; it has asked_twice, "):
        explore(dialogue(), properties=("mood",))


def test_dead_transitions_over_the_union_of_variants() -> None:
    one, other = dialogue(Silent()), dialogue()
    runs = [(system, explore(system)) for system in (one, other)]
    dead = dead_transitions(runs[:1])
    assert [each.transition for each in dead] == ["waiting → idle on reply"]
    assert dead_transitions(runs) == ()


def test_vacuity() -> None:
    @never(when="quiescent")
    def rests(actor):
        return actor.is_in("running")

    @always
    def constant(actor):
        return actor.unused == 0

    @sometimes
    def true_at_once(actor):
        return actor.unused == 0

    @leads_to(lambda actor: actor.is_in("running"))
    def never_triggered(actor):
        return actor.turns == 3

    @never
    def reads_what_changes(actor):
        return actor.turns == 3

    system = alone(Restless(), properties=(rests, constant, true_at_once, never_triggered, reads_what_changes))
    found = vacuity([(system, explore(system))])
    assert [(each.property, each.reason) for each in found] == [
        ("rests", "no quiescent state was reached"),
        ("constant", "nothing that it reads ever changes"),
        ("never_triggered", "its first predicate was never true"),
    ]
