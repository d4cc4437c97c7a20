"""The choices that make up one SPICE link-timing system."""

from __future__ import annotations

from dataclasses import dataclass, field

from .channels import Kind
from .destination import Answers


@dataclass(frozen=True)
class Repairs:
    """What the reference design does otherwise than shipped software; each repairs one known fault."""

    resets_seamless: bool = False
    numbers_attempts: bool = False
    remembers_switch: bool = False
    hears_late_errors: bool = False
    reads_while_linking: bool = False
    watches_twin: bool = False
    aborts_previous: bool = False
    restores_endpoint: bool = False
    closes_parked: bool = False
    never_blocks: bool = False
    waits_for_channels: bool = False
    keeps_served_client: bool = False


ALL_REPAIRS = Repairs(*(True,) * 12)


@dataclass(frozen=True)
class Mutations:
    """Deliberate mistakes, each of which some property must notice."""

    keeps_waiting: bool = False
    counts_twice: bool = False
    forgets_fallback: bool = False
    keeps_connection_id: bool = False
    forgets_channel: bool = False
    keeps_data: bool = False
    reads_twin: bool = False
    initialises_at_link: bool = False
    talks_after_migrate: bool = False
    keeps_playback_status: bool = False
    takes_errors_for_success: bool = False
    trusting: bool = False


@dataclass(frozen=True)
class LinkTiming:
    """A variant: design, environment, sizes. Every number is an assumption of the verdict.

    ``targets``: where each migration attempt goes, host numbers from 0 (host 0 runs the guest at first). ``slots``:
    connections that one channel may have to one host at once. ``breaks``: names of connections, one of which may break.
    ``client_repairs``: those of the client, if they are not the servers'.
    """

    seamless: bool = False
    follows: bool = True
    channels: tuple[Kind, ...] = (Kind.DISPLAY, Kind.CURSOR)
    targets: tuple[int, ...] = (1,)
    hosts: int = 2
    slots: int = 2
    may_fail: bool = False
    may_cancel: bool = False
    may_quit: bool = False
    gives_info: bool = True
    changes_target: bool = False
    waits_for_connect: bool = False
    waits_for_spice: bool = True
    answers: tuple[Answers, ...] = ()
    agrees_to_seamless: bool = True
    blocks_while_loading: bool = False
    connects_at_start: bool = False
    ticket_may_expire: bool = False
    ticket_may_be_renewed: bool = False
    restarts: bool = True
    read_only: bool = False
    adds_channel: bool = False
    registers_late: bool = False
    may_talk: bool = False
    hears_service: bool = False
    drops_linked: bool = False
    drops_while_loading: bool = True
    client_connected: bool = True
    early_timers: int = 0
    breaks: tuple[str, ...] = ()
    queue: int = 8
    repairs: Repairs = field(default_factory=Repairs)
    client_repairs: Repairs | None = None
    mutations: Mutations = field(default_factory=Mutations)
