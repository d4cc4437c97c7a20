"""A SPICE server with a main channel only, that says what a test wants it to say."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from switchover.models.language import Message
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice import codec
from switchover.runtime.spice.framing import FrameWriter
from switchover.runtime.spice.link import ServerLink
from switchover.runtime.spice.ticket import ServerKey

GREETING = (main.Init(7, 1, 1, 1, 0, 10, 1000, 0), main.ChannelsList(()))


@contextmanager
def saying(*messages: Message) -> Iterator[int]:
    """Serve one client: greet it, and say this. The port at loopback comes back."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        thread = threading.Thread(target=_serve, args=(listener, (*GREETING, *messages)), daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _serve(listener: socket.socket, messages: tuple[Message, ...]) -> None:
    with suppress(OSError), listener.accept()[0] as client:
        link = ServerLink(ServerKey.generate(), lambda _: (frozenset((0, 1, 3)), frozenset((0, 3))))
        while not link.is_waiting_for_answer:
            client.sendall(link.receive(client.recv(4096)))
        client.sendall(link.answer(0))
        writer = FrameWriter(True)
        for each in messages:
            client.sendall(writer.frame(*codec.encode(ChannelType.MAIN, Side.SERVER, each)))
        while client.recv(4096):
            pass
