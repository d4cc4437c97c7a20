"""What is asked of a handover: which frames are lost, how late the others are, how long the picture stands still."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from switchover.models.language import ActorView, Property, always

from .messages import Host, StreamData


def _is_fresh(frame: StreamData) -> bool:
    return frame.stamped_by is Host.TARGET


@always(when="quiescent")
def no_fresh_frame_is_lost(screen: ActorView) -> bool:
    """Every frame that carries the destination's time is shown at last."""
    return not any(_is_fresh(frame) for frame in screen.losses)


@always
def no_frame_before_the_clock(screen: ActorView, session: ActorView, display: ActorView) -> bool:
    """The client has no frame of the destination's stream before its session has the destination's clock."""
    came = screen.losses or screen.showings or display.queue
    return session.target_clock_known or not came


@always
def no_source_stamp_in_the_stream(screen: ActorView, display: ActorView) -> bool:
    """No frame with the source's stamp comes as stream data: it came as a plain image."""
    frames = (*screen.losses, *(each.frame for each in screen.showings), *display.queue)
    return not any(frame.stamped_by is Host.SOURCE for frame in frames)


@always(when="quiescent")
def only_late_frames_are_lost(screen: ActorView, session: ActorView) -> bool:
    """No frame with the destination's time is lost but those that were late already when the clock was set to it."""
    return not any(
        _is_fresh(frame) and not (session.target_clock_known and frame.multi_media_time - session.set_to <= 0)
        for frame in screen.losses
    )


@always(when="quiescent")
def something_is_shown(screen: ActorView) -> bool:
    """Some frame with the destination's time is shown at last."""
    return any(_is_fresh(showing.frame) for showing in screen.showings)


def _due(frame: StreamData, destination: ActorView, screen: ActorView) -> int:
    """When the frame is to be shown, by the destination's clock: with its latency, as late as the clock was told."""
    due: int = frame.multi_media_time + destination.latency + screen.clock_transit
    return due


@always(when="quiescent")
def no_frame_is_late_by_more_than_an_interval(screen: ActorView, destination: ActorView) -> bool:
    """A frame with the destination's time is shown at most one frame interval after it is due. The last one is not
    judged: nothing follows it that could replace it.
    """
    return not any(
        showing.at - _due(showing.frame, destination, screen) > destination.interval
        for showing in screen.showings
        if _is_fresh(showing.frame) and showing.frame.number < destination.frames - 1
    )


@always(when="quiescent")
def no_frame_is_late_by_the_destinations_clock(screen: ActorView, destination: ActorView) -> bool:
    """No frame with the destination's time is shown after it is due by the destination's own clock."""
    return not any(
        showing.at - (showing.frame.multi_media_time + destination.latency) > 0
        for showing in screen.showings
        if _is_fresh(showing.frame)
    )


@always(when="quiescent")
def no_frame_is_shown_out_of_time(screen: ActorView) -> bool:
    """Two frames with the destination's time never come on the screen in the same moment."""
    fresh = [showing.at for showing in screen.showings if _is_fresh(showing.frame)]
    return not any(second == first for first, second in pairwise(fresh))


@always(when="quiescent")
def picture_stands_still_at_most_until_the_update(
    screen: ActorView, destination: ActorView, source: ActorView, session: ActorView
) -> bool:
    """When a frame comes on the screen, the one after its predecessor has been due for no longer than from the first
    destination frame at the client to the clock's update.
    """
    skew = destination.uptime - source.uptime
    following = 0
    for showing in screen.showings:
        if not _is_fresh(showing.frame):
            continue
        missed = (showing.frame.number - following) * destination.interval
        stall = showing.at - (_due(showing.frame, destination, screen) - missed)
        first = showing.frame.multi_media_time - showing.frame.number * destination.interval + screen.transit
        update = session.set_at + skew - first
        if stall > 0 and (stall > update or not session.target_clock_known):
            return False
        following = showing.frame.number + 1
    return True


@always(when="quiescent")
def no_frame_after_the_update_is_lost(
    screen: ActorView, destination: ActorView, source: ActorView, session: ActorView
) -> bool:
    """No frame with the destination's time is lost that the client received after the clock was set."""
    skew = destination.uptime - source.uptime
    return not any(
        _is_fresh(frame)
        and session.target_clock_known
        and frame.multi_media_time + screen.transit > session.set_at + skew
        for frame in screen.losses
    )


@always(when="quiescent")
def video_goes_on_without_a_clock(screen: ActorView, destination: ActorView, display: ActorView) -> bool:
    """The first frame on the screen is there at most ``hold_limit`` ms after the first one came to the client."""
    fresh = [showing for showing in screen.showings if _is_fresh(showing.frame)]
    if not fresh:
        return False
    first = fresh[0].frame
    came = first.multi_media_time - first.number * destination.interval + screen.transit
    return bool(fresh[0].at - came <= display.hold_limit + destination.latency + screen.clock_transit)


@always(when="quiescent")
def frames_keep_their_distance(screen: ActorView, destination: ActorView) -> bool:
    """Frames with the destination's time come on the screen as far apart as they were drawn."""
    fresh = [showing for showing in screen.showings if _is_fresh(showing.frame)]
    return all(
        second.at - first.at == (second.frame.number - first.frame.number) * destination.interval
        for first, second in pairwise(fresh)
    )


def frame_is_shown(number: int) -> Property:
    """The destination's frame of this number is shown at last."""

    @always(when="quiescent")
    def frame_is_shown(screen: ActorView) -> bool:
        """The frame is shown at last."""
        return not any(_is_fresh(frame) and frame.number == number for frame in screen.losses)

    return replace(frame_is_shown, name=f"frame_{number}_is_shown")


def stream_starts_with(number: int) -> Property:
    """The first frame of the destination's stream is at least the one of this number, counted from 0."""

    @always
    def stream_starts_with(screen: ActorView) -> bool:
        """No frame before this one is stream data."""
        frames = (*screen.losses, *(each.frame for each in screen.showings))
        return all(frame.number >= number for frame in frames if _is_fresh(frame))

    return replace(stream_starts_with, name=f"stream_starts_with_{number}")
