"""One end of the shipped or the reference system by itself: a client, or a host's server, with any peers (facts: SPICE
2 to 4).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from switchover.models.language import Binding, System
from switchover.models.language.execution import Execution

from .channels import Kind
from .destination import DestinationServer
from .environment import Hypervisor
from .server_channel import ServerChannel
from .shipped import client_actors, source_server
from .variant import LinkTiming, Mutations, Repairs

#: Hosts that one end can tell apart, and connections of one channel to or at a host at once.
HOSTS = 4
SLOTS = 8

#: The connection id that a server's own new session has in the model; ids that other servers gave have the others.
OWN_SESSION = 1


@dataclass(frozen=True)
class ClientDesign:
    """How a client behaves. ``target_seamless``: the target that it links to announces seamless migration."""

    repairs: Repairs = field(default_factory=Repairs)
    mutations: Mutations = field(default_factory=Mutations)
    read_only: bool = False
    target_seamless: bool = True


@dataclass(frozen=True)
class ServerDesign:
    """How a server behaves. ``follows`` and ``client_seamless`` are what its client announces, ``seamless`` is its own
    option.
    """

    repairs: Repairs = field(default_factory=Repairs)
    mutations: Mutations = field(default_factory=Mutations)
    seamless: bool = False
    follows: bool = True
    client_seamless: bool = False
    agrees_to_seamless: bool = True


@cache
def client(design: ClientDesign, channels: tuple[Kind, ...] = ()) -> Execution:
    """A client that has not connected yet, and will have these channels beside main: ``session``, ``channel[i]``."""
    variant = LinkTiming(
        channels=channels,
        hosts=HOSTS,
        slots=SLOTS,
        repairs=design.repairs,
        mutations=design.mutations,
        read_only=design.read_only,
        may_quit=True,
        client_connected=False,
    )
    bindings = tuple(
        Binding(f"session.channels[{number}]", f"channel[{number}].session") for number in range(len(channels))
    )
    return Execution(
        System("client", client_actors(variant, target_seamless=design.target_seamless), bindings=bindings)
    )


@cache
def server(design: ServerDesign, channels: tuple[Kind, ...]) -> Execution:
    """A host: QEMU's notifier, libspice-server, and ``SLOTS`` sockets of each channel, with neither guest nor client.

    Its actors: ``hypervisor``, ``source``, ``destination``, ``server_channel[channel × SLOTS + slot]``.
    """
    repairs, mutations = design.repairs, design.mutations
    variant = LinkTiming(
        seamless=design.seamless, follows=design.follows, repairs=repairs, mutations=mutations, client_connected=False
    )
    places = [(number, slot) for number in range(len(channels)) for slot in range(SLOTS)]
    destination = DestinationServer(
        slots=SLOTS,
        channel_slots=len(places),
        session_id=OWN_SESSION,
        agrees_to_seamless=design.agrees_to_seamless,
        ticket_may_expire=True,
        ticket_may_be_renewed=True,
        closes_parked=repairs.closes_parked,
        never_blocks=repairs.never_blocks,
        keeps_served_client=repairs.keeps_served_client,
        trusting=mutations.trusting,
        displays=tuple(at for at, (number, _) in enumerate(places) if channels[number] is Kind.DISPLAY),
    )
    sockets = [
        ServerChannel(
            kind=channels[number],
            talks_after_migrate=mutations.talks_after_migrate,
            keeps_playback_status=mutations.keeps_playback_status,
        )
        for number, _ in places
    ]
    return Execution(
        System(
            "host",
            {
                "hypervisor": Hypervisor(hosts=HOSTS, may_fail=True),
                "source": source_server(variant, client_seamless=design.client_seamless),
                "destination": destination,
                "server_channel": sockets,
            },
            bindings=(
                Binding("hypervisor.spice", "source.qemu"),
                Binding("hypervisor.display", "destination.qemu"),
                Binding("source.client", "destination.source"),
                *(
                    Binding(f"destination.channels[{number}]", f"server_channel[{number}].server")
                    for number in range(len(places))
                ),
            ),
        )
    )
