"""Where a sequence diagram's lifelines stand: as close together as their labels allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .metrics import text_width
from .palette import DECISION, TASK, TIMER
from .sequence import Pending, Row, RowKind, SequenceModel

LABEL = 11.0
SMALL = 9.0
BOX_PADDING = 7.0
GUTTER = 38.0
LEAST_GAP = 70.0

_SIGNS = {RowKind.DECISION: DECISION.sign, RowKind.TASK: TASK.sign, RowKind.TIMER: TIMER.sign}


@dataclass(frozen=True)
class Columns:
    """The lifelines' places ``at``, the left edge of what lies between the margins, and the page's width."""

    at: tuple[float, ...]
    left: float
    width: float


def label_width(text: str, remark: str) -> float:
    """The width of a message's label with its small remark behind it."""
    return text_width(text, LABEL) + (6 + text_width(remark, SMALL) if remark else 0)


def pending_texts(pending: Pending) -> tuple[str, str]:
    """The label and the small remark of what is still under way."""
    return f"{pending.name} under way", pending.connection


def place_columns(model: SequenceModel, title: str, variables: bool) -> Columns:
    """Places for the lifelines such that no two texts of one row overlap."""
    count = len(model.lifelines)
    halves = _halves(model, variables)
    at: list[float] = []
    spans = sorted({*_spans(model), *_pending_spans(model)}, key=lambda span: span[:2])
    for number in range(count):
        if number == 0:
            at.append(GUTTER + halves[0])
            continue
        least = at[-1] + max(LEAST_GAP, halves[number - 1] + halves[number] + 8)
        at.append(max([least, *(at[start] + width for start, end, width in spans if end == number)]))
    right = at[-1] + halves[-1] + 14 if at else GUTTER
    title_width = text_width(title, 14, True) + 28
    faults = (text_width(row.label, LABEL) for row in model.rows if row.lifeline is None)
    return Columns(
        tuple(at), GUTTER, max(right, title_width, GUTTER + max(faults, default=0) + 2 * BOX_PADDING + 14, 260.0)
    )


def _halves(model: SequenceModel, variables: bool) -> list[float]:
    """Half the width of the widest box that stands on each lifeline."""
    widths = [text_width(name, LABEL, True) + 2 * BOX_PADDING for name in model.lifelines]
    for row in model.rows:
        for lifeline, _, text in row.shown_notes(variables):
            widths[lifeline] = max(widths[lifeline], text_width(text, SMALL) + 2 * BOX_PADDING)
        if row.lifeline is not None and row.sender is None:
            own = text_width(_SIGNS.get(row.kind, "") + row.label, LABEL) + 2 * BOX_PADDING
            widths[row.lifeline] = max(widths[row.lifeline], own)
        for loss in row.losses:
            if loss.sender is None or not loss.sent:
                own = label_width(f"✗ {loss.label} lost", loss.connection)
                widths[loss.receiver] = max(widths[loss.receiver], own)
    for pending in model.under_way:
        if pending.sender is None or not pending.sent:
            widths[pending.receiver] = max(widths[pending.receiver], label_width(*pending_texts(pending)))
    return [width / 2 for width in widths]


def _spans(model: SequenceModel) -> Iterator[tuple[int, int, float]]:
    """(left, right, least distance) of two lifelines, from what is written between them."""
    for row in model.rows:
        if row.sender is not None and row.lifeline is not None:
            yield _span(row.sender, row.lifeline, _message_width(row))
        for call in row.calls:
            yield _span(call.caller, call.callee, text_width(call.label, SMALL) + 24)
        for loss in row.losses:
            if loss.sender is not None and loss.sent:
                yield _span(loss.sender, loss.receiver, label_width(f"{loss.label} lost", loss.connection) / 0.75 + 24)


def _pending_spans(model: SequenceModel) -> Iterator[tuple[int, int, float]]:
    for pending in model.under_way:
        if pending.sender is not None and pending.sent:
            width = label_width(*pending_texts(pending)) / 0.75 + 54
            yield _span(pending.sender, pending.receiver, width)


def _message_width(row: Row) -> float:
    remark = row.connection if row.answered else f"{row.connection}, not accepted"
    # A late arrival's curve takes the quarter next to its sender; the label stands on the rest.
    return label_width(row.label, remark) / (0.75 if row.is_late else 1) + 26


def _span(one: int, other: int, width: float) -> tuple[int, int, float]:
    return min(one, other), max(one, other), width
