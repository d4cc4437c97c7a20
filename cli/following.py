"""Runs a client on real sockets until there is a reason to stop."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TextIO

from switchover.models.spice.protocol.channels import MainCap
from switchover.models.spice.protocol.link import LinkReply
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.spice.client import ClientEndpoint
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.handovers import HandoverLog, Result
from switchover.runtime.spice.recording import ClientRecording, Row

#: A recording of more lines is not judged.
MOST_LINES = 100_000

#: Seconds after the last handover in which the target's picture comes, and what is left of the source goes.
_AFTERWARDS = 1.0

_ENDED = (Result.COMPLETED, Result.CANCELLED, Result.FAILED, Result.LOST)


@dataclass
class Following:
    """A client that is followed, and what it saw: ``log``, and ``lines`` of a recording, up to ``MOST_LINES`` and one.

    ``began``: when, by the client's clock. ``is_ending``: the last handover is over. ``servers_are_ours``: they number
    attempts, as those of the reference design do.
    """

    client: ClientEndpoint
    show: Callable[[object], None] | None = None
    file: TextIO | None = None
    recording: ClientRecording = field(default_factory=ClientRecording)
    log: HandoverLog = field(default_factory=HandoverLog)
    lines: list[str] = field(default_factory=list)
    began: float = 0.0
    is_ending: bool = False
    servers_are_ours: bool = False
    interrupted: bool = False

    def take(self, event: object) -> None:
        """Note, record and show one event."""
        self.log.feed(event)
        if isinstance(event, MessageSeen) and isinstance(event.message, LinkReply):
            self.servers_are_ours |= MainCap.MIGRATE_ATTEMPT in event.message.channel_caps
        self._record(self.recording.rows(event))
        if self.show is not None:
            self.show(event)

    def finish(self) -> None:
        """Nothing more will be seen."""
        self._record(self.recording.endings())

    def _record(self, rows: list[Row]) -> None:
        for row in rows:
            line = json.dumps(row)
            if len(self.lines) <= MOST_LINES:
                self.lines.append(line)
            if self.file is not None:
                self.file.write(line + "\n")

    def has_seen(self, handovers: int | None) -> bool:
        """Whether so many attempts to hand the client over have come to an end."""
        return handovers is not None and sum(each.result in _ENDED for each in self.log.handovers) >= handovers


def follow(following: Following, seconds: float | None, handovers: int | None, ca_file: str | None) -> None:
    """Run the client for so long, until so many handovers are over, until it is lost, or until Ctrl-C."""
    asyncio.run(_follow(following, seconds, handovers, ca_file))
    following.finish()


async def _follow(following: Following, seconds: float | None, handovers: int | None, ca_file: str | None) -> None:
    client = following.client
    done = asyncio.Event()
    loop = asyncio.get_running_loop()

    def take(event: object) -> None:
        following.take(event)
        if client.is_over:
            done.set()
        elif not following.is_ending and following.has_seen(handovers):
            following.is_ending = True
            loop.call_later(_AFTERWARDS, done.set)

    def interrupt() -> None:
        following.interrupted = True
        done.set()

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        async with Driver(client, on_report=take, ca_file=ca_file) as driver:
            following.began = driver.now()
            driver.call(client.connect)
            try:
                async with asyncio.timeout(seconds):
                    await done.wait()
            except TimeoutError:
                pass
            if not client.is_over:
                driver.call(client.quit)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
