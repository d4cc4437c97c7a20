"""What is written at a chart's arrows and in its states, line by line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from . import palette
from .chart import Cause, ChartModel, ChartTransition
from .metrics import wrap
from .palette import Pen

PENS = {
    Cause.MESSAGE: palette.MESSAGE,
    Cause.CONNECTION: palette.CONNECTION,
    Cause.DECISION: palette.DECISION,
    Cause.TASK: palette.TASK,
    Cause.TIMER: palette.TIMER,
    Cause.EVENTLESS: palette.EVENTLESS,
}

#: Characters of a line of a label, before it goes on in the next.
COLUMNS = 34


@dataclass(frozen=True)
class LabelLine:
    """One line of a label, and the pen of its cause."""

    text: str
    pen: Pen


def arrow_lines(transitions: Iterable[ChartTransition], columns: int = COLUMNS) -> list[LabelLine]:
    """The label of an arrow: events that differ in name only share a line."""
    return _lines(((each.cause, "", each) for each in transitions), columns)


def inner_lines(model: ChartModel, state: str, columns: int = COLUMNS) -> list[LabelLine]:
    """What a state does while it stays: its own transitions, then what it ignores."""
    inner = model.inner(state)
    acting = _lines(((each.cause, _again(each), each) for each in inner if not each.ignores), columns)
    ignored: dict[tuple[bool, str], list[str]] = {}
    for each in inner:
        if each.ignores:
            ignored.setdefault((each.cause is Cause.CONNECTION, each.suffix), []).append(each.event)
    for (connection, suffix), events in ignored.items():
        names = _names(Cause.CONNECTION if connection else Cause.MESSAGE, events)
        text = " ".join(filter(None, (f"ignores {names}", suffix)))
        acting += _wrapped(text, palette.CONNECTION, columns)
    return acting


def _again(transition: ChartTransition) -> str:
    return "" if transition.target is None else "↻ "


def _lines(items: Iterable[tuple[Cause, str, ChartTransition]], columns: int) -> list[LabelLine]:
    groups: dict[tuple[Cause, str, str], list[str]] = {}
    for cause, prefix, each in items:
        groups.setdefault((cause, prefix, each.suffix), []).append(each.event)
    lines: list[LabelLine] = []
    for (cause, prefix, suffix), events in groups.items():
        pen = PENS[cause]
        text = " ".join(filter(None, (_names(cause, events), suffix)))
        lines += _wrapped(prefix + pen.sign + text, pen, columns)
    return lines


def _names(cause: Cause, events: list[str]) -> str:
    """``main closed/lost`` for the connection events of one port; others by their names."""
    if cause is not Cause.CONNECTION:
        return ", ".join(filter(None, events))
    ports: dict[str, list[str]] = {}
    for event in events:
        port, _, what = event.rpartition(" ")
        ports.setdefault(port, []).append(what)
    return ", ".join(f"{port} {'/'.join(what)}".strip() for port, what in ports.items())


def _wrapped(text: str, pen: Pen, columns: int) -> list[LabelLine]:
    first, *more = wrap(text, columns)
    return [LabelLine(first, pen), *(LabelLine(f"   {line}", pen) for line in more)]
