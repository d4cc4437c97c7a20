"""Runs a host on real sockets: told what to do by lines of text, or by a plan of one handover."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.events import StateChanged
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import Happening, HostEvent
from switchover.runtime.spice.numbering import Target

from .errors import InputError
from .spice_address import read_address, read_host_and_port, read_password

COMMANDS = (
    "info spice://HOST:PORT [SUBJECT], migrate HOST:PORT, complete, fail, cancel, password FILE [SECONDS], "
    "notify TEXT, quit"
)
_LOOK_AGAIN = 0.01
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
    failed, cancelled) so many seconds later.
    """

    target: Target
    stream: Address
    begin_after: float = 1.0
    end: str = "completed"
    end_after: float = 0.5


@dataclass
class Hosting:
    """A host that is run. ``say`` prints a line, ``show`` an event; ``ticket_lifetime``: of its first ticket, in s.

    ``completing``: a migration that is to complete as soon as it can.
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
            if event.what is Happening.SPICE_MIGRATE_COMPLETED and self.plan is not None:
                self.done.set()
            if event.what is Happening.MIGRATION_FAILED and self.plan is not None:
                self.done.set()
        self.news.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until it holds."""
        while not holds():
            self.news.clear()
            await self.news.wait()


def run_host(hosting: Hosting, listening: Listening, seconds: float | None) -> None:
    """Run until it is told to quit, its plan is over, so many seconds have passed, or Ctrl-C.

    Raises OSError when it cannot listen.
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
                tls = listening.tls if listener == "spice-tls" else None
                given = await driver.listen(listener, listening.address, port, tls)
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
    target, known = plan.target, hosting.returned
    ports = [-1 if each is None else each for each in (target.port, target.tls_port)]
    driver.call(host.client_migrate_info, target.host, *ports, target.subject)
    await hosting.until(lambda: hosting.returned > known)
    driver.call(host.migrate, plan.stream)
    await hosting.until(lambda: host.is_streaming)
    await asyncio.sleep(plan.end_after)
    driver.call(getattr(host, _ENDS[plan.end]))


async def _obey(hosting: Hosting, driver: Driver) -> None:
    """Do what lines on stdin say. What makes no sense is answered with a line; the end of stdin is no command."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    try:
        await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    except (ValueError, OSError):
        return
    while line := await reader.readline():
        text = line.decode(errors="replace").strip()
        if not text:
            continue
        try:
            _command(hosting, driver, text)
        except InputError as error:
            hosting.say(str(error))


def _command(hosting: Hosting, driver: Driver, text: str) -> None:
    host, (name, *arguments) = hosting.host, text.split()
    plain = {"fail": host.fail, "cancel": host.migrate_cancel}
    if name == "complete" and not arguments:
        hosting.completing = asyncio.create_task(_complete(hosting, driver))
    elif name in plain and not arguments:
        driver.call(plain[name])
    elif name == "quit" and not arguments:
        hosting.done.set()
    elif name == "info" and arguments:
        target = read_address(*text.split(maxsplit=2)[1:])
        ports = [-1 if each is None else each for each in (target.port, target.tls_port)]
        driver.call(host.client_migrate_info, target.host, *ports, target.subject)
    elif name == "notify" and arguments:
        _notify(host, driver, text.split(maxsplit=1)[1])
    elif name == "migrate" and len(arguments) == 1:
        driver.call(host.migrate, read_host_and_port(arguments[0]))
    elif name == "password" and len(arguments) in (1, 2):
        driver.call(host.set_password, read_password(arguments[0]), *_lifetime(arguments[1:]))
    else:
        raise InputError(f"{text}: expected {COMMANDS}")


def _notify(host: HostEndpoint, driver: Driver, text: str) -> None:
    try:
        driver.call(host.notify, text)
    except ValueError as error:
        raise InputError(f"notify: {error}") from None


async def _complete(hosting: Hosting, driver: Driver) -> None:
    """When the target has begun to load the guest, of which nobody is told."""
    while hosting.is_migrating and not hosting.host.is_streaming:
        await asyncio.sleep(_LOOK_AGAIN)
    driver.call(hosting.host.complete)


def _lifetime(words: list[str]) -> list[float]:
    try:
        return [float(each) for each in words]
    except ValueError:
        raise InputError(f"{words[0]}: expected a number of seconds") from None
