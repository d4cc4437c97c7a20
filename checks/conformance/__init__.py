"""Is a recorded trace a behaviour of a System?"""

from .conformance import CONFORMS, DIFFERS, STATE_LIMIT, UNKNOWN, Conformance, conform, conform_file, conform_recorded

__all__ = [
    "CONFORMS",
    "DIFFERS",
    "STATE_LIMIT",
    "UNKNOWN",
    "Conformance",
    "conform",
    "conform_file",
    "conform_recorded",
]
