"""Speed and memory of the engines and of the runtime against peers, as ratios measured in one run."""

from .rows import AnyRow, BenchError, Row, names, run
from .runtime import RuntimeRow
from .symbolic import SymbolicRow

__all__ = ["AnyRow", "BenchError", "Row", "RuntimeRow", "SymbolicRow", "names", "run"]
