"""Two hosts hand a client over: the sequences of the facts, message by message (facts: SPICE 2.5, 2.6)."""

from __future__ import annotations

import pytest
from host_bench import (
    BESIDE_MAIN,
    MAIN_CAPS,
    Bench,
    HostOnBench,
    ScriptedClient,
    initialise_display,
    migrate,
    new_client,
    preconnect,
)
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Repairs
from switchover.models.spice.protocol import base, main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.host_events import Happening
from switchover.runtime.spice.host_options import HostOptions

DISPLAY, INPUTS, CURSOR, PLAYBACK = BESIDE_MAIN
FLUSH_AND_TRANSFER = 3
DESIGNS = pytest.mark.parametrize("repairs", [Repairs(), ALL_REPAIRS], ids=["shipped", "repaired"])


def pair(bench: Bench, **design: object) -> tuple[HostOnBench, HostOnBench]:
    options = HostOptions(design=ServerDesign(**design))  # type: ignore[arg-type]
    return bench.host("a", options, with_guest=True), bench.host("b", options)


def inform(bench: Bench, source: HostOnBench, target: HostOnBench) -> None:
    bench.tell(source, source.endpoint.client_migrate_info, target.name, target.port)


def clear(client: ScriptedClient) -> None:
    for wire in client.all():
        wire.take()


@DESIGNS
def test_a_new_client_is_greeted_and_every_channel_begins(repairs: Repairs) -> None:
    bench = Bench()
    a, _ = pair(bench, repairs=repairs)
    client = new_client(bench, a)
    assert client.main.take() == ["INIT", "NAME", "UUID", "PING", "PING", "PING", "CHANNELS_LIST", "NOTIFY"]
    beginning = ["SET_ACK", "INVAL_ALL_PALETTES", "SURFACE_CREATE", "DRAW_FILL", "MONITORS_CONFIG", "MARK"]
    assert client.others[DISPLAY].take() == [*beginning, "STREAM_CREATE", "STREAM_ACTIVATE_REPORT"]
    assert client.others[INPUTS].take() == ["INIT"]
    assert client.others[CURSOR].take() == ["SET_ACK", "INIT"]
    assert client.others[PLAYBACK].take() == ["MODE", "VOLUME", "MUTE"]
    assert a.complaints == []


@DESIGNS
def test_semi_seamless(repairs: Repairs) -> None:
    bench = Bench()
    a, b = pair(bench, repairs=repairs)
    client = new_client(bench, a)
    clear(client)
    inform(bench, a, b)
    begin = client.main.last(main.MigrateBegin)
    assert (begin.host, begin.port, begin.sport, begin.cert_subject) == ("b", b.port, 65535, "")
    twin = preconnect(bench, client, b)
    assert [wire.result for wire in twin.all()] == [0] * 5
    assert all(wire.take() == [] for wire in twin.all())
    client.main.send(main.MigrateConnected())
    migrate(bench, a, b)
    assert client.main.take() == ["MIGRATE_BEGIN", "MIGRATE_END"]
    client.close()
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 1

    twin.main.send(main.MigrateEnd())
    init = twin.main.last(main.Init)
    assert init.session_id == client.session
    assert twin.main.take() == ["INIT", "NOTIFY"]
    assert twin.others[DISPLAY].take() == []
    assert twin.others[INPUTS].take() == ["INIT"]
    assert twin.others[CURSOR].take() == ["SET_ACK", "INIT"]
    initialise_display(twin.others[DISPLAY])
    assert twin.others[DISPLAY].take()[:3] == ["SET_ACK", "INVAL_ALL_PALETTES", "SURFACE_CREATE"]
    assert (a.complaints, b.complaints) == ([], [])


