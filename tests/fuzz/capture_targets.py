"""What is fuzzed of captures: any bytes as a file, and as what happens to the segments of SPICE connections."""

from __future__ import annotations

import gzip
import struct
from functools import cache

from capture_making import CLIENT, RAW, SERVER, Frame, Spice, Talk, interface, ipv4, pcap, pcapng, read, section, tcp
from switchover.models.spice.link_timing.recorded_cast import read_cast
from switchover.models.spice.protocol import base, main
from switchover.runtime.capture.capture import Capture

MOST_ROWS = 2000
#: Side and number of the connection, flags, place, acknowledged place, bytes that follow, and that were not captured.
_EVENT = struct.Struct("<BBHHHB")
_FLAGS = 0x1F
_START = 0xFFFFFF80


def fuzz_capture(data: bytes) -> None:
    """Byte 0: whether the rest is a file, or events. A capture, or a complaint of one line, comes of either."""
    if not data:
        return
    content = data[1:] if data[0] & 1 else pcap(frames_of(data[1:]), RAW)
    complaint = ""
    try:
        _check(read(content, MOST_ROWS))
    except ValueError as error:
        complaint = str(error)
    assert len(complaint.splitlines()) <= 1


def _check(capture: Capture) -> None:
    rows = [each.row for each in capture.rows]
    assert 0 < len(rows) <= MOST_ROWS + 20
    assert [each.line for each in rows] == list(range(1, len(rows) + 1))
    assert [each.packet for each in rows] == sorted(each.packet for each in rows)
    assert {each.host for each in rows} == set(capture.hosts)
    assert all(len(each.splitlines()) == 1 for each in capture.remarks)
    read_cast(rows)


def frames_of(data: bytes) -> list[Frame]:
    """Packets: each event makes one. Places are counted from where a side's numbers begin, and wrap early."""
    frames, at = [], 0
    while at + _EVENT.size <= len(data):
        who, flags, place, acknowledged, size, missing = _EVENT.unpack_from(data, at)
        at += _EVENT.size
        payload = data[at : at + size]
        at += len(payload)
        ends = (40000 + (who >> 1 & 3), 5900 + (who >> 3 & 1))
        source, target = ends if who & 1 else ends[::-1]
        segment = tcp(source, target, _START + place, _START + acknowledged, flags & _FLAGS, payload)
        addresses = ("10.0.0.1", "10.0.0.2") if who & 1 else ("10.0.0.2", "10.0.0.1")
        packet = ipv4(segment, *addresses, total=20 + len(segment) + missing)
        frames.append(Frame(len(frames), packet, len(packet) + missing))
    return frames


def _as_events(talk: Talk) -> bytes:
    """The packets of a connection in this form."""
    found = b""
    for packet in talk.packets:
        source, _, sequence, acknowledged, _, flags = struct.unpack_from(">HHIIBB", packet, 20)
        is_client = source == talk.client
        own, other = (CLIENT, SERVER) if is_client else (SERVER, CLIENT)
        place = (sequence - talk.start[own]) & 0xFFFF
        acknowledged = (acknowledged - talk.start[other]) & 0xFFFF if flags & 16 else 0
        payload = packet[52:]
        found += _EVENT.pack(int(is_client), flags & _FLAGS, place, acknowledged, len(payload), 0) + payload
    return found


def _session(common: tuple[int, ...]) -> Talk:
    spice = Spice(common=common)
    talk = spice.linked().say(SERVER, spice.message(SERVER, main.Init(7, 1, 1, 1, 0, 10, 1234, 5)))
    talk.say(CLIENT, spice.message(CLIENT, main.AttachChannels()))
    talk.say(SERVER, spice.message(SERVER, base.Ping(3, 1, bytes(50))))
    talk.say(SERVER, spice.message(SERVER, main.MigrateBegin(5901, 65535, "10.0.0.2")))
    return talk.close()


@cache
def corpus() -> list[bytes]:
    """Files of every kind, and connections with either header."""
    talks = [_session(common) for common in ((0, 1, 3), (0, 1), ())]
    files = [pcap(talks[0].frames), pcap(talks[1].frames, order=">", unit=1), pcapng(talks[0].frames)]
    files += [gzip.compress(files[0], mtime=0), section(">") + interface(113, ">")]
    return [b"\1" + each for each in files] + [b"\0" + _as_events(each) for each in talks]
