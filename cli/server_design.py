"""The designs of hosts, and which of their channels need TLS, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Mutations, Repairs
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice.host_options import ALL_CHANNELS

from .errors import InputError

#: As QEMU calls all channels that are not named otherwise.
DEFAULT = "default"


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

    Raises InputError for one that there is not.
    """
    for kind, chosen in ((Repairs, repairs), (Mutations, mutations)):
        known = [each.name for each in fields(kind)]
        for each in chosen:
            if each not in known:
                raise InputError(f"{each!r}: expected one of {', '.join(known)}")
    return ServerDesign(
        repairs=ALL_REPAIRS if name == "reference" else Repairs(**dict.fromkeys(repairs, True)),
        mutations=Mutations(**dict.fromkeys(mutations, True)),
        seamless=name != "shipped",
    )
