"""``list``, ``conform`` and ``bench``, and selectors for the families that come with Switchover."""

from __future__ import annotations

import gzip
import json
import math
import re
from pathlib import Path

import pytest
from command_line import Run
from switchover.families import FAMILIES, all_families

RECORDINGS = Path(__file__).parents[1] / "data" / "recordings"


def recording(name: str, folder: Path) -> Path:
    path = folder / f"{name}.jsonl"
    path.write_bytes(gzip.decompress((RECORDINGS / f"{name}.jsonl.gz").read_bytes()))
    return path


def test_list_names_every_family_system_and_claim(run: Run) -> None:
    result = run("list")
    assert result.exit_code == 0
    for family in all_families():
        assert family.title in result.stdout
        for name in [f"{family.name}:{design}" for design in family.systems] + [each.id for each in family.claims]:
            assert any(line.startswith(f"{name} ") for line in result.stdout.splitlines()), name


def test_list_as_json(run: Run) -> None:
    document = json.loads(run("list", "--json").stdout)
    assert list(document) == ["schema", "families"]
    assert [each["name"] for each in document["families"]] == list(FAMILIES)
    for family, described in zip(all_families(), document["families"], strict=True):
        assert list(described) == ["name", "title", "seeds", "actors", "systems", "claims"]
        assert [each["id"] for each in described["systems"]] == [f"{family.name}:{name}" for name in family.systems]
        results = [each["id"] for claim in described["claims"] for each in claim["results"]]
        assert len(results) == len(set(results)) == sum(len(claim.cases) for claim in family.claims)


def test_every_name_that_list_prints_selects_something(run: Run) -> None:
    """With a limit of one state: nothing is explored to its end, yet each name is found and answered."""
    document = json.loads(run("list", "--json").stdout)
    for family in document["families"]:
        systems = [each["id"] for each in family["systems"] if each["properties"]]
        result = run("check", "--max-states", "1", "--json", *systems, *(each["id"] for each in family["claims"]))
        assert result.exit_code in (0, 1, 3)
        answered = json.loads(result.stdout)["results"]
        of_systems = {None} if systems else set()
        assert {each["claim"] for each in answered} == {*of_systems, *(each["id"] for each in family["claims"])}
        assert {each["family"] for each in answered} == {family["name"]}


def test_without_a_selector_it_is_every_claim(run: Run) -> None:
    answered = json.loads(run("check", "--max-states", "1", "--json").stdout)["results"]
    expected = [name for family in all_families() for claim in family.claims for name, _ in claim.results()]
    assert [each["id"] for each in answered] == expected


def test_a_claim_of_the_ledger(run: Run) -> None:
    result = run("check", "LT28", "--controls")
    assert result.exit_code == 0
    assert "✓ violated" in result.stdout
    assert "✓ holds" in result.stdout
    assert run("check", "LT28/ref*").stdout.count("✓") == 1


def test_a_result_of_the_ledger_is_explained_and_drawn(run: Run, tmp_path: Path) -> None:
    assert "breaks hears_the_source" in run("explain", "LT28/shipped").stdout
    assert run("draw", "LT28/shipped", "-o", "trace.svg").exit_code == 0
    assert run("draw", "spice.link_timing:ClientSession", "-o", "chart.svg").exit_code == 0
    assert b"linking" in (tmp_path / "chart.svg").read_bytes()


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["check", "LT9"], "nothing is called 'LT9'; nearest: LT"),
        (["check", "spice.link_tming"], "nearest: spice.link_timing"),
        (["check", "spice.link_timing:shiped"], "nearest: spice.link_timing:shipped"),
        (["check", "spice.link_timing:shipped:no_eror"], "nearest: spice.link_timing:shipped:no_error"),
        (["explain", "qqq"], "nothing is called 'qqq'; see: switchover list"),
        (["draw", "spice.link_timing:ClientSesion", "-o", "x.svg"], "nearest: spice.link_timing:ClientSession"),
        (["bench", "link_timng"], "nearest: link_timing"),
        (["bench", "qqq"], "nothing is called 'qqq'; there are link_timing"),
        (["conform", "nowhere.jsonl"], "nowhere.jsonl"),
        (["conform"], "Missing argument 'TRACE...'"),
    ],
)
def test_unknown_names_are_answered_with_the_nearest(run: Run, command: list[str], complaint: str) -> None:
    result = run(*command)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_recording_that_conforms(run: Run, tmp_path: Path) -> None:
    path = recording("m1-mini-semi", tmp_path)
    result = run("conform", str(path))
    assert result.exit_code == 0
    assert "✓ conforms" in result.stdout
    assert "Outside the model" in result.stdout
    answer = json.loads(run("conform", "--json", str(path)).stdout)
    assert answer["schema"] == 1
    assert [each["verdict"] for each in answer["results"]] == ["conforms"]


def test_a_recording_that_does_not(run: Run, tmp_path: Path) -> None:
    path = recording("m1-mini-semi", tmp_path)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"MIGRATE_CONNECTED"' not in line), encoding="utf-8")
    result = run("conform", str(path))
    assert result.exit_code == 1
    for part in ("✗ differs", "m1-mini-semi.jsonl:", "is explained by no run", "possible:", "nearest:"):
        assert part in result.stdout
    assert "0 of them a behaviour" in result.stdout


def test_a_search_that_gives_up_is_unknown(run: Run, tmp_path: Path) -> None:
    result = run("conform", "--max-states", "5", str(recording("m1-mini-semi", tmp_path)))
    assert result.exit_code == 3
    assert "was reached when the search gave up" in result.stdout


def test_a_file_that_is_no_recording(run: Run, tmp_path: Path) -> None:
    (tmp_path / "junk.jsonl").write_bytes(b"\xff\x00 not json\n")
    result = run("conform", "junk.jsonl")
    assert result.exit_code == 2
    assert result.stderr.startswith("switchover: junk.jsonl")
    assert result.stderr.count("\n") == 1


def test_a_benchmark_as_json_and_as_a_table(run: Run) -> None:
    result = run("bench", "link_timing.small", "--repeat", "1", "--json")
    assert result.exit_code == 0
    row = json.loads(result.stdout)["results"][0]
    assert row["name"] == "link_timing.small"
    assert row["states"] > 10_000
    if row["skipped"]:
        assert row["speed_ratio"] is None
    else:
        assert math.isclose(row["speed_ratio"], row["rate"] / row["peer_rate"])
    table = run("bench", "link_timing.small", "--repeat", "1").stdout
    assert f"{row['states']:,}" in table
    assert "transitions/s" in table


@pytest.mark.parametrize("width", ["55", "80", "200"])
def test_of_what_is_read_from_recordings_nothing_is_cut(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    answer = json.loads(run("conform", "--json", str(recording("m1-mini-semi", tmp_path))).stdout)["results"][0]
    shown = run("conform", str(recording("m1-mini-semi", tmp_path))).stdout
    assert f"Read from the recordings m1-mini-semi: {answer['variant']} " in " ".join(shown.split())
    assert re.search(
        rf"✓ conforms +{answer['mapped']:,} of {answer['lines']:,} +{answer['states']:,} +\d+ m?s\n", shown
    )
    assert all(len(line) <= int(width) for line in shown.splitlines())
