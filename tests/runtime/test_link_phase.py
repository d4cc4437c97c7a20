"""The link phase: against each other, against real bytes, and against what no peer should say."""

from __future__ import annotations

import contextlib
import struct
from functools import cache

import golden
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.protocol.link import LinkError
from switchover.runtime.spice.codec import MalformedError
from switchover.runtime.spice.link import ClientLink, LinkOutcome, LinkRequest, ServerLink
from switchover.runtime.spice.tables import LINK, LINK_REPLY
from switchover.runtime.spice.ticket import ServerKey, encrypt

COMMON = frozenset({0, 1, 3})
MAIN_CAPS = frozenset({0, 1, 2, 3, 30})
REQUEST = LinkRequest(0, 1, 0, frozenset({0, 3}), MAIN_CAPS)


@cache
def key() -> ServerKey:
    return ServerKey.generate()


def announce(channel_type: int) -> tuple[frozenset[int], frozenset[int]]:
    return COMMON, MAIN_CAPS if channel_type == 1 else frozenset()


def header(size: int, magic: bytes = b"REDQ", major: int = 2) -> bytes:
    return magic + struct.pack("<III", major, 2, size)


def waiting_server(request: LinkRequest = REQUEST, password: str = "secret") -> tuple[ClientLink, ServerLink]:
    """A client that waits for the result, and a server that waits for whoever decides."""
    client, server = ClientLink(request, password), ServerLink(key(), announce)
    server.receive(client.receive(server.receive(client.start())))
    assert server.is_waiting_for_answer
    return client, server


@pytest.mark.parametrize("result", LinkError, ids=str)
def test_a_link_from_both_sides(result: LinkError) -> None:
    client, server = waiting_server()
    assert (server.request, server.password, client.outcome) == (REQUEST, "secret", None)
    assert client.receive(server.answer(result) + b"more") == b""
    assert client.outcome == LinkOutcome(result, COMMON, MAIN_CAPS)
    assert client.rest == b"more"
    assert not server.is_waiting_for_answer


@given(cuts=st.lists(st.integers(1, 60), min_size=1), selects=st.booleans(), password=st.text(max_size=15))
@settings(max_examples=40)
def test_however_bytes_are_cut_the_link_is_the_same(cuts: list[int], selects: bool, password: str) -> None:
    password = password.replace("\0", "")
    request = LinkRequest(7, 2, 1, frozenset({0} if selects else ()), frozenset({4, 33}))
    client, server = ClientLink(request, password), ServerLink(key(), announce)
    to_server, to_client = client.start(), b""
    turns = iter(cuts * 1000)
    while to_server or to_client:
        size = next(turns)
        to_client += server.receive(to_server[:size])
        to_server = to_server[size:]
        to_server += client.receive(to_client[:size])
        to_client = to_client[size:]
        if server.is_waiting_for_answer:
            assert (server.request, server.password) == (request, password)
            to_client += server.answer(LinkError.OK)
    assert client.outcome == LinkOutcome(0, COMMON, frozenset())


def test_real_bytes_of_both_sides() -> None:
    link, reply = bytes.fromhex(golden.LINK), bytes.fromhex(golden.LINK_REPLY)
    assert LINK.decode(link[16:]) == golden.LINK_RECORD
    assert LINK_REPLY.decode(reply[16:]) == golden.LINK_REPLY_RECORD
    request = LinkRequest(0, 1, 0, frozenset({0, 2, 3}), frozenset({0, 1, 2, 3}))
    client = ClientLink(request, "")
    assert client.start() == link
    assert len(client.receive(reply)) == 4 + 128
    server = ServerLink(key(), lambda _: (frozenset({0, 1, 3}), frozenset({0, 1, 2, 3})))
    answer = server.receive(link)
    assert server.request == request
    assert answer == reply.replace(golden.LINK_REPLY_RECORD.pub_key, key().public_der)


def test_the_mechanism_is_said_only_if_both_select_one() -> None:
    for mine, theirs, size in [({0}, {0}, 132), ({0}, set(), 128), (set(), {0}, 128)]:
        client = ClientLink(LinkRequest(0, 1, 0, frozenset(mine), frozenset()), "")
        server = ServerLink(key(), lambda _, caps=frozenset(theirs): (caps, frozenset()))  # type: ignore[misc]
        assert len(client.receive(server.receive(client.start()))) == size


