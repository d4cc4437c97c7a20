"""The numbers that this family's claims leave open, and the seed's cases as systems over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from switchover.models.language import Open, Quantity, System

from .designs import Variant, handover
from .session import RESET_THRESHOLD

#: A system over numbers left open, called with them by name.
Asked = Callable[..., System]

D_AHEAD = Quantity("D", "destination clock minus source clock", low=1, typical=6000)
D_BEHIND = Quantity("D", "destination clock minus source clock", high=-1, typical=-6000)
D_ANY = Quantity("D", "destination clock minus source clock", typical=6000)
W = Quantity("W", "from the first destination frame at the client to the clock update", low=1, typical=700)
L = Quantity("L", "latency subtracted from the clock that is told", low=0, typical=400)
OFFSET = Quantity("a", "the second frame's time after the first", low=1, typical=40)
TRANSIT = Quantity("transit", "network delay", low=0, typical=1)
LEAD = Quantity("lead", "from the guest's start to its first frame", low=1, typical=700)


def in_time(L: int, transit: int, **_: int) -> Sequence[bool]:
    """Frames are not late by themselves: the network takes less time than the latency allows for."""
    return (transit < L,)


def ring_is_in_the_future(D: int, lead: int, **_: int) -> Sequence[bool]:
    """The source's stamps are ahead of the destination's clock even when its first frame is drawn."""
    return (D + lead < 0,)


def update_comes_first(D: int, W: int, L: int, transit: int, **_: int) -> Sequence[bool]:
    """The clock is set before the timer of the first frame, armed by the source's clock, fires."""
    return (W + transit < D + L,)


#: What each number stands for in a variant.
_ANY_ORDER = {
    "D": ("skew",),
    "S": ("clock_after",),
    "N": ("clock_transit",),
    "F": ("first_frame_after",),
    "L": ("latency", "latency_before"),
    "a": ("interval",),
    "transit": ("transit",),
    "H": ("hold_limit",),
}
_VOICE = {**_ANY_ORDER, "V": ("voice_after",), "transit": ("transit", "clock_transit")}
_CASE_1 = {**_ANY_ORDER, "W": ("clock_after",), "transit": ("transit", "clock_transit")}
_CASE_2 = {**_ANY_ORDER, "lead": ("first_frame_after",)}


def _asked(variant: Variant, meaning: Mapping[str, Sequence[str]]) -> Asked:
    """The handover of ``variant``, with the numbers it is called with in the places that they stand for."""

    def make(**numbers: int) -> System:
        given: dict[str, Any] = {place: value for name, value in numbers.items() for place in meaning[name]}
        return handover(replace(variant, **given))

    return make


@cache
def case_1(variant: Variant) -> Asked:
    """Case 1 of seed 000: destination frames reach the client before the clock is set, W ms before."""
    return _asked(variant, _CASE_1)


@cache
def case_2(variant: Variant) -> Asked:
    """Case 2 of seed 000: the clock is the destination's already when frames with the source's stamps arrive."""
    return _asked(variant, _CASE_2)


@cache
def handover_in_any_order(variant: Variant) -> Asked:
    """Clock and frames in either order, each with a delay of its own."""
    return _asked(variant, _ANY_ORDER)


@cache
def handover_with_sound(variant: Variant) -> Asked:
    """The session's arrival and the voice at the destination, in either order."""
    return _asked(replace(variant, audio=True), _VOICE)


def over_case_1(skew: Quantity, stated: Callable[..., bool] | None = None, *also: Callable[..., Any]) -> Open:
    """Case 1 over all its numbers. ``also``: what else is assumed."""
    return Open((skew, W, L, OFFSET, TRANSIT), _all_of(in_time, *also), stated, probe="a")


def over_case_2(skew: Quantity, stated: Callable[..., bool] | None = None, *also: Callable[..., Any]) -> Open:
    """Case 2 over all its numbers. ``also``: what else is assumed."""
    return Open((skew, LEAD, L, OFFSET, TRANSIT), _all_of(in_time, *also), stated)


UPDATE = Quantity("S", "from the guest's start to the moment when the clock is told", low=0, typical=700)
CLOCK_TRANSIT = Quantity("N", "network delay of the clock message", low=0, typical=1)
FIRST = Quantity("F", "from the guest's start to its first frame", low=0, typical=0)
VOICE = Quantity("V", "from the guest's start to the opening of its voice", low=0, typical=20)
HOLD = Quantity("H", "how long frames are held without a clock", low=0, typical=1000)


def frames_follow_both(S: int, V: int, F: int, **_: int) -> Sequence[bool]:
    """The first frame is drawn after the session has arrived, and after the voice was opened."""
    return (S < F, V < F)


