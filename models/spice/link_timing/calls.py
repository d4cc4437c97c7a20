"""Calls within one process: libspice-server's interface, QEMU's commands, a client's session and its channels."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Between, Message

from ..messages import Attempt, ConnectionId, Host, LinkError

#: Number of a link of one channel: host × slots + slot.
LinkNumber = Annotated[int, Between(0, 31)]
SlotNumber = Annotated[int, Between(0, 7)]


# QEMU's monitor commands and their events (facts: SPICE 2.1).


class ClientMigrateInfo(Message):
    """QMP client_migrate_info: where the client will have to go."""

    host: Host


class MigrateCommand(Message):
    """QMP migrate."""

    host: Host


class MigrateCancelCommand(Message):
    """QMP migrate_cancel."""


class MigrationCompleted(Message):
    """QMP event MIGRATION, status completed."""


class MigrationFailed(Message):
    """QMP event MIGRATION, status failed or cancelled."""


class ConnectCompleted(Message):
    """The asynchronous client_migrate_info of 2011 to 2015 returns."""


class SpiceMigrateCompleted(Message):
    """QMP event SPICE_MIGRATE_COMPLETED."""


class GuestResumed(Message):
    """QMP event RESUME at the destination."""


# libspice-server's interface (facts: SPICE 2.1).


class ServerMigrateConnect(Message):
    """spice_server_migrate_connect."""

    host: Host


class ServerMigrateStart(Message):
    """spice_server_migrate_start."""

    host: Host


class ServerMigrateEnd(Message):
    """spice_server_migrate_end."""

    completed: bool


class MigrateConnectComplete(Message):
    """Callback migrate_connect_complete."""


class MigrateEndComplete(Message):
    """Callback migrate_end_complete."""


class LoadingBegins(Message):
    """An incoming migration: the guest will run here."""


class GuestStarts(Message):
    """The guest runs on this host from now on."""


class GuestStops(Message):
    """The guest has left this host."""


class ProcessExits(Message):
    """This QEMU gives up (load of migration failed) and is started afresh for a later attempt."""


# Within a server: its source side, its clients' side, and the sockets of its channels.


class ClientArrives(Message):
    """A migrated client has linked its main channel here and is not in service yet."""


class ClientAttached(Message):
    """A client is in service here."""


class ClientLeft(Message):
    """The client is gone."""


class SendBegin(Message):
    """Send the client BEGIN or BEGIN_SEAMLESS."""

    host: Host
    seamless: bool
    attempt: Attempt


class SendCancel(Message):
    """Send the client CANCEL."""

    attempt: Attempt


class SendEnd(Message):
    """Send the client END."""


class SendSwitchHost(Message):
    """Send the client SWITCH_HOST."""

    host: Host


class SendMigrate(Message):
    """Send MIGRATE on every channel of the client."""


class DisconnectClient(Message):
    """Drop the client with all its channels."""


class DisconnectArriving(Message):
    """Drop the client if it is still arriving and undecided."""


class Replied(Message):
    """The client has answered BEGIN."""

    connected: bool
    seamless: bool
    attempt: Attempt


class ChannelLinks(Message):
    """A channel other than main presents this connection id and the ticket."""

    connection_id: ConnectionId


class Park(Message):
    """Accept the link, start nothing yet."""


class Start(Message):
    """Accept the link, or take a parked one, and start the channel as a new one."""


class StartSeamless(Message):
    """Accept the link, or take a parked one, and start the channel as one that continues."""


class Reject(Message):
    """Refuse the link."""

    result: LinkError


class Drop(Message):
    """Close the channel."""


class Forget(Message):
    """The record that knew of the parked link is freed; the socket is not."""


class GiveUpWaiting(Message):
    """The 10 s are over: a display that still waits for MIGRATE_DATA is disconnected."""


class Registered(Message):
    """The channel is known to its worker, and waits for MIGRATE_DATA if it is to come."""


class Restored(Message):
    """MIGRATE_DATA has come and is taken over."""


class Gone(Message):
    """The channel that waited for MIGRATE_DATA is gone without it."""


class UnexpectedData(Message):
    """MIGRATE_DATA came on a channel that does not wait for it."""


# Within a client: its session and its channels.


class LinkTwin(Message):
    """Link to the target beside the connection to the source."""

    link: LinkNumber
    connection_id: ConnectionId


class AbortTwin(Message):
    """Close the link to the target."""


class Reset(Message):
    """Forget everything that belongs to the source."""


class SwapTwin(Message):
    """Leave the source, use the link to the target, initialise it."""


class LinkNew(Message):
    """Link as a new client does."""

    link: LinkNumber
    connection_id: ConnectionId


class Disconnect(Message):
    """Close the connection in use."""


class Quit(Message):
    """Close everything."""


class TwinLinked(Message):
    """The link to the target is up, and frozen."""


class TwinMissing(Message):
    """The channel has no connection, and makes none to the target."""


class TwinFailed(Message):
    """The link to the target was refused, or broke."""


class Swapped(Message):
    """The channel has gone over to the target by itself (MIGRATE)."""


class ChannelSettled(Message):
    """A channel of a new session is linked, or could not be: it is not waited for any more."""


#: Between a client's session and its channels.
SESSION_TO_CHANNEL = (
    LinkTwin,
    AbortTwin,
    Reset,
    SwapTwin,
    LinkNew,
    Disconnect,
    Quit,
)
CHANNEL_TO_SESSION = (
    TwinLinked,
    TwinMissing,
    TwinFailed,
    Swapped,
    ChannelSettled,
)

#: Between a server's source side and its clients' side.
SOURCE_TO_CLIENTS = (
    SendBegin,
    SendCancel,
    SendEnd,
    SendSwitchHost,
    SendMigrate,
    DisconnectClient,
    DisconnectArriving,
)
CLIENTS_TO_SOURCE = (
    ClientArrives,
    ClientAttached,
    ClientLeft,
    Replied,
    LoadingBegins,
)

#: Between a server's clients' side and the sockets of its channels.
SERVER_TO_CHANNEL = (
    Park,
    Start,
    StartSeamless,
    Reject,
    Drop,
    Forget,
    GiveUpWaiting,
    SendMigrate,
    ProcessExits,
)
CHANNEL_TO_SERVER = (
    ChannelLinks,
    Registered,
    Restored,
    Gone,
    UnexpectedData,
)

#: Between the management application and QEMU.
MANAGEMENT_TO_QEMU = (
    ClientMigrateInfo,
    MigrateCommand,
    MigrateCancelCommand,
)
QEMU_TO_MANAGEMENT = (
    MigrationCompleted,
    MigrationFailed,
    ConnectCompleted,
    SpiceMigrateCompleted,
    GuestResumed,
)
