"""Where the compiled search keeps its machine code: not beside the modules, where it would outlive their package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_CODE = "from switchover.checks.explicit.search import search; print(search._cache.cache_path)"


def cache_path(**environment: str) -> Path:
    inherited = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    done = subprocess.run(
        [sys.executable, "-c", _CODE], env=inherited | environment, capture_output=True, text=True, check=True
    )
    return Path(done.stdout.strip())


def test_the_user_s_cache(tmp_path: Path) -> None:
    assert cache_path(XDG_CACHE_HOME=str(tmp_path)).parent == tmp_path / "switchover"
    assert cache_path(XDG_CACHE_HOME="", HOME=str(tmp_path)).parent == tmp_path / ".cache" / "switchover"


def test_a_directory_of_the_user_s_own(tmp_path: Path) -> None:
    assert cache_path(NUMBA_CACHE_DIR=str(tmp_path)).parent == tmp_path
