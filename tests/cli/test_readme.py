"""The README's example is run, and what it shows is what comes out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Run, Write

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
PROGRAM = re.search(r"```python\n(.*?)```", README, re.DOTALL)
SHOWN = re.findall(r"\$ switchover (.*?)\n```\n\n```text\n(.*?)```", README, re.DOTALL)


def without_times(text: str) -> str:
    """The text with durations of one width and the solver of one version, so that runs can be compared."""
    text = re.sub(r",\s+engine\s+symbolic\s+\(z3\s+[\d.]+\)", ", engine symbolic (z3)", text)
    times = re.sub(r" *\b\d+(\.\d+)? m?s\b", " TIME", text)
    return re.sub(r"─+", "─", re.sub(r"  time\n", " time\n", re.sub(r" +", " ", times)))


def test_the_example_prints_what_is_shown(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    assert PROGRAM is not None
    assert [command.split()[0] for command, _ in SHOWN] == ["check", "explain", "check", "check", "explain"]
    write("asking.py", PROGRAM[1])
    for command, shown in SHOWN:
        assert without_times(run(*command.split()).stdout) == without_times(shown)
