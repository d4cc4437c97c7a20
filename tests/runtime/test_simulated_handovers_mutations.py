"""A handler that is changed in the models changes what the endpoints say: they run the charts themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from simulated_handovers import CLIENTS, SERVERS
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing import endpoints
from switchover.models.spice.link_timing.session import ClientSession
from switchover.models.spice.link_timing.source import SourceServer
from switchover.models.spice.link_timing.variant import Mutations
from switchover.models.spice.protocol import link, main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.scenario_session import Fate, Seen, Session, run_session
from switchover.runtime.spice.scenarios import Scenario

SEMI_SEAMLESS = Scenario(server=SERVERS["shipped"], client=CLIENTS["reference"], attempts=1, video=None)
SWITCH_HOST = replace(SEMI_SEAMLESS, client=replace(CLIENTS["reference"], follows=False))

#: Replaces a handler of an actor's class, by its name.
Change = Callable[[type, str, Callable[..., None]], None]


def played(scenario: Scenario) -> tuple[Session, list[MessageSeen]]:
    """What became of it, and what hosts have read and written on main channels: decoded from bytes."""
    seen: list[MessageSeen] = []

    def take(each: Seen) -> None:
        event = each.reported.event
        is_main = isinstance(event, MessageSeen) and event.channel[0] is ChannelType.MAIN
        if is_main and each.reported.node in each.world.hosts:
            seen.append(event)  # type: ignore[arg-type]

    return run_session(scenario, 1, take), seen


def session_ids(seen: list[MessageSeen]) -> list[int]:
    """Of each link of a main channel."""
    return [each.message.connection_id for each in seen if isinstance(each.message, link.Link)]


def test_a_mutation_of_the_models_is_one_of_the_wire() -> None:
    _, seen = played(SWITCH_HOST)
    assert session_ids(seen) == [0, 0]
    design = replace(SWITCH_HOST.client.design, mutations=Mutations(keeps_connection_id=True))
    _, seen = played(replace(SWITCH_HOST, client=replace(SWITCH_HOST.client, design=design)))
    first, second = session_ids(seen)[:2]
    assert first == 0
    assert second != 0


@pytest.fixture
def change(monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    """Replaces a handler, for charts that are made from now on."""

    def forget_charts() -> None:
        endpoints.client.cache_clear()
        endpoints.server.cache_clear()

    def change(actor: type, name: str, handler: Callable[..., None]) -> None:
        monkeypatch.setattr(actor, name, handler)
        forget_charts()

    yield change
    monkeypatch.undo()
    forget_charts()


def test_a_handler_of_the_client_that_is_changed_changes_what_it_sends(change: Change) -> None:
    def report_failure(self: ClientSession) -> None:
        self.disarm("link_limit")
        self.unswapped = self.channel_count
        self.main[self.here].send(spice.MigrateConnectError(self.attempt))

    replies = (main.MigrateConnected, main.MigrateConnectError)
    _, seen = played(SEMI_SEAMLESS)
    assert [type(each.message) for each in seen if isinstance(each.message, replies)] == [main.MigrateConnected]
    change(ClientSession, "report", report_failure)
    _, seen = played(SEMI_SEAMLESS)
    assert [type(each.message) for each in seen if isinstance(each.message, replies)] == [main.MigrateConnectError]


def test_a_handler_of_the_server_that_is_changed_changes_where_its_client_ends(
    change: Change,
) -> None:
    def forget(self: SourceServer) -> None:
        """Nobody is told to go."""

    session, seen = played(SEMI_SEAMLESS)
    assert [each.fate for each in session.attempts] == [Fate.COMPLETED]
    assert "MIGRATE_END" in [each.name for each in seen if each.sender is Side.SERVER]
    change(SourceServer, "send_away", forget)
    session, seen = played(SEMI_SEAMLESS)
    assert [each.fate for each in session.attempts] != [Fate.COMPLETED]
    assert "MIGRATE_END" not in [each.name for each in seen if each.sender is Side.SERVER]
