"""Messages as recordings write them down: names of channels, and of the fields that a reader of recordings looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from switchover.models.language import Message
from switchover.models.spice.protocol import base, display, link, main, playback
from switchover.models.spice.protocol.channels import ChannelType

Fields = dict[str, Any]

_CHANNELS = {each.value: each.name.lower() for each in ChannelType}
_MAGIC_SIZE = 8


def channel_name(channel: int) -> str:
    """What recordings call a type of channel; ``type-99`` for one that nobody knows."""
    return _CHANNELS.get(channel, f"type-{channel}")


def fields_of(message: Message) -> Fields:
    """The fields of a message that recordings have; empty for most messages."""
    read = _FIELDS.get(type(message))
    return read(message) if read is not None else {}


def _named(**names: str) -> Callable[[Any], Fields]:
    """A field of a recording for each keyword, whose value is the name of the record's field."""
    readers = {key: attrgetter(name) for key, name in names.items()}
    return lambda message: {key: read(message) for key, read in readers.items()}


def _link(message: link.Link) -> Fields:
    return {
        "channel": channel_name(message.channel_type),
        "id": message.channel_id,
        "connection_id": message.connection_id,
        **_caps(message),
    }


def _caps(message: link.Link | link.LinkReply) -> Fields:
    return {"common_caps": list(message.common_caps), "channel_caps": list(message.channel_caps)}


def _reply(message: link.LinkReply) -> Fields:
    return {**({"error": message.error} if message.error else {}), **_caps(message)}


def _target(message: main.MigrateBegin | main.MigrateBeginSeamless | main.MigrateSwitchHost) -> Fields:
    # On the wire the subject ends in a NUL, and the size counts it.
    size = len(message.cert_subject.encode()) + 1 if message.cert_subject else 0
    found: Fields = {"port": message.port, "sport": message.sport, "host": message.host, "cert_subject_size": size}
    if isinstance(message, main.MigrateBeginSeamless):
        found["src_mig_version"] = message.src_mig_version
    if not isinstance(message, main.MigrateSwitchHost):
        found.update(_attempt(message))
    return found


def _attempt(message: Any) -> Fields:
    return {} if message.attempt is None else {"attempt": message.attempt}


def _migrate_data(message: base.MigrateData) -> Fields:
    """Magic and version, with which what a server sends another begins (facts: SPICE 1.15)."""
    if len(message.data) < _MAGIC_SIZE:
        return {}
    magic = message.data[:4].decode("ascii", "replace")
    return {"magic": magic, "version": int.from_bytes(message.data[4:8], "little")}


def _stream_create(message: display.StreamCreate) -> Fields:
    dest = message.dest
    return {
        "surface": message.surface_id,
        "id": message.id,
        "flags": message.flags,
        "codec": message.codec_type,
        "stamp": message.stamp,
        "src": f"{message.src_width}x{message.src_height}",
        "dest": f"({dest.left},{dest.top})-({dest.right},{dest.bottom})",
    }


_FRAME = _named(id="id", mm_time="multi_media_time")

_FIELDS: Mapping[type[Message], Callable[[Any], Fields]] = {
    link.Link: _link,
    link.LinkReply: _reply,
    link.Auth: _named(mechanism="mechanism"),
    link.LinkResult: _named(result="result"),
    base.Migrate: _named(flags="flags"),
    base.MigrateData: _migrate_data,
    base.SetAck: _named(generation="generation", window="window"),
    base.Notify: _named(severity="severity", what="what"),
    main.MigrateBegin: _target,
    main.MigrateBeginSeamless: _target,
    main.MigrateSwitchHost: _target,
    main.MigrateCancel: _attempt,
    main.MigrateConnected: _attempt,
    main.MigrateConnectedSeamless: _attempt,
    main.MigrateConnectError: _attempt,
    main.Init: _named(
        session_id="session_id",
        display_hint="display_channels_hint",
        mouse_modes="supported_mouse_modes",
        cur_mouse="current_mouse_mode",
        agent="agent_connected",
        agent_tokens="agent_tokens",
        multi_media_time="multi_media_time",
        ram_hint="ram_hint",
    ),
    main.MultiMediaTime: _named(time="time"),
    main.MigrateDstDoSeamless: _named(src_version="src_version"),
    display.SurfaceCreate: _named(id="surface_id", fmt="format", flags="flags"),
    display.StreamCreate: _stream_create,
    display.StreamData: _FRAME,
    display.StreamDataSized: _FRAME,
    display.StreamDestroy: _named(id="id"),
    display.StreamActivateReport: _named(
        stream="stream_id", unique="unique_id", max_window="max_window_size", timeout_ms="timeout_ms"
    ),
    display.StreamReport: _named(
        id="stream_id",
        unique="unique_id",
        start_mm="start_frame_mm_time",
        end_mm="end_frame_mm_time",
        frames="num_frames",
        drops="num_drops",
        last_frame_delay="last_frame_delay",
        audio_delay="audio_delay",
    ),
    playback.Data: _named(time="time"),
    playback.Mode: _named(time="time", mode="mode"),
    playback.Start: _named(channels="channels", format="format", freq="frequency", time="time"),
    playback.Latency: _named(ms="latency_ms"),
}
