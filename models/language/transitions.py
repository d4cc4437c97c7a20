"""Shorthand for transitions that several states share."""

from __future__ import annotations

from typing import Any

from statemachine import State
from statemachine.transition_list import TransitionList


def stay(*states: State, **options: Any) -> TransitionList:
    """A targetless transition from each of ``states``: the event is handled, the state is kept.

    ``options`` as in ``State.to``: ``cond``, ``unless``, ``on``.
    """
    transitions = TransitionList()
    for state in states:
        transitions = transitions | state.to(None, **options)
    return transitions
