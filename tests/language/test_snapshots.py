"""A snapshot is complete and hashable: running on from a restored one is running on."""

from __future__ import annotations

import pytest
from example_charts import ACTORS, Client, Nested
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_steps import inputs_of
from random_charts import actor_classes, make_actors
from switchover.models.language import Actor, DefinitionError
from switchover.models.language.snapshot import restore_snapshot, take_snapshot
from switchover.models.language.stepping import Outcome, advance, step


def assert_complete(live: Actor, worker: Actor, choices: list[int]) -> None:
    """``live`` runs on and is put back only after a failed step; ``worker`` is restored at every step."""
    events = inputs_of(live)
    snapshot = take_snapshot(live)
    for choice in choices:
        event = events[choice % len(events)]
        ran_on = advance(live, snapshot, event)
        restored = step(worker, snapshot, event)
        assert ran_on == restored
        assert hash(ran_on.snapshot) == hash(restored.snapshot)
        if ran_on.outcome is Outcome.HANDLED:
            snapshot = take_snapshot(live)
            assert snapshot == restored.snapshot
        else:
            assert restored.snapshot == snapshot
            restore_snapshot(live, snapshot)
            assert take_snapshot(live) == snapshot


CHOICES = st.lists(st.integers(0, 999), max_size=30)


@pytest.mark.parametrize("cls", ACTORS)
@settings(max_examples=40)
@given(choices=CHOICES)
def test_running_on_from_a_restored_snapshot_is_running_on(cls: type[Actor], choices: list[int]) -> None:
    assert_complete(cls(), cls(), choices)


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(cls=actor_classes(), choices=CHOICES)
def test_it_holds_for_drawn_charts(cls: type[Actor], choices: list[int]) -> None:
    live, worker = make_actors(cls, 2)
    assert_complete(live, worker, choices)


def test_states_are_in_document_order_with_every_compound() -> None:
    assert Nested()._initial_snapshot.states == ("work", "inner", "first")
    assert Nested(start_in="finished")._initial_snapshot.states == ("work", "finished")
    assert [state.id for state in Nested.states_map.values()] == [
        "work",
        "inner",
        "first",
        "second",
        "waiting",
        "finished",
        "ended",
        "pause",
    ]


def test_an_actor_starts_where_and_with_what_it_is_told() -> None:
    actor = Client(start_in="up", initial={"tries": 2})
    assert actor._initial_snapshot.states == ("up",)
    assert actor.tries == 2
    assert actor.got == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"start_in": "nowhere"}, "Client: start_in='nowhere': there is no such state"),
        ({"initial": {"trys": 1}}, "Client: initial='trys': there is no such variable; there are tries, got"),
        ({"initial": {"tries": 3}}, "Client.tries: initial value: 3 is outside 0 to 2"),
        ({"speed": 1}, "Client has no parameter 'speed'; it has none"),
    ],
)
def test_a_wrong_start_is_one_line(options: dict[str, object], text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Client(**options)  # type: ignore[arg-type]
    assert str(caught.value) == text
