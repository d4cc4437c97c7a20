"""A clock that sound sets: which DATA was the last before a tick is left open where a recording cannot tell."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass, field
from math import floor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_streams import Rows, compared, frame, link, message, stream
from switchover.checks.conformance.report_pairs import AS_PREDICTED, DIFFERS
from switchover.checks.conformance.stream_reports import StreamReports, stream_reports

#: `follow` with our hosts and sound, recorded by itself; at the first tick a DATA came 0.8 ms before.
OURS = Path(__file__).parents[1] / "data" / "own" / "follow-sound-semi.jsonl.gz"

START = 200.37
BACK_END = 400
PACKET = 20
SOME_PACKETS = 160
SOME_FRAMES = 90
SOME_REPORTS = SOME_FRAMES // 5
FIRST_AFTER_TICK = 5


@dataclass(frozen=True)
class Client:
    """Its own time is in whole ms, ``phase`` ms ahead of the recording's. Times and lags in ms.

    ``lags``: how late it handles a message. ``takes``: how many DATA too many it takes at a tick.
    """

    phase: float = 0.0
    start_lag: float = 0.0
    lags: list[float] = field(default_factory=lambda: [0.2])
    takes: int = 0

    def whole(self, at: float) -> int:
        return floor(at + self.phase)

    def handled(self, times: list[float]) -> list[float]:
        found = START + self.start_lag
        result = []
        for number, at in enumerate(times):
            found = max(found, at + self.lags[number % len(self.lags)])
            result.append(found)
        return result


def session(client: Client, data_after: float, wrong: dict[int, int] | None = None) -> StreamReports:
    """A voice that opens with START, and DATA from ``data_after`` ms after that, each 20 ms; frames beside them.

    ``wrong``: by how much reports are wrong, in ms.
    """
    data = [START + data_after + PACKET * number for number in range(SOME_PACKETS)]
    frames = [START + 105 + 33.3 * number for number in range(SOME_FRAMES)]
    heard, seen = client.handled(data), client.handled(frames)
    opened = client.whole(START + client.start_lag)
    rows: Rows = [message(START / 1000, 9, "server", "START", time=2000)]
    rows += [message(at / 1000, 9, "server", "DATA", time=2000 + PACKET * n) for n, at in enumerate(data)]
    for number, (at, judged) in enumerate(zip(frames, seen, strict=True)):
        stamp = int(2000 + at - START)
        rows.append(frame(at / 1000, 2, stamp))
        if number % 5 == 4:
            now = client.whole(judged)
            set_at = opened + (now - opened) // 1000 * 1000
            taken = sum(client.whole(each) < set_at for each in heard) + client.takes
            shows = (2000 if set_at == opened else 2000 + PACKET * (taken - 1)) - BACK_END
            told = stamp - (shows + now - set_at) + (wrong or {}).get(number // 5, 0)
            began = int(2000 + frames[number - 4] - START)
            fields = {"id": 1, "unique": 7, "start_mm": began, "end_mm": stamp, "audio_delay": BACK_END}
            fields |= {"frames": 5, "drops": 0, "last_frame_delay": told}
            rows.append(message((judged + 0.2) / 1000, 2, "client", "STREAM_REPORT", **fields))
    return compared([*head(), *sorted(rows, key=lambda row: float(row["t"]))])


def head() -> Rows:
    return [
        *link(0, 1, "main"),
        message(0.01, 1, "server", "INIT", multi_media_time=9000),
        message(0.02, 1, "client", "ATTACH_CHANNELS"),
        *link(0.03, 2, "display"),
        *stream(0.03, 2),
        *link(0.04, 9, "playback"),
    ]


def verdicts(result: StreamReports) -> list[str]:
    return [each.verdict for each in result.pairs]


def differing(result: StreamReports) -> list[int]:
    return [number for number, verdict in enumerate(verdicts(result)) if verdict == DIFFERS]


ALL_RIGHT = [AS_PREDICTED] * SOME_REPORTS


# A recording of ours.


def ours() -> Rows:
    return [json.loads(line) for line in gzip.decompress(OURS.read_bytes()).splitlines()]


def changed(error: int, number: int, until: int) -> StreamReports:
    """Reports ``number`` to ``until`` are wrong by so many ms."""
    rows = ours()
    for row in [row for row in rows if row.get("message") == "STREAM_REPORT"][number:until]:
        row["fields"]["last_frame_delay"] = int(row["fields"]["last_frame_delay"]) + error
    return stream_reports([json.dumps(row) for row in rows])


def test_our_client_reports_with_sound_what_is_predicted() -> None:
    result = changed(0, 0, 0)
    assert str(result) == "stream reports: 22 of 22 as predicted (last_frame_delay within 1 ms)"
    assert (result.audio_back_end, result.differs, result.is_undecided) == (BACK_END, False, False)
    assert {each.name for each in result.clocks_set} == {"START"}


@pytest.mark.parametrize("error", [-10, -5, 5, 10])
def test_a_report_of_ours_that_is_wrong_is_found(error: int) -> None:
    for number in range(22):
        assert changed(error, number, number + 1).differs, number


@pytest.mark.parametrize("error", [-10, -5, 5, 10])
def test_a_clock_of_ours_that_is_wrong_after_a_tick_is_found(error: int) -> None:
    """From the first tick to the second are five reports."""
    assert differing(changed(error, 5, 10)) == [5, 6, 7, 8, 9]


# Clients made up.


@settings(max_examples=25, derandomize=True)
@given(st.floats(0, 0.99), st.floats(-1.5, 1.5))
def test_a_prompt_client_reports_what_is_predicted(phase: float, near: float) -> None:
    """It records when it handles messages, by a clock of its own; DATA come with the ticks."""
    assert verdicts(session(Client(phase), PACKET + near)) == ALL_RIGHT


@settings(max_examples=25, derandomize=True)
@given(st.floats(0, 0.99), st.floats(0, 60), st.floats(0, 15), st.floats(0, 20), st.integers(0, 1000))
def test_a_busy_client_reports_what_is_predicted(
    phase: float, start_lag: float, busy: float, data_after: float, seed: int
) -> None:
    draw = random.Random(seed)
    # A report comes after each fifth frame: one of them shows how busy the client is.
    lags = [draw.uniform(0, busy) for _ in range(4)] + [busy] + [draw.uniform(0, busy) for _ in range(32)]
    assert verdicts(session(Client(phase, start_lag, lags), data_after)) == ALL_RIGHT


@pytest.mark.parametrize(("takes", "near", "phase"), [(-1, -0.3, 0.65), (1, 0.3, 0.0)])
def test_which_data_was_the_last_is_left_open_only_near_a_tick(takes: int, near: float, phase: float) -> None:
    """By a client's whole ms the DATA before a tick was before it, the one after it was not; another's may differ."""
    for each in (0, takes):
        assert verdicts(session(Client(phase, takes=each), PACKET + near)) == ALL_RIGHT
    assert differing(session(Client(takes=takes), PACKET / 2)) == list(range(FIRST_AFTER_TICK, SOME_REPORTS))


@pytest.mark.parametrize("error", [-10, -5, 10])
def test_near_a_tick_a_clock_between_both_is_wrong(error: int) -> None:
    wrong = dict.fromkeys(range(FIRST_AFTER_TICK, SOME_REPORTS), error)
    assert differing(session(Client(), PACKET, wrong)) == list(wrong)
