"""The file of a recording, written while the recording is made."""

from __future__ import annotations

import json
from typing import TextIO

from switchover.runtime.spice.recording import Row

from .errors import InputError


class RecordingFile:
    """Takes rows until the first that cannot be written, which is told at the end: what is recorded goes on meanwhile.

    Raises InputError when ``path`` cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._reason: str | None = None
        try:
            self._file: TextIO = open(path, "w", encoding="utf-8")  # noqa: SIM115
        except OSError as error:
            raise self._complaint(error.strerror) from None

    def write(self, row: Row) -> None:
        """One more."""
        if self._reason is None:
            try:
                self._file.write(json.dumps(row) + "\n")
            except OSError as error:
                self._reason = error.strerror

    def close(self) -> None:
        """There are no more. Raises InputError when not all could be written."""
        try:
            self._file.close()
        except OSError as error:
            self._reason = self._reason or error.strerror
        if self._reason is not None:
            raise self._complaint(self._reason)

    def _complaint(self, reason: str | None) -> InputError:
        return InputError(f"--record {self._path}: cannot be written: {reason}")
