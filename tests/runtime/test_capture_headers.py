"""From packets of every link layer to TCP segments; what is no segment is left out for a reason."""

from __future__ import annotations

import socket
import struct

import pytest
from capture_making import ETHERNET, RAW, ethernet, ipv4, ipv6, tcp
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.runtime.capture.headers import FRAGMENT, MALFORMED, NO_HEADERS, NOT_TCP, Place, Segment, segment_of
from switchover.runtime.capture.packets import Packet
from switchover.runtime.capture.remarks import Remark

DATA = b"what is said"
TCP = tcp(40000, 5900, 4_000_000_000, 77, 24, DATA)
FOUR, SIX = ipv4(TCP), ipv6(TCP)


def place(address: str, port: int) -> Place:
    return socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address), port


SEGMENTS = {
    4: Segment(place("10.0.0.1", 40000), place("10.0.0.2", 5900), 4_000_000_000, 77, 24, DATA, 0),
    6: Segment(place("fd00::1", 40000), place("fd00::2", 5900), 4_000_000_000, 77, 24, DATA, 0),
}


def packet(link: int, data: bytes, length: int | None = None) -> Packet:
    return Packet(1, 0, link, data, len(data) if length is None else length)


@pytest.mark.parametrize(
    ("link", "data", "version"),
    [
        pytest.param(ETHERNET, ethernet(FOUR), 4, id="Ethernet"),
        pytest.param(ETHERNET, ethernet(SIX, 0x86DD), 6, id="Ethernet, IPv6"),
        pytest.param(ETHERNET, ethernet(FOUR, tags=[0x8100]), 4, id="VLAN"),
        pytest.param(ETHERNET, ethernet(SIX, 0x86DD, [0x88A8, 0x8100]), 6, id="VLAN in VLAN"),
        pytest.param(113, bytes(14) + b"\x08\x00" + FOUR, 4, id="Linux cooked"),
        pytest.param(113, bytes(14) + b"\x86\xdd" + SIX, 6, id="Linux cooked, IPv6"),
        pytest.param(113, bytes(14) + b"\x81\x00\x00\x05\x08\x00" + FOUR, 4, id="Linux cooked, VLAN"),
        pytest.param(276, b"\x08\x00" + bytes(18) + FOUR, 4, id="Linux cooked, second version"),
        pytest.param(276, b"\x86\xdd" + bytes(18) + SIX, 6, id="Linux cooked, second version, IPv6"),
        pytest.param(0, struct.pack("<I", 2) + FOUR, 4, id="loopback of a little-endian machine"),
        pytest.param(0, struct.pack(">I", 2) + FOUR, 4, id="loopback of a big-endian machine"),
        pytest.param(0, struct.pack("<I", 30) + SIX, 6, id="loopback of a Mac, IPv6"),
        pytest.param(0, struct.pack("<I", 28) + SIX, 6, id="loopback of FreeBSD, IPv6"),
        pytest.param(108, struct.pack(">I", 24) + SIX, 6, id="loopback of OpenBSD, IPv6"),
        pytest.param(RAW, FOUR, 4, id="raw"),
        pytest.param(RAW, SIX, 6, id="raw, IPv6"),
        pytest.param(12, FOUR, 4, id="raw of BSD"),
        pytest.param(228, FOUR, 4, id="raw IPv4"),
        pytest.param(229, SIX, 6, id="raw IPv6"),
        pytest.param(RAW, FOUR + b"padding", 4, id="padding"),
        pytest.param(RAW, ipv4(TCP, total=0), 4, id="no length, of a packet that the network card cuts up"),
        pytest.param(
            RAW, ipv6(b"\x2b\x00" + bytes(6) + b"\x06\x01" + bytes(14) + TCP, following=0), 6, id="extensions"
        ),
        pytest.param(RAW, ipv6(b"\x06\x02" + bytes(14) + TCP, following=51), 6, id="authenticated"),
        pytest.param(RAW, ipv6(b"\x06" + bytes(7) + TCP, following=44), 6, id="the only fragment"),
    ],
)
def test_the_segment_in_a_packet(link: int, data: bytes, version: int) -> None:
    assert segment_of(packet(link, data)) == SEGMENTS[version]


@pytest.mark.parametrize(
    ("link", "data", "why"),
    [
        (ETHERNET, ethernet(FOUR, 0x0806), NOT_TCP),
        (ETHERNET, ethernet(ipv4(TCP, protocol=17)), NOT_TCP),
        (RAW, ipv6(TCP, following=17), NOT_TCP),
        (0, struct.pack("<I", 7) + FOUR, NOT_TCP),
        (ETHERNET, ethernet(ipv4(TCP, fragment=0x2000)), FRAGMENT),
        (ETHERNET, ethernet(ipv4(TCP, fragment=0x0010)), FRAGMENT),
        (RAW, ipv6(b"\x06\x00\x00\x01" + bytes(4) + TCP, following=44), FRAGMENT),
        (RAW, ipv6(b"\x06\x00\x10\x00" + bytes(4) + TCP, following=44), FRAGMENT),
        (RAW, ipv4(TCP, total=19), MALFORMED),
        (RAW, ipv4(TCP, total=2000), MALFORMED),
        (RAW, b"\x44" + FOUR[1:], MALFORMED),
        (RAW, ipv4(TCP[:12] + b"\x40" + TCP[13:]), MALFORMED),
        (RAW, ipv4(TCP[:12] + b"\xf0" + TCP[13:]), MALFORMED),
        (RAW, ipv6(b"\x00\x00" + bytes(6) * 20, following=0), MALFORMED),
        (RAW, b"", MALFORMED),
        (147, FOUR, Remark("packet", "of link layer 147, which is not read, left out")),
    ],
)
def test_what_is_no_segment_is_left_out_for_a_reason(link: int, data: bytes, why: Remark) -> None:
    assert segment_of(packet(link, data)) == why


def test_of_a_packet_cut_short_the_rest_is_missing() -> None:
    whole = ethernet(ipv4(tcp(40000, 5900, 4_000_000_000, 77, 24, DATA * 10)))
    headers = len(whole) - len(DATA) * 10
    for length in range(len(whole)):
        found = segment_of(packet(ETHERNET, whole[:length], len(whole)))
        if length < headers:
            assert found == NO_HEADERS
        else:
            assert isinstance(found, Segment)
            assert found.data == (DATA * 10)[: length - headers]
            assert found.missing == len(whole) - length


@settings(max_examples=500)
@given(
    st.sampled_from([ETHERNET, 113, 276, 0, 108, RAW, 228, 229, 9]),
    st.one_of(st.binary(max_size=90), st.just(ethernet(FOUR)), st.just(SIX)),
    st.lists(st.tuples(st.integers(0, 99), st.integers(0, 255)), max_size=4),
    st.integers(0, 200),
)
def test_any_bytes_are_a_segment_or_left_out(link: int, data: bytes, changes: list, more: int) -> None:  # type: ignore[type-arg]
    changed = bytearray(data)
    for at, value in changes:
        if at < len(changed):
            changed[at] = value
    found = segment_of(packet(link, bytes(changed), len(changed) + more))
    if isinstance(found, Segment):
        assert len(found.data) + found.missing <= len(changed) + more
        assert found.data in bytes(changed)
