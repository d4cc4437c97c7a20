"""Sequence diagrams as text for a terminal: exact columns, in as little width as there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from switchover.models.language.verdict import Trace

from .metrics import clean, shorten, wrap
from .sequence import Call, Loss, Row, RowKind, SequenceModel, sequence_model

#: What the drawing is made of, and its stand-ins where the terminal cannot show it, sign by sign.
_SIGNS = "│─├┤┼╌▶◀▸◇◔→…✗✓·×"
_ASCII_SIGNS = "|-||+.><*#%>.xv:x"

#: Numbers that stand for names which do not fit; the further ones are plain digits.
_NUMBERS = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
_ASCII = str.maketrans(_SIGNS + _NUMBERS, _ASCII_SIGNS + "123456789abcdefghijk")

_LEAST_WIDTH = 40
_GUTTER = 5
_LEAST_GAP = 3

_MARKS = {RowKind.DECISION: "▸", RowKind.TASK: "◇", RowKind.TIMER: "◔"}
_STYLES = {
    RowKind.DELIVERY: "blue",
    RowKind.DECISION: "magenta",
    RowKind.TASK: "green",
    RowKind.TIMER: "yellow",
    RowKind.FAULT: "red",
}


@dataclass(frozen=True)
class TraceView:
    """A trace as something rich can print: it takes the console's width, and plain ASCII where it must."""

    trace: Trace
    title: str = ""
    ending: str = ""
    reached: bool = False
    variables: bool = False
    processes: Mapping[str, Sequence[str]] | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        model = sequence_model(self.trace, self.processes)
        lines = _Sheet(model, options.max_width, self.variables).draw(self.title, self.ending, self.reached)
        plain = not can_show(options.encoding)
        yield Text("\n").join(_ascii(line) if plain else line for line in lines)


def trace_text(
    trace: Trace,
    width: int = 100,
    *,
    title: str = "",
    ending: str = "",
    reached: bool = False,
    variables: bool = False,
    processes: Mapping[str, Sequence[str]] | None = None,
    ascii_only: bool = False,
) -> str:
    """The trace as a sequence diagram in lines of at most ``width`` (at least 40) characters, without colours.

    ``ending`` says what the last step shows, and ``reached`` that it was wanted: it is ticked, not crossed;
    ``variables`` adds the variables that each step changes; actors of one of ``processes`` share a lifeline.
    """
    lines = _Sheet(sequence_model(trace, processes), width, variables).draw(title, ending, reached)
    return "\n".join((_ascii(line) if ascii_only else line).plain.rstrip() for line in lines) + "\n"


def can_show(encoding: str) -> bool:
    """Whether a terminal of this encoding can show the lines and signs of a diagram."""
    try:
        (_SIGNS + _NUMBERS).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _ascii(line: Text) -> Text:
    replaced = line.plain.translate(_ASCII).encode("ascii", "replace").decode("ascii")
    return Text(replaced, spans=list(line.spans))


def _narrow(text: str) -> str:
    """``text`` in one line with one cell a character, which the columns rely on."""
    return "".join(each if cell_len(each) == 1 else "?" for each in clean(text))


class _Line:
    """One line of the sheet, written over from its lifelines on."""

    def __init__(self, width: int, lifelines: Iterable[int]) -> None:
        self.cells = [" "] * width
        self.spans: list[tuple[int, int, str]] = []
        for column in lifelines:
            self.cells[column] = "│"

    def put(self, column: int, text: str, style: str = "") -> None:
        column = max(0, min(column, len(self.cells) - len(text)))
        self.cells[column : column + len(text)] = text[: len(self.cells)]
        if style:
            self.spans.append((column, column + len(text), style))

    def is_blank(self, start: int, end: int) -> bool:
        return all(each in " │" for each in self.cells[max(start, 0) : end])

    def text(self) -> Text:
        line = Text("".join(self.cells))
        for start, end, style in self.spans:
            line.stylize(style, start, end)
        return line


