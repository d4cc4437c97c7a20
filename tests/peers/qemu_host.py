"""One real QEMU with a SPICE server on loopback, driven through QMP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from loopback_ports import LOOPBACK, free_port
from peer_log import LIMIT, PeerError, PeerLog, Told, until
from peer_process import PeerProcess, run_until_closed
from qemu.qmp import ConnectError, ExecInterruptedError, QMPClient, QMPError
from requirements import QEMU
from stream_guest import write_floppy

_STARTS = 10
_PORT_TAKEN = "failed to initialize spice server"

# A machine of 64 MB takes about 10 s at the slow rate, and the last round cannot end before the rate is raised.
_SLOW = {"max-bandwidth": 150_000, "downtime-limit": 10}
_FAST = {"max-bandwidth": 2_000_000_000, "downtime-limit": 300}


@dataclass(frozen=True)
class QemuOptions:
    """How a host is started.

    ``password``: clients need it (None: no ticketing); it never expires unless `QemuHost.set_password` is called.
    ``streams``: the guest shows a video and plays a tone. ``clock_ahead``: seconds by which the host's monotonic clock,
    from which mm-time is taken, is ahead of the machine's; negative: behind, by less than the machine has been up.
    Other than 0 needs root. ``x509``: it has a port with TLS too, for which this folder has ca-cert.pem,
    server-cert.pem and server-key.pem.
    """

    seamless: bool = False
    password: str | None = None
    streams: bool = False
    clock_ahead: int = 0
    x509: Path | None = None


class QemuHost:
    """A host, running between ``start`` and ``stop`` or within ``async with``.

    ``incoming``: it waits for a migration to arrive at ``migration_uri``; otherwise the guest runs at once.
    ``log`` has every QMP event, with its time. All calls raise `PeerError` when QEMU refuses or has ended.
    """

    def __init__(
        self, name: str, directory: Path, options: QemuOptions | None = None, *, incoming: bool = False
    ) -> None:
        self.name = name
        self.options = options or QemuOptions()
        self.port = 0
        self.tls_port = 0
        self.migration_uri = ""
        self.log = PeerLog(name)
        self._directory = directory
        self._incoming = incoming
        self._stack = AsyncExitStack()
        self._qmp = QMPClient(name)

    async def start(self) -> None:
        """Start QEMU at a free port, and wait until it answers."""
        try:
            await self._start_at_free_port()
            await self._prepare()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Kill QEMU; does nothing to one that is not running."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def client_migrate_info(self, port: int, tls_port: int = 0, subject: str = "") -> None:
        """Tell clients to pre-connect to the SPICE server at ``port``, with TLS at ``tls_port`` (0: none).

        QEMU does not say when they have. ``subject``: of the server's certificate.
        """
        tls: dict[str, Any] = {"tls-port": tls_port} if tls_port else {}
        tls |= {"cert-subject": subject} if subject else {}
        await self.execute("client_migrate_info", protocol="spice", hostname=LOOPBACK, port=port, **tls)

    async def migrate(self, uri: str) -> None:
        """Start to migrate the guest to ``uri``, which is `migration_uri` of the destination; returns at once."""
        await self.execute("migrate", uri=uri)

    async def migrate_cancel(self) -> None:
        await self.execute("migrate_cancel")

    async def set_password(self, password: str, lifetime: int | None = None) -> None:
        """Let clients in with ``password`` for ``lifetime`` seconds (None: always)."""
        await self.execute("set_password", protocol="spice", password=password)
        await self.execute("expire_password", protocol="spice", time="never" if lifetime is None else f"+{lifetime}")

    async def expire_password(self, password: str) -> None:
        """Let the ticket of ``password`` run out; returns when it certainly has.

        The time "now" would not do: then QEMU takes the ticket away instead of letting it expire.
        """
        await self.set_password(password, lifetime=1)
        await asyncio.sleep(2.2)  # the server counts in whole seconds and lets the last one pass

    async def slow_down(self) -> None:
        """Make a migration last until `speed_up`, or about 10 s."""
        await self.execute("migrate-set-parameters", **_SLOW)

    async def speed_up(self) -> None:
        await self.execute("migrate-set-parameters", **_FAST)

    async def query_spice(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], await self.execute("query-spice"))

    async def query_migrate(self) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], await self.execute("query-migrate"))

    async def channels(self) -> list[int]:
        """The types of the channels that clients have open here, sorted."""
        return sorted(channel["channel-type"] for channel in (await self.query_spice())["channels"])

    async def wait_channels(self, expected: list[int], limit: float = LIMIT) -> None:
        """Wait until clients have exactly these channels (sorted types) open here."""

        def holds(channels: list[int]) -> bool:
            return channels == expected

        await until(self.channels, holds, f"channels {expected} at {self.name}", limit)

    async def is_running(self) -> bool:
        """Whether the guest runs here."""
        return bool(cast(Mapping[str, Any], await self.execute("query-status"))["running"])

    async def wait_event(self, name: str, *, count: int = 1, limit: float = LIMIT, **data: Any) -> Told:
        """The ``count``-th QMP event of that name with these data, past or to come; see `PeerLog.wait_for`."""
        return await self.log.wait_for(name, count=count, limit=limit, **data)

    async def wait_migration(self, status: str, *, count: int = 1, limit: float = LIMIT) -> Told:
        """Wait until the migration has that status for the ``count``-th time: active, completed, cancelled, failed."""
        return await self.wait_event("MIGRATION", count=count, limit=limit, status=status)

    async def execute(self, command: str, **arguments: Any) -> object:
        """Any QMP command."""
        try:
            async with asyncio.timeout(LIMIT):
                return await self._qmp.execute(command, arguments)
        except (QMPError, TimeoutError) as error:
            why = "ended" if isinstance(error, ExecInterruptedError) else str(error) or type(error).__name__
            raise PeerError(f"{self.name}: {command}: {why}") from None

    async def _start_at_free_port(self) -> None:
        for starts_left in reversed(range(_STARTS)):
            try:
                await self._start_once()
                break
            except PeerError as error:
                if _PORT_TAKEN not in str(error) or not starts_left:
                    raise
                await self.stop()

    async def _start_once(self) -> None:
        self.port = free_port()
        self.tls_port = free_port() if self.options.x509 is not None else 0
        ours, theirs = socket.socketpair()
        with theirs:
            process = await PeerProcess.start(
                self._command(theirs.fileno()),
                self._directory / f"{self.name}.log",
                pass_fds=[theirs.fileno()],
            )
        self._stack.push_async_callback(process.stop)
        await self._connect(ours, process)

    async def _connect(self, ours: socket.socket, process: PeerProcess) -> None:
        self._qmp = QMPClient(self.name)
        try:
            async with asyncio.timeout(LIMIT):
                await self._greet(ours, process)
        except TimeoutError:
            raise PeerError(f"{self.name}: QEMU did not answer within {LIMIT:g} s") from None
        self._stack.push_async_callback(self._disconnect)
        run_until_closed(self._stack, self._record_events())
        run_until_closed(self._stack, self._record_end(process))

    async def _greet(self, ours: socket.socket, process: PeerProcess) -> None:
        try:
            await self._qmp.connect(ours)
        except ConnectError:
            raise PeerError(f"{self.name}: QEMU did not start: {await process.wait()}") from None

    async def _prepare(self) -> None:
        await self.execute("migrate-set-capabilities", capabilities=[{"capability": "events", "state": True}])
        if self.options.password is not None:
            await self.set_password(self.options.password)
        if self._incoming:
            address = (await self.query_migrate())["socket-address"][0]
            self.migration_uri = f"tcp:{address['host']}:{address['port']}"

    async def _disconnect(self) -> None:
        with suppress(QMPError, EOFError, OSError):
            await self._qmp.disconnect()

    async def _record_events(self) -> None:
        with self._qmp.listener() as listener:
            async for event in listener:
                self.log.add(_told(cast(Mapping[str, Any], event)))

    async def _record_end(self, process: PeerProcess) -> None:
        self.log.end(await process.wait())

    def _command(self, qmp: int) -> list[str]:
        options = self.options
        spice = [f"port={self.port}", f"addr={LOOPBACK}"]
        spice += ["disable-ticketing=on"] * (options.password is None)
        spice += ["seamless-migration=on"] * options.seamless
        spice += ["streaming-video=all"] * options.streams
        if options.x509 is not None:
            spice += [f"tls-port={self.tls_port}", f"x509-dir={options.x509}"]
        return [
            *_in_time_namespace(options.clock_ahead),
            QEMU,
            *("-nodefaults", "-no-user-config", "-m", "64"),
            *("-machine", "pc,accel=tcg" + ",pcspk-audiodev=tone" * options.streams),
            *("-device", "qxl-vga,ram_size_mb=16,vram_size_mb=8,vgamem_mb=8"),
            *("-spice", ",".join(spice)),
            *("-chardev", f"socket,id=qmp,fd={qmp}", "-mon", "chardev=qmp,mode=control"),
            *(_streams(self._directory / "guest.img") if options.streams else ()),
            *(("-incoming", f"tcp:{LOOPBACK}:0") if self._incoming else ()),
        ]


@asynccontextmanager
async def qemu_pair(
    directory: Path, options: QemuOptions | None = None, destination: QemuOptions | None = None
) -> AsyncIterator[tuple[QemuHost, QemuHost]]:
    """A source A with a running guest, and a destination B that waits for it (with other options, if given)."""
    source = QemuHost("A", directory, options)
    target = QemuHost("B", directory, destination or options, incoming=True)
    async with source, target:
        yield source, target


def _in_time_namespace(clock_ahead: int) -> list[str]:
    if not clock_ahead:
        return []
    return ["unshare", "--time", f"--monotonic={clock_ahead}", f"--boottime={clock_ahead}", "--"]


def _streams(image: Path) -> list[str]:
    write_floppy(image)
    floppy = f"if=floppy,format=raw,readonly=on,file.locking=off,file={image}"
    return ["-audiodev", "spice,id=tone", "-drive", floppy, "-boot", "a"]


def _told(event: Mapping[str, Any]) -> Told:
    stamp = event["timestamp"]
    return Told(stamp["seconds"] + stamp["microseconds"] / 1e6, event["event"], event.get("data", {}))
