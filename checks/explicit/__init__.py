"""The explicit engine: explores every reachable state of a system, breadth first."""

from switchover.checks.built_in import BUILT_IN

from .coverage import DeadTransition, Vacuous, dead_transitions, vacuity
from .engine import explore
from .equivalence import distinguishing_word
from .exploration import Exploration, Limits, Observation, Progress

__all__ = [
    "BUILT_IN",
    "DeadTransition",
    "Exploration",
    "Limits",
    "Observation",
    "Progress",
    "Vacuous",
    "dead_transitions",
    "distinguishing_word",
    "explore",
    "vacuity",
]
