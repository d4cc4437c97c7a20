"""The ledger of this family: what seed 000 and the facts say of multimedia time, as questions over all values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from switchover.models.language import Answer, Case, Claim, Open, Property

from . import endless
from . import properties as must
from . import questions as over
from .designs import Variant
from .destination import STREAM_DETECTION_FRAMES
from .questions import Asked
from .variant import Method

HOLDS, VIOLATED, REGION = Answer.HOLDS, Answer.VIOLATED, Answer.REGION

UNPATCHED = Variant(client="unpatched")
PATCH_2013 = Variant(client="patch_2013")
SINCE_0_32 = Variant(client="since_0_32")
SINCE_0_34 = Variant(client="since_0_34")
REFERENCE = Variant(client="reference", frames=3)
CLIENTS = (UNPATCHED, PATCH_2013, SINCE_0_32, SINCE_0_34, replace(REFERENCE, frames=2))

SECOND_FRAME = must.frame_is_shown(1)

AHEAD_1 = over.over_case_1(over.D_AHEAD)
BEHIND_1 = over.over_case_1(over.D_BEHIND)
AHEAD_2 = over.over_case_2(over.D_AHEAD)
BEHIND_2 = over.over_case_2(over.D_BEHIND, None, over.ring_is_in_the_future)


def _case(
    name: str, system: Asked, prop: Property, expected: Answer, asked: Open, role: str = "claim", why: str = ""
) -> Case:
    return Case(name, system, prop, expected, role, "symbolic", why, asked)


def _claim(number: int, said: str, text: str, *cases: Case) -> Claim:
    return Claim(f"MM{number:02}", said, text, cases)


def _each(
    variants: tuple[Variant, ...], ask: Callable[[Variant], Asked], prop: Property, expected: Answer, asked: Open
) -> tuple[Case, ...]:
    return tuple(_case(each.client, ask(each), prop, expected, asked) for each in variants)


CASE_1A = _claim(
    1,
    "000 case 1a",
    "the destination's clock is ahead and its frames come before the update: the first arms the timer about D ms "
    "ahead, and what should be shown meanwhile is lost",
    _case("unpatched", over.case_1(UNPATCHED), SECOND_FRAME, REGION, AHEAD_1),
    _case(
        "the reference client",
        over.case_1(REFERENCE),
        must.only_late_frames_are_lost,
        HOLDS,
        over.over_case_1(over.D_AHEAD, None, over.before_the_hold_limit),
        "repair",
    ),
)

CASE_1B = _claim(
    2,
    "000 case 1b",
    "the destination's clock is behind: frames are dropped until the update",
    *(
        _case(
            each.client,
            over.case_1(each),
            SECOND_FRAME,
            REGION,
            over.over_case_1(over.D_BEHIND, over.dropped_until_the_update),
            why=why,
        )
        for each, why in (
            (UNPATCHED, "a frame that is due at this very millisecond is dropped by the scheduler of 2013"),
            (PATCH_2013, "a frame that is due at this very millisecond is dropped by the scheduler of 2013"),
            (SINCE_0_34, ""),
        )
    ),
    _case(
        "the reference client",
        over.case_1(REFERENCE),
        must.only_late_frames_are_lost,
        HOLDS,
        over.over_case_1(over.D_BEHIND, None, over.before_the_hold_limit),
        "repair",
    ),
)

CASE_2A = _claim(
    3,
    "000 case 2a",
    "the clock is the destination's, which is ahead, and frames with the source's stamps arrive: only those are "
    "dropped",
    *_each(CLIENTS, lambda each: over.case_2(replace(each, ring=1)), must.no_fresh_frame_is_lost, HOLDS, AHEAD_2),
    _case(
        "frames that take longer than the latency",
        over.case_2(replace(UNPATCHED, ring=1)),
        must.no_fresh_frame_is_lost,
        REGION,
        over.without_time(AHEAD_2),
        "mutation",
    ),
)

CASE_2B = _claim(
    4,
    "000 case 2b",
    "the clock is the destination's, which is behind: a frame with the source's stamp arms the timer −D ms ahead, and "
    "fresh frames are lost",
    _case("unpatched", over.case_2(replace(UNPATCHED, ring=1)), SECOND_FRAME, REGION, BEHIND_2),
    _case("the patch of 2013", over.case_2(replace(PATCH_2013, ring=1)), SECOND_FRAME, HOLDS, BEHIND_2, "repair"),
)

DETECTION = replace(SINCE_0_34, detection=STREAM_DETECTION_FRAMES)
RING_OF_20 = replace(DETECTION, ring=20, frames=1)
AFTER_INIT = {method.value: replace(SINCE_0_34, method=method) for method in (Method.SEMI_SEAMLESS, Method.SWITCH_HOST)}

STREAM_DETECTION = _claim(
    5,
    "000",
    "a source frame can meet the new clock as stream data only if at least 20 frames came before it; the first frame "
    "of the destination's own stream comes 20 intervals after its first frame",
    _case("20-in-the-ring", over.case_2(RING_OF_20), must.no_source_stamp_in_the_stream, HOLDS, BEHIND_2),
    _case(
        "21-in-the-ring",
        over.case_2(replace(RING_OF_20, ring=21)),
        must.no_source_stamp_in_the_stream,
        VIOLATED,
        BEHIND_2,
    ),
    _case("20-intervals", over.case_2(replace(DETECTION, frames=22)), must.stream_starts_with(20), HOLDS, AHEAD_2),
    _case(
        "endless",
        over.handover_in_any_order(replace(endless.AT_ONCE, detection=STREAM_DETECTION_FRAMES, skew=0)),
        endless.images_come_before_the_stream,
        HOLDS,
        endless.OVER_INTERVAL,
    ),
    _case(
        "endless: detection after 19 frames",
        over.handover_in_any_order(replace(endless.AT_ONCE, detection=STREAM_DETECTION_FRAMES - 1, skew=0)),
        endless.images_come_before_the_stream,
        VIOLATED,
        endless.OVER_INTERVAL,
        "mutation",
    ),
    _case("not-21", over.case_2(replace(DETECTION, frames=22)), must.stream_starts_with(21), VIOLATED, AHEAD_2),
    _case(
        "no stream detection",
        over.case_2(replace(RING_OF_20, ring=1, detection=0)),
        must.no_source_stamp_in_the_stream,
        VIOLATED,
        BEHIND_2,
        "mutation",
    ),
)

NEW_CONNECTION = _claim(
    6,
    "000",
    "a connection that begins with INIT has the clock before any frame: new, switch-host, semi-seamless without audio",
    *(
        _case(name, over.handover_in_any_order(variant), must.no_frame_before_the_clock, HOLDS, over.OVER_DELAYS)
        for name, variant in AFTER_INIT.items()
    ),
    _case(
        "endless",
        over.handover_in_any_order(replace(endless.AT_ONCE, method=Method.SEMI_SEAMLESS)),
        endless.no_frame_before_the_clock,
        HOLDS,
        endless.OVER_DELAYS,
    ),
    _case(
        "endless: INIT after the other channels",
        over.handover_in_any_order(replace(endless.AT_ONCE, method=Method.SEMI_SEAMLESS, display_waits_for_init=False)),
        endless.no_frame_before_the_clock,
        VIOLATED,
        endless.OVER_DELAYS,
        "mutation",
    ),
    _case(
        "INIT after the other channels",
        over.handover_in_any_order(replace(AFTER_INIT["semi_seamless"], display_waits_for_init=False)),
        must.no_frame_before_the_clock,
        REGION,
        over.OVER_DELAYS,
        "mutation",
    ),
)

PATCH = _claim(
    7,
    "000, facts 5.5",
    "the patch handles 1a and 2b; of 1a max(0, W − L) remains, and a jump of 500 ms or less gives no signal",
    _case(
        "1a",
        over.case_1(PATCH_2013),
        SECOND_FRAME,
        REGION,
        over.over_case_1(over.D_AHEAD, over.late_at_the_update_or_unsignalled, over.update_comes_first),
    ),
    _case(
        "1a-timer-first",
        over.case_1(PATCH_2013),
        SECOND_FRAME,
        REGION,
        over.over_case_1(over.D_AHEAD, over.late_at_the_update_or_unsignalled),
        why="frames whose timer, armed by the source's clock, fires before the update are shown, if late: "
        "what is never shown is min(D, max(0, W − L))",
    ),
    _case("2b", over.case_2(replace(PATCH_2013, ring=1)), must.no_fresh_frame_is_lost, HOLDS, BEHIND_2),
    _case(
        "without the reset signal",
        over.case_2(replace(UNPATCHED, ring=1)),
        must.no_fresh_frame_is_lost,
        VIOLATED,
        BEHIND_2,
        "mutation",
    ),
)

BOTH_NEW: dict[str, Any] = {"handshake_time": True, "client_takes_handshake_time": True}
#: Solution (1): halves and who is new. The destination's time is said, and used, only if both ends are new.
SOLUTION_1 = {
    "a": replace(UNPATCHED, **BOTH_NEW),
    "a-old-client": replace(UNPATCHED, handshake_time=True),
    "a-old-server": replace(UNPATCHED, client_takes_handshake_time=True),
    "b": replace(UNPATCHED, drops_future_frames=True),
    "a+b": replace(UNPATCHED, **BOTH_NEW, drops_future_frames=True),
}
SOLUTION_2 = {
    "a": replace(UNPATCHED, waits_for_clock=True),
    "b": replace(UNPATCHED, drops_future_frames=True),
    "a+b": replace(UNPATCHED, waits_for_clock=True, drops_future_frames=True),
}


def _table(
    solution: dict[str, Variant], prop: Property, solves: dict[str, tuple[str, ...]], always_fails: tuple[str, ...] = ()
) -> tuple[Case, ...]:
    """A result for each case of the seed and each half of a solution. ``solves``: which halves solve which case."""
    cases = []
    for name, (ask, asked, ring) in SEED_CASES.items():
        for half, variant in solution.items():
            fails = VIOLATED if name in always_fails else REGION
            expected = HOLDS if half in solves[name] else fails
            cases.append(_case(f"{name}-{half}", ask(replace(variant, ring=ring)), prop, expected, asked))
    return tuple(cases)


SEED_CASES: dict[str, tuple[Callable[[Variant], Asked], Open, int]] = {
    "1a": (over.case_1, AHEAD_1, 0),
    "1b": (over.case_1, BEHIND_1, 0),
    "2a": (over.case_2, AHEAD_2, 1),
    "2b": (over.case_2, BEHIND_2, 1),
}

SOLUTION_1_TABLE = _claim(
    8,
    "000 solution 1",
    "(1)(a), the destination's time in the handshake, solves 1a; (1)(b), dropping frames from the future there, 2b",
    *_table(
        SOLUTION_1,
        must.no_fresh_frame_is_lost,
        {"1a": ("a", "a+b"), "1b": ("a", "a+b"), "2a": tuple(SOLUTION_1), "2b": ("b", "a+b")},
        ("2b",),
    ),
    _case(
        "the raw time of the handshake",
        over.case_1(replace(SOLUTION_1["a"], as_offset=False)),
        must.no_fresh_frame_is_lost,
        REGION,
        AHEAD_1,
        "mutation",
    ),
)

SOLUTION_2_TABLE = _claim(
    9,
    "000 solution 2",
    "(2)(a), not rendering until the clock is reset, solves 1a; (2)(b), as (1)(b), solves 2b; no protocol change",
    *_table(
        SOLUTION_2,
        must.only_late_frames_are_lost,
        {"1a": ("a", "a+b"), "1b": ("a", "a+b"), "2a": tuple(SOLUTION_2), "2b": ("b", "a+b")},
        ("2b",),
    ),
)

NO_TIME: dict[str, Any] = {"sends_time": False}
WITHOUT_CLOCK = _claim(
    10,
    "000 last paragraph, H17",
    "without audio and without MULTI_MEDIA_TIME after a seamless migration the clock is never set: video is lost for "
    "ever, and solution (2)(a) never renders again",
    _case(
        "unpatched",
        over.case_1(replace(UNPATCHED, **NO_TIME)),
        must.something_is_shown,
        REGION,
        over.over_case_1(over.D_ANY),
    ),
    _case(
        "solution_2",
        over.case_1(replace(SOLUTION_2["a"], **NO_TIME)),
        must.something_is_shown,
        VIOLATED,
        over.over_case_1(over.D_ANY),
    ),
    *(
        _case(
            f"endless-{variant.client}",
            over.handover_in_any_order(replace(variant, endless=True, **NO_TIME)),
            endless.a_frame_is_shown,
            HOLDS,
            endless.OVER_SKEW,
        )
        for variant in (UNPATCHED, SINCE_0_34)
    ),
    _case(
        "endless: the server sends the time",
        over.handover_in_any_order(replace(SINCE_0_34, endless=True)),
        endless.a_frame_is_shown,
        VIOLATED,
        endless.OVER_SKEW,
        "mutation",
    ),
    *(
        _case(
            f"the server sends the time ({name})",
            over.case_1(variant),
            must.something_is_shown,
            HOLDS,
            over.over_case_1(over.D_ANY, None, over.frames_follow_the_update),
            "repair",
        )
        for name, variant in (("unpatched", UNPATCHED), ("solution_2", SOLUTION_2["a"]))
    ),
)

STALE_FRAMES = _claim(
    11,
    "N17",
    "since 0.32 exactly one frame with the source's stamp defeats the repair of 2b; two do not",
    _case("one", over.case_2(replace(SINCE_0_34, ring=1)), must.no_fresh_frame_is_lost, VIOLATED, BEHIND_2),
    _case("two", over.case_2(replace(SINCE_0_34, ring=2)), must.no_fresh_frame_is_lost, HOLDS, BEHIND_2),
    _case(
        "judge the current frame too",
        over.case_2(replace(SINCE_0_34, ring=1, repaired=True)),
        must.no_fresh_frame_is_lost,
        HOLDS,
        BEHIND_2,
        "repair",
    ),
)

OVER_UPTIME = Open((over.UPTIME,))
WRAP = _claim(
    12,
    "facts 5.4, H40, N18",
    "unsigned comparison of 32-bit times fails around the wrap; signed differences are right iff the skew is below "
    "2^31 ms (24.8 days); a stamp of 0 is not invalid",
    _case("unsigned", over.over_uptime(SINCE_0_32), must.no_fresh_frame_is_lost, REGION, OVER_UPTIME),
    _case("signed", over.over_uptime(SINCE_0_34), must.no_fresh_frame_is_lost, HOLDS, OVER_UPTIME),
    _case(
        "signed-skew-ahead",
        over.over_wide_skew(SINCE_0_34),
        must.no_fresh_frame_is_lost,
        REGION,
        Open((over.WIDE_AHEAD,), stated=over.half_or_more),
        why="what must be below 2^31 ms is the frame's margin, D + L − transit, not the skew alone",
    ),
    _case(
        "zero",
        over.over_uptime(replace(SINCE_0_34, zero_is_invalid=True)),
        must.frames_keep_their_distance,
        REGION,
        OVER_UPTIME,
    ),
    _case(
        "a stamp of 0 is a stamp",
        over.over_uptime(SINCE_0_34),
        must.frames_keep_their_distance,
        HOLDS,
        OVER_UPTIME,
        "repair",
    ),
)

ANY_ORDER = over.over_any_order()
REFERENCE_PARTS: tuple[tuple[str, Property, Variant], ...] = (
    ("late", must.no_frame_is_late_by_more_than_an_interval, REFERENCE),
    ("stall", must.picture_stands_still_at_most_until_the_update, REFERENCE),
    ("loss", must.no_frame_after_the_update_is_lost, REFERENCE),
    ("no-clock", must.video_goes_on_without_a_clock, replace(REFERENCE, sends_time=False)),
)
REPAIRS_OFF: tuple[tuple[str, Property, Variant], ...] = (
    ("holds_frames", must.no_frame_is_late_by_more_than_an_interval, REFERENCE),
    ("checks_current_frame", must.no_frame_after_the_update_is_lost, replace(REFERENCE, ring=1, frames=2)),
    ("shows_newest_late_frame", must.picture_stands_still_at_most_until_the_update, REFERENCE),
    ("gives_up_waiting", must.video_goes_on_without_a_clock, replace(REFERENCE, sends_time=False)),
)

OUR_CLIENT = _claim(
    13,
    "ours",
    "for every D, W and order of the channels: no frame late by more than one frame interval, no stall longer than W, "
    "no frame lost that came after the update; without any clock video goes on after the hold limit",
    *(
        _case(
            f"{part}{'-stale' if ring else ''}",
            over.handover_in_any_order(replace(variant, ring=ring)),
            prop,
            HOLDS,
            ANY_ORDER,
        )
        for ring in (0, 1)
        for part, prop, variant in REFERENCE_PARTS
    ),
    *(
        _case(
            f"without {repair}",
            over.handover_in_any_order(replace(variant, without=repair)),
            prop,
            VIOLATED if repair == "gives_up_waiting" else REGION,
            ANY_ORDER,
            "mutation",
        )
        for repair, prop, variant in REPAIRS_OFF
    ),
)

BURST = replace(UNPATCHED, frames=3, shows_after_a_drop=True)

LATE_CLOCK = _claim(
    14,
    "ours; facts 5.5, recordings r1 to r6",
    "a clock message that the network delays sets the clock back by its delay: nothing is lost for it, but every frame "
    "from then on is shown that much later",
    _case(
        "patch_2013",
        over.handover_in_any_order(replace(PATCH_2013, frames=2)),
        must.no_frame_is_late_by_the_destinations_clock,
        REGION,
        over.over_late_clock(over.later_by_the_network),
    ),
    _case(
        "a network without delay",
        over.handover_in_any_order(replace(PATCH_2013, frames=2)),
        must.no_frame_is_late_by_the_destinations_clock,
        HOLDS,
        over.over_late_clock(None, over.prompt_clock),
        "repair",
    ),
)

RENDER_LOOP = _claim(
    15,
    "ours; source of spice-gtk 0.19 and 0.20",
    "after a frame was rendered the client of 2013 drops one late frame and shows the next at once, whatever its time: "
    "what a stall has held up comes in a burst, every second frame",
    _case("0.19", over.case_1(BURST), must.no_frame_is_shown_out_of_time, REGION, AHEAD_1),
    _case(
        "late frames are dropped",
        over.case_1(replace(UNPATCHED, frames=3)),
        must.no_frame_is_shown_out_of_time,
        HOLDS,
        AHEAD_1,
        "repair",
    ),
)

SILENT_BACK_END = replace(SINCE_0_34, audio_answers=False)
CLOCK_LEFT_TO_SOUND = _claim(
    16,
    "ours; QEMU 7.2 under load",
    "a destination whose voice opens before the session arrives leaves the clock to the sound: a client whose audio "
    "back end does not answer keeps the source's, and shows nothing as long as the sound plays",
    _case(
        "since_0_34",
        over.handover_with_sound(SILENT_BACK_END),
        must.something_is_shown,
        REGION,
        over.over_sound(over.told_by_nobody),
    ),
    _case(
        "a back end that answers",
        over.handover_with_sound(SINCE_0_34),
        must.something_is_shown,
        HOLDS,
        over.over_sound(),
        "repair",
    ),
    _case(
        "the server tells the time beside the voice",
        over.handover_with_sound(replace(SILENT_BACK_END, beside_the_voice=True)),
        must.something_is_shown,
        HOLDS,
        over.over_sound(),
        "repair",
    ),
)

CLAIMS = (
    CASE_1A,
    CASE_1B,
    CASE_2A,
    CASE_2B,
    STREAM_DETECTION,
    NEW_CONNECTION,
    PATCH,
    SOLUTION_1_TABLE,
    SOLUTION_2_TABLE,
    WITHOUT_CLOCK,
    STALE_FRAMES,
    WRAP,
    OUR_CLIENT,
    LATE_CLOCK,
    RENDER_LOOP,
    CLOCK_LEFT_TO_SOUND,
)
