"""A baseline JPEG encoder for pictures of flat 8 × 8 blocks (ITU-T T.81).

A flat block has a DC coefficient and no other, so there is no transform to do, and one bit ends each block.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

#: Luminance and the two colour differences of a block, each 0 to 255.
Colour = tuple[int, int, int]

BLOCK = 8

# With a quantiser of 8 the DC coefficient is the sample itself, less 128.
_QUANTISER = bytes((8,) * 64)

# Huffman codes of the DC differences' sizes: T.81's table K.3, as counts of codes by length and as symbols.
_DC_COUNTS = bytes((0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0))
_DC_SYMBOLS = bytes(range(12))
# Of the AC coefficients there is only "end of block", with a code of one bit: 0.
_AC_COUNTS = bytes((1, *(0,) * 15))
_AC_SYMBOLS = b"\0"


def _codes(counts: bytes, symbols: bytes) -> dict[int, tuple[int, int]]:
    """(code, length) of each symbol (T.81 annex C)."""
    found = {}
    code, position = 0, 0
    for length, count in enumerate(counts, 1):
        for symbol in symbols[position : position + count]:
            found[symbol] = (code, length)
            code += 1
        position += count
        code <<= 1
    return found


_DC_CODES = _codes(_DC_COUNTS, _DC_SYMBOLS)


def _difference_bits(difference: int) -> tuple[int, int]:
    """The bits of one block: the size's code, the difference itself, the end of the block."""
    size = abs(difference).bit_length()
    code, length = _DC_CODES[size]
    value = difference if difference >= 0 else difference + (1 << size) - 1
    return ((code << size) | value) << 1, length + size + 1


_BITS = {difference: _difference_bits(difference) for difference in range(-255, 256)}


def encode(rows: Sequence[Sequence[Colour]]) -> bytes:
    """A picture of ``rows`` of blocks, all rows of one length, at most 8191 blocks each way."""
    width, height = len(rows[0]) * BLOCK, len(rows) * BLOCK
    components = b"".join(bytes((number, 0x11, 0)) for number in (1, 2, 3))
    scan = b"".join(bytes((number, 0)) for number in (1, 2, 3))
    return b"".join(
        (
            b"\xff\xd8",
            _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
            _segment(0xDB, b"\0" + _QUANTISER),
            _segment(0xC0, struct.pack(">BHHB", 8, height, width, 3) + components),
            _segment(0xC4, b"\x00" + _DC_COUNTS + _DC_SYMBOLS),
            _segment(0xC4, b"\x10" + _AC_COUNTS + _AC_SYMBOLS),
            _segment(0xDA, b"\3" + scan + b"\0\x3f\0"),
            _entropy_coded(block for row in rows for block in row),
            b"\xff\xd9",
        )
    )


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _entropy_coded(blocks: Iterable[Colour]) -> bytes:
    bits, length = 1, 0  # a leading one keeps the zeros behind it
    before = (128, 128, 128)
    for block in blocks:
        for value, last in zip(block, before, strict=True):
            code, size = _BITS[value - last]
            bits, length = (bits << size) | code, length + size
        before = block
    padding = -length % 8
    bits = (bits << padding) | ((1 << padding) - 1)
    data = bits.to_bytes((length + padding) // 8 + 1, "big")[1:]
    return data.replace(b"\xff", b"\xff\0")
