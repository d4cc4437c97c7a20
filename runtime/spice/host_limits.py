"""What a host does not put up with: clients that fall silent (facts: SPICE 7), and clients that do not read.

Nothing is due to a client that owes nothing: silence counts from when an answer is owed, and not before the client is
in service. What is sent is bounded by acknowledgements on the channels that have them, elsewhere by the answers to
PINGs.
"""

from __future__ import annotations

from dataclasses import dataclass

from .host_charts import HostCharts
from .host_links import HostLink
from .host_main import MainService

#: Messages that may wait for acknowledgements of one channel; services send no frames then.
MOST_WAITING = 256


@dataclass
class _Watch:
    """When it is looked again whether a client lives, and how it was the last time: the bytes that had come from it,
    and whether it owed an answer.
    """

    due: float
    received: int
    is_owed: bool = False


class HostLimits:
    """Watches the connections of one host, and breaks off those that exceed a limit."""

    def __init__(self, charts: HostCharts) -> None:
        self._charts = charts
        self._options = charts.machine.options
        self._watches: dict[int, _Watch] = {}

    def next_deadline(self) -> float | None:
        """When a client is looked for next."""
        return min((each.due for each in self._watches.values()), default=None)

    def give_up_silent(self) -> None:
        """Break off with a client that has not said anything for the last interval though it owed an answer."""
        for link in self._charts.links:
            watch = self._watches.get(link.number)
            if watch is not None and watch.due <= self._charts.now and not self._is_alive(link, watch):
                limit = self._options.silence_limit
                self._charts.break_off(link, f"nothing came for {limit:g} s, though a PING was to be answered")

    def _is_alive(self, link: HostLink, watch: _Watch) -> bool:
        connection = link.connection
        is_alive = connection.received > watch.received or not watch.is_owed
        watch.due = self._charts.now + self._options.silence_limit
        watch.received, watch.is_owed = connection.received, connection.unread.is_owed
        return is_alive

    def watch(self) -> None:
        """Begin to watch who has come into service, and stop with who has left it."""
        due = self._charts.now + self._options.silence_limit
        self._watches = {
            link.number: self._watches.get(link.number) or _Watch(due, link.connection.received)
            for link in self._charts.links
            if isinstance(link.service, MainService) and link.service.is_watched(self._charts.situation(link))
        }

    def give_up_deaf(self) -> bool:
        """Break off connections to which too much waits; whether there was one."""
        deaf = [(link, why) for link in self._charts.links if (why := self._why_deaf(link))]
        for link, why in deaf:
            self._charts.break_off(link, why)
        return bool(deaf)

    def _why_deaf(self, link: HostLink) -> str:
        unread, limit = link.connection.unread.size, self._options.unread_limit
        if link.ending is None and unread > limit:
            return f"the client does not read: {unread:,} bytes are not answered for, at most {limit:,} may be"
        if link.ending is None and link.connection.waiting > MOST_WAITING:
            return f"the client does not acknowledge: more than {MOST_WAITING} messages wait for it"
        return ""
