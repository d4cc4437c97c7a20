"""Processes with bytes between them, and the reference semantics: the same after every step, or it is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from explicit_systems import PROPERTIES, random_system
from switchover.checks.built_in import BUILT_IN
from switchover.checks.explicit import Limits, explore
from switchover.checks.explicit.grid import explore_grid
from switchover.checks.stateful import DisagreementError, Effort, Wire, attack, wires_of
from switchover.models.language import (
    ActorView,
    Answer,
    DefinitionError,
    Latency,
    Message,
    System,
    always,
    eventually,
    never,
    replay,
    replay_timed,
)
from switchover.models.language.execution import Execution
from switchover.models.language.outputs import Close
from switchover.models.language.process import Process
from switchover.models.language.timed import TimedExecution
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing.designs import DISPLAY, shipped
from timed_systems import PROPERTIES as TIMED_PROPERTIES
from timed_systems import race


@pytest.mark.parametrize("seed", range(12))
def test_random_systems_with_every_fault(seed: int) -> None:
    """No difference is found in any run, and nothing that the exhaustive search denies."""
    system = random_system(seed)
    found = attack(system, [*PROPERTIES, *BUILT_IN], Effort(examples=25, steps=20, seed=seed))
    explored = explore(system, method="plain", limits=Limits(max_states=2000))
    for verdict in (each.verdict for each in found.outcomes):
        known = explored.verdict(verdict.property)
        if verdict.answer is Answer.VIOLATED:
            assert known.answer in (Answer.VIOLATED, Answer.UNKNOWN)
        elif verdict.answer is Answer.HOLDS:
            assert known.answer in (Answer.HOLDS, Answer.UNKNOWN)
        if verdict.trace is not None:
            replay(Execution(system), verdict.trace)


@pytest.mark.parametrize(
    ("starts", "delays", "deadline"),
    [
        ((0, 3), (Latency(1, 6), Latency(0, 2)), 5),
        ((0, 0), (Latency(2, None), Latency.exactly(2)), 2),
        ((5, 1, 1), (Latency(0, 9), Latency(3, 4), Latency.exactly(0)), None),
    ],
)
def test_timed_systems(starts: tuple[int, ...], delays: tuple[Latency, ...], deadline: int | None) -> None:
    """When something arrives within its latency is drawn too."""
    system = race(starts, delays, deadline)
    found = attack(system, list(TIMED_PROPERTIES), Effort(examples=100))
    on_grid = explore_grid(system, TIMED_PROPERTIES, horizon=40)
    for verdict in (each.verdict for each in found.outcomes):
        assert (verdict.answer is Answer.VIOLATED) is (on_grid.verdict(verdict.property).answer is Answer.VIOLATED)
        if verdict.trace is not None:
            replay_timed(TimedExecution(system), verdict.trace)


class Changing:
    """A wire that changes what comes out of another."""

    def __init__(self, wire: Wire, change: Callable[[Message], list[Message]]) -> None:
        self._wire, self._change = wire, change

    def encode(self, end: int, message: Message) -> bytes:
        return self._wire.encode(end, message)

    def decode(self, end: int, data: bytes) -> list[Message]:
        return [other for message in self._wire.decode(end, data) for other in self._change(message)]


def changing(change: Callable[[Message], list[Message]]) -> Any:
    """Wiring in which every wire does so."""

    def wiring(system: System, mini: bool) -> list[Callable[[], Wire]]:
        return [lambda maker=maker: Changing(maker(), change) for maker in wires_of(system, mini)]  # type: ignore[misc]

    return wiring


def attack_with(wiring: Any) -> None:
    attack(shipped(channels=(DISPLAY,))(), ["no_error"], Effort(examples=20), wiring=wiring)


def test_a_wire_that_changes_a_message_is_found_out() -> None:
    def misled(message: Message) -> list[Message]:
        return [dataclasses.replace(message, host=0)] if isinstance(message, spice.MigrateBegin) else [message]

    with pytest.raises(DisagreementError) as raised:
        attack_with(changing(misled))
    assert str(raised.value).startswith("main_0_0: the reference semantics have ")
    assert "MigrateBegin(1, 0) to end 0" in str(raised.value).partition(", the processes ")[0]
    assert "MigrateBegin(0, 0) to end 0" in str(raised.value).partition(", the processes ")[2]


@pytest.mark.parametrize("copies", [0, 2])
def test_a_wire_that_loses_or_repeats_a_message_is_found_out(copies: int) -> None:
    def repeated(message: Message) -> list[Message]:
        return [message] * (copies if isinstance(message, spice.MigrateBegin) else 1)

    with pytest.raises(DisagreementError, match=f"MigrateBegin.*bytes were decoded as {copies} messages"):
        attack_with(changing(repeated))


def test_a_wire_that_cannot_carry_a_message_is_found_out() -> None:
    def broken(message: Message) -> list[Message]:
        raise KeyError(message.event)

    with pytest.raises(DisagreementError, match=r"the wire: MigrateBegin.*: KeyError"):
        attack_with(changing(broken))


def test_a_process_that_forgets_an_effect_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    outputs_of = Process._put_out

    def forgetful(self: Any, run: Any, actor: int, output: Any) -> None:
        if not isinstance(output, Close):
            outputs_of(self, run, actor, output)

    monkeypatch.setattr(Process, "_put_out", forgetful)
    with pytest.raises(DisagreementError, match=r"Closed to end 1, the processes end 0 and end 1 open"):
        attack_with(wires_of)


def test_a_process_that_does_something_else_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    decide = Process.decide

    def early(self: Process, actor: str, name: str, now: int) -> Any:
        if name == "migrate":
            decide(self, actor, "migrate", now)
        return decide(self, actor, name, now)

    monkeypatch.setattr(Process, "decide", early)
    with pytest.raises(DisagreementError, match="decide migrate: handled in the reference semantics, unexpected among"):
        attack_with(wires_of)


@never
def never_right(session: ActorView) -> bool:
    """The predicate always raises."""
    raise ValueError(f"no idea of {session.state}")


@always
def misspelt(session: ActorView) -> bool:
    """A name that is not there."""
    return bool(session.hosst)


def test_a_predicate_that_raises_is_unknown() -> None:
    verdict = attack(shipped()(), [never_right], Effort(examples=5)).outcomes[0].verdict
    assert verdict.answer is Answer.UNKNOWN
    assert verdict.note == "error: the predicate raised ValueError: no idea of on_source"


def test_what_runs_cannot_show_is_unknown() -> None:
    @eventually
    def is_done(session: ActorView) -> bool:
        return session.is_served

    verdict = attack(shipped()(), [is_done], Effort(examples=5)).outcomes[0].verdict
    assert (verdict.answer, verdict.note) == (Answer.UNKNOWN, "needs liveness checking")


@pytest.mark.parametrize(("asked", "text"), [(misspelt, "has no 'hosst'"), ("no_such", "has no property 'no_such'")])
def test_what_cannot_be_asked_is_said(asked: Any, text: str) -> None:
    with pytest.raises(DefinitionError, match=text):
        attack(shipped()(), [asked], Effort(examples=5))


def test_an_attack_ends_in_time() -> None:
    found = attack(shipped()(), ["no_error"], Effort(seconds=0.0))
    assert found.examples == 0
    assert found.outcomes[0].verdict.note.endswith("given up after the time allowed")


def test_progress_is_told() -> None:
    told: list[int] = []
    attack(shipped()(), ["no_error"], Effort(examples=7), progress=told.append)
    assert told == [*range(1, 8)]
