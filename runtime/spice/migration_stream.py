"""The migration stream between two hosts: the little that a synthetic guest consists of.

The source opens the stream with one line, the destination answers that it loads, and the guest follows when it has
stopped: a line of JSON, and the end. A stream that closes before its end was a migration that failed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum

HEADER = b"SWITCHOVER migration stream 1\n"
LOADING = b"loading\n"
END = b"end\n"

#: Bytes of the longest line.
LONGEST_LINE = 4096

_MOST_FRAMES = 1 << 53


class StreamError(ValueError):
    """The peer does not speak this format: one line, what came and what was expected."""


@dataclass(frozen=True)
class GuestState:
    """What moves with the guest: the number of the frame that it shows next, 0 to 2^53."""

    frame: int


class Mark(Enum):
    """What a stream consists of besides the guest."""

    HEADER = HEADER
    LOADING = LOADING
    END = END


def guest_line(state: GuestState) -> bytes:
    """The guest as one line."""
    return json.dumps({"frame": state.frame}).encode() + b"\n"


class _Lines:
    """Lines out of bytes, each at most LONGEST_LINE long."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE or any(len(line) > LONGEST_LINE for line in lines):
            raise StreamError(f"migration stream: a line of more than {LONGEST_LINE} bytes")
        return [line + b"\n" for line in lines]


class IncomingStream:
    """The destination's end. Raises StreamError."""

    def __init__(self) -> None:
        self._lines = _Lines()
        self._expects: type[GuestState] | Mark | None = Mark.HEADER

    def feed(self, data: bytes) -> list[GuestState | Mark]:
        """Bytes have come: what they complete."""
        return [self._take(line) for line in self._lines.feed(data)]

    def _take(self, line: bytes) -> GuestState | Mark:
        if self._expects is None:
            raise StreamError("migration stream: more after its end")
        if self._expects is GuestState:
            self._expects = Mark.END
            return _guest(line)
        assert isinstance(self._expects, Mark)
        found = self._expects
        if line != found.value:
            raise StreamError(f"migration stream: expected {found.value!r}, not {line[:60]!r}")
        self._expects = GuestState if found is Mark.HEADER else None
        return found


class OutgoingStream:
    """The source's end: all that comes back is that the destination loads. Raises StreamError."""

    def __init__(self) -> None:
        self._lines = _Lines()
        self.is_loading = False

    def feed(self, data: bytes) -> bool:
        """Bytes have come: whether the destination has said just now that it loads."""
        for line in self._lines.feed(data):
            if self.is_loading or line != LOADING:
                raise StreamError(f"migration stream: {line[:60]!r} from the destination")
            self.is_loading = True
            return True
        return False


def _guest(line: bytes) -> GuestState:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise StreamError(f"migration stream: the guest is not JSON: {line[:60]!r}") from None
    frame = value.get("frame") if isinstance(value, dict) else None
    if not isinstance(frame, int) or isinstance(frame, bool) or not 0 <= frame < _MOST_FRAMES:
        raise StreamError('migration stream: the guest has no "frame" that is a number')
    return GuestState(frame)
