"""Streams without end: what holds whatever the number of frames, as questions for proofs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from switchover.models.language import ActorView, Open, System, always, never

from .designs import Variant, handover
from .destination import STREAM_DETECTION_FRAMES
from .questions import CLOCK_TRANSIT, D_ANY, D_BEHIND, FIRST, OFFSET, TRANSIT, UPDATE, Asked, L


@always
def images_come_before_the_stream(destination: ActorView, screen: ActorView) -> bool:
    """A frame is stream data only after the server has seen 20 frames."""
    return not (screen.has_shown or screen.has_lost) or bool(destination.seen >= STREAM_DETECTION_FRAMES)


@always
def no_frame_before_the_clock(screen: ActorView, session: ActorView) -> bool:
    """The client judges no frame of the destination before its session has the destination's clock."""
    return not (screen.has_shown or screen.has_lost) or session.target_clock_known


@never
def a_frame_is_shown(screen: ActorView) -> bool:
    """A frame with the destination's time comes on the screen."""
    return bool(screen.has_shown)


@always
def endless_no_frame_is_late(screen: ActorView) -> bool:
    """A frame with the destination's time is shown at most one frame interval after it is due."""
    return not screen.has_shown or screen.lateness <= screen.interval


@always
def endless_no_frame_after_the_update_is_lost(
    screen: ActorView, session: ActorView, destination: ActorView, source: ActorView
) -> bool:
    """No frame with the destination's time is lost that the client received after the clock was set."""
    update = session.set_at + destination.uptime - source.uptime
    return not (screen.has_lost and session.target_clock_known and screen.last_lost + screen.transit > update)


#: Without latency no frame waits for its time.
AT_ONCE = Variant(client="since_0_34", endless=True, latency=0, latency_before=0)


@cache
def endless_detection(frames: int) -> Asked:
    """MM05: a stream with the frame interval left open; its detection takes so many frames."""

    def make(*, a: int) -> System:
        return handover(replace(AT_ONCE, detection=frames, interval=a, skew=0))

    return make


@cache
def endless_after_init(variant: Variant) -> Asked:
    """MM06: the clock message and the frames take any time that is left open."""

    def make(*, D: int, S: int, N: int, F: int, transit: int) -> System:
        delayed = replace(variant, clock_after=S, clock_transit=N, first_frame_after=F, transit=transit)
        return handover(replace(delayed, interval=200, skew=D))

    return make


@cache
def endless_without_clock(variant: Variant) -> Asked:
    """MM10: frames arrive one by one."""

    def make(*, D: int, L: int, a: int, transit: int) -> System:
        return handover(
            replace(
                variant,
                endless=True,
                skew=D,
                latency=L,
                latency_before=L,
                interval=a,
                transit=transit,
            )
        )

    return make


def endless_reference(*, D: int, S: int, N: int, transit: int) -> System:
    """MM13: our client, with the default latency of 400 ms, five frames a second and frames held for 1 s."""
    return handover(
        Variant(
            client="reference",
            endless=True,
            interval=200,
            skew=D,
            clock_after=S,
            clock_transit=N,
            transit=transit,
            hold_limit=1000,
        )
    )


def _one_frame_at_a_time(N: int, transit: int, **_: int) -> Sequence[bool]:
    """A frame arrives before the next is drawn, and the clock message is no slower than a frame."""
    return (transit < 200, transit >= N)


def _dropped_at_arrival(D: int, L: int, a: int, transit: int) -> Sequence[bool]:
    """Frames are late by the source's clock (MM02), and each arrives before the next is drawn."""
    return (transit > D + L, transit < a)


def _within_an_interval(N: int, transit: int, **_: int) -> Sequence[bool]:
    """Frames and the clock message take less than a frame interval."""
    return (transit < 200, N < 200)


OVER_INTERVAL = Open((OFFSET,), endless=True)
OVER_DELAYS = Open((D_ANY, UPDATE, CLOCK_TRANSIT, FIRST, TRANSIT), _one_frame_at_a_time, endless=True)
OVER_SKEW = Open((D_BEHIND, L, OFFSET, TRANSIT), _dropped_at_arrival, endless=True)
OVER_UPDATE = Open((D_ANY, UPDATE, CLOCK_TRANSIT, TRANSIT), _within_an_interval, endless=True)
