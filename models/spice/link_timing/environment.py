"""What surrounds the SPICE server: the management application and QEMU's migration notifier (facts: SPICE 2.1)."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Actor, Between, Decision, Local, Message, Port, State, parameter, stay, variable

from . import calls

Count = Annotated[int, Between(0, 2)]
HostNumber = Annotated[int, Between(0, 3)]

#: How long a server waits, in ms: the source for the client's answer and for its leaving, a loading target's display
#: for its data (facts: SPICE 7).
WAIT_LIMIT = 10_000


class StreamEnds(Message):
    """The last byte of the migration stream: the guest runs at the destination."""


class LinkedEverywhere(Message):
    """To the environment: the client is linked to the target on every channel."""


class Management(Actor):
    """The management application: tells the source where to go, migrates, and perhaps cancels.

    ``targets``: where each attempt goes; a failed attempt is followed by the next, and so is one whose target is
    changed before it begins, if the application ``may_change_target``. ``waits_for_connect``: it migrates only
    after client_migrate_info has returned (2011 to 2015; today the command returns at once). ``waits_for_spice``:
    it begins the next attempt only after SPICE_MIGRATE_COMPLETED, as libspice-server expects.
    """

    targets: tuple[HostNumber, ...] = parameter((1,))
    hosts: int = parameter(2)
    may_cancel: bool = parameter(False)
    gives_info: bool = parameter(True)
    may_change_target: bool = parameter(False)
    waits_for_connect: bool = parameter(False)
    waits_for_spice: bool = parameter(True)

    attempt: Annotated[int, Between(0, 4)] = variable(0)
    at: HostNumber = variable(0)
    connect_returned: bool = variable(False)
    spice_completed: bool = variable(True)
    guest_runs: bool = variable(True)
    failed: bool = variable(False)

    qemu = Local(
        count="hosts",
        sends=calls.MANAGEMENT_TO_QEMU,
        receives=calls.QEMU_TO_MANAGEMENT,
    )

    ready = State(initial=True)
    informed = State()
    migrating = State()

    end_states = ("ready", "informed")

    client_migrate_info = Decision(ready.to(informed, cond="has_next and gives_info and source_is_free"))
    change_target = Decision(stay(informed, cond="has_another_target"))
    migrate = Decision(
        informed.to(migrating, cond="may_migrate") | ready.to(migrating, cond="has_next", unless="gives_info")
    )
    migrate_cancel = Decision(migrating.to(None, cond="may_cancel", on="cancel"))
    migration_completed = migrating.to(ready)
    migration_failed = migrating.to(ready)
    connect_completed = stay(informed, migrating, ready)
    spice_migrate_completed = stay(ready, migrating, informed)
    guest_resumed = stay(ready)

    @property
    def target(self) -> int:
        """Where the present attempt goes."""
        return self.targets[self.attempt]

    def has_next(self) -> bool:
        """There is another attempt to make, and the guest runs where it begins."""
        return self.attempt < len(self.targets) and self.guest_runs and self.target != self.at

    def has_another_target(self) -> bool:
        return (
            self.may_change_target
            and self.attempt + 1 < len(self.targets)
            and self.targets[self.attempt + 1] != self.at
        )

    def source_is_free(self) -> bool:
        return self.spice_completed or not self.waits_for_spice

    def may_migrate(self) -> bool:
        return self.connect_returned or not self.waits_for_connect

    def on_client_migrate_info(self) -> None:
        self.connect_returned = False
        self.qemu[self.at].send(calls.ClientMigrateInfo(self.target))

    def on_change_target(self) -> None:
        """client_migrate_info once more before any migration: the next target instead of this one."""
        self.attempt = self.attempt + 1
        self.on_client_migrate_info()

    def on_migrate(self) -> None:
        self.spice_completed = not self.gives_info
        self.qemu[self.at].send(calls.MigrateCommand(self.target))

    def cancel(self) -> None:
        self.qemu[self.at].send(calls.MigrateCancelCommand())

    def on_migration_completed(self) -> None:
        self.failed = False
        self.guest_runs = False
        self.at = self.target
        self.attempt = self.attempt + 1

    def on_migration_failed(self) -> None:
        self.failed = True
        self.spice_completed = True
        self.attempt = self.attempt + 1

    def on_connect_completed(self) -> None:
        self.connect_returned = True

    def on_spice_migrate_completed(self) -> None:
        self.spice_completed = True

    def on_guest_resumed(self) -> None:
        self.guest_runs = True


class Hypervisor(Actor):
    """QEMU on one host: runs the guest, migrates it, and notifies its SPICE server (ui/spice-core.c).

    ``may_fail``: a migration may fail by itself. ``connects_at_start``: spice_server_migrate_connect is called when
    the migration starts, not at client_migrate_info (seed 001). ``waits_for_client``: the migration takes longer
    than the client's linking. The counters stop at 2.
    """

    hosts: int = parameter(2)
    may_fail: bool = parameter(False)
    connects_at_start: bool = parameter(False)
    waits_for_client: bool = parameter(False)

    runs_guest: bool = variable(False)
    informed: bool = variable(False)
    streaming: bool = variable(False)
    client_linked: bool = variable(False)
    target: HostNumber = variable(0)
    connects: Count = variable(0)
    connect_completes: Count = variable(0)
    ends: Count = variable(0)
    end_completes: Count = variable(0)

    management = Local(
        receives=calls.MANAGEMENT_TO_QEMU,
        sends=calls.QEMU_TO_MANAGEMENT,
    )
    spice = Local(
        receives=(calls.MigrateConnectComplete, calls.MigrateEndComplete),
        sends=(calls.ServerMigrateConnect, calls.ServerMigrateStart, calls.ServerMigrateEnd),
    )
    display = Local(sends=(calls.LoadingBegins, calls.GuestStarts, calls.GuestStops, calls.ProcessExits), receives=())
    world = Local(receives=(LinkedEverywhere,))
    outgoing = Port(count="hosts", sends=(StreamEnds,))
    incoming = Port(count="hosts", receives=(StreamEnds,))

    idle = State(initial=True)
    active = State()
    loading = State()

    end_states = ("idle", "active")

    client_migrate_info = stay(idle)
    migrate_command = idle.to(active)
    migrate_cancel_command = active.to(idle, on="give_up")
    outgoing_opened = stay(active)
    complete = Decision(active.to(idle, cond="may_complete"))
    fail = Decision(active.to(idle, cond="may_fail", on="give_up"))
    migrate_connect_complete = stay(idle, active)
    migrate_end_complete = stay(idle, loading)
    linked_everywhere = stay(idle, active)
    incoming_opened = idle.to(loading)
    stream_ends = loading.to(idle)
    incoming_closed = loading.to(idle, on="exit") | stay(idle, active, on="nothing")

    def on_client_migrate_info(self, message: calls.ClientMigrateInfo) -> None:
        self.informed = True
        self.target = message.host
        if not self.connects_at_start:
            self.connect()

    def connect(self) -> None:
        self.connects = min(self.connects + 1, 2)
        self.spice.send(calls.ServerMigrateConnect(self.target))

    def on_migrate_command(self, message: calls.MigrateCommand) -> None:
        self.target = message.host
        self.streaming = False
        self.outgoing[self.target].open()
        if self.informed:
            if self.connects_at_start:
                self.connect()
            self.spice.send(calls.ServerMigrateStart(self.target))

    def may_complete(self) -> bool:
        return self.streaming and (self.client_linked or not self.waits_for_client)

    def on_linked_everywhere(self) -> None:
        self.client_linked = True

    def on_outgoing_opened(self) -> None:
        """The destination has taken the stream: it loads from now on."""
        self.streaming = True

    def on_complete(self) -> None:
        self.runs_guest = False
        self.streaming = False
        self.outgoing[self.target].send(StreamEnds())
        self.outgoing[self.target].close()
        self.display.send(calls.GuestStops())
        self.management.send(calls.MigrationCompleted())
        self.end(completed=True)

    def nothing(self) -> None:
        """The stream was read to its end before."""

    def stream_broke(self) -> None:
        self.management.send(calls.MigrationFailed())
        self.end(completed=False)

    def give_up(self) -> None:
        self.outgoing[self.target].close()
        self.stream_broke()

    def end(self, completed: bool) -> None:
        if self.informed:
            self.informed = False
            self.ends = min(self.ends + 1, 2)
            self.spice.send(calls.ServerMigrateEnd(completed))

    def on_incoming_opened(self) -> None:
        self.display.send(calls.LoadingBegins())

    def on_stream_ends(self) -> None:
        self.runs_guest = True
        self.display.send(calls.GuestStarts())
        self.management.send(calls.GuestResumed())

    def exit(self) -> None:
        self.display.send(calls.ProcessExits())

    def on_migrate_connect_complete(self) -> None:
        self.connect_completes = min(self.connect_completes + 1, 2)
        self.management.send(calls.ConnectCompleted())

    def on_migrate_end_complete(self) -> None:
        self.end_completes = min(self.end_completes + 1, 2)
        self.management.send(calls.SpiceMigrateCompleted())
