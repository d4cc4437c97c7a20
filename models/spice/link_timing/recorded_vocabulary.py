"""How messages and calls of this family show in a recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from enum import Enum

from switchover.models.language import Message
from switchover.models.language.observation import Label, Said

from .. import messages as spice
from . import calls


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
            yield from (Said(events_at(host), ("MIGRATION", each), optional) for each in statuses)

    def _command(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.ClientMigrateInfo):
            yield Said(commands_at(host), ("client_migrate_info", message.host))
        elif isinstance(message, calls.MigrateCommand):
            yield Said(commands_at(host), ("migrate",))
            yield from self._status(host, "setup")
            yield from self._status(host, "active", optional=self.fails_early)
        elif isinstance(message, calls.MigrateCancelCommand):
            yield Said(commands_at(host), ("migrate_cancel",))
            yield from self._status(host, "cancelling", optional=True)

    def _event(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.MigrationCompleted):
            yield Said(events_at(host), ("STOP",))
            yield from self._status(host, "completed")
        elif isinstance(message, calls.MigrationFailed):
            yield Said(events_at(host), ("STOP",), optional=True)
            yield from self._status(host, "failed")
            yield Said(events_at(host), ("RESUME",), optional=True)
        elif isinstance(message, calls.SpiceMigrateCompleted):
            yield Said(events_at(host), ("SPICE_MIGRATE_COMPLETED",))
        elif isinstance(message, calls.GuestResumed):
            yield Said(events_at(host), ("RESUME",))

    def _call(self, host: int, message: Message) -> Iterator[Said]:
        names: dict[type[Message], str] = {
            calls.ServerMigrateConnect: "connect",
            calls.ServerMigrateStart: "start",
            calls.ServerMigrateEnd: "end",
            calls.GuestStarts: "run",
        }
        if type(message) in names:
            yield Said(calls_at(host), (names[type(message)],))

    def _callback(self, host: int, message: Message) -> Iterator[Said]:
        if isinstance(message, calls.MigrateConnectComplete):
            yield Said(callbacks_at(host), ("migrate_connect_complete",))
        elif isinstance(message, calls.MigrateEndComplete):
            yield Said(callbacks_at(host), ("migrate_end_complete",))


def _member(name: str) -> int:
    return int(name[name.index("[") + 1 : -1])


def commands_at(host: int) -> str:
    """The source of QMP commands at a host."""
    return f"QMP commands at host {host}"


def events_at(host: int) -> str:
    """The source of QMP events at a host."""
    return f"QMP events at host {host}"


def calls_at(host: int) -> str:
    """The source of calls into libspice-server at a host."""
    return f"calls at host {host}"


def callbacks_at(host: int) -> str:
    """The source of its callbacks there."""
    return f"callbacks at host {host}"
