"""One TCP or TLS connection in asyncio: a socket below, whoever runs the endpoint above."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol, TypeVar

from . import reasons
from .asyncio_sockets import shown
from .asyncio_stream import SocketStream
from .endpoint import Connect
from .tls import TlsError, TlsStream

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Limits:
    """``waiting``: bytes that may wait to be sent before a peer counts as one that does not read. ``closing``: seconds
    that what was written may take to arrive, and the peer to close too, before a closed connection is dropped.
    """

    waiting: int = 16 * 1024 * 1024
    closing: float = 5.0


class Owner(Protocol):
    """Who is told what happens to a connection; never while a method that the runner has called still runs."""

    def begin(self, connection: Connection, wish: Connect) -> bool:
        """It is to be connected. True: it is, with a call of ``start``."""
        ...

    def opened(self, connection: Connection) -> None:
        """TLS has come about, where it was begun from here."""
        ...

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes have come."""
        ...

    def ended(self, connection: Connection) -> None:
        """The peer has closed it."""
        ...

    def lost(self, connection: Connection, reason: str) -> None:
        """It broke."""
        ...

    def gone(self, connection: Connection) -> None:
        """Its socket is closed. The last that is told, but for an end that was kept while the endpoint did not read."""
        ...


class _State(Enum):
    OPENING = auto()
    OPEN = auto()
    #: The peer has closed; that is told when the endpoint reads again.
    ENDING = auto()
    #: Closed, but what was written waits until TLS is there.
    CLOSING = auto()
    #: All has been told. What was written may still be under way; what comes is thrown away.
    OVER = auto()


