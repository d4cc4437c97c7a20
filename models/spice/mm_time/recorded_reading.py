"""Which messages of a recording its client handles, in which order, and when (facts: SPICE 4.2 to 4.6)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ..link_timing.recorded_cast import REPLY_NAMES, Cast, Contact
from ..link_timing.recorded_rows import Row

#: A channel of the client, ("display", 0).
Channel = tuple[str, int]

BEGINNINGS = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS")
#: What the client reads on a connection that it only links for a migration.
_LINKING = ("LINK_REPLY", "LINK_RESULT", "MIGRATE_DST_SEAMLESS_ACK", "MIGRATE_DST_SEAMLESS_NACK")
#: In MIGRATE's flags: the channel's MIGRATE_DATA follows.
_DATA_FOLLOWS = 2
_MAIN: Channel = ("main", 0)


@dataclass(frozen=True)
class TimedRow:
    """A row and when it was recorded, in µs. ``answered``: when the client first attached its channels on the row's
    connection, None if it never did.
    """

    row: Row
    time: int
    answered: int | None = None


class Handled(NamedTuple):
    """``timed`` was handled by ``channel`` on a connection to the present handover's target, or else to its source.

    Rows of the client are among them where they tell of a change: a main channel that links anew, or leaves with
    MIGRATE_END.
    """

    timed: TimedRow
    channel: Channel
    on_target: bool


def with_answers(rows: Iterable[TimedRow]) -> list[TimedRow]:
    """The rows, those that the client answered with ATTACH_CHANNELS with the time of that."""
    found = list(rows)
    answers: dict[int, int] = {}
    for each in found:
        if each.row.name == "ATTACH_CHANNELS" and each.row.sender == "client":
            answers.setdefault(each.row.connection, each.time)
    return [replace(each, answered=answers.get(each.row.connection)) for each in found]


def own_contacts(cast: Cast) -> dict[int, Contact]:
    """The connections of the client itself, by number. Of a host with a proxy in front, those behind it are not its."""
    through: dict[int, set[str]] = {}
    for each in cast.contacts:
        through.setdefault(cast.hosts[each.host], set()).add(each.host)
    behind = {name for names in through.values() if len(names) > 1 for name in names & _guest_hosts(cast)}
    return {each.number: each for each in cast.contacts if each.host not in behind}


def _guest_hosts(cast: Cast) -> set[str]:
    return {name for each in cast.attempts for name in (each.source, each.guest) if name is not None}


@dataclass
class Reading:
    """What a client reads, row by row. In use is one connection for each channel; a connection linked for a migration
    is a twin, on which what comes waits until the channel moves there.
    """

    contacts: dict[int, Contact]
    in_use: dict[Channel, int] = field(default_factory=dict)
    twins: dict[Channel, int] = field(default_factory=dict)
    waiting: dict[int, list[TimedRow]] = field(default_factory=dict)
    at_target: set[int] = field(default_factory=set)
    suspended: int | None = None
    waits_for_init: bool = False
    is_switching: bool = False
    data_follows: set[Channel] = field(default_factory=set)

    def feed(self, timed: TimedRow) -> list[Handled]:
        """What the client handles in consequence of this row, in order."""
        row = timed.row
        contact = self.contacts.get(row.connection) if row.is_wire else None
        if contact is None or contact.channel is None:
            return []
        if row.sender == "server":
            return [] if row.is_tcp else list(self._arrives(timed, contact.channel))
        if row.is_ending and self.in_use.get(contact.channel) == row.connection:
            del self.in_use[contact.channel]
        return [] if row.is_tcp else list(self._is_sent(timed, contact.channel))

    def _is_sent(self, timed: TimedRow, channel: Channel) -> Iterator[Handled]:
        row = timed.row
        if row.name == "LINK":
            yield from self._link(timed, channel)
        elif row.name in REPLY_NAMES and row.connection == self.suspended:
            self.suspended = None
            if row.name == "MIGRATE_CONNECT_ERROR":
                self.twins.clear()
            yield from self._catch_up(row.connection)
        elif row.name == "MIGRATE_END" and self.twins.get(channel) == row.connection:
            # All channels are reset; but for main they stay where they are until the target's INIT.
            self.waits_for_init = True
            self.in_use.clear()
            yield Handled(timed, channel, on_target=False)
            yield from self._move(channel)

    def _link(self, timed: TimedRow, channel: Channel) -> Iterator[Handled]:
        number = timed.row.connection
        if self.suspended is not None and self.contacts[self.suspended].host != timed.row.host:
            self.twins[channel] = number
            return
        if channel == _MAIN and self.is_switching:
            self.is_switching = False
            self.twins.clear()
            self.at_target.add(number)
        elif channel == _MAIN:
            self.at_target.clear()
            yield Handled(timed, channel, on_target=False)
        elif self.in_use.get(_MAIN) in self.at_target:
            self.at_target.add(number)
        self.in_use[channel] = number

    def _arrives(self, timed: TimedRow, channel: Channel) -> Iterator[Handled]:
        number, name = timed.row.connection, timed.row.name
        if name in _LINKING:
            return
        if number == self.suspended or self.twins.get(channel) == number:
            self.waiting.setdefault(number, []).append(timed)
        elif self.in_use.get(channel) == number:
            if channel == _MAIN and name in (*BEGINNINGS, "MIGRATE_SWITCH_HOST"):
                self.at_target.clear()
            yield Handled(timed, channel, number in self.at_target)
            yield from self._consequences(timed, channel)

    def _consequences(self, timed: TimedRow, channel: Channel) -> Iterator[Handled]:
        """How a message that was handled changes what is read."""
        name = timed.row.name
        if channel == _MAIN and name in BEGINNINGS:
            self.suspended = timed.row.connection
        elif channel == _MAIN and name == "MIGRATE_CANCEL":
            self.twins.clear()
        elif channel == _MAIN and name == "MIGRATE_SWITCH_HOST":
            self.is_switching = True
            self.in_use.clear()
        elif channel == _MAIN and name == "INIT" and self.waits_for_init:
            self.waits_for_init = False
            for each in sorted(self.twins, key=self.twins.__getitem__):
                yield from self._move(each)
        elif name == "MIGRATE" and (timed.row.number("flags") or 0) & _DATA_FOLLOWS:
            self.data_follows.add(channel)
        elif name == "MIGRATE" or (name == "MIGRATE_DATA" and channel in self.data_follows):
            self.data_follows.discard(channel)
            yield from self._move(channel)

    def _move(self, channel: Channel) -> Iterator[Handled]:
        number = self.twins.pop(channel, None)
        if number is not None:
            self.in_use[channel] = number
            self.at_target.add(number)
            yield from self._catch_up(number)

    def _catch_up(self, number: int) -> Iterator[Handled]:
        """Handle what waited. One of the messages may suspend or move the channel again."""
        for timed in self.waiting.pop(number, []):
            channel = self.contacts[number].channel
            if channel is not None:
                yield from self._arrives(timed, channel)
