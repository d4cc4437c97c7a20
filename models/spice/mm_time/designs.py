"""The systems of this family: one handover, from the guest's last frames at the source to its first at the target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from switchover.models.language import Actor, Binding, Bounds, Connection, Latency, System, Timing, Wrap32

from .destination import DestinationServer
from .display import DisplayStream, DisplayStreamSince032, PatchedDisplayStream
from .playback import PlaybackChannel
from .reference_display import ReferenceDisplayStream
from .screen import EndlessScreen, Screen
from .session import ClientSession
from .source import SourceServer
from .variant import Method

#: The latency of every server unless said otherwise, in ms (facts: SPICE 5.1, MM_TIME_DELTA).
DEFAULT_LATENCY = 400


@dataclass(frozen=True)
class Variant:
    """What a handover is made of. All times are in ms; any of them may be left open.

    ``client``: the display stream's design. ``skew``: destination's clock minus source's. ``clock_after``: from the
    guest's start at the destination to the moment when MULTI_MEDIA_TIME is said, if no voice is open then;
    ``voice_after``: to the playback's START, with ``audio``, by which the client sets its clock if its back end
    ``audio_answers``; ``beside_the_voice``: the server says MULTI_MEDIA_TIME all the same. ``clock_transit`` and
    ``transit``: how long that message, and a frame, are on the way. ``first_frame_after``: from the guest's start to
    the first frame. ``latency``: L, ``latency_before``: L0. ``linked_before``: how long before the switch the link to
    the destination was complete. ``wraps``: multimedia times are of 32 bits, and the source's clock shows ``uptime`` at
    the start.
    """

    client: str = "unpatched"
    method: Method = Method.SEAMLESS
    skew: int = 6000
    clock_after: int = 0
    clock_transit: int = 0
    transit: int = 0
    first_frame_after: int = 0
    interval: int = 40
    latency: int = DEFAULT_LATENCY
    latency_before: int = DEFAULT_LATENCY
    linked_before: int = 1000
    frames_before: int = 0
    frames: int = 2
    endless: bool = False
    ring: int = 0
    detection: int = 0
    audio: bool = False
    voice_after: int = 0
    audio_answers: bool = True
    beside_the_voice: bool = False
    sends_time: bool = True
    guest_stamps: bool = True
    handshake_time: bool = False
    client_takes_handshake_time: bool = False
    as_offset: bool = True
    drops_future_frames: bool = False
    waits_for_clock: bool = False
    display_waits_for_init: bool = True
    hold_limit: int = 1000
    wraps: bool = False
    zero_is_invalid: bool = False
    uptime: int = 0
    repaired: bool = False
    shows_after_a_drop: bool = False
    without: str = ""


def handover(variant: Variant) -> System:
    """The system of a variant."""
    uptime = Wrap32.of(variant.uptime) if variant.wraps else variant.uptime
    started = variant.linked_before + (variant.clock_transit if variant.handshake_time else 0)
    told_before = uptime - variant.latency_before
    clock = {"set_to": told_before, "set_at": 0}
    audio = variant.audio and variant.method is Method.SEAMLESS
    source = SourceServer(
        method=variant.method,
        frames=variant.frames_before,
        ring=variant.ring,
        interval=variant.interval,
        uptime=uptime,
        armed={"migration_completes": started} | ({"next_frame": 0} if variant.frames_before else {}),
    )
    destination = DestinationServer(
        frames=variant.frames,
        endless=variant.endless,
        interval=variant.interval,
        uptime=uptime + variant.skew,
        detection=variant.detection,
        first_frame_after=variant.first_frame_after,
        latency=variant.latency,
        audio=audio,
        voice_after=variant.voice_after,
        sends_time=variant.sends_time,
        beside_the_voice=variant.beside_the_voice,
        drops_future_frames=variant.drops_future_frames,
        guest_stamps=variant.guest_stamps,
        initial={"display_is_ready": variant.method is Method.SEAMLESS},
        armed={"linked": 0} if variant.handshake_time else {},
    )
    session = ClientSession(
        keeps_handshake_time=variant.client_takes_handshake_time,
        as_offset=variant.as_offset,
        waits_for_clock=variant.waits_for_clock or variant.client == "reference",
        handshake_latency=variant.latency,
        display_waits_for_init=variant.display_waits_for_init,
        initial=clock,
    )
    return System(
        name=f"mm_time.{variant.client}",
        actors={
            "source": source,
            "destination": destination,
            "session": session,
            "playback": PlaybackChannel(delay=variant.latency if variant.audio_answers else None),
            "display": _display(variant, clock),
            "screen": _screen(variant),
        },
        connections=(
            Connection("main_a", "source.main", "session.source", established=True),
            Connection("display_a", "source.display", "display.source", established=True),
            Connection("guest", "source.guest", "destination.guest", established=True),
            Connection("main_b", "destination.main", "session.target", established=True),
            Connection("display_b", "destination.display", "display.target", established=True),
            Connection("playback_b", "destination.playback", "playback.target", established=True),
        ),
        bindings=(
            Binding("session.display", "display.session"),
            Binding("session.playback", "playback.session"),
            Binding("display.screen", "screen.display"),
        ),
        bounds=Bounds(queue=64),
        processes={"client": ("session", "playback", "display", "screen")},
        timing=Timing(
            clocks={"screen": variant.skew},
            latencies={
                "main_a": Latency.exactly(0),
                "display_a": Latency.exactly(0),
                "guest": Latency.exactly(0),
                ("main_b", "destination"): Latency.exactly(variant.clock_after),
                ("main_b", "session"): Latency.exactly(variant.clock_transit),
                ("display_b", "destination"): Latency.exactly(0),
                ("display_b", "display"): Latency.exactly(variant.transit),
                "playback_b": Latency.exactly(variant.clock_transit),
            },
        ),
        variant=variant,
        assumptions=_assumptions(variant),
        cite="seed 000; facts: SPICE 5",
    )


def _assumptions(variant: Variant) -> tuple[str, ...]:
    """What a verdict about this variant takes for granted, in words."""
    drawn = "without end" if variant.endless else f": {variant.frames}"
    said = [f"{variant.client} client, {variant.method}", f"destination frames{' ' * variant.endless}{drawn}"]
    if variant.ring:
        said.append(f"frames with the source's stamp in the command ring: {variant.ring}")
    said.append(("audio" if variant.audio_answers else "audio that sets no clock") if variant.audio else "no audio")
    if not variant.sends_time:
        said.append("no clock is ever told")
    return (*said, "delays are the same for all frames of a run")


def _screen(variant: Variant) -> Actor:
    if not variant.endless:
        return Screen(transit=variant.transit, clock_transit=variant.clock_transit)
    return EndlessScreen()


def _display(variant: Variant, clock: dict[str, object]) -> Actor:
    if variant.client == "reference":
        off: dict[str, Any] = {variant.without: False} if variant.without else {}
        return ReferenceDisplayStream(hold_limit=variant.hold_limit, initial=clock, **off)
    options: dict[str, Any] = {"waits_for_clock": variant.waits_for_clock, "zero_is_invalid": variant.zero_is_invalid}
    if variant.client == "unpatched":
        return DisplayStream(initial=clock, looks_after_rendering=not variant.shows_after_a_drop, **options)
    if variant.client == "patch_2013":
        return PatchedDisplayStream(initial=clock, looks_after_rendering=not variant.shows_after_a_drop, **options)
    signed = variant.client == "since_0_34"
    return DisplayStreamSince032(
        checks_current_frame=variant.repaired, signed_differences=signed, initial=clock, **options
    )


#: The ledger's designs in case 1a of seed 000, with its typical numbers.
DESIGNS = {
    name: partial(handover, variant)
    for name, variant in {
        "unpatched": Variant(client="unpatched", clock_after=700, clock_transit=1, transit=1),
        "patch_2013": Variant(client="patch_2013", clock_after=700, clock_transit=1, transit=1),
        "since_0_32": Variant(client="since_0_32", clock_after=700, clock_transit=1, transit=1),
        "since_0_34": Variant(client="since_0_34", clock_after=700, clock_transit=1, transit=1),
        "solution_1": Variant(
            client="unpatched",
            clock_after=700,
            clock_transit=1,
            transit=1,
            handshake_time=True,
            client_takes_handshake_time=True,
            drops_future_frames=True,
        ),
        "solution_2": Variant(
            client="unpatched",
            clock_after=700,
            clock_transit=1,
            transit=1,
            waits_for_clock=True,
            drops_future_frames=True,
        ),
        "reference": Variant(client="reference", clock_after=700, clock_transit=1, transit=1),
    }.items()
}
