"""What a property sees of an actor and of a connection, and what it says of itself."""

from __future__ import annotations

import pytest
from example_charts import Client, Nested, both_up, client_server, few_tries
from switchover.models.language import (
    Actor,
    ActorView,
    ConnectionView,
    Execution,
    HandlerError,
    Opened,
    State,
    eventually,
    leads_to,
    never,
    parameter,
    sometimes,
)
from switchover.models.language.connection import ESTABLISHED, FREE, open_from
from switchover.models.language.snapshot import crashed_snapshot


def view(actor: Actor) -> ActorView:
    return ActorView(actor, actor._initial_snapshot)


def test_a_view_shows_states_variables_parameters_and_what_the_class_derives() -> None:
    seen = view(Nested(limit=3, initial={"count": 2}))
    assert (seen.state, seen.count, seen.limit, seen.can_resume) == ("first", 2, 3, True)
    assert seen.is_in("inner")
    assert seen.is_in("pause", "work")
    assert not seen.is_in("pause")
    assert not seen.is_armed("data_late")
    assert seen.line.is_open is False


def test_a_view_calls_the_class_s_own_methods_and_constants() -> None:
    class Chooser(Actor):
        MOST = 3
        number: int = parameter()
        idle = State(initial=True)

        def is_more(self, than: int) -> bool:
            return than < self.number <= self.MOST

    assert view(Chooser(number=3)).is_more(2)
    assert not view(Chooser(number=3)).is_more(3)


def test_a_view_notes_what_is_read() -> None:
    read: list[str] = []
    client = Client()
    seen = ActorView(client, client._initial_snapshot, read.append)
    assert seen.is_busy is False
    assert seen.tries == 0
    assert not seen.is_armed("give_up")
    assert not seen.server.is_open
    assert read == ["state", "tries", "timers", "open_ports"]


def test_a_view_refuses_names_that_do_not_exist() -> None:
    seen = view(Client())
    with pytest.raises(HandlerError, match=r"^Client has no state 'downs'; it has idle, connecting, up$"):
        seen.is_in("downs")
    with pytest.raises(HandlerError, match=r"^Client has no timer 'giveup'$"):
        seen.is_armed("giveup")
    with pytest.raises(AttributeError, match=r"^Client has no variable, parameter or property 'trys'$"):
        _ = seen.trys


def test_a_crashed_actor_is_in_no_state_but_crashed() -> None:
    client = Client()
    down = ActorView(client, crashed_snapshot(client._initial_snapshot))
    assert down.state == "crashed"
    assert down.is_in("crashed")
    assert not down.is_in("idle", "connecting", "up")
    assert down.is_busy  # a property says what it means of a crashed actor by asking is_in("crashed")
    assert not view(client).is_in("crashed")
    assert not client.is_in("crashed")


def test_a_connection_view() -> None:
    state = open_from(FREE, 0)
    assert state is not None
    opening = ConnectionView(state)
    assert (opening.is_free, opening.open_ends, opening.to_first, opening.to_second) == (
        False,
        (True, False),
        (),
        (Opened(),),
    )
    assert ConnectionView(FREE).is_free
    assert not ConnectionView(ESTABLISHED).is_free


def test_a_property_is_a_predicate_with_named_parameters() -> None:
    assert (both_up.name, both_up.kind, both_up.parameters, both_up.when) == (
        "both_up",
        "never",
        ("client", "server"),
        "always",
    )
    assert both_up.text == "The client is up while the server is idle."
    assert few_tries.text == "few tries"
    execution = Execution(client_server())
    views = [ActorView(w, s) for w, s in zip(execution.layout.workers, execution.initial().snapshots, strict=True)]
    assert both_up.predicate(*views) is False


def test_every_kind_of_property() -> None:
    @never(when="quiescent")
    def stuck(client: Client) -> bool:
        return client.is_busy

    @sometimes
    def used(client: Client) -> bool:
        return client.is_busy

    @eventually
    def rests(client: Client) -> bool:
        return not client.is_busy

    @leads_to(lambda client: client.is_in("idle"))
    def busy(client: Client) -> bool:
        return client.is_busy

    assert [(each.kind, each.when) for each in (stuck, used, rests, busy)] == [  # type: ignore[attr-defined]
        ("never", "quiescent"),
        ("sometimes", "always"),
        ("eventually", "always"),
        ("leads_to", "always"),
    ]
    assert busy.consequence is not None
    assert busy.consequence(view(Client())) is True
