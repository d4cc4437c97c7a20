"""The stateful engine: attacks a System with Hypothesis, its actors in processes, its messages in bytes."""

from .attack import Attack, Effort, Outcome, attack, attack_open
from .wires import Wire, Wiring, wires_of
from .world import DisagreementError

__all__ = [
    "Attack",
    "DisagreementError",
    "Effort",
    "Outcome",
    "Wire",
    "Wiring",
    "attack",
    "attack_open",
    "wires_of",
]
