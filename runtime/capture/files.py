"""Which kind of capture a file is, told from how it begins."""

from __future__ import annotations

from collections.abc import Iterator

from .packets import DamageError, Packet
from .pcap import VARIETIES, pcap_packets
from .pcapng import MAGIC, pcapng_packets
from .unpacking import Unpacked


def is_capture(source: Unpacked) -> bool:
    """Whether it begins as a pcap or pcapng file does."""
    start = source.peek(4)
    return start == MAGIC or start in VARIETIES


def packets(source: Unpacked) -> Iterator[Packet]:
    """The packets of a capture, in its order. Raises DamageError where it is cut off or damaged."""
    if not is_capture(source):
        raise DamageError("the first 4 bytes: expected those of a pcap or pcapng file")
    yield from pcapng_packets(source) if source.peek(4) == MAGIC else pcap_packets(source)
    if source.damage:
        raise DamageError(f"at the end: {source.damage}")
