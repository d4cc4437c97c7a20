"""Speed and memory of the engines against peers, as ratios measured in one run."""

from .rows import BenchError, Row, names, run

__all__ = ["BenchError", "Row", "names", "run"]
