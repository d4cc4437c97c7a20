"""Coverage-guided fuzzing of what reads packet captures: ``python tests/fuzz/fuzz_capture.py --seconds 60``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "runtime"))

from fuzzing import fuzz

with atheris.instrument_imports(include=["switchover.runtime.capture"]):
    import capture_targets

if __name__ == "__main__":
    sys.exit(fuzz(__doc__, capture_targets.fuzz_capture, capture_targets.corpus))
