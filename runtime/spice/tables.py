"""Which number is which message, and what its body looks like: one table a channel (facts: SPICE 1.8 to 1.13)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from switchover.models.spice.protocol import base, cursor, display, drawing, inputs, link, main, playback, record
from switchover.models.spice.protocol.channels import ChannelType, Side

from .capabilities import CapabilityWords
from .layout import Count, Layout, i32, i64, text_size, text_size_without_nul, u8, u16, u32, u64
from .parts import (
    RECT,
    ClipPart,
    CountedBytes,
    Inline,
    Items,
    OptionalU32,
    Rest,
    SizedBytes,
    number_item,
    record_item,
)
from .texts import CountedText, Pointer

Numbered = Mapping[int, Layout]


@dataclass(frozen=True)
class Table:
    """A channel's messages by number, for each sender."""

    server: Numbered
    client: Numbered

    def sent_by(self, sender: Side) -> Numbered:
        """The messages of one side."""
        return self.server if sender is Side.SERVER else self.client


LINK = Layout(
    link.Link, u32("connection_id"), u8("channel_type", "channel_id"), CapabilityWords("common_caps", "channel_caps")
)
LINK_REPLY = Layout(
    link.LinkReply, u32("error"), SizedBytes("pub_key", 162), CapabilityWords("common_caps", "channel_caps")
)

_WAITS = (Count("B", "wait_list"), Items("wait_list", record_item(base.ChannelWait, "BBQ")))
_DISCONNECTING = Layout(base.Disconnecting, u64("time_stamp"), u32("reason"))
_MIGRATE_DATA = Layout(base.MigrateData, Rest("data"))

BASE = Table(
    server={
        1: Layout(base.Migrate, u32("flags")),
        2: _MIGRATE_DATA,
        3: Layout(base.SetAck, u32("generation", "window")),
        4: Layout(base.Ping, u32("id"), u64("timestamp"), Rest("data")),
        5: Layout(base.WaitForChannels, *_WAITS),
        6: _DISCONNECTING,
        7: Layout(
            base.Notify,
            u64("time_stamp"),
            u32("severity", "visibility", "what"),
            Count("I", "message", text_size_without_nul),
            CountedText("message", counts_nul=False),
        ),
        8: Layout(base.List, Rest("data")),
    },
    client={
        1: Layout(base.AckSync, u32("generation")),
        2: Layout(base.Ack),
        3: Layout(base.Pong, u32("id"), u64("timestamp")),
        4: Layout(base.MigrateFlushMark),
        5: _MIGRATE_DATA,
        6: _DISCONNECTING,
    },
)

_TARGET = (u16("port", "sport"), Pointer("host"), Pointer("cert_subject", nullable=True))
_ATTEMPT = OptionalU32("attempt")
_AGENT_DATA = Layout(main.AgentData, Rest("data"))
_AGENT_TOKEN = Layout(main.AgentToken, u32("num_tokens"))
_MIGRATE_END = Layout(main.MigrateEnd)

