"""The client of the 2011 proposal, to the letter of the post (seed 001, "Spice client")."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Endpoint,
    Local,
    Port,
    State,
    Task,
    parameter,
    stay,
    variable,
)

from .. import messages as spice
from . import calls
from .channels import Kind
from .environment import HostNumber, LinkedEverywhere
from .session import Count, LinkOrNone


class ProposalSession(Actor):
    """The main channel. SWITCH_HOST at migration start: link; MIGRATE at its end: switch; CANCEL: drop the target.

    ``old``: a client of 2010, which disconnects and reconnects when it gets SWITCH_HOST.
    ``source_is_new``: the source announced that its SWITCH_HOST comes at the start (the capability); without a
    capability a new client cannot know (``has_capability`` False) and takes every SWITCH_HOST for "link now".
    """

    links: int = parameter(4)
    slots: int = parameter(2)
    channel_count: int = parameter(2)
    old: bool = parameter(False)
    source_is_new: bool = parameter(True)
    has_capability: bool = parameter(True)
    reads_twin: bool = parameter(False)
    forgets_channel: bool = parameter(False)

    here: LinkOrNone = variable(0)
    twin: LinkOrNone = variable(-1)
    connection_id: spice.ConnectionId = variable(1)
    slot: Annotated[int, Between(0, 7)] = variable(0)
    unlinked: Count = variable(0)
    target: HostNumber = variable(0)
    twin_up: bool = variable(False)
    early: bool = variable(False)
    confused: bool = variable(False)
    inits: Annotated[int, Between(0, 2)] = variable(0)
    has_time: bool = variable(False)
    has_mouse_mode: bool = variable(False)

    main = Port(
        count="links",
        sends=spice.PROPOSAL_FROM_CLIENT,
        receives=spice.PROPOSAL_FROM_SERVER,
    )
    channels = Local(
        count="channel_count",
        sends=(calls.LinkTwin, calls.AbortTwin, calls.LinkNew, calls.Disconnect),
        receives=(calls.TwinLinked, calls.TwinFailed),
    )
    world = Local(sends=(LinkedEverywhere,))

    on_source = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()
    cancelled = State()
    leaving = State()
    switching = State()
    lost = State(final=True)

    end_states = ("on_source", "migrating", "completed", "cancelled", "lost")

    migrate_switch_host = linking.from_(on_source, cond="links_now", on="link_target") | leaving.from_(
        on_source, on="prepare_to_leave"
    )
    link_result = (
        stay(linking, cond="is_ok", on="link_channels")
        | linking.to(on_source, on="fail")
        | stay(switching, cond="is_ok", on="ignore")
    )
    twin_linked = stay(linking, on="count_linked") | stay(on_source, cancelled, on="ignore")
    twin_failed = linking.to(on_source, on="fail") | stay(on_source, cancelled, on="ignore")
    linking.to(migrating, cond="is_linked", on="tell_the_world")
    migrate_cancel = (
        cancelled.from_(linking, migrating, on="abort") | stay(leaving, on="ignore") | stay(on_source, on="ignore")
    )
    migrate = (
        migrating.to(completed, on="switch") | stay(on_source, linking, on="be_confused") | stay(leaving, on="ignore")
    )
    multi_media_time = stay(completed, on="note_time") | stay(linking, migrating, on="hear_early")
    mouse_mode = stay(completed, on="note_mouse_mode") | stay(linking, migrating, on="hear_early")
    init = switching.to(completed, on="attach") | stay(completed, on="note_init")
    channels_list = stay(completed, on="link_channels_listed")
    reconnect = Task(leaving.to(switching))
    main_closed = main_refused = linking.to(on_source, cond="from_twin", on="fail") | lost.from_(
        completed, switching, on="lose"
    )

    def reads(self, port: Endpoint) -> bool:
        """The client "doesn't listen to the target sockets" but for the answers to its links."""
        return port.index != self.twin or not self.twin_up or self.reads_twin

    @property
    def host(self) -> int:
        """The host that serves the main channel, -1: none."""
        served = self.is_in("on_source", "linking", "migrating", "completed", "cancelled")
        return self.here // self.slots if served else -1

    @property
    def has_quit(self) -> bool:
        """Nobody leaves of their own accord here."""
        return False

    def links_now(self) -> bool:
        if self.old:
            return False
        return self.source_is_new or not self.has_capability

    def is_ok(self, message: spice.LinkResult) -> bool:
        return message.result is spice.LinkError.OK

    def is_linked(self) -> bool:
        return self.twin_up and self.unlinked == 0

    def from_twin(self) -> bool:
        return self.origin.index == self.twin

    def ignore(self) -> None:
        """Not for this state."""

    def be_confused(self) -> None:
        """MIGRATE before the target is linked: "nothing in the post says what happens then". It is dropped."""
        self.confused = True

    def hear_early(self) -> None:
        self.early = True

    def link_target(self, message: spice.MigrateSwitchHost) -> None:
        """The link carries the connection id of the connection to the source."""
        self.target = message.host
        self.slot = (self.slot + 1) % self.slots
        self.twin = message.host * self.slots + self.slot
        self.twin_up = False
        self.unlinked = 0
        self.main[self.twin].open()
        self.main[self.twin].send(spice.Link(self.connection_id))

    def link_channels(self) -> None:
        self.twin_up = True
        self.unlinked = self.channel_count
        for channel in self.channels:
            channel.send(calls.LinkTwin(self.twin, self.connection_id))

    def count_linked(self) -> None:
        self.unlinked = self.unlinked - 1

    def tell_the_world(self) -> None:
        self.world.send(LinkedEverywhere())

    def fail(self) -> None:
        """The post has no message for it."""
        self.abort()

    def abort(self) -> None:
        if self.main[self.twin].is_open:
            self.main[self.twin].close()
        self.twin = -1
        self.twin_up = False
        for index, channel in enumerate(self.channels):
            if not (self.forgets_channel and index == 0):
                channel.send(calls.AbortTwin())

    def switch(self) -> None:
        """Everything that depends on the server is reset, then the target is listened to."""
        self.main[self.here].close()
        self.here = self.twin
        self.twin = -1
        self.twin_up = False
        self.has_time = False
        self.has_mouse_mode = False

    def note_time(self) -> None:
        self.has_time = True

    def note_mouse_mode(self) -> None:
        self.has_mouse_mode = True

    def note_init(self) -> None:
        self.inits = min(self.inits + 1, 2)

    def prepare_to_leave(self, message: spice.MigrateSwitchHost) -> None:
        self.target = message.host

    def on_reconnect(self) -> None:
        self.main[self.here].close()
        self.connect_anew()

    def connect_anew(self) -> None:
        for channel in self.channels:
            channel.send(calls.Disconnect())
        self.connection_id = 0
        self.slot = (self.slot + 1) % self.slots
        self.here = self.target * self.slots + self.slot
        self.main[self.here].open()
        self.main[self.here].send(spice.Link(0))

    def attach(self, message: spice.Init) -> None:
        self.connection_id = message.session_id
        self.main[self.here].send(spice.AttachChannels())

    def link_channels_listed(self) -> None:
        for channel in self.channels:
            channel.send(calls.LinkNew(self.here, self.connection_id))

    def lose(self) -> None:
        for socket in self.main:
            if socket.is_open:
                socket.close()
        self.twin = -1
        for channel in self.channels:
            channel.send(calls.Disconnect())


class ProposalChannel(Actor):
    """A channel other than main: linked beside the source, switched by its own MIGRATE.

    Mutations: ``keeps_data``, ``reads_twin``, ``initialises_at_link``.
    """

    kind: Kind = parameter(Kind.DISPLAY)
    links: int = parameter(4)
    slots: int = parameter(2)
    keeps_data: bool = parameter(False)
    reads_twin: bool = parameter(False)
    initialises_at_link: bool = parameter(False)

    here: LinkOrNone = variable(0)
    twin: LinkOrNone = variable(-1)
    twin_up: bool = variable(False)
    holds: Annotated[int, Between(-1, 3)] = variable(0)
    started_by: Annotated[int, Between(-1, 3)] = variable(-1)
    inits: Annotated[int, Between(0, 2)] = variable(0)
    early: bool = variable(False)

    server = Port(
        count="links",
        sends=(spice.Link, spice.ChannelInit),
        receives=(spice.LinkResult, spice.ChannelStart, spice.Migrate),
    )
    session = Local(
        receives=(calls.LinkTwin, calls.AbortTwin, calls.LinkNew, calls.Disconnect),
        sends=(calls.TwinLinked, calls.TwinFailed),
    )

    on_source = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()
    connecting = State()
    absent = State()

    end_states = ("on_source", "migrating", "completed", "absent")

    link_twin = linking.from_(on_source, on="open_twin")
    link_result = (
        linking.to(migrating, cond="is_ok", on="report_linked")
        | linking.to(on_source, on="report_failed")
        | connecting.to(completed, cond="is_ok", on="start_session")
        | connecting.to(absent)
    )
    abort_twin = on_source.from_(linking, migrating, on="close_twin") | stay(on_source, on="close_twin")
    migrate = migrating.to(completed, on="switch") | stay(on_source, linking, on="ignore")
    channel_start = stay(migrating, completed)
    link_new = absent.to(connecting, on="open_new")
    disconnect = absent.from_(on_source, completed, connecting, absent, on="close_both")
    server_refused = server_closed = stay(on_source, migrating, completed, absent, on="lose_here")

    def reads(self, port: Endpoint) -> bool:
        """Not the target, before the switch."""
        return port.index != self.twin or not self.twin_up or self.reads_twin

    @property
    def host(self) -> int:
        """The host that serves this channel, -1: none."""
        return self.here // self.slots if self.is_in("on_source", "linking", "migrating", "completed") else -1

    def is_ok(self, message: spice.LinkResult) -> bool:
        return message.result is spice.LinkError.OK

    def ignore(self) -> None:
        """It is linked already, or has nothing to switch to."""

    def open_twin(self, message: calls.LinkTwin) -> None:
        self.twin = message.link
        self.twin_up = False
        self.server[self.twin].open()
        self.server[self.twin].send(spice.Link(message.connection_id))

    def report_linked(self) -> None:
        self.twin_up = True
        if self.initialises_at_link and self.kind.client_initialises:
            self.server[self.twin].send(spice.ChannelInit())
        self.session.send(calls.TwinLinked())

    def report_failed(self) -> None:
        self.session.send(calls.TwinFailed())

    def close_twin(self) -> None:
        if self.twin >= 0:
            if self.server[self.twin].is_open:
                self.server[self.twin].close()
            self.twin = -1
            self.twin_up = False

    def switch(self) -> None:
        """(B)(1) what depends on the server is destroyed; (B)(2) what is sent on connect is sent now."""
        if not self.keeps_data:
            self.holds = -1
        self.started_by = -1
        self.inits = 0
        self.close_here()
        self.here = self.twin
        self.twin = -1
        self.twin_up = False
        if self.kind.client_initialises and not self.initialises_at_link:
            self.initialise()
        if self.holds < 0:
            self.holds = self.here // self.slots

    def initialise(self) -> None:
        self.inits = min(self.inits + 1, 2)
        self.server[self.here].send(spice.ChannelInit())

    def on_channel_start(self) -> None:
        self.started_by = self.origin.index // self.slots
        if self.origin.index == self.twin:
            self.early = True

    def open_new(self, message: calls.LinkNew) -> None:
        self.here = message.link
        self.server[self.here].open()
        self.server[self.here].send(spice.Link(message.connection_id))

    def start_session(self) -> None:
        self.holds = self.here // self.slots
        self.inits = 0
        self.started_by = -1
        if self.kind.client_initialises:
            self.initialise()

    def lose_here(self) -> None:
        if self.origin.index == self.here:
            self.here = -1

    def close_here(self) -> None:
        if self.here >= 0 and self.server[self.here].is_open:
            self.server[self.here].close()
        self.here = -1

    def close_both(self) -> None:
        self.close_here()
        self.close_twin()
        self.holds = -1
