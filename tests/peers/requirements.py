"""What the tests with real peers need from the machine, and the marks that skip them where it is missing.

Where CI=true nothing is skipped for want of a peer: the test runs and fails, with the reason. As a program it prints
what is missing and exits with 1 if anything is.
"""

from __future__ import annotations

import glob
import os
import shutil
import subprocess
import sys

import pytest
from peer_log import PeerError

QEMU = "qemu-system-x86_64"
SYSTEM_PYTHON = "/usr/bin/python3"
CAPTURE = "dumpcap"

# Without it the client does not say that it takes MJPEG, and a server sends no stream.
_MJPEG_DECODER = "/usr/lib/*/gstreamer-1.0/libgstjpeg.so"
_IMPORT_SPICE_GTK = "import gi; gi.require_version('SpiceClientGLib', '2.0'); from gi.repository import SpiceClientGLib"


def require_programs(*programs: str) -> None:
    """Raises `PeerError` that names the programs that are not installed."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise PeerError(f"not installed: {', '.join(missing)}")


def missing_qemu() -> str | None:
    return _missing_programs(QEMU, "setpriv")


def missing_spice_gtk() -> str | None:
    if reason := _missing_programs(SYSTEM_PYTHON, "setpriv"):
        return reason
    found = subprocess.run([SYSTEM_PYTHON, "-c", _IMPORT_SPICE_GTK], capture_output=True, check=False)
    if found.returncode != 0:
        return "not installed: python3-gi or gir1.2-spiceclientglib-2.0"
    return None if glob.glob(_MJPEG_DECODER) else "not installed: gstreamer1.0-plugins-good"


def missing_tshark() -> str | None:
    return _missing_programs("tshark", CAPTURE) or (None if os.geteuid() == 0 else "to capture packets needs root")


def missing_time_namespace() -> str | None:
    if reason := _missing_programs("unshare"):
        return reason
    tried = subprocess.run(["unshare", "--time", "--monotonic", "1", "true"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "a time namespace needs root (CAP_SYS_ADMIN and CAP_SYS_TIME)"


def _missing_programs(*programs: str) -> str | None:
    try:
        require_programs(*programs)
    except PeerError as error:
        return str(error)
    return None


def _needs(missing: str | None) -> pytest.MarkDecorator:
    excused = missing is not None and os.environ.get("CI") != "true"
    return pytest.mark.skipif(excused, reason=missing or "")


needs_qemu = _needs(missing_qemu())
needs_spice_gtk = _needs(missing_spice_gtk())
needs_tshark = _needs(missing_tshark())

_without_time_namespace = missing_time_namespace()
needs_root_time_namespace = pytest.mark.skipif(
    _without_time_namespace is not None, reason=_without_time_namespace or ""
)
"""Skips in CI too: rights that a container withholds cannot be installed."""


if __name__ == "__main__":
    all_missing = [reason for reason in (missing_qemu(), missing_spice_gtk(), missing_tshark()) if reason]
    print("\n".join(all_missing) or "nothing is missing")
    sys.exit(1 if all_missing else 0)
