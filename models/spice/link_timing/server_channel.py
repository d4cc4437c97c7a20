"""One socket of a channel other than main, at a server (facts: SPICE 2.4, 3.1, 3.2)."""

from __future__ import annotations

from switchover.models.language import Actor, Decision, Endpoint, Local, Port, State, Task, parameter, stay, variable

from .. import messages as spice
from . import calls
from .channels import Kind


class ServerChannel(Actor):
    """From the link to service: *parked* while a migrated client has not said how it arrives.

    ``kind`` says which channel. ``registers_late``: the worker learns of a display some time after its link (R07).
    ``may_talk``: the server may say something else, once. ``restarts``: a process that exits is started afresh.
    Mutations: ``talks_after_migrate`` (H14), ``keeps_playback_status`` (the client is assumed to know it).
    """

    kind: Kind = parameter(Kind.DISPLAY)
    registers_late: bool = parameter(False)
    may_talk: bool = parameter(False)
    restarts: bool = parameter(True)
    talks_after_migrate: bool = parameter(False)
    keeps_playback_status: bool = parameter(False)

    talked: bool = variable(False)
    silent: bool = variable(False)
    exited: bool = variable(False)

    client = Port(
        receives=spice.CHANNEL_FROM_CLIENT,
        sends=spice.CHANNEL_FROM_SERVER,
    )
    server = Local(
        receives=calls.SERVER_TO_CHANNEL,
        sends=calls.CHANNEL_TO_SERVER,
    )

    idle = State(initial=True)
    linking = State()
    parked = State()
    forgotten = State()
    registering = State()
    waiting = State()
    started = State()
    flushing = State()
    migrated = State()

    end_states = ("idle", "parked", "forgotten", "waiting", "started", "migrated")

    link = idle.to(linking, on="ask_the_server") | idle.from_(started, flushing, migrated, on="reject_data")
    reject = linking.to(idle)
    park = linking.to(parked, on="accept")
    start = (
        linking.to(started, on="accept_and_start") | parked.to(started, on="begin") | stay(idle, forgotten, on="ignore")
    )
    start_seamless = (
        linking.to(registering, cond="waits_for_worker", on="accept")
        | parked.to(registering, cond="waits_for_worker")
        | linking.to(waiting, cond="transfers", on="accept_and_wait")
        | parked.to(waiting, cond="transfers", on="wait")
        | linking.to(started, on="accept_and_continue")
        | parked.to(started, on="continue_session")
        | stay(idle, forgotten, on="ignore")
    )
    play = Task(stay(started, cond="silent", on="open_voice"))
    register = Task(registering.to(waiting, on="wait"))
    send_migrate = (
        started.to(flushing, cond="transfers", on="migrate")
        | started.to(migrated, on="migrate")
        | stay(idle, forgotten, on="ignore")
    )
    migrate_flush_mark = (
        flushing.to(migrated, on="hand_out_data") | stay(started, migrated, on="ignore") | stay(idle, on="close_socket")
    )
    migrate_data = (
        waiting.to(started, on="restore")
        | stay(started, migrated, unless="transfers", on="ignore")
        | idle.from_(registering, started, flushing, migrated, on="reject_data")
        | stay(idle, on="close_socket")
    )
    channel_init = stay(started, flushing, migrated, waiting, on="ignore") | stay(idle, on="close_socket")
    talk = Decision(
        stay(started, cond="can_talk", on="say_something") | stay(flushing, cond="can_talk_now", on="say_something")
    )
    drop = (
        idle.from_(parked, started, flushing, migrated, on="close_socket")
        | waiting.to(idle, on="close_socket")
        | stay(idle, on="ignore")
    )
    forget = (
        parked.to(forgotten)
        | idle.from_(registering, waiting, started, flushing, migrated, on="close_socket")
        | stay(idle, forgotten, on="ignore")
    )
    give_up_waiting = waiting.to(idle, on="close_and_report") | stay(idle, on="ignore")
    process_exits = idle.from_(parked, forgotten, registering, waiting, started, flushing, migrated, on="exit") | stay(
        idle, on="exit"
    )
    client_closed = client_lost = waiting.to(idle, on="report_gone") | idle.from_(
        idle, registering, started, flushing, migrated, on="end"
    )

    def listens(self, port: Endpoint) -> bool | None:
        return not self.exited

    def reads(self, port: Endpoint) -> bool:
        """A parked socket is not looked at, whatever happens to it (N26)."""
        return not self.is_in("parked", "forgotten")

    def waits_for_worker(self) -> bool:
        return self.registers_late and self.kind is Kind.DISPLAY

    def transfers(self) -> bool:
        return self.kind.transfers

    def can_talk(self) -> bool:
        return self.may_talk and not self.talked

    def can_talk_now(self) -> bool:
        return self.can_talk() and self.talks_after_migrate

    def ignore(self) -> None:
        """Nothing to do here."""

    def ask_the_server(self, message: spice.Link) -> None:
        self.server.send(calls.ChannelLinks(message.connection_id))

    def on_reject(self, message: calls.Reject) -> None:
        self.client.send(spice.LinkResult(message.result))
        self.client.close()

    def accept(self) -> None:
        self.client.send(spice.LinkResult(spice.LinkError.OK))

    def accept_and_start(self) -> None:
        self.accept()
        self.begin()

    def begin(self) -> None:
        if self.kind.server_starts and not (self.keeps_playback_status and self.kind is Kind.PLAYBACK):
            self.client.send(spice.ChannelStart())

    def accept_and_continue(self) -> None:
        self.accept()
        self.continue_session()

    def continue_session(self) -> None:
        """A playback channel says nothing until a voice is opened, which the guest's start does."""
        if self.kind.starts_when_continued:
            self.begin()
        else:
            self.silent = self.kind.server_starts

    def open_voice(self) -> None:
        self.silent = False
        self.begin()

    def accept_and_wait(self) -> None:
        """Inputs says its INIT even so; a display is silent until its data comes."""
        self.accept_and_start()
        self.server.send(calls.Registered())

    def wait(self) -> None:
        self.begin()
        self.server.send(calls.Registered())

    def migrate(self) -> None:
        self.client.send(spice.Migrate(self.kind.transfers))

    def hand_out_data(self) -> None:
        self.client.send(spice.MigrateData())

    def restore(self) -> None:
        self.server.send(calls.Restored())

    def reject_data(self) -> None:
        """Data that nobody waits for: the channel is shut, and the client dropped."""
        self.close_socket()
        self.server.send(calls.UnexpectedData())

    def say_something(self) -> None:
        self.talked = True
        self.client.send(spice.ChannelTraffic())

    def exit(self) -> None:
        self.close_socket()
        self.exited = not self.restarts

    def close_socket(self) -> None:
        self.talked = False
        self.silent = False
        if self.client.is_open:
            self.client.close()

    def close_and_report(self) -> None:
        self.close_socket()
        self.server.send(calls.Gone())

    def report_gone(self) -> None:
        self.server.send(calls.Gone())

    def end(self) -> None:
        self.talked = False
        self.silent = False
