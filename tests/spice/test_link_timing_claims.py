"""Every claim of the link-timing ledger has its verdict, and every mutation and repair does what it is there for."""

from __future__ import annotations

import pytest
from switchover.checks.explicit import Exploration, explore
from switchover.models.language import Answer, Case, Execution, Trace, replay
from switchover.models.spice.link_timing import family

#: those over numbers left open are in test_ticket_claims.py.
CASES = [
    (name, case) for claim in family.claims for name, case in (*claim.results(), *claim.controls()) if case.over is None
]


def property_name(case: Case) -> str:
    return case.property if isinstance(case.property, str) else case.property.name


def check(case: Case) -> Exploration:
    return explore(case.system(), properties=(case.property,), stop_early=True)


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_the_verdict_is_the_expected_one(case: Case) -> None:
    found = check(case)
    verdict = found.verdict(property_name(case))
    assert verdict.answer is case.expected, verdict.note
    if verdict.answer is Answer.VIOLATED:
        assert verdict.trace is not None
        states = replay(Execution(case.system()), Trace.from_json(verdict.trace.to_json()))
        ends_wrong = verdict.trace.steps[-1].outcome != "handled"
        assert len(states) == len(verdict.trace.steps) + (0 if ends_wrong else 1)


def test_the_ledger_is_complete() -> None:
    assert [claim.id for claim in family.claims][:30] == [f"LT{number:02}" for number in range(1, 31)]


@pytest.mark.parametrize("claim", family.claims, ids=lambda claim: claim.id)
def test_what_holds_has_a_mutation_and_what_fails_has_a_repair(claim) -> None:  # type: ignore[no-untyped-def]
    expected = {case.expected for _, case in claim.results()}
    roles = {case.role for _, case in claim.controls()}
    if Answer.HOLDS in expected:
        assert "mutation" in roles
    if Answer.VIOLATED in expected and Answer.HOLDS not in expected:
        assert "repair" in roles


# What the sources tell of the order of events: (what happens, to whom, how its message begins), in this order, with
# anything else between.
STORIES = {
    "LT12": [
        ("decide", "management", "migrate"),
        ("decide", "hypervisor[0]", "complete"),
        ("deliver", "session", "Migrate("),
    ],
    "LT16": [
        ("deliver", "session", "MigrateBeginSeamless(1"),
        ("deliver", "destination[0]", "MigrateConnectedSeamless"),
        ("decide", "hypervisor[0]", "fail"),
        ("decide", "management", "client_migrate_info"),
        ("decide", "hypervisor[0]", "complete"),
    ],
    "LT17": [
        ("deliver", "session", "MigrateBegin(1"),
        ("decide", "hypervisor[0]", "fail"),
        ("decide", "management", "client_migrate_info"),
        ("deliver", "destination[0]", "MigrateConnected"),
        ("decide", "hypervisor[0]", "complete"),
        ("deliver", "session", "MigrateEnd"),
    ],
    "LT18": [
        ("deliver", "session", "MigrateEnd"),
        ("decide", "management", "client_migrate_info"),
        ("decide", "hypervisor[1]", "complete"),
        ("deliver", "destination[1]", "MigrateEnd"),
    ],
    "LT19/seamless": [
        ("deliver", "destination[1]", "MigrateDstDoSeamless"),
        ("decide", "hypervisor[0]", "complete"),
        ("deliver", "session", "MigrateSwitchHost"),
        ("task", "session", "reconnect"),
    ],
    "LT20": [
        ("deliver", "session", "MigrateBegin(1"),
        ("deliver", "session", "MigrateCancel"),
        ("deliver", "session", "ChannelsList"),
    ],
    "LT21": [
        ("decide", "destination[1]", "drop_linked"),
        ("decide", "hypervisor[0]", "complete"),
        ("deliver", "session", "MigrateEnd"),
        ("deliver", "session", "Closed"),
    ],
    "LT22": [
        ("deliver", "session", "MigrateSwitchHost"),
        ("task", "session", "reconnect"),
        ("deliver", "session", "MigrateBegin(0"),
    ],
    "LT23": [
        ("deliver", "session", "MigrateSwitchHost"),
        ("deliver", "destination[1]", "Link(1"),
    ],
    "LT31": [
        ("deliver", "session", "Init"),
        ("deliver", "session", "MigrateBegin(0"),
        ("deliver", "session", "ChannelsList"),
    ],
    "LT32": [
        ("deliver", "destination[1]", "Link(0"),
        ("deliver", "destination[1]", "Link(1"),
        ("deliver", "session", "Closed"),
    ],
    "LT33": [
        ("deliver", "server_channel[5]", "Link("),
        ("deliver", "session", "Migrate("),
        ("deliver", "server_channel[5]", "MigrateData"),
        ("deliver", "session", "Closed"),
    ],
}


@pytest.mark.parametrize("name", STORIES)
def test_the_shortest_trace_tells_the_story_of_its_source(name: str) -> None:
    case = dict(CASES)[name]
    trace = check(case).verdict(property_name(case)).trace
    assert trace is not None
    steps = iter(trace.steps)
    for kind, actor, message in STORIES[name]:
        assert any(each.kind == kind and each.actor == actor and each.message.startswith(message) for each in steps), (
            f"no {kind} of {message} at {actor} in its place"
        )


@pytest.mark.parametrize("design", family.systems)
def test_both_methods_agree_to_the_unit(design: str) -> None:
    system = family.systems[design]()
    plain, kernel = (explore(system, method=method) for method in ("plain", "kernel"))
    assert (plain.states, plain.transitions, plain.depth) == (kernel.states, kernel.transitions, kernel.depth)
    assert [(each.property, each.answer) for each in plain.verdicts] == [
        (each.property, each.answer) for each in kernel.verdicts
    ]
    assert plain.fired == kernel.fired


def test_the_states_that_everyone_speaks_of_are_there_by_name() -> None:
    system = family.systems["shipped"]()
    for role in ("session", "source", "destination"):
        given = system.actors[role]
        chart = type(given[0] if isinstance(given, list) else given)
        wanted = {"linking", "migrating", "completed"} | ({"cancelled"} if role == "session" else set())
        assert wanted <= set(chart.states_map)
