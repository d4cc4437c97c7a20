"""Our client, byte for byte, against servers that say what no real one can be made to say."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted_servers import (
    CURSOR,
    DISPLAY,
    INPUTS,
    MAIN,
    PLAYBACK,
    SOURCE,
    TARGET,
    Stage,
    begin,
    channels_list,
    connected_stage,
    init,
)
from switchover.models.spice.link_timing.endpoints import ClientDesign
from switchover.models.spice.link_timing.session import ClientSession
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Mutations
from switchover.models.spice.protocol import base, display, inputs, main, playback
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.models.spice.protocol.link import LinkError
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import ClientEndpoint, ClientOptions, Target
from switchover.runtime.spice.events import (
    ClockSet,
    Ended,
    FrameDropped,
    FrameShown,
    MessageSeen,
    NotAllowed,
    StateChanged,
)
from switchover.runtime.spice.numbering import ServerNames

SHIPPED = ClientOptions(design=ClientDesign(), stream_design="since_0_34")
both_designs = pytest.mark.parametrize("options", [None, SHIPPED], ids=["reference", "shipped"])


def test_it_links_what_is_listed_with_the_id_of_its_session() -> None:
    stage = connected_stage(None, DISPLAY, INPUTS, CURSOR)
    assert set(stage.client.attached) == {(each, 0) for each in (MAIN, DISPLAY, INPUTS, CURSOR)}
    assert stage.end(MAIN).connection_id == 0
    assert {stage.end(each).connection_id for each in (DISPLAY, INPUTS, CURSOR)} == {0x1234}
    assert stage.end(DISPLAY).link.password == "secret"
    assert stage.names(stage.end(MAIN)) == ["ATTACH_CHANNELS"]
    assert stage.names(stage.end(DISPLAY)) == ["INIT"]
    assert stage.names(stage.end(INPUTS)) == ["KEY_MODIFIERS"]
    assert stage.names(stage.end(CURSOR)) == []


def test_it_links_only_the_types_it_is_told_to() -> None:
    stage = connected_stage(ClientOptions(channels={DISPLAY}), DISPLAY, INPUTS)
    assert stage.client.channels == ((DISPLAY, 0),)


def test_a_channel_that_is_added_later_is_linked_and_one_that_goes_is_forgotten() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), channels_list(DISPLAY, INPUTS, CURSOR))
    assert (CURSOR, 0) in stage.client.attached
    stage.hang_up(stage.end(INPUTS))
    stage.say(stage.end(MAIN), channels_list(DISPLAY, CURSOR))
    assert stage.client.channels == ((DISPLAY, 0), (CURSOR, 0))
    stage.say(stage.end(CURSOR), base.SetAck(1, 20))
    assert stage.names(stage.end(CURSOR)) == ["ACK_SYNC"]
    assert stage.all(NotAllowed) == []


def test_a_list_without_end_is_cut_short() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), main.ChannelsList(tuple(main.ChannelId(DISPLAY, number) for number in range(40))))
    assert len(stage.client.channels) == 16
    assert "CHANNELS_LIST" in stage.all(NotAllowed)[0].text


def test_pings_and_windows_are_answered() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), base.Ping(7, 99, bytes(1000)))
    assert stage.end(MAIN).received[-1] == base.Pong(7, 99)
    stage.say(stage.end(DISPLAY), base.SetAck(3, 2), display.Mark(), display.Mark(), display.Mark())
    assert stage.names(stage.end(DISPLAY)) == ["INIT", "ACK_SYNC", "ACK"]


@both_designs
@pytest.mark.parametrize("channel", [MAIN, DISPLAY])
def test_what_is_malformed_ends_that_connection_alone(channel: ChannelType, options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    end = stage.end(channel)
    stage.carry_out(stage.client.received(end.number, b"\x04\x00\xff\xff\xff\xff", stage.now))
    assert end.is_closed
    (ended,) = [each for each in stage.all(Ended) if each.connection == end.number]
    assert "at most" in ended.reason
    assert stage.client.state == ("lost" if channel is MAIN else "completed")
    if channel is not MAIN:
        stage.say(stage.end(MAIN), base.Ping(1, 1))
        assert stage.names(stage.end(MAIN))[-1] == "PONG"


@given(st.data(), st.binary(max_size=200))
@settings(max_examples=150)
def test_no_bytes_of_a_server_do_more_than_end_their_connection(data: st.DataObject, junk: bytes) -> None:
    stage = connected_stage()
    if data.draw(st.booleans()):
        stage.say(stage.end(MAIN), begin(seamless=data.draw(st.booleans())))
    end = data.draw(st.sampled_from([each for each in stage.ends.values() if not each.is_closed]))
    header = data.draw(st.sampled_from([b"", bytes((101, 0)), bytes((116, 0)), bytes((1, 0)), bytes((4, 0))]))
    size = len(junk).to_bytes(4, "little") if header else b""
    stage.carry_out(stage.client.received(end.number, header + size + junk, stage.now))
    if not stage.client.is_over:
        stage.carry_out(stage.client.quit(stage.now))
    assert all(each.is_closed for each in stage.ends.values())


def test_a_link_that_is_not_answered_is_given_up() -> None:
    stage = Stage(ClientEndpoint(SOURCE), result=lambda _: None)
    stage.carry_out(stage.client.connect(0.0))
    stage.wait(9.0)
    assert stage.client.state == "switching"
    stage.wait(11.0)
    assert stage.client.state == "lost"
    assert "the link was not done within 10 s" in stage.all(Ended)[-1].reason


def test_a_server_that_does_not_say_init_is_given_up() -> None:
    stage = Stage(ClientEndpoint(SOURCE))
    stage.carry_out(stage.client.connect(0.0))
    stage.wait(11.0)
    assert stage.client.state == "lost"
    assert stage.end(MAIN).is_closed


def test_a_channel_that_must_be_secured_is_linked_with_tls() -> None:
    def needs_tls(address: Address) -> LinkError:
        return LinkError.OK if address.tls else LinkError.NEED_SECURED

    stage = Stage(ClientEndpoint(SOURCE), reply=needs_tls)
    stage.carry_out(stage.client.connect(0.0))
    assert [str(each.address) for each in stage.ends.values()] == ["a:5900", "a:5901 (TLS)"]
    assert stage.client.state == "switching"
    stage.say(stage.end(MAIN), init(), channels_list(DISPLAY))
    assert (DISPLAY, 0) in stage.client.attached


@pytest.mark.parametrize(
    ("reply", "result", "seen"),
    [
        (LinkError.INVALID_DATA, LinkError.OK, [("LINK_REPLY", LinkError.INVALID_DATA)]),
        (LinkError.OK, LinkError.PERMISSION_DENIED, [("LINK_REPLY", 0), ("LINK_RESULT", LinkError.PERMISSION_DENIED)]),
    ],
)
def test_a_refusal_is_reported_where_it_was_said(reply: LinkError, result: LinkError, seen: list[object]) -> None:
    stage = Stage(ClientEndpoint(SOURCE), reply=lambda _: reply, result=lambda _: result)
    stage.carry_out(stage.client.connect(0.0))
    said = [each for each in stage.all(MessageSeen) if each.sender is Side.SERVER]
    assert [(each.name, getattr(each.message, "error", getattr(each.message, "result", None))) for each in said] == seen
    assert stage.client.state == "lost"


@both_designs
def test_semi_seamless(options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    stage.say(stage.end(MAIN), begin())
    assert stage.names(stage.end(MAIN, "a"))[-1] == "MIGRATE_CONNECTED"
    assert {each.connection_id for each in stage.ends.values() if each.address.host == "b"} == {0x1234}
    assert stage.names(stage.end(DISPLAY, "b")) == []
    stage.say(stage.end(MAIN, "a"), main.MigrateEnd())
    assert stage.end(MAIN, "a").is_closed
    assert stage.names(stage.end(MAIN, "b")) == ["MIGRATE_END"]
    assert stage.names(stage.end(DISPLAY, "b")) == []
    stage.say(stage.end(MAIN, "b"), init(time=9_000_000))
    assert stage.names(stage.end(DISPLAY, "b")) == ["INIT"]
    assert stage.client.attached == {(each, 0): TARGET for each in (MAIN, DISPLAY, INPUTS)}
    assert stage.all(ClockSet)[-1].jump == 8_900_000
    assert all(each.is_closed == (each.address.host == "a") for each in stage.ends.values())


@both_designs
def test_seamless_carries_the_data_of_each_channel(options: ClientOptions | None) -> None:
    stage = connected_stage(options, DISPLAY, CURSOR)
    stage.say(stage.end(MAIN), begin(seamless=True))
    assert stage.end(MAIN, "b").received == [main.MigrateDstDoSeamless(1)]
    stage.say(stage.end(MAIN, "b"), main.MigrateDstSeamlessAck())
    assert stage.names(stage.end(MAIN, "a"))[-1] == "MIGRATE_CONNECTED_SEAMLESS"
    for channel, data in ((MAIN, b"MNMD1"), (DISPLAY, b"DCMD2")):
        stage.say(stage.end(channel, "a"), base.Migrate(3))
        assert stage.names(stage.end(channel, "a"))[-1] == "MIGRATE_FLUSH_MARK"
        stage.say(stage.end(channel, "a"), base.MigrateData(data))
        assert stage.end(channel, "b").received[-1] == base.MigrateData(data)
    assert stage.client.state == "handing_over"
    stage.say(stage.end(CURSOR, "a"), base.Migrate(0))
    assert stage.client.state == "completed"
    assert {each.host for each in stage.client.attached.values()} == {"b"}
    assert stage.all(NotAllowed) == []


@both_designs
def test_a_target_that_declines_seamless_gets_it_semi_seamless(options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    stage.say(stage.end(MAIN), begin(seamless=True))
    stage.say(stage.end(MAIN, "b"), main.MigrateDstSeamlessNack())
    assert stage.names(stage.end(MAIN, "a"))[-1] == "MIGRATE_CONNECTED"


@both_designs
def test_cancel_closes_the_links_to_the_target(options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    stage.say(stage.end(MAIN), begin())
    stage.say(stage.end(MAIN), main.MigrateCancel())
    assert all(each.is_closed == (each.address.host == "b") for each in stage.ends.values())
    assert {each.host for each in stage.client.attached.values()} == {"a"}


@both_designs
def test_switch_host_connects_anew(options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    stage.say(stage.end(MAIN), main.MigrateSwitchHost(5900, 0xFFFF, "b"))
    assert all(each.is_closed for each in stage.ends.values() if each.address.host == "a")
    assert stage.end(MAIN, "b").connection_id == 0
    stage.say(stage.end(MAIN, "b"), init(0x99, 5), channels_list(DISPLAY))
    assert stage.end(DISPLAY, "b").connection_id == 0x99
    assert stage.client.attached == {(each, 0): TARGET for each in (MAIN, DISPLAY)}


@both_designs
def test_a_target_that_is_not_there_is_reported(options: ClientOptions | None) -> None:
    stage = connected_stage(options)
    stage.refuses.add("b")
    stage.say(stage.end(MAIN), begin())
    assert stage.names(stage.end(MAIN))[-1] == "MIGRATE_CONNECT_ERROR"
    assert stage.client.attached[MAIN, 0] == SOURCE


def test_a_target_without_a_port_is_no_target() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), begin(Target("b", None)))
    assert "names no port" in stage.all(NotAllowed)[0].text
    assert stage.client.state == "completed"


def test_the_shipped_client_is_deaf_while_it_links_and_the_reference_is_not() -> None:
    """N14: a target that accepts and does not answer freezes the source's main channel."""
    for options, pongs in ((SHIPPED, 0), (None, 1)):
        stage = connected_stage(options)
        stage.result = lambda _: None
        stage.say(stage.end(MAIN), begin())
        stage.say(stage.end(MAIN), base.Ping(1, 1))
        assert stage.names(stage.end(MAIN)).count("PONG") == pongs
        assert stage.end(MAIN).is_paused == (not pongs)
        stage.wait(25.0)
        assert "MIGRATE_CONNECT_ERROR" in stage.names(stage.end(MAIN))


