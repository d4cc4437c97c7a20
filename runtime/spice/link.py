"""The link phase, from both sides: what opens each connection before its messages (facts: SPICE 1.2, 1.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from switchover.models.spice.protocol import link as records
from switchover.models.spice.protocol.channels import CommonCap
from switchover.models.spice.protocol.link import AuthMechanism, LinkError

from .malformed import MalformedError
from .tables import LINK, LINK_REPLY
from .ticket import TICKET_SIZE, ServerKey, encrypt, password_bytes

MAGIC = b"REDQ"
MAJOR, MINOR = 2, 2
#: How an alert of TLS begins, the answer to what is not TLS, and a handshake.
_TLS = (b"\x15\x03", b"\x16\x03")

HEADER = struct.Struct("<4sIII")
_U32 = struct.Struct("<I")

#: What a server announces for a channel type: common capabilities, and the channel's own.
Announce = Callable[[int], tuple[frozenset[int], frozenset[int]]]
#: Whether a channel type may be linked by this connection: LinkError.OK, NEED_SECURED or NEED_UNSECURED.
Policy = Callable[[int], LinkError]

_LEAST_LINK, _LEAST_REPLY, _MOST = 18, 178, 4096
#: Links that are remembered, of all sessions of a program.
_MOST_KNOWN = 1024


@dataclass(frozen=True)
class LinkRequest:
    """What a client links, and what it announces: numbers of capability bits."""

    connection_id: int
    channel_type: int
    channel_id: int
    common_caps: frozenset[int]
    channel_caps: frozenset[int]

    @property
    def record(self) -> records.Link:
        """As it is on the wire."""
        return _encoded(self)[0]

    def prepare(self) -> None:
        """Encode it ahead of its use."""
        _encoded(self)

    @property
    def message(self) -> bytes:
        """The bytes that a client begins a link with."""
        return _encoded(self)[1]


@dataclass(frozen=True)
class LinkOutcome:
    """How a link ended: ``result`` is a LinkError; and what the server announced. ``in_reply``: LINK_REPLY had it."""

    result: int
    common_caps: frozenset[int]
    channel_caps: frozenset[int]
    in_reply: bool = False


class _Inbox:
    """What has come and was not taken yet."""

    def __init__(self) -> None:
        self.data = b""

    def take(self, size: int) -> bytes | None:
        if len(self.data) < size:
            return None
        taken, self.data = self.data[:size], self.data[size:]
        return taken


class ClientLink:
    """The client's side. Bytes go in by ``receive``, what is to be written comes out; at the end there is an
    ``outcome``, and ``rest`` is what came behind the link.

    Raises ValueError for a password or a request that SPICE does not allow.
    """

    def __init__(self, request: LinkRequest, password: str) -> None:
        password_bytes(password)
        self.request = request
        self.outcome: LinkOutcome | None = None
        self._inbox = _Inbox()
        self._first = request.message
        self._password = password
        self._size = 0
        self._announced = (frozenset[int](), frozenset[int]())
        self._next = self._read_header

    def start(self) -> bytes:
        """The connection is open: what to write first."""
        return self._first

    def receive(self, data: bytes) -> bytes:
        """Bytes have come. Returns what to write. Raises MalformedError for what no SPICE server answers."""
        self._inbox.data += data
        out = b""
        while self.outcome is None:
            answer = self._next()
            if answer is None:
                break
            out += answer
        return out

    @property
    def rest(self) -> bytes:
        """What came behind the link."""
        return self._inbox.data

    def _read_header(self) -> bytes | None:
        magic = self.rest[: len(MAGIC)]
        if not MAGIC.startswith(magic):
            what = "it speaks TLS" if magic[:2] in _TLS else "not a SPICE server"
            raise MalformedError(f"{what}: LINK_REPLY: magic: expected {_quoted(MAGIC)}, came {_quoted(magic)}")
        header = self._inbox.take(HEADER.size)
        if header is None:
            return None
        _, major, _, self._size = HEADER.unpack(header)
        if major != MAJOR:
            raise MalformedError(f"LINK_REPLY: major_version: expected {MAJOR}, came {major}")
        if not _LEAST_REPLY <= self._size <= _MOST:
            raise MalformedError(f"LINK_REPLY: size: expected {_LEAST_REPLY} to {_MOST}, came {self._size}")
        self._next = self._read_reply
        return b""

    def _read_reply(self) -> bytes | None:
        body = self._inbox.take(self._size)
        if body is None:
            return None
        reply = LINK_REPLY.decode(body)
        assert isinstance(reply, records.LinkReply)
        self._announced = (frozenset(reply.common_caps), frozenset(reply.channel_caps))
        if reply.error != LinkError.OK:
            self.outcome = LinkOutcome(reply.error, *self._announced, in_reply=True)
            return b""
        self._next = self._read_result
        return self._mechanism() + encrypt(self._password, reply.pub_key)

    def _mechanism(self) -> bytes:
        common = self.request.common_caps & self._announced[0]
        return _U32.pack(AuthMechanism.SPICE) if CommonCap.PROTOCOL_AUTH_SELECTION in common else b""

    def _read_result(self) -> bytes | None:
        data = self._inbox.take(_U32.size)
        if data is None:
            return None
        (result,) = _U32.unpack(data)
        self.outcome = LinkOutcome(result, *self._announced)
        return b""


class ServerLink:
    """The server's side. Bytes go in by ``receive``, what is to be written comes out.

    ``request``: what the client links, once it is known. ``password``: from its ticket, once that has come; then
    ``is_waiting_for_answer``, and whoever decides calls ``answer``. ``refused``: the LinkError that was answered
    without asking; close after writing. ``refused_ticket``: in LINK_RESULT, not in LINK_REPLY. ``rest``: what came
    behind the link, once it was answered.
    ``announce``: what to announce for a channel type. ``policy``: None: every channel type may be linked.
    """

    def __init__(self, key: ServerKey, announce: Announce, policy: Policy | None = None) -> None:
        self.request: LinkRequest | None = None
        self.password: str | None = None
        self.is_waiting_for_answer = False
        self.refused: int | None = None
        self.refused_ticket = False
        self._inbox = _Inbox()
        self._key = key
        self._announce = announce
        self._policy = policy
        self._size = 0
        self._next: Callable[[], bytes | None] | None = self._read_header

    def receive(self, data: bytes) -> bytes:
        """Bytes have come. Returns what to write. Raises MalformedError for what no SPICE client sends here."""
        if self.refused is not None:
            return b""
        self._inbox.data += data
        out = b""
        while self._next is not None:
            answer = self._next()
            if answer is None:
                break
            out += answer
        if self.is_waiting_for_answer and len(self.rest) > _MOST:
            raise MalformedError("LINK: expected nothing before LINK_RESULT")
        return out

    def answer(self, result: int) -> bytes:
        """Accept (LinkError.OK) or refuse; returns what to write. Raises ValueError unless an answer is waited for."""
        if not self.is_waiting_for_answer:
            raise ValueError("the link waits for no answer")
        self.is_waiting_for_answer = False
        return _U32.pack(result)

    @property
    def rest(self) -> bytes:
        """What came behind the link."""
        return self._inbox.data

    def _refuse(self, error: LinkError, out: bytes) -> bytes:
        self.refused = error
        self._inbox.data = b""
        self._next = None
        return out

    def _refuse_request(self, error: LinkError) -> bytes:
        return self._refuse(error, _with_header(_U32.pack(error) + bytes(_LEAST_REPLY - _U32.size)))

    def _read_header(self) -> bytes | None:
        if len(self.rest) >= len(MAGIC) and not self.rest.startswith(MAGIC):
            return self._refuse_request(LinkError.INVALID_MAGIC)
        header = self._inbox.take(HEADER.size)
        if header is None:
            return None
        _, major, _, self._size = HEADER.unpack(header)
        if major != MAJOR:
            return self._refuse_request(LinkError.VERSION_MISMATCH)
        if not _LEAST_LINK <= self._size <= _MOST:
            return self._refuse_request(LinkError.INVALID_DATA)
        self._next = self._read_request
        return b""

    def _read_request(self) -> bytes | None:
        body = self._inbox.take(self._size)
        if body is None:
            return None
        try:
            message = LINK.decode(body)
        except MalformedError:
            return self._refuse_request(LinkError.INVALID_DATA)
        assert isinstance(message, records.Link)
        self.request = _request(message)
        error = LinkError.OK if self._policy is None else self._policy(message.channel_type)
        if error is not LinkError.OK:
            return self._refuse_request(error)
        selects = CommonCap.PROTOCOL_AUTH_SELECTION in self.request.common_caps
        self._next = self._read_mechanism if selects else self._read_ticket
        announced = self._announce(message.channel_type)
        return _with_header(LINK_REPLY.encode(reply_record(LinkError.OK, self._key.public_der, *announced)))

    def _read_mechanism(self) -> bytes | None:
        data = self._inbox.take(_U32.size)
        if data is None:
            return None
        (mechanism,) = _U32.unpack(data)
        if mechanism != AuthMechanism.SPICE:
            raise MalformedError(f"AUTH: mechanism: expected {AuthMechanism.SPICE}, came {mechanism}")
        self._next = self._read_ticket
        return b""

    def _read_ticket(self) -> bytes | None:
        ticket = self._inbox.take(TICKET_SIZE)
        if ticket is None:
            return None
        self.password = self._key.decrypt(ticket)
        if self.password is None:
            self.refused_ticket = True
            return self._refuse(LinkError.PERMISSION_DENIED, _U32.pack(LinkError.PERMISSION_DENIED))
        self._next = None
        self.is_waiting_for_answer = True
        return b""


def _quoted(data: bytes) -> str:
    shown = (chr(each) if 0x20 <= each < 0x7F and each not in b'"\\' else f"\\x{each:02X}" for each in data)
    return f'"{"".join(shown)}"'


def _with_header(body: bytes) -> bytes:
    return HEADER.pack(MAGIC, MAJOR, MINOR, len(body)) + body


@lru_cache(_MOST_KNOWN)
def _encoded(request: LinkRequest) -> tuple[records.Link, bytes]:
    """What a client asks of the source it asks of the target too, which need not wait until it is made again."""
    caps = _in_order(request.common_caps, request.channel_caps)
    record = records.Link(request.connection_id, request.channel_type, request.channel_id, *caps)
    return record, _with_header(LINK.encode(record))


@lru_cache(_MOST_KNOWN)
def reply_record(error: int, pub_key: bytes, common: frozenset[int], channel: frozenset[int]) -> records.LinkReply:
    """LINK_REPLY of a server that announces these capabilities."""
    return records.LinkReply(error, pub_key, *_in_order(common, channel))


def _in_order(common: frozenset[int], channel: frozenset[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(sorted(common)), tuple(sorted(channel))


def _request(message: records.Link) -> LinkRequest:
    caps = (frozenset(each) for each in (message.common_caps, message.channel_caps))
    return LinkRequest(message.connection_id, message.channel_type, message.channel_id, *caps)
