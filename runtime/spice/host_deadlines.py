"""What is due at a host: tickets that run out, migrations that complete, and what has taken too long."""

from __future__ import annotations

from .host_charts import HostCharts
from .host_events import Happening, HostEvent
from .host_limits import HostLimits
from .host_links import is_unfinished
from .tickets import Tickets


class HostDeadlines:
    """``complete_at``: when the migration under way completes by itself."""

    def __init__(self, charts: HostCharts, tickets: Tickets, limits: HostLimits) -> None:
        self.complete_at: float | None = None
        self._charts = charts
        self._tickets = tickets
        self._limits = limits

    def next(self) -> float | None:
        """When the next thing is due."""
        charts = self._charts.process.next_deadline()
        found = (
            None if charts is None else charts / 1000,
            self._charts.links.next_deadline(),
            self._charts.streams.next_deadline(),
            self._limits.next_deadline(),
            self._tickets.expires,
            self.complete_at,
        )
        return min((each for each in found if each is not None), default=None)

    def do_due(self) -> None:
        """Do what was due before now, or is."""
        charts, now = self._charts, self._charts.now
        charts.let_time_pass()
        if self._tickets.expires is not None and self._tickets.expires <= now:
            self._tickets.expires = None
            charts.decide("destination", "ticket_expires")
            charts.report(HostEvent(now, Happening.TICKET_EXPIRED))
        if self.complete_at is not None and self.complete_at <= now:
            self.complete_at = None
            charts.decide("hypervisor", "complete")
        for link in charts.links:
            if is_unfinished(link) and link.deadline <= now:
                charts.break_off(link, f"no link within {charts.machine.options.link_limit:g} s")
        self._limits.give_up_silent()
        charts.streams.give_up_late(now)
