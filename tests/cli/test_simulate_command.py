"""``simulate``: what it prints, that a seed says all of it, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import Run
from switchover.runtime.spice.scenario_session import Session, run_session
from switchover.runtime.spice.scenarios import Scenario

QUIET = ("--no-video", "--latency", "30")
HURRY = ("--fail-rate", "0.3", "--cancel-rate", "0.2", "--too-early-rate", "0.5", "--at-once-rate", "0.8")
REFERENCE = ("--design", "reference", "--client", "reference")


def report(run: Run, *arguments: str, status: int = 0) -> dict[str, Any]:
    result = run("simulate", "--json", *arguments)
    assert result.exit_code == status, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_report(run: Run) -> None:
    result = run("simulate", *REFERENCE, "--handovers", "6")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "6 handovers"
    assert re.fullmatch(r"completed +6 +6 seamless *", lines[1])
    for name in ("linking", "switching", "blackout"):
        assert re.search(rf"^{name} +\d+ ms +\d+ ms +\d+ ms$", result.stdout, re.MULTILINE)
    assert re.search(r"^frames lost +\d+ +\d+ +\d+$", result.stdout, re.MULTILINE)
    assert re.fullmatch(r"[\d.]+ s of virtual time in .*: \d+ handovers/s", lines[-1])


def test_the_report_as_json(run: Run) -> None:
    found = report(run, *REFERENCE, *QUIET, *HURRY, "--handovers", "12")
    fields = {"schema", "seed", "handovers", "fates", "methods", "spreads", "not_allowed", "leaking", "wrong"}
    assert set(found) == fields | {"virtual_seconds", "seconds", "attempts"}
    assert (found["schema"], found["handovers"], found["wrong"], found["not_allowed"]) == (1, 12, [], {})
    assert sum(found["fates"].values()) == len(found["attempts"]) == 12
    assert set(found["spreads"]) == {"linking", "switching"}
    for attempt in found["attempts"]:
        assert (
            attempt["client"]
            == attempt["guest"]
            == (attempt["target"] if attempt["fate"] == "completed" else attempt["source"])
        )


def test_the_same_seed_gives_the_same_handovers(run: Run) -> None:
    def found(seed: str) -> dict[str, Any]:
        result = report(run, *REFERENCE, *QUIET, *HURRY, "--cut-rate", "0.2", "--handovers", "10", "--seed", seed)
        return {name: value for name, value in result.items() if name != "seconds"}

    assert found("3") == found("3")
    assert found("3") != found("4")


@pytest.mark.parametrize(
    ("options", "method"),
    [
        (("--design", "shipped"), "semi-seamless"),
        (("--design", "seamless", "--client", "shipped"), "seamless"),
        (("--design", "reference", "--switch-host"), "switch-host"),
    ],
)
def test_designs(run: Run, options: tuple[str, ...], method: str) -> None:
    assert report(run, *options, *QUIET, "--handovers", "5")["methods"] == {method: 5}


def test_the_shipped_design_in_a_hurry_ends_with_1_and_says_where_it_went_wrong(run: Run) -> None:
    options = ("--client", "shipped", *HURRY, "--no-video", "--latency", "50", "--handovers", "25")
    found = report(run, *options, status=1)
    assert found["fates"]["astray"] > 0
    number = found["wrong"][-1]
    astray = next(place for place, each in enumerate(found["attempts"], 1) if each["fate"] == "astray")
    result = run("simulate", *options, "--show", str(astray))
    assert result.exit_code == 1
    assert "MIGRATE_CONNECTED" in result.stdout
    attempt = found["attempts"][astray - 1]
    assert f"the guest is at {attempt['guest']}, the client at {attempt['client']}: astray" in result.stdout
    table = run("simulate", *options)
    assert table.exit_code == 1
    assert re.search(r"^wrong: handovers? .*--show \d+", table.stdout, re.MULTILINE)
    assert number <= 25


def test_a_handover_that_is_shown_is_the_one_of_the_report(run: Run) -> None:
    options = (*REFERENCE, *QUIET, "--handovers", "7", "--seed", "9")
    attempt = report(run, *options)["attempts"][6]
    result = run("simulate", *options, "--show", "7")
    assert result.exit_code == 0
    assert f"the guest is at {attempt['guest']}, the client at {attempt['client']}: completed" in result.stdout
    assert f"command: client_migrate_info {attempt['target']}:5900" in result.stdout
    assert result.stdout.count("client_migrate_info returned") == 1


def test_blackouts_are_drawn(run: Run, tmp_path: Path) -> None:
    result = run("simulate", *REFERENCE, "--handovers", "3", "-o", "blackout.svg")
    assert result.exit_code == 0
    drawn = (tmp_path / "blackout.svg").read_text(encoding="utf-8")
    assert "seamless, 3" in drawn
    assert "blackout (ms)" in drawn


def test_without_a_video_nothing_is_drawn(run: Run, tmp_path: Path) -> None:
    result = run("simulate", *REFERENCE, *QUIET, "--handovers", "2", "-o", "blackout.svg")
    assert result.exit_code == 0
    assert "not drawn" in result.stderr
    assert not (tmp_path / "blackout.svg").exists()


def test_ctrl_c_prints_what_was_found(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[int] = []

    def play(scenario: Scenario, seed: int) -> Session:
        if len(played) == 2:
            raise KeyboardInterrupt
        played.append(seed)
        return run_session(scenario, seed)

    monkeypatch.setattr("switchover.simulating.run_session", play)
    result = run("simulate", *REFERENCE, *QUIET, "--session", "2", "--handovers", "20")
    assert result.exit_code == 130
    assert result.stdout.startswith("4 handovers\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fail-rate", "1.5"), "1.5 is not in the range"),
        (("--fail-rate", "0.7", "--cancel-rate", "0.7"), "together at most 1"),
        (("--handovers", "5", "--show", "6"), "numbered from 1"),
        (("--show", "1", "--json"), "neither --json nor -o"),
        (("-o", "plot.txt"), "expected a name that ends in .svg"),
        (("--design", "perfect"), "'perfect' is not one of"),
        (("--hosts", "1"), "1 is not in the range"),
    ],
)
def test_wrong_input_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("simulate", *arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
