"""The stateful engine: attacks a System with Hypothesis, its actors in processes, its messages in bytes."""

from .attack import Answered, Attack, Effort, attack, attack_open
from .wires import Wire, Wiring, wires_of
from .world import DisagreementError

__all__ = [
    "Answered",
    "Attack",
    "DisagreementError",
    "Effort",
    "Wire",
    "Wiring",
    "attack",
    "attack_open",
    "wires_of",
]
