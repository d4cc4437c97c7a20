"""Traces as files: one JSON file a trace, whole or not there at all."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .errors import InputError
from .question import Result


def make_directory(path: str) -> None:
    """Create the directory, before work is spent on what goes into it. Raises InputError when that fails."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise InputError(f"--trace-dir {path}: {getattr(error, 'strerror', None) or error}") from None


def write_traces(directory: str, results: Sequence[Result]) -> list[Path]:
    """Write every trace of ``results``, each to a file named after its result's id."""
    written: list[Path] = []
    for result in results:
        if result.verdict.trace is not None:
            path = _unused(Path(directory), result.question.id, written)
            write_atomically(path, json.dumps(result.verdict.trace.to_json(), indent=1).encode() + b"\n")
            written.append(path)
    return written


def _unused(directory: Path, name: str, taken: Sequence[Path]) -> Path:
    """``LT03/proposal`` becomes ``LT03_proposal.json``; a number follows where two ids become the same."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._") or "trace"
    path, number = directory / f"{stem}.json", 2
    while path in taken:
        path, number = directory / f"{stem}-{number}.json", number + 1
    return path


def write_atomically(path: Path, content: bytes) -> None:
    """Write the file through a temporary one beside it. Raises InputError when it cannot be written."""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
            os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {getattr(error, 'strerror', None) or error}") from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
