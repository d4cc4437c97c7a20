"""Reads a file from the front, gzipped or not, never more than was asked for."""

from __future__ import annotations

import zlib
from typing import BinaryIO

_GZIP = b"\x1f\x8b"
_STEP = 65536


class Unpacked:
    """What a file holds, unpacked when it is gzipped. ``damage``: why unpacking ended early, in words; "" if it did
    not.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.damage = ""
        self._file = file
        self._packed = file.read(len(_GZIP))
        self._ready = bytearray()
        self._gzip = zlib.decompressobj(wbits=31) if self._packed == _GZIP else None
        if self._gzip is None:
            self._ready += self._packed

    def peek(self, size: int) -> bytes:
        """The next ``size`` bytes, which stay; fewer where it ends."""
        self._fill(size)
        return bytes(self._ready[:size])

    def read(self, size: int) -> bytes:
        """The next ``size`` bytes; fewer where it ends."""
        self._fill(size)
        found = bytes(self._ready[:size])
        del self._ready[:size]
        return found

    def skip(self, size: int) -> bool:
        """Pass over ``size`` bytes; False where it ends before."""
        while size > 0:
            passed = len(self.read(min(size, _STEP)))
            if not passed:
                return False
            size -= passed
        return True

    def line(self, longest: int) -> bytes:
        """The next line with its end, or the first ``longest`` bytes of it; b"" at the end."""
        searched = 0
        while (end := self._ready.find(b"\n", searched, longest)) < 0:
            searched = len(self._ready)
            if searched >= longest or not self._more():
                return self.read(longest)
        return self.read(end + 1)

    def _fill(self, size: int) -> None:
        while len(self._ready) < size and self._more():
            pass

    def _more(self) -> bool:
        """Take more in; False at the end."""
        if self._gzip is None:
            plain = self._file.read(_STEP)
            self._ready += plain
            return bool(plain)
        return self._unpack()

    def _unpack(self) -> bool:
        assert self._gzip is not None
        while not self.damage:
            packed = self._packed or self._file.read(_STEP)
            self._packed = b""
            if self._gzip.eof:
                if not packed.startswith(_GZIP[: len(packed)]) or not packed:
                    return False  # what follows the last member is padding
                self._gzip = zlib.decompressobj(wbits=31)
            elif not packed:
                self.damage = "the gzipped file is cut off"
                return False
            try:
                plain = self._gzip.decompress(packed, _STEP)
            except zlib.error:
                self.damage = "the gzipped file is damaged"
                return False
            self._packed = self._gzip.unconsumed_tail or self._gzip.unused_data
            self._ready += plain
            if plain:
                return True
        return False
