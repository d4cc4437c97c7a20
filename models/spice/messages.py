"""SPICE messages that take part in a handover, by the names of spice.proto (facts: SPICE 1.8, 1.9).

Fields hold what a behaviour can depend on: a host by its number in the model, a connection id by the number of
the host that gave it plus one (0: none). ``attempt`` is not on the wire today: shipped software leaves it 0, the repair
of N02 fills it in.
"""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Between, Message

from .protocol.link import LinkError as LinkError

Host = Annotated[int, Between(0, 3)]
ConnectionId = Annotated[int, Between(0, 4)]
Attempt = Annotated[int, Between(0, 7)]


class Link(Message):
    """Link message and ticket of one channel. A main channel with a connection id other than 0 is a migrated
    client's.
    """

    connection_id: ConnectionId


class LinkResult(Message):
    """The server's answer to a link; on anything but OK it closes."""

    result: LinkError


class Init(Message):
    """MAIN_INIT: the session's id at this server."""

    session_id: ConnectionId


class AttachChannels(Message):
    """The client asks for the list of channels."""


class ChannelsList(Message):
    """The channels that exist; sent again when one is added."""


class MigrateBegin(Message):
    """Link to this target now, stay with me meanwhile (semi-seamless)."""

    host: Host
    attempt: Attempt = 0


class MigrateBeginSeamless(Message):
    """The same, and ask the target whether it can take the session over as it is."""

    host: Host
    attempt: Attempt = 0


class MigrateConnected(Message):
    """The client is linked to the target, on every channel."""

    attempt: Attempt = 0


class MigrateConnectedSeamless(Message):
    """The client is linked to the target, which has agreed to seamless migration."""

    attempt: Attempt = 0


class MigrateConnectError(Message):
    """The client could not link to the target."""

    attempt: Attempt = 0


class MigrateCancel(Message):
    """The migration failed or was cancelled: stay here, drop the target."""

    attempt: Attempt = 0


class MigrateEnd(Message):
    """From the source: go over to the target. From the client to the target: here I am."""


class MigrateSwitchHost(Message):
    """Leave, and connect to this target anew."""

    host: Host


class MigrateDstDoSeamless(Message):
    """To the target: can you continue the session as it is?"""


class MigrateDstSeamlessAck(Message):
    """From the target: yes."""


class MigrateDstSeamlessNack(Message):
    """From the target: no."""


class Migrate(Message):
    """Last message of the source on a channel, but for MIGRATE_DATA when ``transfers`` (flags 3, else 0)."""

    transfers: bool


class MigrateFlushMark(Message):
    """Everything that the client had to say to the source on this channel has been said."""


class MigrateData(Message):
    """State of a channel, opaque: from the source to the client, from the client to the target."""


class MultiMediaTime(Message):
    """The server's clock."""


class MouseMode(Message):
    """The mouse mode now in force."""


class ChannelInit(Message):
    """What a client sends first on a channel it uses: DISPLAY_INIT, inputs KEY_MODIFIERS."""


class ChannelStart(Message):
    """What a server sends first on a channel it starts: cursor INIT, inputs INIT, playback MODE or status."""


class ChannelTraffic(Message):
    """Anything else that a server sends on a channel: a drawing, a stream time-out, a ping."""


#: What a client may say on its main channel, and a server to it.
MAIN_FROM_CLIENT = (
    Link,
    AttachChannels,
    MigrateConnected,
    MigrateConnectedSeamless,
    MigrateConnectError,
    MigrateDstDoSeamless,
    MigrateEnd,
    MigrateFlushMark,
    MigrateData,
)
MAIN_FROM_SERVER = (
    LinkResult,
    Init,
    ChannelsList,
    MigrateBegin,
    MigrateBeginSeamless,
    MigrateCancel,
    MigrateEnd,
    MigrateSwitchHost,
    Migrate,
    MigrateData,
    MigrateDstSeamlessAck,
    MigrateDstSeamlessNack,
    MultiMediaTime,
)

#: The same for any other channel.
CHANNEL_FROM_CLIENT = (Link, ChannelInit, MigrateFlushMark, MigrateData)
CHANNEL_FROM_SERVER = (LinkResult, ChannelStart, ChannelTraffic, Migrate, MigrateData)

#: What a client of the 2011 proposal and its servers say on the main channel.
PROPOSAL_FROM_CLIENT = (Link, AttachChannels)
PROPOSAL_FROM_SERVER = (
    LinkResult,
    Init,
    ChannelsList,
    MigrateSwitchHost,
    MigrateCancel,
    Migrate,
    MultiMediaTime,
    MouseMode,
)
