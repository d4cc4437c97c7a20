"""spice-gtk's session with its main channel: what the client does about a handover (facts: SPICE 4)."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Decision,
    Endpoint,
    Local,
    Port,
    State,
    Task,
    Timer,
    parameter,
    stay,
    variable,
)

from .. import messages as spice
from . import calls
from .environment import HostNumber

#: How long our client tries to link to a target, in ms; shipped clients have no such limit (facts: SPICE 7).
LINK_LIMIT = 10_000

LinkOrNone = Annotated[int, Between(-1, 31)]
Count = Annotated[int, Between(0, 16)]


class ClientSession(Actor):
    """The session and its main channel. ``here`` is the main socket in use, ``twin`` the one to the target.

    It is served (*on_source*, *completed* after a handover, *cancelled* after CANCEL), *linking* to a target,
    *migrating* when linked on every channel; then *arriving* (END), or *swapping* and *handing_over* (MIGRATE).
    SWITCH_HOST makes it *leaving*, then *switching* to a new connection. Links are numbered host × slots + slot.

    ``target_seamless``: the target announces seamless migration. ``read_only``: N11. ``may_quit``: the user may
    leave. Repairs: ``reads_while_linking`` (N14; with a limit on linking), ``watches_twin`` (N13),
    ``aborts_previous`` (N20, N21), ``restores_endpoint`` (N12), ``waits_for_channels`` (a BEGIN that comes before a
    new session has its channels is declined; one that was refused is not waited for). Mutations:
    ``keeps_connection_id`` (H05), ``forgets_channel`` on CANCEL.
    """

    links: int = parameter(4)
    slots: int = parameter(2)
    channel_count: int = parameter(2)
    target_seamless: bool = parameter(True)
    read_only: bool = parameter(False)
    may_quit: bool = parameter(False)
    reads_while_linking: bool = parameter(False)
    watches_twin: bool = parameter(False)
    aborts_previous: bool = parameter(False)
    restores_endpoint: bool = parameter(False)
    waits_for_channels: bool = parameter(False)
    keeps_connection_id: bool = parameter(False)
    forgets_channel: bool = parameter(False)
    reads_twin: bool = parameter(False)

    here: LinkOrNone = variable(0)
    twin: LinkOrNone = variable(-1)
    old: LinkOrNone = variable(-1)
    endpoint: HostNumber = variable(0)
    source: HostNumber = variable(0)
    target: HostNumber = variable(0)
    connection_id: spice.ConnectionId = variable(1)
    slot: Annotated[int, Between(0, 7)] = variable(0)
    attempt: spice.Attempt = variable(0)
    twin_up: bool = variable(False)
    wants_seamless: bool = variable(False)
    handshake: bool = variable(False)
    agreed: bool = variable(False)
    unlinked: Count = variable(0)
    missing: Count = variable(0)
    unswapped: Count = variable(0)
    unready: Count = variable(0)
    declined: bool = variable(False)
    confused: bool = variable(False)

    main = Port(
        count="links",
        sends=spice.MAIN_FROM_CLIENT,
        receives=spice.MAIN_FROM_SERVER,
    )
    channels = Local(
        count="channel_count",
        sends=calls.SESSION_TO_CHANNEL,
        receives=calls.CHANNEL_TO_SESSION,
    )

    on_source = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()
    cancelled = State()
    arriving = State()
    swapping = State()
    handing_over = State()
    leaving = State()
    switching = State()
    lost = State(final=True)
    closed = State(final=True)

    end_states = ("on_source", "completed", "cancelled", "migrating", "lost", "closed")

    connect = Decision(on_source.to(switching, cond="has_never_connected"))
    migrate_begin = (
        stay(completed, cond="must_decline", on="decline")
        | linking.from_(on_source, completed, cancelled, on="link_target")
        | linking.from_(linking, migrating, cond="aborts_previous", on="link_target")
        | stay(migrating, on="decline")
    )
    migrate_begin_seamless = (
        stay(completed, cond="must_decline", on="decline")
        | linking.from_(on_source, completed, cancelled, on="link_target_seamless")
        | linking.from_(linking, migrating, cond="aborts_previous", on="link_target_seamless")
        | stay(migrating, handing_over, on="decline")
        | stay(leaving, on="ignore")
    )
    link_result = (
        stay(linking, cond="is_ok", on="link_channels")
        | linking.to(on_source, on="fail")
        | stay(switching, cond="is_ok", on="ignore")
        | switching.to(lost, on="close_everything")
    )
    migrate_dst_seamless_ack = stay(linking, on="note_ack")
    migrate_dst_seamless_nack = stay(linking, on="note_nack")
    twin_linked = stay(linking, on="count_linked") | stay(on_source, on="ignore")
    twin_missing = stay(linking, on="count_missing")
    twin_failed = (
        linking.to(on_source, on="fail")
        | migrating.to(on_source, on="fail_later")
        | leaving.from_(swapping, handing_over, on="leave_for_target")
        | stay(on_source, leaving, on="ignore")
    )
    linking.to(migrating, cond="is_linked", on="report")
    link_limit = Timer(linking.to(on_source, on="fail"))

    migrate_cancel = (
        migrating.to(cancelled, cond="is_present_attempt", on="abort")
        | linking.to(cancelled, cond="is_present_attempt", on="abort")
        | stay(leaving, swapping, on="abort")
        | stay(linking, migrating, on_source, completed, cancelled, on="ignore")
    )
    migrate_switch_host = leaving.from_(
        on_source, completed, cancelled, migrating, linking, handing_over, on="prepare_to_leave"
    ) | stay(leaving, on="prepare_to_leave")
    reconnect = Task(leaving.to(switching))
    migrate_end = (
        migrating.to(arriving, on="go_over")
        | linking.to(leaving, on="leave_unlinked")
        | on_source.to(leaving, cond="watches_twin", on="leave_for_target")
        | stay(on_source, cancelled, on="be_confused")
    )
    init = arriving.to(completed, on="swap_channels") | switching.to(completed, on="attach")
    channels_list = stay(on_source, completed, cancelled, migrating, on="link_channels_listed") | stay(
        leaving, on="ignore"
    )
    migrate = (
        migrating.to(swapping, on="flush")
        | linking.to(leaving, on="leave_unlinked")
        | on_source.to(leaving, cond="watches_twin", on="leave_for_target")
        | swapping.from_(on_source, cancelled, on="flush")
    )
    migrate_data = (
        swapping.to(on_source, unless="has_twin", on="send_data_back")
        | swapping.to(handing_over, on="swap_main")
        | stay(leaving, on="ignore")
    )
    swapped = stay(migrating, swapping, handing_over, on="count_swapped") | stay(leaving, linking, on="ignore")
    handing_over.to(completed, cond="all_swapped")
    close_old = Task(stay(completed, linking, on_source, cancelled, cond="has_old"))
    channel_settled = stay(
        on_source, completed, cancelled, linking, migrating, leaving, arriving, swapping, handing_over, on="count_ready"
    )
    multi_media_time = stay(handing_over, completed, leaving, on="ignore")

    main_closed = main_lost = main_refused = (
        linking.to(on_source, cond="from_twin", on="fail")
        | migrating.to(on_source, cond="from_twin", on="fail_later")
        | stay(completed, leaving, switching, cond="from_twin", on="forget_twin")
        | stay(
            on_source, completed, cancelled, linking, migrating, handing_over, leaving, cond="from_old", on="forget_old"
        )
        | arriving.to(switching, cond="watches_twin", on="connect_anew")
        | lost.from_(
            on_source,
            completed,
            cancelled,
            migrating,
            arriving,
            swapping,
            handing_over,
            switching,
            on="close_everything",
        )
        | leaving.to(switching, on="connect_anew")
    )
    quit = Decision(
        closed.from_(
            on_source,
            completed,
            cancelled,
            linking,
            migrating,
            arriving,
            swapping,
            handing_over,
            leaving,
            switching,
            cond="may_quit",
        )
    )

    def reads(self, port: Endpoint) -> bool:
        """BEGIN suspends the source's main channel until the attempt ends; a linked twin is frozen."""
        if port.index == self.twin:
            frozen = self.twin_up and not self.handshake
            return not frozen or self.watches_twin or self.reads_twin
        if self.is_in("linking"):
            return self.reads_while_linking or port.index == self.old
        return True

    @property
    def host(self) -> int:
        """The host that serves the main channel, -1: none."""
        return self.here // self.slots if self.is_served else -1

    @property
    def is_served(self) -> bool:
        """Whether the main channel is in service."""
        return self.is_in("on_source", "completed", "cancelled", "linking", "migrating")

    @property
    def has_quit(self) -> bool:
        """Whether the user has left."""
        return self.is_in("closed")

    def has_never_connected(self) -> bool:
        return self.here < 0

    def must_decline(self) -> bool:
        """A migration session is left over from an attempt that was never aborted (N20), or channels are missing
        yet.
        """
        return (self.twin >= 0 and not self.aborts_previous) or self.unready > 0

    def is_ok(self, message: spice.LinkResult) -> bool:
        return message.result is spice.LinkError.OK

    def is_linked(self) -> bool:
        return self.twin_up and not self.handshake and self.unlinked == 0

    def is_present_attempt(self, message: spice.MigrateCancel) -> bool:
        return message.attempt == self.attempt

    def has_twin(self) -> bool:
        return self.twin >= 0

    def has_old(self) -> bool:
        return self.old >= 0

    def all_swapped(self) -> bool:
        return self.unswapped == 0

    def from_twin(self) -> bool:
        return self.origin.index == self.twin

    def from_old(self) -> bool:
        return self.origin.index == self.old

    def ignore(self) -> None:
        """Not for this state; dropped."""

    def be_confused(self) -> None:
        """END without a target to go to."""
        self.confused = True

    def decline(self, message: spice.MigrateBegin | spice.MigrateBeginSeamless) -> None:
        self.declined = True
        self.main[self.here].send(spice.MigrateConnectError(message.attempt))

    def link_target(self, message: spice.MigrateBegin) -> None:
        self.wants_seamless = False
        self.start_linking(message)

    def link_target_seamless(self, message: spice.MigrateBeginSeamless) -> None:
        self.wants_seamless = True
        self.start_linking(message)

    def start_linking(self, message: spice.MigrateBegin | spice.MigrateBeginSeamless) -> None:
        """Main first; the other channels follow when it is linked."""
        if self.twin >= 0:
            self.abort()
        self.attempt = message.attempt
        self.source = self.here // self.slots
        self.target = message.host
        self.slot = (self.slot + 1) % self.slots
        self.twin = message.host * self.slots + self.slot
        self.agreed = False
        self.twin_up = False
        self.handshake = False
        self.unlinked = 0
        self.main[self.twin].open()
        self.main[self.twin].send(spice.Link(self.connection_id))
        if self.reads_while_linking:
            self.arm("link_limit", after=LINK_LIMIT)

    def link_channels(self) -> None:
        self.twin_up = True
        if self.wants_seamless and self.target_seamless:
            self.handshake = True
            self.main[self.twin].send(spice.MigrateDstDoSeamless())
        self.unlinked = self.channel_count
        self.missing = 0
        for channel in self.channels:
            channel.send(calls.LinkTwin(self.twin, self.connection_id))

    def note_ack(self) -> None:
        self.handshake = False
        self.agreed = True

    def note_nack(self) -> None:
        self.handshake = False

    def count_linked(self) -> None:
        self.unlinked = self.unlinked - 1

    def count_missing(self) -> None:
        self.count_linked()
        if self.waits_for_channels:
            self.missing = self.missing + 1

    def report(self) -> None:
        """Linked everywhere: from now on the session names the target (N12), which CANCEL does not take back."""
        self.disarm("link_limit")
        if not self.restores_endpoint:
            self.endpoint = self.target
        self.unswapped = self.channel_count - self.missing
        if not self.agreed:
            self.main[self.here].send(spice.MigrateConnected(self.attempt))
        elif not self.read_only:
            self.main[self.here].send(spice.MigrateConnectedSeamless(self.attempt))

    def fail(self) -> None:
        self.abort()
        self.main[self.here].send(spice.MigrateConnectError(self.attempt))

    def fail_later(self) -> None:
        """The target is gone after all: the source must not rely on it."""
        self.endpoint = self.source
        self.fail()

    def abort(self) -> None:
        """Close every link to the target."""
        self.disarm("link_limit")
        if self.twin >= 0:
            if self.main[self.twin].is_open:
                self.main[self.twin].close()
            self.twin = -1
            self.twin_up = False
            self.handshake = False
            self.agreed = False
            for index, channel in enumerate(self.channels):
                if not (self.forgets_channel and index == 0):
                    channel.send(calls.AbortTwin())

    def prepare_to_leave(self, message: spice.MigrateSwitchHost) -> None:
        """The reconnection is done in idle; what the source sent behind SWITCH_HOST is still read."""
        if self.aborts_previous:
            self.abort()
        self.endpoint = message.host
        self.target = message.host

    def leave_for_target(self) -> None:
        self.endpoint = self.target

    def leave_unlinked(self) -> None:
        """The source takes the client for linked, which it is not yet (N01, N02): it connects to the target anew."""
        self.disarm("link_limit")
        if self.aborts_previous:
            self.abort()
        self.leave_for_target()

    def on_connect(self) -> None:
        """The user's first connection."""
        self.connect_anew()

    def on_reconnect(self) -> None:
        if self.main[self.here].is_open:
            self.main[self.here].close()
        self.connect_anew()

    def connect_anew(self) -> None:
        """A new session at the named host. A left-over attempt is not aborted (N20)."""
        if self.aborts_previous:
            self.abort()
        if self.old >= 0:
            self.on_close_old()
        for channel in self.channels:
            channel.send(calls.Disconnect())
        if self.waits_for_channels:
            self.unready = self.channel_count
        if not self.keeps_connection_id:
            self.connection_id = 0
        self.slot = (self.slot + 1) % self.slots
        self.here = self.endpoint * self.slots + self.slot
        self.main[self.here].open()
        self.main[self.here].send(spice.Link(self.connection_id))

    def attach(self, message: spice.Init) -> None:
        self.connection_id = message.session_id
        self.main[self.here].send(spice.AttachChannels())

    def link_channels_listed(self) -> None:
        """Every listed channel that is not linked yet is linked to the host that the session names."""
        for channel in self.channels:
            channel.send(calls.LinkNew(self.endpoint * self.slots + self.slot, self.connection_id))

    def go_over(self) -> None:
        """END: nothing of the source is kept but the picture on the screen; the target is told."""
        for channel in self.channels:
            channel.send(calls.Reset())
        self.main[self.here].close()
        self.take_twin()
        self.main[self.here].send(spice.MigrateEnd())

    def take_twin(self) -> None:
        """The main channel goes on at the target."""
        self.endpoint = self.target
        self.here = self.twin
        self.twin = -1
        self.twin_up = False

    def swap_channels(self, message: spice.Init) -> None:
        self.connection_id = message.session_id
        for channel in self.channels:
            channel.send(calls.SwapTwin())

    def flush(self) -> None:
        """MIGRATE while no migration is prepared is obeyed all the same (N16)."""
        self.main[self.here].send(spice.MigrateFlushMark())

    def send_data_back(self) -> None:
        self.main[self.here].send(spice.MigrateData())

    def swap_main(self) -> None:
        """The old socket is closed a little later (N19)."""
        self.old = self.here
        self.take_twin()
        self.main[self.here].send(spice.MigrateData())

    def count_ready(self) -> None:
        if self.unready > 0:
            self.unready = self.unready - 1

    def count_swapped(self) -> None:
        self.unswapped = self.unswapped - 1

    def on_close_old(self) -> None:
        if self.main[self.old].is_open:
            self.main[self.old].close()
        self.old = -1

    def forget_twin(self) -> None:
        self.twin_up = False

    def forget_old(self) -> None:
        self.old = -1

    def on_quit(self) -> None:
        self.close_everything()

    def close_everything(self) -> None:
        self.disarm("link_limit")
        for socket in self.main:
            if socket.is_open:
                socket.close()
        self.twin = -1
        self.old = -1
        for channel in self.channels:
            channel.send(calls.Quit())
