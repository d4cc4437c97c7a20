"""A connected socket in asyncio: bytes go out at once as far as the system takes them, and come in as they arrive.

asyncio's own transports take a task and several turns of the loop to begin, which a peer has to wait for, and drop what
has arrived when sending fails first.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

#: The most that is read in one go, in bytes.
_PIECE = 64 * 1024
#: The most of these before others have their turn.
_PIECES = 4


class Receiver(Protocol):
    """Who is told what comes; never while a method of the stream that was called still runs."""

    def data_received(self, data: bytes) -> None:
        """Bytes have come."""
        ...

    def eof_received(self) -> bool:
        """The peer has closed. True: the socket is still needed."""
        ...

    def connection_lost(self, error: OSError | None) -> None:
        """The socket is about to be closed: it broke, or None: that was wished for."""
        ...


class SocketStream:
    """Sends to a socket that is connected and does not block, and after ``resume_reading`` reads from it; closes it at
    the end.
    """

    def __init__(self, sock: socket.socket, receiver: Receiver) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = sock
        self._receiver = receiver
        self._unsent = bytearray()
        self._is_closing = False
        self._is_ending = False
        self._is_lost = False
        self._is_paused = True

    @property
    def unsent(self) -> int:
        """Bytes that wait to be sent."""
        return len(self._unsent)

    @property
    def is_closing(self) -> bool:
        """Whether it was closed, or broke."""
        return self._is_closing

    def write(self, data: bytes) -> None:
        """Send these bytes after those before."""
        if self._is_closing or not data:
            return
        if self._unsent:
            self._unsent += data
            return
        sent = self._send(data)
        if sent < len(data) and not self._is_lost:
            self._unsent += memoryview(data)[sent:]
            self._loop.add_writer(self._socket, self._write_more)

    def write_eof(self) -> None:
        """Tell the peer, after all bytes, that no more will come. Raises OSError for a socket that broke."""
        self._is_ending = True
        if not self._unsent:
            self._socket.shutdown(socket.SHUT_WR)

    def pause_reading(self) -> None:
        """Leave what comes where it is."""
        self._is_paused = True
        self._loop.remove_reader(self._socket)

    def resume_reading(self) -> None:
        """Read again."""
        if not self._is_closing:
            self._is_paused = False
            self._loop.add_reader(self._socket, self._read)

    def close(self) -> None:
        """Read no more, and close when all is sent."""
        if self._is_closing:
            return
        self._is_closing = True
        self._loop.remove_reader(self._socket)
        if not self._unsent:
            self._lose(None)

    def abort(self) -> None:
        """Close at once."""
        self._lose(None)

    def rest(self) -> bytes:
        """What has come and was not read, up to 64 KiB; empty at the peer's end. Raises OSError if there is nothing."""
        return self._socket.recv(_PIECE)

    def _send(self, data: bytes | bytearray) -> int:
        try:
            return self._socket.send(data)
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError as error:
            self._lose(error)
            return 0

    def _write_more(self) -> None:
        del self._unsent[: self._send(self._unsent)]
        if self._unsent or self._is_lost:
            return
        self._loop.remove_writer(self._socket)
        if self._is_closing:
            self._lose(None)
        elif self._is_ending:
            try:
                self._socket.shutdown(socket.SHUT_WR)
            except OSError as error:
                self._lose(error)

    def _read(self) -> None:
        # While the first piece is handled the next often comes, as with replies that are written in steps.
        for _ in range(_PIECES):
            if self._is_paused or self._is_closing or not self._read_one():
                return

    def _read_one(self) -> bool:
        """Whether there may be more."""
        try:
            data = self._socket.recv(_PIECE)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as error:
            self._lose(error)
            return False
        if data:
            self._receiver.data_received(data)
            return True
        if self._receiver.eof_received():
            self._loop.remove_reader(self._socket)
        else:
            self.close()
        return False

    def _lose(self, error: OSError | None) -> None:
        if self._is_lost:
            return
        self._is_lost = self._is_closing = True
        self._unsent.clear()
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._loop.call_soon(self._close_socket, error)

    def _close_socket(self, error: OSError | None) -> None:
        try:
            self._receiver.connection_lost(error)
        finally:
            self._socket.close()