def test_a_frozen_target_is_not_read_before_the_switch() -> None:
    stage = connected_stage(SHIPPED)
    stage.say(stage.end(MAIN), begin())
    twin = stage.end(INPUTS, "b")
    assert twin.is_paused
    stage.say(twin, inputs.Init(0), base.Ping(5, 5))
    assert stage.names(twin) == []
    stage.say(stage.end(MAIN, "a"), main.MigrateEnd())
    stage.say(stage.end(MAIN, "b"), init())
    assert not twin.is_paused
    assert stage.names(twin) == ["KEY_MODIFIERS", "PONG"]


def test_a_target_that_goes_is_noticed_by_the_reference_alone() -> None:
    """N13: the target dies between CONNECTED and END."""
    for options, noticed in ((None, True), (SHIPPED, False)):
        stage = connected_stage(options)
        stage.say(stage.end(MAIN), begin())
        stage.hang_up(stage.end(MAIN, "b"))
        assert ("MIGRATE_CONNECT_ERROR" in stage.names(stage.end(MAIN, "a"))) == noticed


def test_what_the_reference_hears_of_a_target_is_shown_after_the_switch() -> None:
    stage = connected_stage(None, DISPLAY)
    stage.say(stage.end(MAIN), begin(seamless=True))
    stage.say(stage.end(MAIN, "b"), main.MigrateDstSeamlessAck(), main.MultiMediaTime(9_000_000))
    assert len(stage.all(ClockSet)) == 1
    stage.say(stage.end(MAIN, "a"), base.Migrate(3), base.MigrateData(b"MNMD"))
    assert stage.all(ClockSet)[-1].time == 9_000_000


