"""Runs a client on real sockets until there is a reason to stop, and has what it sees judged."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.asyncio_driver import Driver
from switchover.runtime.spice.client import ClientEndpoint
from switchover.runtime.spice.events import Ended, Opened
from switchover.runtime.spice.handovers import HandoverLog, Result
from switchover.runtime.spice.recording import ClientRecording, Row
from switchover.runtime.tls import Trust

from .errors import InputError
from .judging import Judge, Judgement
from .judging_words import Judged
from .recording_file import RecordingFile
from .refusals import Refusals

#: Seconds after the last handover in which the target's picture comes, and what is left of the source goes.
_AFTERWARDS = 1.0

#: Seconds after Ctrl-C in which the last judgement may come and connections may close in order.
_PATIENCE = 1.0

_ENDED = (Result.COMPLETED, Result.CANCELLED, Result.FAILED, Result.LOST)


@dataclass
class Following:
    """A client that is followed, and what it saw: ``log``, ``refusals``, and so many ``lines`` of a recording.

    ``began``: when, by the client's clock. ``show`` is given each event, and the judgement that is told before the end.
    ``last_state``: of the session, before it was left; ``is_in_service``: whether it was served then. ``met_tls``:
    whether any connection was, or was to be, with TLS, or a server wanted that.
    """

    client: ClientEndpoint
    show: Callable[[object], None] | None = None
    file: RecordingFile | None = None
    recording: ClientRecording = field(default_factory=ClientRecording)
    log: HandoverLog = field(default_factory=HandoverLog)
    refusals: Refusals = field(default_factory=Refusals)
    judge: Judge = field(init=False)
    lines: int = 0
    began: float = 0.0
    is_ending: bool = False
    interrupted: bool = False
    last_state: str = "not begun"
    is_in_service: bool = False
    met_tls: bool = False

    def __post_init__(self) -> None:
        self.judge = Judge(self.client.options.design.repairs, self._tell)

    @property
    def judgement(self) -> Judgement:
        """Whether what was seen is a behaviour of the model, as far as that is known."""
        return self.judge.judgement

    def take(self, event: object) -> None:
        """Note, record, judge and show one event."""
        self.log.feed(event)
        self.refusals.feed(event)
        if isinstance(event, Opened | Ended):
            self.met_tls |= event.address.endswith(" (TLS)")
        self.met_tls |= self.refusals.is_tls_wanted
        self._record(self.recording.rows(event))
        if self.show is not None:
            self.show(event)

    def note_end(self) -> None:
        """The session is about to be left, or is over."""
        self.last_state = self.client.state
        self.is_in_service = (ChannelType.MAIN, 0) in self.client.attached

    def close(self) -> None:
        """Nothing more will be seen."""
        self._record(self.recording.endings())

    def moment(self, time: float) -> float:
        """A time of the recording in seconds since the beginning."""
        return (self.recording.began or self.began) + time - self.began

    def has_seen(self, handovers: int | None) -> bool:
        """Whether so many attempts to hand the client over have come to an end."""
        return handovers is not None and sum(each.result in _ENDED for each in self.log.handovers) >= handovers

    def _tell(self, judgement: Judgement) -> None:
        if self.show is not None:
            self.show(Judged(asyncio.get_running_loop().time(), judgement, self.moment))

    def _record(self, rows: list[Row]) -> None:
        for row in rows:
            self.lines += 1
            self.judge.take(self.lines, row)
            if self.file is not None:
                self.file.write(row)


def check_authorities(ca_file: str) -> None:
    """Whether a file can be used as ``ca_file``. Raises InputError, one line."""
    try:
        Trust(ca_file)
    except OSError as error:
        raise InputError(f"--ca-file {ca_file}: cannot be read: {error.strerror}") from None
    except ValueError:
        expected = "expected those of the authorities, in PEM"
        raise InputError(f"--ca-file {ca_file}: holds no certificates; {expected}") from None


def follow(following: Following, seconds: float | None, handovers: int | None, ca_file: str | None) -> None:
    """Run the client for so long, until so many handovers are over, until it is lost, or until Ctrl-C.

    After Ctrl-C it takes a second at most; a second Ctrl-C ends it at once.
    """
    asyncio.run(_follow(following, seconds, handovers, ca_file))


async def _follow(following: Following, seconds: float | None, handovers: int | None, ca_file: str | None) -> None:
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    work = asyncio.create_task(_work(following, done, seconds, handovers, ca_file))

    def interrupt() -> None:
        if following.interrupted:
            work.cancel()
        following.interrupted = True
        done.set()
        loop.call_later(_PATIENCE, work.cancel)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        with suppress(asyncio.CancelledError):
            await work
    finally:
        await following.judge.stop()
        loop.remove_signal_handler(signal.SIGINT)
    following.close()


async def _work(
    following: Following, done: asyncio.Event, seconds: float | None, handovers: int | None, ca_file: str | None
) -> None:
    await following.judge.start()
    await _run(following, done, seconds, handovers, ca_file)
    following.close()
    await following.judge.finish()


async def _run(
    following: Following, done: asyncio.Event, seconds: float | None, handovers: int | None, ca_file: str | None
) -> None:
    client, loop = following.client, asyncio.get_running_loop()

    def take(event: object) -> None:
        following.take(event)
        if client.is_over:
            done.set()
        elif not following.is_ending and following.has_seen(handovers):
            following.is_ending = True
            loop.call_later(_AFTERWARDS, done.set)

    async with Driver(client, on_report=take, ca_file=ca_file) as driver:
        following.began = driver.now()
        driver.call(client.connect)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await done.wait()
        finally:
            following.note_end()
        if not client.is_over:
            driver.call(client.quit)
