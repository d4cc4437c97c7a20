"""Who is who in a recording: hosts, migration attempts, connections; and the variant that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..protocol.channels import MainCap
from .channels import Kind
from .destination import Answers
from .recorded_rows import Row
from .variant import ALL_REPAIRS, LinkTiming, Repairs

#: Channels of a recording that the model has, by their names there.
CHANNELS = {each.value: each for each in Kind}
MOST_HOSTS = 4
MOST_SLOTS = 8
MOST_ATTEMPTS = 4
TARGET_NAMES = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST")
REPLY_NAMES = ("MIGRATE_CONNECTED", "MIGRATE_CONNECTED_SEAMLESS", "MIGRATE_CONNECT_ERROR")
NO_PORT = 65535

#: A SPICE server as a client is told of it: host and port.
Address = tuple[str, int]


@dataclass
class Attempt:
    """A migration attempt: from which host, to which SPICE server, where the guest went in the end."""

    source: str
    address: Address | None = None
    informed: bool = False
    migrated: bool = False
    guest: str | None = None


@dataclass
class Contact:
    """One recorded connection. ``channel``: ("main", 0), ("display", 0) …; None: none that the model has."""

    number: int
    host: str
    rows: list[Row] = field(default_factory=list)
    channel: tuple[str, int] | None = None
    is_linked: bool = False

    def is_up(self, line: int) -> bool:
        """Whether neither side had ended it before that line."""
        return not any(row.is_ending and row.line < line for row in self.rows)


@dataclass(frozen=True)
class Cast:
    """``hosts``: each name's number, 0 the one that runs the guest at first; where the client is sent and where the
    guest goes have one number. ``servers``: the number of the host behind a SPICE server's address.
    """

    hosts: dict[str, int]
    servers: dict[Address, int]
    attempts: tuple[Attempt, ...]
    contacts: tuple[Contact, ...]
    channels: tuple[tuple[str, int], ...]
    variant: LinkTiming


def read_cast(rows: Sequence[Row]) -> Cast:
    """Who takes part. Raises ValueError when the model has no room for it."""
    contacts = tuple(_contacts(rows))
    addresses = _addresses(rows, contacts)
    attempts = tuple(_attempts(rows) if any(not row.is_wire for row in rows) else _attempts_on_wire(rows))
    _require_room(attempts)
    hosts = _hosts(rows, attempts, addresses)
    targets = tuple(_target(each, number, addresses, hosts) for number, each in enumerate(attempts))
    channels = tuple(
        sorted(
            {each.channel for each in contacts if each.channel is not None and each.channel[0] != "main"},
            key=lambda channel: (list(CHANNELS).index(channel[0]), channel[1]),
        )
    )
    servers = {address: hosts[host] for address, host in addresses.items()}
    for attempt, target in zip(attempts, targets, strict=True):
        if attempt.address is not None:
            servers.setdefault(attempt.address, target)
    variant = _variant(rows, contacts, hosts, targets, channels)
    gives_info = any(each.informed for each in attempts) or not attempts
    return Cast(hosts, servers, attempts, contacts, channels, replace(variant, gives_info=gives_info))


def address_of(row: Row) -> Address | None:
    """The SPICE server that a row names: by its plain port, or the one for TLS when there is no other."""
    host = str(row.fields.get("host", row.fields.get("hostname", "")))
    for key in ("port", "sport", "tls-port"):
        port = row.number(key)
        if port is not None and port != NO_PORT:
            return host, port
    return None


def _contacts(rows: Iterable[Row]) -> Iterable[Contact]:
    found: dict[int, Contact] = {}
    for row in rows:
        if not row.is_wire:
            continue
        contact = found.setdefault(row.connection, Contact(row.connection, row.host))
        if contact.host != row.host:
            raise ValueError(
                f"line {row.line}: connection {row.connection} is at {row.host}, and at {contact.host} before"
            )
        contact.rows.append(row)
        if contact.channel is None and row.channel != "?":
            contact.channel = _channel(row)
        contact.is_linked = contact.is_linked or row.name == "LINK"
    _name_unlinked(list(found.values()))
    return found.values()


def _channel(row: Row) -> tuple[str, int] | None:
    number = row.number("id") or 0
    return (row.channel, number) if row.channel == "main" or row.channel in CHANNELS else None


def _name_unlinked(contacts: list[Contact]) -> None:
    """A connection that ended before its link: main, unless one is up; else a channel that is missing beside it."""
    known = list(dict.fromkeys(each.channel for each in contacts if each.channel not in (None, ("main", 0))))
    beside: dict[str, list[Contact]] = {}
    for contact in contacts:
        group = beside.setdefault(contact.host, [])
        if contact.channel is None and all(row.channel == "?" for row in contact.rows):
            here = [each.channel for each in contacts if each.host == contact.host and each.is_linked]
            missing = [each for each in known if each not in here and each not in [other.channel for other in group]]
            is_beside = any(each.channel == ("main", 0) and each.is_up(contact.rows[0].line) for each in group)
            contact.channel = (missing[0] if missing else None) if is_beside else ("main", 0)
        if contact.channel == ("main", 0):
            group.clear()
        group.append(contact)


def _addresses(rows: Iterable[Row], contacts: Iterable[Contact]) -> dict[Address, str]:
    """Which host is behind a SPICE server's address.

    The client goes where it was sent, in the order in which it was sent there. A reply without a connection before it
    declines the next one.
    """
    mains = {each.number for each in contacts if each.channel == ("main", 0)}
    found: dict[Address, str] = {}
    sent: list[Address] = []
    goes = False
    for row in rows:
        address = address_of(row)
        if row.is_wire and row.name in TARGET_NAMES and address is not None:
            sent.append(address)
        elif row.is_tcp and row.name == "SYN" and row.connection in mains and sent:
            known = [each for each in sent if found.get(each) == row.host]
            chosen = known[0] if known else sent[0]
            found.setdefault(chosen, row.host)
            del sent[: sent.index(chosen) + 1]
            goes = True
        elif row.is_wire and row.name in REPLY_NAMES:
            if not goes and sent:
                del sent[0]
            goes = False
    return found


def _attempts(rows: Iterable[Row]) -> list[Attempt]:
    found: list[Attempt] = []
    for row in rows:
        open_here = bool(found) and not found[-1].migrated and found[-1].source == row.host
        if (row.kind, row.name) in (("qmp-command", "client_migrate_info"), ("server-api", "connect")):
            found.append(Attempt(row.host, address_of(row), informed=True))
        elif (row.kind, row.name) in (("qmp-command", "migrate"), ("server-api", "start")):
            if not open_here:
                found.append(Attempt(row.host))
            found[-1].migrated = True
        elif (row.kind, row.name) in (("qmp-event", "RESUME"), ("server-api", "run")):
            if found and found[-1].migrated and row.host != found[-1].source and found[-1].guest is None:
                found[-1].guest = row.host
        elif row.is_wire and row.name.startswith("MIGRATE_BEGIN") and open_here and found[-1].address is None:
            found[-1].address = address_of(row)
    return found


def _attempts_on_wire(rows: Iterable[Row]) -> list[Attempt]:
    """The same where neither QMP nor the server's interface was recorded: what the client is told of."""
    found: list[Attempt] = []
    for row in rows:
        if row.sender != "server" or row.name not in TARGET_NAMES:
            continue
        is_fallback = row.name == "MIGRATE_SWITCH_HOST" and bool(found) and found[-1].source == row.host
        if not is_fallback:
            found.append(Attempt(row.host, address_of(row), informed=True, migrated=True))
    return found


