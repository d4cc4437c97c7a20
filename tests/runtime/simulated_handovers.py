"""Designs of hosts and clients, by name, for handovers in a simulated network."""

from __future__ import annotations

from switchover.models.spice.link_timing.endpoints import ClientDesign, ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS
from switchover.runtime.spice.client import ClientOptions

SERVERS = {
    "shipped": ServerDesign(),
    "seamless": ServerDesign(seamless=True),
    "reference": ServerDesign(seamless=True, repairs=ALL_REPAIRS),
}
CLIENTS = {
    "shipped": ClientOptions(design=ClientDesign(), stream_design="since_0_34"),
    "reference": ClientOptions(),
}
#: A client that does not announce that it links to a target before the switch.
SWITCH_HOST = ClientOptions(follows=False)
