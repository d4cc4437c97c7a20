"""Runs a host on real sockets: told what to do by lines of text, or by a plan of one handover."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import click
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.reasons import of_error
from switchover.runtime.spice.events import Ended, Opened, StateChanged
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import (
    Commanded,
    Happening,
    HostEvent,
    StreamEnded,
    StreamOpened,
)
from switchover.runtime.spice.numbering import NO_PORT, Target

from .errors import InputError
from .host_timeline import shortened
from .number import SECONDS
from .spice_address import read_address, read_host_and_port, read_password
from .stdin_lines import stdin_lines

COMMANDS = (
    "info spice://HOST:PORT [SUBJECT], migrate HOST:PORT, complete, fail, cancel, password FILE [SECONDS], "
    "notify TEXT, quit"
)
_LOOK_AGAIN = 0.05
#: Bytes of a line on stdin, and of the name of a host (RFC 1035).
_LONGEST_LINE = 8192
_LONGEST_NAME = 255
_ENDS = {"completed": "complete", "failed": "fail", "cancelled": "migrate_cancel"}


@dataclass(frozen=True)
class Listening:
    """Where a host listens: ``address``, and a port for each listener, 0: any that is free."""

    address: str
    ports: Mapping[str, int]
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Plan:
    """One handover by itself: the client is sent to ``target`` so many seconds after it is in service, the guest to
    ``stream`` when the client has answered, or has not within 10 s, and the migration ends as ``end`` says (completed,
    failed, cancelled) so many seconds later. The plan is over when after that nobody is connected any more.
    """

    target: Target
    stream: Address
    begin_after: float = 1.0
    end: str = "completed"
    end_after: float = 0.5


@dataclass
class Hosting:
    """A host that is run. ``say`` prints a line, ``show`` an event; ``ticket_lifetime``: of its first ticket, in s.

    ``connections``: those that are open. ``completing``: a migration that is to complete as soon as it can.
    """

    host: HostEndpoint
    say: Callable[[str], None]
    show: Callable[[object], None]
    plan: Plan | None = None
    has_guest: bool = False
    ticket_lifetime: float | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    returned: int = 0
    connections: set[int] = field(default_factory=set)
    is_migrating: bool = False
    completing: asyncio.Task[None] | None = None
    interrupted: bool = False

    def take(self, event: object) -> None:
        """Note and show one event."""
        self.show(event)
        if isinstance(event, StateChanged) and event.actor == "hypervisor":
            self.is_migrating = event.after == "active"
        if isinstance(event, HostEvent):
            self.returned += event.what is Happening.CONNECT_COMPLETED
        if isinstance(event, Opened | StreamOpened):
            self.connections.add(event.connection)
        if isinstance(event, Ended | StreamEnded):
            self.connections.discard(event.connection)
        self.news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds."""
        while not holds():
            self.news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self.news.wait()


def run_host(hosting: Hosting, listening: Listening, seconds: float | None) -> None:
    """Run until it is told to quit, its plan is over, so many seconds have passed, or Ctrl-C.

    Raises InputError when it cannot listen.
    """
    asyncio.run(_run(hosting, listening, seconds))


async def _run(hosting: Hosting, listening: Listening, seconds: float | None) -> None:
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        hosting.interrupted = True
        hosting.done.set()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        async with Driver(hosting.host, on_report=hosting.take) as driver:
            for listener, port in listening.ports.items():
                given = await _listen(driver, listening, listener, port)
                hosting.say(f"listening for {listener} at {Address(listening.address, given)}")
            password = hosting.host.options.password
            if password is not None and hosting.ticket_lifetime is not None:
                driver.call(hosting.host.set_password, password, hosting.ticket_lifetime)
            if hosting.has_guest:
                driver.call(hosting.host.start_guest)
            work: Callable[[Hosting, Driver], Awaitable[None]] = _obey if hosting.plan is None else _carry_out
            task = asyncio.ensure_future(work(hosting, driver))
            try:
                async with asyncio.timeout(seconds):
                    await _first(hosting.done.wait(), task)
            except TimeoutError:
                pass
            for each in (task, hosting.completing):
                if each is not None:
                    each.cancel()
            driver.call(hosting.host.quit)
    finally:
        loop.remove_signal_handler(signal.SIGINT)


async def _listen(driver: Driver, listening: Listening, listener: str, port: int) -> int:
    tls = listening.tls if listener == "spice-tls" else None
    try:
        return await driver.listen(listener, listening.address, port, tls)
    except (OSError, UnicodeError) as error:
        at = f"--listen {shortened(repr(listening.address))}, port {port}"
        # What stands behind it in brackets is the address again.
        why = of_error(error).partition(" (")[0]
        expected = "expected an address of this machine, and a port that is free"
        raise InputError(f"{at}: cannot listen for {listener}: {why}; {expected}") from None


