"""Messages of the main channel (facts: SPICE 1.9, 1.10).

``attempt`` numbers the attempts of a source to migrate: which BEGIN a reply or a CANCEL is about. It is not on the wire
(None) unless both sides have announced MainCap.MIGRATE_ATTEMPT.
"""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message

from .numbers import U8, U16, U32, U64


class MigrateBegin(Message):
    """Link to this target now, and stay with me until MIGRATE_END (semi-seamless).

    ``port``: without TLS, ``sport``: with TLS; 65535: there is none. ``cert_subject``: what the target's certificate
    must say; empty: nothing.
    """

    port: U16
    sport: U16
    host: str
    cert_subject: str = ""
    attempt: U32 | None = None


class MigrateCancel(Message):
    """The migration failed or was cancelled: stay, and leave the target."""

    attempt: U32 | None = None


class Init(Message):
    """Beginning of a session. ``multi_media_time``: of the server's clock, in ms, less the latency it allows for."""

    session_id: U32
    display_channels_hint: U32
    supported_mouse_modes: U32
    current_mouse_mode: U32
    agent_connected: U32
    agent_tokens: U32
    multi_media_time: U32
    ram_hint: U32


@dataclass(frozen=True, slots=True)
class ChannelId:
    """A channel that the client may link. ``type``: a ChannelType, if known."""

    type: U8
    id: U8


class ChannelsList(Message):
    """The channels that there are besides main; sent again when one is added."""

    channels: tuple[ChannelId, ...]


class MouseMode(Message):
    """The mouse modes: 1 the server's, 2 the client's."""

    supported_modes: U16
    current_mode: U16


class MultiMediaTime(Message):
    """The server's clock, in ms, less the latency it allows for."""

    time: U32


class AgentConnected(Message):
    """The guest's agent is there."""


class AgentDisconnected(Message):
    """The guest's agent has gone. ``error_code``: a LinkError."""

    error_code: U32


class AgentData(Message):
    """Part of a message from or to the guest's agent, at most 2048 bytes."""

    data: bytes


class AgentToken(Message):
    """The receiver may send so many more AGENT_DATA."""

    num_tokens: U32


class MigrateSwitchHost(Message):
    """Leave, and connect to this target anew. Fields as in MIGRATE_BEGIN."""

    port: U16
    sport: U16
    host: str
    cert_subject: str = ""


class MigrateEnd(Message):
    """From the source: the guest runs at the target, go over. From the client to the target: here I am."""


class Name(Message):
    """The guest's name."""

    name: str


class Uuid(Message):
    """The guest's UUID, 16 bytes."""

    uuid: bytes


class AgentConnectedTokens(Message):
    """The guest's agent is there, and the client may send so many AGENT_DATA."""

    num_tokens: U32


class MigrateBeginSeamless(Message):
    """MIGRATE_BEGIN, and ask the target whether it can go on with the session as it is.

    ``src_mig_version``: of the source's MIGRATE_DATA.
    """

    port: U16
    sport: U16
    host: str
    cert_subject: str = ""
    src_mig_version: U32 = 1
    attempt: U32 | None = None


class MigrateDstSeamlessAck(Message):
    """From the target: it can go on with the session."""


class MigrateDstSeamlessNack(Message):
    """From the target: it cannot."""


class ClientInfo(Message):
    """Size of the client's cache."""

    cache_size: U64


class MigrateConnected(Message):
    """The client is linked to the target on every channel."""

    attempt: U32 | None = None


class MigrateConnectError(Message):
    """The client could not link to the target."""

    attempt: U32 | None = None


class AttachChannels(Message):
    """The client asks for CHANNELS_LIST."""


class MouseModeRequest(Message):
    """The mouse mode that the client would like."""

    mode: U16


class AgentStart(Message):
    """The client wants to talk to the agent, which may send so many AGENT_DATA."""

    num_tokens: U32


class MigrateDstDoSeamless(Message):
    """To the target: can it go on with the session? ``src_version``: what MIGRATE_BEGIN_SEAMLESS said."""

    src_version: U32


class MigrateConnectedSeamless(Message):
    """The client is linked to the target, which will go on with the session."""

    attempt: U32 | None = None


class QualityIndicator(Message):
    """Opaque."""

    data: bytes
