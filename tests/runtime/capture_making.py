"""Captures made up for the tests: SPICE connections, the packets that carry them, and the files that hold these."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import NamedTuple

from switchover.models.language import Message
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.models.spice.protocol.link import Link, LinkReply
from switchover.runtime.capture.capture import Capture, read_capture
from switchover.runtime.capture.unpacking import Unpacked
from switchover.runtime.spice.codec import encode
from switchover.runtime.spice.framing import FrameWriter
from switchover.runtime.spice.tables import LINK, LINK_REPLY

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
CLIENT, SERVER = Side.CLIENT, Side.SERVER

ETHERNET, RAW = 1, 101

#: As DER begins for an RSA key of 1024 bits.
KEY = bytes.fromhex("30819f300d06092a864886f70d010101050003818d00").ljust(162, b"\x55")


class Frame(NamedTuple):
    """A captured packet: its time in ns, its bytes, and its length on the wire where that is more."""

    time: int
    data: bytes
    length: int | None = None


def tcp(source: int, target: int, sequence: int, acknowledged: int, flags: int, data: bytes = b"") -> bytes:
    """A TCP segment with some options."""
    words = (source, target, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 8 << 4, flags, 65535, 0, 0)
    return struct.pack(">HHIIBBHHH", *words) + b"\x01\x01\x08\x0a" + bytes(8) + data


def ipv4(payload: bytes, source: str = "10.0.0.1", target: str = "10.0.0.2", **fields: int) -> bytes:
    """An IPv4 packet. ``fields``: fragment, protocol, total (the length that it says it has)."""
    total = fields.get("total", 20 + len(payload))
    words = (0x45, 0, total, 7, fields.get("fragment", 0x4000), 64, fields.get("protocol", 6), 0)
    return struct.pack(">BBHHHBBH", *words) + socket.inet_aton(source) + socket.inet_aton(target) + payload


def ipv6(payload: bytes, source: str = "fd00::1", target: str = "fd00::2", following: int = 6) -> bytes:
    """An IPv6 packet; ``following``: what its payload begins with."""
    ends = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, target)
    return struct.pack(">IHBB", 6 << 28, len(payload), following, 64) + ends + payload


def ethernet(payload: bytes, kind: int = 0x0800, tags: Sequence[int] = ()) -> bytes:
    """An Ethernet frame, padded to 60 bytes. ``tags``: types of VLAN tags."""
    tagged = b"".join(struct.pack(">HH", each, 5) for each in tags)
    return (bytes(12) + tagged + struct.pack(">H", kind) + payload).ljust(60, b"\x99")


def pcap(frames: Iterable[Frame], link: int = ETHERNET, order: str = "<", unit: int = 1000) -> bytes:
    """A pcap file. ``unit``: of time, in ns: 1000 or 1."""
    magic = 0xA1B2C3D4 if unit == 1000 else 0xA1B23C4D
    found = bytearray(struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, link))
    for time, data, length in frames:
        seconds, rest = divmod(time, 10**9)
        found += struct.pack(order + "IIII", seconds, rest // unit, len(data), length or len(data)) + data
    return bytes(found)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A block of a pcapng file."""
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    """What a pcapng file begins with."""
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int = ETHERNET, order: str = "<", options: bytes = b"", longest: int = 0) -> bytes:
    """An interface of a pcapng file; it has µs unless the options say otherwise."""
    return block(1, struct.pack(order + "HHI", link, 0, longest) + options, order)


def pcapng(frames: Iterable[Frame], link: int = ETHERNET, order: str = "<") -> bytes:
    """A pcapng file, in ns, with blocks that nobody needs."""
    resolution = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
    found = bytearray(section(order) + interface(link, order, resolution) + block(5, bytes(8), order))
    for time, data, length in frames:
        head = struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFFFFFF, len(data), length or len(data))
        comment = struct.pack(order + "HH4sHH", 1, 3, b"hey", 0, 0)
        found += block(6, head + data + bytes(-len(data) % 4) + comment, order)
    return bytes(found)


