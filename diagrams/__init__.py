"""What a protocol looks like: charts of actors, sequence diagrams of traces."""

from .bundled import DrawingError
from .chart import Cause, ChartModel, ChartState, ChartTransition, chart_model
from .draw import FORMATS, draw_chart, draw_trace, format_of
from .sequence import SequenceModel, sequence_model
from .terminal import TraceView, can_show, trace_text

__all__ = [
    "FORMATS",
    "Cause",
    "ChartModel",
    "ChartState",
    "ChartTransition",
    "DrawingError",
    "SequenceModel",
    "TraceView",
    "can_show",
    "chart_model",
    "draw_chart",
    "draw_trace",
    "format_of",
    "sequence_model",
    "trace_text",
]
