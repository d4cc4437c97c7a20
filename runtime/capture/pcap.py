"""Reads pcap files: of either byte order, times in µs or ns."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from .packets import Packet, cut_off, exactly, require_size
from .unpacking import Unpacked

#: By the first four bytes: byte order, and how many ns a unit of time has.
VARIETIES = {
    b"\xa1\xb2\xc3\xd4": (">", 1000),
    b"\xd4\xc3\xb2\xa1": ("<", 1000),
    b"\xa1\xb2\x3c\x4d": (">", 1),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
}


def pcap_packets(source: Unpacked) -> Iterator[Packet]:
    """The packets of a pcap file. Raises DamageError where it is cut off or damaged."""
    order, unit = VARIETIES[source.peek(4)]
    header = exactly(source, 24, "file header")
    # The upper half says how long the checksum behind each packet is.
    link = struct.unpack_from(order + "I", header, 20)[0] & 0xFFFF
    record = struct.Struct(order + "IIII")
    number = 0
    while start := source.read(record.size):
        number += 1
        where = f"packet {number}"
        if len(start) < record.size:
            raise cut_off(source, where)
        seconds, fraction, captured, length = record.unpack(start)
        require_size(max(captured, length), where)
        data = exactly(source, captured, where)
        yield Packet(number, seconds * 10**9 + fraction * unit, link, data, max(length, captured))
