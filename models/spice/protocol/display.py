"""Messages of a display channel, drawings excepted (facts: SPICE 1.12)."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message

from .base import ChannelWait
from .numbers import I32, I64, U8, U16, U32, U64


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle, in pixels; right and bottom are outside."""

    top: I32
    left: I32
    bottom: I32
    right: I32


@dataclass(frozen=True, slots=True)
class Point:
    """A place, in pixels."""

    x: I32
    y: I32


@dataclass(frozen=True, slots=True)
class ResourceID:
    """A cached resource. ``type``: 1 for a picture."""

    type: U8
    id: U64


@dataclass(frozen=True, slots=True)
class Head:
    """A monitor: the part of a surface that it shows."""

    monitor_id: U32
    surface_id: U32
    width: U32
    height: U32
    x: U32
    y: U32
    flags: U32


#: Where to draw: None: anywhere.
Clip = tuple[Rect, ...] | None


class Mode(Message):
    """Size and depth of a display, from old servers."""

    x_res: U32
    y_res: U32
    bits: U32


class Mark(Message):
    """The display has something to show."""


class Reset(Message):
    """There is nothing to show any more."""


class CopyBits(Message):
    """Copy from ``src_pos`` of the same surface."""

    surface_id: U32
    box: Rect
    clip: Clip
    src_pos: Point


class InvalList(Message):
    """Forget these cached resources."""

    resources: tuple[ResourceID, ...]


class InvalAllPixmaps(Message):
    """Forget all cached pictures, once these messages of other channels have been handled."""

    wait_list: tuple[ChannelWait, ...]


class InvalPalette(Message):
    """Forget one cached palette."""

    id: U64


class InvalAllPalettes(Message):
    """Forget all cached palettes."""


class StreamCreate(Message):
    """A stream begins. ``flags``: 1 for top-down; ``codec_type``: 1 MJPEG, 2 VP8, 3 H264, 4 VP9, 5 H265."""

    surface_id: U32
    id: U32
    flags: U8
    codec_type: U8
    stamp: U64
    stream_width: U32
    stream_height: U32
    src_width: U32
    src_height: U32
    dest: Rect
    clip: Clip


class StreamData(Message):
    """A frame, to be shown at ``multi_media_time`` of the server's clock, in ms."""

    id: U32
    multi_media_time: U32
    data: bytes


class StreamClip(Message):
    """What is to be seen of a stream."""

    id: U32
    clip: Clip


class StreamDestroy(Message):
    """A stream ends."""

    id: U32


class StreamDestroyAll(Message):
    """All streams end."""


class SurfaceCreate(Message):
    """A surface. ``format``: 32 for xRGB; ``flags``: 1 primary, 2 nothing but a stream."""

    surface_id: U32
    width: U32
    height: U32
    format: U32
    flags: U32


class SurfaceDestroy(Message):
    """A surface is no more."""

    surface_id: U32


class StreamDataSized(Message):
    """STREAM_DATA with a size and place of its own."""

    id: U32
    multi_media_time: U32
    width: U32
    height: U32
    dest: Rect
    data: bytes


class MonitorsConfig(Message):
    """The monitors, at most ``max_allowed`` (0: any number)."""

    max_allowed: U16
    heads: tuple[Head, ...]


class StreamActivateReport(Message):
    """Report on this stream after so many frames, or so many ms."""

    stream_id: U32
    unique_id: U32
    max_window_size: U32
    timeout_ms: U32


class GlDraw(Message):
    """A part of the scanout has changed."""

    x: U32
    y: U32
    w: U32
    h: U32


class Init(Message):
    """The client's beginning. Sizes are in pixels."""

    pixmap_cache_id: U8
    pixmap_cache_size: I64
    glz_dictionary_id: U8
    glz_dictionary_window_size: I32


class StreamReport(Message):
    """How a stream fares at the client.

    ``last_frame_delay``: time of the last frame less the client's clock, in ms; ``audio_delay``: in ms, 0xffffffff
    without sound. No frames and 0xffffffff drops: there is no such stream, or it cannot be decoded.
    """

    stream_id: U32
    unique_id: U32
    start_frame_mm_time: U32
    end_frame_mm_time: U32
    num_frames: U32
    num_drops: U32
    last_frame_delay: I32
    audio_delay: U32


class PreferredCompression(Message):
    """The compression of pictures that the client would like."""

    image_compression: U8


class GlDrawDone(Message):
    """The client has shown the last GL_DRAW."""


class PreferredVideoCodecType(Message):
    """The codecs that the client would like, best first."""

    codecs: tuple[U8, ...]
