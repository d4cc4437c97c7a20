"""The servers of the 2011 proposal, to the letter of the post (seed 001, "spice-server")."""

from __future__ import annotations

from switchover.models.language import Actor, Decision, Endpoint, Local, Port, State, Timer, parameter, stay, variable

from .. import messages as spice
from . import calls
from .channels import Kind
from .destination import Answers, SlotOrNone
from .environment import HostNumber

#: How long a server waits for a display's INIT, in ms (facts: SPICE 7).
INIT_LIMIT = 30_000


class ProposalServer(Actor):
    """A server in both parts: (A) the source side, (B) the target side. One client at a time.

    (A) *on_source*: it serves, or waits for, a client; *migrating*: SWITCH_HOST is sent and the migration runs. (B)
    a client that links with a connection id is a migrated one: no INIT, but time and mouse mode; its channels
    start.

    ``old``: a server of 2010, which sends SWITCH_HOST when the migration has completed and nothing before.
    ``client_follows``: the client announced that it links at SWITCH_HOST; with ``has_capability`` False a new
    server cannot know and treats every client so. Mutations: ``ignores_capability``, ``inits_migrated``.
    """

    slots: int = parameter(2)
    channel_slots: int = parameter(4)
    session_id: spice.ConnectionId = parameter(1)
    old: bool = parameter(False)
    client_follows: bool = parameter(True)
    has_capability: bool = parameter(True)
    ignores_capability: bool = parameter(False)
    inits_migrated: bool = parameter(False)
    answers: Answers = parameter(Answers.YES)
    blocks_while_loading: bool = parameter(False)
    ticket_may_expire: bool = parameter(False)

    client: SlotOrNone = variable(-1)
    connection_id: spice.ConnectionId = variable(0)
    target: HostNumber = variable(0)
    loading: bool = variable(False)
    ticket_valid: bool = variable(True)

    main = Port(
        count="slots",
        receives=spice.PROPOSAL_FROM_CLIENT,
        sends=spice.PROPOSAL_FROM_SERVER,
    )
    qemu = Local(
        receives=(calls.ServerMigrateConnect, calls.ServerMigrateStart, calls.ServerMigrateEnd),
        sends=(calls.MigrateConnectComplete, calls.MigrateEndComplete),
    )
    display = Local(receives=(calls.LoadingBegins, calls.GuestStarts, calls.GuestStops, calls.ProcessExits))
    channels = Local(
        count="channel_slots",
        receives=(calls.ChannelLinks,),
        sends=(calls.Start, calls.StartSeamless, calls.Reject, calls.Drop, calls.SendMigrate),
    )

    vacant = State(initial=True)
    on_source = State()
    migrating = State()
    completed = State()

    end_states = ("vacant", "on_source", "migrating", "completed")

    server_migrate_connect = stay(on_source, on="ignore")
    server_migrate_start = on_source.to(migrating, cond="begins_early", on="send_switch_host") | stay(
        on_source, on="note_target"
    )
    server_migrate_end = (
        migrating.to(completed, cond="is_completed", on="send_migrate")
        | migrating.to(on_source, on="send_cancel")
        | on_source.to(completed, cond="is_completed", on="send_switch_host_late")
        | stay(vacant, on_source, on="ignore")
    )
    link = (
        stay(vacant, unless="ticket_valid", on="refuse_ticket")
        | stay(vacant, cond="is_foreign", on="refuse")
        | on_source.from_(vacant, cond="is_migrated", on="accept_migrated")
        | on_source.from_(vacant, on="accept_new")
    )
    attach_channels = stay(on_source, on="list_channels")
    main_closed = vacant.from_(on_source, migrating, completed, cond="is_client", on="lose_client")
    channel_links = stay(vacant, on="reject_channel") | stay(on_source, on="admit_channel")
    loading_begins = stay(vacant, on_source, on="load")
    guest_starts = stay(vacant, on_source, on="end_loading")
    guest_stops = stay(vacant, on_source, migrating, on="ignore")
    process_exits = vacant.from_(vacant, on_source, on="exit")
    ticket_expires = Decision(stay(vacant, on_source, cond="ticket_can_expire", on="expire_ticket"))

    def listens(self, port: Endpoint) -> bool | None:
        return self.answers is not Answers.REFUSES

    def reads(self, port: Endpoint) -> bool:
        """A destination that loads the guest's state may answer nobody (H02)."""
        return not (self.loading and self.blocks_while_loading)

    def begins_early(self) -> bool:
        if self.old:
            return False
        return self.client_follows or not self.has_capability or self.ignores_capability

    def is_completed(self, message: calls.ServerMigrateEnd) -> bool:
        return message.completed

    def is_migrated(self, message: spice.Link) -> bool:
        return message.connection_id != 0

    def is_foreign(self, message: spice.Link) -> bool:
        """A server of 2010 knows only the ids that it has given itself."""
        return self.old and message.connection_id not in (0, self.connection_id)

    def ticket_can_expire(self) -> bool:
        return self.ticket_may_expire and self.ticket_valid

    def expire_ticket(self) -> None:
        self.ticket_valid = False

    def is_client(self) -> bool:
        return self.origin.index == self.client

    def ignore(self) -> None:
        """Nothing is said about it."""

    def note_target(self, message: calls.ServerMigrateStart) -> None:
        self.target = message.host

    def send_switch_host(self, message: calls.ServerMigrateStart) -> None:
        self.target = message.host
        self.main[self.client].send(spice.MigrateSwitchHost(message.host))

    def send_switch_host_late(self) -> None:
        self.main[self.client].send(spice.MigrateSwitchHost(self.target))

    def send_migrate(self) -> None:
        """MIGRATE (flags 0) on every connected channel."""
        self.main[self.client].send(spice.Migrate(False))
        for channel in self.channels:
            channel.send(calls.SendMigrate())

    def send_cancel(self) -> None:
        self.main[self.client].send(spice.MigrateCancel())

    def refuse(self) -> None:
        self.origin.send(spice.LinkResult(spice.LinkError.BAD_CONNECTION_ID))
        self.origin.close()

    def refuse_ticket(self) -> None:
        self.origin.send(spice.LinkResult(spice.LinkError.PERMISSION_DENIED))
        self.origin.close()

    def accept_migrated(self, message: spice.Link) -> None:
        self.take_client(message.connection_id)
        if self.inits_migrated:
            self.origin.send(spice.Init(message.connection_id))
        self.origin.send(spice.MultiMediaTime())
        self.origin.send(spice.MouseMode())

    def accept_new(self) -> None:
        self.take_client(self.session_id)
        self.origin.send(spice.Init(self.session_id))

    def take_client(self, connection_id: int) -> None:
        new = self.origin.index
        if self.client >= 0:
            self.main[self.client].close()
            self.drop_channels()
        self.client = new
        self.connection_id = connection_id
        self.origin.send(spice.LinkResult(spice.LinkError.OK))

    def list_channels(self) -> None:
        self.origin.send(spice.ChannelsList())

    def lose_client(self) -> None:
        self.client = -1
        self.connection_id = 0
        self.drop_channels()

    def drop_channels(self) -> None:
        for channel in self.channels:
            channel.send(calls.Drop())

    def reject_channel(self) -> None:
        self.origin.send(calls.Reject(spice.LinkError.BAD_CONNECTION_ID))

    def admit_channel(self, message: calls.ChannelLinks) -> None:
        if not self.ticket_valid:
            self.origin.send(calls.Reject(spice.LinkError.PERMISSION_DENIED))
        elif message.connection_id != self.connection_id:
            self.reject_channel()
        elif self.connection_id == self.session_id:
            self.origin.send(calls.Start())
        else:
            self.origin.send(calls.StartSeamless())

    def load(self) -> None:
        self.loading = True

    def end_loading(self) -> None:
        self.loading = False

    def exit(self) -> None:
        """The process ends and a fresh one takes its place."""
        for socket in self.main:
            if socket.is_open:
                socket.close()
        self.drop_channels()
        self.client = -1
        self.connection_id = 0
        self.loading = False