class Connection:
    """A ``runner.Wire`` on a socket, accepted by ``listener``, or, if that is empty, opened from here by ``wish``.

    ``outcome``: None once it is open, or the reason why it could not be opened. ``attempt``: the task that opens it, if
    that takes one. ``tls``: set before there is a socket.
    """

    def __init__(
        self,
        owner: Owner,
        limits: Limits,
        tls: TlsStream | None = None,
        listener: str = "",
        wish: Connect | None = None,
    ) -> None:
        self.number = -1
        self.is_open = False
        self.listener = listener
        self.peer = ""
        self.outcome: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self.attempt: asyncio.Task[None] | None = None
        self.tls = tls
        self._wish = wish
        self._owner = owner
        self._limits = limits
        self._state = _State.OPENING
        self._stream: SocketStream | None = None
        self._is_paused = False
        self._kept: list[bytes] = []
        self._last_moment: asyncio.TimerHandle | None = None

    # What the runner wants.

    def begin(self) -> bool:
        """Connect. True: it is done already."""
        return self._wish is not None and self._owner.begin(self, self._wish)

    def write(self, data: bytes) -> None:
        """Send these bytes. With a peer that lets too many wait the connection breaks."""
        if self._state is not _State.OPEN:
            return
        if self.tls is None:
            self._send(data)
        else:
            self._through_tls(lambda tls: tls.write(data))
        waiting = self._stream.unsent if self._stream is not None else 0
        if waiting > self._limits.waiting and self._state is _State.OPEN:
            self._break(reasons.too_much_waits(waiting, self._limits.waiting))
            self.abort()

    def close(self) -> None:
        """Close after everything that was written, or give up opening."""
        if self._state is _State.OPENING:
            if self.attempt is not None:
                self.attempt.cancel()
            self.abort()
        elif self._state is _State.OPEN and self.tls is not None and self.tls.has_unsent:
            self._state = _State.CLOSING
            self._set_last_moment()
            self.resume()
        elif self._state in (_State.OPEN, _State.ENDING):
            self._finish(has_ended=self._state is _State.ENDING)

    def pause(self) -> None:
        """Read nothing more."""
        self._is_paused = True
        if self._stream is not None and self._state is _State.OPEN:
            self._stream.pause_reading()

    def resume(self) -> None:
        """Read again."""
        self._is_paused = False
        asyncio.get_running_loop().call_soon(self._read_again)

    def abort(self) -> None:
        """Drop it at once; only ``gone`` is told."""
        self._state = _State.OVER
        if self._stream is not None:
            self._stream.abort()

    # What is told by whoever opens it, and by the stream.

    def start(self, sock: socket.socket) -> None:
        """The socket is connected: without TLS the connection is open now, on the side that accepts in any case. Call
        ``read`` when its owner has been told.
        """
        self._stream = SocketStream(sock, self)
        # A peer that has gone already is found out soon.
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.peer = shown(sock.getpeername()) if self.listener else ""
        if self.tls is None or self.listener:
            self._open()
        if self.tls is not None:
            self._start_tls()

    def read(self) -> None:
        """Take what comes, unless that is put off."""
        if self._stream is not None and not self._is_paused:
            self._stream.resume_reading()

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        if self._state is _State.OVER:
            return
        if self.tls is None:
            self._deliver(data)
            return
        decrypted = self._through_tls(lambda tls: tls.receive(data))
        if decrypted is None:
            return
        if self._state is _State.CLOSING:
            if self.tls.is_established:
                self._finish(has_ended=decrypted.is_last)
            return
        if self.tls.is_established and self._state is _State.OPENING:
            self._open()
            self._owner.opened(self)
        if decrypted.data:
            self._deliver(decrypted.data)
        if decrypted.is_last and self._state is _State.OPEN:
            self._end()

    def eof_received(self) -> bool:
        """The peer has closed. True: the socket is still needed."""
        if self._state in (_State.OPENING, _State.CLOSING):
            self._break(reasons.RESET)
        elif self._state is _State.OPEN:
            self._end()
        return self._state is _State.ENDING

    def connection_lost(self, error: OSError | None) -> None:
        """The socket is about to be closed."""
        if self._state is _State.OPEN and error is not None:
            self._read_the_rest(has_ended=isinstance(error, BrokenPipeError))
        if self._state in (_State.OPENING, _State.OPEN):
            self._break(reasons.of_error(error or ConnectionResetError()))
        if self._last_moment is not None:
            self._last_moment.cancel()
        self._owner.gone(self)

    # Opening.

    def _open(self) -> None:
        self._state = _State.OPEN
        self._settle(None)
        if self._is_paused:
            self.pause()

    def _start_tls(self) -> None:
        if self._state is not _State.OVER:
            self._through_tls(TlsStream.start)

    def _settle(self, reason: str | None) -> None:
        if not self.outcome.done():
            self.outcome.set_result(reason)

    # Bytes out and in.

    def _send(self, data: bytes) -> None:
        if self._stream is not None:
            self._stream.write(data)

    def _through_tls(self, step: Callable[[TlsStream], Answer]) -> Answer | None:
        """What the step answers, and what it made is sent; None: TLS failed, and the connection breaks."""
        assert self.tls is not None
        try:
            answer = step(self.tls)
        except TlsError as error:
            # What is to be sent tells the peer why.
            self._send(self.tls.to_send())
            self._break(str(error))
            return None
        self._send(self.tls.to_send())
        return answer

    def _deliver(self, data: bytes) -> None:
        if self._is_paused or self._kept:
            self._kept.append(data)
        else:
            self._owner.received(self, data)

    def _read_again(self) -> None:
        while self._kept and not self._is_paused and self._state is not _State.OVER:
            self._owner.received(self, self._kept.pop(0))
        if self._is_paused:
            return
        if self._state is _State.ENDING:
            self._end()
        elif self._state in (_State.OPEN, _State.CLOSING) and self._stream is not None:
            self._stream.resume_reading()

    def _read_the_rest(self, has_ended: bool) -> None:
        """What came before the connection broke, where sending failed first."""
        assert self._stream is not None
        while self._state is _State.OPEN:
            try:
                data = self._stream.rest()
            except OSError:
                return
            if data:
                self.data_received(data)
            elif has_ended:
                self._end()
            else:
                return

    # Ending.

    def _end(self) -> None:
        """The peer has closed."""
        if self._is_paused or self._kept:
            self._state = _State.ENDING
            return
        self._finish(has_ended=True)
        self._owner.ended(self)

    def _break(self, reason: str) -> None:
        """It cannot go on; that is told soon, not now: the runner may be in the middle of something."""
        was_open = self._state is _State.OPEN
        self._settle(reason)
        self._finish(has_ended=True)
        if was_open:
            asyncio.get_running_loop().call_soon(self._owner.lost, self, reason)

    def _finish(self, has_ended: bool) -> None:
        """Close when all is sent. A peer that has not ended yet is waited for, as what is still in flight to a socket
        that is closed makes the system throw away what that socket has sent.
        """
        self._state = _State.OVER
        self._kept.clear()
        stream = self._stream
        if stream is None or stream.is_closing:
            return
        if self.tls is not None:
            self.tls.close()
            self._send(self.tls.to_send())
        self._set_last_moment()
        if has_ended:
            stream.close()
            return
        try:
            stream.write_eof()
            stream.resume_reading()
        except OSError:
            # Broken already, and nobody knows yet.
            stream.abort()

    def _set_last_moment(self) -> None:
        if self._last_moment is None and self._stream is not None:
            self._last_moment = asyncio.get_running_loop().call_later(self._limits.closing, self._stream.abort)
