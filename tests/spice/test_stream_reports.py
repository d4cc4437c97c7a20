"""What real clients reported of their video streams is what the family's charts predict; other rules would show."""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_streams import (
    FOLDER,
    NUMBERS,
    Rows,
    compared,
    frame,
    lines_of,
    link,
    message,
    predicted,
    recorded,
    reports_table,
    stream,
)
from switchover.checks.conformance.stream_reports import DIFFERS, StreamReports, stream_reports
from switchover.main import main
from switchover.models.language import Actor, Wrap32
from switchover.models.spice.mm_time.client import ClientCharts, client_charts
from switchover.models.spice.mm_time.display import DisplayStream, DisplayStreamSince032, PatchedDisplayStream
from switchover.models.spice.mm_time.messages import MultiMediaTime, StreamData
from switchover.models.spice.mm_time.playback import PlaybackChannel
from switchover.models.spice.mm_time.reference_display import ReferenceDisplayStream
from switchover.models.spice.mm_time.reports import NONE_ON_THE_WIRE
from switchover.models.spice.mm_time.session import ClientSession

PAGE = (Path(__file__).parents[2] / "docs" / "stream-reports.md").read_text(encoding="utf-8")
CLOCK = {"set_to": Wrap32.of(0)}
STREAM = {"streams_are_announced": True, "initial": CLOCK}
DESIGNS: dict[str, Actor] = {
    "unpatched": DisplayStream(zero_is_invalid=True, **STREAM),
    "patch_2013": PatchedDisplayStream(zero_is_invalid=True, **STREAM),
    "since_0_32": DisplayStreamSince032(zero_is_invalid=True, signed_differences=False, **STREAM),
    "since_0_34": DisplayStreamSince032(zero_is_invalid=True, **STREAM),
    "repaired": DisplayStreamSince032(zero_is_invalid=True, checks_current_frame=True, **STREAM),
    "solution_2": DisplayStreamSince032(zero_is_invalid=True, waits_for_clock=True, **STREAM),
    "reference": ReferenceDisplayStream(**STREAM),
}


def with_design(name: str) -> ClientCharts:
    waits = name in ("solution_2", "reference")
    return replace(client_charts(), display=DESIGNS[name], session=ClientSession(waits_for_clock=waits, initial=CLOCK))


# The recordings.


@pytest.mark.parametrize("name", NUMBERS)
def test_a_recorded_client_reports_what_is_predicted(name: str) -> None:
    result = recorded(name)
    assert str(result).startswith(f"stream reports: {NUMBERS[name]} of {NUMBERS[name]} as predicted")
    assert result.largest_difference <= 1
    assert all(0 <= each.milliseconds <= 1 for each in result.clocks_set)
    assert (result.differs, result.is_undecided, result.first_difference) == (False, False, "")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("name", NUMBERS)
def test_reports_do_not_depend_on_the_design_of_the_display(name: str, design: str) -> None:
    result = stream_reports(lines_of(name), name=name, charts=with_design(design))
    assert result.pairs == recorded(name).pairs


@pytest.mark.parametrize("name", NUMBERS)
def test_a_recording_may_break_off_anywhere(name: str) -> None:
    lines = lines_of(name)
    for length in random.Random(name).sample(range(2, len(lines)), 6):
        result = stream_reports(lines[:length])
        assert not result.differs, (length, result.first_difference)
        assert not result.is_undecided


@pytest.mark.parametrize("name", NUMBERS)
def test_names_and_numbers_do_not_matter(name: str) -> None:
    rows = [json.loads(line) for line in lines_of(name)]
    for row in rows:
        row["host"] = f"host {row['host']}"
        if "connection" in row:
            row["connection"] = 1000 - 7 * row["connection"]
    result = stream_reports([json.dumps(row) for row in rows])
    assert str(result) == str(recorded(name))