class ProposalServerChannel(Actor):
    """One socket of a channel other than main, at a server.

    ``eager_init_wait``: the display waits for its INIT as soon as it is linked, at most 30 s (what the post warns of).
    Mutation: ``keeps_playback_status`` (the client is assumed to know it).
    """

    kind: Kind = parameter(Kind.DISPLAY)
    eager_init_wait: bool = parameter(False)
    keeps_playback_status: bool = parameter(False)

    client = Port(receives=(spice.Link, spice.ChannelInit), sends=(spice.LinkResult, spice.ChannelStart, spice.Migrate))
    server = Local(
        receives=(calls.Start, calls.StartSeamless, calls.Reject, calls.Drop, calls.SendMigrate),
        sends=(calls.ChannelLinks,),
    )

    idle = State(initial=True)
    linking = State()
    waiting = State()
    started = State()
    migrated = State()

    end_states = ("idle", "started", "migrated")

    link = idle.to(linking)
    start = linking.to(started, on="accept")
    start_seamless = linking.to(waiting, cond="waits_at_once", on="accept_and_wait") | linking.to(started, on="accept")
    reject = linking.to(idle)
    channel_init = waiting.to(started, on="go_on") | stay(started, on="ignore")
    init_limit = Timer(waiting.to(idle, on="close_socket"))
    send_migrate = started.to(migrated, on="migrate") | stay(idle, on="ignore")
    drop = idle.from_(started, migrated, on="close_socket") | stay(idle, on="ignore")
    client_closed = idle.from_(started, migrated, on="stop")

    def waits_at_once(self) -> bool:
        return self.eager_init_wait and self.kind is Kind.DISPLAY

    def ignore(self) -> None:
        """Nothing to do here."""

    def on_link(self, message: spice.Link) -> None:
        self.server.send(calls.ChannelLinks(message.connection_id))

    def on_reject(self, message: calls.Reject) -> None:
        self.client.send(spice.LinkResult(message.result))
        self.client.close()

    def accept(self) -> None:
        """The playback status is sent at once, unlike in seamless migration."""
        self.client.send(spice.LinkResult(spice.LinkError.OK))
        if self.kind.server_starts and not self.keeps_playback_status:
            self.client.send(spice.ChannelStart())

    def accept_and_wait(self) -> None:
        self.accept()
        self.arm("init_limit", after=INIT_LIMIT)

    def go_on(self) -> None:
        self.disarm("init_limit")

    def migrate(self) -> None:
        self.client.send(spice.Migrate(False))

    def close_socket(self) -> None:
        self.disarm("init_limit")
        if self.client.is_open:
            self.client.close()

    def stop(self) -> None:
        self.disarm("init_limit")
