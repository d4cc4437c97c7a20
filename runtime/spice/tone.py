"""The tone that the synthetic guest plays: 500 Hz, two channels, signed 16 bits, 48 kHz, in packets of 20 ms."""

from __future__ import annotations

import math
import struct

FREQUENCY = 48_000
CHANNELS = 2
FORMAT_S16 = 1

#: Seconds of sound in a packet.
PACKET_TIME = 0.02

_PITCH = 500
_AMPLITUDE = 2000


def _packet() -> bytes:
    """Ten whole periods: each packet is like the others."""
    count = round(FREQUENCY * PACKET_TIME)
    samples = (round(_AMPLITUDE * math.sin(2 * math.pi * _PITCH * at / FREQUENCY)) for at in range(count))
    return b"".join(struct.pack("<hh", sample, sample) for sample in samples)


PACKET = _packet()
