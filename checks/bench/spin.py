"""Runs a Promela text under SPIN and reads what its verifier reports."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: How the verifier is compiled: all states, no reduction, nothing that safety does not need.
COMPILER_OPTIONS = ("-O3", "-DNOREDUCE", "-DSAFETY", "-w")


class SpinError(Exception):
    """SPIN, the compiler or the verifier failed: which, and its last line."""


@dataclass(frozen=True)
class SpinRun:
    """What the verifier reported. ``transitions`` counts firings: SPIN's own figure less the initial state.

    ``memory`` is that of the states and the hash table, without the stack of its depth-first search.
    """

    version: str
    states: int
    transitions: int
    seconds: float
    memory: float

    @property
    def rate(self) -> float:
        """Transitions a second."""
        return self.transitions / self.seconds

    @property
    def bytes_per_state(self) -> float:
        """Memory of the states and of the table over them, shared out over the states."""
        return self.memory / self.states


def missing_tools() -> str:
    """Why SPIN cannot run here; empty when it can."""
    missing = [name for name in ("spin", "gcc") if shutil.which(name) is None]
    return f"{' and '.join(missing)} not found (Debian packages spin and gcc)" if missing else ""


#: Runs a verifier that was made; the argument is the number of states to size its hash table by.
Verifier = Callable[[int], SpinRun]


@contextmanager
def spin_verifier(text: Path, defines: dict[str, int]) -> Iterator[Verifier]:
    """Make the verifier of ``text`` with ``-Dname=value`` for each define, and keep it for the ``with`` block.

    Raises SpinError when a tool fails, also when the verifier is run.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(text, folder / "model.pml")
        options = [f"-D{key}={value}" for key, value in defines.items()]
        # -o2: variables that are only written belong to the state all the same.
        _call(["spin", "-a", "-o2", *options, "model.pml"], folder)
        _call(["gcc", *COMPILER_OPTIONS, "-o", "pan", "pan.c"], folder)

        def run(expected_states: int) -> SpinRun:
            table = f"-w{max(16, (expected_states - 1).bit_length())}"
            return _parse(_call(["./pan", "-m2000000", "-E", "-b", table], folder))

        yield run


def _call(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()][-1:]
        raise SpinError(f"{command[0]} failed: {last[0] if last else f'exit status {done.returncode}'}")
    return done.stdout


def _parse(report: str) -> SpinRun:
    if _number(r"errors: (\d+)", report) or "max search depth too small" in report:
        raise SpinError("pan reports an error or did not search everything")
    version = re.search(r"Spin Version (\S+)", report)
    megabytes = _number(r"([\d.]+)\s+actual memory usage for states", report)
    table = _number(r"([\d.]+)\s+memory used for hash table", report)
    stored = int(_number(r"(\d+) states, stored", report))
    return SpinRun(
        version.group(1) if version else "?",
        stored,
        int(_number(r"(\d+) transitions", report)) - 1,
        max(_number(r"elapsed time ([\d.e+]+) seconds", report), 0.01),
        (megabytes + table) * (1 << 20),
    )


def _number(pattern: str, report: str) -> float:
    found = re.search(pattern, report)
    if found is None:
        raise SpinError(f"pan's report has no figure like {pattern!r}")
    return float(found.group(1))
