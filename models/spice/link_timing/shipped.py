"""Builds the shipped systems: libspice-server, spice-gtk, QEMU's notifier, and a management application."""

from __future__ import annotations

from collections.abc import Iterator

from switchover.models.language import Actor, Binding, Bounds, Connection, Faults, Property, System

from .client_channel import ClientChannel
from .destination import Answers, DestinationServer
from .environment import Hypervisor, Management
from .server_channel import ServerChannel
from .session import ClientSession
from .source import SourceServer
from .variant import ALL_REPAIRS, LinkTiming, Repairs


def build(name: str, variant: LinkTiming, properties: tuple[Property, ...] = ()) -> System:
    """The closed system of a variant.

    Hosts are numbered; host 0 runs the guest and serves the client at first. Connections are called after channel, host
    and slot: ``main_1_0`` is the first main connection to host 1.
    """
    return System(
        name,
        _actors(variant),
        tuple(_sockets(variant)) + tuple(_streams(variant)),
        tuple(_bindings(variant)),
        properties,
        Faults(early=variant.early_timers, cut=1 if variant.breaks else 0, cut_connections=variant.breaks),
        Bounds(queue=variant.queue),
        processes=_processes(variant),
        assumptions=_assumptions(variant),
        expected_violations=_expected_violations(variant),
        variant=variant,
        cite="seed 001; facts: SPICE 2 to 4",
    )


def _actors(variant: LinkTiming) -> dict[str, Actor | list[Actor]]:
    hosts = range(variant.hosts)
    return {
        "management": Management(
            targets=variant.targets,
            hosts=variant.hosts,
            may_cancel=variant.may_cancel,
            gives_info=variant.gives_info,
            may_change_target=variant.changes_target,
            waits_for_connect=variant.waits_for_connect,
            waits_for_spice=variant.waits_for_spice,
        ),
        "hypervisor": [
            Hypervisor(
                hosts=variant.hosts,
                may_fail=variant.may_fail,
                connects_at_start=variant.connects_at_start,
                initial={"runs_guest": host == 0},
            )
            for host in hosts
        ],
        "source": [
            source_server(variant, client_seamless=variant.seamless, present=host == 0 and variant.client_connected)
            for host in hosts
        ],
        "destination": [_destination(variant, host) for host in hosts],
        "server_channel": [_server_channel(variant, *place) for place in _places(variant)],
        **client_actors(variant),
    }


def _assumptions(variant: LinkTiming) -> tuple[str, ...]:
    """What a verdict about this variant takes for granted, in words."""
    migrations = " then ".join(f"to host {'ABCD'[target]}" for target in variant.targets)
    ends = " or ".join(
        ["completes"] + ["fails"] * variant.may_fail + ["is cancelled at any moment"] * variant.may_cancel
    )
    said = [
        f"channels: main, {', '.join(kind.value for kind in variant.channels)}",
        f"{len(variant.targets)} migration{'s' * (len(variant.targets) > 1)}, {migrations}; each {ends}",
        f"at most {variant.slots} connections of a channel to a host at once",
    ]
    answers = {host: answer for host, answer in enumerate(variant.answers) if answer is not Answers.YES}
    said += [
        f"host {'ABCD'[host]} {'is silent' if answer is Answers.SILENT else 'refuses links'}"
        for host, answer in answers.items()
    ]
    said += [text for field, text in _ENVIRONMENT.items() if getattr(variant, field)]
    return (*said, *(() if variant.early_timers else ("timers on time",)))


_ENVIRONMENT = {
    "may_quit": "the user may leave",
    "changes_target": "the target may be changed before a migration begins",
    "read_only": "a read-only client",
    "adds_channel": "a channel is added once, after a CANCEL",
    "registers_late": "a display's worker learns of it late",
    "may_talk": "each server channel may say one thing more",
    "hears_service": "a source goes on with pictures and sound until its connections are closed",
    "drops_linked": "the target may drop a linked client once",
    "blocks_while_loading": "a loading destination answers nobody",
    "connects_at_start": "linking begins when the migration starts",
    "waits_for_connect": "client_migrate_info returns when the client has answered",
    "ticket_may_expire": "the ticket may expire at any moment",
}


