"""The checks that every system gets unasked: the names under which they are reported, and the steps that break them."""

from __future__ import annotations

from switchover.models.language.stepping import Outcome

NO_DEADLOCK = "no_deadlock"
NO_UNEXPECTED_MESSAGE = "no_unexpected_message"
NO_ERROR = "no_error"

#: What a step that ends so breaks.
BROKEN_BY = {Outcome.UNEXPECTED: NO_UNEXPECTED_MESSAGE, Outcome.ERROR: NO_ERROR}

#: The checks of single steps, and all of them.
STEP_CHECKS = tuple(BROKEN_BY.values())
BUILT_IN = (NO_DEADLOCK, *STEP_CHECKS)