@dataclass
class Talk:
    """A TCP connection: what each side says is cut into segments, in ``packets``. ``start``: of each side's numbers."""

    client: int = 40000
    server: int = 5900
    start: dict[Side, int] = field(default_factory=lambda: {CLIENT: 1000, SERVER: 0xFFFFFF00})
    longest: int = 1448
    packets: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.next = dict(self.start)

    def segment(self, side: Side, flags: int, data: bytes = b"", at: int | None = None) -> bytes:
        """One packet, which counts only where it has no place ``at`` of its own."""
        other = SERVER if side is CLIENT else CLIENT
        ports = (self.client, self.server) if side is CLIENT else (self.server, self.client)
        sequence = self.next[side] if at is None else at
        made = ipv4(
            tcp(*ports, sequence, self.next[other] if flags & ACK else 0, flags, data),
            *(("10.0.0.1", "10.0.0.2") if side is CLIENT else ("10.0.0.2", "10.0.0.1")),
        )
        if at is None:
            self.next[side] += len(data) + bool(flags & (SYN | FIN))
        return made

    def add(self, side: Side, flags: int, data: bytes = b"") -> None:
        self.packets.append(self.segment(side, flags, data))

    def open(self) -> Talk:
        self.add(CLIENT, SYN)
        self.add(SERVER, SYN | ACK)
        self.add(CLIENT, ACK)
        return self

    def say(self, side: Side, data: bytes) -> Talk:
        for start in range(0, len(data), self.longest):
            self.add(side, PSH | ACK, data[start : start + self.longest])
        self.add(SERVER if side is CLIENT else CLIENT, ACK)
        return self

    def close(self) -> Talk:
        self.add(CLIENT, FIN | ACK)
        self.add(SERVER, FIN | ACK)
        self.add(CLIENT, ACK)
        return self

    @property
    def frames(self) -> list[Frame]:
        """The packets with an Ethernet header, one each µs."""
        return framed(self.packets)


def framed(packets: Iterable[bytes], start: int = 10**18) -> list[Frame]:
    """IPv4 packets with an Ethernet header, one each µs."""
    return [Frame(start + 1000 * number, ethernet(each)) for number, each in enumerate(packets)]


class Spice:
    """What the two sides of a SPICE connection say. ``common``: their common capabilities; ``server``: the server's, if
    others.
    """

    def __init__(
        self,
        channel: ChannelType = ChannelType.MAIN,
        connection_id: int = 0,
        common: tuple[int, ...] = (0, 1, 3),
        channel_id: int = 0,
        server: tuple[int, ...] | None = None,
    ) -> None:
        self.channel = channel
        self.link = _linked(LINK.encode(Link(connection_id, channel, channel_id, common, (0, 1, 2, 3))))
        self.reply = _linked(LINK_REPLY.encode(LinkReply(0, KEY, common if server is None else server, (0, 3))))
        self.ticket = (struct.pack("<I", 1) if 0 in common else b"") + bytes(range(128))
        self.result = bytes(4)
        self._writers = {side: FrameWriter(3 in common) for side in Side}

    def message(self, side: Side, message: Message) -> bytes:
        """The bytes of a message."""
        return self._writers[side].frame(*encode(self.channel, side, message))

    def linked(self, **ports: int) -> Talk:
        """A connection after its link phase."""
        talk = Talk(**ports).open()
        talk.say(CLIENT, self.link).say(SERVER, self.reply).say(CLIENT, self.ticket).say(SERVER, self.result)
        return talk


def _linked(body: bytes) -> bytes:
    return b"REDQ" + struct.pack("<III", 2, 2, len(body)) + body


def read(content: bytes, most_rows: int = 1000) -> Capture:
    """What a capture file with this content says."""
    return read_capture(Unpacked(BytesIO(content)), most_rows)


def names(capture: Capture, connection: int = 1) -> list[str]:
    """Names of one connection's rows."""
    return [each.row.name for each in capture.rows if each.row.connection == connection]
