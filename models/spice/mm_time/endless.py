"""Streams without end: what holds whatever the number of frames, as questions for proofs."""

from __future__ import annotations

from collections.abc import Sequence

from switchover.models.language import ActorView, Open, always, never

from .designs import Variant
from .destination import STREAM_DETECTION_FRAMES
from .questions import CLOCK_TRANSIT, D_ANY, D_BEHIND, FIRST, OFFSET, TRANSIT, UPDATE, L


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


#: Without latency no frame waits for its time.
AT_ONCE = Variant(client="since_0_34", endless=True, interval=200, latency=0, latency_before=0)


def _one_frame_at_a_time(N: int, transit: int, **_: int) -> Sequence[bool]:
    """A frame arrives before the next is drawn, and the clock message is no slower than a frame."""
    return (transit < 200, transit >= N)


def _dropped_at_arrival(D: int, L: int, a: int, transit: int) -> Sequence[bool]:
    """Frames are late by the source's clock (MM02), and each arrives before the next is drawn."""
    return (transit > D + L, transit < a)


OVER_INTERVAL = Open((OFFSET,), endless=True)
OVER_DELAYS = Open((D_ANY, UPDATE, CLOCK_TRANSIT, FIRST, TRANSIT), _one_frame_at_a_time, endless=True)
OVER_SKEW = Open((D_BEHIND, L, OFFSET, TRANSIT), _dropped_at_arrival, endless=True)
