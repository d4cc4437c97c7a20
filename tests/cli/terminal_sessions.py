"""A shell on a terminal of its own: what is typed, and what can be read on it."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LIMIT = 30.0

_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """``shown``: all that was written to it, what was typed too."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.shown = ""

    def type(self, text: str) -> None:
        os.write(self._descriptor, text.encode())

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until something matches; what is before its end is not looked at again."""
        end = time.monotonic() + LIMIT
        while (found := re.search(pattern, self.shown)) is None:
            left = end - time.monotonic()
            assert left > 0, f"no {pattern!r} came; what came:\n{self.shown}"
            if select.select([self._descriptor], [], [], left)[0]:
                self.shown += os.read(self._descriptor, 65536).decode(errors="replace").replace("\r\n", "\n")
        self.shown = self.shown[found.end() :]
        return found


@contextmanager
def shell(cwd: Path) -> Iterator[Terminal]:
    """An interactive bash, in which ``switchover`` is the command; at the end it is gone."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    process = subprocess.Popen(
        [sys.executable, "-c", _TAKE_TERMINAL, "bash", "--norc", "--noprofile", "--noediting", "-i"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=cwd,
        env=environment | {"PS1": "$ ", "TERM": "dumb", "HISTFILE": ""},
        start_new_session=True,
    )
    os.close(theirs)
    terminal = Terminal(ours)
    try:
        terminal.type(f'switchover() {{ "{sys.executable}" -m switchover "$@"; }}; stty -echo\n')
        yield terminal
    finally:
        # With its terminal everything that runs on it ends.
        os.close(ours)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()
