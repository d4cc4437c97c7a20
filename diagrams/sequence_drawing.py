"""Sequence diagrams as drawings: an arrow leaves where a message was sent and ends where it arrives."""

from __future__ import annotations

from dataclasses import dataclass

from . import palette
from .drawing import Area, Box, Drawing, Line, Point, Shape, Text
from .metrics import clean, lines_within, text_width
from .palette import Pen
from .sequence import Call, Loss, Pending, Row, RowKind, SequenceModel
from .sequence_columns import BOX_PADDING, LABEL, SMALL, Columns, label_width, pending_texts, place_columns

LABEL_BAND = 17.0
CALL_BAND = 15.0
NOTE_BAND = 18.0
ROW_GAP = 9.0
HEADER_HEIGHT = 22.0
MARGIN = 14.0

_PENS = {
    RowKind.DELIVERY: palette.MESSAGE,
    RowKind.DECISION: palette.DECISION,
    RowKind.TASK: palette.TASK,
    RowKind.TIMER: palette.TIMER,
    RowKind.FAULT: palette.FAULT,
}


@dataclass(frozen=True)
class _Place:
    """Where a row lies: its top, the height of its own line, its bottom."""

    top: float
    line: float
    bottom: float


def draw_sequence(
    model: SequenceModel,
    *,
    title: str = "",
    caption: str = "",
    ending: str = "",
    reached: bool = False,
    variables: bool = False,
) -> Drawing:
    """The model as a drawing. ``ending`` says what the last step shows; with it that step is marked, as wanted where
    ``reached``. What is under way at the end is drawn as arrows that do not arrive.
    """
    title, caption, ending = clean(title) or model.system, clean(caption), clean(ending)
    columns = place_columns(model, title, variables)
    shapes, top = _heading(title, caption, columns)
    header_top = top
    places = _place_rows(model, header_top + HEADER_HEIGHT + 10, columns, variables)
    bottom = (places[-1].bottom if places else header_top + HEADER_HEIGHT) + 6
    ends = [bottom + LABEL_BAND * (number + 1) for number in range(len(model.under_way))]
    bottom = ends[-1] + 8 if ends else bottom
    reached = reached and not (model.rows and model.rows[-1].failure)
    fill, ink = (palette.REACHED_FILL, palette.REACHED) if reached else (palette.FAILURE_FILL, palette.FAILURE)
    shapes += _last_band(model, places, columns, ending, fill, ink)
    shapes += _lifelines(model, columns, header_top, bottom)
    for pending, y in zip(model.under_way, ends, strict=True):
        shapes += _pending_arrow(pending, y, places, columns)
    for row, place in zip(model.rows, places, strict=True):
        shapes += _arrows(row, place, places, columns)
    for row, place in zip(model.rows, places, strict=True):
        marked = row is model.rows[-1] and bool(ending or row.failure)
        shapes += _row_texts(row, place, columns, variables, fill if marked else palette.PAPER)
    for pending, y in zip(model.under_way, ends, strict=True):
        shapes += _pending_label(pending, y, columns)
    ending = f"✓ {ending}" if ending and reached else ending
    for line in lines_within(ending, columns.width - 2 * MARGIN, LABEL, bold=True) if ending else ():
        bottom += LABEL + 5
        shapes.append(Text(MARGIN, bottom, line, LABEL, ink, bold=True))
    return Drawing(columns.width, bottom + MARGIN, title, tuple(shapes))


def _heading(title: str, caption: str, columns: Columns) -> tuple[list[Shape], float]:
    top = MARGIN + 12
    shapes: list[Shape] = [Text(MARGIN, top, title, 14, bold=True)]
    for line in lines_within(caption, columns.width - 2 * MARGIN, LABEL) if caption else ():
        top += LABEL + 5
        shapes.append(Text(MARGIN, top, line, LABEL, palette.FAINT))
    return shapes, top + 12


def _place_rows(model: SequenceModel, top: float, columns: Columns, variables: bool) -> list[_Place]:
    places = []
    for row in model.rows:
        line = top + LABEL_BAND
        notes = NOTE_BAND * max((level + 1 for _, level, _ in row.shown_notes(variables)), default=0)
        failure = len(_failure_lines(row, columns)) * (LABEL + 4)
        bottom = line + CALL_BAND * (len(row.calls) + len(row.losses)) + notes + failure + ROW_GAP
        places.append(_Place(top, line, bottom))
        top = bottom
    return places


def _last_band(
    model: SequenceModel, places: list[_Place], columns: Columns, ending: str, fill: str, ink: str
) -> list[Shape]:
    if not places or not (ending or model.rows[-1].failure):
        return []
    last = places[-1]
    height = last.bottom - last.top
    return [Box(4, last.top - 2, columns.width - 8, height, fill, ink, 4)]