@pytest.mark.parametrize("audio_delay", [None, 400])
def test_sound_that_goes_on_before_main_does_takes_the_clock_along(audio_delay: int | None) -> None:
    """The server leaves the clock to the sound then, and says no MULTI_MEDIA_TIME (facts: SPICE 5.2)."""
    stage = connected_stage(ClientOptions(audio_delay=audio_delay), DISPLAY, PLAYBACK)
    stage.say(stage.end(PLAYBACK), playback.Start(2, 1, 48_000, 100_450), at=0.05)
    stage.say(stage.end(MAIN), begin(seamless=True))
    stage.say(stage.end(MAIN, "b"), main.MigrateDstSeamlessAck())
    stage.say(stage.end(PLAYBACK, "a"), playback.Stop(), base.Migrate(0))
    stage.say(stage.end(PLAYBACK, "b"), playback.Start(2, 1, 48_000, 9_000_400))
    stage.say(stage.end(DISPLAY, "a"), base.Migrate(3), base.MigrateData(b"DCMD"))
    stage.say(stage.end(MAIN, "a"), base.Migrate(3), base.MigrateData(b"MNMD"))
    end = stage.end(DISPLAY, "b")
    stage.say(end, display.StreamCreate(0, 7, 1, 1, 0, 8, 8, 8, 8, display.Rect(0, 0, 8, 8), None))
    stage.say(end, *(display.StreamData(7, 9_000_400 + 30 * each, b"x") for each in range(5)))
    stage.wait(2.0)
    assert len(stage.all(FrameShown)) == (1 if audio_delay is None else 5), "a frozen screen shows one after a second"
    jumps = [each.jump for each in stage.all(ClockSet)[1:]]
    assert jumps == ([] if audio_delay is None else [9_000_000 - 100_050])


