"""Builds the systems of the 2011 proposal (seed 001), in every combination of old and new software."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from switchover.models.language import Actor, Binding, Connection, Property, System

from .channels import Kind
from .destination import Answers
from .environment import Hypervisor, Management
from .proposal_client import ProposalChannel, ProposalSession
from .proposal_server import ProposalServer, ProposalServerChannel


@dataclass(frozen=True)
class Proposal:
    """A variant of the proposal: who is of 2010 and who is new, the environment, deliberate mistakes.

    ``outlasts_linking``: the migration takes longer than the client's linking (an assumption; the post has no message
    that could ensure it).
    """

    old_source: bool = False
    old_target: bool = False
    old_client: bool = False
    has_capability: bool = True
    channels: tuple[Kind, ...] = (Kind.DISPLAY, Kind.PLAYBACK)
    outlasts_linking: bool = False
    may_fail: bool = False
    may_cancel: bool = False
    answers: Answers = Answers.YES
    blocks_while_loading: bool = False
    ticket_may_expire: bool = False
    eager_init_wait: bool = False
    keeps_playback_status: bool = False
    inits_migrated: bool = False
    ignores_capability: bool = False
    forgets_channel: bool = False
    keeps_data: bool = False
    reads_twin: bool = False
    initialises_at_link: bool = False
    slots: int = 2

    @property
    def hosts(self) -> int:
        """Source and target."""
        return 2


def build(name: str, variant: Proposal, properties: tuple[Property, ...] = ()) -> System:
    """The closed system of a variant: one migration from host 0 to host 1."""
    return System(
        name,
        _actors(variant),
        tuple(_connections(variant)),
        tuple(_bindings(variant)),
        properties,
        variant=variant,
        processes=_processes(variant),
        assumptions=_assumptions(variant),
        expected_violations=() if _is_ordered(variant) else ("no_deadlock",),
        cite="seed 001",
    )


def _is_ordered(variant: Proposal) -> bool:
    """Whether the client is linked before it is switched, or is switched the old way; else it may be stranded
    (LT12).
    """
    return variant.outlasts_linking or variant.old_client or variant.old_source


def _assumptions(variant: Proposal) -> tuple[str, ...]:
    ends = " or ".join(
        ["completes"] + ["fails"] * variant.may_fail + ["is cancelled at any moment"] * variant.may_cancel
    )
    ages = [f"{'old' if old else 'new'} {who}" for who, old in _ages(variant)]
    said = [
        ", ".join(ages),
        f"channels: main, {', '.join(kind.value for kind in variant.channels)}",
        f"1 migration, to host B, which {ends}",
    ]
    if variant.outlasts_linking:
        said.append("the migration takes longer than the client's linking")
    if variant.answers is Answers.REFUSES:
        said.append("host B refuses links")
    if variant.ticket_may_expire:
        said.append("the ticket may expire at any moment")
    if variant.blocks_while_loading:
        said.append("a loading destination answers nobody")
    if not variant.has_capability:
        said.append("no capability tells old from new")
    return tuple(said)


def _ages(variant: Proposal) -> tuple[tuple[str, bool], ...]:
    return (("source", variant.old_source), ("target", variant.old_target), ("client", variant.old_client))


def _processes(variant: Proposal) -> dict[str, tuple[str, ...]]:
    per_host = len(variant.channels) * variant.slots
    hosts = {
        f"host_{'ab'[host]}": (
            f"hypervisor[{host}]",
            f"server[{host}]",
            *(f"server_channel[{host * per_host + number}]" for number in range(per_host)),
        )
        for host in (0, 1)
    }
    return {"client": ("session", "channel"), **hosts}


def _actors(variant: Proposal) -> dict[str, Actor | list[Actor]]:
    return {
        "management": Management(may_cancel=variant.may_cancel, waits_for_spice=False),
        "hypervisor": [
            Hypervisor(
                may_fail=variant.may_fail,
                waits_for_client=variant.outlasts_linking and not variant.old_client and not variant.old_source,
                initial={"runs_guest": host == 0},
            )
            for host in (0, 1)
        ],
        "server": [_server(variant, host) for host in (0, 1)],
        "server_channel": [
            ProposalServerChannel(
                kind=variant.channels[channel],
                eager_init_wait=variant.eager_init_wait,
                keeps_playback_status=variant.keeps_playback_status,
                start_in="started" if host == 0 and slot == 0 else "idle",
            )
            for host, channel, slot in _places(variant)
        ],
        "session": ProposalSession(
            links=2 * variant.slots,
            slots=variant.slots,
            channel_count=len(variant.channels),
            old=variant.old_client,
            source_is_new=not variant.old_source,
            has_capability=variant.has_capability,
            reads_twin=variant.reads_twin,
            forgets_channel=variant.forgets_channel,
        ),
        "channel": [
            ProposalChannel(
                kind=kind,
                links=2 * variant.slots,
                slots=variant.slots,
                keeps_data=variant.keeps_data,
                reads_twin=variant.reads_twin,
                initialises_at_link=variant.initialises_at_link,
            )
            for kind in variant.channels
        ],
    }


def _server(variant: Proposal, host: int) -> ProposalServer:
    return ProposalServer(
        slots=variant.slots,
        channel_slots=len(variant.channels) * variant.slots,
        session_id=host + 1,
        old=variant.old_target if host else variant.old_source,
        client_follows=not variant.old_client,
        has_capability=variant.has_capability,
        ignores_capability=variant.ignores_capability,
        inits_migrated=variant.inits_migrated,
        answers=variant.answers if host else Answers.YES,
        blocks_while_loading=variant.blocks_while_loading,
        ticket_may_expire=variant.ticket_may_expire and host > 0,
        start_in="vacant" if host else "on_source",
        initial={} if host else {"client": 0, "connection_id": 1},
    )


def _places(variant: Proposal) -> Iterator[tuple[int, int, int]]:
    for host in (0, 1):
        for channel in range(len(variant.channels)):
            for slot in range(variant.slots):
                yield host, channel, slot


def _connections(variant: Proposal) -> Iterator[Connection]:
    for link in range(2 * variant.slots):
        host, slot = divmod(link, variant.slots)
        yield Connection(
            f"main_{host}_{slot}", f"session.main[{link}]", f"server[{host}].main[{slot}]", established=link == 0
        )
    for number, (host, channel, slot) in enumerate(_places(variant)):
        link = host * variant.slots + slot
        yield Connection(
            f"{variant.channels[channel].value}{channel}_{host}_{slot}",
            f"channel[{channel}].server[{link}]",
            f"server_channel[{number}].client",
            established=link == 0,
        )
    for here, there in ((0, 1), (1, 0)):
        yield Connection(
            f"stream_{here}_{there}", f"hypervisor[{here}].outgoing[{there}]", f"hypervisor[{there}].incoming[{here}]"
        )


def _bindings(variant: Proposal) -> Iterator[Binding]:
    for host in (0, 1):
        yield Binding(f"management.qemu[{host}]", f"hypervisor[{host}].management")
        yield Binding(f"hypervisor[{host}].spice", f"server[{host}].qemu")
        yield Binding(f"hypervisor[{host}].display", f"server[{host}].display")
    yield Binding("session.world", "hypervisor[0].world")
    per_host = len(variant.channels) * variant.slots
    for number, (host, _, _) in enumerate(_places(variant)):
        yield Binding(f"server[{host}].channels[{number % per_host}]", f"server_channel[{number}].server")
    for index in range(len(variant.channels)):
        yield Binding(f"session.channels[{index}]", f"channel[{index}].session")
