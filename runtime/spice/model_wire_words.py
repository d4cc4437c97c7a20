"""What translates between the messages of a family's models and the records of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice.protocol import link, main
from switchover.models.spice.protocol.channels import ChannelType, Side

#: Where the hosts of a model are: the port of host 0; those of the others follow.
_FIRST_PORT = 5900
_NO_TLS = 0xFFFF


@dataclass(frozen=True)
class ModelWords:
    """``types``: the messages that it knows; ``from_server``: those that only a server sends.

    ``to_wire`` gives a message's record on a channel, ``from_wire`` the message for the record that a side has sent.
    """

    types: frozenset[type[Message]]
    from_server: frozenset[type[Message]]
    to_wire: Callable[[Message, ChannelType], Message]
    from_wire: Callable[[Message, ChannelType, Side], Message]


def link_record(connection_id: int, channel: ChannelType) -> link.Link:
    """The first words of a client that announces nothing."""
    return link.Link(connection_id, channel, 0, (), ())


def switch_host_record(host: int) -> main.MigrateSwitchHost:
    """SWITCH_HOST to a host of the model."""
    return main.MigrateSwitchHost(*address_of(host))


def init_record(session_id: int, multi_media_time: int) -> main.Init:
    """INIT of a server without an agent."""
    return main.Init(session_id, 1, 3, 1, 0, 0, multi_media_time, 0)


def address_of(host: int) -> tuple[int, int, str]:
    """Port, port with TLS and name of a host of the model."""
    return _FIRST_PORT + host, _NO_TLS, f"host-{host}.example"


def host_at(port: int) -> int:
    """The host that ``address_of`` gave this port."""
    return port - _FIRST_PORT