def _lifelines(model: SequenceModel, columns: Columns, top: float, bottom: float) -> list[Shape]:
    shapes: list[Shape] = []
    for name, x in zip(model.lifelines, columns.at, strict=True):
        shapes.append(Line(((x, top + HEADER_HEIGHT), (x, bottom)), palette.HAIRLINE))
        width = text_width(name, LABEL, True) + 2 * BOX_PADDING
        shapes.append(Box(x - width / 2, top, width, HEADER_HEIGHT, palette.STATE_FILL, palette.STATE_STROKE, 4))
        shapes.append(Text(x, top + 15, name, LABEL, anchor="middle", bold=True))
    return shapes


def _pen(row: Row) -> Pen:
    return palette.CONNECTION if row.connection_event else _PENS[row.kind]


def _arrows(row: Row, place: _Place, places: list[_Place], columns: Columns) -> list[Shape]:
    shapes: list[Shape] = []
    if row.lifeline is not None and row.sender is not None:
        start = places[row.sent - 1].line if row.is_late else place.line
        end = (columns.at[row.lifeline], place.line)
        shapes += _flight((columns.at[row.sender], start), end, _pen(row), row.answered)
    elif row.lifeline is None:
        ends = ((columns.at[0], place.line - 4), (columns.at[-1], place.line - 4))
        shapes.append(Line(ends, palette.FAULT.colour, 1.4, dashed=True))
    for number, call in enumerate(row.calls):
        y = _sub_line(place, number)
        shapes += _flight((columns.at[call.caller], y), (columns.at[call.callee], y), palette.CALL, True)
    for number, loss in enumerate(row.losses):
        shapes += _lost(loss, _sub_line(place, len(row.calls) + number), places, columns)
    return shapes


def _sub_line(place: _Place, number: int) -> float:
    return place.line + CALL_BAND * (number + 1)


def _flight(start: Point, end: Point, pen: Pen, arrives: bool) -> list[Shape]:
    shapes: list[Shape] = []
    side = 1 if end[0] >= start[0] else -1
    if not arrives:
        end = (end[0] - side * 9, end[1])
    if end[1] - start[1] > 1:
        shapes += [_dot(start, pen.colour), _curve(start, end, pen)]
    else:
        shapes.append(Line((start, end), pen.colour, 1.2, pen.dashed))
    return [*shapes, _head(end, side, pen.colour) if arrives else _cross(end, pen.colour)]


def _curve(start: Point, end: Point, pen: Pen) -> Line:
    width, height = end[0] - start[0], end[1] - start[1]
    leave = (start[0] + 0.05 * width, start[1] + 0.65 * height)
    approach = (start[0] + 0.1 * width, end[1])
    return Line((start, leave, approach, end), pen.colour, 1.2, pen.dashed, curved=True)


def _head(tip: Point, side: int, colour: str) -> Area:
    back = tip[0] - 8 * side
    return Area((tip, (back, tip[1] - 3.5), (back, tip[1] + 3.5)), colour)


def _dot(centre: Point, colour: str) -> Box:
    return Box(centre[0] - 2.5, centre[1] - 2.5, 5, 5, colour, radius=2.5)


def _cross(centre: Point, colour: str) -> Area:
    x, y = centre
    arm, thick = 5.0, 1.2
    half = ((arm, arm - thick), (thick, 0), (arm, -arm + thick), (arm - thick, -arm), (0, -thick))
    other = ((-arm + thick, -arm), (-arm, -arm + thick), (-thick, 0), (-arm, arm - thick), (-arm + thick, arm))
    points = (*half, *other, (0, thick), (arm - thick, arm))
    return Area(tuple((x + dx, y + dy) for dx, dy in points), colour)


def _lost(loss: Loss, y: float, places: list[_Place], columns: Columns) -> list[Shape]:
    end = columns.at[loss.receiver]
    if loss.sender is None or not loss.sent:
        return []
    return _flight((columns.at[loss.sender], places[loss.sent - 1].line), (end, y), palette.FAULT, False)


def _pending_arrow(pending: Pending, y: float, places: list[_Place], columns: Columns) -> list[Shape]:
    """From where it was sent towards its receiver, which it does not reach."""
    if pending.sender is None or not pending.sent:
        return []
    start, end = columns.at[pending.sender], columns.at[pending.receiver]
    short = end - (14 if end > start else -14)
    pen = Pen(palette.MESSAGE.colour, dashed=True)
    return _flight((start, places[pending.sent - 1].line), (short, y), pen, True)


def _pending_label(pending: Pending, y: float, columns: Columns) -> list[Shape]:
    end, text, remark = columns.at[pending.receiver], *pending_texts(pending)
    if pending.sender is None or not pending.sent:
        return _label(end, y - 4, text, remark, palette.FAINT, palette.PAPER)
    centre = _label_by_head(end, end - columns.at[pending.sender], label_width(text, remark) + 28)
    return _label(centre, y - 6, text, remark, palette.MESSAGE.colour, palette.PAPER)


