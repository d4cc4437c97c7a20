"""How long a client takes to link to the target: our client, and spice-gtk, with the same QEMUs.

Each round starts a client of either kind, in a process of its own, on a QEMU, lets QEMU send it to another
(``client_migrate_info``), and takes the time from MIGRATE_BEGIN to MIGRATE_CONNECTED where both pass a relay in front
of the source; to the target the client goes directly. QEMUs and clients are new each time: what is measured is a
client's first handover. Most of it, and most of its spread, is the target making an RSA key for each link.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from .runtime_process import PeerError, stop
from .runtime_qemu import qemu
from .runtime_relay import relay

SYSTEM_PYTHON = "/usr/bin/python3"

_OURS = [sys.executable, str(Path(__file__).with_name("runtime_client.py"))]
_THEIRS = [SYSTEM_PYTHON, str(Path(__file__).with_name("runtime_spice_gtk.py"))]
#: main, display, inputs, cursor.
_CHANNELS = [1, 2, 3, 4]
#: Seconds that a client gets to settle when all its channels are open.
_SETTLING = 0.3


@dataclass(frozen=True)
class Linking:
    """``own`` and ``peer``: seconds from MIGRATE_BEGIN to MIGRATE_CONNECTED, round by round; ``peer`` is empty without
    one.
    """

    own: tuple[float, ...]
    peer: tuple[float, ...]


def missing_client() -> str:
    """Why spice-gtk cannot run here; empty when it can."""
    return "" if peer_version() else "spice-gtk not found (Debian packages python3-gi and gir1.2-spiceclientglib-2.0)"


def peer_version() -> str:
    """``spice-gtk 0.42``; empty: there is none."""
    try:
        found = subprocess.run(_THEIRS, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return f"spice-gtk {found.stdout.strip()}" if found.returncode == 0 else ""


def measure_linking(rounds: int, *, seamless: bool, has_peer: bool) -> Linking:
    """Our client and, in turns, spice-gtk. Raises PeerError when a peer does not do what it should."""
    return asyncio.run(_measure(rounds, seamless, has_peer))


async def _measure(rounds: int, seamless: bool, has_peer: bool) -> Linking:
    own: list[float] = []
    peer: list[float] = []
    for _ in range(rounds):
        own.append(await _once(_OURS, seamless))
        if has_peer:
            peer.append(await _once(_THEIRS, seamless))
    return Linking(tuple(own), tuple(peer))


async def _once(client: Sequence[str], seamless: bool) -> float:
    """One client, and servers that have had none before."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        source = await stack.enter_async_context(qemu("source", folder, seamless=seamless, incoming=False))
        target = await stack.enter_async_context(qemu("target", folder, seamless=seamless, incoming=True))
        wire = await stack.enter_async_context(relay(source.port))
        process = await asyncio.create_subprocess_exec(
            *client, str(wire.port), stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL
        )
        stack.push_async_callback(stop, process)
        await source.until_channels(_CHANNELS)
        await asyncio.sleep(_SETTLING)
        await source.client_migrate_info(target.port)
        begun = await wire.until("MIGRATE_BEGIN")
        answered = await wire.until("MIGRATE_CONNECT")
    if answered.name == "MIGRATE_CONNECT_ERROR":
        raise PeerError(f"{client[-1]}: the target was not linked")
    return answered.at - begun.at
