"""A QEMU with a SPICE server on loopback, told what to do by QMP."""

from __future__ import annotations

import asyncio
import json
import random
import re
import shutil
import subprocess
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from .runtime_process import LIMIT, PeerError, last_line, stop

PROGRAM = "qemu-system-x86_64"
LOOPBACK = "127.0.0.1"

_STARTS = 10
_PORT_TAKEN = "failed to initialize spice server"
# Below the range from which the kernel takes ports for outgoing connections.
_PORTS = (20000, 32000)


class Qemu:
    """A running one. ``port``: its SPICE server's."""

    def __init__(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.port = port
        self._reader, self._writer = reader, writer

    async def execute(self, command: str, **arguments: object) -> Any:
        """Any QMP command. Raises PeerError when QEMU refuses or has ended."""
        self._writer.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while line := await self._reader.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise PeerError(f"{PROGRAM}: {command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]
        raise PeerError(f"{PROGRAM}: {command}: it has ended")

    async def channels(self) -> list[int]:
        """The types of the channels that clients have open, sorted."""
        return sorted(each["channel-type"] for each in (await self.execute("query-spice")).get("channels", ()))

    async def until_channels(self, wanted: list[int]) -> None:
        """Wait until clients have exactly these channels open. Raises PeerError."""
        try:
            async with asyncio.timeout(LIMIT):
                while await self.channels() != wanted:
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise PeerError(f"{PROGRAM}: no channels {wanted} within {LIMIT:g} s") from None

    async def client_migrate_info(self, port: int) -> None:
        """Tell clients to link to the server at ``port``."""
        await self.execute("client_migrate_info", protocol="spice", hostname=LOOPBACK, port=port)


def missing() -> str:
    """Why there can be none here; empty when there can."""
    return "" if shutil.which(PROGRAM) else f"{PROGRAM} not found (Debian package qemu-system-x86)"


def version() -> str:
    """``QEMU 7.2.22``."""
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"version (\S+)", said)
    return f"QEMU {found.group(1)}" if found else "QEMU"


@asynccontextmanager
async def qemu(name: str, folder: Path, *, seamless: bool, incoming: bool) -> AsyncIterator[Qemu]:
    """A machine with an idle guest. ``incoming``: it waits for one. Raises PeerError when it does not start."""
    for starts_left in reversed(range(_STARTS)):
        port = random.SystemRandom().randint(*_PORTS)
        socket = folder / f"{name}-{starts_left}.qmp"
        process = await asyncio.create_subprocess_exec(
            *_command(port, socket, seamless, incoming), stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
        )
        try:
            if (streams := await _reached(process, socket)) is not None:
                yield await _greeted(port, *streams)
                return
            words = await last_line(process.stderr)
            if _PORT_TAKEN not in words or not starts_left:
                raise PeerError(f"{PROGRAM} does not start: {words}")
        finally:
            await stop(process)


async def _reached(
    process: asyncio.subprocess.Process, socket: Path
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
    """What leads to its monitor, once it answers there; None: it has ended."""
    while process.returncode is None:
        try:
            reader, writer = await asyncio.open_unix_connection(str(socket))
        except (FileNotFoundError, ConnectionRefusedError):
            await asyncio.sleep(0.02)
            continue
        if await reader.readline():
            return reader, writer
        await process.wait()
    return None


async def _greeted(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Qemu:
    found = Qemu(port, reader, writer)
    await found.execute("qmp_capabilities")
    return found


def _command(port: int, socket: Path, seamless: bool, incoming: bool) -> list[str]:
    spice = f"port={port},addr={LOOPBACK},disable-ticketing=on" + ",seamless-migration=on" * seamless
    return [
        PROGRAM,
        *("-nodefaults", "-no-user-config", "-m", "64", "-machine", "pc,accel=tcg"),
        *("-device", "qxl-vga,ram_size_mb=16,vram_size_mb=8,vgamem_mb=8"),
        *("-spice", spice, "-qmp", f"unix:{socket},server=on,wait=off"),
        *(("-incoming", f"tcp:{LOOPBACK}:0") if incoming else ()),
    ]
