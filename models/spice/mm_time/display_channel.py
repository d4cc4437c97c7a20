"""What every display stream of a client has: its connections, its clock, its counting, its way to the target."""

from __future__ import annotations

from switchover.models.language import Actor, Local, Port, parameter, variable

from .calls import (
    AudioDelay,
    ChannelDestroyed,
    ChannelReset,
    ClockUnset,
    DisplaySwitched,
    Drawn,
    Dropped,
    MmTimeSet,
    Shown,
    TargetReady,
)
from .messages import (
    DisplayInit,
    DrawCopy,
    Host,
    Migrate,
    MmTime,
    StreamActivateReport,
    StreamCreate,
    StreamData,
    StreamDestroy,
    StreamDestroyAll,
    StreamReport,
)
from .reports import Reporting, report_on_no_stream


class DisplayChannel(Actor):
    """The base of the designs. It has no states: each design has a chart of its own, whose transitions name ``take``
    and ``end_stream``, and says what ``place`` and ``clear`` do.

    ``streams_are_announced``: a frame counts only between STREAM_CREATE and the stream's end; otherwise there is one
    stream from the start.
    """

    streams_are_announced: bool = parameter(False)

    set_to: MmTime = variable(0)
    set_at: int = variable(0)
    queue: tuple[StreamData, ...] = variable(())
    on_target: bool = variable(False)
    reporting: Reporting = variable(Reporting())

    source = Port(
        receives=(StreamData, StreamCreate, StreamActivateReport, StreamDestroy, StreamDestroyAll, Migrate),
    )
    target = Port(
        receives=(DrawCopy, StreamData, StreamCreate, StreamActivateReport, StreamDestroy, StreamDestroyAll),
        sends=(DisplayInit,),
    )
    session = Local(
        receives=(MmTimeSet, TargetReady, ClockUnset, AudioDelay, ChannelReset, ChannelDestroyed),
        sends=(DisplaySwitched,),
    )
    screen = Local(sends=(Shown, Dropped, Drawn))
    server = Local(sends=(StreamReport,))

    def reads(self, port: object) -> bool:
        """The target's channel is left unread until the switch."""
        return self.on_target or str(port) != "target"

    # The clock.

    def mm_time(self) -> MmTime:
        """What the session's clock shows."""
        return self.set_to + (self.now - self.set_at)

    def set_clock(self, message: MmTimeSet) -> None:
        self.set_to = message.time
        self.set_at = self.now

    # The stream.

    def take(self, message: StreamData) -> None:
        """A frame has come: it is answered at once if there is no stream, else placed."""
        if self.streams_are_announced and not self.reporting.exists:
            self.server.send(report_on_no_stream())
        else:
            self.place(message)

    def place(self, message: StreamData) -> None:
        """Show, schedule, drop or hold a frame, and count it in any case: the design's own."""
        raise NotImplementedError

    def clear(self) -> None:
        """Drop what is queued, and the timers: the design's own."""
        raise NotImplementedError

    def drop(self, frames: tuple[StreamData, ...]) -> None:
        for frame in frames:
            self.screen.send(Dropped(frame))

    def margin(self, frame: StreamData) -> int:
        """How long until the frame is due, in ms; negative when it is late."""
        return frame.multi_media_time - self.mm_time()

    def end_stream(self) -> None:
        self.clear()
        self.reporting = self.reporting.ended()

    # Reports.

    def count(self, frame: StreamData) -> None:
        """Count a frame, and report when it is time to."""
        if self.reporting.window is None:
            return
        margin = self.margin(frame)
        window = self.reporting.window.with_frame(frame.multi_media_time, margin, self.now)
        if window.is_due(self.now):
            self.server.send(self.reporting.report(window, frame.multi_media_time, margin))
            window = window.emptied()
        self.reporting = self.reporting.with_window(window)

    def on_stream_create(self) -> None:
        self.reporting = self.reporting.created()

    def on_stream_activate_report(self, message: StreamActivateReport) -> None:
        if self.streams_are_announced and not self.reporting.exists:
            self.server.send(report_on_no_stream())
        else:
            self.reporting = self.reporting.activated(message)

    def on_audio_delay(self, message: AudioDelay) -> None:
        self.reporting = self.reporting.with_audio_delay(message.delay)

    # Going over to the target.

    def on_draw_copy(self, message: DrawCopy) -> None:
        self.screen.send(Drawn(message.number, Host.TARGET))

    def on_migrate(self) -> None:
        self.on_target = True
        self.session.send(DisplaySwitched())

    def on_target_ready(self) -> None:
        """Semi-seamless and a new connection: the display starts after the session has INIT (facts: SPICE 4.3)."""
        self.on_target = True
        self.target.send(DisplayInit())
