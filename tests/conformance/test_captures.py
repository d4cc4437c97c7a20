"""Packet captures of real software say what their recordings say, and conform as these do."""

from __future__ import annotations

import gzip
import json
import random
import struct
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from recordings import FOLDER, NAMES, as_lines, lines_of, rows_of
from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN, conform, conform_file, conform_recorded
from switchover.checks.conformance.reading import MOST_LINES, Recorded, read_file
from switchover.checks.conformance.stream_reports import stream_reports_of
from switchover.main import main
from switchover.runtime.capture.capture import Capture, read_capture
from switchover.runtime.capture.files import packets
from switchover.runtime.capture.packets import Packet
from switchover.runtime.capture.unpacking import Unpacked

CAPTURES = FOLDER.parent / "captures"
CAPTURED = tuple(sorted(path.name.removesuffix(".pcapng.gz") for path in CAPTURES.glob("*.pcapng.gz")))


@cache
def content_of(name: str) -> bytes:
    (path,) = [path for path in CAPTURES.glob("*.pcapng.gz") if path.name.startswith(name)]
    return path.read_bytes()


@cache
def captured(name: str) -> Capture:
    return read_capture(Unpacked(BytesIO(content_of(name))), MOST_LINES)


def packets_of(name: str) -> list[Packet]:
    return list(packets(Unpacked(BytesIO(content_of(name)))))