def over_sound(stated: Callable[..., bool] | None = None) -> Open:
    """Whatever the clocks: the session and the voice come before the frames, in either order."""
    return Open((D_ANY, UPDATE, VOICE, FIRST, L, OFFSET, TRANSIT), _all_of(in_time, frames_follow_both), stated)


def told_by_nobody(*, D: int, S: int, V: int, L: int, transit: int, **_: int) -> bool:
    """The voice is open when the session arrives, and by the source's clock every frame is late."""
    return V <= S and D + L < transit


def over_late_clock(stated: Callable[..., bool] | None = None, *also: Callable[..., Any]) -> Open:
    """Clock first, then frames: only the clock message's own delay is in question."""
    quantities = (D_AHEAD, CLOCK_TRANSIT, FIRST, L, OFFSET, TRANSIT)
    return Open(quantities, _all_of(in_time, clock_comes_first, *also), stated)


def clock_comes_first(N: int, F: int, transit: int, **_: int) -> Sequence[bool]:
    """The clock message, sent at the guest's start, arrives before the first frame."""
    return (N < F + transit,)


def later_by_the_network(*, N: int, **_: int) -> bool:
    """The clock message is under way for some time."""
    return N > 0


def prompt_clock(N: int, **_: int) -> Sequence[bool]:
    """The clock message takes no time."""
    return (N <= 0,)


def holds_long_enough(L: int, H: int, **_: int) -> Sequence[bool]:
    """The client holds frames at least as long as the server's latency."""
    return (L <= H,)


def over_any_order(stated: Callable[..., bool] | None = None, *also: Callable[..., Any]) -> Open:
    """All numbers of a handover."""
    quantities = (D_ANY, UPDATE, CLOCK_TRANSIT, FIRST, L, OFFSET, TRANSIT, HOLD)
    return Open(quantities, _all_of(in_time, holds_long_enough, *also), stated)


def dropped_until_the_update(D: int, W: int, L: int, a: int, transit: int) -> bool:
    """MM02 as the ledger states it: dropped iff D + L₀ < transit, until the update."""
    return D + L < transit and a <= W


def late_at_the_update_or_unsignalled(D: int, W: int, L: int, a: int, transit: int) -> bool:
    """MM07 as the ledger states it: what is late when the clock is set; and everything until the timer fires where the
    clock jumps by 500 ms or less, since that gives no signal.
    """
    jump = D - transit
    return a <= W - L or (jump <= RESET_THRESHOLD and a <= D - transit)


def without_time(asked: Open) -> Open:
    """The same question without the assumption that the network takes less time than the latency allows for."""
    return replace(asked, within=lambda **_: ())


OVER_DELAYS = Open((D_ANY, UPDATE, CLOCK_TRANSIT, FIRST, TRANSIT))


def before_the_hold_limit(W: int, **_: int) -> Sequence[bool]:
    """The clock comes before our client, which holds frames for 1 s, gives up waiting for it."""
    return (W < 1000,)


def frames_follow_the_update(a: int, W: int, **_: int) -> Sequence[bool]:
    """The second frame comes after the clock was set."""
    return (a > W,)


#: Multimedia times are of 32 bits; signed differences of them are right up to this many ms: 24.8 days.
HALF = 1 << 31

UPTIME = Quantity("T", "uptime of both hosts at the start", low=0, high=(1 << 32) - 1, typical=1000, bits=64)
WIDE_AHEAD = Quantity(
    "D", "destination clock minus source clock", low=1000, high=(1 << 32) - 1000, typical=HALF, bits=64
)


@cache
def over_uptime(variant: Variant) -> Asked:
    """No skew at all, and clocks of 32 bits that may wrap around meanwhile."""
    return _asked(replace(variant, skew=0, wraps=True, transit=1, clock_transit=1), {"T": ("uptime",)})


@cache
def over_wide_skew(variant: Variant) -> Asked:
    """Case 1 of seed 000 with clocks of 32 bits: the update comes 300 ms after the first frame, within the latency."""
    return _asked(replace(variant, wraps=True, transit=1, clock_transit=1, clock_after=300), _ANY_ORDER)


def half_or_more(D: int) -> bool:
    """MM12 as the ledger states it: signed differences are right iff the skew is below 2^31 ms."""
    return D >= HALF or D < -HALF


def _all_of(*conditions: Callable[..., Any]) -> Callable[..., Sequence[bool]]:
    def within(**numbers: int) -> Sequence[bool]:
        return tuple(each for condition in conditions for each in condition(**numbers))

    return within
