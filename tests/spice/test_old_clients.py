"""LT29 to the letter: what an old client may see under a new server is what it may see under an old one."""

from __future__ import annotations

import pytest
from switchover.checks.explicit import distinguishing_word
from switchover.models.spice.link_timing.designs import proposal

CLIENT = ("session", "channel")
ENVIRONMENTS = {"completes": {}, "may fail or be cancelled": {"may_fail": True, "may_cancel": True}}


@pytest.mark.parametrize("environment", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_an_old_client_sees_the_same_under_new_servers(environment: dict[str, bool]) -> None:
    old = proposal(old_client=True, old_source=True, old_target=True, **environment)()
    new = proposal(old_client=True, **environment)()
    assert distinguishing_word(old, new, CLIENT) is None


def test_a_server_that_ignores_the_capability_is_told_apart() -> None:
    old = proposal(old_client=True, old_source=True, old_target=True, may_fail=True)()
    hasty = proposal(old_client=True, ignores_capability=True, may_fail=True)()
    word = distinguishing_word(old, hasty, CLIENT)
    assert word is not None
    assert word[-1][3].startswith("Migrate")


def test_a_new_client_sees_something_else() -> None:
    assert distinguishing_word(proposal(old_source=True)(), proposal()(), CLIENT) is not None