def hand_over_seamlessly(
    bench: Bench, a: HostOnBench, b: HostOnBench, client: ScriptedClient, caps: frozenset[int] = MAIN_CAPS
) -> ScriptedClient:
    """All of it, up to the client's leaving the source."""
    inform(bench, a, b)
    begin = client.main.last(main.MigrateBeginSeamless)
    twin = preconnect(bench, client, b, caps=caps)
    twin.main.send(main.MigrateDstDoSeamless(begin.src_mig_version))
    client.main.send(main.MigrateConnectedSeamless(begin.attempt))
    migrate(bench, a, b)
    for there, here in zip(client.all(), twin.all(), strict=True):
        if there.last(base.Migrate).flags == FLUSH_AND_TRANSFER:
            there.send(base.MigrateFlushMark())
            here.send(there.last(base.MigrateData))
    client.close()
    return twin


@DESIGNS
def test_seamless(repairs: Repairs) -> None:
    bench = Bench()
    a, b = pair(bench, repairs=repairs, seamless=True)
    client = new_client(bench, a)
    clear(client)
    twin = hand_over_seamlessly(bench, a, b, client)
    assert client.main.take() == ["MIGRATE_BEGIN_SEAMLESS", "MIGRATE", "MIGRATE_DATA"]
    assert client.others[DISPLAY].take() == ["STREAM_DESTROY", "MIGRATE", "MIGRATE_DATA"]
    assert client.others[INPUTS].take() == ["MIGRATE", "MIGRATE_DATA"]
    assert client.others[CURSOR].take() == ["INVAL_ALL", "MIGRATE"]
    assert client.others[PLAYBACK].take() == ["MIGRATE"]
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 1

    assert twin.main.take() == ["MIGRATE_DST_SEAMLESS_ACK", "MULTI_MEDIA_TIME"]
    restored = ["SET_ACK", "INVAL_ALL_PIXMAPS", "INVAL_ALL_PALETTES", "STREAM_DESTROY_ALL"]
    assert twin.others[DISPLAY].take() == [*restored, "STREAM_CREATE", "STREAM_ACTIVATE_REPORT"]
    assert twin.others[INPUTS].take() == ["INIT", "KEY_MODIFIERS"]
    assert twin.others[CURSOR].take() == ["SET_ACK"]
    assert twin.others[PLAYBACK].take() == ["MODE", "VOLUME", "MUTE"]
    assert b.endpoint.state == "completed"
    assert (a.complaints, b.complaints) == ([], [])


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
def test_there_and_back_again_keeps_the_session(seamless: bool) -> None:
    bench = Bench()
    a, b = pair(bench, seamless=seamless)
    client = new_client(bench, a)
    for source, target in ((a, b), (b, a), (a, b)):
        if seamless:
            client = hand_over_seamlessly(bench, source, target, client)
            continue
        inform(bench, source, target)
        twin = preconnect(bench, client, target)
        client.main.send(main.MigrateConnected())
        migrate(bench, source, target)
        client.close()
        twin.main.send(main.MigrateEnd())
        assert twin.main.last(main.Init).session_id == client.session
        client = twin
    assert b.endpoint.runs_guest
    assert (a.complaints, b.complaints) == ([], [])


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
def test_a_cancelled_migration_leaves_everything_at_the_source(seamless: bool) -> None:
    bench = Bench()
    a, b = pair(bench, seamless=seamless)
    client = new_client(bench, a)
    inform(bench, a, b)
    twin = preconnect(bench, client, b)
    if seamless:
        twin.main.send(main.MigrateDstDoSeamless(1))
    client.main.send(main.MigrateConnectedSeamless() if seamless else main.MigrateConnected())
    bench.tell(a, a.endpoint.migrate, b.migration)
    clear(client)
    bench.tell(a, a.endpoint.migrate_cancel)
    assert client.main.take() == ["MIGRATE_CANCEL"]
    assert all(wire.is_closed for wire in twin.all())
    assert not any(wire.is_closed for wire in client.all())
    assert a.endpoint.runs_guest
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 0
    frames = len(a.frames())
    bench.advance(1)
    assert len(a.frames()) >= frames + 20