REFUSED = {
    "another protocol": (b"GET ", LinkError.INVALID_MAGIC),
    "version 1": (header(18, major=1), LinkError.VERSION_MISMATCH),
    "too short": (header(17), LinkError.INVALID_DATA),
    "too long": (header(4097), LinkError.INVALID_DATA),
    "caps behind the end": (header(18) + struct.pack("<IBBIII", 0, 1, 0, 1, 0, 18), LinkError.INVALID_DATA),
    "too many caps": (header(18) + struct.pack("<IBBIII", 0, 1, 0, 0, 1025, 18), LinkError.INVALID_DATA),
    "huge count": (header(18) + struct.pack("<IBBIII", 0, 1, 0, 2**32 - 1, 0, 18), LinkError.INVALID_DATA),
    "huge offset": (header(18) + struct.pack("<IBBIII", 0, 1, 0, 1, 1, 2**32 - 1), LinkError.INVALID_DATA),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_request_is_answered_with_its_error(case: str) -> None:
    data, error = REFUSED[case]
    server = ServerLink(key(), announce)
    answer = server.receive(data)
    assert answer == header(178) + struct.pack("<I", error) + bytes(174)
    assert server.refused == error
    assert (server.request, server.receive(b"more"), server.rest) == (None, b"", b"")
    client = ClientLink(REQUEST, "")
    assert client.receive(answer) == b""
    assert client.outcome == LinkOutcome(error, frozenset(), frozenset(), in_reply=True)


def test_more_words_than_any_server_takes_are_malformed_even_where_they_have_come() -> None:
    body = struct.pack("<IBBIII", 0, 1, 0, 0, 1025, 18) + bytes(4 * 1025)
    with pytest.raises(MalformedError, match=r"^LINK: channel_caps: expected at most 1024 words, came 1025$"):
        LINK.decode(body)


def test_a_longest_request_is_taken() -> None:
    caps = frozenset(range(32 * 512))
    request = LinkRequest(1, 2, 3, caps, frozenset(range(0, 32 * 507, 31)))
    server = ServerLink(key(), announce)
    server.receive(ClientLink(request, "").start())
    assert server.request == request


def test_a_ticket_that_cannot_be_read_is_refused_by_the_server_itself() -> None:
    client, server = ClientLink(REQUEST, "secret"), ServerLink(key(), announce)
    answer = client.receive(server.receive(client.start()))
    result = server.receive(answer[:4] + bytes(128))
    assert result == struct.pack("<I", LinkError.PERMISSION_DENIED)
    assert (server.refused, server.password, server.is_waiting_for_answer) == (7, None, False)
    client.receive(result)
    assert client.outcome == LinkOutcome(7, COMMON, MAIN_CAPS)


def test_another_mechanism_than_a_ticket_is_malformed() -> None:
    server = ServerLink(key(), announce)
    server.receive(ClientLink(REQUEST, "").start())
    with pytest.raises(MalformedError, match=r"^AUTH: mechanism: expected 1, came 2$"):
        server.receive(struct.pack("<I", 2))


def test_a_server_keeps_little_of_a_client_that_does_not_wait_for_the_result() -> None:
    _, server = waiting_server()
    server.receive(bytes(4096))
    with pytest.raises(MalformedError, match=r"^LINK: expected nothing before LINK_RESULT$"):
        server.receive(b"\0")


def test_what_a_client_sends_ahead_is_kept_for_after_the_answer() -> None:
    _, server = waiting_server()
    server.receive(b"ahead")
    server.answer(LinkError.OK)
    assert server.rest == b"ahead"


def test_a_server_answers_once_and_only_when_asked() -> None:
    _, server = waiting_server()
    server.answer(LinkError.OK)
    for each in (server, ServerLink(key(), announce)):
        with pytest.raises(ValueError, match="waits for no answer"):
            each.answer(LinkError.OK)


def der(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def reply_with(pub_key: bytes) -> bytes:
    return header(178) + bytes(4) + pub_key.ljust(162, b"\0") + struct.pack("<III", 0, 0, 178)


NO_KEY = "LINK_REPLY: pub_key: expected an RSA key of 1024 bits, in DER"
#: RSA with 512 bits; and with a modulus that is even.
SHORT_KEY = "305c300d06092a864886f70d0101010500034b003048024100" + "c5" * 64 + "0203010001"
EVEN_KEY = golden.LINK_REPLY_RECORD.pub_key[:-6] + b"\x40" + golden.LINK_REPLY_RECORD.pub_key[-5:]

BAD_REPLIES = {
    "another protocol": (
        b"HTTP/1.1 400 Bad",
        'not a SPICE server: LINK_REPLY: magic: expected "REDQ", came "HTTP"',
    ),
    "little of another protocol": (
        b"RE\r\n",
        'not a SPICE server: LINK_REPLY: magic: expected "REDQ", came "RE\\x0D\\x0A"',
    ),
    "quotation marks": (b'"\\~\x7f', 'not a SPICE server: LINK_REPLY: magic: expected "REDQ", came "\\x22\\x5C~\\x7F"'),
    "an alert of TLS": (
        b"\x15\x03\x03\x00\x02\x02\x32",
        'it speaks TLS: LINK_REPLY: magic: expected "REDQ", came "\\x15\\x03\\x03\\x00"',
    ),
    "version 1": (header(178, major=1), "LINK_REPLY: major_version: expected 2, came 1"),
    "too short": (header(177), "LINK_REPLY: size: expected 178 to 4096, came 177"),
    "too long": (header(4097), "LINK_REPLY: size: expected 178 to 4096, came 4097"),
    "no key": (reply_with(b""), NO_KEY),
    "a key of another kind": (reply_with(der(ec.generate_private_key(ec.SECP256R1()).public_key())), NO_KEY),
    "a short key": (reply_with(bytes.fromhex(SHORT_KEY)), NO_KEY),
    "a key that cannot encrypt": (reply_with(EVEN_KEY), NO_KEY),
    "caps behind the end": (
        header(178) + bytes(166) + struct.pack("<III", 1, 0, 178),
        "LINK_REPLY: common_caps: expected 4 bytes from 178 on, in a body of 178",
    ),
}


@pytest.mark.parametrize("case", BAD_REPLIES)
def test_what_is_no_reply_is_malformed(case: str) -> None:
    data, complaint = BAD_REPLIES[case]
    with pytest.raises(MalformedError) as caught:
        ClientLink(REQUEST, "").receive(data)
    assert str(caught.value).startswith(complaint)
    assert "\n" not in str(caught.value)


@given(data=st.binary(max_size=400), with_header=st.booleans())
def test_any_bytes_are_an_answer_or_malformed(data: bytes, with_header: bool) -> None:
    for each in (ClientLink(REQUEST, ""), ServerLink(key(), announce)):
        with contextlib.suppress(MalformedError):
            each.receive(header(len(data)) + data if with_header else data)


def test_tickets_are_read_by_their_key_alone() -> None:
    for password in ("", "x" * 60, "é" * 30, "a b\tc"):
        ticket = encrypt(password, key().public_der)
        assert len(ticket) == 128
        assert key().decrypt(ticket) == password
        assert ServerKey.generate().decrypt(ticket) is None
    assert len(key().public_der) == 162


@pytest.mark.parametrize("ticket", [b"", bytes(127), bytes(128), b"\xff" * 128, bytes(129)])
def test_what_is_no_ticket_has_no_password(ticket: bytes) -> None:
    assert key().decrypt(ticket) is None


@pytest.mark.parametrize("password", ["x" * 61, "é" * 31, "a\0b"])
def test_a_password_that_spice_does_not_allow_is_refused_without_showing_it(password: str) -> None:
    with pytest.raises(ValueError, match=r"^the password has ") as caught:
        ClientLink(REQUEST, password)
    assert password not in str(caught.value)


@pytest.mark.parametrize(
    "request_",
    [
        LinkRequest(2**32, 1, 0, frozenset(), frozenset()),
        LinkRequest(0, 256, 0, frozenset(), frozenset()),
        LinkRequest(0, 1, 0, frozenset({-1}), frozenset()),
        LinkRequest(0, 1, 0, frozenset(), frozenset({1 << 15})),
    ],
)
def test_a_request_that_the_wire_cannot_carry_is_refused(request_: LinkRequest) -> None:
    with pytest.raises(ValueError, match=r"^(Link|LINK)[.:]"):
        ClientLink(request_, "")
