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
from .variants import differences


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
    checked = BUILT_IN if system.timing is None else {}
    built_in = [{"name": name, "kind": "built-in", "text": text} for name, text in checked.items()]
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


def print_family(console: Console, family: Family) -> None:
    """The family's charts, systems and claims as three short lists."""
    seeds = f", seed {', '.join(family.seeds)}" if family.seeds else ""
    charts = ", ".join(cls.__name__ for cls in actor_classes(family))
    console.print(Text.assemble((family.name, "bold"), f": {family.title}{seeds}"))
    console.print(Text(f"charts: {charts}\n"))
    systems = _table("system", "variant, beside the defaults", "its own properties")
    for design, make in family.systems.items():
        system = make()
        own = ", ".join(each.name for each in system.properties)
        systems.add_row(f"{family.name}:{design}", ", ".join(differences(system.variant)) or "–", own or "–")
    console.print(systems)
    console.print()
    claims = _table("claim", "statement", "design: expected", "said")
    for claim in family.claims:
        expected = "\n".join(f"{case.name}: {case.expected.value}" for case in claim.cases if case.role == "claim")
        claims.add_row(claim.id, claim.text, expected, claim.said)
    console.print(claims)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for number, heading in enumerate(headings):
        table.add_column(heading, no_wrap=number == 0, overflow="fold", ratio=None if number == 0 else 1)
    return table
