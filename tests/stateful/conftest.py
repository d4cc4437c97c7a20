"""Lets these tests use the random systems of the explicit engine's tests, and the timed ones of the language's."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parents[1] / room) for room in ("explicit", "language", "cli")]
