"""What a protocol looks like: charts of actors, diagrams of traces, plots of regions and losses."""

from switchover.models.language.space_time import (
    ClockJump,
    EventKind,
    Fate,
    FrameBar,
    Lifeline,
    MessageKind,
    Schedule,
    SpaceTime,
    TimedEvent,
    TimedMessage,
)

from .bundled import DrawingError
from .chart import Cause, ChartModel, ChartState, ChartTransition, chart_model
from .draw import FORMATS, draw_chart, draw_trace, format_of
from .handover_plot import draw_handovers
from .loss_plot import LossCurve, draw_losses, loss_points
from .plotting import PICTURE_FORMATS
from .region_plot import RegionPlot, draw_region, draw_region_plot, region_plot
from .sequence import SequenceModel, sequence_model
from .space_time_drawing import draw_space_time
from .space_time_text import space_time_text
from .terminal import TraceView, can_show, trace_text

__all__ = [
    "FORMATS",
    "PICTURE_FORMATS",
    "Cause",
    "ChartModel",
    "ChartState",
    "ChartTransition",
    "ClockJump",
    "DrawingError",
    "EventKind",
    "Fate",
    "FrameBar",
    "Lifeline",
    "LossCurve",
    "MessageKind",
    "RegionPlot",
    "Schedule",
    "SequenceModel",
    "SpaceTime",
    "TimedEvent",
    "TimedMessage",
    "TraceView",
    "can_show",
    "chart_model",
    "draw_chart",
    "draw_handovers",
    "draw_losses",
    "draw_region",
    "draw_region_plot",
    "draw_space_time",
    "draw_trace",
    "format_of",
    "loss_points",
    "region_plot",
    "sequence_model",
    "space_time_text",
    "trace_text",
]
