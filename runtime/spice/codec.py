"""Messages to bytes and back, for every channel, by its tables.

What no table knows passes through as ``Unknown``: it is encoded to the bytes that it came in.
"""

from __future__ import annotations

from collections.abc import Mapping

from switchover.models.language import Message
from switchover.models.spice.protocol.base import Unknown
from switchover.models.spice.protocol.channels import ChannelType, Side

from .layout import Layout
from .malformed import MalformedError
from .tables import BASE, OWN

__all__ = ["TABLES", "MalformedError", "Unknown", "decode", "encode", "name_of"]


def _table(channel: ChannelType, sender: Side) -> dict[int, Layout]:
    own = OWN[channel].sent_by(sender) if channel in OWN else {}
    return {**BASE.sent_by(sender), **own}


#: Every message that is known, by channel, sender and number.
TABLES: Mapping[tuple[ChannelType, Side], Mapping[int, Layout]] = {
    (channel, sender): _table(channel, sender) for channel in ChannelType for sender in Side
}


class _Known:
    """One side's messages: by channel and number, and by channel and record."""

    def __init__(self, sender: Side) -> None:
        self._base = BASE.sent_by(sender)
        self._tables: dict[int, Mapping[int, Layout]] = {each: TABLES[each, sender] for each in ChannelType}
        self._numbers = {each: _by_record(table) for each, table in self._tables.items()}
        self._base_numbers = _by_record(self._base)

    def layout(self, channel: int, number: int) -> Layout | None:
        return self._tables.get(channel, self._base).get(number)

    def number(self, channel: int, record: type[Message]) -> tuple[int, Layout] | None:
        return self._numbers.get(channel, self._base_numbers).get(record)


def _by_record(table: Mapping[int, Layout]) -> dict[type[Message], tuple[int, Layout]]:
    return {layout.record: (number, layout) for number, layout in table.items()}


_SERVER, _CLIENT = _Known(Side.SERVER), _Known(Side.CLIENT)


def decode(channel: ChannelType | int, sender: Side, number: int, body: bytes) -> Message:
    """The record of a message that ``sender`` has sent. On a channel of a type not known only BASE is known.

    Raises MalformedError.
    """
    layout = (_SERVER if sender is Side.SERVER else _CLIENT).layout(channel, number)
    return Unknown(number, body) if layout is None else layout.decode(body)


def encode(channel: ChannelType | int, sender: Side, message: Message) -> tuple[int, bytes]:
    """Number and body of a message that ``sender`` is to send.

    Raises ValueError, one line, for a message that it cannot send on such a channel, or that the wire cannot carry.
    """
    if isinstance(message, Unknown):
        return message.number, message.body
    found = (_SERVER if sender is Side.SERVER else _CLIENT).number(channel, type(message))
    if found is None:
        raise ValueError(f"{name_of(message)}: a {sender} sends no such message on channel type {int(channel)}")
    number, layout = found
    return number, layout.encode(message)


def name_of(message: Message) -> str:
    """The protocol's name for a message: ``MIGRATE_BEGIN``; ``UNKNOWN_999`` for a number that no table knows."""
    return f"UNKNOWN_{message.number}" if isinstance(message, Unknown) else message.event.upper()
