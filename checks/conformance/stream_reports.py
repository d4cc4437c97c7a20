"""Whether a recording's client reported of its video streams what the charts of ``spice.mm_time`` predict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from switchover.models.spice.link_timing.recorded_rows import Row
from switchover.models.spice.mm_time.client import ClientCharts, UnexpectedMessageError, client_charts
from switchover.models.spice.mm_time.recorded_messages import FRAMES
from switchover.models.spice.mm_time.recorded_reading import TimedRow
from switchover.models.spice.mm_time.recorded_reports import Report, observed_reports, predicted_reports
from switchover.models.spice.mm_time.reports import NONE_ON_THE_WIRE

from .clock_lags import ClockLags, clock_lags
from .reading import Recorded, read_lines
from .report_pairs import AS_PREDICTED, BROKEN_OFF, DIFFERS, UNDECIDED, Pair, judged, matched_reports

#: No recording has a time further from 0, in seconds.
LONGEST_TIME = 10**9


@dataclass(frozen=True)
class ClockSet:
    """The client set its clock by the message ``name`` in ``line``, so many ms after it was on the wire."""

    line: int
    name: str
    milliseconds: int

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {"line": self.line, "message": self.name, "after_ms": self.milliseconds}


@dataclass(frozen=True)
class StreamReports:
    """The stream reports of a recording, predicted and observed, in the order of the recording.

    ``clocks_set``: when the client set its clock, of those times that reports tell.
    ``audio_back_end``: the delay in ms that the client's audio back end was taken to answer, None: it does not answer.
    ``unexpected``: one line on a message that the charts do not expect, at which the prediction ended.
    ``is_incomplete``: of the recording something is missing, on which the reports may rest.
    """

    recording: str
    pairs: tuple[Pair, ...] = ()
    clocks_set: tuple[ClockSet, ...] = ()
    audio_back_end: int | None = None
    unexpected: str = ""
    is_incomplete: bool = False

    def number(self, verdict: str) -> int:
        """How many reports came to this verdict."""
        return sum(each.verdict == verdict for each in self.pairs)

    @property
    def total(self) -> int:
        """How many reports there are, predicted or observed."""
        return len(self.pairs) - self.number(BROKEN_OFF)

    @property
    def differs(self) -> bool:
        """Whether some report differs from the prediction, or the charts got what they do not expect."""
        return self._departs and not self.is_incomplete

    @property
    def is_undecided(self) -> bool:
        """Whether something that the recording does not tell left some report undecided."""
        return self.number(UNDECIDED) > 0 or (self._departs and self.is_incomplete)

    @property
    def _departs(self) -> bool:
        return bool(self.unexpected) or self.number(DIFFERS) > 0

    @property
    def largest_difference(self) -> int:
        """Of ``last_frame_delay`` in ms, over the reports that are as predicted."""
        return max((abs(each.delay_difference) for each in self.pairs if each.verdict == AS_PREDICTED), default=0)

    @property
    def first_difference(self) -> str:
        """The first report that differs, predicted and observed, on one line; empty when none does."""
        return self.unexpected or next((str(each) for each in self.pairs if each.verdict == DIFFERS), "")

    def __str__(self) -> str:
        agreeing, undecided = self.number(AS_PREDICTED), self.number(UNDECIDED)
        text = f"stream reports: {agreeing} of {self.total} as predicted"
        text += f", {undecided} undecided" if undecided else ""
        return f"{text} (last_frame_delay within {self.largest_difference} ms)" if agreeing else text

    @property
    def when_clocks_were_set(self) -> str:
        """``clock set 0 to 2 ms after INIT, 1 ms after MULTI_MEDIA_TIME``; empty if no report tells."""
        lags: dict[str, list[int]] = {}
        for each in self.clocks_set:
            lags.setdefault(each.name, []).append(each.milliseconds)
        found = [f"{_range(each)} ms after {name}" for name, each in lags.items()]
        return f"clock set {', '.join(found)}" if found else ""

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "reports": self.total,
            "as_predicted": self.number(AS_PREDICTED),
            "undecided": self.number(UNDECIDED),
            "largest_difference_ms": self.largest_difference,
            "clocks_set": [each.to_json() for each in self.clocks_set],
            "audio_back_end_ms": self.audio_back_end,
            "first_difference": self.first_difference,
        }


def stream_reports(
    lines: Iterable[str | bytes], *, name: str = "recording", charts: ClientCharts | None = None
) -> StreamReports:
    """Compare what the client of a recording reported with what the client's charts report on the same messages.

    ``charts``: None: spice-gtk's, with the audio back end that the reports show. Raises ValueError, one line, for what
    is no recording, for a field that is missing or wrong, and when the model has no room for it.
    """
    return stream_reports_of(Recorded(name, tuple(read_lines(lines, name))), charts=charts)


def stream_reports_of(recorded: Recorded, *, charts: ClientCharts | None = None) -> StreamReports:
    """The same for a recording that was read. Of one that is incomplete nothing differs for certain."""
    name, is_incomplete = recorded.name, recorded.is_incomplete
    if not any(_is_about_streams(each) for each in recorded.rows):
        return StreamReports(name)
    try:
        rows = [TimedRow(row, _microseconds(row)) for row in recorded.rows]
        observed = observed_reports(rows)
        back_end = _audio_back_end(observed)
        predicted = predicted_reports(rows, charts or client_charts(back_end))
    except UnexpectedMessageError as error:
        return StreamReports(name, unexpected=str(error), is_incomplete=is_incomplete)
    except ValueError as error:
        if is_incomplete:
            return StreamReports(name, unexpected=str(error), is_incomplete=True)
        raise ValueError(f"{name}: {error}") from None
    matched = list(matched_reports(predicted, observed))
    lags = clock_lags(predicted, observed)
    pairs = tuple(judged(predicted, matched, lags, rows[-1].time))
    return StreamReports(name, pairs, _clocks_set(lags), back_end, is_incomplete=is_incomplete)


def _microseconds(row: Row) -> int:
    if abs(row.time) > LONGEST_TIME:
        raise ValueError(f'line {row.line}: "t" must be within {LONGEST_TIME} seconds of 0')
    return round(row.time * 1_000_000)


def _is_about_streams(row: Row) -> bool:
    return row.is_wire and row.channel == "display" and row.name in (*FRAMES, "STREAM_REPORT")


def _audio_back_end(observed: Iterable[Report]) -> int | None:
    """A back end that answers shows in the reports; one that does not leaves a latency of 0 there."""
    shown = (each.report.audio_delay for each in observed)
    return next((each for each in shown if each not in (0, NONE_ON_THE_WIRE)), None)


def _clocks_set(lags: ClockLags) -> tuple[ClockSet, ...]:
    return tuple(
        ClockSet(setting.line, setting.name, round(lag.middle / 1000))
        for setting, lag in sorted(lags.found.items(), key=lambda each: each[0].line)
        if setting.name
    )


def _range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return str(low) if low == high else f"{low} to {high}"