def _require_room(attempts: Sequence[Attempt]) -> None:
    if len(attempts) > MOST_ATTEMPTS:
        raise ValueError(f"{len(attempts)} migration attempts; the model has room for {MOST_ATTEMPTS}")


def _hosts(rows: Sequence[Row], attempts: Sequence[Attempt], addresses: dict[Address, str]) -> dict[str, int]:
    """Numbers of the hosts. Where the client is sent and where the guest goes are one host, whatever stands between."""
    first = next((row.host for row in rows if row.is_wire), rows[0].host)
    found = {attempts[0].source if attempts else first: 0}
    for attempt in attempts:
        spice = addresses.get(attempt.address) if attempt.address is not None else None
        names = [each for each in (attempt.guest, spice) if each is not None and each != attempt.source]
        if not names and attempt.address is not None:
            names = [_unseen(attempt.address)]
        known = [found[each] for each in names if each in found]
        number = known[0] if known else max(found.values()) + 1
        for name in names:
            found.setdefault(name, number)
    for row in rows:
        found.setdefault(row.host, max(found.values()) + 1)
    if max(found.values()) >= MOST_HOSTS:
        raise ValueError(f"more hosts than the {MOST_HOSTS} that the model has room for")
    return found


def _unseen(address: Address) -> str:
    """Stands for a host that was named to the client, and to which nobody went."""
    return ":{}:{}".format(*address)


