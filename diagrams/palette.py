"""Pens: how what causes an event is coloured, in charts and in sequence diagrams alike."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1f2933"
FAINT = "#6b7280"
HAIRLINE = "#b8c0cc"
PAPER = "#ffffff"
STATE_FILL = "#eef4fb"
STATE_STROKE = "#4a6785"
FAILURE = "#b91c1c"
FAILURE_FILL = "#fdecec"
REACHED = "#15803d"
REACHED_FILL = "#e9f7ee"


@dataclass(frozen=True)
class Pen:
    """A colour, a line's pattern, and the sign that stands before a label where colour is not enough."""

    colour: str
    dashed: bool = False
    sign: str = ""


MESSAGE = Pen("#1f4e79")
CONNECTION = Pen("#5b6472")
DECISION = Pen("#6d28d9", sign="▸ ")
TASK = Pen("#047857", sign="◇ ")
TIMER = Pen("#b45309", dashed=True, sign="◔ ")
EVENTLESS = Pen("#5b6472", dashed=True)
CALL = Pen("#0f766e", dashed=True)
FAULT = Pen(FAILURE, dashed=True)
