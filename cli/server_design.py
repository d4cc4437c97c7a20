"""The designs of hosts, by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS, Mutations, Repairs

from .errors import InputError


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
