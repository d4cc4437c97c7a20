"""What a client counts of a video stream for STREAM_REPORT, and when it reports (facts: SPICE 5.1, 5.4).

The rules are those of spice-gtk 0.42: ``docs/stream-reports.md`` says them in words, and what recordings confirm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from .messages import MmTime, StreamActivateReport, StreamReport

#: So many late frames in a row make a report due at once (facts: SPICE 5.4).
LATE_FRAMES_IN_A_ROW = 3
#: ``audio_delay`` of a report while no voice is open; ``num_drops`` of a report on a stream that does not exist.
NONE_ON_THE_WIRE = 0xFFFFFFFF


@dataclass(frozen=True)
class ReportWindow:
    """What the server asked for, and what was counted since the last report.

    ``start_time``: the first frame's stamp. ``started_at``: when it came, by the client's own clock in ms.
    ``num_drops``: frames that were late as they arrived; what is dropped afterwards is in no report.
    """

    unique_id: int
    max_window_size: int
    timeout_ms: int
    start_time: MmTime = 0
    started_at: int = 0
    num_frames: int = 0
    num_drops: int = 0
    drops_in_a_row: int = 0

    def with_frame(self, stamp: MmTime, margin: int, now: int) -> ReportWindow:
        """One frame more. ``margin``: how long until it is due, in ms; negative when it is late."""
        is_first = self.num_frames == 0
        is_late = bool(margin < 0)
        return replace(
            self,
            start_time=stamp if is_first else self.start_time,
            started_at=now if is_first else self.started_at,
            num_frames=self.num_frames + 1,
            num_drops=self.num_drops + (1 if is_late else 0),
            drops_in_a_row=self.drops_in_a_row + 1 if is_late else 0,
        )

    def is_due(self, now: int) -> bool:
        """Whether a report is due. No timer asks: only a frame that has arrived does."""
        is_full = self.num_frames >= self.max_window_size
        is_over = now - self.started_at >= self.timeout_ms
        return bool(is_full or is_over or self.drops_in_a_row >= LATE_FRAMES_IN_A_ROW)

    def emptied(self) -> ReportWindow:
        """As it is after a report."""
        return ReportWindow(self.unique_id, self.max_window_size, self.timeout_ms)


@dataclass(frozen=True)
class Reporting:
    """What a stream's reports depend on besides the clock. It stays as it is unless a server announces the stream or
    opens a voice. ``exists``: the stream was announced and has not ended; ``window``: None until reports are asked for.
    """

    exists: bool = False
    audio_delay: int = NONE_ON_THE_WIRE
    window: ReportWindow | None = None

    def created(self) -> Reporting:
        """STREAM_CREATE; with a number in use it changes nothing, and the old stream goes on."""
        return self if self.exists else Reporting(True, self.audio_delay)

    def activated(self, message: StreamActivateReport) -> Reporting:
        """STREAM_ACTIVATE_REPORT: count from here."""
        window = ReportWindow(message.unique_id, message.max_window_size, message.timeout_ms)
        return replace(self, window=window)

    def ended(self) -> Reporting:
        """The stream is gone, and with it what was counted: that is not reported."""
        return Reporting(False, self.audio_delay)

    def with_audio_delay(self, delay: int | None) -> Reporting:
        """A voice opened, or closed (None)."""
        return replace(self, audio_delay=NONE_ON_THE_WIRE if delay is None else delay)

    def with_window(self, window: ReportWindow) -> Reporting:
        """With another window."""
        return replace(self, window=window)

    def report(self, window: ReportWindow, stamp: MmTime, margin: int) -> StreamReport:
        """The report on ``window``, whose last frame has this stamp and this margin."""
        return StreamReport(
            window.unique_id,
            window.start_time,
            stamp,
            window.num_frames,
            window.num_drops,
            margin,
            self.audio_delay,
        )


def report_on_no_stream() -> StreamReport:
    """The answer to a frame of a stream that does not exist."""
    return StreamReport(0, 0, 0, 0, NONE_ON_THE_WIRE, 0, 0)


def is_on_no_stream(report: StreamReport) -> bool:
    """Whether a report answers a message for a stream that does not exist."""
    return report.num_drops == NONE_ON_THE_WIRE
