"""The programs of the page about embedding run as they stand, the client's against the servers'."""

from __future__ import annotations

import re
import subprocess
import sys
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


def test_the_client_is_handed_over_by_the_servers(tmp_path: Path) -> None:
    for name in ("client", "servers"):
        (tmp_path / f"{name}.py").write_text(program(name), encoding="utf-8")
    servers = subprocess.Popen(
        [sys.executable, "servers.py"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert servers.stdout is not None
        port = servers.stdout.readline().removeprefix("connect to port ").strip()
        client = subprocess.run(
            [sys.executable, "client.py", "127.0.0.1", port],
            cwd=tmp_path,
            input="\n",
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        printed, complaints = servers.communicate(timeout=LIMIT)
    finally:
        servers.kill()
        servers.wait()
    assert client.stderr == ""
    assert re.fullmatch(
        rf"(video goes on at .*\n)?seamless completed 127.0.0.1:{port} to 127.0.0.1:\d+\n", client.stdout
    )
    assert complaints == ""
    assert printed == "the client has gone; the guest runs at the target: True\n"


def test_the_simulated_network_runs_as_shown() -> None:
    (listing,) = re.findall(r"## In virtual time\n\n```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, object] = {}
    exec(listing, names)
    client = names["client"]
    assert len(client.attached) == 5  # type: ignore[attr-defined]