def pcap(packets: Iterable[Packet]) -> bytes:
    """A big-endian pcap file in ns, another kind than the captures are."""
    records = [
        struct.pack(">IIII", *divmod(each.time, 10**9), len(each.data), each.length) + each.data for each in packets
    ]
    return struct.pack(">IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1) + b"".join(records)


def recorded(name: str, packets: Iterable[Packet]) -> Recorded:
    found = read_capture(Unpacked(BytesIO(pcap(packets))), MOST_LINES)
    return Recorded(name, tuple(each.row for each in found.rows), found.remarks, found.is_incomplete)


def hosts_of(name: str) -> dict[str, str]:
    """Which host is which in the recording: the file beside a capture says it by port."""
    ports = (CAPTURES / f"{name}.ports").read_text().split()[0]
    names = dict(each.split("=") for each in ports.split(","))
    return {host: names[address.rpartition(":")[2]] for host, address in captured(name).hosts.items()}


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Recordings have negative numbers as text."""
    return {key: int(value) if str(value).startswith("-") else value for key, value in fields.items()}


def messages_recorded(name: str) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
    found = defaultdict(list)
    for row in rows_of(name):
        if row["kind"] == "spice":
            said = (row["channel"], row["from"], row.get("message", row.get("tcp")), "tcp" in row)
            header = (row.get("number"), row.get("size"))
            found[row["host"], row["connection"]].append((*said, *header, plain(row.get("fields", {}))))
    return found


def messages_captured(name: str) -> dict[tuple[str, int], list[tuple[Any, ...]]]:
    found = defaultdict(list)
    hosts = hosts_of(name)
    for row, number, size in captured(name).rows:
        said = (row.channel, row.sender, row.name, row.is_tcp, number, size, row.fields)
        found[hosts[row.host], row.connection].append(said)
    return found


def test_there_are_captures_of_all_kinds() -> None:
    assert len(CAPTURED) == 9
    assert set(CAPTURED) <= set(NAMES)


@pytest.mark.parametrize("name", CAPTURED)
def test_a_capture_has_the_messages_of_its_recording(name: str) -> None:
    """Names, numbers, sizes, channels, sides and fields, connection by connection."""
    assert messages_captured(name) == messages_recorded(name)
    assert not captured(name).is_incomplete


@pytest.mark.parametrize("name", CAPTURED)
def test_a_capture_has_the_order_and_the_times_of_its_recording(name: str) -> None:
    rows = [row for row in rows_of(name) if row["kind"] == "spice"]
    for row, (found, _, _) in zip(rows, captured(name).rows, strict=True):
        assert (row["connection"], row.get("message", row.get("tcp"))) == (found.connection, found.name)
        # Recordings have times to 0.1 ms.
        assert abs(row["t"] - rows[0]["t"] - found.time) < 0.0002


@pytest.mark.parametrize("name", CAPTURED)
def test_a_capture_conforms(name: str) -> None:
    (path,) = CAPTURES.glob(f"{name}.pcapng.gz")
    recorded = read_file(path)
    found = conform_recorded(recorded)
    assert (found.verdict, found.line, found.is_incomplete) == (CONFORMS, 0, False)
    assert found.explained == found.mapped > 20
    assert found.mapped + sum(found.outside.values()) == found.lines
    reports = stream_reports_of(recorded)
    assert (reports.differs, reports.is_undecided) == (False, False)
    assert reports.total == {"m5": 13, "r1": 38, "s7": 29}.get(name[:2], 0)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CAPTURED])
def test_a_recording_conforms_without_what_was_not_on_the_wire(name: str) -> None:
    """What a capture of the same would have; nothing tells of commands and events then."""
    found = conform(as_lines([row for row in rows_of(name) if row["kind"] == "spice"]))
    assert (found.verdict, found.nearest) == (CONFORMS, "")


@pytest.mark.parametrize("name", ["a-", "e6", "h1", "s7"])
def test_a_capture_may_break_off_anywhere(name: str) -> None:
    whole = packets_of(name)
    for length in random.Random(name).sample(range(10, len(whole)), 2):
        found = conform_recorded(recorded(name, whole[:length]))
        assert (found.verdict, found.is_incomplete) == (CONFORMS, False), length


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzipped"])
def test_what_a_file_is_is_told_from_how_it_begins(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "recording.txt"
    path.write_bytes(pack(pcap(packets_of("a-"))))
    rows = [each.row for each in captured("a-").rows]
    assert [each.name for each in read_file(path).rows] == [each.name for each in rows]
    path.write_bytes(pack("\n".join(lines_of("a-")).encode()))
    assert len(read_file(path).rows) == len(lines_of("a-"))


def test_a_gzipped_recording_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recording.jsonl.gz"
    content = gzip.compress("\n".join(lines_of("a-")).encode())
    for length in (len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"recording.jsonl.gz: the gzipped file is cut off$"):
            read_file(path)


def test_a_capture_with_nothing_to_compare_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(pcap([]))
    with pytest.raises(ValueError, match=r"x: no SPICE connection in 0 packets$"):
        conform_file(path)
    path.write_bytes(pcap(packets_of("a-"))[:30])
    with pytest.raises(ValueError, match=r"x: the capture cannot be read: packet 1: the file is cut off in the middle"):
        conform_file(path)


END, CANCEL = struct.pack("<HI", 112, 0), struct.pack("<HI", 102, 0)


def with_cancel() -> list[Packet]:
    """A source that says CANCEL where it had said END, so that nobody told the client to leave."""
    found = packets_of("a-")
    (number,) = [number for number, each in enumerate(found) if each.data.endswith(END) and len(each.data) == 72]
    found[number] = found[number]._replace(data=found[number].data[: -len(END)] + CANCEL)
    return found


def test_what_the_model_has_not_differs_and_the_packet_is_named() -> None:
    changed = with_cancel()
    found = conform_recorded(recorded("changed", changed))
    assert found.verdict == DIFFERS
    (end,) = [
        each for each in recorded("changed", changed).rows if (each.name, each.sender) == ("MIGRATE_END", "client")
    ]
    assert found.text == f"B main client MIGRATE_END (connection 5, packet {end.packet})"
    assert f"{changed[end.packet - 1].data.hex()}".endswith(struct.pack("<HI", 109, 0).hex())


def test_of_an_incomplete_capture_nothing_differs_for_certain() -> None:
    """Without the first packets of the source's inputs channel, to which nothing here is due."""
    changed = with_cancel()
    link = next(each.row for each in captured("a-").rows if (each.row.name, each.row.channel) == ("LINK", "inputs"))
    port = changed[link.packet - 1].data[34:36]
    cut = [each for each in changed if port not in (each.data[34:36], each.data[36:38]) or each.number > 60]
    found = conform_recorded(recorded("incomplete", cut))
    assert (found.verdict, found.is_incomplete) == (UNKNOWN, True)
    assert "packet" in found.text


def test_of_incomplete_streams_nothing_differs_for_certain() -> None:
    """Without one packet in which frames of video begin."""
    whole = packets_of("r1")
    frame = [each.row.packet for each in captured("r1").rows if each.row.name == "STREAM_DATA"][40]
    cut = stream_reports_of(recorded("cut", [each for each in whole if each.number != frame]))
    assert cut.first_difference
    assert (cut.differs, cut.is_undecided) == (False, True)


def test_the_command_reads_captures_and_says_what_is_to_be_said_of_them(tmp_path: Path) -> None:
    path = tmp_path / "handover"
    path.write_bytes(content_of("a0"))
    result = CliRunner().invoke(main, ["conform", str(path)])
    assert result.exit_code == 0
    assert "✓ conforms" in result.stdout
    assert "4 segments: sent again, or captured twice; the first copy counts" in result.stdout
    (answer,) = json.loads(CliRunner().invoke(main, ["conform", "--json", str(path)]).stdout)["results"]
    assert answer["remarks"] == ["4 segments: sent again, or captured twice; the first copy counts"]
    assert answer["incomplete"] is False


def test_the_command_is_undecided_about_what_is_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "late"
    path.write_bytes(pcap(packets_of("a-")[40:]))
    result = CliRunner().invoke(main, ["conform", str(path)])
    assert result.exit_code == 3
    assert "begun before the capture, left out" in " ".join(result.stdout.split())
    assert "may be explained by what the capture lacks" in result.stdout