def _expected_violations(variant: LinkTiming) -> tuple[str, ...]:
    """Shipped software leaves sockets unread for ever (N20, N26), and so does a silent host."""
    silent = Answers.SILENT in variant.answers
    return ("no_deadlock",) if silent or (variant.follows and variant.repairs != ALL_REPAIRS) else ()


def _processes(variant: LinkTiming) -> dict[str, tuple[str, ...]]:
    """The client, each host's QEMU, and the management application, each of which lives and dies as one."""
    per_host = len(variant.channels) * variant.slots
    hosts = {
        f"host_{'abcd'[host]}": (
            f"hypervisor[{host}]",
            f"source[{host}]",
            f"destination[{host}]",
            *(f"server_channel[{host * per_host + number}]" for number in range(per_host)),
        )
        for host in range(variant.hosts)
    }
    return {"client": ("session", "channel"), **hosts}


def _places(variant: LinkTiming) -> Iterator[tuple[int, int, int]]:
    """(host, channel, slot) of every socket of a channel other than main, in the order of the server channels."""
    for host in range(variant.hosts):
        for channel in range(len(variant.channels)):
            for slot in range(variant.slots):
                yield host, channel, slot


def source_server(variant: LinkTiming, *, client_seamless: bool, present: bool = False) -> SourceServer:
    """A server's source side. ``client_seamless``: its client announces seamless migration; ``present``: it has one."""
    repairs, mutations = variant.repairs, variant.mutations
    return SourceServer(
        client_follows=variant.follows,
        client_seamless=client_seamless,
        seamless=variant.seamless,
        resets_seamless=repairs.resets_seamless,
        numbers_attempts=repairs.numbers_attempts,
        remembers_switch=repairs.remembers_switch,
        hears_late_errors=repairs.hears_late_errors,
        cancels_linking=repairs.reads_while_linking,
        keeps_waiting=mutations.keeps_waiting,
        counts_twice=mutations.counts_twice,
        forgets_fallback=mutations.forgets_fallback,
        takes_errors_for_success=mutations.takes_errors_for_success,
        initial={"present": present},
    )


def _destination(variant: LinkTiming, host: int) -> DestinationServer:
    attached = host == 0 and variant.client_connected
    return DestinationServer(
        slots=variant.slots,
        channel_slots=len(variant.channels) * variant.slots,
        session_id=host + 1,
        answers=variant.answers[host] if variant.answers else Answers.YES,
        agrees_to_seamless=variant.agrees_to_seamless,
        blocks_while_loading=variant.blocks_while_loading,
        ticket_may_expire=variant.ticket_may_expire and not attached,
        ticket_may_be_renewed=variant.ticket_may_be_renewed and not attached,
        restarts=variant.restarts,
        may_add_channel=variant.adds_channel and host == 0,
        may_drop_linked=variant.drops_linked and host > 0,
        drops_while_loading=variant.drops_while_loading,
        closes_parked=variant.repairs.closes_parked,
        never_blocks=variant.repairs.never_blocks,
        keeps_served_client=variant.repairs.keeps_served_client,
        trusting=variant.mutations.trusting,
        displays=tuple(
            index * variant.slots + slot
            for index, kind in enumerate(variant.channels)
            for slot in range(variant.slots)
            if kind.value == "display"
        ),
        start_in="completed" if attached else "vacant",
        initial={"client": 0, "connection_id": 1, "runs_guest": True} if attached else {"runs_guest": host == 0},
    )


def _server_channel(variant: LinkTiming, host: int, channel: int, slot: int) -> ServerChannel:
    in_use = host == 0 and slot == 0 and variant.client_connected and not _is_added(variant, channel)
    return ServerChannel(
        kind=variant.channels[channel],
        registers_late=variant.registers_late,
        may_talk=variant.may_talk,
        restarts=variant.restarts,
        talks_after_migrate=variant.mutations.talks_after_migrate,
        keeps_playback_status=variant.mutations.keeps_playback_status,
        start_in="started" if in_use else "idle",
    )


