"""``check --json`` to the letter of the contract, and traces that load back and replay."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import Run, Write
from switchover import Execution, ReplayError, System, Trace, check, explore, replay
from user_files import ECHO, FAMILY, HASTY, IMPATIENT

FIELDS = [
    "id",
    "family",
    "system",
    "variant",
    "property",
    "claim",
    "engine",
    "expected",
    "verdict",
    "bounds_hit",
    "states",
    "transitions",
    "depth",
    "seconds",
    "trace",
    "region",
    "losses",
    "proof",
    "as_stated",
    "values",
    "examples",
    "seed",
]


def results(output: str) -> dict[str, dict[str, Any]]:
    document = json.loads(output)
    assert list(document) == ["schema", "results"]
    assert document["schema"] == 1
    return {each["id"]: each for each in document["results"]}


def load(path: Path, name: str) -> Any:
    spec = importlib.util.spec_from_file_location(f"loaded_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return getattr(module, name)


def test_every_result_has_exactly_the_fields_of_the_contract(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    write("hasty.py", HASTY)
    outcome = run("check", "--json", "--controls", "family.py", "hasty.py")
    found = results(outcome.stdout)
    assert len(found) > 10
    for each in found.values():
        assert list(each) == FIELDS
        assert each["verdict"] in {"holds", "violated", "region", "bounded", "unknown"}
        assert each["expected"] in {"holds", "violated", "region", "bounded", "unknown"}
        assert isinstance(each["seconds"], float)
        assert all(isinstance(each[name], int) for name in ("states", "transitions", "depth"))


def test_what_the_fields_say(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    found = results(run("check", "--json", "family.py:family").stdout)
    broken = found["family.py:family:E01/impatient"]
    assert broken["family"] == "test.echo"
    assert broken["system"] == "impatient"
    assert broken["variant"] == {"design": "impatient", "rounds": [1, 2]}
    assert broken["property"] == "two_answers"
    assert broken["claim"] == "E01"
    assert (broken["expected"], broken["verdict"]) == ("violated", "violated")
    assert broken["engine"].startswith("explicit")
    assert broken["depth"] > 0
    unknown = found["family.py:family:E02"]
    assert (unknown["engine"], unknown["verdict"], unknown["trace"]) == ("symbolic", "unknown", None)
    assert found["family.py:family:patient:no_error"]["claim"] is None
    assert found["family.py:family:impatient:no_error"]["bounds_hit"] == ["queue"]


def test_the_status_is_the_tables(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    write("impatient.py", IMPATIENT)
    for arguments in (["echo.py"], ["impatient.py"], ["echo.py", "--engine", "symbolic"]):
        assert run("check", *arguments, "--json").exit_code == run("check", *arguments).exit_code


def test_a_trace_loads_back_and_replays(run: Run, write: Write) -> None:
    path = write("impatient.py", IMPATIENT)
    system = load(path, "echo")()
    found = results(run("check", "--json", "impatient.py").stdout)
    traced = {name: each for name, each in found.items() if each["trace"] is not None}
    assert set(traced) == {f"impatient.py:echo:{name}" for name in ("two_answers", "no_unexpected_message", "asks")}
    for each in traced.values():
        trace = Trace.from_json(each["trace"])
        assert trace.to_json() == each["trace"]
        replay(Execution(system), trace)
    last = Trace.from_json(traced["impatient.py:echo:no_unexpected_message"]["trace"]).steps[-1]
    assert last.outcome == "unexpected"


def test_a_trace_of_another_system_does_not_replay(run: Run, write: Write) -> None:
    patient = load(write("echo.py", ECHO), "echo")()
    write("impatient.py", IMPATIENT)
    found = results(run("check", "--json", "impatient.py:echo:two_answers").stdout)
    with pytest.raises(ReplayError):
        replay(Execution(patient), Trace.from_json(found["impatient.py:echo:two_answers"]["trace"]))


def test_a_file_for_each_trace(run: Run, write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    outcome = run("check", "impatient.py", "--trace-dir", "out/traces", "--json")
    written = sorted((tmp_path / "out" / "traces").iterdir())
    assert [each.name for each in written] == [
        "impatient.py_echo_asks.json",
        "impatient.py_echo_no_unexpected_message.json",
        "impatient.py_echo_two_answers.json",
    ]
    traces = [each["trace"] for each in results(outcome.stdout).values() if each["trace"] is not None]
    for path in written:
        document = json.loads(path.read_text(encoding="utf-8"))
        assert document in traces
        assert Trace.from_json(document).to_json() == document
        assert path.stat().st_mode & 0o444 == 0o444


def test_a_second_run_replaces_the_files(run: Run, write: Write, tmp_path: Path) -> None:
    write("impatient.py", IMPATIENT)
    for _ in range(2):
        assert run("check", "impatient.py:echo:two_answers", "--trace-dir", "traces").exit_code == 1
    assert [each.name for each in (tmp_path / "traces").iterdir()] == ["impatient.py_echo_two_answers.json"]


def test_two_runs_print_the_same_but_for_the_time(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    first, second = (results(run("check", "--json", "family.py").stdout) for _ in range(2))
    for each in (*first.values(), *second.values()):
        each["seconds"] = 0.0
    assert first == second


def test_the_same_is_asked_from_python(write: Write) -> None:
    system: System = load(write("impatient.py", IMPATIENT), "echo")()
    verdicts = check(system)
    assert {name: each.answer.value for name, each in verdicts.items()} == {
        "two_answers": "violated",
        "asks": "holds",
        "no_deadlock": "bounded",
        "no_unexpected_message": "violated",
        "no_error": "bounded",
    }
    assert explore(system).states == verdicts["asks"].states
    assert set(check(system, properties=["asks"])) == {"asks", "no_deadlock", "no_unexpected_message", "no_error"}
