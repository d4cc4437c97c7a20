"""How much memory a search may take when nobody says."""

from __future__ import annotations

from pathlib import Path

#: Part of the free memory that a search may use for its own tables.
SHARE = 0.8
_FALLBACK = 2 << 30


def default_memory() -> int:
    """Bytes that a search may use: most of what is free, also within a container's limit."""
    free = [each for each in (_meminfo(), _cgroup()) if each is not None]
    return int(min(free) * SHARE) if free else _FALLBACK


def _meminfo() -> int | None:
    for line in _read("/proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return None


def _cgroup() -> int | None:
    limit, used = _read("/sys/fs/cgroup/memory.max").strip(), _read("/sys/fs/cgroup/memory.current").strip()
    return max(0, int(limit) - int(used)) if limit.isdigit() and used.isdigit() else None


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="ascii")
    except OSError:
        return ""