def _is_added(variant: LinkTiming, channel: int) -> bool:
    return variant.adds_channel and channel == len(variant.channels) - 1


def client_actors(variant: LinkTiming, *, target_seamless: bool = True) -> dict[str, Actor | list[Actor]]:
    """The client's session and its channels. ``target_seamless``: a target announces seamless migration."""
    return {
        "session": _session(variant, target_seamless),
        "channel": [_client_channel(variant, index) for index in range(len(variant.channels))],
    }


def _session(variant: LinkTiming, target_seamless: bool) -> ClientSession:
    repairs, mutations = _client_repairs(variant), variant.mutations
    return ClientSession(
        links=variant.hosts * variant.slots,
        slots=variant.slots,
        channel_count=len(variant.channels),
        target_seamless=target_seamless,
        read_only=variant.read_only,
        may_quit=variant.may_quit,
        reads_while_linking=repairs.reads_while_linking,
        watches_twin=repairs.watches_twin,
        aborts_previous=repairs.aborts_previous,
        restores_endpoint=repairs.restores_endpoint,
        waits_for_channels=repairs.waits_for_channels,
        keeps_connection_id=mutations.keeps_connection_id,
        forgets_channel=mutations.forgets_channel,
        reads_twin=mutations.reads_twin,
        initial={} if variant.client_connected else {"here": -1, "connection_id": 0},
    )


def _client_repairs(variant: LinkTiming) -> Repairs:
    return variant.repairs if variant.client_repairs is None else variant.client_repairs


def _client_channel(variant: LinkTiming, index: int) -> ClientChannel:
    mutations = variant.mutations
    absent = _is_added(variant, index) or not variant.client_connected
    return ClientChannel(
        kind=variant.channels[index],
        links=variant.hosts * variant.slots,
        slots=variant.slots,
        watches_twin=_client_repairs(variant).watches_twin,
        keeps_data=mutations.keeps_data,
        reads_twin=mutations.reads_twin,
        initialises_at_link=mutations.initialises_at_link,
        hears_service=variant.hears_service,
        start_in="absent" if absent else "on_source",
        initial={"here": -1, "holds": -1} if absent else {},
    )


def _sockets(variant: LinkTiming) -> Iterator[Connection]:
    for host in range(variant.hosts):
        for slot in range(variant.slots):
            link = host * variant.slots + slot
            yield Connection(
                f"main_{host}_{slot}",
                f"session.main[{link}]",
                f"destination[{host}].main[{slot}]",
                established=link == 0 and variant.client_connected,
            )
    for number, (host, channel, slot) in enumerate(_places(variant)):
        link = host * variant.slots + slot
        in_use = link == 0 and variant.client_connected and not _is_added(variant, channel)
        yield Connection(
            f"{variant.channels[channel].value}{channel}_{host}_{slot}",
            f"channel[{channel}].server[{link}]",
            f"server_channel[{number}].client",
            established=in_use,
        )


def _streams(variant: LinkTiming) -> Iterator[Connection]:
    for here in range(variant.hosts):
        for there in range(variant.hosts):
            if here != there:
                yield Connection(
                    f"stream_{here}_{there}",
                    f"hypervisor[{here}].outgoing[{there}]",
                    f"hypervisor[{there}].incoming[{here}]",
                )


def _bindings(variant: LinkTiming) -> Iterator[Binding]:
    for host in range(variant.hosts):
        yield Binding(f"management.qemu[{host}]", f"hypervisor[{host}].management")
        yield Binding(f"hypervisor[{host}].spice", f"source[{host}].qemu")
        yield Binding(f"hypervisor[{host}].display", f"destination[{host}].qemu")
        yield Binding(f"source[{host}].client", f"destination[{host}].source")
    per_host = len(variant.channels) * variant.slots
    for number, (host, _, _) in enumerate(_places(variant)):
        yield Binding(f"destination[{host}].channels[{number % per_host}]", f"server_channel[{number}].server")
    for index in range(len(variant.channels)):
        yield Binding(f"session.channels[{index}]", f"channel[{index}].session")
