"""Hosts and clients as processes of their own: what they print, line by line, and what they are told on stdin."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from command_line import COMMAND

LIMIT = 30.0


class Running:
    """A command that runs. ``lines``: what it has printed so far."""

    def __init__(self, arguments: tuple[str, ...], cwd: Path) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=cwd,
            env={name: value for name, value in os.environ.items() if name != "COLUMNS"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._news.notify_all()

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, pattern: str, times: int = 1) -> re.Match[str]:
        """Wait until so many lines match; the last of these."""
        end = time.monotonic() + LIMIT
        with self._news:
            while True:
                found = [match for line in self.lines if (match := re.search(pattern, line))]
                if len(found) >= times:
                    return found[times - 1]
                left = end - time.monotonic()
                assert left > 0, f"no {pattern!r} came; what came:\n{self.text}"
                assert self._reader.is_alive(), f"it ended without {pattern!r}:\n{self.text}"
                self._news.wait(min(left, 0.2))

    def port(self, listener: str) -> str:
        return self.until(rf"listening for {listener} at 127\.0\.0\.1:(\d+)")[1]

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def status(self) -> int:
        """Wait for its end."""
        status = self.process.wait(LIMIT)
        self._reader.join(LIMIT)
        return status


@contextmanager
def running(*arguments: str, cwd: Path) -> Iterator[Running]:
    """Run the command; at the end it is gone."""
    found = Running(arguments, cwd)
    try:
        yield found
    finally:
        found.process.kill()
        found.process.wait()
