"""The reports that the client's charts send when they are fed the messages that a real client got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from switchover.models.language import Wrap32

from ..link_timing.recorded_cast import read_cast
from .client import ClientCharts, StreamClient, UnexpectedMessageError
from .messages import PlaybackData, PlaybackStart, PlaybackStop, StreamData, StreamReport
from .recorded_clock import MOST_LAG, Clocks, Frame, Setting, Sound
from .recorded_messages import Said, Stream, report_of, said, stream_of, wants_reports
from .recorded_reading import BEGINNINGS, Handled, Reading, TimedRow, own_contacts, with_answers
from .reports import is_on_no_stream

#: A client has no more: the server numbers streams from 0 to 49 (NUM_STREAMS), and few clients have several displays.
MOST_STREAMS = 64


@dataclass(frozen=True)
class Report:
    """A report, where it was sent, and when in µs. ``line``: of an observed one; of the frame that set off a predicted
    one. Of a predicted one also: ``frames`` that it is about, and how far the nearest of them was from the end of the
    time for a report, in ms; None if that could not have ended.
    """

    connection: int
    stream: Stream
    report: StreamReport
    time: int
    line: int
    frames: tuple[Frame, ...] = ()
    to_timeout: int | None = None


@dataclass(frozen=True)
class Predictions:
    """The reports that the charts send, how the clock was set, and by connection, stream and stamp each frame.

    ``voices``: when a voice was opened or closed, in µs.
    """

    reports: list[Report]
    clocks: Clocks
    frames: dict[tuple[int, Stream, int], Frame]
    voices: list[int]

    def last_frame(self, report: Report) -> Frame | None:
        """The last frame that a report is about, if it came."""
        return self.frames.get((report.connection, report.stream, int(report.report.end_frame_mm_time)))


def predicted_reports(rows: Sequence[TimedRow], charts: ClientCharts) -> Predictions:
    """What ``charts`` report when they handle what the client of a recording got.

    Raises ValueError, one line, when the recording has no room in the model, or a message lacks a field;
    UnexpectedMessageError when a message comes that the charts do not expect.
    """
    replay = _Replay(Reading(own_contacts(read_cast([each.row for each in rows]))), charts)
    for each in with_answers(rows):
        replay.feed(each)
    return Predictions(replay.reports, replay.clocks, replay.frames, replay.voices)


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


class _Heard(NamedTuple):
    """What a machine is told. ``time``: when the client could handle it, in µs. ``is_its_choice``: it did so when it
    chose to, of which the recording has a message that the client sent then or later.
    """

    handled: Handled
    message: Said | None
    time: int
    is_its_choice: bool

    @property
    def earliest(self) -> int:
        return -MOST_LAG if self.is_its_choice else 0

    @property
    def latest(self) -> int:
        """The client attaches its channels as soon as INIT has set the clock."""
        timed = self.handled.timed
        is_answered = timed.row.name == "INIT" and timed.answered is not None and timed.answered >= self.time
        return timed.answered - self.time if is_answered and timed.answered is not None else MOST_LAG


@dataclass
class _Replay:
    """A machine for each stream; all of them hear the main and the playback channel."""

    reading: Reading
    charts: ClientCharts
    machines: dict[Stream, StreamClient] = field(default_factory=dict)
    history: list[_Heard] = field(default_factory=list)
    wanting: set[int] = field(default_factory=set)
    clocks: Clocks = field(default_factory=Clocks)
    frames: dict[tuple[int, Stream, int], Frame] = field(default_factory=dict)
    voices: list[int] = field(default_factory=list)
    opened: dict[Stream, Setting] = field(default_factory=dict)
    to_timeout: dict[Stream, int] = field(default_factory=dict)
    counted: dict[Stream, list[Frame]] = field(default_factory=dict)
    reports: list[Report] = field(default_factory=list)

    def feed(self, timed: TimedRow) -> None:
        if timed.row.is_wire and wants_reports(timed.row):
            self.wanting.add(timed.row.connection)
        for handled in self.reading.feed(timed):
            heard = _Heard(handled, said(handled), timed.time, timed.row.sender == "client")
            message = heard.message
            if message is not None and message.stream is not None:
                self._machine(message.stream)
            if message is not None and isinstance(message.message, PlaybackStart | PlaybackStop):
                self.voices.append(timed.time)
            if message is not None and isinstance(message.message, PlaybackStart | PlaybackData):
                shows = Wrap32.of(int(message.message.time))
                self.clocks.sounds.append(Sound(timed.row.line, shows, heard.time, heard.earliest))
            for stream, machine in self.machines.items():
                self._handle(stream, machine, heard)
            if message is not None or handled.channel[0] == "main":
                self.history.append(heard)

    def _machine(self, stream: Stream) -> None:
        """A stream seen for the first time: its machine catches up on what all machines heard."""
        if stream in self.machines:
            return
        if len(self.machines) == MOST_STREAMS:
            raise ValueError(f"more streams than the {MOST_STREAMS} that the model has room for")
        machine = self.machines[stream] = StreamClient(self.charts)
        for heard in self.history:
            self._handle(stream, machine, heard)

    def _handle(self, stream: Stream, machine: StreamClient, heard: _Heard) -> None:
        handled, message = heard.handled, heard.message
        name = handled.timed.row.name
        if handled.channel[0] == "main" and name == "LINK":
            machine.start_anew()
        elif handled.channel[0] == "main" and name in (*BEGINNINGS, "MIGRATE_SWITCH_HOST"):
            machine.begin_handover()
        if message is None or not _concerns(stream, message, handled):
            return
        try:
            self._let_time_pass(stream, machine, heard)
            before = machine.clock()
            if isinstance(message.message, StreamData):
                self._count(stream, machine, message.message, heard)
            said = machine.deliver(message.role, handled.on_target, message.message, heard.time // 1000)
        except UnexpectedMessageError as error:
            raise UnexpectedMessageError(f"line {handled.timed.row.line}: {error}") from None
        if machine.clock() != before:
            place = self._place(machine, heard)
            if isinstance(message.message, PlaybackStart):
                self.opened[stream] = self.clocks.settings[place]
        for report in said:
            if isinstance(report, StreamReport):
                self._note(stream, report, heard)

    def _let_time_pass(self, stream: Stream, machine: StreamClient, heard: _Heard) -> None:
        """Until the message. Of the timers only that of sound sets the clock; none sends a report."""
        before = machine.clock()
        machine.let_time_pass(heard.time // 1000)
        clock = machine.clock()
        if clock != before and stream in self.opened:
            tick = self.opened[stream].tick(heard.handled.timed.row.line, Wrap32.of(clock[0]), clock[1])
            self.clocks.place(clock, tick)

    def _place(self, machine: StreamClient, heard: _Heard) -> int:
        """Of the clock, as it is."""
        shows, at = machine.clock()
        row = heard.handled.timed.row
        setting = Setting(row.line, row.name, Wrap32.of(shows), heard.time, heard.earliest, heard.latest)
        return self.clocks.place((shows, at), setting)

    def _count(self, stream: Stream, machine: StreamClient, message: StreamData, heard: _Heard) -> None:
        stamp = Wrap32.of(int(message.multi_media_time))
        frame = Frame(stamp, heard.time, heard.earliest, self._place(machine, heard))
        self.frames[heard.handled.timed.row.connection, stream, int(stamp)] = frame
        window = machine.window()
        if window is None:
            return
        self.counted.setdefault(stream, []).append(frame)
        if window.num_frames > 0:
            distance = abs(heard.time // 1000 - window.started_at - window.timeout_ms)
            self.to_timeout[stream] = min(distance, self.to_timeout.get(stream, distance))

    def _note(self, stream: Stream, report: StreamReport, heard: _Heard) -> None:
        row = heard.handled.timed.row
        if is_on_no_stream(report) and row.connection not in self.wanting:
            return
        frames = tuple(self.counted.pop(stream, ()))
        to_timeout = self.to_timeout.pop(stream, None)
        self.reports.append(Report(row.connection, stream, report, heard.time, row.line, frames, to_timeout))


def _concerns(stream: Stream, message: Said, handled: Handled) -> bool:
    if message.role != "display":
        return True
    return handled.channel[1] == stream.display and message.stream in (None, stream)
