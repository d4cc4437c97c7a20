"""What rows of a recording say in the messages of this family's charts."""

from __future__ import annotations

import re
from typing import NamedTuple

from switchover.models.language import Message, Wrap32

from ..link_timing.recorded_rows import Row
from .messages import (
    Host,
    Init,
    Migrate,
    MigrateEnd,
    MultiMediaTime,
    PlaybackData,
    PlaybackStart,
    PlaybackStop,
    StreamActivateReport,
    StreamCreate,
    StreamData,
    StreamDestroy,
    StreamDestroyAll,
    StreamReport,
    SwitchHost,
)
from .recorded_reading import Handled

#: The server's capability that says it wants reports, on the display channel (facts: SPICE 1.4).
CAP_STREAM_REPORT = 4
FRAMES = ("STREAM_DATA", "STREAM_DATA_SIZED")
_FRAME_NUMBERS = 1024
_SIGNED = (-(1 << 31), (1 << 31) - 1)
_UNSIGNED = (0, (1 << 32) - 1)


class Stream(NamedTuple):
    """A stream: the number of its display channel, and its own."""

    display: int
    number: int


class Said(NamedTuple):
    """``message`` comes to the chart ``role``; None for ``stream``: to all that the client has of it."""

    role: str
    message: Message
    stream: Stream | None = None


def whole_number(row: Row, key: str, low: int = _UNSIGNED[0], high: int = _UNSIGNED[1]) -> int:
    """A field that must be a whole number; recordings write negative ones as text.

    Raises ValueError naming the line, the field, and what was expected.
    """
    found = row.fields.get(key)
    if isinstance(found, str) and re.fullmatch(r"-?[0-9]{1,10}", found):
        found = int(found)
    if isinstance(found, int) and not isinstance(found, bool) and low <= found <= high:
        return found
    shown = "missing" if found is None else repr(found)[:40]
    raise ValueError(f'line {row.line}: {row.name}: "{key}" must be a whole number from {low} to {high}, not {shown}')


def said(handled: Handled) -> Said | None:
    """What a row that the client handled says to a chart; None when it says nothing to these.

    Raises ValueError, one line, for a field that is missing or wrong.
    """
    row, (kind, display) = handled.timed.row, handled.channel
    if kind == "main":
        return _to_session(row)
    if kind == "playback":
        return _to_playback(row)
    return _to_display(row, display, handled.on_target) if kind == "display" else None


def _time(row: Row, key: str) -> Wrap32:
    return Wrap32.of(whole_number(row, key))


def _to_session(row: Row) -> Said | None:
    if row.sender == "client":
        return Said("session", MigrateEnd()) if row.name == "MIGRATE_END" else None
    if row.name == "INIT":
        return Said("session", Init(_time(row, "multi_media_time")))
    if row.name == "MULTI_MEDIA_TIME":
        return Said("session", MultiMediaTime(_time(row, "time")))
    plain: dict[str, Message] = {"MIGRATE": Migrate(), "MIGRATE_SWITCH_HOST": SwitchHost()}
    return Said("session", plain[row.name]) if row.name in plain else None


def _to_playback(row: Row) -> Said | None:
    if row.name == "START":
        return Said("playback", PlaybackStart(_time(row, "time")))
    if row.name == "DATA":
        return Said("playback", PlaybackData(_time(row, "time")))
    return Said("playback", PlaybackStop()) if row.name == "STOP" else None


def _to_display(row: Row, display: int, on_target: bool) -> Said | None:
    if row.name == "MIGRATE":
        return Said("display", Migrate())
    if row.name == "STREAM_DESTROY_ALL":
        return Said("display", StreamDestroyAll())
    stream = stream_of(row, display)
    if stream is None:
        return None
    if row.name in FRAMES:
        host = Host.TARGET if on_target else Host.SOURCE
        frame = StreamData(_time(row, "mm_time"), row.line % _FRAME_NUMBERS, host)
        return Said("display", frame, stream)
    if row.name == "STREAM_ACTIVATE_REPORT":
        fields = (whole_number(row, key) for key in ("unique", "max_window", "timeout_ms"))
        return Said("display", StreamActivateReport(*fields), stream)
    return Said("display", StreamCreate() if row.name == "STREAM_CREATE" else StreamDestroy(), stream)


def stream_of(row: Row, display: int) -> Stream | None:
    """The stream that a row of a display channel is about, None when it is about none.

    STREAM_CLIP is about one, but changes nothing here.
    """
    if row.name in (*FRAMES, "STREAM_CREATE", "STREAM_DESTROY", "STREAM_REPORT"):
        return Stream(display, whole_number(row, "id"))
    return Stream(display, whole_number(row, "stream")) if row.name == "STREAM_ACTIVATE_REPORT" else None


def report_of(row: Row) -> StreamReport:
    """The report that a client sent. Raises ValueError, one line, for a field that is missing or wrong."""
    return StreamReport(
        whole_number(row, "unique"),
        _time(row, "start_mm"),
        _time(row, "end_mm"),
        whole_number(row, "frames"),
        whole_number(row, "drops"),
        whole_number(row, "last_frame_delay", *_SIGNED),
        whole_number(row, "audio_delay"),
    )


def wants_reports(row: Row) -> bool:
    """Whether a row is a server's statement that it wants reports."""
    caps = row.fields.get("channel_caps")
    return row.name == "LINK_REPLY" and isinstance(caps, list) and CAP_STREAM_REPORT in caps
