"""What of a recording of real software is which action of the model, and what is outside the model.

``docs/conformance.md`` says it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import Enum

from switchover.models.language import Message
from switchover.models.language.observation import (
    ANYTHING,
    ENDING,
    NOT_POSSIBLE,
    OPENING,
    Label,
    Observation,
    Recording,
    Said,
    wire_source,
)

from .. import messages as spice
from . import calls
from .recorded_cast import Cast, Contact, port_of, read_cast
from .recorded_rows import Row
from .shipped import build
from .variant import LinkTiming

#: Messages that are the same in a recording and in the model: (side, name there) of the main channel.
MAIN: dict[tuple[str, str], type[Message]] = {
    ("client", "LINK"): spice.Link,
    ("server", "LINK_RESULT"): spice.LinkResult,
    ("server", "INIT"): spice.Init,
    ("client", "ATTACH_CHANNELS"): spice.AttachChannels,
    ("server", "CHANNELS_LIST"): spice.ChannelsList,
    ("server", "MIGRATE_BEGIN"): spice.MigrateBegin,
    ("server", "MIGRATE_BEGIN_SEAMLESS"): spice.MigrateBeginSeamless,
    ("client", "MIGRATE_CONNECTED"): spice.MigrateConnected,
    ("client", "MIGRATE_CONNECTED_SEAMLESS"): spice.MigrateConnectedSeamless,
    ("client", "MIGRATE_CONNECT_ERROR"): spice.MigrateConnectError,
    ("server", "MIGRATE_CANCEL"): spice.MigrateCancel,
    ("server", "MIGRATE_END"): spice.MigrateEnd,
    ("client", "MIGRATE_END"): spice.MigrateEnd,
    ("server", "MIGRATE_SWITCH_HOST"): spice.MigrateSwitchHost,
    ("client", "MIGRATE_DST_DO_SEAMLESS"): spice.MigrateDstDoSeamless,
    ("server", "MIGRATE_DST_SEAMLESS_ACK"): spice.MigrateDstSeamlessAck,
    ("server", "MIGRATE_DST_SEAMLESS_NACK"): spice.MigrateDstSeamlessNack,
    ("server", "MIGRATE"): spice.Migrate,
    ("client", "MIGRATE_FLUSH_MARK"): spice.MigrateFlushMark,
    ("server", "MIGRATE_DATA"): spice.MigrateData,
    ("client", "MIGRATE_DATA"): spice.MigrateData,
    ("server", "MULTI_MEDIA_TIME"): spice.MultiMediaTime,
}

#: The same of every other channel.
OTHER: dict[tuple[str, str], type[Message]] = {
    key: MAIN[key]
    for key in (
        ("client", "LINK"),
        ("server", "LINK_RESULT"),
        ("server", "MIGRATE"),
        ("client", "MIGRATE_FLUSH_MARK"),
        ("server", "MIGRATE_DATA"),
        ("client", "MIGRATE_DATA"),
    )
}

#: What begins a channel's service: by the client, by the server. But for INIT, it means that the first time only.
BEGINNINGS: dict[tuple[str, str, str], type[Message]] = {
    ("display", "client", "INIT"): spice.ChannelInit,
    ("inputs", "client", "KEY_MODIFIERS"): spice.ChannelInit,
    ("inputs", "server", "INIT"): spice.ChannelStart,
    ("cursor", "server", "SET_ACK"): spice.ChannelStart,
    ("playback", "server", "MODE"): spice.ChannelStart,
    ("playback", "server", "START"): spice.ChannelStart,
}

COMMANDS = ("client_migrate_info", "migrate", "migrate_cancel")
RUN_STATES = ("STOP", "RESUME")
STATUSES = ("setup", "active", "cancelling", "completed", "failed", "cancelled")
CALLS = ("connect", "start", "end", "run")
CALLBACKS = ("migrate_connect_complete", "migrate_end_complete")

# Why a row is outside the model.

LINK_DETAIL = "steps within a link (LINK_REPLY, AUTH, TICKET): the model links in one step, from LINK to LINK_RESULT"
UPKEEP = "pings and acknowledge windows: they change nothing that a handover depends on"
SERVICE = "what a channel is for (drawing, sound, keys, mouse, agent, names, notices): any of it, at any time"
CLOCK = "MULTI_MEDIA_TIME that does not answer MIGRATE_DATA: the sound's clock"
OTHER_CHANNEL = "channels that no recording has and the model therefore has not"
REPEATED_ENDING = "a second FIN or RST of one side"
ADMINISTRATION = "QMP commands that set up, look or end the process; the ticket's validity is left open instead"
REPORTS = "QMP events about single sockets and about the end of a process"
INCOMING = "MIGRATION status of the incoming side"
GUEST_STOP = "server-api stop: part of the end of a migration"

_UPKEEP = frozenset({"PING", "PONG", "SET_ACK", "ACK", "ACK_SYNC"})
_LINK_DETAIL = frozenset({"LINK_REPLY", "AUTH", "TICKET"})


@dataclass(frozen=True)
class Reading:
    """A recording in the model's terms: the variant that it shows, what is observed of it, and what is outside."""

    variant: LinkTiming
    recording: Recording
    vocabulary: LinkTimingVocabulary
    outside: dict[str, int]


