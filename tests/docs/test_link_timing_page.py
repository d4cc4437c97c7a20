"""The page on SPICE link timing agrees with the family: its table of claims, its stories, its names and links."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from claims_table import claims_table
from switchover import Family, TraceStep, check
from switchover.models.language.message import snake_case
from switchover.models.spice.link_timing import family

PAGE = Path(__file__).parents[2] / "docs" / "link-timing.md"
TEXT = PAGE.read_text(encoding="utf-8")
TABLE = re.search(r"<!-- claims: .*? -->\n(.*?)<!-- end of claims -->", TEXT, re.DOTALL)
STORIES = dict(re.findall(r"^### (LT\d+)[^\n]*\n(.*?)(?=^##)", TEXT, re.DOTALL | re.MULTILINE))


def test_the_table_of_claims_is_the_familys() -> None:
    assert TABLE is not None
    table = claims_table(family)
    assert TABLE[1] == table, f"docs/link-timing.md: replace the table of claims by\n{table}"


@pytest.mark.parametrize("claim", STORIES)
def test_a_story_is_told_in_the_order_of_the_shortest_trace(claim: str) -> None:
    told = re.findall(r"`([A-Za-z_]+)`", "".join(re.findall(r"^\d\..*?(?=^\d\.|^$)", STORIES[claim], re.S | re.M)))
    happened = iter(shortest_trace(family, claim))
    assert told
    assert [name for name in told if name not in happened] == []


@pytest.mark.parametrize("part", sorted(set(re.findall(r"`([A-Z]\w*[a-z])`", TEXT.partition("## The designs")[0]))))
def test_each_party_is_a_chart_of_the_family(part: str) -> None:
    assert part in charts()


def test_every_chart_of_the_family_is_among_the_parties() -> None:
    assert charts()
    assert [name for name in charts() if f"`{name}`" not in TEXT] == []


def test_the_page_links_only_to_files_that_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", TEXT)
    assert links
    assert [link for link in links if not (PAGE.parent / link).exists()] == []


@cache
def charts() -> frozenset[str]:
    """The names of the actor classes of the family's systems."""
    return frozenset(type(actor).__name__ for maker in family.systems.values() for actor in maker().layout.workers)


def shortest_trace(family: Family, claim: str) -> list[str]:
    """The messages and decisions of the run that breaks the claim's first case, messages as SPICE spells them."""
    (case, *_) = next(each.cases for each in family.claims if each.id == claim)
    verdict = next(iter(check(case.system(), properties=(case.property,)).values()))
    assert verdict.trace is not None
    return [_spelt(step) for step in verdict.trace.steps]


def _spelt(step: TraceStep) -> str:
    name = step.message.partition("(")[0]
    return snake_case(name).upper() if step.kind == "deliver" else name
