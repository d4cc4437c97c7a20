"""The table of a family's claims as a documentation page shows it."""

from __future__ import annotations

from switchover.models.language import Case, Claim, Family

HEAD = "| claim | said | what it says | design: expected | mutation or repair |\n|---|---|---|---|---|\n"


def claims_table(family: Family) -> str:
    """One row a claim, in Markdown."""
    return HEAD + "".join(_row(claim) for claim in family.claims)


def _row(claim: Claim) -> str:
    own = "; ".join(_expectation(case) for case in claim.cases if case.role == "claim")
    controls = "; ".join(f"{case.name} ({case.role})" for case in claim.cases if case.role != "claim") or "–"
    return f"| {claim.id} | {claim.said} | {claim.text} | {own} | {controls} |\n"


def _expectation(case: Case) -> str:
    return f"{case.name}: **{case.expected.value}**"