def _row_texts(row: Row, place: _Place, columns: Columns, variables: bool, paper: str) -> list[Shape]:
    shapes: list[Shape] = [Text(MARGIN, place.line, str(row.number), SMALL, palette.FAINT)]
    shapes += _main_label(row, place, columns, paper)
    for number, call in enumerate(row.calls):
        shapes += _call_label(call, _sub_line(place, number), columns, paper)
    for number, loss in enumerate(row.losses):
        shapes += _loss_label(loss, _sub_line(place, len(row.calls) + number), columns, paper)
    y = _sub_line(place, len(row.calls) + len(row.losses) - 1) + 4
    for lifeline, level, text in row.shown_notes(variables):
        shapes += _note(text, columns.at[lifeline], y + NOTE_BAND * level)
    lines = _failure_lines(row, columns)
    y = place.bottom - ROW_GAP - (len(lines) - 1) * (LABEL + 4)
    for number, line in enumerate(lines):
        shapes.append(Text(columns.left, y + number * (LABEL + 4), line, LABEL, palette.FAILURE, bold=True))
    return shapes


def _failure_lines(row: Row, columns: Columns) -> list[str]:
    room = columns.width - columns.left - MARGIN
    return lines_within(row.failure, room, LABEL, bold=True) if row.failure else []


def _main_label(row: Row, place: _Place, columns: Columns, paper: str) -> list[Shape]:
    pen = _pen(row)
    if row.lifeline is None:
        least = columns.left + text_width(row.label, LABEL) / 2 + BOX_PADDING
        return _boxed(max((columns.at[0] + columns.at[-1]) / 2, least), place.line - 11, row.label, pen)
    if row.sender is None:
        return _boxed(columns.at[row.lifeline], place.line - 11, pen.sign + row.label, pen)
    start, end = columns.at[row.sender], columns.at[row.lifeline]
    width = label_width(row.label, _remark(row))
    centre = _label_by_head(end, end - start, width) if row.is_late else _label_centre(start, end)
    return _label(centre, place.line - 5, row.label, _remark(row), pen.colour, paper)


def _remark(row: Row) -> str:
    return row.connection if row.answered else f"{row.connection}, not accepted"


def _label_centre(start: float, end: float) -> float:
    return (start + end) / 2 - (4 if end > start else -4)


def _label_by_head(end: float, direction: float, width: float) -> float:
    """A curve is level near its head only; there its label crosses the fewest lines."""
    reach = width / 2 + 13
    return end - reach if direction > 0 else end + reach


def _label(centre: float, y: float, text: str, remark: str, colour: str, paper: str) -> list[Shape]:
    width = label_width(text, remark)
    left = centre - width / 2
    shapes: list[Shape] = [Box(left - 2, y - LABEL + 1, width + 4, LABEL + 2, paper)]
    shapes.append(Text(left, y, text, LABEL, colour))
    if remark:
        shapes.append(Text(centre + width / 2, y, remark, SMALL, palette.FAINT, anchor="end"))
    return shapes


def _call_label(call: Call, y: float, columns: Columns, paper: str) -> list[Shape]:
    centre = _label_centre(columns.at[call.caller], columns.at[call.callee])
    width = text_width(call.label, SMALL)
    backing = Box(centre - width / 2 - 2, y - 3 - SMALL, width + 4, SMALL + 2, paper)
    return [backing, Text(centre, y - 3, call.label, SMALL, palette.CALL.colour, anchor="middle")]


def _loss_label(loss: Loss, y: float, columns: Columns, paper: str) -> list[Shape]:
    text, end = f"{loss.label} lost", columns.at[loss.receiver]
    if loss.sender is None or not loss.sent:
        return _label(end, y - 4, f"✗ {text}", loss.connection, palette.FAILURE, paper)
    centre = _label_by_head(end, end - columns.at[loss.sender], label_width(text, loss.connection) + 12)
    return _label(centre, y - 4, text, loss.connection, palette.FAILURE, paper)


def _boxed(centre: float, y: float, text: str, pen: Pen) -> list[Shape]:
    width = text_width(text, LABEL) + 2 * BOX_PADDING
    box = Box(centre - width / 2, y - 4, width, 17, palette.PAPER, pen.colour, 3, dashed=pen.dashed)
    return [box, Text(centre, y + 8.5, text, LABEL, pen.colour, anchor="middle")]


def _note(text: str, centre: float, y: float) -> list[Shape]:
    width = text_width(text, SMALL) + 2 * BOX_PADDING
    box = Box(centre - width / 2, y, width, 14, palette.STATE_FILL, palette.STATE_STROKE, 7, 0.8)
    return [box, Text(centre, y + 10.2, text, SMALL, anchor="middle")]
