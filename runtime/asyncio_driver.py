"""Runs an endpoint on real sockets, in asyncio: one loop, no threads."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from os import PathLike
from types import TracebackType
from typing import Any

from . import reasons
from .asyncio_connection import Connection, Limits
from .asyncio_sockets import Listener, begun_socket, connected_socket, is_connected, listening_socket
from .endpoint import Connect, Endpoint, Wish
from .runner import Runner
from .tls import TlsError, TlsStream, Trust

__all__ = ["Driver", "Limits", "Reports"]


class Reports:
    """The events that an endpoint reports, from now on, for ``async for``; it stops when the driver does.

    Raises OverflowError when more than ``most`` wait for a reader.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: deque[object] = deque()
        self._has_news = asyncio.Event()
        self._is_over = False

    def put(self, event: object) -> None:
        """For the driver: one more."""
        if len(self._events) <= self._most:
            self._events.append(event)
            self._has_news.set()

    def finish(self) -> None:
        """For the driver: no more will come."""
        self._is_over = True
        self._has_news.set()

    def __aiter__(self) -> Reports:
        return self

    async def __anext__(self) -> object:
        while not self._events:
            if self._is_over:
                raise StopAsyncIteration
            self._has_news.clear()
            await self._has_news.wait()
        if len(self._events) > self._most:
            raise OverflowError(f"more than {self._most:,} reports wait to be read")
        return self._events.popleft()


