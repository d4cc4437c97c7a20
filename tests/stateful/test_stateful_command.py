"""``--engine stateful`` on the command line: whose systems, which options, what it prints and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from switchover import Execution, Trace, replay
from switchover.checks.stateful import DisagreementError
from switchover.main import main
from switchover.models.spice.link_timing.designs import proposal
from user_files import IMPATIENT

Run = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``check --engine stateful`` in a directory with a user's file, ``impatient.py``."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "impatient.py").write_text(IMPATIENT, encoding="utf-8")

    def run(*arguments: str, command: str = "check") -> Result:
        return CliRunner().invoke(main, [command, *arguments, "--engine", "stateful"])

    return run


FEW = ("--bound", "examples=60", "--bound", "steps=20")


def by_id(output: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in json.loads(output)["results"]}


def test_a_users_own_file(check: Run, tmp_path: Path) -> None:
    result = check("impatient.py", *FEW, "--trace-dir", "traces")
    assert result.exit_code == 1, "two of its properties are expected to hold, and do not"
    lines = {line.split()[0]: line.split() for line in result.stdout.splitlines() if line[:1].isalpha()}
    assert {"✗", "violated"} <= set(lines["two_answers"])
    assert {"✗", "violated"} <= set(lines["no_unexpected_message"])
    assert {"✓", "holds"} <= set(lines["asks"])
    assert {"?", "bounded", "60"} <= set(lines["no_deadlock"])
    assert "examples" in lines["claim"]
    assert "no violation in 60 examples of at most 20 steps" in result.stdout
    assert "2 not broken" in result.stdout
    assert "1 attack, 60 examples" in " ".join(result.stdout.split())
    assert {each.name for each in tmp_path.iterdir()} - {"__pycache__"} == {"impatient.py", "traces"}


def test_what_the_fields_say(check: Run) -> None:
    found = by_id(check("LT30/proposal", "LT30/shipped", *FEW, "--seed", "7", "--json").stdout)
    broken, survived = found["LT30/proposal"], found["LT30/shipped"]
    assert (broken["verdict"], broken["seed"]) == ("violated", 7)
    assert 1 <= broken["examples"] <= 60
    assert broken["engine"].startswith("stateful (hypothesis ")
    assert broken["transitions"] >= len(broken["trace"]["steps"])
    assert (survived["verdict"], survived["examples"], survived["trace"]) == ("bounded", 60, None)
    assert "examples" in survived["bounds_hit"]


def test_a_trace_replays(check: Run) -> None:
    found = by_id(check("LT13", *FEW, "--json").stdout)["LT13"]
    system = proposal(blocks_while_loading=True)()
    assert replay(Execution(system), Trace.from_json(found["trace"]))


def test_the_status_says_whether_anything_is_open(check: Run) -> None:
    assert check("LT30/proposal", *FEW).exit_code == 0
    assert check("LT30", *FEW).exit_code == 3
    assert check("LT16", "--bound", "examples=1").exit_code == 3, "not found is not wrong either"


def test_numbers_that_were_drawn_stand_for_their_region(check: Run) -> None:
    result = check("MM07/1a", *FEW)
    assert result.exit_code == 0
    assert "✓ violated" in result.stdout
    assert "with D = " in result.stdout
    found = by_id(check("MM07/1a", *FEW, "--json").stdout)["MM07/1a"]
    assert found["as_stated"] is True
    assert set(found["values"]) == {"D", "W", "L", "a", "transit"}


def test_explain_says_in_which_example_and_draws_the_trace(check: Run) -> None:
    result = check("LT30/proposal", *FEW, "--seed", "1", command="explain")
    assert result.exit_code == 0
    assert "found in example 1 (seed 1)" in " ".join(result.stdout.split())
    assert "▸ migrate" in result.stdout
    assert "✗ breaks switched_before_it_is_linked" in result.stdout


@pytest.mark.parametrize("option", [("--bound", "examples=5"), ("--bound", "steps=5"), ("--seed", "3")])
def test_its_options_are_for_no_other_engine(option: tuple[str, str]) -> None:
    result = CliRunner().invoke(main, ["check", "LT30", *option])
    assert result.exit_code == 2
    assert "is for the stateful engine; expected --engine stateful with it" in result.stderr


def test_engines_that_disagree_are_an_error_of_one_line(check: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def disagree(*_: Any, **__: Any) -> Any:
        raise DisagreementError("wire: the reference semantics have this, the processes that")

    monkeypatch.setattr("switchover.attacking.attack", disagree)
    result = check("impatient.py")
    assert result.exit_code == 2
    assert result.stderr.startswith("switchover: system echo: internal error, the engines disagree: wire: ")
    assert len(result.stderr.splitlines()) == 1
