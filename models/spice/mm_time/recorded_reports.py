"""The reports that the client's charts send when they are fed the messages that a real client got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..link_timing.recorded_cast import read_cast
from .client import ClientCharts, StreamClient, UnexpectedMessageError
from .messages import StreamData, StreamReport
from .recorded_messages import SETTINGS, Said, Stream, report_of, said, stream_of, wants_reports
from .recorded_reading import BEGINNINGS, Handled, Reading, TimedRow, own_contacts, with_answers
from .reports import ReportWindow, is_on_no_stream

#: By how much a predicted ``last_frame_delay`` may differ from the client's, in ms: the client handles a message up
#: to 1.5 ms after it was on the wire, and times are rounded to whole ms.
TOLERANCE = 2
#: A client has no more: the server numbers streams from 0 to 49 (NUM_STREAMS), and few clients have several displays.
MOST_STREAMS = 64


@dataclass(frozen=True)
class Report:
    """A report, where it was sent, and when in µs. ``line``: of an observed one; of the frame that set off a predicted
    one. ``is_close``: some frame was so near to being late, or to the end of the time for a report, that the tolerance
    decides.
    """

    connection: int
    stream: Stream
    report: StreamReport
    time: int
    line: int
    is_close: bool = False


@dataclass(frozen=True)
class Predictions:
    """The reports that the charts send, and by connection, stream and stamp the margin of each frame in ms."""

    reports: list[Report]
    margins: dict[tuple[int, Stream, int], int]


def predicted_reports(rows: Sequence[TimedRow], charts: ClientCharts) -> Predictions:
    """What ``charts`` report when they handle what the client of a recording got.

    Raises ValueError, one line, when the recording has no room in the model, or a message lacks a field;
    UnexpectedMessageError when a message comes that the charts do not expect.
    """
    replay = _Replay(Reading(own_contacts(read_cast([each.row for each in rows]))), charts)
    for each in with_answers(rows):
        replay.feed(each)
    return Predictions(replay.reports, replay.margins)


def observed_reports(rows: Sequence[TimedRow]) -> list[Report]:
    """What the client of a recording reported. Raises ValueError, one line, when a report lacks a field."""
    contacts = own_contacts(read_cast([each.row for each in rows]))
    found = []
    for each in rows:
        row = each.row
        if row.name != "STREAM_REPORT" or row.sender != "client" or row.connection not in contacts:
            continue
        channel = contacts[row.connection].channel
        stream = stream_of(row, channel[1] if channel is not None else 0)
        if stream is not None:
            found.append(Report(row.connection, stream, report_of(row), each.time, row.line))
    return found


@dataclass
class _Replay:
    """A machine for each stream; all of them hear the main and the playback channel."""

    reading: Reading
    charts: ClientCharts
    machines: dict[Stream, StreamClient] = field(default_factory=dict)
    history: list[tuple[Handled, Said | None, int]] = field(default_factory=list)
    wanting: set[int] = field(default_factory=set)
    close: set[Stream] = field(default_factory=set)
    reports: list[Report] = field(default_factory=list)
    margins: dict[tuple[int, Stream, int], int] = field(default_factory=dict)

    def feed(self, timed: TimedRow) -> None:
        if timed.row.is_wire and wants_reports(timed.row):
            self.wanting.add(timed.row.connection)
        for handled in self.reading.feed(timed):
            message = said(handled)
            at = _at(handled.timed, timed.time)
            if message is not None and message.stream is not None:
                self._machine(message.stream)
            for stream, machine in self.machines.items():
                self._handle(stream, machine, handled, message, at, timed.time)
            if message is not None or handled.channel[0] == "main":
                self.history.append((handled, message, at))

    def _machine(self, stream: Stream) -> None:
        """A stream seen for the first time: its machine catches up on what all machines heard."""
        if stream in self.machines:
            return
        if len(self.machines) == MOST_STREAMS:
            raise ValueError(f"more streams than the {MOST_STREAMS} that the model has room for")
        machine = self.machines[stream] = StreamClient(self.charts)
        for handled, message, at in self.history:
            self._handle(stream, machine, handled, message, at, 0)

    def _handle(
        self, stream: Stream, machine: StreamClient, handled: Handled, message: Said | None, at: int, time: int
    ) -> None:
        name = handled.timed.row.name
        if handled.channel[0] == "main" and name == "LINK":
            machine.start_anew()
        elif handled.channel[0] == "main" and name in (*BEGINNINGS, "MIGRATE_SWITCH_HOST"):
            machine.begin_handover()
        if message is None or not _concerns(stream, message, handled):
            return
        if isinstance(message.message, StreamData):
            self._judge(stream, machine, message.message, handled.timed.row.connection, at)
        try:
            said = machine.deliver(message.role, handled.on_target, message.message, at)
        except UnexpectedMessageError as error:
            raise UnexpectedMessageError(f"line {handled.timed.row.line}: {error}") from None
        for report in said:
            if isinstance(report, StreamReport):
                self._note(stream, report, handled, time)

    def _judge(self, stream: Stream, machine: StreamClient, frame: StreamData, connection: int, at: int) -> None:
        window, margin = machine.window(), machine.margin(frame, at)
        self.margins[connection, stream, int(frame.multi_media_time)] = margin
        if window is not None and (-TOLERANCE <= margin < TOLERANCE or _is_nearly_over(window, at)):
            self.close.add(stream)

    def _note(self, stream: Stream, report: StreamReport, handled: Handled, time: int) -> None:
        row = handled.timed.row
        if is_on_no_stream(report) and row.connection not in self.wanting:
            return
        self.reports.append(Report(row.connection, stream, report, time, row.line, stream in self.close))
        self.close.discard(stream)


def _concerns(stream: Stream, message: Said, handled: Handled) -> bool:
    if message.role != "display":
        return True
    return handled.channel[1] == stream.display and message.stream in (None, stream)


def _at(timed: TimedRow, handled_at: int) -> int:
    """When a message is handled, in whole ms. The clock is set after the message was on the wire: at the latest when
    the client attaches its channels, which it does next. Hence up for these and down for all others.
    """
    if timed.row.name in SETTINGS and timed.row.channel == "main":
        moment = timed.answered if timed.row.name == "INIT" and timed.answered is not None else handled_at
        return -(-moment // 1000)
    return handled_at // 1000


def _is_nearly_over(window: ReportWindow, at: int) -> bool:
    return window.num_frames > 0 and abs(at - window.started_at - window.timeout_ms) <= TOLERANCE
