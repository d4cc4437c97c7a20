"""A capture as a recording: the SPICE connections in it, their messages as rows, and what is to be said about them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from switchover.models.spice.link_timing.recorded_cast import TARGET_NAMES
from switchover.models.spice.link_timing.recorded_rows import Row

from .conversation import Conversation, Nature
from .dialogue import Said
from .files import packets
from .headers import Place, segment_of
from .packets import DamageError
from .reassembly import Moment
from .remarks import Remark, Remarks, sentences
from .table import FORGOTTEN, Table
from .unpacking import Unpacked

#: Something may be missing that was said on connections like these.
_UNREAD = (Nature.BEGUN_BEFORE, Nature.UNSEEN, Nature.TLS)


class CapturedRow(NamedTuple):
    """``number`` and ``size``: those of the message's header; None in the link phase and for TCP flags."""

    row: Row
    number: int | None
    size: int | None


@dataclass(frozen=True)
class Capture:
    """What a capture says.

    ``hosts``: by name, A, B, …, in the order in which they appear, the address of each server. ``remarks``: what is
    to be said about the capture, a line each. ``is_incomplete``: something was said on SPICE connections that is not
    in the rows, though it belongs between them; where a capture just ends, nothing is missing.
    """

    rows: tuple[CapturedRow, ...]
    hosts: dict[str, str]
    remarks: tuple[str, ...]
    is_incomplete: bool


def read_capture(source: Unpacked, most_rows: int) -> Capture:
    """The SPICE connections of a capture.

    Raises ValueError, one line, when there is none, when the capture is damaged from its beginning, or when there is
    more in it than there is room for: ``most_rows`` messages, and the limits of ``Table``.
    """
    table, end, start, count = Table(most_rows), "", 0, 0
    try:
        for packet in packets(source):
            start = start if count else packet.time
            count += 1
            segment = segment_of(packet)
            if isinstance(segment, Remark):
                table.remarks[segment] += 1
            else:
                table.take(segment, Moment(packet.number, packet.time))
    except DamageError as error:
        if not count:
            raise ValueError(f"the capture cannot be read: {error}") from None
        end = f"read up to {error}"
    return _Summary(table, start).capture(count, end)


class _Summary:
    """Puts the connections together when all packets were read."""

    def __init__(self, table: Table, start: int) -> None:
        self._start = start
        self._ends = table.ends
        self._remarks = table.remarks
        found = list(table.finish())
        self._spice = [each for each in found if each.nature is Nature.SPICE]
        self._targets = frozenset(_targets(self._spice))
        servers = {each.server for each in self._spice}
        silent = [each for each in found if each.nature is Nature.UNDECIDED]
        self._wanted = [
            each for each in silent if each.said and (each.server in servers or self._is_target(each.server))
        ]
        unanswered = len(silent) - len(self._wanted)
        self._remarks += Remarks({Remark("connection", Nature.UNDECIDED.value): unanswered} if unanswered else {})
        self._servers = servers | {each.server for each in self._wanted}

    def capture(self, count: int, end: str) -> Capture:
        remarks = self._remarks
        for each in self._spice:
            remarks += each.remarks
        said = (*((end,) if end else ()), *sentences(remarks))
        if not self._spice:
            raise ValueError(f"no SPICE connection in {count:,} packets" + "".join(f"; {each}" for each in said))
        rows, hosts = self._rows()
        return Capture(tuple(rows), hosts, said, self._is_incomplete())

    def _is_target(self, place: Place) -> bool:
        """Whether a client was sent there."""
        address, port = str(ipaddress.ip_address(place[0])), place[1]
        return (address, port) in self._targets or ("", port) in self._targets

    def _is_incomplete(self) -> bool:
        if any(each.is_harmed for each in self._spice) or self._remarks[FORGOTTEN]:
            return True
        unread = {place for nature in _UNREAD for place in self._ends[nature]}
        if any(place in self._servers or self._is_target(place) for place in unread):
            return True
        return bool(self._ends[Nature.BEGUN_BEFORE]) and bool(_sessions(self._spice) - {0})

    def _rows(self) -> tuple[list[CapturedRow], dict[str, str]]:
        known = sorted((*self._spice, *self._wanted), key=lambda each: each.said[0].come)
        said = [
            (each.come.packet, connection, number)
            for connection, conversation in enumerate(known)
            for number, each in enumerate(conversation.said)
        ]
        names: dict[Place, str] = {}
        rows = []
        for line, (_, connection, number) in enumerate(sorted(said), start=1):
            conversation = known[connection]
            host = names.setdefault(conversation.server, _host_name(len(names)))
            rows.append(self._row(line, connection + 1, host, conversation, conversation.said[number]))
        return rows, {name: shown(place) for place, name in names.items()}

    def _row(self, line: int, connection: int, host: str, conversation: Conversation, said: Said) -> CapturedRow:
        row = Row(
            line,
            "spice",
            host,
            said.name,
            connection,
            said.channel,
            said.side.value,
            said.is_tcp,
            said.fields,
            (said.come.time - self._start) / 1e9,
            said.come.packet,
        )
        return CapturedRow(row, said.number, said.size)


def shown(place: Place) -> str:
    """``127.0.0.1:5930``, ``[::1]:5930``."""
    address = ipaddress.ip_address(place[0])
    return f"{address}:{place[1]}" if address.version == 4 else f"[{address}]:{place[1]}"


def _host_name(number: int) -> str:
    return chr(ord("A") + number) if number < 26 else f"H{number + 1}"


def _targets(conversations: Iterable[Conversation]) -> Iterator[tuple[str, int]]:
    """Where clients were sent: address, "" where it was a name, and port."""
    for said in _messages(conversations, TARGET_NAMES):
        try:
            address = str(ipaddress.ip_address(said.fields.get("host", "")))
        except ValueError:
            address = ""
        yield from ((address, said.fields[key]) for key in ("port", "sport") if key in said.fields)


def _sessions(conversations: Sequence[Conversation]) -> set[int]:
    """Sessions that are spoken of, and whose beginning is not there."""
    named = {each.fields["connection_id"] for each in _messages(conversations, ("LINK",))}
    return named - {
        each.fields["session_id"] for each in _messages(conversations, ("INIT",)) if "session_id" in each.fields
    }


def _messages(conversations: Iterable[Conversation], names: Sequence[str]) -> Iterator[Said]:
    return (said for each in conversations for said in each.said if said.name in names)
