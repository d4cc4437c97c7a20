"""A channel other than main, at the client (facts: SPICE 4.2 to 4.6)."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Actor, Between, Decision, Endpoint, Local, Port, State, parameter, stay, variable

from .. import messages as spice
from . import calls
from .channels import Kind
from .session import LinkOrNone


class ClientChannel(Actor):
    """``here`` is the socket in use, ``twin`` the one to the target; -1: none.

    ``holds`` is the host whose data the channel keeps (surfaces, caches, a dictionary, an audio session), -1: none.
    ``started_by`` is the host whose first message it has handled, ``held`` that one is kept. Mutations:
    ``keeps_data`` (H09, H10), ``reads_twin``, ``initialises_at_link``. Repair: ``watches_twin`` (N13): the twin is
    read, and what it says kept for after the switch; and a channel that has lost its source fails the attempt.
    ``hears_service``: pictures or sound, which are outside the model, may come from the source at any moment.
    """

    kind: Kind = parameter(Kind.DISPLAY)
    links: int = parameter(4)
    slots: int = parameter(2)
    watches_twin: bool = parameter(False)
    keeps_data: bool = parameter(False)
    reads_twin: bool = parameter(False)
    initialises_at_link: bool = parameter(False)
    hears_service: bool = parameter(False)

    here: LinkOrNone = variable(0)
    twin: LinkOrNone = variable(-1)
    twin_up: bool = variable(False)
    holds: Annotated[int, Between(-1, 3)] = variable(0)
    started_by: Annotated[int, Between(-1, 3)] = variable(-1)
    inits: Annotated[int, Between(0, 2)] = variable(0)
    held: bool = variable(False)
    early: bool = variable(False)
    confused: bool = variable(False)

    server = Port(
        count="links",
        sends=spice.CHANNEL_FROM_CLIENT,
        receives=spice.CHANNEL_FROM_SERVER,
    )
    session = Local(
        receives=calls.SESSION_TO_CHANNEL,
        sends=calls.CHANNEL_TO_SESSION,
    )

    on_source = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()
    resetting = State()
    swapping = State()
    bouncing = State()
    connecting = State()
    absent = State()

    end_states = ("on_source", "completed", "migrating", "absent", "resetting", "swapping", "bouncing")

    link_twin = linking.from_(on_source, completed, on="open_twin") | stay(absent, bouncing, connecting, on="have_none")
    link_result = (
        linking.to(on_source, cond="has_lost_source", on="report_failed")
        | linking.to(migrating, cond="is_ok", on="report_linked")
        | linking.to(on_source, on="report_failed")
        | connecting.to(completed, cond="is_ok", on="start_session")
        | connecting.to(absent, on="give_up")
        | stay(bouncing, on_source, on="note_result")
    )
    abort_twin = (
        on_source.from_(linking, migrating, on="close_twin")
        | swapping.to(bouncing, on="close_twin")
        | stay(on_source, completed, bouncing, connecting, absent, on="close_twin")
    )
    reset = resetting.from_(completed, migrating, on="forget_source") | stay(absent, connecting, on="ignore")
    swap_twin = (
        resetting.to(completed, cond="has_twin", on="use_twin")
        | resetting.to(absent, on="close_here")
        | stay(completed, connecting, absent, on="ignore")
    )
    migrate = (
        migrating.to(swapping, cond="transfers", on="flush")
        | migrating.to(completed, on="swap")
        | bouncing.from_(on_source, completed, linking, cond="transfers", on="flush")
        | stay(on_source, on="ignore")
    )
    migrate_data = swapping.to(completed, on="swap_with_data") | bouncing.to(on_source, on="send_data_back")
    channel_start = stay(completed, on_source, linking, migrating, swapping, bouncing, resetting, absent, connecting)
    service_comes = Decision(stay(resetting, cond="may_hear_service", on="close_here_socket"))
    channel_traffic = stay(completed, on_source, linking, migrating, resetting, on="handle") | swapping.to(
        on_source, on="lose_data"
    )
    link_new = absent.to(connecting, on="open_new") | stay(on_source, completed, connecting, migrating, on="ignore")
    disconnect = absent.from_(
        on_source, migrating, completed, resetting, swapping, bouncing, connecting, on="close_here"
    ) | stay(absent, on="ignore")
    quit = absent.from_(
        on_source, linking, migrating, completed, resetting, swapping, bouncing, connecting, absent, on="close_both"
    )
    server_refused = server_closed = server_lost = (
        linking.to(on_source, cond="from_twin", on="report_failed")
        | migrating.to(on_source, cond="from_twin", on="report_failed")
        | swapping.to(bouncing, cond="from_twin", on="report_failed")
        | on_source.from_(migrating, swapping, cond="loses_source", on="report_loss")
        | connecting.to(absent, cond="from_here", on="give_up")
        | stay(connecting, on="ignore")
        | stay(
            on_source,
            completed,
            resetting,
            bouncing,
            absent,
            cond="from_twin",
            on="ignore",
        )
        | stay(on_source, linking, migrating, completed, resetting, swapping, bouncing, absent, on="lose_here")
    )

    def reads(self, port: Endpoint) -> bool:
        """A linked twin is frozen. A channel that was reset still notices that the source closes (recorded)."""
        return port.index != self.twin or not self.twin_up or self.watches_twin or self.reads_twin

    @property
    def host(self) -> int:
        """The host that serves this channel, -1: none."""
        return self.here // self.slots if self.is_in("on_source", "completed", "linking", "migrating") else -1

    def is_ok(self, message: spice.LinkResult) -> bool:
        return message.result is spice.LinkError.OK

    def has_twin(self) -> bool:
        return self.twin >= 0

    def transfers(self, message: spice.Migrate) -> bool:
        return message.transfers

    def from_twin(self) -> bool:
        return self.origin.index == self.twin

    def from_here(self) -> bool:
        return self.origin.index == self.here

    def has_lost_source(self) -> bool:
        return self.watches_twin and self.here < 0

    def loses_source(self) -> bool:
        return self.watches_twin and self.from_here()

    def may_hear_service(self) -> bool:
        """A channel that was reset closes its old connection, unread, at whatever comes next by it (recorded)."""
        return self.hears_service and self.here >= 0 and bool(self.server[self.here].is_open)

    def ignore(self) -> None:
        """Not for this state; dropped."""

    def have_none(self) -> None:
        """A channel without a connection is not migrated; it does not hold the attempt up."""
        self.session.send(calls.TwinMissing())

    def note_result(self, message: spice.LinkResult) -> None:
        """The link is up, and frozen, whatever its channel is doing."""
        self.twin_up = self.is_ok(message)

    def open_twin(self, message: calls.LinkTwin) -> None:
        self.twin = message.link
        self.twin_up = False
        self.server[self.twin].open()
        self.server[self.twin].send(spice.Link(message.connection_id))

    def report_linked(self) -> None:
        self.twin_up = True
        if self.initialises_at_link and self.kind.client_initialises:
            self.initialise(self.twin)
        self.session.send(calls.TwinLinked())

    def report_failed(self) -> None:
        self.session.send(calls.TwinFailed())

    def report_loss(self) -> None:
        """Nobody will tell this channel to go over: without it the others must not, but all connect anew."""
        self.here = -1
        self.report_failed()

    def close_twin(self) -> None:
        if self.twin >= 0:
            if self.server[self.twin].is_open:
                self.server[self.twin].close()
            self.twin = -1
            self.twin_up = False
            self.held = False

    def forget_source(self) -> None:
        if not self.keeps_data:
            self.holds = -1
        self.started_by = -1
        self.inits = 0

    def use_twin(self) -> None:
        self.close_here_socket()
        self.take_twin()
        if self.here >= 0 and self.kind.client_initialises and not self.initialises_at_link:
            self.initialise(self.here)
        if self.holds < 0 and self.here >= 0:
            self.holds = self.here // self.slots

    def take_twin(self) -> None:
        self.here = self.twin if self.server[self.twin].is_open else -1
        if self.held:
            self.held = False
            self.started_by = self.here // self.slots
        self.twin = -1
        self.twin_up = False

    def initialise(self, link: int) -> None:
        self.inits = min(self.inits + 1, 2)
        if self.server[link].is_open:
            self.server[link].send(spice.ChannelInit())

    def flush(self) -> None:
        self.server[self.here].send(spice.MigrateFlushMark())

    def go_over(self) -> None:
        """The state goes with the channel: what it held of the source, it holds of the target."""
        self.close_here_socket()
        self.take_twin()
        self.holds = self.here // self.slots

    def swap(self) -> None:
        self.go_over()
        self.session.send(calls.Swapped())

    def swap_with_data(self) -> None:
        self.go_over()
        self.server[self.here].send(spice.MigrateData())
        self.session.send(calls.Swapped())

    def send_data_back(self) -> None:
        """No twin to swap with: the data goes back to where it came from (N16)."""
        self.server[self.here].send(spice.MigrateData())

    def lose_data(self) -> None:
        """What came instead of MIGRATE_DATA is taken for it: the channel gives up and stays (H14)."""
        self.confused = True

    def on_channel_start(self) -> None:
        if self.origin.index == self.twin and self.watches_twin:
            self.held = True
        else:
            self.started_by = self.origin.index // self.slots
            self.handle()

    def handle(self) -> None:
        if self.origin.index == self.twin:
            self.early = True

    def open_new(self, message: calls.LinkNew) -> None:
        """A left-over twin may hold the link of this number; then the next one to the same host is taken."""
        host, slot = divmod(message.link, self.slots)
        if self.server[message.link].is_open:
            slot = (slot + 1) % self.slots
        self.here = host * self.slots + slot
        self.server[self.here].open()
        self.server[self.here].send(spice.Link(message.connection_id))

    def start_session(self) -> None:
        self.holds = self.here // self.slots
        self.inits = 0
        self.started_by = -1
        if self.kind.client_initialises:
            self.initialise(self.here)
        self.session.send(calls.ChannelSettled())

    def give_up(self) -> None:
        self.here = -1
        self.session.send(calls.ChannelSettled())

    def lose_here(self) -> None:
        if self.origin.index == self.here:
            self.here = -1

    def close_here_socket(self) -> None:
        if self.here >= 0 and self.server[self.here].is_open:
            self.server[self.here].close()
        self.here = -1

    def close_here(self) -> None:
        self.close_here_socket()
        self.holds = -1
        self.started_by = -1

    def close_both(self) -> None:
        self.close_here()
        self.close_twin()