def test_a_target_that_cannot_be_reached_makes_the_migration_fail() -> None:
    bench = Bench()
    a = bench.host("a", with_guest=True)
    bench.tell(a, a.endpoint.migrate, Address("nowhere", 1))
    assert a.happened(Happening.MIGRATION_FAILED) == 1
    assert a.endpoint.runs_guest


def test_a_host_that_runs_a_guest_takes_no_other() -> None:
    bench = Bench()
    a, b = bench.host("a", with_guest=True), bench.host("b", with_guest=True)
    bench.tell(a, a.endpoint.migrate, b.migration)
    assert a.happened(Happening.MIGRATION_FAILED) == 1
    assert a.endpoint.runs_guest


@DESIGNS
def test_a_late_reply_is_answered_with_cancel_and_the_end_is_switch_host(repairs: Repairs) -> None:
    """10 s without an answer, and nobody waits any more (facts: SPICE 2.3)."""
    bench = Bench()
    a, b = pair(bench, repairs=repairs)
    client = new_client(bench, a)
    inform(bench, a, b)
    attempt = client.main.last(main.MigrateBegin).attempt
    bench.advance(10.5)
    assert a.happened(Happening.CONNECT_COMPLETED) == 1
    client.main.take()
    client.main.send(main.MigrateConnected(attempt))
    assert client.main.take() == ["MIGRATE_CANCEL"]
    migrate(bench, a, b)
    switch = client.main.last(main.MigrateSwitchHost)
    assert (switch.host, switch.port) == ("b", b.port)


def test_clients_that_stay_after_the_end_are_dropped_after_ten_seconds() -> None:
    bench = Bench()
    a, b = pair(bench)
    client = new_client(bench, a)
    inform(bench, a, b)
    migrate(bench, a, b)
    assert client.main.take()[-1] == "MIGRATE_SWITCH_HOST"
    bench.advance(9.9)
    assert not client.main.is_closed
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 0
    bench.advance(0.2)
    assert all(wire.is_closed for wire in client.all())
    assert a.happened(Happening.SPICE_MIGRATE_COMPLETED) == 1


def test_a_client_without_the_capability_is_sent_after_the_guest() -> None:
    bench = Bench()
    a, b = pair(bench, seamless=True)
    client = new_client(bench, a, caps=frozenset((1,)))
    client.main.take()
    inform(bench, a, b)
    assert client.main.take() == []
    migrate(bench, a, b)
    assert client.main.take() == ["MIGRATE_SWITCH_HOST"]


def test_a_client_that_cannot_go_on_seamlessly_goes_semi_seamlessly() -> None:
    bench = Bench()
    a, b = pair(bench, seamless=True)
    client = new_client(bench, a, caps=frozenset((0, 1, 2)))
    client.main.take()
    inform(bench, a, b)
    assert client.main.take() == ["MIGRATE_BEGIN"]


def test_a_migration_completes_by_itself_when_its_time_has_come() -> None:
    bench = Bench()
    options = HostOptions(migration_time=0.5)
    a, b = bench.host("a", options, with_guest=True), bench.host("b", options)
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.advance(0.4)
    assert a.endpoint.runs_guest
    bench.advance(0.2)
    assert b.endpoint.runs_guest


def test_a_cancelled_migration_does_not_complete_the_next_one() -> None:
    bench = Bench()
    options = HostOptions(migration_time=0.5)
    a, b = bench.host("a", options, with_guest=True), bench.host("b", options)
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.advance(0.4)
    bench.tell(a, a.endpoint.migrate_cancel)
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.advance(0.2)
    assert a.endpoint.runs_guest
    bench.advance(0.4)
    assert b.endpoint.runs_guest


def test_frames_go_on_counting_where_the_guest_runs() -> None:
    bench = Bench()
    a, b = pair(bench)
    bench.advance(2.0)
    migrate(bench, a, b)
    bench.advance(1.0)
    assert not a.endpoint.runs_guest
    assert b.endpoint.frame(bench.now) == pytest.approx(75, abs=1)


