"""Asks the symbolic engine: properties of one system, for all values of the numbers left open at once."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

from switchover.checks.symbolic.authoring import UnsupportedOperationError
from switchover.checks.symbolic.engine import ENGINE, SearchLimits, check
from switchover.checks.symbolic.forking import ForkingError
from switchover.checks.symbolic.solving import SolverUnknown
from switchover.models.language import Answer, DefinitionError, Open, Property, System, Verdict

from .answering import Search, Settings
from .interrupting import prompt_interrupts
from .making import with_bounds


def judge(make: Callable[..., System], statements: Sequence[Property | str], over: Open, settings: Settings) -> Search:
    """The verdicts, *unknown* where the solver or a limit ends the search. Ctrl-C raises KeyboardInterrupt.

    Raises DefinitionError for a system or property that cannot be asked about.
    """

    def bounded(**values: Any) -> System:
        return with_bounds(make(**values), settings.bounds)

    started = time.perf_counter()
    try:
        with prompt_interrupts():
            verdicts = check(bounded, statements, over, limits=_limits(make, over, settings))
    except (ForkingError, SolverUnknown) as error:
        names = [each if isinstance(each, str) else each.name for each in statements]
        verdicts = [Verdict(name, Answer.UNKNOWN, ENGINE, note=str(error)) for name in names]
    except UnsupportedOperationError as error:
        raise DefinitionError(str(error)) from None
    seconds = time.perf_counter() - started
    timed = tuple(dataclasses.replace(each, seconds=seconds) for each in verdicts)
    return Search(timed, max(each.states for each in timed), seconds)


def _limits(make: Callable[..., System], over: Open, settings: Settings) -> SearchLimits:
    depth = with_bounds(make(**over.typical()), settings.bounds).bounds.depth
    states = SearchLimits().states if settings.limits.max_states is None else settings.limits.max_states
    return SearchLimits(states=states, depth=depth, seconds=settings.seconds)
