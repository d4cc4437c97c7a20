"""The command as a process of its own: how it starts, is interrupted, and meets a closed pipe."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

from command_line import COMMAND, Write, in_shell
from user_files import ECHO, ENDLESS, IMPATIENT


def test_python_m_is_the_same_command(write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    result = in_shell("check", "impatient.py", cwd=tmp_path)
    assert result.returncode == 1
    assert "✗ violated" in result.stdout
    assert result.stderr == ""


def test_a_small_check_starts_quickly(write: Write, tmp_path: Path) -> None:
    write("echo.py", ECHO)
    code = (
        "import sys, switchover.main as program\n"
        "try: program.main(['check', 'echo.py'])\n"
        "finally: print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    loaded = result.stderr.split()
    assert "rich" in loaded
    for heavy in ("numba", "numpy", "graphviz", "pygraphviz", "hypothesis"):
        assert heavy not in loaded, f"{heavy} takes time to import, and nothing here needs it"
    best = min(_seconds(tmp_path) for _ in range(3))
    assert best < 1.5


def _seconds(folder: Path) -> float:
    started = time.perf_counter()
    assert in_shell("check", "echo.py", cwd=folder).returncode == 0
    return time.perf_counter() - started


def test_ctrl_c_prints_what_was_found_so_far(write: Write, tmp_path: Path) -> None:
    write("echo.py", ECHO)
    write("endless.py", ENDLESS)
    status, output, progress = _interrupted(
        tmp_path, "check", "echo.py:echo:asks", "endless.py", "echo.py:echo:no_error"
    )
    assert status == 130
    assert "Interrupted." in output
    assert "interrupted after" in output
    assert "3 as expected" in output, "echo was explored whole, and the endless client asks"
    assert "2 explorations" in output
    assert "Traceback" not in output + progress
    assert "states (" in progress
    assert "frontier" in progress


def test_ctrl_c_leaves_json_whole(write: Write, tmp_path: Path) -> None:
    write("endless.py", ENDLESS)
    write("echo.py", ECHO)
    status, output, _ = _interrupted(tmp_path, "check", "--json", "endless.py", "echo.py")
    assert status == 130
    verdicts = {each["id"]: each for each in json.loads(output)["results"]}
    assert verdicts["endless.py:echo:no_error"]["verdict"] == "unknown"
    assert verdicts["endless.py:echo:no_error"]["states"] > 0
    assert verdicts["echo.py:echo:no_error"]["verdict"] == "unknown"
    assert verdicts["echo.py:echo:no_error"]["states"] == 0


def _interrupted(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Run until progress is shown on a terminal, then send what Ctrl-C sends. Returns status, output and progress."""
    terminal, other_end = pty.openpty()
    environment = os.environ | {"COLUMNS": "120", "TERM": "xterm"}
    with open(folder / "output", "wb") as output:
        process = subprocess.Popen([*COMMAND, *arguments], cwd=folder, stdout=output, stderr=other_end, env=environment)
    os.close(other_end)
    shown = b""
    while b"frontier" not in shown:
        shown += os.read(terminal, 4096)
    process.send_signal(signal.SIGINT)
    shown += _rest_of(terminal)
    os.close(terminal)
    return process.wait(timeout=60), (folder / "output").read_text(encoding="utf-8"), shown.decode()


def _rest_of(terminal: int) -> bytes:
    """What a process still writes to its terminal until it ends."""
    rest = b""
    try:
        while chunk := os.read(terminal, 4096):
            rest += chunk
    except OSError:  # how Linux says that nobody has the other end open
        pass
    return rest


def test_no_progress_where_nobody_watches(write: Write, tmp_path: Path) -> None:
    write("endless.py", ENDLESS)
    result = in_shell("check", "endless.py", "--max-states", "3000", cwd=tmp_path)
    assert result.returncode == 3
    assert result.stderr == ""


def test_a_reader_that_leaves_is_one_line(write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    for arguments in (["check", "impatient.py", "--json"], ["check", "impatient.py"], ["check", "--help"]):
        process = subprocess.Popen(
            [*COMMAND, *arguments], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(timeout=60) == 2
        assert complaint == "switchover: the output was closed before all of it was written\n"
        process.stderr.close()


def test_a_full_disk_is_one_line(write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    with open("/dev/full", "w", encoding="utf-8") as full:
        process = subprocess.run(
            [*COMMAND, "check", "impatient.py"],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert process.returncode == 2
    assert process.stderr == "switchover: stdout: No space left on device\n"


def test_a_terminal_without_the_signs_still_gets_a_table(write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    for command in ("check", "explain"):
        result = in_shell(command, "impatient.py:echo:two_answers", cwd=tmp_path, PYTHONIOENCODING="ascii")
        assert result.returncode == 1
        assert "violated" in result.stdout
        assert result.stderr == ""
