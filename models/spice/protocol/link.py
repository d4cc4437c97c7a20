"""Link phase: what opens every channel, before its messages (facts: SPICE 1.2, 1.3)."""

from __future__ import annotations

from enum import IntEnum

from switchover.models.language import Message

from .numbers import U8, U32

#: Bits of capabilities, in rising order.
Caps = tuple[U32, ...]


class LinkError(IntEnum):
    """In LINK_REPLY (2 to 6) and LINK_RESULT (7 to 9)."""

    OK = 0
    ERROR = 1
    INVALID_MAGIC = 2
    INVALID_DATA = 3
    VERSION_MISMATCH = 4
    NEED_SECURED = 5
    NEED_UNSECURED = 6
    PERMISSION_DENIED = 7
    BAD_CONNECTION_ID = 8
    CHANNEL_NOT_AVAILABLE = 9

    def __str__(self) -> str:
        return self.name


class AuthMechanism(IntEnum):
    """How a client proves who it is: the number of the common capability that says so."""

    SPICE = 1
    SASL = 2


class Link(Message):
    """The client's first words. A main channel with a ``connection_id`` other than 0 is a migrated client's."""

    connection_id: U32
    channel_type: U8
    channel_id: U8
    common_caps: Caps
    channel_caps: Caps


class LinkReply(Message):
    """The server's answer, with the public key for the ticket: 162 bytes, DER, RSA-1024. After an error it closes."""

    error: U32
    pub_key: bytes
    common_caps: Caps
    channel_caps: Caps


class Auth(Message):
    """The mechanism that the client chose, an AuthMechanism."""

    mechanism: U32


class Ticket(Message):
    """The password and one NUL, encrypted: 128 bytes, RSA-OAEP with SHA-1."""

    encrypted: bytes


class LinkResult(Message):
    """The server's last word on the link, a LinkError. After anything but OK it closes."""

    result: U32