class _Sheet:
    """A sequence model being written out, top to bottom."""

    def __init__(self, model: SequenceModel, width: int, variables: bool) -> None:
        self.model = model
        self.width = max(width, _LEAST_WIDTH)
        self.variables = variables
        self.columns = _columns(model, self.width)
        self.lines: list[_Line] = []

    def draw(self, title: str, ending: str, reached: bool) -> list[Text]:
        heading = [Text(line, style="bold") for line in wrap(_narrow(title), self.width)] if title else []
        key = self._head()
        for row in self.model.rows:
            self._row(row)
        late = any(row.is_late or any(loss.sent for loss in row.losses) for row in self.model.rows)
        foot = [Text("@n: sent in step n", style="dim")] if late else []
        under_way = "; ".join(_narrow(each) for each in self.model.under_way_texts())
        foot += [Text(line) for line in wrap(f"under way: {under_way}", self.width) if under_way]
        mark, style = ("✓", "bold green") if reached else ("✗", "bold red")
        foot += [Text(line, style=style) for line in wrap(f"{mark} {_narrow(ending)}", self.width) if ending]
        return [*heading, *key, *(line.text() for line in self.lines), *foot]

    def _head(self) -> list[Text]:
        """Names over their lifelines; where they do not fit, numbers, and a key to them."""
        names = [_narrow(name) for name in self.model.lifelines]
        if self._fits(names):
            self._names(names)
            return []
        numbers = [_number(place) for place in range(len(names))]
        self._names(numbers)
        # A name stays with its number: a no-break space between them, until the lines are broken.
        key = "  ".join(f"{number}=" + name.replace(" ", "\xa0") for number, name in zip(numbers, names, strict=True))
        return [Text(line.replace("\xa0", " ")) for line in wrap(key, self.width)]

    def _fits(self, names: list[str]) -> bool:
        ends = [(column - len(name) // 2, column - len(name) // 2 + len(name)) for column, name in self._pairs(names)]
        apart = all(left[1] < right[0] for left, right in pairwise(ends))
        return apart and all(start >= 0 and end <= self.width for start, end in ends)

    def _pairs(self, names: list[str]) -> list[tuple[int, str]]:
        return list(zip(self.columns, names, strict=True))

    def _names(self, names: list[str]) -> None:
        line = _Line(self.width, ())
        for column, name in self._pairs(names):
            line.put(column - len(name) // 2, name, "bold")
        self.lines.append(line)

    def _line(self) -> _Line:
        line = _Line(self.width, self.columns)
        self.lines.append(line)
        return line

    def _row(self, row: Row) -> None:
        first = len(self.lines)
        style = "bright_black" if row.connection_event else _STYLES[row.kind]
        if row.lifeline is None:
            self._across(row.label)
        elif row.sender is None:
            self._beside(row.lifeline, f"{_mark(row)} {row.label}", style)
        else:
            self._arrow(row.sender, row.lifeline, _delivery_label(row), style, "─", row.answered)
        for call in row.calls:
            self._call(call)
        for loss in row.losses:
            self._loss(loss)
        self._notes(row)
        for line in wrap(f"✗ {_narrow(row.failure)}", self.width - _GUTTER) if row.failure else ():
            self._line().put(_GUTTER, line, "bold red")
        self.lines[first].put(0, f"{row.number:>3}", "dim")

    def _across(self, label: str) -> None:
        line = self._line()
        text = shorten(f" ✗ {_narrow(label)} ", self.width - _GUTTER)
        right = max((*self.columns, _GUTTER)) + 3
        room = min(self.width - _GUTTER, max(right - _GUTTER, len(text) + 6))
        line.put(_GUTTER, "╌" * room, "red")
        line.put(_GUTTER + (room - len(text)) // 2, text, "bold red")

    def _beside(self, lifeline: int, label: str, style: str) -> None:
        """A label whose first sign stands on the lifeline, or else as near to it as there is room."""
        for text in wrap(_narrow(label), self.width - _GUTTER):
            self._line().put(max(_GUTTER, min(self.columns[lifeline], self.width - len(text))), text, style)

    def _call(self, call: Call) -> None:
        self._arrow(call.caller, call.callee, call.label, "cyan", "╌", True)

    def _loss(self, loss: Loss) -> None:
        sent = f" @{loss.sent}" if loss.sent else ""
        self._beside(loss.receiver, f"✗ {loss.label} lost{sent} · {loss.connection}", "red")

    def _arrow(self, sender: int, receiver: int, label: str, style: str, stroke: str, arrives: bool) -> None:
        start, end = self.columns[sender], self.columns[receiver]
        low, high = min(start, end), max(start, end)
        label = _narrow(label)
        room = high - low - 5
        embedded = len(label) <= room
        if not embedded:
            # Where the arrow is too short for its label, the label goes on lines of its own above it.
            for text in wrap(label, self.width - _GUTTER):
                self._line().put(max(_GUTTER, min(low + 2, self.width - len(text))), text, style)
        line = self._line()
        line.put(low + 1, stroke * (high - low - 1), style)
        for column in self.columns:
            if low < column < high:
                line.put(column, "┼")
        line.put(start, "├" if end > start else "┤")
        head = ("▶" if end > start else "◀") if arrives else "✗"
        line.put(end - 1 if end > start else end + 1, head, style)
        if embedded and label:
            line.put(low + 1 + (high - low - 3 - len(label)) // 2, f" {label} ", style)

    def _notes(self, row: Row) -> None:
        line: _Line | None = None
        for lifeline, _, shown in row.shown_notes(self.variables):
            text = f"[{shorten(_narrow(shown), self.width - _GUTTER - 2)}]"
            column = self.columns[lifeline]
            # Where there is no room to stand in the middle of it, a note begins by its lifeline.
            centred = column - len(text) // 2 if column - len(text) // 2 >= _GUTTER else column - 3
            start = max(_GUTTER, min(centred, self.width - len(text)))
            if line is None or not line.is_blank(start - 1, start + len(text) + 1):
                line = self._line()
            line.put(start, text)


def _mark(row: Row) -> str:
    return "✗" if row.connection_event else _MARKS.get(row.kind, "·")


def _number(place: int) -> str:
    return _NUMBERS[place] if place < len(_NUMBERS) else str(place + 1)


def _delivery_label(row: Row) -> str:
    late = f" @{row.sent}" if row.is_late else ""
    refused = " not accepted" if not row.answered else ""
    return f"{row.label}{late}{refused} · {row.connection}"


def _columns(model: SequenceModel, width: int) -> tuple[int, ...]:
    """The lifelines' columns: as far apart as their labels want, closer together where the width is short."""
    count = len(model.lifelines)
    if not count:
        return ()
    halves = [len(name) // 2 + 1 for name in model.lifelines]
    wanted = [max(_LEAST_GAP, halves[number] + halves[number + 1]) for number in range(count - 1)]
    for low, high, need in sorted(_needs(model)):
        lack = need - sum(wanted[low:high])
        if lack > 0:
            wanted[high - 1] += lack
    first = min(_GUTTER + halves[0] + 2, _GUTTER + 8)
    room = width - 1 - first - min(halves[-1], 8)
    least = [halves[number] + halves[number + 1] for number in range(count - 1)]
    if sum(least) > room:
        # Not even the names fit: numbers will stand for them.
        least = [_LEAST_GAP] * (count - 1)
    flexible = sum(wanted) - sum(least)
    share = min(1.0, max(room - sum(least), 0) / flexible) if flexible > 0 else 1.0
    columns = [first]
    exact = float(first)
    for gap, low in zip(wanted, least, strict=True):
        exact += low + max(gap - low, 0) * share
        columns.append(int(exact))
    return tuple(min(column, width - 1) for column in columns)


def _needs(model: SequenceModel) -> Iterable[tuple[int, int, int]]:
    for row in model.rows:
        if row.sender is not None and row.lifeline is not None:
            ends = sorted((row.sender, row.lifeline))
            yield ends[0], ends[1], len(_delivery_label(row)) + 5
        for call in row.calls:
            ends = sorted((call.caller, call.callee))
            yield ends[0], ends[1], len(call.label) + 5
