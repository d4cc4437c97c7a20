"""A captured packet, and what the readers of capture files share."""

from __future__ import annotations

from typing import NamedTuple

from .unpacking import Unpacked

#: No link layer has larger packets; a header that announces more is damaged.
LARGEST_PACKET = 1 << 20


class Packet(NamedTuple):
    """``number``: from 1. ``time``: in ns. ``link``: number of the link layer. ``length``: on the wire, in bytes;
    ``data`` is shorter where the capture did not take all of it.
    """

    number: int
    time: int
    link: int
    data: bytes
    length: int


class DamageError(ValueError):
    """From here on a capture cannot be read; one line says where, what, and what was expected."""


def exactly(source: Unpacked, size: int, where: str) -> bytes:
    """The next ``size`` bytes. Raises DamageError where there are fewer."""
    found = source.read(size)
    if len(found) < size:
        raise cut_off(source, where)
    return found


def cut_off(source: Unpacked, where: str) -> DamageError:
    """The error for a file that ends within ``where``."""
    return DamageError(f"{where}: {source.damage or 'the file is cut off in the middle of it'}")


def require_size(size: int, where: str) -> None:
    """Raise DamageError for a packet that nobody sends."""
    if size > LARGEST_PACKET:
        raise DamageError(f"{where}: {size} bytes long; expected at most {LARGEST_PACKET}")