MAIN = Table(
    server={
        101: Layout(main.MigrateBegin, *_TARGET, _ATTEMPT),
        102: Layout(main.MigrateCancel, _ATTEMPT),
        103: Layout(
            main.Init,
            u32("session_id", "display_channels_hint", "supported_mouse_modes", "current_mouse_mode"),
            u32("agent_connected", "agent_tokens", "multi_media_time", "ram_hint"),
        ),
        104: Layout(main.ChannelsList, Count("I", "channels"), Items("channels", record_item(main.ChannelId, "BB"))),
        105: Layout(main.MouseMode, u16("supported_modes", "current_mode")),
        106: Layout(main.MultiMediaTime, u32("time")),
        107: Layout(main.AgentConnected),
        108: Layout(main.AgentDisconnected, u32("error_code")),
        109: _AGENT_DATA,
        110: _AGENT_TOKEN,
        111: Layout(main.MigrateSwitchHost, *_TARGET),
        112: _MIGRATE_END,
        113: Layout(main.Name, Count("I", "name", text_size), CountedText("name", counts_nul=True)),
        114: Layout(main.Uuid, SizedBytes("uuid", 16)),
        115: Layout(main.AgentConnectedTokens, u32("num_tokens")),
        116: Layout(main.MigrateBeginSeamless, *_TARGET, u32("src_mig_version"), _ATTEMPT),
        117: Layout(main.MigrateDstSeamlessAck),
        118: Layout(main.MigrateDstSeamlessNack),
    },
    client={
        101: Layout(main.ClientInfo, u64("cache_size")),
        102: Layout(main.MigrateConnected, _ATTEMPT),
        103: Layout(main.MigrateConnectError, _ATTEMPT),
        104: Layout(main.AttachChannels),
        105: Layout(main.MouseModeRequest, u16("mode")),
        106: Layout(main.AgentStart, u32("num_tokens")),
        107: _AGENT_DATA,
        108: _AGENT_TOKEN,
        109: _MIGRATE_END,
        110: Layout(main.MigrateDstDoSeamless, u32("src_version")),
        111: Layout(main.MigrateConnectedSeamless, _ATTEMPT),
        112: Layout(main.QualityIndicator, Rest("data")),
    },
)

_DEST = Inline("dest", RECT)
_CLIP = ClipPart("clip")
_FRAME = (Count("I", "data"), CountedBytes("data"))
_BODY = Rest("body")

DISPLAY = Table(
    server={
        101: Layout(display.Mode, u32("x_res", "y_res", "bits")),
        102: Layout(display.Mark),
        103: Layout(display.Reset),
        104: Layout(
            display.CopyBits,
            u32("surface_id"),
            Inline("box", RECT),
            _CLIP,
            Inline("src_pos", record_item(display.Point, "ii")),
        ),
        105: Layout(
            display.InvalList, Count("H", "resources"), Items("resources", record_item(display.ResourceID, "BQ"))
        ),
        106: Layout(display.InvalAllPixmaps, *_WAITS),
        107: Layout(display.InvalPalette, u64("id")),
        108: Layout(display.InvalAllPalettes),
        122: Layout(
            display.StreamCreate,
            u32("surface_id", "id"),
            u8("flags", "codec_type"),
            u64("stamp"),
            u32("stream_width", "stream_height", "src_width", "src_height"),
            _DEST,
            _CLIP,
        ),
        123: Layout(display.StreamData, u32("id", "multi_media_time"), *_FRAME),
        124: Layout(display.StreamClip, u32("id"), _CLIP),
        125: Layout(display.StreamDestroy, u32("id")),
        126: Layout(display.StreamDestroyAll),
        302: Layout(drawing.DrawFill, _BODY),
        303: Layout(drawing.DrawOpaque, _BODY),
        304: Layout(drawing.DrawCopy, _BODY),
        305: Layout(drawing.DrawBlend, _BODY),
        306: Layout(drawing.DrawBlackness, _BODY),
        307: Layout(drawing.DrawWhiteness, _BODY),
        308: Layout(drawing.DrawInvers, _BODY),
        309: Layout(drawing.DrawRop3, _BODY),
        310: Layout(drawing.DrawStroke, _BODY),
        311: Layout(drawing.DrawText, _BODY),
        312: Layout(drawing.DrawTransparent, _BODY),
        313: Layout(drawing.DrawAlphaBlend, _BODY),
        314: Layout(display.SurfaceCreate, u32("surface_id", "width", "height", "format", "flags")),
        315: Layout(display.SurfaceDestroy, u32("surface_id")),
        316: Layout(display.StreamDataSized, u32("id", "multi_media_time", "width", "height"), _DEST, *_FRAME),
        317: Layout(
            display.MonitorsConfig,
            Count("H", "heads"),
            u16("max_allowed"),
            Items("heads", record_item(display.Head, "IIIIIII")),
        ),
        318: Layout(drawing.DrawComposite, _BODY),
        319: Layout(display.StreamActivateReport, u32("stream_id", "unique_id", "max_window_size", "timeout_ms")),
        320: Layout(drawing.GlScanoutUnix, _BODY),
        321: Layout(display.GlDraw, u32("x", "y", "w", "h")),
    },
    client={
        101: Layout(
            display.Init,
            u8("pixmap_cache_id"),
            i64("pixmap_cache_size"),
            u8("glz_dictionary_id"),
            i32("glz_dictionary_window_size"),
        ),
        102: Layout(
            display.StreamReport,
            u32("stream_id", "unique_id", "start_frame_mm_time", "end_frame_mm_time", "num_frames", "num_drops"),
            i32("last_frame_delay"),
            u32("audio_delay"),
        ),
        103: Layout(display.PreferredCompression, u8("image_compression")),
        104: Layout(display.GlDrawDone),
        105: Layout(display.PreferredVideoCodecType, Count("B", "codecs"), Items("codecs", number_item("B"))),
    },
)

