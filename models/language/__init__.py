"""The vocabulary in which a protocol is written: actors, messages, connections, systems, properties, claims."""

from statemachine import State

from .actor import Actor, Decision, Task, Timer
from .claim import Case, Claim, Family
from .determinism import check_deterministic
from .errors import DefinitionError, HandlerError, NondeterminismError
from .execution import Execution, GlobalState
from .fields import parameter, variable
from .message import Closed, Lost, Message, Opened, Refused
from .port import Endpoint, Local, Port
from .properties import Property, always, eventually, leads_to, never, sometimes
from .system import Binding, Bounds, Connection, Faults, System
from .tracing import ReplayError, make_trace, replay
from .transitions import stay
from .values import Between
from .verdict import Answer, Change, Flight, Part, Trace, TraceStep, Verdict
from .view import ActorView, ConnectionView

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
    "Local",
    "Lost",
    "Message",
    "NondeterminismError",
    "Opened",
    "Part",
    "Port",
    "Property",
    "Refused",
    "ReplayError",
    "State",
    "System",
    "Task",
    "Timer",
    "Trace",
    "TraceStep",
    "Verdict",
    "always",
    "check_deterministic",
    "eventually",
    "leads_to",
    "make_trace",
    "never",
    "parameter",
    "replay",
    "sometimes",
    "stay",
    "variable",
]
