"""Reads pcapng files: sections of either byte order, any number of interfaces, each with its resolution of time."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from .packets import LARGEST_PACKET, DamageError, Packet, cut_off, exactly, require_size
from .unpacking import Unpacked

#: The first four bytes.
MAGIC = b"\x0a\x0d\x0d\x0a"
#: In bytes; a block that announces more is damaged.
LARGEST_BLOCK = 1 << 26
#: A packet's block has options besides.
_LARGEST_KEPT = LARGEST_PACKET + 4096
_MOST_INTERFACES = 4096
_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET = 0x0A0D0D0A, 1, 2, 3, 6
_KEPT = (_INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _PACKET)
_RESOLUTION, _OFFSET = 9, 14


class _Interface(NamedTuple):
    """``longest``: bytes of a packet that are captured, 0: all. ``ticks``: a second has; ``offset``: in s."""

    link: int
    longest: int
    ticks: int = 10**6
    offset: int = 0

    def time(self, ticks: int) -> int:
        return ticks * 10**9 // self.ticks + self.offset * 10**9


class _Block(NamedTuple):
    kind: int
    body: bytes
    order: str
    where: str

    def unpack(self, layout: str, offset: int = 0) -> tuple[int, ...]:
        try:
            return struct.unpack_from(self.order + layout, self.body, offset)
        except struct.error:
            raise DamageError(f"{self.where}: too short for its kind, {len(self.body)} bytes") from None


def pcapng_packets(source: Unpacked) -> Iterator[Packet]:
    """The packets of a pcapng file. Raises DamageError where it is cut off or damaged."""
    interfaces: list[_Interface] = []
    number, now = 0, 0
    for block in _blocks(source):
        if block.kind == _SECTION:
            interfaces.clear()
        elif block.kind == _INTERFACE:
            if len(interfaces) == _MOST_INTERFACES:
                raise DamageError(f"{block.where}: more than {_MOST_INTERFACES} interfaces")
            interfaces.append(_interface(block))
        elif block.kind in _KEPT:
            number += 1
            packet = _packet(block, interfaces, number, now)
            now = packet.time
            yield packet


def _blocks(source: Unpacked) -> Iterator[_Block]:
    """The blocks in order; of kinds that are not needed nothing is kept."""
    order, count = "", 0
    while start := source.read(8):
        count += 1
        where = f"block {count}"
        if len(start) < 8:
            raise cut_off(source, where)
        if start.startswith(MAGIC):
            order = _byte_order(source, where)
        kind, size = struct.unpack(order + "II", start)
        largest = _LARGEST_KEPT if kind in _KEPT else LARGEST_BLOCK
        if size % 4 or not 12 <= size <= largest:
            raise DamageError(f"{where}: {size} bytes long; expected a multiple of 4 from 12 to {largest}")
        body = exactly(source, size - 12, where) if kind in _KEPT else b""
        if not body and not source.skip(size - 12):
            raise cut_off(source, where)
        (again,) = struct.unpack(order + "I", exactly(source, 4, where))
        if again != size:
            raise DamageError(f"{where}: {size} bytes long at its start and {again} at its end")
        yield _Block(kind, body, order, where)


def _byte_order(source: Unpacked, where: str) -> str:
    magic = source.peek(4)
    if len(magic) < 4:
        raise cut_off(source, where)
    if magic not in _ORDERS:
        raise DamageError(f"{where}: its byte order is {magic.hex()}; expected 1a2b3c4d or 4d3c2b1a")
    return _ORDERS[magic]


def _interface(block: _Block) -> _Interface:
    link, _, longest = block.unpack("HHI")
    ticks, offset = 10**6, 0
    for code, value in _options(block, 8):
        if code == _RESOLUTION and len(value) == 1:
            exponent = value[0] & 0x7F
            ticks = 2**exponent if value[0] & 0x80 else 10**exponent
        elif code == _OFFSET and len(value) == 8:
            (offset,) = struct.unpack(block.order + "q", value)
    return _Interface(link, longest, ticks, offset)


def _options(block: _Block, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(block.body):
        code, size = block.unpack("HH", at)
        if code == 0:
            return
        yield code, block.body[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4


def _packet(block: _Block, interfaces: list[_Interface], number: int, now: int) -> Packet:
    """``now``: the time of the packet before, for one that has none of its own."""
    where = f"packet {number}"
    if block.kind == _SIMPLE_PACKET:
        (length,) = block.unpack("I")
        require_size(length, where)
        interface = _numbered(interfaces, 0, where)
        longest = min(interface.longest or LARGEST_PACKET, len(block.body) - 4)
        return Packet(number, now, interface.link, block.body[4 : 4 + min(length, longest)], length)
    layout = "IIIII" if block.kind == _PACKET else "HxxIIII"
    index, high, low, captured, length = block.unpack(layout)
    require_size(max(captured, length), where)
    data = block.body[20 : 20 + captured]
    if len(data) < captured:
        raise DamageError(f"{where}: {captured} bytes long in a block that has room for {len(data)}")
    interface = _numbered(interfaces, index, where)
    return Packet(number, interface.time(high << 32 | low), interface.link, data, max(length, captured))


def _numbered(interfaces: list[_Interface], index: int, where: str) -> _Interface:
    if index >= len(interfaces):
        raise DamageError(f"{where}: from interface {index} of {len(interfaces)}")
    return interfaces[index]
