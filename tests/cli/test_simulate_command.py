"""``simulate``: what it prints, that a seed says all of it, and how it ends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import Run
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.runtime.spice.handovers import Result
from switchover.runtime.spice.scenario_session import Session, run_session
from switchover.runtime.spice.scenarios import Scenario
from switchover.spice_address import client_options

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
    assert re.fullmatch(r"completed +6 +6 seamless", lines[1])
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
        place = attempt["target"] if attempt["fate"] == "completed" else attempt["source"]
        assert attempt["guest"] == place
        assert attempt["client"] == (None if attempt["followed_at_once"] else place)
    assert {attempt["followed_at_once"] for attempt in found["attempts"]} == {False, True}


IN_A_HURRY = ("--no-video", *HURRY, "--latency", "30", "--cut-rate", "0.1")


@pytest.mark.parametrize(
    ("options", "anew"),
    [((*REFERENCE, "--handovers", "45"), 2), (("--client", "shipped", "--session", "10", "--handovers", "45"), 0)],
)
def test_how_those_that_completed_went_adds_up(run: Run, options: tuple[str, ...], anew: int) -> None:
    found = json.loads(run("simulate", "--json", *IN_A_HURRY, *options).stdout)
    methods = found["methods"]
    assert sum(methods.values()) == found["fates"]["completed"]
    assert methods.get("linked anew", 0) == anew
    assert found["spreads"]["switching"]["count"] == found["fates"]["completed"] - anew
    table = run("simulate", *IN_A_HURRY, *options).stdout
    (line,) = [each for each in table.splitlines() if re.match(r"completed +\d", each)]
    assert sum(map(int, re.findall(r"\d+", line)[1:])) == found["fates"]["completed"]


def test_a_handover_stands_under_the_attempt_in_whose_time_it_was_completed() -> None:
    rates = {"fail_rate": 0.3, "cancel_rate": 0.2, "too_early_rate": 0.5, "at_once_rate": 0.8, "cut_rate": 0.1}
    scenario = Scenario(ServerDesign(), client_options("shipped"), latency=0.03, video=None, **rates)
    first, second = run_session(scenario, 80).attempts[1:3]
    assert first.was_followed_at_once
    assert first.handovers == ()
    completed, declined = second.handovers
    assert (completed.result, declined.result) == (Result.COMPLETED, Result.FAILED)
    assert completed.begun < second.began < declined.begun < completed.completed


def test_of_an_attempt_that_is_followed_at_once_nobody_has_looked_where_the_client_is(run: Run) -> None:
    options = (*REFERENCE, *QUIET, *HURRY, "--handovers", "12")
    attempts = report(run, *options)["attempts"]
    number = next(place for place, each in enumerate(attempts, 1) if each["followed_at_once"])
    said = run("simulate", *options, "--show", str(number)).stdout
    where = f"the guest is at {attempts[number - 1]['guest']}, nobody has looked where the client is: "
    assert where in said


@pytest.mark.parametrize("width", ["40", "120"])
def test_the_table_is_whole_and_has_no_trailing_blanks(run: Run, monkeypatch: pytest.MonkeyPatch, width: str) -> None:
    monkeypatch.setenv("COLUMNS", width)
    lines = run("simulate", *REFERENCE, *IN_A_HURRY, "--handovers", "20").stdout.splitlines()
    assert lines == [line.rstrip() for line in lines]
    assert all(len(line) <= int(width) for line in lines if not line.startswith(("wrong", "not allowed")))
    assert "…" not in "".join(lines)


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
    assert result.stdout.count("migrate_connect_complete") == 1


def test_blackouts_are_drawn(run: Run, tmp_path: Path) -> None:
    result = run("simulate", *REFERENCE, "--handovers", "3", "-o", "blackout.svg")
    assert result.exit_code == 0
    drawn = (tmp_path / "blackout.svg").read_text(encoding="utf-8")
    assert "seamless, 3" in drawn
    assert "blackout (ms)" in drawn


def test_without_a_blackout_nothing_is_drawn_and_the_report_still_comes(run: Run, tmp_path: Path) -> None:
    result = run("simulate", *REFERENCE, "--fail-rate", "1", "--handovers", "2", "-o", "blackout.svg")
    assert result.exit_code == 2
    assert result.stdout.startswith("2 handovers")
    assert result.stderr == "switchover: -o blackout.svg: not drawn: no handover had pictures before and after\n"
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
        (("--fail-rate", "1.5"), "'--fail-rate': '1.5': expected a number, 0 to 1"),
        (("--fail-rate", "nan"), "'--fail-rate': 'nan': expected a number, 0 to 1"),
        (("--latency", "inf"), "'--latency': 'inf': expected a number, 0 to 3,600,000"),
        (("--fail-rate", "0.7", "--cancel-rate", "0.7"), "--fail-rate 0.7 and --cancel-rate 0.7: together at most 1"),
        (("--handovers", "abc"), "'abc' is not a valid whole number"),
        (("-o", "nowhere/plot.svg"), "-o nowhere/plot.svg: expected a name in a directory that is there"),
        (("--handovers", "5", "--show", "6"), "numbered from 1"),
        (("--show", "1", "--json"), "neither --json nor -o"),
        (
            ("--no-video", "-o", "plot.svg"),
            "-o plot.svg: draws how long clients were without picture; expected no --no-vi",
        ),
        (("--all",), "--all needs --show"),
        (("--all", "--json"), "--all needs --show"),
        (("-o", "plot.txt"), "expected a name that ends in .svg"),
        (("--design", "perfect"), "'perfect' is not one of"),
        (("--hosts", "1"), "1 is not in the range"),
    ],
)
def test_wrong_input_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("simulate", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
