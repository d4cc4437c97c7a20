"""A family as plain data, and that data as text."""

from __future__ import annotations

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text
from switchover.models.language import Claim, Family, System

from .question import plain
from .selection import BUILT_IN, actor_classes


def describe_family(family: Family) -> dict[str, Any]:
    """The family as JSON data: what ``list --json`` prints for it (docs/command-line.md)."""
    systems = {design: make() for design, make in family.systems.items()}
    return {
        "name": family.name,
        "title": family.title,
        "seeds": list(family.seeds),
        "actors": [cls.__name__ for cls in actor_classes(family)],
        "systems": [_describe_system(f"{family.name}:{design}", system) for design, system in systems.items()],
        "claims": [_describe_claim(claim) for claim in family.claims],
    }


def _describe_system(selector: str, system: System) -> dict[str, Any]:
    own = [{"name": each.name, "kind": each.kind, "text": each.text} for each in system.properties]
    built_in = [{"name": name, "kind": "built-in", "text": text} for name, text in BUILT_IN.items()]
    return {
        "id": selector,
        "name": system.name,
        "cite": system.cite,
        "variant": plain(system.variant),
        "actors": {name: type(worker).__name__ for name, worker in _workers(system)},
        "properties": own + built_in,
        "expected_violations": list(system.expected_violations),
    }


def _workers(system: System) -> list[tuple[str, Any]]:
    return list(zip(system.layout.actor_names, system.layout.workers, strict=True))


def _describe_claim(claim: Claim) -> dict[str, Any]:
    return {
        "id": claim.id,
        "said": claim.said,
        "text": claim.text,
        "results": [
            {
                "id": name,
                "role": case.role,
                "system": case.name,
                "property": case.property if isinstance(case.property, str) else case.property.name,
                "expected": case.expected.value,
                "needs": case.needs,
            }
            for name, case in (*claim.results(), *claim.controls())
        ],
    }


def print_family(console: Console, family: dict[str, Any]) -> None:
    """The described family as three short lists."""
    seeds = f" (seed {', '.join(family['seeds'])})" if family["seeds"] else ""
    console.print(Text.assemble((family["name"], "bold"), f"  {family['title']}{seeds}"))
    console.print(Text(f"Charts to draw: {', '.join(family['name'] + ':' + each for each in family['actors'])}\n"))
    systems = _table(("system", "properties besides the built-in ones", "variant"))
    for each in family["systems"]:
        own = [prop["name"] for prop in each["properties"] if prop["kind"] != "built-in"]
        systems.add_row(each["id"], ", ".join(own) or "–", variant_text(each["variant"]) or "–")
    console.print(systems)
    console.print()
    claims = _table(("claim", "statement", "designs and expected verdicts", "said"))
    for each in family["claims"]:
        own_results = [result for result in each["results"] if result["role"] == "claim"]
        expected = ", ".join(f"{result['system']} {result['expected']}" for result in own_results)
        claims.add_row(each["id"], each["text"], expected, each["said"])
    console.print(claims)


def variant_text(variant: Any) -> str:
    """``channels=2, design=shipped``."""
    if isinstance(variant, dict):
        return ", ".join(f"{name}={value}" for name, value in variant.items())
    return "" if variant is None else str(variant)


def _table(headings: tuple[str, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number == 0, overflow="fold", ratio=None if number == 0 else 1)
    return table
