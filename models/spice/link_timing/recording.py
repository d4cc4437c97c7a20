"""What of a recording of real software is which action of the model, and what is outside the model.

``docs/conformance.md`` says it in words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from switchover.models.language import Message
from switchover.models.language.observation import (
    ANYTHING,
    ENDING,
    NOT_POSSIBLE,
    OPENING,
    Label,
    Observation,
    Recording,
    wire_source,
)

from .. import messages as spice
from ..protocol.link import LinkError
from .recorded_cast import Cast, Contact, address_of, read_cast
from .recorded_rows import Row
from .recorded_vocabulary import LinkTimingVocabulary, callbacks_at, calls_at, commands_at, events_at
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
OTHER_PORT = "links that the server wants at its other port (NEED_SECURED, NEED_UNSECURED)"
OTHER_CHANNEL = "channels that no recording has and the model therefore has not"
REPEATED_ENDING = "a second FIN or RST of one side"
ADMINISTRATION = "QMP commands that set up, look or end the process; the ticket's validity is left open instead"
REPORTS = "QMP events about single sockets and about the end of a process"
INCOMING = "MIGRATION status of the incoming side"
ASSUMED = "an ending that was not seen, of a side that may have said more before"
GUEST_STOP = "server-api stop: part of the end of a migration"

_OTHER_PORT = frozenset({LinkError.NEED_SECURED, LinkError.NEED_UNSECURED})
_UPKEEP = frozenset({"PING", "PONG", "SET_ACK", "ACK", "ACK_SYNC"})
_LINK_DETAIL = frozenset({"LINK_REPLY", "AUTH", "TICKET"})
#: A server that is shut down ends its channels one after another, and goes on with this on the others.
_GOES_ON = frozenset({"STREAM_DATA", "STREAM_DATA_SIZED", "DRAW_COPY", "DATA", "LATENCY"})
#: For how long at most, in s.
_SHUTTING_DOWN = 1.0


@dataclass(frozen=True)
class Reading:
    """A recording in the model's terms: the variant that it shows, what is observed of it, and what is outside."""

    variant: LinkTiming
    recording: Recording
    vocabulary: LinkTimingVocabulary
    outside: dict[str, int]


def interpret(rows: Sequence[Row]) -> Reading:
    """A recording in the model's terms. Raises ValueError when the model has no room for it."""
    if not rows:
        raise ValueError("the recording is empty")
    turned_away = {row.connection for row in rows if row.name == "LINK_REPLY" and row.number("error") in _OTHER_PORT}
    linked = [row for row in rows if not row.is_wire or row.connection not in turned_away]
    if not linked:
        raise ValueError(f"nothing but {OTHER_PORT}")
    outside = {OTHER_PORT: len(rows) - len(linked)} if turned_away else {}
    return _Interpreter(linked, outside=Counter(outside)).reading()


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
            watched += [commands_at(host), events_at(host)]
        for host in sorted(self.with_calls):
            watched += [calls_at(host), callbacks_at(host)]
        resets = frozenset(
            self._source(row) for row in self.rows if row.is_tcp and row.name == "RST" and self._contact(row).channel
        )
        breaks_off = not self._is_finished()
        unseen = frozenset(self._source(row) for row in self.rows if row.is_assumed)
        recording = Recording(
            tuple(observations),
            self._places(),
            resets,
            tuple(watched),
            self._open_ended(watched) | unseen if breaks_off else unseen,
            breaks_off,
            self._titles(),
        )
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

    def _is_finished(self) -> bool:
        """Whether the recording goes on to the end of the run: the hosts were shut down, every connection ended."""
        if self.with_qmp:
            by_signal = any(row.name == "SHUTDOWN" and row.fields.get("reason") == "host-signal" for row in self.rows)
            return by_signal or self.with_qmp <= self.down
        return {row.connection for row in self.rows if row.is_wire} <= {number for number, _ in self.ended}

    def _open_ended(self, watched: Sequence[str]) -> frozenset[str]:
        """The sources that may have gone on; a side that has closed its connection may not."""
        sides = {(number, side) for number in self.contacts for side in ("client", "server")} & self.ended
        closed = {wire_source(self.order[number], ("client", "server").index(side)) for number, side in sides}
        return frozenset(watched) - closed

    def _titles(self) -> dict[str, str]:
        found = {}
        for each in self.cast.contacts:
            channel = each.channel[0] if each.channel else "?"
            for end, side in enumerate(("client", "server")):
                source = wire_source(self.order[each.number], end)
                found[source] = f"{each.host} {channel} {side} (connection {each.number})"
        for name, host in reversed(self.cast.hosts.items()):
            found[commands_at(host)], found[events_at(host)] = f"{name} QMP commands", f"{name} QMP events"
            found[calls_at(host)], found[callbacks_at(host)] = f"{name} calls", f"{name} callbacks"
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
            elif side not in ended and not (row.is_wire and row.name in _UPKEEP) and not self._may_be_shutdown(row):
                last = row.line
        return last + 1

    def _may_be_shutdown(self, row: Row) -> bool:
        if self.with_qmp or not row.is_wire:
            return False
        return row.name in _GOES_ON and row.time >= self.rows[-1].time - _SHUTTING_DOWN

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
        if row.is_assumed:
            return self._leave_out(ASSUMED)
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
            return kind.__name__, self._server(row)
        return (kind.__name__,)

    def _server(self, row: Row) -> int | None:
        """The number of the host that a row names."""
        address = address_of(row)
        return self.cast.servers.get(address) if address is not None else None

    def _session(self, row: Row, key: str) -> int | None:
        number = row.number(key)
        return 0 if number == 0 else self.sessions.get(number) if number is not None else None

    def _observe(self, row: Row, label: Label) -> Iterator[Observation]:
        required = label != ENDING or not self._is_over(row)
        yield Observation(row.line, self._text(row), self._source(row), label, required)

    def _text(self, row: Row) -> str:
        channel = self._contact(row).channel
        name = channel[0] if channel else row.channel
        packet = f", packet {row.packet}" if row.packet else ""
        return f"{row.host} {name} {row.sender} {row.name} (connection {row.connection}{packet})"

    def _command(self, row: Row) -> Iterator[Observation]:
        if row.name not in COMMANDS:
            yield from self._leave_out(ADMINISTRATION)
            return
        host = self.cast.hosts[row.host]
        label: Label = (row.name,)
        if row.name == "client_migrate_info":
            label = (row.name, self._server(row))
        if row.name == "migrate":
            self.migrated.add(host)
        yield Observation(row.line, str(row), commands_at(host), label, is_cause=True)

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
        yield Observation(row.line, text, events_at(host), label, required=not self._is_over(row))

    def _call(self, row: Row) -> Iterator[Observation]:
        host = self.cast.hosts[row.host]
        if row.name in CALLS or row.name in CALLBACKS:
            source = calls_at(host) if row.name in CALLS else callbacks_at(host)
            yield Observation(row.line, str(row), source, (row.name,))
        else:
            yield from self._leave_out(GUEST_STOP)