async def _first(done: Awaitable[object], task: asyncio.Future[None]) -> None:
    """Until it is done; an error of the task ends the wait."""
    waiting = asyncio.ensure_future(done)
    finished, _ = await asyncio.wait((waiting, task), return_when=asyncio.FIRST_COMPLETED)
    if task in finished:
        task.result()
        await waiting
    waiting.cancel()


async def _carry_out(hosting: Hosting, driver: Driver) -> None:
    plan, host = hosting.plan, hosting.host
    assert plan is not None
    await hosting.until(lambda: host.state == "completed")
    await asyncio.sleep(plan.begin_after)
    known = hosting.returned
    _inform(host, driver, plan.target)
    await hosting.until(lambda: hosting.returned > known)
    driver.call(host.migrate, plan.stream)
    await hosting.until(lambda: host.is_streaming or not hosting.is_migrating)
    if hosting.is_migrating:
        await asyncio.sleep(plan.end_after)
    if hosting.is_migrating:
        driver.call(getattr(host, _ENDS[plan.end]))
    await hosting.until(lambda: not hosting.is_migrating and not hosting.connections)
    hosting.done.set()


async def _obey(hosting: Hosting, driver: Driver) -> None:
    """Do what lines on stdin say, in order. What makes no sense is answered by a line on stderr; the end of stdin is no
    command.
    """
    number = 0
    async for line in stdin_lines(_LONGEST_LINE):
        number += 1
        try:
            _obey_line(hosting, driver, line)
        except InputError as error:
            click.echo(f"stdin, line {number}: {error}", err=True)
        if hosting.done.is_set():
            # What comes after the last command is for whoever reads next.
            return


def _obey_line(hosting: Hosting, driver: Driver, line: bytes) -> None:
    if len(line) > _LONGEST_LINE:
        raise InputError(f"longer than {_LONGEST_LINE:,} bytes, and left out; expected {COMMANDS}")
    if not (text := line.decode(errors="replace").strip()):
        return
    try:
        _command(hosting, driver, text)
    except ValueError as error:
        raise InputError(f"{text.split()[0]}: {error}") from None


def _command(hosting: Hosting, driver: Driver, text: str) -> None:
    host, (name, *arguments) = hosting.host, text.split()
    plain = {"fail": host.fail, "cancel": host.migrate_cancel}
    if name == "complete" and not arguments:
        if hosting.completing is not None and not hosting.completing.done():
            raise InputError("complete: this migration is to complete already, as soon as its target loads the guest")
        hosting.completing = asyncio.create_task(_complete(hosting, driver))
    elif name in plain and not arguments:
        driver.call(plain[name])
    elif name == "quit" and not arguments:
        hosting.done.set()
    elif name == "info" and arguments:
        _inform(host, driver, read_target(*text.split(maxsplit=2)[1:]))
    elif name == "notify" and arguments:
        driver.call(host.notify, text.split(maxsplit=1)[1])
    elif name == "migrate" and len(arguments) == 1:
        driver.call(host.migrate, read_host_and_port(arguments[0]))
    elif name == "password" and len(arguments) in (1, 2):
        _set_password(hosting, driver, *arguments)
    else:
        raise InputError(f"{shortened(text)}: expected {COMMANDS}")


async def _complete(hosting: Hosting, driver: Driver) -> None:
    """When the target has begun to load the guest, of which nobody is told."""
    while hosting.is_migrating and not hosting.host.is_streaming:
        await asyncio.sleep(_LOOK_AGAIN)
    driver.call(hosting.host.complete)


def _inform(host: HostEndpoint, driver: Driver, target: Target) -> None:
    ports = [-1 if each is None else each for each in (target.port, target.tls_port)]
    driver.call(host.client_migrate_info, target.host, *ports, target.subject)


def _set_password(hosting: Hosting, driver: Driver, path: str, lifetime: str | None = None) -> None:
    if path == "-":
        raise InputError("password -: the lines on stdin are commands; expected a file")
    seconds = None if lifetime is None else SECONDS.read(lifetime)
    password = host_password(path)
    span = "" if seconds is None else f", for {seconds:g} s"
    hosting.show(Commanded(driver.now(), f"set_password{span}"))
    driver.call(hosting.host.set_password, password, seconds)


def read_target(text: str, subject: str = "") -> Target:
    """The server that a URL names, if clients can be sent there. Raises InputError, one line."""
    target = read_address(text, subject)
    if NO_PORT in (target.port, target.tls_port):
        raise InputError(f"{shortened(text)}: clients take port {NO_PORT} for none; expected another")
    if len(target.host.encode()) > _LONGEST_NAME:
        raise InputError(f"{shortened(text)}: expected a host of at most {_LONGEST_NAME} bytes")
    return target


def host_password(path: str) -> str:
    """The password that a host asks for, the first line of a file. Raises InputError, one line."""
    password = read_password(path)
    if not password:
        raise InputError(f"{path}: the password is empty, and nobody would be let in; expected it on the first line")
    return password
