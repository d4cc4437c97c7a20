"""A client's session as a packet capture: what its steps have sent and taken, in TCP segments over IPv4."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from switchover.runtime.endpoint import Close, Connect, Write

from .runtime_session import Step

#: The SPICE port of either host in the capture.
PORT = 5900

_RAW_IP = 101
_SEGMENT = 1448
_FIN, _SYN, _PSH, _ACK = 1, 2, 8, 16
_CLIENT = ipaddress.IPv4Address("10.0.0.1").packed
#: Client ports of one copy of the session.
_PORTS = 64


def write_capture(file: BinaryIO, steps: Sequence[Step], copies: int) -> None:
    """The session so many times, one after the other, as pcap."""
    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW_IP))
    lasts = steps[-1].now - steps[0].now + 1
    for copy in range(copies):
        for now, packet in _Packets(10_000 + copy * _PORTS).of(steps):
            at = round((now - steps[0].now + copy * lasts) * 1e6)
            file.write(struct.pack("<IIII", *divmod(at, 1_000_000), len(packet), len(packet)) + packet)


class _Packets:
    """Packets of one copy, whose client uses the ports from ``first`` on."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._hosts: dict[str, bytes] = {}
        self._ends: dict[int, bytes] = {}
        self._sent: dict[tuple[int, bool], int] = {}

    def of(self, steps: Sequence[Step]) -> Iterator[tuple[float, bytes]]:
        for step in steps:
            for packet in self._step(step):
                yield step.now, packet

    def _step(self, step: Step) -> Iterator[bytes]:
        if step.method == "connected":
            yield self._packet(step.arguments[0], True, _SYN)
            yield self._packet(step.arguments[0], False, _SYN | _ACK)
        elif step.method == "received":
            yield from self._data(step.arguments[0], False, step.arguments[1])
        elif step.method == "ended":
            yield self._packet(step.arguments[0], False, _FIN | _ACK)
        for wish in step.wishes:
            if isinstance(wish, Connect):
                known = self._hosts.setdefault(wish.address.host, bytes((10, 0, 0, 2 + len(self._hosts))))
                self._ends[wish.connection] = known
            elif isinstance(wish, Write):
                yield from self._data(wish.connection, True, wish.data)
            elif isinstance(wish, Close):
                yield self._packet(wish.connection, True, _FIN | _ACK)

    def _data(self, connection: int, is_client: bool, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _SEGMENT):
            yield self._packet(connection, is_client, _PSH | _ACK, data[start : start + _SEGMENT])

    def _packet(self, connection: int, is_client: bool, flags: int, data: bytes = b"") -> bytes:
        ports, ends = (self._first + connection, PORT), (_CLIENT, self._ends[connection])
        if not is_client:
            ports, ends = ports[::-1], ends[::-1]
        sequence, other = self._sent.get((connection, is_client), 0), self._sent.get((connection, not is_client), 0)
        self._sent[connection, is_client] = sequence + len(data) + bool(flags & (_SYN | _FIN))
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, other, 5 << 4, flags, 65535, 0, 0) + data
        return struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + b"".join(ends) + tcp
