"""Coverage-guided fuzzing of what reads packet captures: ``python tests/fuzz/fuzz_capture.py --seconds 60``.

Needs atheris. A crash, a hang of 5 s or more than 1 GB of memory ends it with an exit status other than 0; the input
that did it is kept in the current directory (``crash-…``, ``timeout-…``, ``oom-…``).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.append(str(Path(__file__).parent))
sys.path.append(str(Path(__file__).parents[1] / "runtime"))

with atheris.instrument_imports(include=["switchover.runtime.capture"]):
    import capture_targets


def main() -> int:
    """Fuzz for as long as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--corpus", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.corpus is not None:
        _fuzz(options.corpus, options.seconds)
    with tempfile.TemporaryDirectory() as folder:
        for number, data in enumerate(capture_targets.corpus()):
            (Path(folder) / f"{number:03}").write_bytes(data)
        return subprocess.run([sys.executable, *sys.argv, "--corpus", folder], check=False).returncode


def _fuzz(folder: str, seconds: int) -> None:
    """Does not return: the fuzzer ends the process, without tidying up."""
    limits = [f"-max_total_time={seconds}", "-timeout=5", "-rss_limit_mb=1024", "-max_len=8192"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", folder], capture_targets.fuzz_capture)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
