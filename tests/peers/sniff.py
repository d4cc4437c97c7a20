"""Packets of loopback TCP ports, captured to a pcapng file."""

from __future__ import annotations

import secrets
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from loopback_ports import LOOPBACK
from peer_log import PeerError, until
from peer_process import PeerProcess
from requirements import CAPTURE


@asynccontextmanager
async def sniffing(ports: Iterable[int], file: Path) -> AsyncIterator[None]:
    """Capture all that is sent to and from ``ports`` within the block; the file is complete when the block is left.

    The file has also a few UDP datagrams to another port, by which beginning and end are known. Needs root.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as marks:
        marks.bind((LOOPBACK, 0))
        marks.connect(marks.getsockname())
        expression = " or ".join([f"udp port {marks.getsockname()[1]}", *(f"tcp port {port}" for port in ports)])
        command = [CAPTURE, "-q", "-i", "lo", "-f", expression, "-w", str(file)]
        process = await PeerProcess.start(command, file.with_suffix(".log"))
        try:
            await _mark(marks, file, process)
            yield
            await _mark(marks, file, process)
            await process.interrupt()
        finally:
            await process.stop()


async def _mark(marks: socket.socket, file: Path, process: PeerProcess) -> None:
    """Send datagrams until the file has one, and with it all that came before."""
    mark = secrets.token_bytes(16)

    async def is_captured() -> bool:
        if process.has_ended:
            raise PeerError(f"{CAPTURE}: {await process.wait()}")
        marks.send(mark)
        return file.exists() and mark in file.read_bytes()

    await until(is_captured, bool, f"packets in {file.name}")