@pytest.mark.parametrize("design", ["since_0_34", "reference"])
def test_the_charts_expect_all_that_was_ever_recorded(design: str) -> None:
    """Also where there was no video: each display channel gets a stream, its first plain images a frame of it each."""
    for path in sorted(FOLDER.glob("*.jsonl.gz")):
        rows = [json.loads(line) for line in lines_of(path.name.removesuffix(".jsonl.gz"))]
        found: Rows = []
        images: Counter[int] = Counter()
        for row in rows:
            found.append(row)
            if row.get("message") == "DRAW_COPY" and images[row["connection"]] < 5:
                images[row["connection"]] += 1
                common = {key: row[key] for key in ("t", "kind", "host", "connection", "channel", "from")}
                found.append({**common, "message": "STREAM_CREATE", "fields": {"id": 200}})
                found.append({**common, "message": "STREAM_DATA", "fields": {"id": 200, "mm_time": 2500000}})
        result = stream_reports([json.dumps(row) for row in found], charts=with_design(design))
        assert result.unexpected == "", path.name


def test_the_table_on_the_page_is_what_the_replay_gives() -> None:
    shown = re.search(r"<!-- reports: .*? -->\n(.*?)<!-- end of reports -->", PAGE, re.DOTALL)
    assert shown is not None
    table = reports_table(recorded(name) for name in NUMBERS)
    assert shown[1] == table, f"docs/stream-reports.md: replace the table of reports by\n{table}"


# One rule changed at a time.


class DeafSession(ClientSession):
    """MULTI_MEDIA_TIME sets no clock."""

    def on_source_multi_media_time(self, message: MultiMediaTime) -> None:
        pass

    def on_multi_media_time(self, message: MultiMediaTime) -> None:
        pass


class PatientDisplay(DisplayStreamSince032):
    """Late frames in a row do not make a report due."""

    def count(self, frame: StreamData) -> None:
        window = self.reporting.window
        if window is not None:
            self.reporting = self.reporting.with_window(replace(window, drops_in_a_row=0))
        super().count(frame)


class EndlessVoice(PlaybackChannel):
    """STOP and a reset leave the voice open."""

    def close_voice(self) -> None:
        pass


class HastyDisplay(DisplayStreamSince032):
    """Reports every 80 ms, not every 1000."""

    def count(self, frame: StreamData) -> None:
        window = self.reporting.window
        if window is not None:
            self.reporting = self.reporting.with_window(replace(window, timeout_ms=80))
        super().count(frame)


