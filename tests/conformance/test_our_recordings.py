"""What our own client sees at our own hosts is a behaviour of the model, whatever happens in between."""

from __future__ import annotations

from itertools import product

import pytest
from simulated_recordings import Stage
from switchover.checks.conformance import CONFORMS, DIFFERS
from switchover.models.spice.link_timing.variant import Repairs
from switchover.runtime.simulation import Link

EVERYWHERE = pytest.mark.parametrize(
    ("servers", "client"), list(product(("shipped", "seamless", "reference"), ("shipped", "reference")))
)


@EVERYWHERE
def test_a_migration_that_is_cancelled_or_never_begun(servers: str, client: str) -> None:
    for ends in (True, False):
        stage = Stage(servers, client)
        stage.begin("A", "X")
        if ends:
            stage.migrate("A", "X", "migrate_cancel")
        assert stage.judged().verdict == CONFORMS


@pytest.mark.parametrize(
    ("servers", "client"),
    [("shipped", "shipped"), ("shipped", "reference"), ("seamless", "reference"), ("reference", "reference")],
)
def test_the_same_target_is_tried_again(servers: str, client: str) -> None:
    stage = Stage(servers, client)
    for ending in ("migrate_cancel", "complete"):
        stage.begin("A", "X")
        stage.migrate("A", "X", ending)
    assert stage.judged().verdict == CONFORMS


@EVERYWHERE
@pytest.mark.parametrize("last", ["A", "Y"])
def test_hosts_may_have_the_same_port(servers: str, client: str, last: str) -> None:
    stage = Stage(servers, client)
    for source, target in (("A", "X"), ("X", last)):
        stage.begin(source, target)
        stage.migrate(source, target, "complete")
    assert {each.host for each in stage.client.attached.values()} == {last}
    assert stage.judged().verdict == CONFORMS


@pytest.mark.parametrize("client", ["shipped", "reference"])
def test_the_first_server_may_refuse_the_password(client: str) -> None:
    stage = Stage("shipped", client, password="secret", said="another")
    assert stage.client.state == "lost"
    assert stage.judged().verdict == CONFORMS


def test_what_was_not_read_is_not_taken_for_seen() -> None:
    """A shipped client does not read from a seamless target before the switch."""
    stage = Stage("seamless", "shipped")
    stage.begin("A", "X")
    lines = stage.lines()
    assert any(each.get("assumed") for each in lines)
    assert stage.judge(lines).verdict == CONFORMS
    seen = [{name: value for name, value in each.items() if name != "assumed"} for each in lines]
    assert stage.judge(seen).verdict == DIFFERS


def test_servers_are_judged_by_the_design_that_they_announce() -> None:
    """CANCEL comes to a client that is still linking from the reference design alone."""
    stage = Stage("reference", "reference")
    stage.network.set_link("X", "client", Link(5.0))
    stage.begin("A", "X")
    stage.migrate("A", "X", "migrate_cancel")
    stage.pause(20)
    lines = stage.lines()
    assert stage.judge(lines).verdict == CONFORMS
    assert stage.judge(lines, servers=Repairs()).verdict == DIFFERS