class Driver:
    """Runs ``endpoint`` while the ``async with`` block runs, and closes its connections at the end.

    ``on_report`` is called with each event that the endpoint reports. ``ca_file``: the authorities (PEM) whose
    certificates servers may show, None: the system's. Raises OSError or ValueError for a bad ``ca_file``.

    An error in the endpoint, or in ``on_report``, ends the block: it is raised where the block is left.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        on_report: Callable[[Any], None] | None = None,
        ca_file: str | PathLike[str] | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._runner = Runner(endpoint, self.now, self._open, self._arm, self._report)
        self._on_report = on_report
        self._trust = None if ca_file is None else Trust(ca_file)
        self._limits = limits or Limits()
        self._readers: list[Reports] = []
        self._listeners: dict[str, Listener] = {}
        #: Those that have a socket, and the tasks that open one.
        self._connections: set[Connection] = set()
        self._attempts: set[asyncio.Task[None]] = set()
        #: Those that nothing is read from yet.
        self._new: list[Connection] = []
        self._alarm: asyncio.TimerHandle | None = None
        self._has_none = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._failure: Exception | None = None

    async def __aenter__(self) -> Driver:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._arm(self._runner.endpoint.next_deadline())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop(is_orderly=error is None)
        is_own = self._failure is not None and self._task is not None and self._task.uncancel() == 0
        try:
            await self._all_gone()
        except asyncio.CancelledError:
            self._abort()
            if not is_own:
                raise
            await self._all_gone()
        if is_own and self._failure is not None:
            raise self._failure from (None if isinstance(error, asyncio.CancelledError) else error)

    # What the user may do.

    async def listen(
        self, listener: str, host: str = "127.0.0.1", port: int = 0, ssl: ssl.SSLContext | None = None
    ) -> int:
        """Accept connections for the endpoint's ``listener``, with TLS if a context (``tls.server_context``) is given.

        The port comes back; 0 lets the system choose. Raises OSError, and ValueError for a listener that listens.
        """
        if listener in self._listeners:
            raise ValueError(f"{listener} listens already")

        def accept(accepted: socket.socket) -> None:
            tls = None if ssl is None else TlsStream(ssl, is_server=True)
            connection = Connection(self, self._limits, tls, listener)
            self._start(connection, accepted)
            self.opened(connection)

        self._running()
        listening = Listener(await listening_socket(host, port), accept)
        self._listeners[listener] = listening
        return listening.port

    def stop_listening(self, listener: str) -> None:
        """Accept no more; connections that there are stay. Raises KeyError."""
        self._listeners.pop(listener).close()

    def call(self, fn: Callable[..., Sequence[Wish]], *args: Any, **options: Any) -> None:
        """Call a method of the endpoint that takes ``now`` and returns wishes, and carry them out.

        Raises what the method raises, and RuntimeError outside the block.
        """
        self._running()
        self._runner.call(fn, *args, **options)
        self._read_new()

    def now(self) -> float:
        """The present time of the endpoint's clock, in s: the loop's."""
        return self._running().time()

    def reports(self, most: int = 100_000) -> Reports:
        """What is reported from now on, for ``async for``; at most so many may wait to be read."""
        reader = Reports(most)
        self._readers.append(reader)
        return reader

    # What connections tell.

    def opened(self, connection: Connection) -> None:
        """A connection is open."""
        if connection.listener:
            self._tell(self._runner.accepted, connection, connection.listener, connection.peer)
        else:
            self._tell(self._runner.connected, connection)

    def received(self, connection: Connection, data: bytes) -> None:
        """Bytes have come."""
        self._tell(self._runner.received, connection, data)

    def ended(self, connection: Connection) -> None:
        """The peer has closed a connection."""
        self._tell(self._runner.ended, connection)

    def lost(self, connection: Connection, reason: str) -> None:
        """A connection broke."""
        self._tell(self._runner.lost, connection, reason)

    def gone(self, connection: Connection) -> None:
        """A connection has no socket any more."""
        self._connections.discard(connection)
        if not self._connections:
            self._has_none.set()

    def _tell(self, tell: Callable[..., None], *args: Any) -> None:
        if self._loop is None:
            return
        try:
            tell(*args)
        except Exception as error:
            self._fail(error)
        self._read_new()

    def _fail(self, error: Exception) -> None:
        """The endpoint has a bug: nothing more is told, and the block ends with the error."""
        self._failure = error
        self._stop(is_orderly=False)
        if self._task is not None:
            self._task.cancel()

    # What the runner wants.

    def _open(self, wish: Connect) -> Connection:
        return Connection(self, self._limits, wish=wish)

    def begin(self, connection: Connection, wish: Connect) -> bool:
        """On the same machine a connection is there at once: its peer need not wait until tasks had their turns."""
        begun = None if wish.address.tls else begun_socket(wish.address)
        if begun is not None and is_connected(begun):
            self._start(connection, begun)
            return True

        def end(attempt: asyncio.Task[None]) -> None:
            self._attempts.discard(attempt)
            # It may have ended before it came to use the socket.
            if begun is not None and connection not in self._connections:
                begun.close()

        attempt = connection.attempt = self._running().create_task(self._attempt(wish, connection, begun))
        self._attempts.add(attempt)
        attempt.add_done_callback(end)
        return False

    def _start(self, connection: Connection, sock: socket.socket) -> None:
        self._connections.add(connection)
        self._has_none.clear()
        connection.start(sock)
        self._new.append(connection)

    def _read_new(self) -> None:
        """A peer that is to speak second hears something first."""
        while self._new:
            self._new.pop().read()

    async def _attempt(self, wish: Connect, connection: Connection, begun: socket.socket | None) -> None:
        try:
            reason = await self._outcome(wish, connection, begun)
        except Exception as error:
            self._fail(error)
            return
        if reason is not None:
            connection.abort()
            self._tell(self._runner.refused, connection, reason)

    async def _outcome(self, wish: Connect, connection: Connection, begun: socket.socket | None) -> str | None:
        """None: the connection is open; else why not. The name and the port may be anything that came from a peer."""
        address = wish.address
        if not 0 < address.port < 65536:
            return reasons.no_port(address.port)
        try:
            async with asyncio.timeout(wish.limit) as limit:
                if address.tls:
                    self._trust = self._trust or Trust()
                    connection.tls = self._trust.stream(address)
                sock = await connected_socket(address, wish.limit, begun)
                self._start(connection, sock)
                if connection.tls is None:
                    self.opened(connection)
                self._read_new()
                return await connection.outcome
        except TlsError as error:
            return str(error)
        except (OSError, ValueError) as error:
            return reasons.no_answer(wish.limit) if limit.expired() else reasons.of_error(error)

    def _arm(self, deadline: float | None) -> None:
        # An alarm that is too early looks again when it rings: most deadlines only move on.
        if deadline is None or (self._alarm is not None and self._alarm.when() <= deadline):
            return
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._running().call_at(deadline, self._tell, self._ring)

    def _ring(self) -> None:
        self._alarm = None
        deadline = self._runner.endpoint.next_deadline()
        if deadline is not None and deadline <= self.now():
            self._runner.timeout()
        else:
            self._arm(deadline)

    def _report(self, event: object) -> None:
        for reader in self._readers:
            reader.put(event)
        if self._on_report is not None:
            self._on_report(event)

    # Beginning and ending.

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the driver runs only within its async with block")
        return self._loop

    def _stop(self, is_orderly: bool) -> None:
        self._loop = None
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()
        for task in self._attempts:
            task.cancel()
        if self._alarm is not None:
            self._alarm.cancel()
        for reader in self._readers:
            reader.finish()
        if is_orderly:
            for connection in tuple(self._connections):
                connection.close()
        else:
            self._abort()

    def _abort(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()

    async def _all_gone(self) -> None:
        await asyncio.gather(*self._attempts, return_exceptions=True)
        while self._connections:
            await self._has_none.wait()
