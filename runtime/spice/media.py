"""A client's clock, sound and video: the charts of ``mm_time``, fed the messages that the client handles.

The client has one clock and any number of streams; the charts are of one stream. So each stream has charts of its own,
all of which hear main and playback and thus show the same clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from switchover.models.language import Message, Wrap32
from switchover.models.spice.mm_time import calls
from switchover.models.spice.mm_time import messages as mm_time
from switchover.models.spice.mm_time.client import StreamClient, UnexpectedMessageError, client_charts
from switchover.models.spice.mm_time.session import RESET_THRESHOLD
from switchover.models.spice.protocol import base, display, main, playback
from switchover.models.spice.protocol.channels import ChannelType

from .events import Channel, ClockSet, FrameDropped, FrameShown, NotAllowed

#: Streams that a display can have at once (facts: SPICE 5; NUM_STREAMS is 50), and displays that are told apart.
MOST_STREAMS = 64

#: By how many ms sound must move the clock for a `ClockSet`: once a second it does, by what a packet's way varies.
_AUDIO_DRIFT = 40

_FRAME_NUMBERS = 1024
_SIGNED = (-(1 << 31), (1 << 31) - 1)
_SENDS_REPORT = -1


@dataclass(frozen=True)
class StreamReport:
    """A report to send on a display channel."""

    channel: Channel
    record: display.StreamReport


#: What the media have to say: events for the user, and reports for the server.
Saying = ClockSet | FrameShown | FrameDropped | NotAllowed | StreamReport


@dataclass
class _Stream:
    """The charts of one stream of a display; of none, if ``stream`` is None. ``origins``: by which connection each
    frame came that may still be shown.
    """

    display: int
    stream: int | None
    charts: StreamClient
    frames: int = 0
    origins: dict[int, int] = field(default_factory=dict)


class Media:
    """The clock and the streams. Connections made since a handover began lead to its target."""

    def __init__(self, design: str, audio_delay: int | None) -> None:
        self._base = _Stream(-1, None, StreamClient(client_charts(audio_delay, design)))
        self._streams: dict[tuple[int, int | None], _Stream] = {}
        self._mark: int | None = None
        self._is_leaving = False

    def mm_time(self, at: int) -> int:
        """What the clock shows, 0 to 2^32 - 1; ``at`` in ms."""
        return self._base.charts.mm_time(at)

    def next_deadline(self) -> int | None:
        """When the next frame is due, in ms."""
        found = (each.charts.process.next_deadline() for each in self._all())
        return min((each for each in found if each is not None), default=None)

    def let_time_pass(self, at: int, now: float) -> list[Saying]:
        """Show what is due."""
        before = self.mm_time(at)
        found: list[Saying] = []
        for each in list(self._all()):
            try:
                found += _sayings(each, each.charts.let_time_pass(at), now)
            except UnexpectedMessageError as error:
                found.append(NotAllowed(now, 0, str(error)))
        return self._clock_set(before, at, now, _AUDIO_DRIFT) + found

    def connects_anew(self) -> None:
        """The client links as a new one. Unless it was sent away, it begins with nothing."""
        if not self._is_leaving:
            self._base.charts.start_anew()
            self._streams.clear()
            self._mark = None
        self._is_leaving = False

    def goes_over(self, at: int, now: float) -> list[Saying]:
        """The client has told the target that it is there (MIGRATE_END)."""
        return self._tell_all("session", False, mm_time.MigrateEnd(), at, now)

    def handle(self, channel: Channel, connection: int, message: Message, at: int, now: float) -> list[Saying]:
        """A message that was handled. ``connection``: by which it came; ``at`` and ``now``: in ms and s."""
        if channel[0] is ChannelType.MAIN:
            return self._on_main(connection, message, at, now)
        if channel[0] is ChannelType.PLAYBACK:
            meaning = _of_playback(message)
            return self._tell_all("playback", self._is_target(connection), meaning, at, now) if meaning else []
        return self._on_display(channel, connection, message, at, now) if channel[0] is ChannelType.DISPLAY else []

    def begin_handover(self, mark: int) -> None:
        """From here on connections with a number above ``mark`` lead to the target."""
        self._mark = mark
        for each in self._all():
            each.charts.begin_handover()

    def _all(self) -> Iterable[_Stream]:
        return (self._base, *self._streams.values())

    def _is_target(self, connection: int) -> bool:
        return self._mark is not None and connection > self._mark

    def _on_main(self, connection: int, message: Message, at: int, now: float) -> list[Saying]:
        on_target = self._is_target(connection)
        if isinstance(message, main.Init):
            return self._tell_all("session", on_target, mm_time.Init(Wrap32.of(message.multi_media_time)), at, now)
        if isinstance(message, main.MultiMediaTime):
            return self._tell_all("session", on_target, mm_time.MultiMediaTime(Wrap32.of(message.time)), at, now)
        if isinstance(message, base.Migrate):
            return self._tell_all("session", False, mm_time.Migrate(), at, now)
        if isinstance(message, main.MigrateSwitchHost):
            self._is_leaving = True
            return self._tell_all("session", False, mm_time.SwitchHost(), at, now)
        return []

    def _tell_all(self, role: str, on_target: bool, message: Message, at: int, now: float) -> list[Saying]:
        before = self.mm_time(at)
        found: list[Saying] = []
        for each in list(self._all()):
            found += self._tell(each, role, on_target, message, at, now)
        sets_clock = isinstance(message, mm_time.Init | mm_time.MultiMediaTime)
        return self._clock_set(before, at, now, 0 if sets_clock else _AUDIO_DRIFT) + found

    def _clock_set(self, before: int, at: int, now: float, least: int) -> list[Saying]:
        """Whether the clock, which would show ``before``, was set, by ``least`` ms or more."""
        jump = Wrap32.of(self.mm_time(at)) - Wrap32.of(before)
        if abs(jump) < least:
            return []
        return [ClockSet(now, self.mm_time(at), jump, jump > RESET_THRESHOLD or jump < 0)]

    def _on_display(self, channel: Channel, connection: int, message: Message, at: int, now: float) -> list[Saying]:
        on_target, number = self._is_target(connection), channel[1]
        meaning = _of_whole_display(message)
        if meaning is not None:
            self._stream(number, None)
            found: list[Saying] = []
            for each in [each for each in self._streams.values() if each.display == number]:
                found += self._tell(each, "display", on_target, meaning, at, now)
            return found
        stream = _stream_number(message)
        if stream is None:
            return []
        chart = self._stream(number, stream, is_new=isinstance(message, display.StreamCreate))
        found = self._tell(chart, "display", on_target, self._of_stream(chart, connection, message), at, now)
        self._forget_if_over(number, stream)
        return found

    def _stream(self, number: int, stream: int | None, is_new: bool = False) -> _Stream:
        """The charts of a stream; if it is not there, those of a display without stream, which answer for it."""
        if (number, None) not in self._streams:
            self._streams[number, None] = _Stream(number, None, self._base.charts.copy())
        idle = self._streams[number, None]
        if stream is None or (number, stream) in self._streams or not is_new or len(self._streams) >= MOST_STREAMS:
            return self._streams.get((number, stream), idle)
        found = self._streams[number, stream] = _Stream(number, stream, idle.charts.copy())
        return found

    def _forget_if_over(self, number: int, stream: int) -> None:
        found = self._streams.get((number, stream))
        if found is not None and not found.charts.process.view("display").reporting.exists:
            del self._streams[number, stream]

    def _of_stream(self, chart: _Stream, connection: int, message: Message) -> Message:
        if isinstance(message, display.StreamCreate):
            return mm_time.StreamCreate()
        if isinstance(message, display.StreamActivateReport):
            return mm_time.StreamActivateReport(message.unique_id, message.max_window_size, message.timeout_ms)
        if isinstance(message, display.StreamDestroy):
            return mm_time.StreamDestroy()
        assert isinstance(message, display.StreamData | display.StreamDataSized)
        chart.frames = (chart.frames + 1) % _FRAME_NUMBERS
        chart.origins[chart.frames] = connection
        host = mm_time.Host.TARGET if self._is_target(connection) else mm_time.Host.SOURCE
        return mm_time.StreamData(Wrap32.of(message.multi_media_time), chart.frames, host)

    def _tell(self, stream: _Stream, role: str, on_target: bool, message: Message, at: int, now: float) -> list[Saying]:
        try:
            return _sayings(stream, stream.charts.deliver(role, on_target, message, at), now)
        except UnexpectedMessageError as error:
            return [NotAllowed(now, 0, str(error))]


def _of_playback(message: Message) -> Message | None:
    if isinstance(message, playback.Start):
        return mm_time.PlaybackStart(Wrap32.of(message.time))
    if isinstance(message, playback.Data):
        return mm_time.PlaybackData(Wrap32.of(message.time))
    return mm_time.PlaybackStop() if isinstance(message, playback.Stop) else None


def _of_whole_display(message: Message) -> Message | None:
    if isinstance(message, base.Migrate):
        return mm_time.Migrate()
    return mm_time.StreamDestroyAll() if isinstance(message, display.StreamDestroyAll) else None


def _stream_number(message: Message) -> int | None:
    if isinstance(message, display.StreamData | display.StreamDataSized | display.StreamCreate | display.StreamDestroy):
        return message.id
    return message.stream_id if isinstance(message, display.StreamActivateReport) else None


def _sayings(stream: _Stream, messages: list[Message], now: float) -> list[Saying]:
    return [found for each in messages if (found := _saying(stream, each, now)) is not None]


def _saying(stream: _Stream, message: Message, now: float) -> Saying | None:
    number = stream.stream or 0
    if isinstance(message, calls.Shown | calls.Dropped):
        connection = stream.origins.pop(message.frame.number, 0)
        kind = FrameShown if isinstance(message, calls.Shown) else FrameDropped
        return kind(now, connection, stream.display, number, int(_bits(message.frame.multi_media_time)))
    if not isinstance(message, mm_time.StreamReport):
        return None
    return StreamReport(
        (ChannelType.DISPLAY, stream.display),
        display.StreamReport(
            number,
            message.unique_id,
            _bits(message.start_frame_mm_time),
            _bits(message.end_frame_mm_time),
            message.num_frames,
            message.num_drops,
            max(_SIGNED[0], min(_SIGNED[1], message.last_frame_delay)),
            message.audio_delay,
        ),
    )


def _bits(time: mm_time.MmTime) -> int:
    return int(time.bits) if isinstance(time, Wrap32) else time  # type: ignore[arg-type]