def test_a_newer_source_is_answered_nack() -> None:
    bench = Bench()
    a, b = pair(bench, seamless=True)
    client = new_client(bench, a)
    inform(bench, a, b)
    twin = preconnect(bench, client, b)
    twin.main.send(main.MigrateDstDoSeamless(2))
    assert twin.main.take() == ["MIGRATE_DST_SEAMLESS_NACK"]
    twin.main.send(main.MigrateDstDoSeamless(1))
    assert twin.main.take() == ["MIGRATE_DST_SEAMLESS_ACK"]


@pytest.mark.parametrize("repairs", [Repairs(), ALL_REPAIRS], ids=["shipped", "repaired"])
@pytest.mark.parametrize("caps", [MAIN_CAPS, MAIN_CAPS | {30}], ids=["plain", "numbering"])
def test_attempts_are_numbered_only_when_both_sides_can(repairs: Repairs, caps: frozenset[int]) -> None:
    bench = Bench()
    a, b = pair(bench, repairs=repairs)
    client = new_client(bench, a, caps=caps)
    inform(bench, a, b)
    attempt = client.main.last(main.MigrateBegin).attempt
    assert (attempt is not None) == (repairs.numbers_attempts and 30 in caps)
    client.main.send(main.MigrateConnected(attempt))
    assert a.happened(Happening.CONNECT_COMPLETED) == 1


@pytest.mark.parametrize(("repairs", "caps"), [(Repairs(), MAIN_CAPS), (ALL_REPAIRS, MAIN_CAPS | {30})])
def test_n02_shows_on_the_wire_and_the_repair_survives_it(repairs: Repairs, caps: frozenset[int]) -> None:
    """A late reply to the first attempt counts for the second, and the client is sent to the first target (facts:
    SPICE N02).
    """
    bench = Bench()
    a, b = pair(bench, repairs=repairs)
    c = bench.host("c", a.endpoint.options)
    client = new_client(bench, a, caps=caps)
    inform(bench, a, b)
    first = client.main.last(main.MigrateBegin)
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.fail)
    inform(bench, a, c)
    second = client.main.last(main.MigrateBegin)
    assert (first.host, second.host) == ("b", "c")
    client.main.take()
    client.main.send(main.MigrateConnected(first.attempt))
    client.main.send(main.MigrateConnectError(second.attempt))
    migrate(bench, a, c)
    said = client.main.take()
    assert said[-1] == ("MIGRATE_SWITCH_HOST" if repairs.numbers_attempts else "MIGRATE_END")


def test_quitting_closes_everything() -> None:
    bench = Bench()
    a, _ = pair(bench)
    client = new_client(bench, a)
    bench.tell(a, a.endpoint.quit)
    assert all(wire.is_closed for wire in client.all())
    assert a.endpoint.next_deadline() is None
    assert bench.connect(a).is_closed


def test_what_cannot_be_done_is_said() -> None:
    bench = Bench()
    b = bench.host("b")
    bench.tell(b, b.endpoint.complete)
    bench.tell(b, b.endpoint.migrate, b.migration)
    bench.tell(b, b.endpoint.migrate_cancel)
    bench.tell(b, b.endpoint.fail)
    assert [each.text for each in b.complaints] == [
        "complete: no migration is under way that could",
        "migrate: no guest runs here",
        "migrate_cancel: no migration from here is under way",
        "fail: no migration is under way that could",
    ]
    with pytest.raises(ValueError, match="port"):
        b.endpoint.client_migrate_info("a", now=bench.now)


def test_messages_are_reported_from_both_sides() -> None:
    bench = Bench()
    a, _ = pair(bench)
    new_client(bench, a)
    assert a.said(ChannelType.MAIN, Side.CLIENT) == ["ATTACH_CHANNELS"]
    assert a.said(ChannelType.DISPLAY, Side.CLIENT) == ["INIT", "ACK_SYNC"]
