"""Speed and memory of the engines against peers, as ratios measured in one run."""

from .rows import BenchError, Row, names, run
from .symbolic import SymbolicRow

__all__ = ["BenchError", "Row", "SymbolicRow", "names", "run"]
