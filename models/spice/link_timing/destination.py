"""The clients' side of libspice-server: links, the record of a migrated client, and service (facts: SPICE 3)."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Decision,
    Endpoint,
    Local,
    Port,
    State,
    Timer,
    parameter,
    stay,
    variable,
)

from .. import messages as spice
from . import calls
from .environment import WAIT_LIMIT

SlotOrNone = Annotated[int, Between(-1, 7)]
ChannelCount = Annotated[int, Between(0, 16)]
ChannelSlot = Annotated[int, Between(0, 127)]


class Answers(Enum):
    """How a host answers a link."""

    YES = "yes"
    REFUSES = "refuses"
    SILENT = "silent"

    def __str__(self) -> str:
        return self.value


class DestinationServer(Actor):
    """reds as a client's server, with the main channel's sockets: from the link to service. One client at a time.

    A client that links with a connection id is *linking* (its channels are parked) until it says END, or
    *migrating* once it was told that the session can continue as it is; *completed* is service. ``slots`` main
    sockets may exist at once, ``channel_slots`` of other channels; ``displays`` are the numbers of those that are
    displays. ``may_add_channel``: after a CANCEL a channel is plugged in. Repairs: ``closes_parked`` (N26),
    ``never_blocks`` (N10), ``keeps_served_client`` (a late link of an abandoned attempt does not displace the
    client that has connected anew). Mutation: ``trusting``.
    """

    slots: int = parameter(2)
    channel_slots: int = parameter(4)
    session_id: spice.ConnectionId = parameter(1)
    answers: Answers = parameter(Answers.YES)
    agrees_to_seamless: bool = parameter(True)
    blocks_while_loading: bool = parameter(False)
    ticket_may_expire: bool = parameter(False)
    ticket_may_be_renewed: bool = parameter(False)
    restarts: bool = parameter(True)
    may_add_channel: bool = parameter(False)
    may_drop_linked: bool = parameter(False)
    drops_while_loading: bool = parameter(True)
    closes_parked: bool = parameter(False)
    never_blocks: bool = parameter(False)
    trusting: bool = parameter(False)
    keeps_served_client: bool = parameter(False)
    displays: tuple[ChannelSlot, ...] = parameter(())

    client: SlotOrNone = variable(-1)
    connection_id: spice.ConnectionId = variable(0)
    flushing: bool = variable(False)
    main_waits: bool = variable(False)
    waiting: ChannelCount = variable(0)
    displays_waiting: ChannelCount = variable(0)
    runs_guest: bool = variable(False)
    loading: bool = variable(False)
    ticket_valid: bool = variable(True)
    exited: bool = variable(False)
    cancel_sent: bool = variable(False)
    channel_added: bool = variable(False)
    dropped_linked: bool = variable(False)

    main = Port(
        count="slots",
        receives=spice.MAIN_FROM_CLIENT,
        sends=spice.MAIN_FROM_SERVER,
    )
    source = Local(
        receives=calls.SOURCE_TO_CLIENTS,
        sends=calls.CLIENTS_TO_SOURCE,
    )
    qemu = Local(receives=(calls.LoadingBegins, calls.GuestStarts, calls.GuestStops, calls.ProcessExits), sends=())
    channels = Local(
        count="channel_slots",
        receives=calls.CHANNEL_TO_SERVER,
        sends=calls.SERVER_TO_CHANNEL,
    )

    vacant = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()

    end_states = ("vacant", "linking", "migrating", "completed")

    link = (
        vacant.from_(linking, migrating, completed, cond="is_client", on="drop_client")
        | stay(vacant, linking, migrating, cond="ticket_refused", on="refuse_link")
        | stay(completed, cond="is_stale", on="refuse_stale")
        | linking.from_(vacant, linking, migrating, completed, cond="is_migrated", on="accept_migrated")
        | completed.from_(vacant, linking, migrating, completed, on="accept_new")
    )
    attach_channels = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(completed, on="list_channels")
        | stay(linking, migrating, on="ignore")
    )
    migrate_connected = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(completed, migrating, on="pass_on_connected")
        | stay(vacant, cond="trusting", on="pass_on_connected")
        | stay(linking, on="ignore")
    )
    migrate_connected_seamless = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(completed, migrating, on="pass_on_seamless")
        | stay(linking, on="ignore")
    )
    migrate_connect_error = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(completed, migrating, on="pass_on_error")
        | stay(linking, on="ignore")
    )
    migrate_dst_do_seamless = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | linking.to(migrating, cond="agrees_to_seamless", on="agree")
        | stay(linking, migrating, completed, on="disagree")
    )
    migrate_end = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | linking.to(completed, on="arrive")
        | stay(migrating, completed, on="ignore")
    )
    migrate_flush_mark = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(completed, cond="flushes", on="hand_out_data")
        | stay(linking, migrating, completed, on="ignore")
    )
    migrate_data = (
        stay(vacant, linking, migrating, completed, cond="is_stranger", on="hang_up")
        | stay(migrating, cond="main_waits", on="restore_main")
        | vacant.from_(linking, completed, on="drop_client")
    )
    main_closed = main_lost = vacant.from_(linking, migrating, completed, cond="is_client", on="lose_client") | stay(
        vacant, linking, migrating, completed, on="ignore"
    )
    migrating.to(completed, cond="nothing_waits", on="enter_service")

    send_begin = stay(completed)
    send_cancel = stay(completed, migrating)
    send_end = stay(completed)
    send_switch_host = stay(completed, migrating, on="send_away") | stay(linking, on="ignore")
    send_migrate = stay(completed, on="send_migrate_everywhere") | stay(linking, on="ignore")
    disconnect_client = vacant.from_(linking, migrating, completed, on="drop_client")
    disconnect_arriving = linking.to(vacant, on="drop_client") | stay(migrating, completed, on="ignore")
    channel_links = (
        stay(vacant, on="reject_channel")
        | stay(linking, on="admit_parked")
        | stay(migrating, on="admit_seamless")
        | stay(completed, on="admit_new")
    )
    registered = stay(migrating, on="wait_for_data") | stay(completed, on="ignore")
    restored = gone = stay(migrating, on="wait_no_longer") | stay(completed, on="ignore")
    unexpected_data = vacant.from_(migrating, completed, on="drop_client")
    loading_begins = stay(vacant, linking, migrating, completed)
    guest_starts = stay(vacant, linking, migrating, completed)
    guest_stops = stay(vacant, linking, migrating, completed)
    process_exits = vacant.from_(vacant, linking, migrating, completed, on="exit")
    display_limit = Timer(stay(migrating, on="give_up_displays"))
    ticket_expires = Decision(stay(vacant, linking, migrating, completed, cond="ticket_can_expire", on="expire_ticket"))
    ticket_is_renewed = Decision(
        stay(vacant, linking, migrating, completed, cond="ticket_can_be_renewed", on="renew_ticket")
    )
    add_channel = Decision(stay(completed, cond="can_add_channel"))
    drop_linked = Decision(vacant.from_(linking, migrating, cond="can_drop_linked"))

    def listens(self, port: Endpoint) -> bool | None:
        return self.answers is not Answers.REFUSES and not self.exited

    def reads(self, port: Endpoint) -> bool:
        """A silent host answers nobody. Replacing a client waits for the display's worker (N10)."""
        if self.answers is Answers.SILENT or (self.loading and self.blocks_while_loading):
            return False
        return self.never_blocks or port.index == self.client or not self.worker_waits

    @property
    def worker_waits(self) -> bool:
        """The display's worker polls for MIGRATE_DATA; what needs the worker blocks the process meanwhile."""
        return self.is_armed("display_limit")

    def ticket_refused(self) -> bool:
        return not self.ticket_valid

    def ticket_can_expire(self) -> bool:
        return self.ticket_may_expire and self.ticket_valid

    def ticket_can_be_renewed(self) -> bool:
        return self.ticket_may_be_renewed and not self.ticket_valid

    def can_add_channel(self) -> bool:
        return self.may_add_channel and self.cancel_sent and not self.channel_added

    def can_drop_linked(self) -> bool:
        allowed = self.drops_while_loading or not self.loading
        return self.may_drop_linked and allowed and not self.dropped_linked and not self.runs_guest

    def is_migrated(self, message: spice.Link) -> bool:
        return message.connection_id != 0

    def is_stale(self, message: spice.Link) -> bool:
        """A migrated client's link while another client is in service can only be one that was given up."""
        return self.keeps_served_client and message.connection_id != 0

    def is_stranger(self) -> bool:
        """Whoever has not linked has nothing to say but a link message."""
        return self.origin.index != self.client and not self.trusting

    def flushes(self) -> bool:
        return self.flushing

    def hang_up(self) -> None:
        self.origin.close()

    def is_client(self) -> bool:
        return self.origin.index == self.client

    def nothing_waits(self) -> bool:
        return self.waiting == 0

    def ignore(self) -> None:
        """A warning in the log, no more."""

    def refuse_link(self) -> None:
        self.origin.send(spice.LinkResult(spice.LinkError.PERMISSION_DENIED))
        self.origin.close()

    def refuse_stale(self) -> None:
        self.origin.send(spice.LinkResult(spice.LinkError.BAD_CONNECTION_ID))
        self.origin.close()

    def accept_migrated(self, message: spice.Link) -> None:
        self.replace_client(message.connection_id)
        self.origin.send(spice.LinkResult(spice.LinkError.OK))
        self.source.send(calls.ClientArrives())

    def accept_new(self) -> None:
        self.replace_client(self.session_id)
        self.origin.send(spice.LinkResult(spice.LinkError.OK))
        self.origin.send(spice.Init(self.session_id))
        self.source.send(calls.ClientAttached())

    def replace_client(self, connection_id: int) -> None:
        """One client at a time: whoever was here goes first."""
        new = self.origin.index
        if self.client >= 0:
            self.drop_client()
        self.client = new
        self.connection_id = connection_id

    def drop_client(self) -> None:
        if self.main[self.client].is_open:
            self.main[self.client].close()
        self.lose_client()

    def lose_client(self) -> None:
        """The client's record and started channels go; parked sockets stay (N26)."""
        for channel in self.channels:
            channel.send(calls.Drop() if self.closes_parked else calls.Forget())
        self.client = -1
        self.connection_id = 0
        self.flushing = False
        self.main_waits = False
        self.waiting = 0
        self.displays_waiting = 0
        self.disarm("display_limit")
        self.source.send(calls.ClientLeft())

    def agree(self) -> None:
        """Parked channels start now; main and each channel with data wait for it."""
        self.waiting = 1
        self.main_waits = True
        self.origin.send(spice.MigrateDstSeamlessAck())
        for channel in self.channels:
            channel.send(calls.StartSeamless())

    def disagree(self) -> None:
        self.origin.send(spice.MigrateDstSeamlessNack())

    def arrive(self) -> None:
        """END of a client that could not be continued: it is initialised, its parked channels start as new ones."""
        self.origin.send(spice.Init(self.connection_id))
        for channel in self.channels:
            channel.send(calls.Start())
        self.source.send(calls.ClientAttached())

    def restore_main(self) -> None:
        self.main_waits = False
        self.waiting = self.waiting - 1
        self.origin.send(spice.MultiMediaTime())

    def enter_service(self) -> None:
        """The last channel is restored: the client has arrived."""
        self.source.send(calls.ClientAttached())

    def list_channels(self) -> None:
        self.origin.send(spice.ChannelsList())

    def pass_on_connected(self, message: spice.MigrateConnected) -> None:
        self.source.send(calls.Replied(True, False, message.attempt))

    def pass_on_seamless(self, message: spice.MigrateConnectedSeamless) -> None:
        self.source.send(calls.Replied(True, True, message.attempt))

    def pass_on_error(self, message: spice.MigrateConnectError) -> None:
        self.source.send(calls.Replied(False, False, message.attempt))

    def hand_out_data(self) -> None:
        self.flushing = False
        self.origin.send(spice.MigrateData())

    def on_send_begin(self, message: calls.SendBegin) -> None:
        kind = spice.MigrateBeginSeamless if message.seamless else spice.MigrateBegin
        self.main[self.client].send(kind(message.host, message.attempt))

    def on_send_cancel(self, message: calls.SendCancel) -> None:
        self.cancel_sent = self.may_add_channel
        self.main[self.client].send(spice.MigrateCancel(message.attempt))

    def on_send_end(self) -> None:
        self.main[self.client].send(spice.MigrateEnd())

    def send_away(self, message: calls.SendSwitchHost) -> None:
        self.main[self.client].send(spice.MigrateSwitchHost(message.host))

    def send_migrate_everywhere(self) -> None:
        self.flushing = True
        self.main[self.client].send(spice.Migrate(True))
        for channel in self.channels:
            channel.send(calls.SendMigrate())

    def reject_channel(self) -> None:
        self.origin.send(calls.Reject(spice.LinkError.BAD_CONNECTION_ID))

    def may_link(self, connection_id: int) -> bool:
        if not self.ticket_valid:
            self.origin.send(calls.Reject(spice.LinkError.PERMISSION_DENIED))
        elif connection_id != self.connection_id:
            self.reject_channel()
        else:
            return True
        return False

    def admit_parked(self, message: calls.ChannelLinks) -> None:
        if self.may_link(message.connection_id):
            self.origin.send(calls.Park())

    def admit_seamless(self, message: calls.ChannelLinks) -> None:
        if self.may_link(message.connection_id):
            self.origin.send(calls.StartSeamless())

    def admit_new(self, message: calls.ChannelLinks) -> None:
        if self.may_link(message.connection_id):
            self.origin.send(calls.Start())

    def wait_for_data(self) -> None:
        self.waiting = self.waiting + 1
        if self.origin.index in self.displays:
            self.displays_waiting = self.displays_waiting + 1
            if self.runs_guest:
                self.arm("display_limit", after=WAIT_LIMIT)

    def wait_no_longer(self) -> None:
        self.waiting = self.waiting - 1
        if self.origin.index in self.displays:
            self.displays_waiting = self.displays_waiting - 1
            if self.displays_waiting == 0:
                self.disarm("display_limit")

    def on_loading_begins(self) -> None:
        self.loading = True
        self.source.send(calls.LoadingBegins())

    def on_guest_starts(self) -> None:
        self.runs_guest = True
        self.loading = False
        if self.displays_waiting > 0:
            self.arm("display_limit", after=WAIT_LIMIT)

    def on_guest_stops(self) -> None:
        self.runs_guest = False

    def give_up_displays(self) -> None:
        """10 s after the guest's start: the display channel is disconnected."""
        for display in self.displays:
            self.channels[display].send(calls.GiveUpWaiting())

    def exit(self) -> None:
        """The process ends: every socket is closed, nothing is remembered. A fresh one takes its place, if it
        ``restarts``.
        """
        self.exited = not self.restarts
        for socket in self.main:
            if socket.is_open:
                socket.close()
        for channel in self.channels:
            channel.send(calls.ProcessExits())
        if self.client >= 0:
            self.source.send(calls.ClientLeft())
        self.client = -1
        self.connection_id = 0
        self.flushing = False
        self.main_waits = False
        self.waiting = 0
        self.displays_waiting = 0
        self.loading = False
        self.disarm("display_limit")

    def expire_ticket(self) -> None:
        self.ticket_valid = False

    def renew_ticket(self) -> None:
        """A new password, or a later end of the old one's life."""
        self.ticket_valid = True

    def on_drop_linked(self) -> None:
        """Whatever the reason (a crash of a helper, a proxy in between): the linked client is dropped once."""
        self.dropped_linked = True
        self.drop_client()

    def on_add_channel(self) -> None:
        self.channel_added = True
        self.main[self.client].send(spice.ChannelsList())
