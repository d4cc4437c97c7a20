"""The page on SPICE multimedia time agrees with the family: its claims, its regions, its parties, its pictures."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from claims_table import claims_table
from switchover.checks.symbolic.engine import check
from switchover.models.language import Answer, Case, Verdict
from switchover.models.spice.mm_time import family

PAGE = Path(__file__).parents[2] / "docs" / "mm-time.md"
TEXT = PAGE.read_text(encoding="utf-8")
TABLE = re.search(r"<!-- claims: .*? -->\n(.*?)<!-- end of claims -->", TEXT, re.DOTALL)
REGIONS = re.search(r"<!-- regions: .*? -->\n(.*?)<!-- end of regions -->", TEXT, re.DOTALL)
HEAD = "| result | fails exactly when | lost, in ms |\n|---|---|---|\n"


def results() -> dict[str, Case]:
    """The claims' own cases whose answer is a set of values."""
    named = dict(each for claim in family.claims for each in claim.results())
    return {name: case for name, case in named.items() if case.expected in (Answer.REGION, Answer.VIOLATED)}


@cache
def answer(name: str) -> Verdict:
    """The engine's verdict on a result."""
    case = results()[name]
    assert case.over is not None
    (verdict,) = check(case.system, [case.property], case.over)
    return verdict


def row(name: str) -> str:
    """The table's line for a result."""
    verdict = answer(name)
    losses = "; ".join(each.text for each in verdict.losses) or "–"
    return f"| {name} | {verdict.region} | {losses} |\n"


def test_the_table_of_claims_is_the_familys() -> None:
    assert TABLE is not None
    table = claims_table(family)
    assert TABLE[1] == table, f"docs/mm-time.md: replace the table of claims by\n{table}"


def test_the_table_of_regions_has_every_result_that_fails_somewhere() -> None:
    assert REGIONS is not None
    assert REGIONS[1].startswith(HEAD)
    assert re.findall(r"^\| (MM\S.*?) \|", REGIONS[1], re.MULTILINE) == list(results())


@pytest.mark.parametrize("name", results())
def test_a_region_is_the_engines(name: str) -> None:
    assert REGIONS is not None
    expected = row(name)
    assert expected in REGIONS[1], f"docs/mm-time.md: the line of {name} is\n{expected}"


def test_every_party_is_named() -> None:
    charts = {type(actor).__name__ for maker in family.systems.values() for actor in maker().layout.workers}
    assert [name for name in sorted(charts) if f"`{name}`" not in TEXT] == []


def test_the_page_links_only_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT)
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
