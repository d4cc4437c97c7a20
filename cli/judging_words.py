"""A judgement in words: in the timeline while the client runs, and in the report at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from switchover.checks.conformance import CONFORMS, DIFFERS

from .judging import Judgement

#: A time of the recording in seconds since the beginning.
Moment = Callable[[float], float]


@dataclass(frozen=True)
class Judged:
    """A judgement is told, at a time by the client's clock."""

    at: float
    judgement: Judgement
    moment: Moment


def judgement_lines(judgement: Judgement, moment: Moment) -> tuple[str, ...]:
    """What is told before the end: in one line, and of a departure what was possible instead."""
    found = judgement.departure
    if found is None:
        return (f"not judged further: {judgement.why}",)
    return (f"the model does not allow: {found.text}, at {moment(found.time):.3f}", *instead(judgement))


def instead(judgement: Judgement) -> tuple[str, ...]:
    """What the model could have done where it was left, and what stood in the way of what came nearest."""
    found = judgement.departure
    if found is None:
        return ()
    nearest = (f"nearest: {found.nearest}",) if found.nearest else ()
    return (*nearest, *(f"possible: {each}" for each in found.possible))


def verdict_text(judgement: Judgement, lines: int, moment: Moment) -> str:
    """The whole of it in one line, for the report. ``lines``: how many messages were seen."""
    found = judgement.departure
    if judgement.verdict == CONFORMS:
        if not lines:
            return "nothing was seen"
        return f"the model explains all that was seen ({judgement.mapped:,} of {lines:,} messages)"
    if judgement.verdict == DIFFERS and found is not None:
        return f"no run of the model explains what was seen; it ends before {moment(found.time):.3f}: {found.text}"
    if judgement.until is None:
        return f"not judged: {judgement.why}"
    return f"the model explains what was seen up to {moment(judgement.until):.3f}; not judged further: {judgement.why}"


def departure_json(judgement: Judgement, moment: Moment) -> dict[str, Any] | None:
    """Where what was seen leaves the model, as plain data; None: nowhere that is known."""
    found = judgement.departure
    if found is None:
        return None
    return {
        "at": round(moment(found.time), 6),
        "line": found.line,
        "text": found.text,
        "possible": list(found.possible),
        "nearest": found.nearest,
    }
