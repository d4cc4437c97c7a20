"""What ``HandoverLog`` makes of a client's events: times, blackout, frames lost, jumps of the clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.language import Message
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import (
    Channel,
    ClockSet,
    Ended,
    FrameDropped,
    FrameShown,
    MessageSeen,
    NotAllowed,
    Opened,
    StateChanged,
)
from switchover.runtime.spice.handovers import Handover, HandoverLog, Method, Result

MAIN: Channel = (ChannelType.MAIN, 0)
DISPLAY: Channel = (ChannelType.DISPLAY, 0)
SEAMLESS = {False: "MIGRATE_BEGIN", True: "MIGRATE_BEGIN_SEAMLESS"}


@dataclass
class Story:
    """Feeds a log what a client with main and display would report. Connections are numbered as they are opened."""

    log: HandoverLog = field(default_factory=HandoverLog)
    at: float = 0.0
    connections: int = 0
    main: int = 0
    display: int = 0
    twins: tuple[int, int] = (0, 0)

    def later(self, seconds: float) -> Story:
        self.at += seconds
        return self

    def open(self, channel: Channel, address: str) -> int:
        self.connections += 1
        self.log.feed(Opened(self.at, self.connections, channel, f"{address} (TLS)", address))
        return self.connections

    def serve(self, address: str = "a") -> Story:
        """The client is in service at a host."""
        self.main, self.display = self.open(MAIN, address), self.open(DISPLAY, address)
        return self.change("session", "completed").change("display 0", "completed")

    def change(self, actor: str, state: str) -> Story:
        self.log.feed(StateChanged(self.at, actor, "before", state))
        return self

    def said(self, side: Side, name: str, message: Message | None = None, on: int | None = None) -> Story:
        channel = DISPLAY if on is not None and on == self.display else MAIN
        self.log.feed(MessageSeen(self.at, on or self.main, channel, side, name, 1, 0, message))
        return self

    def begin(self, *, seamless: bool = False, attempt: int | None = None) -> Story:
        kind = main.MigrateBeginSeamless if seamless else main.MigrateBegin
        return self.said(Side.SERVER, SEAMLESS[seamless], kind(1, 0xFFFF, "b", "", attempt=attempt))

    def link(self, address: str = "b") -> Story:
        """The client links to the target, and says so."""
        self.change("session", "linking")
        self.twins = self.open(MAIN, address), self.open(DISPLAY, address)
        return self.said(Side.CLIENT, "MIGRATE_CONNECTED").change("session", "migrating")

    def go(self, name: str = "MIGRATE_END") -> Story:
        self.said(Side.SERVER, name)
        for each in (self.main, self.display):
            self.log.feed(Ended(self.at, each, None, Side.SERVER, "closed"))
        self.main, self.display = self.twins
        return self.change("session", "arriving").change("display 0", "switching")

    def arrive(self) -> Story:
        return self.change("session", "completed").change("display 0", "completed")

    def cancel(self, attempt: int | None = None) -> Story:
        self.said(Side.SERVER, "MIGRATE_CANCEL", main.MigrateCancel(attempt=attempt))
        return self.change("session", "completed")

    def fail(self) -> Story:
        return self.said(Side.CLIENT, "MIGRATE_CONNECT_ERROR").change("session", "completed")

    def draw(self, on: int | None = None) -> Story:
        on = on or self.display
        self.log.feed(MessageSeen(self.at, on, DISPLAY, Side.SERVER, "DRAW_COPY", 304, 9))
        return self

    def show(self, on: int | None = None) -> Story:
        self.log.feed(FrameShown(self.at, on or self.display, 0, 0, 0))
        return self

    def drop(self, frames: int = 1) -> Story:
        for _ in range(frames):
            self.log.feed(FrameDropped(self.at, self.display, 0, 0, 0))
        return self

    def clock(self, jump: int, *, reset: bool = False) -> Story:
        self.log.feed(ClockSet(self.at, 1000, jump, reset))
        return self

    @property
    def only(self) -> Handover:
        (found,) = self.log.handovers
        return found


def about(seconds: float) -> object:
    return pytest.approx(seconds, abs=1e-9)


@pytest.mark.parametrize(
    ("seamless", "order", "method"),
    [(False, "MIGRATE_END", Method.SEMI_SEAMLESS), (True, "MIGRATE", Method.SEAMLESS)],
)
def test_a_handover_with_its_times(seamless: bool, order: str, method: Method) -> None:
    story = Story().serve().later(1).show().later(0.5).begin(seamless=seamless)
    story.later(0.2).link().later(1).show().later(0.1).go(order).later(0.3).arrive().later(0.05).show()
    found = story.only
    assert (found.method, found.source, found.target, found.result) == (method, "a", "b", Result.COMPLETED)
    assert (found.begun, found.connected) == (about(1.5), about(1.7))
    assert (found.switched, found.completed) == (about(2.8), about(3.1))
    assert (found.linking, found.switching, found.blackout) == (about(0.2), about(0.3), about(0.45))


def test_what_is_drawn_at_once_is_a_picture_as_a_frame_is() -> None:
    story = Story().serve().draw().later(1).begin().link().go().later(1).arrive().draw().later(5).show()
    assert story.only.blackout == about(2)


def test_a_handover_is_complete_when_the_last_channel_is_in_service() -> None:
    story = Story().serve().begin().link().go().later(1).change("session", "completed")
    assert story.only.result is Result.UNDER_WAY
    story.later(2).change("display 0", "completed")
    assert (story.only.result, story.only.switching) == (Result.COMPLETED, about(3))


def test_a_channel_that_was_not_in_service_is_not_waited_for() -> None:
    story = Story().serve().change("cursor 0", "absent").change("inputs 0", "connecting")
    assert story.begin().link().go().arrive().only.result is Result.COMPLETED


def test_without_video_there_is_no_blackout() -> None:
    found = Story().serve().begin().link().go().later(1).arrive().only
    assert (found.last_picture, found.first_picture, found.blackout) == (None, None, None)


def test_a_picture_of_the_target_alone_makes_no_blackout() -> None:
    found = Story().serve().begin().link().go().later(1).arrive().show().only
    assert (found.last_picture, found.first_picture, found.blackout) == (None, about(1), None)


def test_what_the_source_shows_behind_the_targets_first_picture_does_not_count() -> None:
    story = Story().serve().show().begin().link()
    source = story.display
    story.later(1).go().later(1).arrive().show().later(3).show(on=source)
    assert story.only.blackout == about(2)


def test_frames_are_lost_from_the_order_to_go_on() -> None:
    story = Story().serve().drop(3).begin().drop(4).link().drop(5).go().drop(6).arrive().drop(7)
    assert story.only.frames_lost == 13


def test_clock_jumps_are_those_since_the_beginning() -> None:
    story = Story().serve().clock(7, reset=True).begin().clock(0).link().go().clock(-100_000, reset=True).clock(3)
    assert [(each.jump, each.reset) for each in story.only.clock_jumps] == [(-100_000, True), (3, False)]


def test_a_cancelled_handover_leaves_the_client_where_it_is() -> None:
    story = Story().serve().show().begin().later(0.2).link().later(1).cancel().later(5).show().drop()
    found = story.only
    assert (found.result, found.linking, found.completed) == (Result.CANCELLED, about(0.2), None)
    assert (found.last_picture, found.blackout, found.frames_lost) == (about(0), None, 0)


def test_a_picture_from_a_target_that_was_called_off_does_not_count() -> None:
    story = Story().serve().show().begin().link().cancel()
    assert story.show(on=story.twins[1]).only.blackout is None


def test_a_handover_whose_target_cannot_be_reached_has_failed() -> None:
    story = Story().serve().begin().later(2).fail()
    assert (story.only.result, story.only.target, story.only.linking) == (Result.FAILED, "", None)
    assert story.said(Side.SERVER, "MIGRATE_END").only.switched is None


def test_a_switch_of_host_follows_an_attempt_that_failed() -> None:
    story = Story().serve().show().begin().fail().later(1)
    story.said(Side.SERVER, "MIGRATE_SWITCH_HOST", main.MigrateSwitchHost(1, 0xFFFF, "b", ""))
    story.change("session", "switching").change("display 0", "absent").later(1)
    story.serve("b").later(0.5).show()
    first, second = story.log.handovers
    assert (first.result, second.result, second.method) == (Result.FAILED, Result.COMPLETED, Method.SWITCH_HOST)
    assert (second.target, second.switching, second.blackout) == ("b", about(1), about(2.5))


def test_a_session_that_is_lost_on_the_way() -> None:
    story = Story().serve().begin().link().go().change("session", "lost")
    assert (story.only.result, story.only.completed) == (Result.LOST, None)


def test_a_session_that_is_lost_later_had_its_handover() -> None:
    assert Story().serve().begin().link().go().arrive().change("session", "lost").only.result is Result.COMPLETED


def test_the_second_handover_counts_from_the_last_picture_of_the_first_target() -> None:
    story = Story().serve().show().begin().link().go().arrive().later(1).show().later(3).show()
    story.later(1).begin().link("c").go().later(2).arrive().show()
    first, second = story.log.handovers
    assert (first.source, first.target, first.blackout) == ("a", "b", about(1))
    assert (second.source, second.target, second.blackout) == ("b", "c", about(3))


def test_the_second_handover_counts_its_own_frames_and_jumps() -> None:
    story = Story().serve().begin().link().go().clock(5, reset=True).drop(2).arrive()
    story.begin().drop(1).link("c").clock(-5, reset=True).go().drop(4).arrive()
    assert [each.frames_lost for each in story.log.handovers] == [2, 4]
    assert [[jump.jump for jump in each.clock_jumps] for each in story.log.handovers] == [[5], [-5]]


def test_a_begin_that_is_declined_at_once_leaves_the_one_before_under_way() -> None:
    """A shipped client that is still linking declines the next BEGIN (N02)."""
    story = Story().serve().begin().later(1).begin().said(Side.CLIENT, "MIGRATE_CONNECT_ERROR").link().go().arrive()
    assert [each.result for each in story.log.handovers] == [Result.COMPLETED, Result.FAILED]


def test_a_begin_that_is_followed_gives_the_one_before_up() -> None:
    story = Story().serve().begin(attempt=1).later(1).begin(attempt=2).link("c").go().arrive()
    first, second = story.log.handovers
    assert (first.result, second.result, second.target) == (Result.CANCELLED, Result.COMPLETED, "c")


def test_a_cancel_with_another_number_is_about_another_attempt() -> None:
    story = Story().serve().begin(attempt=2).cancel(attempt=1)
    assert story.only.result is Result.UNDER_WAY
    assert story.cancel(attempt=2).only.result is Result.CANCELLED


def test_what_no_chart_expects_is_kept() -> None:
    story = Story()
    event = NotAllowed(1.0, 1, "something")
    story.log.feed(event)
    assert story.log.not_allowed == [event]


def test_a_connection_is_known_by_its_host_even_when_it_is_over() -> None:
    story = Story().serve("a")
    story.log.feed(Ended(1.0, story.main, MAIN, Side.SERVER, "closed"))
    assert (story.log.host(story.main), story.log.host(99)) == ("a", "")


# A few handovers in a row, each drawn.

DELAYS = st.integers(0, 20).map(lambda tenths: tenths / 10)


@dataclass(frozen=True)
class Leg:
    """One attempt: pictures at the source before it, while it links and before the order to go; then what it loses."""

    seamless: bool
    ending: str
    before: list[float]
    linking: float
    between: list[float]
    switching: float
    black: float
    lost: int
    jump: int


LEGS = st.builds(
    Leg,
    seamless=st.booleans(),
    ending=st.sampled_from(("completed", "cancelled", "failed")),
    before=st.lists(DELAYS, max_size=2),
    linking=DELAYS,
    between=st.lists(DELAYS, max_size=2),
    switching=DELAYS,
    black=DELAYS,
    lost=st.integers(0, 5),
    jump=st.integers(-1000, 1000),
)


@settings(max_examples=150)
@given(st.lists(LEGS, min_size=1, max_size=4))
def test_any_handovers_in_a_row_are_told_as_they_were(legs: list[Leg]) -> None:
    story = Story().serve("host 0")
    place, expected, last = 0, [], None
    for number, leg in enumerate(legs, start=1):
        for delay in leg.before:
            last = story.later(delay).show().at
        source, begun = f"host {place}", story.at
        story.begin(seamless=leg.seamless).later(leg.linking)
        if leg.ending == "failed":
            story.fail()
            expected.append((source, "", Result.FAILED, None, None, 0, []))
            continue
        story.link(f"host {number}")
        for delay in leg.between:
            last = story.later(delay).show().at
        linking = about(leg.linking)
        if leg.ending == "cancelled":
            story.cancel()
            expected.append((source, f"host {number}", Result.CANCELLED, linking, None, 0, []))
            continue
        story.go().clock(leg.jump, reset=True).later(leg.switching).arrive().drop(leg.lost).later(leg.black).show()
        blackout = None if last is None else about(story.at - last)
        jumps = [leg.jump] if leg.jump else []
        expected.append((source, f"host {number}", Result.COMPLETED, linking, blackout, leg.lost, jumps))
        place, last = number, story.at
        assert story.log.handovers[-1].switching == about(leg.switching)
        assert story.log.handovers[-1].begun == about(begun)
    found = [
        (
            each.source,
            each.target,
            each.result,
            each.linking,
            each.blackout,
            each.frames_lost,
            [jump.jump for jump in each.clock_jumps],
        )
        for each in story.log.handovers
    ]
    assert found == expected


# Anything at all, in any order.

STEPS = st.one_of(
    *(
        st.sampled_from(names).map(lambda name: (name,))
        for names in (("begin", "link", "go", "arrive", "cancel", "fail"), ("show", "draw", "drop", "serve"))
    ),
    st.tuples(st.just("later"), DELAYS),
    st.tuples(st.just("clock"), st.integers(-9, 9)),
    st.tuples(st.just("show"), st.integers(1, 6)),
    st.tuples(st.just("change"), st.sampled_from(("session", "display 0")), st.sampled_from(("lost", "completed"))),
)


@settings(max_examples=300)
@given(st.lists(STEPS, max_size=40))
def test_whatever_comes_no_time_runs_backwards(steps: list[tuple[object, ...]]) -> None:
    story, begun, dropped = Story().serve(), 0, 0
    for name, *arguments in steps:
        begun += name == "begin"
        dropped += name == "drop"
        getattr(story, str(name))(*arguments)
    handovers = story.log.handovers
    assert len(handovers) == begun
    assert sum(each.frames_lost for each in handovers) <= dropped
    for each in handovers:
        for span in (each.linking, each.switching, each.blackout):
            assert span is None or span >= 0
        assert (each.completed is not None) == (each.result is Result.COMPLETED)
        assert each.completed is None or each.switched is not None
        assert all(jump.jump for jump in each.clock_jumps)
