"""Predicted and observed stream reports, compared one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from switchover.models.spice.mm_time.messages import StreamReport
from switchover.models.spice.mm_time.recorded_messages import Stream
from switchover.models.spice.mm_time.recorded_reports import Predictions, Report
from switchover.models.spice.mm_time.reports import NONE_ON_THE_WIRE, is_on_no_stream

from .clock_lags import ClockLags

#: What remains of a frame without a stamp, in ms (facts: SPICE 5.4).
OF_NO_STAMP = 100

_DELAY = "last_frame_delay"

AS_PREDICTED = "as predicted"
DIFFERS = "differs"
UNDECIDED = "undecided"
BROKEN_OFF = "not in the recording, which ends there"


@dataclass(frozen=True)
class Pair:
    """A predicted report and the observed one; None where there is none. ``verdict``: one of the words above.

    The predicted one is of a client that handled its last frame as soon as that was on the wire.
    """

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
        if self.predicted is None:
            return f"{where}: a report that was not predicted: {_described(known)}"
        if self.observed is None:
            return f"{where}: no report; predicted: {_described(known)}"
        stamps = f"mm_time {known.report.start_frame_mm_time} to {known.report.end_frame_mm_time}"
        return f"{where}, {stamps}: {'; '.join(_differences(self.predicted, self.observed)) or 'as predicted'}"


Matched = tuple[Report | None, Report | None]


def matched_reports(predictions: Predictions, observed: Sequence[Report]) -> Iterator[Matched]:
    """Predicted and observed reports, first with first, on each stream over each connection."""
    both = (*predictions.reports, *observed)
    for connection, stream in sorted({(each.connection, each.stream) for each in both}):
        yield from zip_longest(_on(predictions.reports, connection, stream), _on(observed, connection, stream))


@dataclass
class _Comparison:
    """The reports on one stream over one connection, in order. Once the counts of predicted and observed reports have
    parted for a reason that cannot be decided, the rest is undecided. Yet the delay of each frame must be right.
    """

    predictions: Predictions
    lags: ClockLags
    end: int
    is_lost: bool = False

    def judge(self, predicted: Report | None, observed: Report | None) -> Pair:
        shown = predicted if predicted is None else self._with_delay(predicted, observed)
        return Pair(shown, observed, self._verdict(predicted, observed))

    def _verdict(self, predicted: Report | None, observed: Report | None) -> str:
        if predicted is not None and observed is None and self.end - predicted.time <= self.lags.frame_lag:
            return BROKEN_OFF
        is_possible = observed is None or self._is_possible(observed)
        if is_possible and _are_alike(predicted, observed):
            return UNDECIDED if self.is_lost else AS_PREDICTED
        is_close = predicted is not None and self.lags.is_close(predicted)
        self.is_lost = self.is_lost or (is_close and not _same_frames(predicted, observed))
        return UNDECIDED if (is_close or self.is_lost) and is_possible else DIFFERS

    def _is_possible(self, observed: Report) -> bool:
        """Whether its delay is."""
        if is_on_no_stream(observed.report):
            return observed.report.last_frame_delay == 0
        frame = self.predictions.last_frame(observed)
        if frame is None:
            return False
        if int(frame.stamp) == 0:
            return abs(observed.report.last_frame_delay - OF_NO_STAMP) <= 1
        return self.lags.agree(frame, observed)

    def _with_delay(self, predicted: Report, observed: Report | None) -> Report:
        frame = self.predictions.last_frame(predicted)
        if frame is None or int(frame.stamp) == 0 or is_on_no_stream(predicted.report):
            return predicted
        delay = self.lags.delay(frame, observed if _same_frames(predicted, observed) else None)
        return replace(predicted, report=replace(predicted.report, last_frame_delay=delay))


def judged(predictions: Predictions, matched: Iterable[Matched], lags: ClockLags, end: int) -> Iterator[Pair]:
    """The pairs in the order of the recording. ``end``: when the recording ends."""
    comparisons: dict[tuple[int, Stream], _Comparison] = {}
    found = []
    for predicted, observed in matched:
        known = predicted or observed
        assert known is not None
        place = known.connection, known.stream
        found.append(comparisons.setdefault(place, _Comparison(predictions, lags, end)).judge(predicted, observed))
    yield from sorted(found, key=_line)


def _are_alike(predicted: Report | None, observed: Report | None) -> bool:
    """But for the delay."""
    return predicted is not None and observed is not None and _exact(predicted.report) == _exact(observed.report)


def _same_frames(predicted: Report | None, observed: Report | None) -> bool:
    return predicted is not None and observed is not None and _frames(predicted.report) == _frames(observed.report)


def _frames(report: StreamReport) -> tuple[int, ...]:
    return int(report.start_frame_mm_time), int(report.end_frame_mm_time), report.num_frames


def _on(reports: Iterable[Report], connection: int, stream: Stream) -> Iterator[Report]:
    return (each for each in reports if (each.connection, each.stream) == (connection, stream))


def _line(pair: Pair) -> int:
    known = pair.observed or pair.predicted
    return 0 if known is None else known.line


def _exact(report: StreamReport) -> tuple[int, ...]:
    """What must be equal to the unit."""
    return *_frames(report), report.unique_id, report.num_drops, report.audio_delay


def _differences(predicted: Report, observed: Report) -> list[str]:
    """What differs; the delay, which need not be equal, only if nothing else does."""
    both = zip(_fields(predicted), _fields(observed), strict=True)
    found = {name: f"{name} {came}, predicted {expected}" for (name, expected), (_, came) in both if came != expected}
    if len(found) > 1:
        found.pop(_DELAY, None)
    return list(found.values())


def _described(given: Report) -> str:
    return ", ".join(f"{name} {value}" for name, value in _fields(given))


def _fields(given: Report) -> tuple[tuple[str, str], ...]:
    report = given.report
    audio = "none" if report.audio_delay == NONE_ON_THE_WIRE else str(report.audio_delay)
    return (
        ("frames", str(report.num_frames)),
        ("drops", str(report.num_drops)),
        ("mm_time", f"{report.start_frame_mm_time} to {report.end_frame_mm_time}"),
        (_DELAY, str(report.last_frame_delay)),
        ("audio_delay", audio),
        ("unique id", str(report.unique_id)),
    )
