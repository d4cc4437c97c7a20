"""Tickets with a lifetime: the real systems with durations, for the numbers that decide whether a link is in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from switchover.models.language import Latency, Open, Quantity, System, Timing
from switchover.models.language.claim import SystemMaker

LIFETIME = Quantity("lifetime", "of the ticket, from the moment when it is set", low=0, typical=10)
MIGRATION = Quantity("migration", "from setting the ticket to the migration's end", low=1, typical=30_000)
LINK = Quantity("link", "one-way network delay between client and target", low=0, typical=20)

#: One-way delays until the target has checked the ticket on the last channel: main's connection; its reply; the other
#: channels' connections. A client that connects anew waits for INIT and the list of channels in between.
DELAYS_OF_LINKING = 3
DELAYS_OF_RECONNECTING = 5


@cache
def set_at_the_start(make: SystemMaker, server: str) -> Callable[..., System]:
    """The system of ``make`` with one migration, begun when the ticket is set. ``server``: the target's actor."""

    def with_durations(*, lifetime: int, migration: int, link: int) -> System:
        system = make()
        delay, none = Latency.exactly(link), Latency.exactly(0)
        latencies: dict[str | tuple[str, str], Latency] = {
            each.name: delay if _leads_to_target(each.name) else none for each in system.connections
        }
        schedule = {
            ("management", "client_migrate_info"): 0,
            ("management", "migrate"): 0,
            ("hypervisor[0]", "complete"): migration,
            (server, "ticket_expires"): lifetime,
        }
        assumptions = (*system.assumptions, "the ticket is set, and the migration begins, at the start")
        timing = Timing(latencies=latencies, schedule=schedule)
        return replace(system, timing=timing, assumptions=assumptions)

    return with_durations


def _leads_to_target(connection: str) -> bool:
    """``main_1_0``: a client's connection to host 1."""
    return connection.split("_")[-2] == "1" and not connection.startswith("stream")


def linking_is_short(migration: int, link: int, **_: int) -> Sequence[bool]:
    """The client has linked before the migration ends, and before the servers' time limits."""
    return (6 * link <= migration, link <= 1500)


def lives_longer_than_linking(lifetime: int, migration: int, link: int) -> Sequence[bool]:
    """The same, and the ticket is valid for longer than linking takes."""
    return (*linking_is_short(migration, link), lifetime > DELAYS_OF_LINKING * link)


def lost_at_the_end(lifetime: int, migration: int, link: int) -> bool:
    """LT01 as the ledger states it: the lifetime is shorter than migration and handover."""
    return lifetime < migration + DELAYS_OF_RECONNECTING * link


def lost_while_linking(lifetime: int, migration: int, link: int) -> bool:
    """LT02 as the ledger states it: the lifetime is shorter than the latency of linking."""
    return lifetime < DELAYS_OF_LINKING * link


OVER_RECONNECTING = Open((LIFETIME, MIGRATION, LINK), linking_is_short, lost_at_the_end)
OVER_LINKING = Open((LIFETIME, MIGRATION, LINK), linking_is_short, lost_while_linking)