@dataclass(frozen=True)
class LinkTimingVocabulary:
    """How messages and calls of this family show in a recording. ``reports``: hosts that report MIGRATION events.

    ``fails_early``: some migration ended before its status became active.
    """

    reports: frozenset[int] = frozenset()
    fails_early: bool = False

    def on_wire(self, message: Message) -> Label:
        """A message's type and what it says, but for what is not on the wire."""
        values = [getattr(message, each.name) for each in fields(message) if each.name != "attempt"]  # type: ignore[arg-type]
        return type(message).__name__, *(each.value if isinstance(each, Enum) else each for each in values)

    def is_inert(self, message: Message) -> bool:
        """The beginnings of a channel's service are only noted."""
        return isinstance(message, spice.ChannelInit | spice.ChannelStart)

    def in_process(self, caller: str, called: str, message: Message) -> Sequence[Said]:
        """QMP is what management and hypervisor say to each other, the server's interface what it and QEMU do."""
        if caller == "management":
            return tuple(self._command(_member(called), message))
        if caller.startswith("hypervisor") and called == "management":
            return tuple(self._event(_member(caller), message))
        if caller.startswith("hypervisor"):
            return tuple(self._call(_member(caller), message))
        if called.startswith("hypervisor"):
            return tuple(self._callback(_member(called), message))
        return ()

    def _status(self, host: int, *statuses: str, optional: bool = False) -> Iterator[Said]:
        if host in self.reports:
            yield from (Said(_events(host), ("MIGRATION", each), optional) for each in statuses)

    def _command(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.ClientMigrateInfo):
            yield Said(_commands(host), ("client_migrate_info", message.host))
        elif isinstance(message, calls.MigrateCommand):
            yield Said(_commands(host), ("migrate",))
            yield from self._status(host, "setup")
            yield from self._status(host, "active", optional=self.fails_early)
        elif isinstance(message, calls.MigrateCancelCommand):
            yield Said(_commands(host), ("migrate_cancel",))
            yield from self._status(host, "cancelling", optional=True)

    def _event(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.MigrationCompleted):
            yield Said(_events(host), ("STOP",))
            yield from self._status(host, "completed")
        elif isinstance(message, calls.MigrationFailed):
            yield Said(_events(host), ("STOP",), optional=True)
            yield from self._status(host, "failed")
            yield Said(_events(host), ("RESUME",), optional=True)
        elif isinstance(message, calls.SpiceMigrateCompleted):
            yield Said(_events(host), ("SPICE_MIGRATE_COMPLETED",))
        elif isinstance(message, calls.GuestResumed):
            yield Said(_events(host), ("RESUME",))

    def _call(self, host: int, message: Message) -> Iterator[Said]:
        names: dict[type[Message], str] = {
            calls.ServerMigrateConnect: "connect",
            calls.ServerMigrateStart: "start",
            calls.ServerMigrateEnd: "end",
            calls.GuestStarts: "run",
        }
        if type(message) in names:
            yield Said(_calls(host), (names[type(message)],))

    def _callback(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.MigrateConnectComplete):
            yield Said(_callbacks(host), ("migrate_connect_complete",))
        elif isinstance(message, calls.MigrateEndComplete):
            yield Said(_callbacks(host), ("migrate_end_complete",))


def _member(name: str) -> int:
    return int(name[name.index("[") + 1 : -1])


def _commands(host: int) -> str:
    return f"QMP commands at host {host}"


def _events(host: int) -> str:
    return f"QMP events at host {host}"


def _calls(host: int) -> str:
    return f"calls at host {host}"


def _callbacks(host: int) -> str:
    return f"callbacks at host {host}"


def interpret(rows: Sequence[Row]) -> Reading:
    """A recording in the model's terms. Raises ValueError when the model has no room for it."""
    if not rows:
        raise ValueError("the recording is empty")
    return _Interpreter(rows).reading()


