"""Lets these tests use the language's chart generators and timed systems."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "language"))
