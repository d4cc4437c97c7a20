"""Coverage-guided fuzzing of one target, for as long as the command line says. Needs atheris.

A crash, a hang of 5 s or more than 1 GB of memory ends it with an exit status other than 0; the input that did it is
kept in the current directory (``crash-…``, ``timeout-…``, ``oom-…``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import atheris


def fuzz(purpose: str | None, target: Callable[[bytes], None], corpus: Callable[[], Sequence[bytes]]) -> int:
    """The exit status of a fuzzer that starts from ``corpus``, in a process of its own."""
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.corpus is not None:
        _run(options.corpus, options.seconds, target)
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(corpus()):
            (Path(folder) / f"{number:03}").write_bytes(data)
        return subprocess.run([sys.executable, *sys.argv, "--corpus", folder], check=False).returncode


def _run(folder: str, seconds: int, target: Callable[[bytes], None]) -> None:
    """Does not return: the fuzzer ends the process, without tidying up."""
    limits = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=1024", "-max_len=8192"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", folder], target)
    atheris.Fuzz()
