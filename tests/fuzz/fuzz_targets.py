"""What is fuzzed: any bytes, to everything that reads them. A target raises for whatever should never happen."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache

from golden import GOLDEN, LINK, LINK_REPLY
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice import codec
from switchover.runtime.spice.framing import FrameReader, FrameWriter
from switchover.runtime.spice.link import ClientLink, LinkRequest, ServerLink
from switchover.runtime.spice.ticket import ServerKey

#: The longest body that is taken, and what a message may at most cost for each byte that came.
LIMIT = 1 << 16
_CAPS = frozenset({0, 1, 3})
_PLACES = [(channel, sender) for channel in ChannelType for sender in Side]


def message(data: bytes) -> None:
    """Byte 0: channel and sender; 1 and 2: number; the body. What is decoded comes back."""
    channel, sender = _PLACES[data[0] % len(_PLACES)]
    _decode(channel, sender, int.from_bytes(data[1:3], "little"), data[3:])


def _decode(channel: ChannelType, sender: Side, number: int, body: bytes) -> None:
    with suppress(codec.MalformedError):
        found = codec.decode(channel, sender, number, body)
        assert type(found)(**vars(found)) == found
        again, encoded = codec.encode(channel, sender, found)
        assert again == number
        assert codec.decode(channel, sender, number, encoded) == found
        assert len(encoded) <= 4 * len(body) + 32


def stream(data: bytes) -> None:
    """Byte 0: channel and sender; 1: header and size of pieces; then frames. Memory is what came and was not taken."""
    channel, sender = _PLACES[data[0] % len(_PLACES)]
    reader = FrameReader(mini=bool(data[1] & 1), limit=LIMIT)
    size, rest = 1 + (data[1] >> 1), data[2:]
    taken = 0
    with suppress(codec.MalformedError):
        for start in range(0, len(rest), size):
            reader.feed(rest[start : start + size])
            while (frame := reader.next()) is not None:
                taken += len(frame.body)
                _decode(channel, sender, frame.number, frame.body)
        assert taken + reader.buffered <= 2 * len(rest)


@cache
def _key() -> ServerKey:
    return ServerKey.generate()


def server_link(data: bytes) -> None:
    """What a client says, in pieces of byte 0 and one."""
    link = ServerLink(_key(), lambda _: (_CAPS, _CAPS))
    size = 1 + data[0]
    with suppress(codec.MalformedError):
        for start in range(1, len(data), size):
            answered = link.receive(data[start : start + size])
            assert len(answered) <= 1024
            assert len(link.rest) <= 4096 + 16 + size
            assert not (link.is_waiting_for_answer and link.request is None)


def client_link(data: bytes) -> None:
    """What a server says, in pieces of byte 0 and one."""
    link = ClientLink(LinkRequest(0, ChannelType.MAIN, 0, _CAPS, _CAPS), "password")
    size = 1 + data[0]
    with suppress(codec.MalformedError):
        for start in range(1, len(data), size):
            answered = link.receive(data[start : start + size])
            assert len(answered) <= 132
            if link.outcome is not None:
                break
            assert len(link.rest) <= 4096 + 16


TARGETS: tuple[Callable[[bytes], None], ...] = (message, stream, server_link, client_link)


def one_input(data: bytes) -> None:
    """Byte 0 says which target."""
    if len(data) > 4:
        TARGETS[data[0] % len(TARGETS)](data[1:])


def corpus() -> list[bytes]:
    """Real bytes for each target: every message alone, all messages of a channel and side as one stream, the links."""
    inputs = []
    streams: dict[tuple[int, bool], bytes] = {}
    for each in GOLDEN:
        place, body = _PLACES.index((each.channel, each.sender)), bytes.fromhex(each.body)
        inputs.append(bytes([0, place]) + each.number.to_bytes(2, "little") + body)
        for mini in (True, False):
            frame = FrameWriter(mini).frame(each.number, body)
            streams[place, mini] = streams.get((place, mini), b"") + frame
    inputs += [bytes([1, place, 60 | mini]) + data for (place, mini), data in streams.items()]
    listed = bytes.fromhex("0200 0a000000 10000000 6900 00000000 0500 02000000 3132")
    inputs.append(bytes([1, 0, 60 | 1]) + FrameWriter(mini=True).frame(8, listed))
    inputs.append(bytes([2, 40]) + bytes.fromhex(LINK) + b"\1\0\0\0" + bytes(range(128)))
    inputs.append(bytes([3, 90]) + bytes.fromhex(LINK_REPLY) + bytes(4))
    return inputs
