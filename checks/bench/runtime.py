"""``runtime``: the runtime's speed: messages, simulated handovers, linking to a target, and many sessions at once.

Peers: tshark reading the same capture (``runtime_messages.py``), spice-gtk linking to the same QEMUs
(``runtime_linking.py``). Where one of them, or QEMU, is not installed, the row says so.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from . import runtime_linking, runtime_messages, runtime_qemu
from .runtime_handovers import measure_handovers
from .runtime_linking import measure_linking
from .runtime_messages import measure_messages
from .runtime_sessions import measure_sessions

__all__ = ["RuntimeRow", "Sizes", "measure"]


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    ``seconds``: virtual seconds of the session of which the messages are, at either host; ``copies`` of it in the
    capture; ``handovers`` in the simulator; ``rounds``: links to a target, for each repetition; ``sessions`` at once.
    """

    seconds: float = 5.0
    copies: int = 20
    handovers: int = 50
    rounds: int = 8
    sessions: int = 200


@dataclass(frozen=True)
class RuntimeRow:
    """One figure, ``value`` in ``unit``, the median of ``runs``; and the peer's. ``ratio``: how many times as good as
    the peer ours is, 2.0: twice the messages a second, or half the milliseconds. ``skipped``: why there is no peer's,
    or, with ``value`` None, none at all.
    """

    name: str
    unit: str
    value: float | None
    runs: int
    peer: str = ""
    peer_value: float | None = None
    ratio: float | None = None
    skipped: str = ""
    detail: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON data."""
        return asdict(self)

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.name}: not measured: {self.skipped}"
        head = f"{self.name}: {self.value:,.4g} {self.unit}" + (f" ({self.detail})" if self.detail else "")
        if self.peer_value is None:
            return head + (f"; no comparison: {self.skipped}" if self.skipped else "")
        return f"{head}; {self.peer} {self.peer_value:,.4g}: {self.ratio:.2f} times as good"


def measure(repeat: int, sizes: Sizes | None = None) -> Iterator[RuntimeRow]:
    """A row for each figure. Raises PeerError or HandoverError when something does not do as it should."""
    sizes = sizes or Sizes()
    yield from _messages(sizes, repeat)
    for with_video in (False, True):
        yield from _handovers(sizes, repeat, with_video)
    for seamless in (False, True):
        yield _linking(sizes, repeat, seamless)
    yield from _sessions(sizes, repeat)


def _messages(sizes: Sizes, repeat: int) -> Iterator[RuntimeRow]:
    rates, missing = measure_messages(sizes.seconds, sizes.copies, repeat), runtime_messages.missing_tshark()
    value, detail = statistics.median(rates.read), f"{rates.messages:,} messages"
    row = RuntimeRow("read from a capture", "messages/s", value, repeat, skipped=missing, detail=detail)
    if rates.tshark:
        peer = statistics.median(rates.tshark)
        row = _compared(row, runtime_messages.tshark_version(), peer, value / peer)
    yield row
    for name, found in (("decoded", rates.decoded), ("encoded", rates.encoded), ("handled by a client", rates.handled)):
        yield RuntimeRow(name, "messages/s", statistics.median(found), repeat)


def _handovers(sizes: Sizes, repeat: int, with_video: bool) -> Iterator[RuntimeRow]:
    found = [measure_handovers(sizes.handovers, with_video=with_video) for _ in range(repeat)]
    seconds = statistics.median(each.seconds for each in found)
    name = "simulated, with video" if with_video else "simulated"
    faster = f"{found[0].virtual / seconds:,.0f} virtual seconds a second"
    yield RuntimeRow(name, "handovers/s", sizes.handovers / seconds, repeat, detail=faster)


def _linking(sizes: Sizes, repeat: int, seamless: bool) -> RuntimeRow:
    name = f"BEGIN to CONNECTED, {'seamless' if seamless else 'semi-seamless'}"
    if missing := runtime_qemu.missing():
        return RuntimeRow(name, "ms", None, 0, skipped=missing)
    missing = runtime_linking.missing_client()
    found = measure_linking(sizes.rounds * repeat, seamless=seamless, has_peer=not missing)
    value, best = statistics.median(found.own) * 1000, min(found.own) * 1000
    detail = f"{runtime_qemu.version()}; at best {best:.0f}"
    row = RuntimeRow(name, "ms", value, len(found.own), skipped=missing, detail=detail)
    if not found.peer:
        return row
    peer = statistics.median(found.peer) * 1000
    return _compared(
        row, f"{runtime_linking.peer_version()} (at best {min(found.peer) * 1000:.0f})", peer, peer / value
    )


def _compared(row: RuntimeRow, peer: str, peer_value: float, ratio: float) -> RuntimeRow:
    return RuntimeRow(**(asdict(row) | {"peer": peer, "peer_value": peer_value, "ratio": ratio}))


def _sessions(sizes: Sizes, repeat: int) -> Iterator[RuntimeRow]:
    found = [measure_sessions(sizes.sessions) for _ in range(repeat)]
    name = f"{sizes.sessions} sessions at once"
    attaching = statistics.median(each.attaching for each in found)
    lasting = statistics.median(each.handing_over for each in found)
    cpu = statistics.median(each.cpu for each in found) / sizes.sessions
    memory = statistics.median(each.memory for each in found) / sizes.sessions
    yield RuntimeRow(f"{name}, attached", "s", attaching, repeat)
    yield RuntimeRow(f"{name}, handed over", "s", lasting, repeat)
    yield RuntimeRow("CPU of a session's handover", "ms", cpu * 1000, repeat)
    yield RuntimeRow("memory of a session", "KiB", memory / 1024, repeat)
