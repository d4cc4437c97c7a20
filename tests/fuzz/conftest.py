"""Real bytes are those of the runtime's tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "runtime"))
