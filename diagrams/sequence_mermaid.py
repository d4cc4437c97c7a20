"""A trace's sequence diagram as Mermaid text (``sequenceDiagram``)."""

from __future__ import annotations

from collections.abc import Iterator

from .mermaid import escape, front_matter
from .metrics import clean
from .sequence import Pending, Row, RowKind, SequenceModel

_MARKS = {RowKind.DECISION: "decides: ", RowKind.TASK: "task: ", RowKind.TIMER: "timer: "}
_FAILURE = "rect rgb(253, 236, 236)"
_REACHED = "rect rgb(233, 247, 238)"


def sequence_mermaid(
    model: SequenceModel,
    *,
    title: str = "",
    caption: str = "",
    ending: str = "",
    reached: bool = False,
    variables: bool = False,
) -> str:
    """The model as Mermaid text, the same every time. ``ending`` says what the last step shows; it is then marked,
    as wanted where ``reached``.
    """
    lines = [*front_matter(clean(title) or model.system), "sequenceDiagram"]
    lines += [f"    %% {clean(caption)}"] if caption else []
    lines += [f"    participant a{number} as {escape(name)}" for number, name in enumerate(model.lifelines)]
    for row in model.rows:
        body = list(_row(row, variables, _across(model)))
        is_last = row is model.rows[-1]
        if is_last and ending:
            body.append(f"Note over {_across(model)}: {'✓ ' if reached else ''}{escape(clean(ending))}")
        marked = row.failure or (is_last and ending)
        colour = _REACHED if reached and not row.failure else _FAILURE
        lines += (
            [f"    {colour}", *(f"        {line}" for line in body), "    end"]
            if marked
            else [f"    {line}" for line in body]
        )
    lines += [f"    {_pending(each)}" for each in model.under_way]
    return "\n".join(lines) + "\n"


def _pending(pending: Pending) -> str:
    text = escape(f"{pending.name} ({pending.connection}, sent in {pending.sent}, still under way)")
    if pending.sender is None:
        return f"Note over a{pending.receiver}: {text}"
    return f"a{pending.sender}--)a{pending.receiver}: {text}"


def _across(model: SequenceModel) -> str:
    last = len(model.lifelines) - 1
    return "a0" if last <= 0 else f"a0,a{last}"


def _row(row: Row, variables: bool, everyone: str) -> Iterator[str]:
    label = f"{row.number}. {_MARKS.get(row.kind, '')}{row.label}"
    if row.lifeline is None:
        yield f"Note over {everyone}: {escape(label)}"
    elif row.sender is None:
        yield f"Note over a{row.lifeline}: {escape(label)}"
    else:
        sent = f", sent in {row.sent}" if row.is_late else ""
        refused = ", not accepted" if not row.answered else ""
        arrow = "->>" if row.answered else "-x"
        yield f"a{row.sender}{arrow}a{row.lifeline}: {escape(f'{label} ({row.connection}{sent}{refused})')}"
    for call in row.calls:
        yield f"a{call.caller}-->>a{call.callee}: {escape(call.label)}"
    for loss in row.losses:
        sent = f", sent in {loss.sent}" if loss.sent else ""
        text = escape(f"{loss.label} lost ({loss.connection}{sent})")
        yield (
            f"Note over a{loss.receiver}: {text}"
            if loss.sender is None
            else f"a{loss.sender}-xa{loss.receiver}: {text}"
        )
    for lifeline, _, text in row.shown_notes(variables):
        yield f"Note over a{lifeline}: {escape(text)}"
    if row.failure:
        yield f"Note over {everyone}: {escape(row.failure)}"
