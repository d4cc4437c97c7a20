"""A host does what its charts say: a mistake put into them shows on the wire."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from host_bench import Bench, HostOnBench, ScriptedClient, migrate, new_client, preconnect
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing.destination import DestinationServer
from switchover.models.spice.link_timing.endpoints import ServerDesign, server
from switchover.models.spice.link_timing.server_channel import ServerChannel
from switchover.models.spice.link_timing.source import SourceServer
from switchover.models.spice.link_timing.variant import Mutations
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice.host_events import Happening
from switchover.runtime.spice.host_options import HostOptions


def begin(mutations: Mutations | None = None, *, seamless: bool = False) -> tuple[Bench, HostOnBench, HostOnBench]:
    bench = Bench()
    options = HostOptions(design=ServerDesign(mutations=mutations or Mutations(), seamless=seamless))
    return bench, bench.host("a", options, with_guest=True), bench.host("b", options)


def informed(bench: Bench, a: HostOnBench, b: HostOnBench) -> ScriptedClient:
    client = new_client(bench, a)
    client.main.take()
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    return client


@pytest.mark.parametrize("forgets", [False, True])
def test_a_source_that_forgets_the_fallback_sends_no_switch_host(forgets: bool) -> None:
    bench, a, b = begin(Mutations(forgets_fallback=forgets))
    client = informed(bench, a, b)
    migrate(bench, a, b)
    assert client.main.take() == ["MIGRATE_BEGIN"] + ["MIGRATE_SWITCH_HOST"] * (not forgets)


@pytest.mark.parametrize("mistaken", [False, True])
def test_a_source_that_takes_errors_for_success_sends_end(mistaken: bool) -> None:
    bench, a, b = begin(Mutations(takes_errors_for_success=mistaken))
    client = informed(bench, a, b)
    client.main.send(main.MigrateConnectError())
    migrate(bench, a, b)
    assert client.main.take()[-1] == ("MIGRATE_END" if mistaken else "MIGRATE_SWITCH_HOST")


@pytest.mark.parametrize("keeps", [False, True])
def test_a_source_that_keeps_waiting_never_completes_with_a_client_that_stays(keeps: bool) -> None:
    """H27."""
    bench, a, b = begin(Mutations(keeps_waiting=keeps))
    informed(bench, a, b)
    migrate(bench, a, b)
    bench.advance(30)
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == (0 if keeps else 1)


@pytest.mark.parametrize("keeps", [False, True])
def test_a_host_that_takes_the_playback_status_for_known_does_not_send_it(keeps: bool) -> None:
    bench, a, _ = begin(Mutations(keeps_playback_status=keeps))
    client = new_client(bench, a)
    assert client.others[ChannelType.PLAYBACK].take() == ([] if keeps else ["MODE", "VOLUME", "MUTE"])


@pytest.fixture
def fresh_charts() -> Iterator[None]:
    """Charts are made anew, as their handlers are changed, and once more for whoever comes after."""
    server.cache_clear()
    yield
    server.cache_clear()


@pytest.mark.usefixtures("fresh_charts")
def test_a_handler_changed_in_the_charts_changes_what_goes_over_the_wire(monkeypatch: pytest.MonkeyPatch) -> None:
    def cancel_instead(self: DestinationServer) -> None:
        self.main[self.client].send(spice.MigrateCancel())

    monkeypatch.setattr(DestinationServer, "on_send_end", cancel_instead)
    bench, a, b = begin()
    client = informed(bench, a, b)
    client.main.send(main.MigrateConnected())
    migrate(bench, a, b)
    assert client.main.take() == ["MIGRATE_BEGIN", "MIGRATE_CANCEL"]


@pytest.mark.usefixtures("fresh_charts")
def test_a_limit_changed_in_the_charts_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait_briefly(self: SourceServer) -> None:
        self.arm("connect_limit", after=1000)
        self.send_begin()

    monkeypatch.setattr(SourceServer, "begin", wait_briefly)
    bench, a, b = begin()
    informed(bench, a, b)
    bench.advance(1.1)
    assert a.happened(Happening.CONNECT_COMPLETED) == 1


@pytest.mark.usefixtures("fresh_charts")
def test_a_channel_that_its_chart_does_not_start_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ServerChannel, "begin", ServerChannel.ignore)
    bench, a, _ = begin()
    client = new_client(bench, a)
    assert client.others[ChannelType.CURSOR].take() == []
    assert client.others[ChannelType.INPUTS].take() == []


def test_what_the_charts_do_not_expect_is_reported_and_passed_over() -> None:
    bench, a, b = begin()
    client = informed(bench, a, b)
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    assert ["client_migrate_info" in each.text for each in a.complaints] == [True]
    assert not client.main.is_closed


def test_a_link_limit_of_a_twin_does_not_touch_parked_channels() -> None:
    """There is no timer for a client that never arrives (facts: SPICE 3.1)."""
    bench, a, b = begin()
    client = informed(bench, a, b)
    twin = preconnect(bench, client, b)
    bench.advance(300)
    assert not any(wire.is_closed for wire in twin.all())
