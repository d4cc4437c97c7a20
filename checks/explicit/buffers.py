"""Large zero-filled arrays that grow in place, on huge pages where the system has them."""

from __future__ import annotations

import mmap
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Buffer:
    """An array that grows without being copied where the operating system can move pages.

    Random look-ups in a table of gigabytes miss the address translation as often as the cache; huge
    pages spare that, and pages that were not touched yet take no memory.
    """

    def __init__(self, size: int, kind: Any) -> None:
        self.kind = np.dtype(kind)
        self._map = _allocate(size * self.kind.itemsize)
        self.array: NDArray[Any] = self._view(size)

    @property
    def size(self) -> int:
        """Items."""
        return self.array.size

    @property
    def nbytes(self) -> int:
        """Bytes."""
        return self.array.nbytes

    def resize(self, size: int) -> None:
        """Grow to ``size`` items; the new ones are zero. No other reference to ``array`` may be left.

        Raises MemoryError when there is no room.
        """
        if sys.platform == "linux":
            self.array = np.zeros(0, self.kind)
            try:
                self._map.resize(max(1, size * self.kind.itemsize))
            except (OSError, SystemError) as error:
                raise MemoryError(str(error)) from None
            finally:
                self.array = self._view(len(self._map) // self.kind.itemsize)
            _prefer_huge_pages(self._map)
            self.array = self._view(size)
        else:
            old, self._map = self.array, _allocate(size * self.kind.itemsize)
            self.array = self._view(size)
            self.array[: old.size] = old

    def _view(self, size: int) -> NDArray[Any]:
        array: NDArray[Any] = np.frombuffer(self._map, self.kind, size)
        self.address = int(array.ctypes.data)
        return array


def _allocate(size: int) -> mmap.mmap:
    try:
        if sys.platform == "win32":
            return mmap.mmap(-1, max(1, size))
        area = mmap.mmap(-1, max(1, size), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(str(error)) from None
    _prefer_huge_pages(area)
    return area


def _prefer_huge_pages(area: mmap.mmap) -> None:
    if hasattr(mmap, "MADV_HUGEPAGE"):
        try:
            area.madvise(mmap.MADV_HUGEPAGE)
        except OSError:
            return
