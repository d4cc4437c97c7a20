"""How the tests run the command: within this process, or as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

#: Run ``switchover`` with these arguments in an empty directory.
Run = Callable[..., Result]

#: Write a user's file of this name into that directory.
Write = Callable[[str, str], Path]

COMMAND = (sys.executable, "-m", "switchover")


def in_shell(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [*COMMAND, *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
