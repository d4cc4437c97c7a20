"""The programs of the page about embedding run as they stand, the client's against the servers'."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "embedding.md").read_text(encoding="utf-8")
LIMIT = 60


def program(name: str) -> str:
    found = re.search(rf"<!-- program: {name} -->\n```python\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, name
    return found[1]


@pytest.mark.parametrize("name", ["client", "servers"])
def test_a_program_has_about_thirty_lines(name: str) -> None:
    lines = [line for line in program(name).splitlines() if line.strip() and not re.match(r"(from|import) ", line)]
    assert len(lines) <= 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("client", "servers"):
        (tmp_path / f"{name}.py").write_text(program(name), encoding="utf-8")
    return tmp_path


@contextmanager
def started(folder: Path, *command: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def first_with(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """The first line that matches."""
    assert process.stdout is not None
    return next(found for line in process.stdout if (found := re.search(pattern, line)))


def test_the_client_is_handed_over_by_the_servers(folder: Path) -> None:
    with started(folder, "servers.py") as servers:
        port = first_with(servers, r"connect to port (\d+)")[1]
        with started(folder, "client.py", "127.0.0.1", port) as client:
            # Its stdin stays open: it asks for nothing.
            assert client.wait(LIMIT) == 1
            printed, complaints = client.communicate(timeout=LIMIT)
        assert servers.communicate(timeout=LIMIT) == (
            "the client has gone; the guest runs at the target: True\n",
            "",
        )
    handover, *endings = printed.splitlines()
    costs = r"linking \d+ ms, switching \d+ ms, blackout \d+ ms"
    assert re.fullmatch(rf"seamless from 127.0.0.1:{port} to 127.0.0.1:\d+: completed, {costs}", handover)
    assert endings
    assert all(re.fullmatch(r"127.0.0.1:\d+: closed by the server", each) for each in endings)
    assert complaints == "the session is lost\n"


def test_ctrl_c_ends_the_client_in_order(folder: Path) -> None:
    with started(folder, "-m", "switchover", "run", "source") as source:
        port = first_with(source, r"listening for spice at 127.0.0.1:(\d+)")[1]
        with started(folder, "client.py", "127.0.0.1", port) as client:
            first_with(source, "CHANNELS_LIST")
            client.send_signal(signal.SIGINT)
            assert client.communicate(timeout=LIMIT) == ("", "")
            assert client.returncode == 0


def test_a_client_that_is_refused_says_why(folder: Path) -> None:
    (folder / "password").write_text("right\n", encoding="utf-8")
    (folder / "other").write_text("wrong\n", encoding="utf-8")
    with started(folder, "-m", "switchover", "run", "source", "--password-file", "password") as source:
        port = first_with(source, r"listening for spice at 127.0.0.1:(\d+)")[1]
        with started(folder, "client.py", "127.0.0.1", port, "other") as client:
            assert client.communicate(timeout=LIMIT) == ("refused with LINK_RESULT 7\n", "the session is lost\n")
            assert client.returncode == 1
    with started(folder, "client.py", "127.0.0.1", port) as client:
        assert client.communicate(timeout=LIMIT) == (
            f"127.0.0.1:{port}: connection refused\n",
            "the session is lost\n",
        )
        assert client.returncode == 1


def test_the_simulated_network_runs_as_shown() -> None:
    (listing,) = re.findall(r"## In virtual time\n\n```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(listing, names)
    client = names["client"]
    assert len(client.attached) == 5  # type: ignore[attr-defined]
