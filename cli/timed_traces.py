"""Traces with times: told from the others, and turned into the picture of their family."""

from __future__ import annotations

import dataclasses

from switchover.models.language import Trace
from switchover.models.language.space_time import SpaceTime
from switchover.models.language.timed_picture import picture_of

from .question import Result


def is_timed(trace: Trace) -> bool:
    """Whether the trace says when things happen."""
    return bool(trace.steps) and all(each.at is not None for each in trace.steps)


def picture_of_result(result: Result, title: str = "", caption: str = "") -> SpaceTime:
    """The space-time picture of a result's timed trace: its family's own, else the one that any such trace has."""
    trace, question = result.verdict.trace, result.question
    assert trace is not None
    if question.space_time is None or question.open_make is None:
        return picture_of(trace, title, caption)
    picture = question.space_time(question.open_make(**trace.values), trace)
    return dataclasses.replace(picture, title=title, caption=caption)