INPUTS = Table(
    server={
        101: Layout(inputs.Init, u16("keyboard_modifiers")),
        102: Layout(inputs.KeyModifiers, u16("modifiers")),
        111: Layout(inputs.MouseMotionAck),
    },
    client={
        101: Layout(inputs.KeyDown, u32("code")),
        102: Layout(inputs.KeyUp, u32("code")),
        103: Layout(inputs.KeyModifiers, u16("modifiers")),
        104: Layout(inputs.KeyScancode, Rest("data")),
        111: Layout(inputs.MouseMotion, i32("dx", "dy"), u16("buttons_state")),
        112: Layout(inputs.MousePosition, u32("x", "y"), u16("buttons_state"), u8("display_id")),
        113: Layout(inputs.MousePress, u8("button"), u16("buttons_state")),
        114: Layout(inputs.MouseRelease, u8("button"), u16("buttons_state")),
    },
)

_POSITION = Inline("position", record_item(cursor.Point16, "hh"))

CURSOR = Table(
    server={
        101: Layout(cursor.Init, _POSITION, u16("trail_length", "trail_frequency"), u8("visible"), Rest("cursor")),
        102: Layout(cursor.Reset),
        103: Layout(cursor.Set, _POSITION, u8("visible"), Rest("cursor")),
        104: Layout(cursor.Move, _POSITION),
        105: Layout(cursor.Hide),
        106: Layout(cursor.Trail, u16("length", "frequency")),
        107: Layout(cursor.InvalOne, u64("id")),
        108: Layout(cursor.InvalAll),
    },
    client={},
)

_VOLUME = (Count("B", "volume"), Items("volume", number_item("H")))

PLAYBACK = Table(
    server={
        101: Layout(playback.Data, u32("time"), Rest("data")),
        102: Layout(playback.Mode, u32("time"), u16("mode"), Rest("data")),
        103: Layout(playback.Start, u32("channels"), u16("format"), u32("frequency", "time")),
        104: Layout(playback.Stop),
        105: Layout(playback.Volume, *_VOLUME),
        106: Layout(playback.Mute, u8("mute")),
        107: Layout(playback.Latency, u32("latency_ms")),
    },
    client={},
)

RECORD = Table(
    server={
        101: Layout(record.Start, u32("channels"), u16("format"), u32("frequency")),
        102: Layout(record.Stop),
        103: Layout(record.Volume, *_VOLUME),
        104: Layout(record.Mute, u8("mute")),
    },
    client={
        101: Layout(record.Data, u32("time"), Rest("data")),
        102: Layout(record.Mode, u32("time"), u16("mode"), Rest("data")),
        103: Layout(record.StartMark, u32("time")),
    },
)

#: What a channel has besides BASE; the other channels have nothing that is known here.
OWN: Mapping[ChannelType, Table] = {
    ChannelType.MAIN: MAIN,
    ChannelType.DISPLAY: DISPLAY,
    ChannelType.INPUTS: INPUTS,
    ChannelType.CURSOR: CURSOR,
    ChannelType.PLAYBACK: PLAYBACK,
    ChannelType.RECORD: RECORD,
}
