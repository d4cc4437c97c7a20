"""Messages a second on one core: read from a capture, as tshark reads it; decoded; encoded; handled by the charts.

The messages are those of one simulated session with video and sound, handed over once; the capture has it several
times. tshark dissects the same file and prints the type of each message (``tshark -n -r FILE -T fields -e
spice.message_type``, which is faster than ``-V``): it must find as many messages as we, but for those of a direction
behind its first STREAM_REPORT, which it (4.0) cannot read, nor in recordings of other software. What it needs to begin,
measured on a capture without packets, is not counted.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from switchover.models.language import Message
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.capture.capture import CapturedRow, read_capture
from switchover.runtime.capture.unpacking import Unpacked
from switchover.runtime.spice.codec import decode, encode
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.framing import FrameReader, FrameWriter

from .runtime_capture import PORT, write_capture
from .runtime_process import PeerError
from .runtime_session import Step, recorded_session, replay

_MOST = 10_000_000
#: A message, with what it needs to be encoded and decoded.
_Sent = tuple[ChannelType, Side, Message]


@dataclass(frozen=True)
class Rates:
    """Messages a second, measurement by measurement. ``read`` and ``tshark``: the ``messages`` of the same capture; the
    latter is empty without tshark.
    """

    messages: int
    read: tuple[float, ...]
    tshark: tuple[float, ...]
    decoded: tuple[float, ...]
    encoded: tuple[float, ...]
    handled: tuple[float, ...]


def missing_tshark() -> str:
    """Why tshark cannot run here; empty when it can."""
    return "" if shutil.which("tshark") else "tshark not found (Debian package tshark)"


def tshark_version() -> str:
    """``tshark 4.0.17``."""
    said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=False).stdout.split()
    return f"tshark {next((each for each in said if each[0].isdigit()), '')}".rstrip()


def measure_messages(seconds: float, copies: int, repeat: int) -> Rates:
    """The session lasts so many virtual seconds at either host. Raises PeerError when tshark finds other messages."""
    steps = recorded_session(seconds)
    sent = _sent(steps)
    bodies = _bodies(sent)
    with tempfile.TemporaryDirectory() as name:
        full, empty = Path(name, "session.pcap"), Path(name, "empty.pcap")
        for path, number in ((full, copies), (empty, 0)):
            with path.open("wb") as file:
                write_capture(file, steps, number)
        rounds = [_round(full, empty, steps, sent, bodies) for _ in range(repeat)]
    return Rates(
        rounds[0][0], *(tuple(filter(None, each)) for each in zip(*(each[1:] for each in rounds), strict=True))
    )


def _round(
    full: Path, empty: Path, steps: Sequence[Step], sent: list[_Sent], bodies: list[bytes]
) -> tuple[int, float, float, float, float, float]:
    begun = time.perf_counter()
    rows = _read(full)
    read = time.perf_counter() - begun
    messages = sum(row.number is not None for row in rows)
    other = 0.0
    if not missing_tshark():
        begin, _ = _tshark(empty)
        took, found = _tshark(full)
        if found != _readable(rows):
            raise PeerError(f"{_readable(rows)} messages in the capture here, {found} for tshark")
        other = found / (took - begin)
    return (
        messages,
        messages / read,
        other,
        len(sent) / _timed(lambda: _decode(sent, bodies)),
        len(sent) / _timed(lambda: _bodies(sent)),
        len(sent) / _timed(lambda: replay(steps)),
    )


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _read(path: Path) -> tuple[CapturedRow, ...]:
    with path.open("rb") as file:
        return read_capture(Unpacked(file), _MOST).rows


def _readable(rows: Sequence[CapturedRow]) -> int:
    """How many messages tshark can find."""
    lost: set[tuple[int, str]] = set()
    count = 0
    for row, number, _ in rows:
        count += number is not None and (row.connection, row.sender) not in lost
        if row.name == "STREAM_REPORT":
            lost.add((row.connection, row.sender))
    return count


def _tshark(path: Path) -> tuple[float, int]:
    fields = ("-T", "fields", "-e", "spice.message_type", "-E", "occurrence=a")
    command = ["tshark", "-n", "-r", str(path), "-d", f"tcp.port=={PORT},spice", *fields]
    begun = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.perf_counter() - begun
    if done.returncode:
        raise PeerError(f"tshark: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return took, sum(line.count(",") + 1 for line in done.stdout.splitlines() if line)


def _sent(steps: Sequence[Step]) -> list[_Sent]:
    return [
        (each.channel[0], each.sender, each.message)
        for each in replay(steps)
        if isinstance(each, MessageSeen) and each.number is not None and each.message is not None
    ]


def _bodies(sent: list[_Sent]) -> list[bytes]:
    writer = FrameWriter(mini=True)
    return [writer.frame(*encode(*each)) for each in sent]


def _decode(sent: list[_Sent], frames: list[bytes]) -> None:
    reader = FrameReader(mini=True, limit=1 << 26)
    for (channel, sender, _), frame in zip(sent, frames, strict=True):
        reader.feed(frame)
        found = reader.next()
        assert found is not None
        decode(channel, sender, found.number, found.body)
