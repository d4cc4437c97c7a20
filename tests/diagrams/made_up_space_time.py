"""Timed runs that no client made: the two orders of clock and frames in seed 000, in a few frames."""

from __future__ import annotations

from hypothesis import strategies as st
from switchover.diagrams import (
    ClockJump,
    EventKind,
    Fate,
    FrameBar,
    Lifeline,
    MessageKind,
    Schedule,
    SpaceTime,
    TimedEvent,
    TimedMessage,
)

LIFELINES = (
    Lifeline("source", "source clock"),
    Lifeline("destination", "destination clock"),
    Lifeline("client", "session clock"),
    Lifeline("display"),
)


def frame_events(sender: str, stamp: int, sent_at: int) -> tuple[TimedEvent, TimedMessage]:
    message = TimedMessage(sent_at, sender, sent_at + 12, "display", f"f={stamp}", MessageKind.FRAME)
    return TimedEvent(sent_at, sender, "", stamp, EventKind.STAMPED), message


def clock_set(sent_at: int, value: int, before: int) -> tuple[TimedMessage, ClockJump]:
    message = TimedMessage(
        sent_at, "destination", sent_at + 15, "client", f"MULTI_MEDIA_TIME v={value}", MessageKind.CLOCK
    )
    return message, ClockJump(sent_at + 15, "client", before, value, "mm-time-reset")


def case_1a(skew: int = 6000) -> SpaceTime:
    """Frames of a destination whose clock is ahead, 700 ms before the clock is set, at a patched client."""
    sent = [(260 + 40 * number, 21_260 + skew + 40 * number) for number in range(24)]
    setting, jump = clock_set(957, 20_572 + skew, 21_572)
    now = jump.after
    bars = []
    for number, (at, stamp) in enumerate(sent):
        first = (Schedule(at + 12, 660 + skew),) if number == 0 else ()
        if at + 12 < jump.at and stamp < now:
            note = f"dropped, {now - stamp} ms late"
            bars.append(FrameBar(f"f={stamp}", "display", at + 12, Fate.DROPPED, jump.at, first, note))
        else:
            shown = jump.at + max(stamp - now, 0)
            schedule = (*first, Schedule(max(at + 12, jump.at), shown))
            bars.append(FrameBar(f"f={stamp}", "display", at + 12, Fate.SHOWN, shown, schedule))
    stamped = [frame_events("destination", stamp, at) for at, stamp in sent]
    return SpaceTime(
        LIFELINES,
        tuple(event for event, _ in stamped),
        (jump,),
        (*(message for _, message in stamped), setting),
        tuple(bars),
        "Case 1a, patch of 2013",
        f"D = {skew} ms, W = 700 ms, L = 400 ms",
    )


def case_1b() -> SpaceTime:
    """Frames of a destination whose clock is behind: dropped on arrival until the clock is set."""
    sent = [(260 + 40 * number, 15_260 + 40 * number) for number in range(8)]
    setting, jump = clock_set(410, 15_010, 21_025)
    stamped = [frame_events("destination", stamp, at) for at, stamp in sent]
    bars = [
        FrameBar(f"f={stamp}", "display", at + 12, Fate.DROPPED, at + 12, note="dropped, 5612 ms late")
        if at + 12 < jump.at
        else FrameBar(f"f={stamp}", "display", at + 12, Fate.WAITING, None, (Schedule(at + 12, at + 400),))
        for at, stamp in sent
    ]
    return SpaceTime(
        LIFELINES,
        tuple(event for event, _ in stamped),
        (jump,),
        (*(message for _, message in stamped), setting, TimedMessage(300, "client", None, "source", "report")),
        tuple(bars),
        "Case 1b",
    )


@st.composite
def any_space_time(draw: st.DrawFn) -> SpaceTime:
    """Anything that can be said, whether a client could do it or not."""
    names = st.sampled_from([each.name for each in LIFELINES])
    moments = st.integers(0, 3000) | st.sampled_from([0, 1, 100_000, 5_000_000])
    lengths = st.integers(0, 500) | st.just(100_000)
    readings = st.none() | st.integers(-(2**31), 2**32)
    events = st.builds(TimedEvent, moments, names, st.just("stamped"), readings, st.sampled_from(list(EventKind)))
    jumps = st.builds(ClockJump, moments, names, st.integers(0, 9999), st.integers(0, 9999), st.just("reset"))
    messages = st.builds(
        lambda at, sender, takes, receiver, kind: TimedMessage(
            at, sender, None if takes is None else at + takes, receiver, f"f={at}", kind
        ),
        moments,
        names,
        st.none() | lengths,
        names,
        st.sampled_from(list(MessageKind)),
    )
    frames = st.builds(
        lambda at, name, fate, stay, due: FrameBar(
            f"f={at}",
            name,
            at,
            fate,
            None if fate is Fate.WAITING else at + stay,
            tuple(Schedule(at, at + d) for d in due),
        ),
        moments,
        names,
        st.sampled_from(list(Fate)),
        lengths,
        st.lists(lengths, max_size=2),
    )
    found = [tuple(draw(st.lists(each, max_size=6))) for each in (events, jumps, messages, frames)]
    return SpaceTime(LIFELINES, *found, "A run", "of anything")  # type: ignore[arg-type]