MUTATIONS: dict[str, tuple[ClientCharts, str]] = {
    "MULTI_MEDIA_TIME is ignored": (
        replace(client_charts(), session=DeafSession(initial=CLOCK)),
        "r1 r5 s4 s7",
    ),
    "the audio back end answers 0 ms": (client_charts(0), "m5 m6x r5 s7"),
    "the audio back end answers 20 ms": (client_charts(20), "m5 m6x r5 s7"),
    "no report after three late frames": (
        replace(client_charts(), display=PatientDisplay(zero_is_invalid=True, **STREAM)),
        "r5",
    ),
    "STOP is ignored": (
        replace(client_charts(), playback=EndlessVoice(delay=None, initial={"last_time": Wrap32.of(0)})),
        "r5",
    ),
    "a report after 80 ms": (
        replace(client_charts(), display=HastyDisplay(zero_is_invalid=True, **STREAM)),
        "m5 m6x r1 r3 r5 s1 s4 s7",
    ),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_another_rule_would_show(mutation: str) -> None:
    charts, noticing = MUTATIONS[mutation]
    found = {name: stream_reports(lines_of(name), name=name, charts=charts) for name in NUMBERS}
    assert [name.partition("-")[0] for name, each in found.items() if each.differs] == noticing.split()


def test_the_first_difference_is_told_in_full() -> None:
    name = "r1-seamless-main-late-Bahead"
    result = stream_reports(lines_of(name), charts=MUTATIONS["MULTI_MEDIA_TIME is ignored"][0])
    assert str(result).startswith("stream reports: 23 of 38 as predicted")
    assert re.fullmatch(
        r"line \d+: connection 8, stream 49, mm_time \d+ to \d+: last_frame_delay 2401, predicted 10040[12]",
        result.first_difference,
    )


@pytest.mark.parametrize(
    "field", ["unique", "start_mm", "end_mm", "frames", "drops", "last_frame_delay", "audio_delay"]
)
def test_each_field_counts(field: str) -> None:
    rows = [json.loads(line) for line in lines_of("s7-stream-seamless-audio-Bahead")]
    report = [row for row in rows if row.get("message") == "STREAM_REPORT"][3]
    report["fields"][field] = int(report["fields"][field]) + 3
    result = stream_reports([json.dumps(row) for row in rows])
    if field == "audio_delay":  # shows an audio back end that answers, hence another clock
        assert result.audio_back_end == 3
    else:
        assert [each.verdict for each in result.pairs].index(DIFFERS) == 3
        assert result.number(DIFFERS) == 1
    assert result.differs


def test_a_report_too_many_and_one_too_few() -> None:
    lines = lines_of("s1-stream-semi-noaudio-Bahead")
    reports = [number for number, line in enumerate(lines) if '"STREAM_REPORT"' in line]
    more = [*lines[: reports[-1]], lines[reports[-1]], *lines[reports[-1] :]]
    less = [*lines[: reports[-1]], *lines[reports[-1] + 1 :]]
    assert "stream 49: a report that was not predicted: frames 5, drops 0," in stream_reports(more).first_difference
    assert "stream 49: no report; predicted: frames 5, drops 0," in stream_reports(less).first_difference


# Situations that the recordings do not have: here the sources of spice-gtk alone say what is right.

INIT = message(0, 1, "server", "INIT", multi_media_time=1000)
BASE = [*link(0, 1, "main"), INIT, *link(0.1, 2, "display"), *stream(0.1, 2)]
BEGIN = message(0.2, 1, "server", "MIGRATE_BEGIN")
ANSWER = message(0.6, 1, "client", "MIGRATE_CONNECTED")


def facts(rows: Rows, charts: ClientCharts | None = None) -> list[tuple[int, int, int, int]]:
    found = predicted(rows, charts)
    return [
        (each.connection, each.report.num_frames, each.report.num_drops, each.report.last_frame_delay) for each in found
    ]


def test_time_is_looked_at_only_when_a_frame_comes() -> None:
    frames = [frame(0.2, 2, 1600), frame(1.1, 2, 2500), frame(1.3, 2, 2700)]
    assert facts([*BASE, *frames]) == [(2, 3, 0, 400)]
    assert facts([*BASE, *frames[:2]]) == []


def test_late_frames_in_a_row_not_late_frames() -> None:
    rows = [frame(0.2, 2, 1), frame(0.3, 2, 2000), frame(0.4, 2, 1), frame(0.5, 2, 1), frame(0.6, 2, 1)]
    assert facts([*BASE, *rows]) == [(2, 5, 4, 1 - 1600)]


def test_a_frame_due_now_is_not_late() -> None:
    assert facts([*BASE, *[frame(0.2, 2, 1200)] * 5]) == [(2, 5, 0, 0)]


def test_a_stamp_of_zero_is_none() -> None:
    assert facts([*BASE, *[frame(0.2, 2, 0)] * 5]) == [(2, 5, 0, 100)]


def test_the_clock_wraps_between_two_frames() -> None:
    rows = [{**each, "fields": {"multi_media_time": 2**32 - 100}} if each is INIT else each for each in BASE]
    assert facts([*rows, *[frame(0.2, 2, stamp) for stamp in (2**32 - 1, 200, 300, 400, 500)]]) == [(2, 5, 1, 400)]


def test_a_partial_window_goes_with_its_stream() -> None:
    end = message(0.3, 2, "server", "STREAM_DESTROY", id=1)
    again = [*BASE, *[frame(0.2, 2, 2000)] * 3, end, *stream(0.4, 2), *[frame(0.5, 2, 2000)] * 5]
    assert facts(again) == [(2, 5, 0, 500)]


def test_a_stream_in_use_goes_on() -> None:
    create = message(0.3, 2, "server", "STREAM_CREATE", id=1)
    assert facts([*BASE, *[frame(0.2, 2, 2000)] * 3, create, *[frame(0.5, 2, 2000)] * 2]) == [(2, 5, 0, 500)]


@pytest.mark.parametrize("design", DESIGNS)
def test_a_frame_of_no_stream_is_answered(design: str) -> None:
    end = message(0.2, 2, "server", "STREAM_DESTROY_ALL")
    assert facts([*BASE, end, frame(0.3, 2, 2000)], with_design(design)) == [(2, 0, NONE_ON_THE_WIRE, 0)]


def test_a_server_that_wants_no_reports_gets_none() -> None:
    rows = [each for each in BASE if each["message"] not in ("LINK_REPLY", "STREAM_ACTIVATE_REPORT")]
    assert facts([*rows, *[frame(0.3, 2, 2000)] * 9, frame(0.4, 2, 1, number=3)]) == []


def test_streams_are_counted_apart() -> None:
    other = [{**each, "connection": 2} for each in stream(0.15, 2, number=8)]
    frames = [each for n in range(5) for each in (frame(0.2, 2, 2000 + n), frame(0.3, 2, 1, number=8))]
    found = predicted([*BASE, *other, *frames])
    assert [(each.stream.number, each.report.num_frames, each.report.num_drops) for each in found] == [
        (8, 3, 3),
        (1, 5, 0),
    ]


def test_the_source_main_waits_for_the_clients_answer() -> None:
    told = message(0.3, 1, "server", "MULTI_MEDIA_TIME", time=5000)
    before = [*BASE, BEGIN, told, *[frame(0.4, 2, 1900)] * 5]
    assert facts(before) == [(2, 5, 0, 500)]
    assert facts([*before, ANSWER, *[frame(0.7, 2, 5500)] * 5]) == [(2, 5, 0, 500), (2, 5, 0, 400)]


SEMI = [
    *BASE,
    BEGIN,
    *link(0.3, 3, "main", "B"),
    *link(0.3, 4, "display", "B"),
    ANSWER,
    *stream(0.65, 4, "B"),
    message(0.7, 1, "server", "MIGRATE_END"),
    message(0.7, 3, "client", "MIGRATE_END", "B"),
    frame(0.75, 2, 1),
    message(0.8, 3, "server", "INIT", "B", multi_media_time=9000),
    *[frame(0.9, 4, 9500, "B")] * 5,
]


@pytest.mark.parametrize("design", DESIGNS)
def test_semi_seamless_the_target_is_read_from_init_on(design: str) -> None:
    assert facts(SEMI, with_design(design)) == [(4, 5, 0, 400)]


@pytest.mark.parametrize("design", DESIGNS)
def test_there_and_back(design: str) -> None:
    rows = [
        *SEMI,
        message(1.2, 3, "server", "MIGRATE_BEGIN_SEAMLESS", "B"),
        *link(1.3, 5, "main", "A"),
        *link(1.3, 6, "display", "A"),
        message(1.4, 3, "client", "MIGRATE_CONNECTED_SEAMLESS", "B"),
        message(1.5, 4, "server", "STREAM_DESTROY", "B", id=1),
        message(1.5, 4, "server", "MIGRATE", "B", flags=3),
        message(1.5, 3, "server", "MIGRATE", "B", flags=3),
        *stream(1.55, 6, "A"),
        message(1.6, 4, "server", "MIGRATE_DATA", "B"),
        message(1.6, 3, "server", "MIGRATE_DATA", "B"),
        *[frame(1.7, 6, 2900, "A")] * 3,
        message(1.8, 5, "server", "MULTI_MEDIA_TIME", "A", time=2600),
        *[frame(1.9, 6, 3100, "A")] * 5,
    ]
    assert facts(rows, with_design(design)) == [(4, 5, 0, 400), (6, 3, 3, 2900 - 9900), (6, 5, 0, 400)]


def test_switch_host_leaves_nothing_but_the_clock() -> None:
    rows = [
        *BASE,
        message(0.2, 1, "server", "MIGRATE_SWITCH_HOST"),
        frame(0.25, 2, 1),
        *link(0.3, 5, "main", "B"),
        message(0.4, 5, "server", "INIT", "B", multi_media_time=50),
        *link(0.5, 6, "display", "B"),
        frame(0.5, 6, 300, "B"),
        *stream(0.5, 6, "B"),
        *[frame(0.6, 6, 300, "B")] * 5,
    ]
    assert facts(rows) == [(6, 0, NONE_ON_THE_WIRE, 0), (6, 5, 0, 50)]


def test_after_cancel_nothing_has_moved() -> None:
    cancel = message(0.7, 1, "server", "MIGRATE_CANCEL")
    twins = [*link(0.3, 3, "main", "B"), *link(0.3, 4, "display", "B")]
    assert facts([*BASE, BEGIN, *twins, ANSWER, cancel, *[frame(0.8, 2, 2000)] * 5]) == [(2, 5, 0, 200)]


def sound(at: float, name: str, **fields: int) -> dict[str, Any]:
    return message(at, 9, "server", name, **fields)


VOICE = [*BASE, *link(0.15, 9, "playback"), sound(0.2, "START", time=2000)]


def delays(rows: Rows, back_end: int | None) -> list[tuple[int, int]]:
    found = predicted(rows, client_charts(back_end))
    return [(each.report.last_frame_delay, each.report.audio_delay) for each in found]


def test_an_audio_back_end_that_answers_sets_the_clock_at_start() -> None:
    rows = [*VOICE, *[frame(0.25, 2, 2100)] * 5]
    assert delays(rows, 80) == [(2100 - 1970, 80)]
    assert delays(rows, None) == [(850, 0)]


def test_and_then_once_a_second_while_data_comes() -> None:
    data = [sound(0.3 + n / 10, "DATA", time=2100 + 101 * n) for n in range(30)]
    late = [*VOICE, *data[:9], frame(1.19, 2, 3000), *data[9:10], *[frame(1.21, 2, 3000)] * 4]
    # At 1.2 the clock becomes 2100 + 101 * 8 - 80, the last DATA's time being that of 1.1.
    assert delays(late, 80) == [(3000 - (2100 + 808 - 80 + 10), 80)]
    assert delays([*VOICE, *[frame(1.25, 2, 3000)] * 5], 80) == [(3000 - (2000 - 80 + 1050), 80)]


def test_a_second_start_does_not_set_the_clock() -> None:
    rows = [*VOICE, sound(0.3, "START", time=9000), *[frame(0.4, 2, 2200)] * 5]
    assert delays(rows, 80) == [(2200 - (1920 + 200), 80)]


def test_after_stop_there_is_no_audio_delay_and_no_tick() -> None:
    rows = [*VOICE, sound(0.3, "DATA", time=2100), sound(0.4, "STOP"), *[frame(2.5, 2, 4300)] * 5]
    assert delays(rows, 80) == [(4300 - (1920 + 2300), NONE_ON_THE_WIRE)]


@pytest.mark.parametrize("name", ["m5-mini-stream-semi", "s7-stream-seamless-audio-Bahead"])
def test_a_back_end_that_answers_shows_in_the_reports(name: str) -> None:
    rows = [json.loads(line) for line in lines_of(name)]
    charts = client_charts(20)
    silent = [row for row in rows if row.get("message") != "STREAM_REPORT"]
    result = stream_reports([json.dumps(row) for row in silent], charts=charts)
    sent = iter([each.predicted for each in result.pairs])
    for row in rows:
        if row.get("message") == "STREAM_REPORT" and (report := next(sent)) is not None:
            told = report.report
            row["fields"] |= {"last_frame_delay": told.last_frame_delay, "audio_delay": told.audio_delay}
            row["fields"] |= {"frames": told.num_frames, "drops": told.num_drops}
            row["fields"] |= {"start_mm": int(told.start_frame_mm_time), "end_mm": int(told.end_frame_mm_time)}
    again = stream_reports([json.dumps(row) for row in rows])
    assert again.audio_back_end == 20
    assert not again.differs


# What the tolerance cannot decide.


@pytest.mark.parametrize("margin", [-2, 0, 1])
def test_a_frame_on_the_edge_of_being_late_decides_nothing(margin: int) -> None:
    rows = [*BASE, *[frame(0.2, 2, 1200 + margin)] * 5]
    fields = {"id": 1, "unique": 7, "start_mm": 1200 + margin, "end_mm": 1200 + margin, "audio_delay": 2**32 - 1}
    told = (
        {"frames": 3, "drops": 3, "last_frame_delay": "-1"}
        if margin >= 0
        else {"frames": 5, "drops": 0, "last_frame_delay": 0}
    )
    result = compared([*rows, message(0.203, 2, "client", "STREAM_REPORT", **fields, **told)])
    assert (result.differs, result.is_undecided) == (False, True)
    assert str(result) == "stream reports: 0 of 1 as predicted, 1 undecided"


@pytest.mark.parametrize("margin", [-204, 204])
def test_beyond_what_a_client_may_take_all_is_decided(margin: int) -> None:
    result = compared([*BASE, *[frame(0.3, 2, 1300 + margin)] * 5])
    assert (result.differs, result.is_undecided) == (True, False)


# Any frames, any design.


@settings(max_examples=25, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-60, 60)), min_size=1, max_size=14))
def test_drops_in_reports_are_frames_late_at_arrival(arrivals: list[tuple[int, int]]) -> None:
    """The same reports from every design; and added up as one would by hand."""
    at, rows, expected = 200, list(BASE), []
    window: list[tuple[int, int]] = []
    for pause, margin in arrivals:
        at += pause
        rows.append(frame(at / 1000, 2, 1000 + at + margin))
        window.append((at, margin))
        in_a_row = len(window) >= 3 and all(each < 0 for _, each in window[-3:])
        if len(window) == 5 or at - window[0][0] >= 1000 or in_a_row:
            expected.append((2, len(window), sum(each < 0 for _, each in window), margin))
            window = []
    for design in DESIGNS:
        assert facts(rows, with_design(design)) == expected, design