def test_sound_moves_the_clock_once_a_second_and_says_so_if_by_much() -> None:
    stage = connected_stage(None, PLAYBACK)
    end = stage.end(PLAYBACK)
    stage.say(end, playback.Start(2, 1, 48_000, 100_400))
    for packet in range(1, 40):
        late = 300 if packet > 20 else 5
        stage.wait(packet / 10 - 0.002)
        stage.say(end, playback.Data(100_398 + 100 * packet - late, b"x"))
    assert [(each.at // 1, each.jump < -250) for each in stage.all(ClockSet)[1:]] == [(3.0, True)]


def test_frames_are_shown_when_they_are_due_and_reported() -> None:
    stage = connected_stage(None, DISPLAY)
    end = stage.end(DISPLAY)
    stage.say(end, display.StreamCreate(0, 7, 1, 1, 0, 8, 8, 8, 8, display.Rect(0, 0, 8, 8), None))
    stage.say(end, display.StreamActivateReport(7, 55, 2, 1000))
    stage.say(end, display.StreamData(7, 100_400, b"x"), display.StreamData(7, 99_999, b"x"), at=0.1)
    assert [type(each) for each in stage.events if isinstance(each, FrameShown | FrameDropped)] == [FrameDropped] * 2
    stage.say(end, display.StreamData(7, 100_500, b"x"))
    assert stage.all(FrameShown) == []
    stage.wait(0.6)
    (shown,) = stage.all(FrameShown)
    assert 0.5 <= shown.at < 0.502
    report = next(each for each in end.received if isinstance(each, display.StreamReport))
    assert (report.stream_id, report.unique_id, report.num_frames, report.num_drops) == (7, 55, 2, 1)


def test_a_message_that_no_table_knows_is_passed_over() -> None:
    stage = connected_stage()
    stage.say(stage.end(DISPLAY), base.Unknown(9999, b"?"), base.Ping(1, 1))
    assert stage.names(stage.end(DISPLAY))[-1] == "PONG"
    assert stage.all(NotAllowed) == []


def test_what_the_charts_do_not_expect_is_reported() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), main.MigrateDstSeamlessAck())
    assert "no transition" in stage.all(NotAllowed)[0].text
    assert stage.client.state == "completed"


