"""Messages that every channel has (facts: SPICE 1.8)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag

from switchover.models.language import Message

from .numbers import U8, U16, U32, U64


class Unknown(Message):
    """A message whose number is in no table, as it came."""

    number: U16
    body: bytes


class MigrateFlags(IntFlag):
    """What MIGRATE asks for."""

    NEED_FLUSH = 1
    NEED_DATA_TRANSFER = 2


class Migrate(Message):
    """From the source: the channel goes over to the target. ``flags``: MigrateFlags."""

    flags: U32


class MigrateData(Message):
    """State of a channel, opaque to the client: from the source to it, from it to the target."""

    data: bytes


class SetAck(Message):
    """The client is to acknowledge every ``window`` messages from now on."""

    generation: U32
    window: U32


class Ping(Message):
    """To be answered with PONG. ``timestamp``: of the server's clock; ``data``: filler that measures bandwidth."""

    id: U32
    timestamp: U64
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ChannelWait:
    """A message of another channel that must have been handled first."""

    channel_type: U8
    channel_id: U8
    message_serial: U64


class WaitForChannels(Message):
    """Handle nothing more here before these have been handled."""

    wait_list: tuple[ChannelWait, ...]


class Disconnecting(Message):
    """The sender is going to close. ``reason``: a LinkError."""

    time_stamp: U64
    reason: U32


class Notify(Message):
    """Words for the user. ``severity``: 0 information, 1 warning, 2 error; ``visibility``: 0 low to 2 high."""

    time_stamp: U64
    severity: U32
    visibility: U32
    what: U32
    message: str


class List(Message):
    """Several messages in one, as they came. Whoever reads frames gets the messages in it instead."""

    data: bytes


class AckSync(Message):
    """The client has seen SET_ACK, and counts anew."""

    generation: U32


class Ack(Message):
    """The client has received as many messages as a window has."""


class Pong(Message):
    """Answer to PING, with its ``id`` and ``timestamp``."""

    id: U32
    timestamp: U64


class MigrateFlushMark(Message):
    """The client has sent everything that it had for the source on this channel."""
