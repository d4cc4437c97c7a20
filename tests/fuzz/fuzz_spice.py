"""Coverage-guided fuzzing of everything that reads SPICE bytes: ``python tests/fuzz/fuzz_spice.py --seconds 60``."""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "runtime"))

from fuzzing import fuzz

with atheris.instrument_imports(include=["switchover.runtime.spice"]):
    import fuzz_targets

if __name__ == "__main__":
    sys.exit(fuzz(__doc__, fuzz_targets.one_input, fuzz_targets.corpus))
