"""Clients that are late: one figure for each setting of their clock explains their reports, or these differ."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded_streams import Rows, compared, frame, link, message, stream
from switchover.checks.conformance.report_pairs import AS_PREDICTED, DIFFERS
from switchover.checks.conformance.stream_reports import StreamReports

SOME_REPORTS = 8


def session(
    init_lag: float, frame_lags: list[float], *, attached: float, wrong: dict[int, int] | None = None
) -> StreamReports:
    """A client that handles INIT, sent at 0, so many ms late, attaches its channels after so many ms, and handles each
    frame so many ms late. ``wrong``: by how much reports are wrong, in ms. Its own time is in whole ms.
    """
    rows: Rows = [
        *link(-0.01, 1, "main"),
        message(0, 1, "server", "INIT", multi_media_time=1000),
        message(attached / 1000, 1, "client", "ATTACH_CHANNELS"),
        *link(0.3, 2, "display"),
        *stream(0.3, 2),
    ]
    rest: Rows = []
    for number, lag in enumerate(frame_lags):
        at = 500.37 + 33.3 * number
        stamp = int(1400 + at)
        rest.append(frame(at / 1000, 2, stamp))
        if number % 5 == 4:
            began = int(1400 + 500.37 + 33.3 * (number - 4))
            shown = 1000 + int(at + lag) - int(init_lag)
            told = stamp - shown + (wrong or {}).get(number // 5, 0)
            fields = {"id": 1, "unique": 7, "start_mm": began, "end_mm": stamp, "audio_delay": 2**32 - 1}
            sent = (at + lag + 0.4) / 1000
            rest.append(
                message(sent, 2, "client", "STREAM_REPORT", **fields, frames=5, drops=0, last_frame_delay=str(told))
            )
    return compared(rows + sorted(rest, key=lambda row: float(row["t"])))


LAGS = st.lists(st.floats(0, 25), min_size=5 * SOME_REPORTS, max_size=5 * SOME_REPORTS)


@settings(max_examples=60, derandomize=True)
@given(st.floats(0, 180), st.floats(0, 60), LAGS)
def test_a_busy_client_reports_what_is_predicted(init_lag: float, until_attached: float, lags: list[float]) -> None:
    result = session(init_lag, lags, attached=init_lag + until_attached)
    assert [each.verdict for each in result.pairs] == [AS_PREDICTED] * SOME_REPORTS, result.first_difference
    (clock,) = result.clocks_set
    assert (clock.name, clock.line) == ("INIT", 3)
    # As exactly as the promptest of the frames that reports are about tells.
    assert abs(clock.milliseconds - init_lag) <= min(lags[4::5]) + 3


def test_when_the_clock_was_set_is_said() -> None:
    result = session(7.2, [0.5] * 40, attached=17)
    assert str(result) == "stream reports: 8 of 8 as predicted (last_frame_delay within 1 ms)"
    assert result.when_clocks_were_set == "clock set 7 ms after INIT"
    assert result.to_json()["clocks_set"] == [{"line": 3, "message": "INIT", "after_ms": 7}]


@pytest.mark.parametrize("error", [-4, 4])
@pytest.mark.parametrize("busy", [0, 15])
def test_a_wrong_report_among_right_ones_is_found(error: int, busy: int) -> None:
    """On a busy machine only by as much as the client was late with that report."""
    lags = [random.Random(3).uniform(0, busy)] * 40
    error = error if error > 0 else error - busy
    result = session(7.2, lags, attached=60, wrong={3: error + busy if error > 0 else error})
    assert [number for number, each in enumerate(result.pairs) if each.verdict == DIFFERS] == [3]
    assert "last_frame_delay" in result.first_difference


def test_a_clock_set_before_init_or_after_the_client_attached_its_channels_is_wrong() -> None:
    for error in (-15, 15):
        result = session(7.2, [0.5] * 40, attached=12, wrong=dict.fromkeys(range(SOME_REPORTS), error))
        assert result.number(DIFFERS) == SOME_REPORTS
        assert str(result) == "stream reports: 0 of 8 as predicted"
    result = session(7.2, [0.5] * 40, attached=12, wrong=dict.fromkeys(range(SOME_REPORTS), 4))
    assert not result.differs  # It may have set its clock 11 ms after INIT.


def test_a_client_whose_clock_drifts_is_wrong() -> None:
    drifting = {number: 3 * number for number in range(SOME_REPORTS)}
    assert session(7.2, [0.5] * 40, attached=60, wrong=drifting).differs