@dataclass
class _Interpreter:
    rows: Sequence[Row]
    cast: Cast = field(init=False)
    outside: Counter[str] = field(default_factory=Counter)
    sessions: dict[int, int] = field(default_factory=dict)
    begun: set[tuple[int, str]] = field(default_factory=set)
    ended: set[tuple[int, str]] = field(default_factory=set)
    restored: set[int] = field(default_factory=set)
    down: set[int] = field(default_factory=set)
    migrated: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cast = read_cast(self.rows)
        self.contacts: dict[int, Contact] = {each.number: each for each in self.cast.contacts}
        self.order = {each.number: position for position, each in enumerate(self.cast.contacts)}
        self.home = 0
        self.with_qmp = {self.cast.hosts[row.host] for row in self.rows if row.kind.startswith("qmp")}
        self.with_calls = {self.cast.hosts[row.host] for row in self.rows if row.kind == "server-api"}
        self.tail = self._tail()
        for row in self.rows:
            session = row.number("session_id")
            if row.name == "INIT" and row.channel == "main" and session is not None:
                self.sessions.setdefault(session, self.cast.hosts[row.host] + 1)

    def reading(self) -> Reading:
        observations: list[Observation] = []
        for row in self.rows:
            observations += self._observed(row)
        reports = frozenset(
            self.cast.hosts[row.host] for row in self.rows if (row.kind, row.name) == ("qmp-event", "MIGRATION")
        )
        watched = [wire_source(self.order[each.number], end) for each in self.cast.contacts for end in (0, 1)]
        for host in sorted(self.with_qmp):
            watched += [_commands(host), _events(host)]
        for host in sorted(self.with_calls):
            watched += [_calls(host), _callbacks(host)]
        resets = frozenset(
            self._source(row) for row in self.rows if row.is_tcp and row.name == "RST" and self._contact(row).channel
        )
        recording = Recording(tuple(observations), self._places(), resets, tuple(watched), self._titles())
        vocabulary = LinkTimingVocabulary(reports, self._fails_early())
        return Reading(self.cast.variant, recording, vocabulary, dict(self.outside))

    def _fails_early(self) -> bool:
        before: dict[str, object] = {}
        for row in self.rows:
            if (row.kind, row.name) == ("qmp-event", "MIGRATION"):
                status = row.fields.get("status")
                if status in ("failed", "cancelled", "cancelling") and before.get(row.host) == "setup":
                    return True
                before[row.host] = status
        return False

    def _titles(self) -> dict[str, str]:
        found = {}
        for each in self.cast.contacts:
            channel = each.channel[0] if each.channel else "?"
            for end, side in enumerate(("client", "server")):
                source = wire_source(self.order[each.number], end)
                found[source] = f"{each.host} {channel} {side} (connection {each.number})"
        for name, host in reversed(self.cast.hosts.items()):
            found[_commands(host)], found[_events(host)] = f"{name} QMP commands", f"{name} QMP events"
            found[_calls(host)], found[_callbacks(host)] = f"{name} calls", f"{name} callbacks"
        return found

    def _places(self) -> dict[int, tuple[int, ...]]:
        """Which recorded connections each connection slot of the system may stand for."""
        names = {each.name: number for number, each in enumerate(build("recorded", self.cast.variant).connections)}
        found = {}
        for host in range(self.cast.variant.hosts):
            for index, channel in enumerate((("main", 0), *self.cast.channels)):
                members = tuple(
                    self.order[each.number]
                    for each in self.cast.contacts
                    if each.channel == channel and self.cast.hosts[each.host] == host
                )
                prefix = "main" if index == 0 else f"{channel[0]}{index - 1}"
                for slot in range(self.cast.variant.slots):
                    # Slots of different places must not share a tuple, not even an empty one.
                    found[names[f"{prefix}_{host}_{slot}"]] = members or (-1 - host * 100 - index,)
        return found

    def _tail(self) -> int:
        """Line from which on nothing but endings is left: the run was ended from outside."""
        ended: set[tuple[int, str]] = set()
        last = 0
        for row in self.rows:
            side = (row.connection, row.sender)
            if row.is_ending:
                ended.add(side)
            elif side not in ended and not (row.is_wire and row.name in _UPKEEP):
                last = row.line
        return last + 1

    def _contact(self, row: Row) -> Contact:
        return self.contacts[row.connection]

    def _source(self, row: Row) -> str:
        return wire_source(self.order[row.connection], 0 if row.sender == "client" else 1)

    def _is_over(self, row: Row) -> bool:
        """Whether the end of the recording may have caused this."""
        host = self.cast.hosts[row.host]
        return host in self.down or bool(self.with_qmp and self.with_qmp <= self.down) or row.line >= self.tail

    def _observed(self, row: Row) -> Iterator[Observation]:
        if row.is_wire:
            yield from self._on_wire(row)
        elif row.kind == "qmp-command":
            yield from self._command(row)
        elif row.kind == "qmp-event":
            yield from self._event(row)
        else:
            yield from self._call(row)

    def _leave_out(self, why: str) -> Iterator[Observation]:
        self.outside[why] += 1
        return iter(())

    def _on_wire(self, row: Row) -> Iterator[Observation]:
        contact, side = self._contact(row), (row.connection, row.sender)
        if contact.channel is None:
            return self._leave_out(OTHER_CHANNEL)
        if row.is_ending and side in self.ended:
            return self._leave_out(REPEATED_ENDING)
        if row.is_ending:
            self.ended.add(side)
            return self._observe(row, ENDING)
        if row.is_tcp:
            return self._opening(row, contact)
        if side in self.ended:
            return self._observe(row, NOT_POSSIBLE)
        kind = self._message_type(row, contact.channel[0])
        return self._leave_out(kind) if isinstance(kind, str) else self._observe(row, self._label(row, kind))

    def _opening(self, row: Row, contact: Contact) -> Iterator[Observation]:
        yield from self._observe(row, OPENING)
        if not contact.is_linked:
            yield Observation(
                row.line, f"{self._text(row)} without LINK", self._source(row), ANYTHING, required=False, is_held=True
            )

    def _message_type(self, row: Row, channel: str) -> type[Message] | str:
        """The message of the model, or why there is none."""
        found = (MAIN if channel == "main" else OTHER).get((row.sender, row.name))
        if found is not None and found is not spice.MultiMediaTime:
            if (row.sender, row.name) == ("client", "MIGRATE_DATA"):
                self.restored.add(row.connection)
            return found
        if found is not None:
            if row.connection not in self.restored:
                return CLOCK
            self.restored.discard(row.connection)
            return found
        beginning = BEGINNINGS.get((channel, row.sender, row.name))
        if beginning is not None:
            first = (row.connection, row.sender) not in self.begun
            self.begun.add((row.connection, row.sender))
            if first or row.name == "INIT":
                return beginning
        if row.name in _LINK_DETAIL:
            return LINK_DETAIL
        return UPKEEP if row.name in _UPKEEP else SERVICE

    def _label(self, row: Row, kind: type[Message]) -> Label:
        if kind is spice.Link:
            return kind.__name__, self._session(row, "connection_id")
        if kind is spice.Init:
            return kind.__name__, self._session(row, "session_id")
        if kind is spice.LinkResult:
            return kind.__name__, row.number("result")
        if kind is spice.Migrate:
            flags = row.number("flags")
            return kind.__name__, flags is not None and bool(flags & 2)
        if kind in (spice.MigrateBegin, spice.MigrateBeginSeamless, spice.MigrateSwitchHost):
            port = port_of(row)
            return kind.__name__, self.cast.ports.get(port) if port is not None else None
        return (kind.__name__,)

    def _session(self, row: Row, key: str) -> int | None:
        number = row.number(key)
        return 0 if number == 0 else self.sessions.get(number) if number is not None else None

    def _observe(self, row: Row, label: Label) -> Iterator[Observation]:
        required = label != ENDING or not self._is_over(row)
        yield Observation(row.line, self._text(row), self._source(row), label, required)

    def _text(self, row: Row) -> str:
        channel = self._contact(row).channel
        return (
            f"{row.host} {channel[0] if channel else row.channel} {row.sender} {row.name} (connection {row.connection})"
        )

    def _command(self, row: Row) -> Iterator[Observation]:
        if row.name not in COMMANDS:
            yield from self._leave_out(ADMINISTRATION)
            return
        host, port = self.cast.hosts[row.host], port_of(row)
        label: Label = (row.name,)
        if row.name == "client_migrate_info":
            label = (row.name, self.cast.ports.get(port) if port is not None else None)
        if row.name == "migrate":
            self.migrated.add(host)
        yield Observation(row.line, str(row), _commands(host), label, is_cause=True)

    def _event(self, row: Row) -> Iterator[Observation]:
        host = self.cast.hosts[row.host]
        if row.name == "SHUTDOWN":
            self.down.add(host)
        label: Label = (row.name,)
        if row.name == "MIGRATION":
            status = row.fields.get("status")
            if (host != self.home and host not in self.migrated) or status not in STATUSES:
                yield from self._leave_out(INCOMING)
                return
            label = ("MIGRATION", "failed" if status == "cancelled" else status)
        elif row.name not in (*RUN_STATES, "SPICE_MIGRATE_COMPLETED"):
            yield from self._leave_out(REPORTS)
            return
        text = f"{row} {row.fields['status']}" if row.name == "MIGRATION" else str(row)
        yield Observation(row.line, text, _events(host), label, required=not self._is_over(row))

    def _call(self, row: Row) -> Iterator[Observation]:
        host = self.cast.hosts[row.host]
        if row.name in CALLS or row.name in CALLBACKS:
            source = _calls(host) if row.name in CALLS else _callbacks(host)
            yield Observation(row.line, str(row), source, (row.name,))
        else:
            yield from self._leave_out(GUEST_STOP)
