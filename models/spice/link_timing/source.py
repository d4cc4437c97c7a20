"""The source's side of libspice-server: tells the client to link, and at the end to go (facts: SPICE 2.2 to 2.6)."""

from __future__ import annotations

from switchover.models.language import Actor, Local, State, Timer, parameter, stay, variable

from ..messages import Attempt
from . import calls
from .environment import WAIT_LIMIT, HostNumber


class SourceServer(Actor):
    """reds as the source of a migration: BEGIN, CONNECTED, END, CANCEL, with SWITCH_HOST when the client is not
    linked.

    Parameters: ``client_follows`` and ``client_seamless`` are what the client announced (capabilities
    SEMI_SEAMLESS_MIGRATE and SEAMLESS_MIGRATE), ``seamless`` the server's option. Repairs: ``resets_seamless``
    (N01), ``numbers_attempts`` (N02), ``remembers_switch`` (N09, and f2: whoever is in service here after the guest
    has left is sent after it), ``hears_late_errors`` (N13), ``cancels_linking`` (N14). Mutations: ``keeps_waiting``
    (H27), ``counts_twice`` (H28), ``forgets_fallback`` (no SWITCH_HOST), ``takes_errors_for_success``.
    """

    client_follows: bool = parameter(True)
    client_seamless: bool = parameter(False)
    seamless: bool = parameter(False)
    resets_seamless: bool = parameter(False)
    numbers_attempts: bool = parameter(False)
    remembers_switch: bool = parameter(False)
    hears_late_errors: bool = parameter(False)
    cancels_linking: bool = parameter(False)
    keeps_waiting: bool = parameter(False)
    counts_twice: bool = parameter(False)
    forgets_fallback: bool = parameter(False)
    takes_errors_for_success: bool = parameter(False)

    target: HostNumber = variable(0)
    present: bool = variable(False)
    arriving: bool = variable(False)
    waits_for_reply: bool = variable(False)
    connected: bool = variable(False)
    postponed: bool = variable(False)
    guest_left: bool = variable(False)
    src_do_seamless: bool = variable(False)
    attempt: Attempt = variable(0)

    qemu = Local(
        receives=(calls.ServerMigrateConnect, calls.ServerMigrateStart, calls.ServerMigrateEnd),
        sends=(calls.MigrateConnectComplete, calls.MigrateEndComplete),
    )
    client = Local(
        receives=calls.CLIENTS_TO_SOURCE,
        sends=calls.SOURCE_TO_CLIENTS,
    )

    idle = State(initial=True)
    linking = State()
    migrating = State()
    completed = State()

    server_migrate_connect = (
        idle.to(linking, cond="must_wait", on="begin")
        | linking.from_(linking, migrating, cond="must_wait", on="begin_again")
        | migrating.from_(idle, migrating, on="begin_nothing")
    )
    server_migrate_start = stay(linking, migrating, on="ignore")
    replied = (
        stay(linking, cond="answers_begin and counts_twice", on="note_reply")
        | linking.to(migrating, cond="answers_begin", on="note_reply_and_return")
        | stay(idle, linking, migrating, completed, on="note_late_reply")
    )
    connect_limit = Timer(linking.to(migrating, on="give_up_waiting"))
    server_migrate_end = (
        linking.to(completed, cond="is_completed and present", on="send_away")
        | linking.to(idle, on="call_off")
        | migrating.to(completed, cond="is_completed and present", on="send_away")
        | migrating.to(idle, unless="present", on="end_without_client")
        | migrating.to(idle, on="call_off")
    )
    disconnect_limit = Timer(completed.to(idle, on="drop_clients"))
    client_arrives = stay(idle, migrating)
    client_attached = stay(idle, linking, migrating, completed, on="attach_and_begin")
    loading_begins = stay(idle, completed)
    client_left = (
        completed.to(idle, on="leave_and_finish")
        | linking.to(migrating, on="leave_and_return")
        | stay(idle, migrating, on="leave")
    )

    def must_wait(self) -> bool:
        """Some client will be asked to link, now or as soon as it has arrived."""
        return self.present and self.client_follows

    def tries_seamless(self) -> bool:
        return self.seamless and self.client_seamless

    def is_completed(self, message: calls.ServerMigrateEnd) -> bool:
        return message.completed

    def answers_begin(self, message: calls.Replied) -> bool:
        if not self.waits_for_reply:
            return False
        return not self.numbers_attempts or message.attempt == self.attempt

    def ignore(self) -> None:
        """It has no effect in libspice-server either."""

    def begin(self, message: calls.ServerMigrateConnect) -> None:
        self.target = message.host
        self.connected = False
        if self.numbers_attempts:
            self.attempt = (self.attempt + 1) % 8
        if self.resets_seamless:
            self.src_do_seamless = False
        self.arm("connect_limit", after=WAIT_LIMIT)
        if self.arriving:
            self.postponed = True
        else:
            self.send_begin()

    def send_begin(self) -> None:
        self.waits_for_reply = True
        self.client.send(calls.SendBegin(self.target, self.tries_seamless(), self.attempt))

    def begin_again(self, message: calls.ServerMigrateConnect) -> None:
        """A connect while the last one has not ended: the client is told that the last one is off."""
        if self.connected or (self.cancels_linking and self.waits_for_reply):
            self.client.send(calls.SendCancel(self.attempt))
        self.waits_for_reply = False
        self.begin(message)

    def begin_nothing(self, message: calls.ServerMigrateConnect) -> None:
        """Nobody to wait for. The target is kept for SWITCH_HOST."""
        self.target = message.host
        self.connected = False
        if self.resets_seamless:
            self.src_do_seamless = False
        self.qemu.send(calls.MigrateConnectComplete())

    def note_reply(self, message: calls.Replied) -> None:
        self.waits_for_reply = False
        self.connected = message.connected or self.takes_errors_for_success
        self.src_do_seamless = message.seamless

    def note_reply_and_return(self, message: calls.Replied) -> None:
        self.note_reply(message)
        self.disarm("connect_limit")
        self.qemu.send(calls.MigrateConnectComplete())

    def note_late_reply(self, message: calls.Replied) -> None:
        """No one waits for it: CONNECTED is answered with CANCEL, CONNECT_ERROR not at all."""
        if message.connected:
            self.client.send(calls.SendCancel(message.attempt))
        elif self.hears_late_errors and message.attempt == self.attempt:
            self.connected = False

    def give_up_waiting(self) -> None:
        """10 s without an answer. The client is told nothing; a client that is still arriving here is dropped."""
        self.waits_for_reply = False
        self.connected = False
        self.postponed = False
        self.qemu.send(calls.MigrateConnectComplete())
        self.client.send(calls.DisconnectArriving())

    def send_away(self) -> None:
        """The guest has gone: so must the client."""
        if self.is_armed("connect_limit"):
            self.disarm("connect_limit")
            if not self.keeps_waiting:
                self.qemu.send(calls.MigrateConnectComplete())
        if not self.keeps_waiting:
            self.arm("disconnect_limit", after=WAIT_LIMIT)
        self.waits_for_reply = False
        self.guest_left = self.remembers_switch
        if self.remembers_switch and self.arriving:
            self.postponed = False
        elif self.src_do_seamless:
            self.client.send(calls.SendMigrate())
        elif self.connected:
            self.client.send(calls.SendEnd())
        elif not self.forgets_fallback:
            self.client.send(calls.SendSwitchHost(self.target))

    def call_off(self) -> None:
        """The migration failed or was cancelled: a client that is linked to the target is told to drop it."""
        if self.is_armed("connect_limit"):
            self.disarm("connect_limit")
            self.qemu.send(calls.MigrateConnectComplete())
        if self.connected or (self.cancels_linking and self.waits_for_reply):
            self.client.send(calls.SendCancel(self.attempt))
        self.waits_for_reply = False
        self.connected = False

    def end_without_client(self, message: calls.ServerMigrateEnd) -> None:
        self.guest_left = self.remembers_switch and message.completed
        if self.is_armed("connect_limit"):
            self.disarm("connect_limit")
            self.qemu.send(calls.MigrateConnectComplete())
        self.qemu.send(calls.MigrateEndComplete())

    def drop_clients(self) -> None:
        """10 s after the end somebody is still here."""
        self.client.send(calls.DisconnectClient())
        self.present = False
        self.arriving = False
        self.qemu.send(calls.MigrateEndComplete())

    def on_loading_begins(self) -> None:
        self.guest_left = False

    def on_client_arrives(self) -> None:
        self.present = True
        self.arriving = True

    def attach_and_begin(self) -> None:
        """A client is in service; if it had to go on at once, it is told now."""
        self.present = True
        self.arriving = False
        if self.guest_left:
            self.client.send(calls.SendSwitchHost(self.target))
        elif self.postponed:
            self.postponed = False
            self.send_begin()

    def leave(self) -> None:
        self.present = False
        self.arriving = False
        self.waits_for_reply = False
        self.connected = False
        self.postponed = False

    def leave_and_finish(self) -> None:
        self.leave()
        self.disarm("disconnect_limit")
        self.qemu.send(calls.MigrateEndComplete())

    def leave_and_return(self) -> None:
        self.leave()
        self.disarm("connect_limit")
        self.qemu.send(calls.MigrateConnectComplete())
