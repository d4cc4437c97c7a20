"""What a client announces in its links (facts: SPICE 1.4)."""

from __future__ import annotations

from switchover.models.spice.protocol.channels import (
    ChannelType,
    CommonCap,
    DisplayCap,
    InputsCap,
    MainCap,
    PlaybackCap,
    RecordCap,
)

from .client_links import ClientOptions

#: On every channel.
COMMON = frozenset((CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER))

#: Of each channel beside main: all that can be handled without decoding pictures and sound.
_OWN: dict[ChannelType, frozenset[int]] = {
    ChannelType.DISPLAY: frozenset(
        (
            DisplayCap.SIZED_STREAM,
            DisplayCap.MONITORS_CONFIG,
            DisplayCap.STREAM_REPORT,
            DisplayCap.MULTI_CODEC,
            DisplayCap.CODEC_MJPEG,
            DisplayCap.CODEC_VP8,
        )
    ),
    ChannelType.PLAYBACK: frozenset((PlaybackCap.VOLUME, PlaybackCap.LATENCY, PlaybackCap.OPUS)),
    ChannelType.RECORD: frozenset((RecordCap.VOLUME, RecordCap.OPUS)),
    ChannelType.INPUTS: frozenset((InputsCap.KEY_SCANCODE,)),
}


def announced(channel: ChannelType, options: ClientOptions) -> frozenset[int]:
    """The channel's own capabilities."""
    if channel is not ChannelType.MAIN:
        return _OWN.get(channel, frozenset())
    wanted = {
        MainCap.SEMI_SEAMLESS_MIGRATE: options.follows,
        MainCap.NAME_AND_UUID: True,
        MainCap.AGENT_CONNECTED_TOKENS: True,
        MainCap.SEAMLESS_MIGRATE: options.follows and options.seamless,
        MainCap.MIGRATE_ATTEMPT: options.design.repairs.numbers_attempts,
    }
    return frozenset(number for number, is_announced in wanted.items() if is_announced)
