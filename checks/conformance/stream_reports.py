"""Whether a recording's client reported of its video streams what the charts of ``spice.mm_time`` predict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from switchover.models.spice.link_timing.recorded_rows import Row
from switchover.models.spice.mm_time.client import ClientCharts, UnexpectedMessageError, client_charts
from switchover.models.spice.mm_time.messages import StreamReport
from switchover.models.spice.mm_time.recorded_messages import FRAMES, Stream
from switchover.models.spice.mm_time.recorded_reading import TimedRow
from switchover.models.spice.mm_time.recorded_reports import (
    TOLERANCE,
    Predictions,
    Report,
    observed_reports,
    predicted_reports,
)
from switchover.models.spice.mm_time.reports import NONE_ON_THE_WIRE

from .reading import Recorded, read_lines

#: No recording has a time further from 0, in seconds.
LONGEST_TIME = 10**9
#: The client sends a report within this many ms after the frame that it is about was on the wire.
SENT_WITHIN = 2

AS_PREDICTED = "as predicted"
DIFFERS = "differs"
UNDECIDED = "undecided"
BROKEN_OFF = "not in the recording, which ends there"


@dataclass(frozen=True)
class Pair:
    """A predicted report and the observed one; None where there is none. ``verdict``: one of the words above."""

    predicted: Report | None
    observed: Report | None
    verdict: str

    @property
    def delay_difference(self) -> int:
        """Predicted minus observed ``last_frame_delay`` in ms; 0 when there are not both."""
        if self.predicted is None or self.observed is None:
            return 0
        return self.predicted.report.last_frame_delay - self.observed.report.last_frame_delay

    def __str__(self) -> str:
        known = self.observed or self.predicted
        assert known is not None
        where = f"line {known.line}: connection {known.connection}, stream {known.stream.number}"
        return f"{where}: predicted {_described(self.predicted)}; observed {_described(self.observed)}"


@dataclass(frozen=True)
class StreamReports:
    """The stream reports of a recording, predicted and observed, in the order of the recording.

    ``audio_back_end``: the delay in ms that the client's audio back end was taken to answer, None: it does not answer.
    ``unexpected``: one line on a message that the charts do not expect, at which the prediction ended.
    ``is_incomplete``: of the recording something is missing, on which the reports may rest.
    """

    recording: str
    pairs: tuple[Pair, ...] = ()
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
        """Whether the tolerance, or what the recording lacks, left some report undecided."""
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
        text += f", {undecided} undecided within {TOLERANCE} ms" if undecided else ""
        return f"{text} (last_frame_delay within {self.largest_difference} ms)"

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "reports": self.total,
            "as_predicted": self.number(AS_PREDICTED),
            "undecided": self.number(UNDECIDED),
            "largest_difference_ms": self.largest_difference,
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
    pairs = tuple(_compared(predicted, observed, rows[-1].time))
    return StreamReports(name, pairs, back_end, is_incomplete=is_incomplete)


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


@dataclass
class _Comparison:
    """The reports on one stream over one connection, in order. Once one is undecided the rest is: the counts of
    predicted and observed reports have parted. Yet the delay of each frame is known, and must be right.
    """

    margins: dict[tuple[int, Stream, int], int]
    end: int
    is_lost: bool = False
    found: list[Pair] = field(default_factory=list)

    def compare(self, predicted: Report | None, observed: Report | None) -> None:
        self.found.append(Pair(predicted, observed, self._verdict(predicted, observed)))

    def _verdict(self, predicted: Report | None, observed: Report | None) -> str:
        if predicted is not None and observed is None and self.end - predicted.time <= SENT_WITHIN * 1000:
            return BROKEN_OFF
        if predicted is not None and observed is not None and _agree(predicted.report, observed.report):
            return UNDECIDED if self.is_lost else AS_PREDICTED
        self.is_lost = self.is_lost or (predicted is not None and predicted.is_close)
        return UNDECIDED if self.is_lost and (observed is None or self._is_possible(observed)) else DIFFERS

    def _is_possible(self, observed: Report) -> bool:
        last = int(observed.report.end_frame_mm_time)
        margin = self.margins.get((observed.connection, observed.stream, last))
        return margin is not None and abs(margin - observed.report.last_frame_delay) <= TOLERANCE


def _compared(predictions: Predictions, observed: Sequence[Report], end: int) -> Iterator[Pair]:
    """The pairs in the order of the recording. ``end``: when the recording ends."""
    found: list[Pair] = []
    both = (*predictions.reports, *observed)
    for connection, stream in sorted({(each.connection, each.stream) for each in both}):
        comparison = _Comparison(predictions.margins, end)
        for pair in zip_longest(_on(predictions.reports, connection, stream), _on(observed, connection, stream)):
            comparison.compare(*pair)
        found += comparison.found
    yield from sorted(found, key=_line)


def _on(reports: Iterable[Report], connection: int, stream: Stream) -> Iterator[Report]:
    return (each for each in reports if (each.connection, each.stream) == (connection, stream))


def _line(pair: Pair) -> int:
    known = pair.observed or pair.predicted
    return 0 if known is None else known.line


def _agree(predicted: StreamReport, observed: StreamReport) -> bool:
    is_near = abs(predicted.last_frame_delay - observed.last_frame_delay) <= TOLERANCE
    return is_near and _exact(predicted) == _exact(observed)


def _exact(report: StreamReport) -> tuple[int, ...]:
    """What must be equal to the unit."""
    first, last = int(report.start_frame_mm_time), int(report.end_frame_mm_time)
    return report.unique_id, first, last, report.num_frames, report.num_drops, report.audio_delay


def _described(given: Report | None) -> str:
    if given is None:
        return "none"
    report = given.report
    audio = "none" if report.audio_delay == NONE_ON_THE_WIRE else str(report.audio_delay)
    return (
        f"frames {report.num_frames}, drops {report.num_drops}, mm_time {report.start_frame_mm_time} to "
        f"{report.end_frame_mm_time}, last_frame_delay {report.last_frame_delay}, audio_delay {audio}, "
        f"unique id {report.unique_id}"
    )
