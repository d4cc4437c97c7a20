"""Asks the stateful engine: properties of one system, or of one with numbers left open, which are then drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from switchover.checks.stateful import Attack, DisagreementError, Effort, attack, attack_open
from switchover.models.language import Open, Property, System

from .answering import Settings
from .errors import InputError
from .making import with_bounds


def judge(
    system: System,
    statements: Sequence[Property | str],
    make: Callable[..., System] | None,
    over: Open | None,
    settings: Settings,
    progress: Callable[[int], None] | None,
) -> Attack:
    """What came out. ``make`` and ``over``: for numbers left open. Ctrl-C raises KeyboardInterrupt.

    Raises DefinitionError for a system or property that cannot be asked about, InputError when the processes and the
    reference semantics differ: a fault of ours, or of charts that do not always do the same.
    """
    effort = Effort(seed=settings.seed, seconds=settings.seconds, **settings.effort)
    try:
        if over is None or make is None:
            return attack(system, statements, effort, progress=progress)
        return attack_open(_bounded(make, settings), statements, over, effort, progress=progress)
    except DisagreementError as error:
        raise InputError(f"system {system.name}: internal error, the engines disagree: {error}") from None


def _bounded(make: Callable[..., System], settings: Settings) -> Callable[..., System]:
    def make_bounded(**values: Any) -> System:
        return with_bounds(make(**values), settings.bounds)

    return make_bounded
