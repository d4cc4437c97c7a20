"""Peer group 4: what our endpoints send is read by tshark and our decoder alike, and is a behaviour of the model."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from our_client import OurClient, our_client
from our_host import OurHost, our_host
from qemu_host import QemuOptions, qemu_pair
from requirements import needs_qemu, needs_spice_gtk, needs_tshark
from sniff import sniffing
from spice_gtk import SpiceGtkClient
from switchover.checks.conformance import CONFORMS, conform_recorded
from switchover.checks.conformance.reading import Recorded, read_file
from switchover.checks.conformance.stream_reports import stream_reports_of
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.capture.capture import read_capture
from switchover.runtime.capture.unpacking import Unpacked
from switchover.runtime.spice.events import FrameShown
from switchover.runtime.spice.handovers import Result
from switchover.runtime.spice.host_events import Happening
from switchover.runtime.spice.host_options import HostOptions
from switchover.runtime.spice.recording import ClientRecording

#: tshark 4.0 takes the offsets of these messages for lengths: QEMU's own are malformed to it.
MISREAD = {"MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS", "MIGRATE_SWITCH_HOST"}
#: It reads no more of a direction behind these, nor this one itself: also in recordings of spice-gtk and QEMU.
LOSES_BEHIND, LOSES = "STREAM_REPORT", "MIGRATE_DATA"
QEMU_CHANNELS = (ChannelType.DISPLAY, ChannelType.CURSOR, ChannelType.INPUTS)
OUR_CHANNELS = (*QEMU_CHANNELS, ChannelType.PLAYBACK)

pytestmark = needs_tshark

both_methods = pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])


@needs_qemu
@both_methods
async def test_our_client_at_qemu(tmp_path: Path, seamless: bool) -> None:
    file = tmp_path / "wire.pcapng"
    async with qemu_pair(tmp_path, QemuOptions(seamless)) as (a, b), sniffing([a.port, b.port], file):
        async with our_client(a.port) as client:
            await client.until_attached(a.port, *QEMU_CHANNELS)
            await a.client_migrate_info(b.port)
            await client.until_preconnected()
            await a.migrate(b.migration_uri)
            await client.until_handover(Result.COMPLETED)
            await b.wait_channels([1, 2, 3, 4])
            if not seamless:
                await until_begun(client, 2, *QEMU_CHANNELS)
        await b.wait_channels([])
    is_read_by_tshark_too(file, [a.port, b.port])
    is_a_behaviour_of_the_model(read_file(file))
    is_what_the_client_saw(client, file)


@needs_spice_gtk
@both_methods
async def test_our_hosts_with_spice_gtk(tmp_path: Path, seamless: bool) -> None:
    file = tmp_path / "wire.pcapng"
    async with our_pair(seamless) as (a, b), sniffing([a.port, b.port], file):
        async with SpiceGtkClient(tmp_path) as client:
            await client.start(a.port)
            await client.wait_open("cursor", "display", "inputs", "main", "playback")
            await a.until_received("STREAM_REPORT", channel=ChannelType.DISPLAY)
            a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port)
            await client.wait_preconnected()
            await migrate(a, b)
            await client.wait_at(b.port)
            await b.until_received("STREAM_REPORT", channel=ChannelType.DISPLAY)
            await client.quit()
        await b.until("end of the session", lambda: b.open_connections == 0)
    is_read_by_tshark_too(file, [a.port, b.port])
    is_a_behaviour_of_the_model(read_file(file))


@both_methods
async def test_our_client_at_our_hosts(tmp_path: Path, seamless: bool) -> None:
    file = tmp_path / "wire.pcapng"
    async with our_pair(seamless) as (a, b), sniffing([a.port, b.port], file):
        async with our_client(a.port) as client:
            await client.until_attached(a.port, *OUR_CHANNELS)
            await client.until("video from the source", lambda: len(client.all(FrameShown)) >= 5)
            a.driver.call(a.endpoint.client_migrate_info, "127.0.0.1", b.port)
            await client.until_preconnected()
            await migrate(a, b)
            await client.until_handover(Result.COMPLETED)
            await client.until("video from the target", lambda: shown_of_the_target(client) >= 5)
            if not seamless:
                await until_begun(client, 2, ChannelType.CURSOR, ChannelType.INPUTS)
        await b.until("end of the session", lambda: b.open_connections == 0)
    is_read_by_tshark_too(file, [a.port, b.port])
    is_a_behaviour_of_the_model(read_file(file))
    is_what_the_client_saw(client, file)


@asynccontextmanager
async def our_pair(seamless: bool) -> AsyncIterator[tuple[OurHost, OurHost]]:
    options = HostOptions(design=ServerDesign(seamless=seamless), sound=True)
    async with our_host(options, with_guest=True) as a, our_host(options) as b:
        yield a, b


async def migrate(source: OurHost, target: OurHost) -> None:
    source.driver.call(source.endpoint.migrate, target.migration)
    await source.until_streaming()
    source.driver.call(source.endpoint.complete)
    await source.until_happened(Happening.SPICE_MIGRATE_COMPLETED)
    await target.until_happened(Happening.GUEST_RESUMED)


async def until_begun(client: OurClient, count: int, *channels: ChannelType) -> None:
    """Wait until each channel has begun so many times: a client that quits before is another story."""
    for channel in channels:
        names = ("MARK", "SURFACE_CREATE") if channel is ChannelType.DISPLAY else ("INIT",)
        await client.until(
            f"beginning of {channel.name}",
            lambda kind=channel, told=names: len(client.messages(Side.SERVER, *told, channel=kind)) >= count,
        )


def shown_of_the_target(client: OurClient) -> int:
    target = client.log.handovers[0].target
    return sum(client.log.host(each.connection) == target for each in client.all(FrameShown))


# What a capture is asked.


def is_read_by_tshark_too(file: Path, ports: Iterable[int]) -> None:
    """It finds the same messages in the same packets as far as it can read, and nothing malformed there."""
    with file.open("rb") as source:
        capture = read_capture(Unpacked(source), 1_000_000)
    by_tshark = dict(tshark(file, ports, "-e", "frame.number", "-e", "spice.message_type"))
    numbers: dict[int, list[int]] = defaultdict(list)
    names: dict[int, set[str]] = defaultdict(set)
    packets: dict[tuple[int, str], list[int]] = defaultdict(list)
    lost: set[tuple[int, str]] = set()
    unread: set[int] = set()
    for row, number, _ in capture.rows:
        direction = (row.connection, row.sender)
        if row.name == LOSES and direction not in lost:
            lost.add(direction)
            unread.update(joined(packets[direction], by_tshark))
        if direction in lost:
            unread.add(row.packet)
        elif number is not None:
            numbers[row.packet].append(number)
            names[row.packet].add(row.name)
            packets[direction].append(row.packet)
        if row.name == LOSES_BEHIND:
            lost.add(direction)
    expected = {packet: found for packet, found in numbers.items() if packet not in unread}
    assert {packet: by_tshark[str(packet)] for packet in expected} == {
        packet: ",".join(map(str, each)) for packet, each in expected.items()
    }
    malformed = [int(packet) for (packet,) in tshark(file, ports, "-Y", "_ws.malformed", "-e", "frame.number")]
    assert [names[packet] for packet in malformed if packet in expected and not names[packet] & MISREAD] == []


def joined(packets: list[int], by_tshark: dict[str, str]) -> list[int]:
    """Those at the end in which tshark finds nothing.

    It takes messages that share a segment for one with what follows, which it cannot read.
    """
    return list(takewhile(lambda packet: not by_tshark[str(packet)], reversed(packets)))


def tshark(file: Path, ports: Iterable[int], *options: str) -> list[list[str]]:
    """The fields that it prints of each packet, taking those of ``ports`` for SPICE."""
    spice = [option for port in ports for option in ("-d", f"tcp.port=={port},spice")]
    command = ["tshark", "-n", "-r", str(file), *spice, "-T", "fields", *options]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return [line.split("\t") for line in said.splitlines()]


def is_a_behaviour_of_the_model(recorded: Recorded) -> None:
    conformance = conform_recorded(recorded)
    assert conformance.verdict == CONFORMS, str(conformance)
    assert not recorded.is_incomplete
    reports = stream_reports_of(recorded)
    assert not reports.differs, reports.first_difference


def is_what_the_client_saw(client: OurClient, file: Path) -> None:
    """Its own recording has the capture's messages, but for those that came when it had gone; and conforms too."""
    recording = ClientRecording()
    rows = [row for event in client.events for row in recording.rows(event)] + recording.endings()
    written = file.with_suffix(".jsonl")
    written.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    is_a_behaviour_of_the_model(read_file(written))
    seen, captured = said(read_file(written)), said(read_file(file))
    assert seen.keys() == captured.keys()
    for key, names in seen.items():
        assert names == captured[key][: len(names)], key
        assert len(names) == len(captured[key]) or key[-1] == str(Side.SERVER), key


def said(recorded: Recorded) -> dict[tuple[Any, ...], list[str]]:
    """Names of messages by host, channel, connection of that channel there, and side."""
    connections: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    channels = {row.connection: row.channel for row in recorded.rows if row.channel != "?"}
    found: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for row in recorded.rows:
        if row.is_tcp or row.name in ("AUTH", "TICKET"):
            continue
        place = (row.host, channels[row.connection])
        if row.connection not in connections[place]:
            connections[place].append(row.connection)
        found[(*place, connections[place].index(row.connection), row.sender)].append(row.name)
    return found