def test_five_targets_in_a_row_find_a_number_each() -> None:
    stage = connected_stage()
    here = "a"
    for turn in range(12):
        there = "bcdef"[turn % 5]
        stage.say(stage.end(MAIN, here), begin(Target(there, 5900)))
        stage.say(stage.end(MAIN, here), main.MigrateEnd())
        stage.say(stage.end(MAIN, there), init())
        assert {each.host for each in stage.client.attached.values()} == {there}
        here = there
    assert sum(not each.is_closed for each in stage.ends.values()) == 3
    assert stage.all(NotAllowed) == []


def test_leaving_closes_everything() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), begin())
    stage.carry_out(stage.client.quit(stage.now))
    assert stage.client.is_over
    assert all(each.is_closed for each in stage.ends.values())
    assert stage.client.next_deadline() is None


def test_a_mutation_of_the_chart_changes_what_is_said() -> None:
    """H05: switch-host with the old id, which makes the target wait for a migrated client for ever."""
    mutated = ClientDesign(repairs=ALL_REPAIRS, mutations=Mutations(keeps_connection_id=True))
    stage = connected_stage(ClientOptions(design=mutated))
    stage.say(stage.end(MAIN), main.MigrateSwitchHost(5900, 0xFFFF, "b"))
    assert stage.end(MAIN, "b").connection_id == 0x1234


def test_a_handler_that_is_changed_changes_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    def forget_to_report(self: ClientSession) -> None:
        """Linked everywhere, and the source is not told."""

    design = ClientDesign(read_only=True)  # a variant that nothing else here has made charts of
    from switchover.models.spice.link_timing import endpoints

    endpoints.client.cache_clear()
    monkeypatch.setattr(ClientSession, "report", forget_to_report)
    try:
        stage = connected_stage(ClientOptions(design=design))
        stage.say(stage.end(MAIN), begin())
        assert "MIGRATE_CONNECTED" not in stage.names(stage.end(MAIN, "a"))
        assert stage.client.state == "migrating"
    finally:
        endpoints.client.cache_clear()


def test_states_are_reported_as_they_change() -> None:
    stage = connected_stage()
    stage.say(stage.end(MAIN), begin())
    session = [(each.before, each.after) for each in stage.all(StateChanged) if each.actor == "session"]
    assert session == [
        ("on_source", "switching"),
        ("switching", "completed"),
        ("completed", "linking"),
        ("linking", "migrating"),
    ]


def test_a_server_keeps_its_name_at_its_other_port() -> None:
    """It is met at one port, and named by its other one, or by both, later."""
    names = ServerNames()
    assert names.name(Target("a", None, 5901)) == "a:5901"
    assert names.name(Target("a", 5900, 5901)) == "a:5901"
    assert names.name(Target("a", 5900)) == "a:5901"
    assert names.name(Target("b", 5900)) == "b:5900"
