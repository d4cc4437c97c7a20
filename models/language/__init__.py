"""The vocabulary in which a protocol is written: actors, messages, connections, systems, properties, claims."""

from statemachine import State

from .actor import Actor, Decision, Task, Timer
from .claim import Case, Claim, Family, Open
from .determinism import check_deterministic
from .errors import DefinitionError, HandlerError, NondeterminismError
from .execution import Execution, GlobalState
from .fields import parameter, variable
from .message import Closed, Lost, Message, Opened, Refused
from .port import Endpoint, Local, Port
from .properties import Property, always, eventually, leads_to, never, sometimes
from .region import Linear, PiecewiseLinear, Proof, Quantity, Region
from .system import Binding, Bounds, Connection, Faults, Latency, System, Timing
from .timed import TimedExecution, TimedState
from .tracing import ReplayError, make_timed_trace, make_trace, replay, replay_timed
from .transitions import stay
from .values import Between
from .verdict import Answer, Change, Flight, Part, Trace, TraceStep, Verdict
from .view import ActorView, ConnectionView
from .wrap32 import Wrap32, distance

__all__ = [
    "Actor",
    "ActorView",
    "Answer",
    "Between",
    "Binding",
    "Bounds",
    "Case",
    "Change",
    "Claim",
    "Closed",
    "Connection",
    "ConnectionView",
    "Decision",
    "DefinitionError",
    "Endpoint",
    "Execution",
    "Family",
    "Faults",
    "Flight",
    "GlobalState",
    "HandlerError",
    "Latency",
    "Linear",
    "Local",
    "Lost",
    "Message",
    "NondeterminismError",
    "Open",
    "Opened",
    "Part",
    "PiecewiseLinear",
    "Port",
    "Proof",
    "Property",
    "Quantity",
    "Refused",
    "Region",
    "ReplayError",
    "State",
    "System",
    "Task",
    "TimedExecution",
    "TimedState",
    "Timer",
    "Timing",
    "Trace",
    "TraceStep",
    "Verdict",
    "Wrap32",
    "always",
    "check_deterministic",
    "distance",
    "eventually",
    "leads_to",
    "make_timed_trace",
    "make_trace",
    "never",
    "parameter",
    "replay",
    "replay_timed",
    "sometimes",
    "stay",
    "variable",
]
