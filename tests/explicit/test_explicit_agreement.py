"""The plain loop and the kernel agree to the unit, in everything but speed."""

from __future__ import annotations

import dataclasses

from explicit_systems import random_system
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.explicit import Exploration, Limits, explore
from switchover.models.language import System


def figures(exploration: Exploration) -> Exploration:
    """What must not depend on the way of searching."""
    verdicts = tuple(dataclasses.replace(each, engine="", seconds=0.0) for each in exploration.verdicts)
    return dataclasses.replace(exploration, verdicts=verdicts, engine="", seconds=0.0, memory=0)


def assert_agreement(system: System) -> Exploration:
    plain = explore(system, method="plain", limits=Limits(max_states=800))
    if not plain.stopped:
        assert figures(plain) == figures(explore(system, method="kernel", limits=Limits(max_states=800)))
    return plain


@settings(max_examples=60, derandomize=True)
@given(st.integers(0, 2**32))
def test_random_systems(seed: int) -> None:
    assert_agreement(random_system(seed))
