"""The designs of hosts, and which of their channels need TLS, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Mutations, Repairs
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice.host_options import ALL_CHANNELS

from .errors import InputError
from .excerpt import excerpt

#: Of what a user gave, so many characters are repeated.
_MOST_SHOWN = 40

#: As QEMU calls all channels that are not named otherwise.
DEFAULT = "default"

#: What only clients do otherwise: the other repairs and mutations of the models change a host.
_OF_CLIENTS = frozenset(
    (
        *("watches_twin", "aborts_previous", "restores_endpoint", "waits_for_channels"),
        *("keeps_connection_id", "forgets_channel", "keeps_data", "reads_twin", "initialises_at_link"),
    )
)


def secured_channels(
    tls: Sequence[str], plaintext: Sequence[str]
) -> tuple[frozenset[ChannelType], frozenset[ChannelType]]:
    """The channels to be linked with TLS only, and those without, by the names of channels, or ``default``.

    Raises InputError for a name that stands for both.
    """
    if both := sorted(set(tls) & set(plaintext)):
        raise InputError(f"{both[0]}: a channel cannot be linked only with TLS and only without")
    named = {each for each in ALL_CHANNELS if each.name.lower() in (*tls, *plaintext)}
    found = []
    for names in (tls, plaintext):
        others = ALL_CHANNELS - named if DEFAULT in names else frozenset()
        found.append(others | frozenset(each for each in named if each.name.lower() in names))
    return found[0], found[1]


def server_design(name: str, repairs: Sequence[str] = (), mutations: Sequence[str] = ()) -> ServerDesign:
    """``shipped``, ``seamless``, or ``reference``, with more repairs and mutations of the models by name.

    Raises InputError for one that there is not, or that changes nothing: it is a client's, or ``reference`` has it.
    """
    for option, kind, chosen in (("--repair", Repairs, repairs), ("--mutation", Mutations, mutations)):
        everywhere = [each.name for each in fields(kind)]
        known = [each for each in everywhere if each not in _OF_CLIENTS]
        for each in chosen:
            if each not in known:
                whose = "is a client's, and changes no host; " if each in everywhere else ""
                raise InputError(f"{option} {excerpt(each, _MOST_SHOWN)!r}: {whose}expected one of {', '.join(known)}")
    if name == "reference" and repairs:
        raise InputError(f"--repair {repairs[0]!r}: the reference design has it; expected shipped or seamless with it")
    return ServerDesign(
        repairs=ALL_REPAIRS if name == "reference" else Repairs(**dict.fromkeys(repairs, True)),
        mutations=Mutations(**dict.fromkeys(mutations, True)),
        seamless=name != "shipped",
    )
