"""Types of channels, who sends, and what each side announces that it can do (facts: SPICE 1.4).

Capabilities are numbers of bits in the words of caps that the link phase exchanges.
"""

from __future__ import annotations

from enum import Enum, IntEnum


class ChannelType(IntEnum):
    """What a channel is for; its number on the wire."""

    MAIN = 1
    DISPLAY = 2
    INPUTS = 3
    CURSOR = 4
    PLAYBACK = 5
    RECORD = 6
    TUNNEL = 7
    SMARTCARD = 8
    USBREDIR = 9
    PORT = 10
    WEBDAV = 11


class Side(Enum):
    """Who sends."""

    CLIENT = "client"
    SERVER = "server"

    def __str__(self) -> str:
        return self.value


class CommonCap(IntEnum):
    """On every channel."""

    PROTOCOL_AUTH_SELECTION = 0
    AUTH_SPICE = 1
    AUTH_SASL = 2
    MINI_HEADER = 3


class MainCap(IntEnum):
    """On the main channel. MIGRATE_ATTEMPT is ours, no other software knows it: migration messages carry the number of
    the attempt that they belong to, if both sides announce it (facts: SPICE N02).
    """

    SEMI_SEAMLESS_MIGRATE = 0
    NAME_AND_UUID = 1
    AGENT_CONNECTED_TOKENS = 2
    SEAMLESS_MIGRATE = 3
    MIGRATE_ATTEMPT = 30


class DisplayCap(IntEnum):
    """On a display channel."""

    SIZED_STREAM = 0
    MONITORS_CONFIG = 1
    COMPOSITE = 2
    A8_SURFACE = 3
    STREAM_REPORT = 4
    LZ4_COMPRESSION = 5
    PREF_COMPRESSION = 6
    GL_SCANOUT = 7
    MULTI_CODEC = 8
    CODEC_MJPEG = 9
    CODEC_VP8 = 10
    CODEC_H264 = 11
    PREF_VIDEO_CODEC_TYPE = 12
    CODEC_VP9 = 13
    CODEC_H265 = 14


class PlaybackCap(IntEnum):
    """On the playback channel."""

    CELT_0_5_1 = 0
    VOLUME = 1
    LATENCY = 2
    OPUS = 3


class RecordCap(IntEnum):
    """On the record channel."""

    CELT_0_5_1 = 0
    VOLUME = 1
    OPUS = 2


class InputsCap(IntEnum):
    """On the inputs channel."""

    KEY_SCANCODE = 0