# The command.


def written(path: Path, lines: Iterable[str]) -> str:
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_the_command_says_how_many_reports_are_as_predicted(tmp_path: Path) -> None:
    path = written(tmp_path / "it.jsonl", lines_of("s7-stream-seamless-audio-Bahead"))
    result = CliRunner().invoke(main, ["conform", path])
    assert result.exit_code == 0
    assert result.stdout.endswith(
        "stream reports: 29 of 29 as predicted (last_frame_delay within 1 ms)\n"
        "  clock set 0 ms after INIT, 1 ms after MULTI_MEDIA_TIME\n"
    )
    answer = json.loads(CliRunner().invoke(main, ["conform", "--json", path]).stdout)
    assert [each["verdict"] for each in answer["results"]] == ["conforms"]
    assert answer["results"][0]["stream_reports"] == {
        "reports": 29,
        "as_predicted": 29,
        "undecided": 0,
        "largest_difference_ms": 1,
        "clocks_set": [
            {"line": 9, "message": "INIT", "after_ms": 0},
            {"line": 670, "message": "MULTI_MEDIA_TIME", "after_ms": 1},
        ],
        "audio_back_end_ms": None,
        "first_difference": "",
    }


def test_the_command_shows_the_first_report_that_differs(tmp_path: Path) -> None:
    lines = lines_of("s1-stream-semi-noaudio-Bahead")
    wrong = written(tmp_path / "wrong.jsonl", [line.replace('"frames":5', '"frames":4') for line in lines])
    silent = written(tmp_path / "silent.jsonl", lines_of("m1-mini-semi"))
    result = CliRunner().invoke(main, ["conform", wrong, silent])
    assert result.exit_code == 1
    assert f"{wrong}: stream reports: 0 of 29 as predicted\n" in result.stdout
    assert re.search(
        r" line \d+: connection 2, stream 49, mm_time \d+ to \d+: frames 4, predicted 5",
        " ".join(result.stdout.split()),
    )
    assert f"{silent}: stream reports" not in result.stdout


