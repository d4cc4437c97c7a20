"""Asking from Python what ``switchover check`` asks from the command line."""

from __future__ import annotations

from collections.abc import Sequence

from switchover.checks.explicit import Limits, explore
from switchover.models.language import Property, System, Verdict


def check(
    system: System, *, properties: Sequence[Property | str] | None = None, limits: Limits | None = None
) -> dict[str, Verdict]:
    """Explore ``system`` and give the verdict on each of its properties, and each built-in one, by name.

    ``properties``: judge these instead of the system's own. Raises DefinitionError for one that does not fit it.
    """
    return {each.property: each for each in explore(system, properties=properties, limits=limits).verdicts}
