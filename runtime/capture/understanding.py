"""What a message says, also where some of its bytes were not captured."""

from __future__ import annotations

from typing import NamedTuple

from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.codec import TABLES, MalformedError, Unknown, decode, name_of
from switchover.runtime.spice.framing import Frame

from .remarks import Remark
from .rows import Fields, fields_of

PARTLY = Remark("message", "not captured whole, taken without fields")
ENOUGH = Remark("message", "not captured whole, but what is read of it was")
MALFORMED = Remark("message", "malformed, taken without fields")

_TABLES = {side: {channel.value: TABLES[channel, side] for channel in ChannelType} for side in Side}


class Understood(NamedTuple):
    """``is_whole``: the fields are known. ``remark``: what is to be said about the message, if anything."""

    name: str
    fields: Fields
    is_whole: bool
    remark: Remark | None


def understand(channel: int, side: Side, frame: Frame, missing: bytes) -> Understood:
    """``missing``: 255 for each byte of the body that was not captured, and stands there as 0; 0 for others. Empty:
    all were. Of a message within a list, of which part was not captured, it says nothing: there it has another length.
    """
    known = _decoded(channel, side, frame.number, frame.body)
    # What does not change when the missing bytes are read as 255 does not depend on them.
    if missing and known != _decoded(channel, side, frame.number, _changed(frame.body, missing)):
        known = None
    if known is None:
        return Understood(_name(channel, side, frame.number), {}, False, PARTLY if missing else MALFORMED)
    return Understood(*known, True, ENOUGH if missing else None)


def _decoded(channel: int, side: Side, number: int, body: bytes) -> tuple[str, Fields] | None:
    try:
        message = decode(channel, side, number, body)
    except MalformedError:
        return None
    return name_of(message), fields_of(message)


def _changed(body: bytes, missing: bytes) -> bytes:
    if len(missing) != len(body):
        return b"\xff" * len(body)
    return (int.from_bytes(body, "little") | int.from_bytes(missing, "little")).to_bytes(len(body), "little")


def _name(channel: int, side: Side, number: int) -> str:
    layout = _TABLES[side].get(channel, {}).get(number)
    return name_of(Unknown(number, b"")) if layout is None else layout.name