def test_the_command_refuses_a_bad_field_in_one_line(tmp_path: Path) -> None:
    lines = lines_of("s1-stream-semi-noaudio-Bahead")
    path = written(tmp_path / "bad.jsonl", [line.replace('"mm_time":2', '"mm_time":-2') for line in lines])
    result = CliRunner().invoke(main, ["conform", path])
    assert result.exit_code == 2
    assert re.fullmatch(r'switchover: .*bad.jsonl: line \d+: STREAM_DATA: "mm_time" must be .*\n', result.stderr)


# Bad input.


@pytest.mark.parametrize(
    ("name", "field", "value", "complaint"),
    [
        ("INIT", "multi_media_time", None, 'INIT: "multi_media_time" must be a whole number from 0 to 4294967295, not'),
        ("STREAM_DATA", "mm_time", "soon", "not 'soon'"),
        ("STREAM_DATA", "id", -1, "not -1"),
        ("STREAM_DATA", "mm_time", 1.5, "not 1.5"),
        ("STREAM_ACTIVATE_REPORT", "max_window", True, "not True"),
        ("STREAM_ACTIVATE_REPORT", "stream", [], "not []"),
        ("STREAM_CREATE", "id", 2**32, "not 4294967296"),
        ("STREAM_REPORT", "last_frame_delay", 2**31, "from -2147483648 to 2147483647"),
        ("MULTI_MEDIA_TIME", "time", {}, "not {}"),
        ("START", "time", "x" * 999, 'START: "time" must be'),
    ],
)
def test_a_bad_field_is_refused_in_one_line(name: str, field: str, value: object, complaint: str) -> None:
    rows = [json.loads(line) for line in lines_of("s7-stream-seamless-audio-Bahead")]
    number = next(n for n, row in enumerate(rows) if row.get("message") == name and field in row.get("fields", {}))
    rows[number]["fields"][field] = value
    with pytest.raises(ValueError, match=f"^it: line {number + 1}: {name}: ") as caught:
        stream_reports([json.dumps(row) for row in rows], name="it")
    assert complaint in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 200


VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 2**33), st.floats(), st.text(max_size=5), st.just([1]))


@settings(max_examples=60, derandomize=True)
@given(st.sampled_from(["r5-seamless-audio-main-playback-late-Bbehind", "m5-mini-stream-semi"]), st.data())
def test_damaged_values_are_answered_or_refused_in_one_line(name: str, data: st.DataObject) -> None:
    rows = [json.loads(line) for line in lines_of(name)][:250]
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    place = row["fields"] if row.get("fields") and data.draw(st.booleans()) else row
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(VALUES)
    try:
        answer = str(stream_reports([json.dumps(row) for row in rows]))
    except ValueError as error:
        answer = str(error)
    assert len(answer.splitlines()) == 1


def test_a_time_beyond_all_recordings_is_refused() -> None:
    with pytest.raises(ValueError, match=r'^recording: line 2: "t" must be within 1000000000 seconds of 0$'):
        stream_reports([json.dumps(BASE[0]), json.dumps({**frame(1e300, 1, 5), "channel": "display"})])


def test_too_many_streams_are_refused() -> None:
    rows = [*BASE, *[frame(0.2, 2, 2000, number=n) for n in range(65)]]
    with pytest.raises(ValueError, match="more streams than the 64 that the model has room for"):
        compared(rows)


def test_a_message_that_the_charts_do_not_expect_is_named() -> None:
    rows = [*BASE, message(0.3, 1, "server", "MIGRATE", flags=0), message(0.4, 1, "server", "MIGRATE", flags=0)]
    result = compared([*rows, frame(0.5, 2, 2000)])
    assert result.differs
    assert re.match(r"line \d+: ClientSession in on_target", result.first_difference)


def test_a_recording_without_streams_has_no_reports() -> None:
    result = stream_reports(lines_of("m1-mini-semi"))
    assert result == StreamReports("recording")
    assert not result.differs
