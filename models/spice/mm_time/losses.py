"""How much video each design loses against the skew of the two hosts' clocks, by running its charts on numbers.

What is counted are frames with the destination's time that are never shown, each as one frame interval of video.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from switchover.models.language import Quantity, System, TimedExecution, TimedState
from switchover.models.language.losses import LossSeries, LossTable

from .designs import DESIGNS, Variant, handover
from .messages import Host
from .questions import LEAD, L, W
from .screen import Showing
from .session import RESET_THRESHOLD

#: The seed's typical numbers, in ms: W, L, one frame interval, and the time that a message is on its way.
UPDATE, LATENCY, INTERVAL, TRANSIT = 700, 400, 40, 1

#: In case 2 the destination's clock is told at its guest's start, and its first frame comes so many ms later.
FIRST_FRAME = 700

#: The skews shown, in ms. What a design drops at once is dropped in one action, which has a limit (CALL_LIMIT).
WIDEST = 2_400

#: Where the search for straight lines begins: around the skews at which seed 000 expects a loss to begin or end.
_SIGNALLED = RESET_THRESHOLD + TRANSIT
_PLACES = (-WIDEST, -800, -680, 0, 320, _SIGNALLED, _SIGNALLED + 1, 720, WIDEST)

INTERVAL_OF_FRAMES = Quantity("a", "frame interval", typical=INTERVAL)
SKEW = Quantity("D", "destination clock minus source clock", typical=6000)
NETWORK = Quantity("transit", "network delay", typical=TRANSIT)


def losses() -> LossTable:
    """Every design in both of the seed's cases: frames before the clock, and one stale source frame after it."""
    series: list[LossSeries] = []
    for case, stale in (("case 1", 0), ("case 2", 1)):
        for name, make in DESIGNS.items():
            variant = make().variant
            series.append(LossSeries(f"{name} in {case}", _sampled(_loss_of(variant, stale))))
    in_case_1, in_case_2 = (
        replace(each, meaning=f"case {number}: {each.meaning}") for number, each in ((1, W), (2, LEAD))
    )
    quantities = (in_case_1, in_case_2, L, INTERVAL_OF_FRAMES, NETWORK)
    values = (UPDATE, FIRST_FRAME, LATENCY, INTERVAL, TRANSIT)
    fixed = {each.name: value for each, value in zip(quantities, values, strict=True)}
    title = "Video lost: case 1, frames before the clock; case 2, one stale frame after it"
    return LossTable(title, SKEW, tuple(series), quantities, fixed)


def lost(variant: Variant) -> int:
    """ms of video with the destination's time that a run of the variant never shows."""
    screen = _final(handover(variant))
    showings, frames = screen.system.snapshots[-1].variables[:2]
    shown = sum(each.frame.stamped_by is Host.TARGET for each in showings if isinstance(each, Showing))
    dropped = sum(frame.stamped_by is Host.TARGET for frame in frames)
    assert shown + dropped == variant.frames, "a frame is neither shown nor lost"
    return dropped * variant.interval


def _loss_of(variant: Variant, stale: int) -> Callable[[int], int]:
    """The loss against the skew. With a stale frame the clock is set long before the first frames come."""
    first, told = (FIRST_FRAME, 0) if stale else (variant.first_frame_after, UPDATE)
    base = replace(variant, ring=stale, interval=INTERVAL, transit=TRANSIT, clock_transit=TRANSIT, latency=LATENCY)
    base = replace(base, latency_before=LATENCY, first_frame_after=first, clock_after=told)
    return lambda skew: lost(replace(base, skew=skew, frames=_enough_frames(-skew if stale else skew)))


def _enough_frames(lead: int) -> int:
    """Frames until after anything that is timed by the old clock, ``lead`` ms ahead of the new one, is over."""
    return (max(lead, 0) + UPDATE + LATENCY) // INTERVAL + 5


def _sampled(loss: Callable[[int], int]) -> tuple[tuple[int, int], ...]:
    """Points between which the loss is a line, within one frame interval. A jump is found to the ms."""
    points = {place: loss(place) for place in _PLACES}
    places = sorted(points)
    pending = list(pairwise(places))
    while pending:
        left, right = pending.pop()
        if _is_step(right - left, points[right] - points[left]):
            continue
        middle = _middle(left, right)
        points[middle] = loss(middle)
        if abs(points[middle] - (points[left] + points[right]) / 2) > INTERVAL:
            pending += [(left, middle), (middle, right)]
    return tuple(sorted(points.items()))


def _is_step(width: int, height: int) -> bool:
    """Whether nothing is left to find between two points: they are one frame apart, and no jump is between them."""
    return width <= 1 or (width <= INTERVAL and abs(height) <= 2 * INTERVAL)


def _middle(left: int, right: int) -> int:
    """At whole frame intervals where there is room, so that a line is not seen as the staircase that frames make it."""
    return (left + right) // 2 if right - left <= INTERVAL else (left + right) // (2 * INTERVAL) * INTERVAL


def _final(system: System) -> TimedState:
    """The end of the run in which everything happens as early as it can."""
    execution = TimedExecution(system, remember=False)
    state: TimedState | None = execution.initial()
    while state is not None:
        last, moments, limits = state, execution.moments(state), execution.limits(state)
        latest = min(limits, default=None)
        possible = [each for each in moments if latest is None or each.earliest <= latest]
        if not possible:
            break
        first = min(possible, key=lambda each: each.earliest)
        state = execution.fire(last, first.action, first.earliest).state
        assert state is not None, f"{system.name}: the run goes wrong"
    return last
