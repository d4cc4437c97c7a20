"""Messages of the multimedia clock and of video streams, by the names of spice.proto (facts: SPICE 1.9, 1.11, 1.12)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from switchover.models.language import Between, Message, Wrap32

#: A multimedia time in ms: the clock of the host that gave it. An integer without bounds, or 32 bits that wrap around.
MmTime = int | Wrap32

#: Frames are numbered in the order in which their host draws them; the numbers are not on the wire.
FrameNumber = Annotated[int, Between(0, 1023)]

#: A number of 32 bits on the wire.
Unsigned = Annotated[int, Between(0, 0xFFFFFFFF)]


class Host(Enum):
    """The two ends of a migration."""

    SOURCE = "source"
    TARGET = "target"

    def __str__(self) -> str:
        return self.value


class Init(Message):
    """MAIN_INIT: a new connection's first message on main, with the server's multimedia time."""

    multi_media_time: MmTime


class MultiMediaTime(Message):
    """MAIN_MULTI_MEDIA_TIME: set the session's clock."""

    time: MmTime


class HandshakeTime(Message):
    """Solution (1)(a) of seed 000, never built: the destination's time, said while the client links to it."""

    time: MmTime


class PlaybackStart(Message):
    """A voice opens; ``time`` is the server's clock."""

    time: MmTime


class PlaybackData(Message):
    """A packet of sound; ``time`` is the server's clock."""

    time: MmTime


class PlaybackStop(Message):
    """The voice closes."""


class StreamCreate(Message):
    """A stream begins. Messages of a stream carry its number on the wire; here each stream has a chart of its own."""


class StreamActivateReport(Message):
    """The server asks for reports on the stream: every ``max_window_size`` frames, or after ``timeout_ms``."""

    unique_id: Unsigned
    max_window_size: Unsigned
    timeout_ms: Unsigned


class StreamReport(Message):
    """To the server: what became of the frames since the last report, by the session's clock as each arrived.

    ``last_frame_delay``: ms until the last frame is due, negative when it is late. ``audio_delay`` in ms.
    """

    unique_id: Unsigned
    start_frame_mm_time: MmTime
    end_frame_mm_time: MmTime
    num_frames: Unsigned
    num_drops: Unsigned
    last_frame_delay: Annotated[int, Between()]
    audio_delay: Unsigned


class StreamData(Message):
    """A frame of the video stream, to be shown when the session's clock reaches ``multi_media_time``.

    ``number`` and ``stamped_by``, whose clock it carries, are not on the wire.
    """

    multi_media_time: MmTime
    number: FrameNumber
    stamped_by: Host

    def __str__(self) -> str:
        return f"StreamData({self.stamped_by}'s {self.number}, {self.multi_media_time})"


class DrawCopy(Message):
    """A frame drawn as a plain image: shown as soon as it arrives, whatever the clock."""

    number: FrameNumber


class StreamDestroy(Message):
    """The stream ends: what is queued of it is gone."""


class StreamDestroyAll(Message):
    """All streams of the channel end."""


class Migrate(Message):
    """The switch, on each channel: go on at the target (seamless)."""


class MigrateEnd(Message):
    """The switch, on main: go on at the target with all channels (semi-seamless)."""


class SwitchHost(Message):
    """The switch, on main: leave, and connect to the target as a new client does."""


class MigrateData(Message):
    """From a channel's client to the target: its channel's state at the source."""


class ClientMigrateEnd(Message):
    """MAIN_MIGRATE_END from the client: it goes on at the target; the target answers with INIT (semi-seamless)."""


class Link(Message):
    """A new client connects on main."""


class DisplayInit(Message):
    """The client's display channel is ready; the server draws from now on."""


class GuestState(Message):
    """The migrated guest: ``ring`` holds the stamps of frames that were in the command ring when it stopped."""

    ring: tuple[MmTime, ...]