def _target(attempt: Attempt, number: int, addresses: dict[Address, str], hosts: dict[str, int]) -> int:
    for name in (attempt.guest, addresses.get(attempt.address) if attempt.address is not None else None):
        if name is not None and name != attempt.source:
            return hosts[name]
    if attempt.address is not None:
        return hosts[_unseen(attempt.address)]
    others = [each for each in sorted(set(hosts.values())) if each != hosts[attempt.source]]
    return others[min(number, len(others) - 1)] if others else 1


def _variant(
    rows: Sequence[Row],
    contacts: Sequence[Contact],
    hosts: dict[str, int],
    targets: tuple[int, ...],
    channels: tuple[tuple[str, int], ...],
) -> LinkTiming:
    names = {row.name for row in rows if row.is_wire}
    caps = next((row.fields.get("channel_caps") for row in rows if row.name == "LINK" and row.channel == "main"), None)
    count = max(2, 1 + max((*hosts.values(), *targets)))
    return LinkTiming(
        seamless="MIGRATE_BEGIN_SEAMLESS" in names,
        follows=not isinstance(caps, list) or 0 in caps,
        channels=tuple(CHANNELS[name] for name, _ in channels),
        targets=targets,
        hosts=count,
        slots=_slots([hosts[each.host] for each in contacts if each.channel == ("main", 0)]),
        may_fail=True,
        may_cancel=True,
        may_quit=True,
        waits_for_spice=False,
        answers=tuple(_answers([each for each in contacts if hosts[each.host] == host]) for host in range(count)),
        agrees_to_seamless="MIGRATE_DST_SEAMLESS_NACK" not in names,
        registers_late=True,
        hears_service=True,
        restarts=True,
        client_connected=False,
        queue=16,
        repairs=ALL_REPAIRS if _numbers_attempts(rows) else Repairs(),
        **_ticket(rows),
    )


def _numbers_attempts(rows: Sequence[Row]) -> bool:
    """Whether a server announces what only the reference design has."""
    announced = [row.fields.get("channel_caps") for row in rows if row.name == "LINK_REPLY" and row.channel == "main"]
    return any(isinstance(caps, list) and MainCap.MIGRATE_ATTEMPT in caps for caps in announced)


def _ticket(rows: Sequence[Row]) -> dict[str, Any]:
    refused = any(row.name == "LINK_RESULT" and row.number("result") for row in rows)
    return {"ticket_may_expire": refused, "ticket_may_be_renewed": refused}


def _slots(mains: list[int]) -> int:
    """The fewest slots with which no two main connections to one host fall together; the client counts them through."""
    for slots in range(1, MOST_SLOTS + 1):
        used = [(host, number % slots) for number, host in enumerate(mains)]
        if len(set(used)) == len(used):
            return slots
    raise ValueError(f"more main connections to one host than the {MOST_SLOTS} that the model has room for")


def _answers(contacts: Sequence[Contact]) -> Answers:
    """How the SPICE port of a host answers, as far as it was tried."""
    rows = [row for each in contacts for row in each.rows]
    if not rows or any(row.sender == "server" and not row.is_tcp for row in rows):
        return Answers.YES
    if any(row.sender == "server" for row in rows):
        return Answers.REFUSES if not any(each.is_linked for each in contacts) else Answers.YES
    return Answers.SILENT if any(each.is_linked for each in contacts) else Answers.YES
