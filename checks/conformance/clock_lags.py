"""How late a recording's client was when it set its clock: found from its stream reports, one figure for each setting.

A report tells how long, by the client's clock, remained until its last frame was due. The client judged that frame
after it was on the wire and before the report was; the clock it judged by was set after the message that did so was on
the wire. So each report confines how late the clock was set; one lateness must fit all reports that rest on it.

A clock that sound set a second ago was set to the time of the last DATA before that. Of DATA that came so near to it
that either may have been the last, each stands for another lateness: by so much less as it carries a later time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from switchover.models.spice.mm_time.recorded_clock import MOST_LAG, ROUNDING, Frame, Margin, Setting
from switchover.models.spice.mm_time.recorded_reports import Predictions, Report

#: Of START and DATA that may have been the last at a tick of sound, so many before and after the nearest are tried.
_MOST_SOUNDS = 32


class Span(NamedTuple):
    """From ``low`` to ``high``, in µs."""

    low: int
    high: int

    @property
    def middle(self) -> int:
        """Halfway."""
        return (self.low + self.high) // 2


@dataclass(frozen=True)
class ClockLags:
    """By setting of the clock: how late it was by most of the reports that rest on it.

    ``frame_lag``: how late frames are taken to have been handled at most, in µs.
    """

    predictions: Predictions
    found: dict[Setting, Span]
    frame_lag: int

    def agree(self, frame: Frame, observed: Report) -> bool:
        """Whether what the report says remained until its last frame was due can be right."""
        return any(self._fits(margin, frame, observed) for margin in self._margins(frame))

    def delay(self, frame: Frame, observed: Report | None = None) -> int:
        """The ``last_frame_delay`` in ms of a frame that was handled at once; of the clocks that may have been in force
        by the one that comes nearest to what was observed.
        """
        delays = [round((each.left + self._lag(each.setting)) / 1000) for each in self._margins(frame)]
        if observed is None:
            return delays[0]
        told = observed.report.last_frame_delay
        return min(delays, key=lambda delay: abs(delay - told))

    def is_close(self, predicted: Report) -> bool:
        """Whether it depends on when exactly the client handled the messages before what is in a report."""
        if predicted.to_timeout is not None and predicted.to_timeout * 1000 <= self.frame_lag + ROUNDING:
            return True
        voices = self.predictions.voices
        place = bisect_left(voices, predicted.time - self.frame_lag)
        is_voice_near = place < len(voices) and voices[place] <= predicted.time + self.frame_lag
        return is_voice_near or any(self._may_be_either(each) for each in predicted.frames)

    def _may_be_either(self, frame: Frame) -> bool:
        """Whether the frame may have been late, and may have been in time. One without a stamp is never late."""
        found = [] if int(frame.stamp) == 0 else list(self._margins(frame))
        low = [each.left + span.low for each in found for span in self.bounds(each.setting)]
        high = [each.left + span.high for each in found for span in self.bounds(each.setting)]
        may_be_late = any(each - self.frame_lag - ROUNDING < 0 for each in low)
        return may_be_late and any(each - frame.earliest + ROUNDING >= 0 for each in high)

    def _margins(self, frame: Frame) -> Iterator[Margin]:
        """By the clock that was set last, and by those that may have been in force as well."""
        found = iter(self.predictions.clocks.margins(frame))
        last = next(found)
        yield last
        was_set = last.setting.time + self._latest(last.setting) + ROUNDING
        for each in found:
            is_too_late = frame.time + frame.earliest > was_set
            is_too_early = each.setting.time + each.setting.earliest > frame.time + self.frame_lag
            if not (is_too_late if each.is_before else is_too_early):
                yield each

    def _fits(self, margin: Margin, frame: Frame, observed: Report) -> bool:
        low, high = _span(margin, frame, observed)
        return any(low <= each.high and high >= each.low for each in self.bounds(margin.setting))

    def bounds(self, setting: Setting) -> list[Span]:
        """How late it was, if that was found; or else may have been: apart from one another, in order."""
        if setting in self.found:
            return [self.found[setting]]
        if setting.tick_of is None:
            return [Span(setting.earliest, setting.latest)]
        return _united(self._of_tick(setting, setting.tick_of))

    def _of_tick(self, tick: Setting, start: Setting) -> Iterator[Span]:
        """One span for each START or DATA that may have been the last when the back end was asked."""
        late = Span(self.bounds(start)[0].low, self._latest(tick))
        sounds = self.predictions.clocks.sounds
        last = self.predictions.clocks.last_sound(tick)
        for place in range(max(0, last - _MOST_SOUNDS), min(len(sounds), last + 1 + _MOST_SOUNDS)):
            sound = sounds[place]
            low = max(late.low, sound.time + sound.earliest - ROUNDING - tick.time)
            is_newest = place + 1 == len(sounds)
            until = late.high if is_newest else sounds[place + 1].time + self.frame_lag + ROUNDING - tick.time
            high = min(late.high, until)
            if low <= high and sound.line >= start.line:
                later = int(sound.shows - sounds[last].shows) * 1000
                yield Span(low - later, high - later)

    def _latest(self, setting: Setting) -> int:
        """How long after its time it was, at most. A tick is as late as its START was, and as any frame may be."""
        if setting.tick_of is not None:
            return self._latest(setting.tick_of) + self.frame_lag
        return self.bounds(setting)[-1].high

    def _lag(self, setting: Setting) -> int:
        return self.found[setting].middle if setting in self.found else 0


def clock_lags(predictions: Predictions, observed: Iterable[Report]) -> ClockLags:
    """Found from observed reports, those of no frame that came left out."""
    frames = ((predictions.last_frame(report), report) for report in observed)
    known = [(frame, report) for frame, report in frames if frame is not None and int(frame.stamp) != 0]
    spans: dict[Setting, list[Span]] = {}
    for frame, report in known:
        margins = list(predictions.clocks.margins(frame))
        # What another clock may explain as well says nothing of this one.
        if len(margins) == 1:
            spans.setdefault(margins[0].setting, []).append(_span(margins[0], frame, report))
    # No report says when the frames before its last were handled: twice as late as any last one, and a little.
    until_sent = [max(0, report.time - frame.time) for frame, report in known]
    frame_lag = min(MOST_LAG, 2 * max(until_sent) + 2 * ROUNDING) if until_sent else MOST_LAG
    lags = ClockLags(predictions, {}, frame_lag)
    # In order: how late a tick may be rests on how late its START was.
    for setting in sorted(spans, key=lambda each: each.line):
        lag = _in_most(spans[setting], lags.bounds(setting))
        if lag is not None:
            lags.found[setting] = lag
    return lags


def _span(margin: Margin, frame: Frame, observed: Report) -> Span:
    """How late the clock can have been set for this report to be right."""
    difference = observed.report.last_frame_delay * 1000 - margin.left
    until_sent = min(max(observed.time - frame.time, 0), MOST_LAG)
    return Span(difference + frame.earliest - ROUNDING, difference + until_sent + ROUNDING)


def _united(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for each in sorted(spans):
        if found and each.low <= found[-1].high:
            found[-1] = Span(found[-1].low, max(found[-1].high, each.high))
        else:
            found.append(each)
    return found


def _in_most(spans: Iterable[Span], bounds: Sequence[Span]) -> Span | None:
    """Where most spans overlap within the bounds, the lowest such place; None: none reaches there."""
    clipped = (Span(max(low, each.low), min(high, each.high)) for low, high in spans for each in bounds)
    inside = [each for each in clipped if each.low <= each.high]
    edges = sorted([(each.low, 0) for each in inside] + [(each.high, 1) for each in inside])
    depth = deepest = 0
    best: Span | None = None
    for place, (at, is_end) in enumerate(edges):
        if is_end:
            depth -= 1
            continue
        depth += 1
        if depth > deepest:
            # The next edge is where this place ends, be it that another span begins or that one ends.
            deepest, best = depth, Span(at, edges[place + 1][0])
    return best
