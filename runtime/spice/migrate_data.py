"""Bodies of MIGRATE_DATA: what a source's channel hands to the target's, by way of the client (facts: SPICE 1.15)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .malformed import MalformedError

#: Version of all bodies, and of what MIGRATE_BEGIN_SEAMLESS announces.
VERSION = 1

_MAIN = b"MNMD"
_INPUTS = b"ICMD"
_DISPLAY = b"DCMD"

_HEADER = struct.Struct("<4sI")
_MOTION_COUNT = struct.Struct("<H")
# Version and connectedness of the agent's device, four counts and a pointer; whether the client has started the agent;
# what has been read of a message from the agent, and to it.
_AGENT = struct.Struct("<IB5I" + "B" + "IIIBIIIB" + "IB")
_DEVICE_VERSION = 1
_DISPLAY_FIXED = struct.Struct("<QBBqB4QBIIQI")
_COUNT = struct.Struct("<I")
_LOSSY_REGION = struct.Struct("<4i")


@dataclass(frozen=True)
class MainState:
    """``has_agent``: the guest's agent was connected."""

    has_agent: bool = False


@dataclass(frozen=True)
class InputsState:
    """``motion_count``: motions that the client has not had acknowledged, 0 to 65535."""

    motion_count: int = 0


@dataclass(frozen=True)
class DisplayState:
    """``serial``: of the last message on the channel; cache and dictionary as the client's INIT gave them (pixels);
    ``surfaces``: the ids of those that the client has.
    """

    serial: int
    pixmap_cache_id: int
    pixmap_cache_size: int
    dictionary_id: int
    dictionary_size: int
    surfaces: tuple[int, ...]


def main_data(state: MainState) -> bytes:
    """The body of the main channel, 65 bytes."""
    values = (_DEVICE_VERSION, int(state.has_agent), *(0,) * (5 + 1 + 8 + 2))
    return _HEADER.pack(_MAIN, VERSION) + _AGENT.pack(*values)


def read_main(body: bytes) -> MainState:
    """Raises MalformedError."""
    rest = _without_header(body, _MAIN)
    if len(rest) < _AGENT.size:
        raise MalformedError(f"MIGRATE_DATA MNMD: expected at least {8 + _AGENT.size} bytes, not {len(body)}")
    version, connected = struct.unpack_from("<IB", rest)
    if version != _DEVICE_VERSION:
        raise MalformedError(f"MIGRATE_DATA MNMD: expected device version {_DEVICE_VERSION}, not {version}")
    return MainState(bool(connected))


def inputs_data(state: InputsState) -> bytes:
    """The body of the inputs channel, 10 bytes."""
    return _HEADER.pack(_INPUTS, VERSION) + _MOTION_COUNT.pack(state.motion_count)


def read_inputs(body: bytes) -> InputsState:
    """Raises MalformedError."""
    rest = _without_header(body, _INPUTS)
    if len(rest) < _MOTION_COUNT.size:
        raise MalformedError(f"MIGRATE_DATA ICMD: expected 10 bytes, not {len(body)}")
    return InputsState(_MOTION_COUNT.unpack_from(rest)[0])


def display_data(state: DisplayState) -> bytes:
    """The body of a display channel: 80 bytes and the surfaces, none of them lossy."""
    surfaces = _HEADER.size + _DISPLAY_FIXED.size
    fixed = _DISPLAY_FIXED.pack(
        state.serial,
        0,
        state.pixmap_cache_id,
        state.pixmap_cache_size,
        1,
        *(0,) * 4,
        state.dictionary_id,
        state.dictionary_size,
        4,
        0,
        surfaces,
    )
    count = len(state.surfaces)
    return _HEADER.pack(_DISPLAY, VERSION) + fixed + struct.pack(f"<{1 + count}I", count, *state.surfaces)


def read_display(body: bytes) -> DisplayState:
    """Raises MalformedError."""
    rest = _without_header(body, _DISPLAY)
    if len(rest) < _DISPLAY_FIXED.size:
        raise MalformedError(f"MIGRATE_DATA DCMD: expected at least {8 + _DISPLAY_FIXED.size} bytes, not {len(body)}")
    serial, low_bandwidth, cache, cache_size, _, *_, dictionary, size, _, _, at = _DISPLAY_FIXED.unpack_from(rest)
    surfaces = _surfaces(body, at, is_lossy=bool(low_bandwidth))
    return DisplayState(serial, cache, cache_size, dictionary, size, surfaces)


def _surfaces(body: bytes, at: int, is_lossy: bool) -> tuple[int, ...]:
    if at == 0:
        return ()
    if at + _COUNT.size > len(body):
        raise MalformedError(f"MIGRATE_DATA DCMD: surfaces at {at} of {len(body)} bytes")
    count = _COUNT.unpack_from(body, at)[0]
    step = _COUNT.size + (_LOSSY_REGION.size if is_lossy else 0)
    first = at + _COUNT.size
    if first + count * step > len(body):
        raise MalformedError(f"MIGRATE_DATA DCMD: {count} surfaces do not fit into {len(body)} bytes")
    return tuple(_COUNT.unpack_from(body, first + number * step)[0] for number in range(count))


def _without_header(body: bytes, magic: bytes) -> bytes:
    if len(body) < _HEADER.size:
        raise MalformedError(f"MIGRATE_DATA: expected {magic.decode()} and a version, not {len(body)} bytes")
    found, version = _HEADER.unpack_from(body)
    if found != magic:
        raise MalformedError(f"MIGRATE_DATA: expected {magic.decode()}, not {found!r}")
    if not 1 <= version <= VERSION:
        raise MalformedError(f"MIGRATE_DATA {magic.decode()}: expected version {VERSION}, not {version}")
    return body[_HEADER.size :]
