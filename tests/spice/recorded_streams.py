"""Recordings with video streams, recordings made up of single messages, and the table that the page shows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from switchover.checks.conformance.stream_reports import AS_PREDICTED, Pair, StreamReports, stream_reports
from switchover.models.spice.mm_time.client import ClientCharts
from switchover.models.spice.mm_time.recorded_reports import Report
from switchover.models.spice.mm_time.reports import NONE_ON_THE_WIRE

FOLDER = Path(__file__).parent.parent / "data" / "recordings"
#: How many reports each recording with a stream has.
NUMBERS = {
    "m5-mini-stream-semi": 13,
    "m6x-mini-seamless-unexpected": 8,
    "r1-seamless-main-late-Bahead": 38,
    "r3-semi-main-late-Bahead": 26,
    "r5-seamless-audio-main-playback-late-Bbehind": 43,
    "s1-stream-semi-noaudio-Bahead": 29,
    "s4-stream-seamless-noaudio-Bbehind": 30,
    "s7-stream-seamless-audio-Bahead": 29,
}

Rows = list[dict[str, Any]]


@cache
def lines_of(name: str) -> tuple[str, ...]:
    """The lines of a recording."""
    return tuple(gzip.decompress((FOLDER / f"{name}.jsonl.gz").read_bytes()).decode().splitlines())


@cache
def recorded(name: str) -> StreamReports:
    """The reports of a recording and their prediction."""
    return stream_reports(lines_of(name), name=name)


def message(at: float, connection: int, sender: str, name: str, host: str = "A", **fields: Any) -> dict[str, Any]:
    """A row: a message on a connection, ``at`` in seconds."""
    row = {"t": at, "kind": "spice", "host": host, "connection": connection, "from": sender}
    return {**row, "message": name, "fields": fields}


def link(at: float, connection: int, channel: str, host: str = "A") -> Rows:
    """A client links, to a server that wants reports."""
    row = message(at, connection, "client", "LINK", host, channel=channel, id=0)
    reply = message(at, connection, "server", "LINK_REPLY", host, channel_caps=[1, 4, 6, 12])
    return [{**each, "channel": channel} for each in (row, reply)]


def stream(at: float, connection: int, host: str = "A", number: int = 1) -> Rows:
    """A stream begins, with reports every 5 frames or 1000 ms."""
    fields = {"stream": number, "unique": 7, "max_window": 5, "timeout_ms": 1000}
    return [
        message(at, connection, "server", "STREAM_CREATE", host, id=number),
        message(at, connection, "server", "STREAM_ACTIVATE_REPORT", host, **fields),
    ]


def frame(at: float, connection: int, stamp: int, host: str = "A", number: int = 1) -> dict[str, Any]:
    """A frame with its stamp."""
    return message(at, connection, "server", "STREAM_DATA", host, id=number, mm_time=stamp)


def compared(rows: Iterable[dict[str, Any]], charts: ClientCharts | None = None) -> StreamReports:
    """The reports of rows and their prediction; what comes after a second ends the recording."""
    found = list(rows)
    known = {each["connection"]: each["channel"] for each in found if "channel" in each}
    found = [{"channel": known.get(each["connection"], "?"), **each} for each in found]
    last = {**found[-1], "t": found[-1]["t"] + 1, "from": "client", "message": "PONG", "fields": {}}
    return stream_reports([json.dumps(each) for each in (*found, last)], charts=charts)


def predicted(rows: Iterable[dict[str, Any]], charts: ClientCharts | None = None) -> list[Report]:
    """What is predicted of rows."""
    result = compared(rows, charts)
    assert result.unexpected == ""
    return [each.predicted for each in result.pairs if each.predicted is not None]


HEAD = (
    "| recording | connection | reports | num_frames, num_drops | audio_delay | last_frame_delay predicted | observed |"
    " largest difference |\n|---|---|---|---|---|---|---|---|\n"
)


def reports_table(results: Iterable[StreamReports]) -> str:
    """A row for each run of like reports, in Markdown. Delays in ms."""
    return HEAD + "".join(_row(result, run) for result in results for run in _runs(result.pairs))


def _runs(pairs: Sequence[Pair]) -> list[list[Pair]]:
    found: list[list[Pair]] = []
    for pair in pairs:
        if found and _likeness(found[-1][0]) == _likeness(pair):
            found[-1].append(pair)
        else:
            found.append([pair])
    return found


def _likeness(pair: Pair) -> tuple[int, ...]:
    # Delays of one clock setting are some ms apart, those of two hundreds.
    assert pair.observed is not None
    report = pair.observed.report
    delay = report.last_frame_delay // 100
    return pair.observed.connection, report.num_frames, report.num_drops, report.audio_delay, delay


def _row(result: StreamReports, run: Sequence[Pair]) -> str:
    assert run[0].observed is not None
    report = run[0].observed.report
    agreeing = sum(each.verdict == AS_PREDICTED for each in run)
    audio = "none" if report.audio_delay == NONE_ON_THE_WIRE else report.audio_delay
    delays = [_range(each.report.last_frame_delay for each in side if each is not None) for side in _sides(run)]
    cells = (
        result.recording.partition("-")[0],
        run[0].observed.connection,
        f"{agreeing} of {len(run)}",
        f"{report.num_frames}, {report.num_drops}",
        audio,
        *delays,
        max(abs(each.delay_difference) for each in run),
    )
    return "| " + " | ".join(map(str, cells)) + " |\n"


def _sides(run: Sequence[Pair]) -> tuple[list[Report | None], list[Report | None]]:
    return [each.predicted for each in run], [each.observed for each in run]


def _range(delays: Iterable[int]) -> str:
    found = sorted(set(delays))
    return str(found[0]) if len(found) == 1 else f"{found[0]} … {found[-1]}"
