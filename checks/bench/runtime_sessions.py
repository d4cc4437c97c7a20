"""Many sessions in one process: all attached, all handed over at once, with hosts of ours in another process.

As a program (runtime_sessions.py COUNT) it prints the figures as JSON: memory is to be measured in a new process.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.handovers import HandoverLog, Result

from .runtime_process import LIMIT, PeerError, stop

_HOSTS = [sys.executable, str(Path(__file__).with_name("runtime_hosts.py"))]
_SELF = [sys.executable, "-m", "switchover.checks.bench.runtime_sessions"]
_CHANNELS = 5
#: Connections of one session at most: at both hosts.
_SOCKETS = 2 * _CHANNELS
_PAGE = resource.getpagesize()


@dataclass(frozen=True)
class Sessions:
    """``attaching`` and ``handing_over``: seconds until all were done; ``cpu``: of this process for the handovers, in
    s; ``memory``: bytes that it has grown by when all were handed over.
    """

    count: int
    attaching: float
    handing_over: float
    cpu: float
    memory: int


class _Session:
    def __init__(self, port: int, news: asyncio.Event) -> None:
        self.client = ClientEndpoint(Target("127.0.0.1", port))
        self.log = HandoverLog()
        self.driver = Driver(self.client, on_report=self._report)
        self._news = news

    def _report(self, event: object) -> None:
        self.log.feed(event)
        self._news.set()

    @property
    def is_attached(self) -> bool:
        return len(self.client.attached) == _CHANNELS

    @property
    def is_handed_over(self) -> bool:
        return bool(self.log.handovers) and self.log.handovers[-1].result is Result.COMPLETED


def measure_sessions(count: int) -> Sessions:
    """In a new process. Raises PeerError when not all are handed over, or the charts do not expect what comes."""
    done = subprocess.run([*_SELF, str(count)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerError(f"{count} sessions: {(done.stderr.strip().splitlines() or ['failed'])[-1]}")
    return Sessions(**json.loads(done.stdout))


async def _measure(count: int) -> Sessions:
    _raise_file_limit(count * _SOCKETS + 64)
    async with AsyncExitStack() as stack:
        hosts = await asyncio.create_subprocess_exec(*_HOSTS, str(count), stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        stack.push_async_callback(stop, hosts)
        assert hosts.stdout is not None
        assert hosts.stdin is not None
        ports = json.loads(await hosts.stdout.readline() or b"[]")
        if len(ports) != count:
            raise PeerError(f"{count} pairs of hosts do not start")
        news, memory = asyncio.Event(), _memory()
        sessions = [_Session(port, news) for port in ports]
        begun = time.perf_counter()
        for each in sessions:
            await stack.enter_async_context(each.driver)
            each.driver.call(each.client.connect)
        await _until(news, "attached", lambda: [each.is_attached for each in sessions])
        attaching = time.perf_counter() - begun
        begun, cpu = time.perf_counter(), time.process_time()
        hosts.stdin.write(b"go\n")
        await _until(news, "handed over", lambda: [each.is_handed_over for each in sessions])
        found = Sessions(count, attaching, time.perf_counter() - begun, time.process_time() - cpu, _memory() - memory)
        refused = [str(each.log.not_allowed[0]) for each in sessions if each.log.not_allowed]
        if refused:
            raise PeerError(refused[0])
        for each in sessions:
            each.driver.call(each.client.quit)
    return found


async def _until(news: asyncio.Event, what: str, states: Callable[[], list[bool]]) -> None:
    """Looked at now and then: asking all sessions at each event would be most of the work."""
    try:
        async with asyncio.timeout(LIMIT * 3):
            while not all(states()):
                news.clear()
                await news.wait()
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise PeerError(f"{states().count(True)} of {len(states())} sessions {what} within {LIMIT * 3:g} s") from None


def _raise_file_limit(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise PeerError(f"{wanted} open files are needed, {hard} are allowed")
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _memory() -> int:
    """Resident, in bytes."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE


if __name__ == "__main__":
    print(json.dumps(asdict(asyncio.run(_measure(int(sys.argv[1]))))))
