"""From a packet to its TCP segment: link layers, IPv4 and IPv6, TCP. Lengths in headers are never trusted."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

from .packets import Packet
from .remarks import Remark

FRAGMENT = Remark("packet", "a fragment of an IP packet; fragments are not put together, left out")
NOT_TCP = Remark("packet", "not TCP over IP, left out")
MALFORMED = Remark("packet", "headers that contradict themselves, left out")
NO_HEADERS = Remark("packet", "cut short within the headers when it was captured, left out")

FIN, SYN, RST, ACK = 1, 2, 4, 16

_IPV4, _IPV6 = 4, 6
_ETHERTYPES = {0x0800: _IPV4, 0x86DD: _IPV6}
_VLAN_TAGS = (0x8100, 0x88A8, 0x9100)
_FAMILIES = {2: _IPV4, 10: _IPV6, 23: _IPV6, 24: _IPV6, 28: _IPV6, 30: _IPV6}
_TCP = 6
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION, _MOBILITY = 0, 43, 44, 51, 60, 135
_MOST_EXTENSIONS = 16

_NULL, _ETHERNET, _LOOP, _RAW, _SLL, _ONLY_IPV4, _ONLY_IPV6, _SLL2 = 0, 1, 108, (12, 14, 101), 113, 228, 229, 276

#: An address with its port.
Place = tuple[bytes, int]


class Segment(NamedTuple):
    """``data`` of a TCP segment, ``missing`` bytes of which, at its end, were not captured."""

    source: Place
    target: Place
    sequence: int
    acknowledged: int
    flags: int
    data: bytes
    missing: int


class _LeftOutError(Exception):
    """A packet is left out, for the reason of the remark."""

    def __init__(self, remark: Remark) -> None:
        super().__init__(remark.text)
        self.remark = remark


class _Part(NamedTuple):
    """What a header carries: ``length`` bytes on the wire, of which ``data`` was captured."""

    data: bytes
    length: int

    def behind(self, size: int) -> _Part:
        """The part behind the first ``size`` bytes."""
        if size > self.length:
            raise _LeftOutError(MALFORMED)
        if size > len(self.data):
            raise _LeftOutError(NO_HEADERS)
        return _Part(self.data[size:], self.length - size)

    def first(self, length: int) -> _Part:
        """Without what is behind ``length`` bytes, a link layer's padding."""
        return _Part(self.data[:length], length)

    def unpack(self, layout: struct.Struct, offset: int = 0) -> tuple[Any, ...]:
        if len(self.data) < offset + layout.size:
            raise _LeftOutError(NO_HEADERS if len(self.data) < self.length else MALFORMED)
        return layout.unpack_from(self.data, offset)


def segment_of(packet: Packet) -> Segment | Remark:
    """The TCP segment of a packet, or why there is none."""
    try:
        version, part = _ip_part(packet.link, _Part(packet.data, packet.length))
        source, target, part = _ipv4(part) if version == _IPV4 else _ipv6(part)
        return _tcp(source, target, part)
    except _LeftOutError as error:
        return error.remark


_BYTE = struct.Struct("B")
_SHORT = struct.Struct(">H")
_NATIVE = struct.Struct("<I")
_BIG = struct.Struct(">I")


def _ip_part(link: int, part: _Part) -> tuple[int, _Part]:
    """The IP version and packet within a frame of a link layer."""
    if link == _ETHERNET:
        return _behind_ethertype(part, 12)
    if link == _SLL:
        return _behind_ethertype(part, 14)
    if link == _SLL2:
        return _version(part.unpack(_SHORT)[0]), part.behind(20)
    if link in (_NULL, _LOOP):
        family = part.unpack(_BIG)[0]
        # The family is in the byte order of the machine that captured.
        return _required(_FAMILIES.get(family) or _FAMILIES.get(part.unpack(_NATIVE)[0])), part.behind(4)
    if link in (*_RAW, _ONLY_IPV4, _ONLY_IPV6):
        return part.unpack(_BYTE)[0] >> 4, part
    raise _LeftOutError(Remark("packet", f"of link layer {link}, which is not read, left out"))


def _behind_ethertype(part: _Part, at: int) -> tuple[int, _Part]:
    while (found := part.unpack(_SHORT, at)[0]) in _VLAN_TAGS:
        at += 4
    return _version(found), part.behind(at + 2)


def _version(ethertype: int) -> int:
    return _required(_ETHERTYPES.get(ethertype))


def _required(version: int | None) -> int:
    if version is None:
        raise _LeftOutError(NOT_TCP)
    return version


_IPV4_HEADER = struct.Struct(">BxHxxHxBxx4s4s")


def _ipv4(part: _Part) -> tuple[bytes, bytes, _Part]:
    start, total, fragment, protocol, source, target = part.unpack(_IPV4_HEADER)
    header = (start & 15) * 4
    # Of a packet that is cut up later, by the network card, the length may be missing.
    total = total or part.length
    if start >> 4 != 4 or header < 20 or total < header or total > part.length:
        raise _LeftOutError(MALFORMED)
    if protocol != _TCP:
        raise _LeftOutError(NOT_TCP)
    if fragment & 0x3FFF:
        raise _LeftOutError(FRAGMENT)
    return source, target, part.first(total).behind(header)


_IPV6_HEADER = struct.Struct(">IHBx16s16s")
_EXTENSION = struct.Struct(">BBHxxxx")


def _ipv6(part: _Part) -> tuple[bytes, bytes, _Part]:
    start, length, following, source, target = part.unpack(_IPV6_HEADER)
    total = 40 + length if length else part.length
    if start >> 28 != 6 or total > part.length:
        raise _LeftOutError(MALFORMED)
    part = part.first(total).behind(40)
    for _ in range(_MOST_EXTENSIONS):
        if following == _TCP:
            return source, target, part
        if following not in (_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION, _MOBILITY):
            raise _LeftOutError(NOT_TCP)
        after, size, fragment = part.unpack(_EXTENSION)
        if following == _FRAGMENT and fragment & 0xFFF9:
            raise _LeftOutError(FRAGMENT)
        size = {_FRAGMENT: 8, _AUTHENTICATION: 4 * (size + 2)}.get(following, 8 * (size + 1))
        following, part = after, part.behind(size)
    raise _LeftOutError(MALFORMED)


_TCP_HEADER = struct.Struct(">HHIIBB6x")


def _tcp(source: bytes, target: bytes, part: _Part) -> Segment:
    source_port, target_port, sequence, acknowledged, offset, flags = part.unpack(_TCP_HEADER)
    header = (offset >> 4) * 4
    if header < 20:
        raise _LeftOutError(MALFORMED)
    part = part.behind(header)
    return Segment(
        (source, source_port),
        (target, target_port),
        sequence,
        acknowledged,
        flags,
        part.data,
        part.length - len(part.data),
    )
