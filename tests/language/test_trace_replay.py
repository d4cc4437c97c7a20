"""A run becomes a trace, the trace becomes JSON and a run again; a trace that is no run is refused."""

from __future__ import annotations

import dataclasses
import json

import pytest
from example_charts import SYSTEMS, client_server, in_process
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.language import Execution, Faults, ReplayError, System, Trace, make_trace, replay
from switchover.models.language.execution import Action, GlobalState

FAULTS = Faults(cut=1, crash=1, restart=1, early=1)
MAKERS = [*SYSTEMS, lambda: client_server(faults=FAULTS), lambda: client_server(deaf=True)]


def random_run(system: System, choices: list[int]) -> tuple[Execution, list[Action], list[GlobalState]]:
    """A run that ends where nothing is enabled, or with a step that has no successor."""
    execution = Execution(system)
    states, actions = [execution.initial()], []
    for choice in choices:
        firings = execution.firings(states[-1])
        if not firings:
            break
        action, firing = firings[choice % len(firings)]
        actions.append(action)
        if firing.state is None:
            break
        states.append(firing.state)
    return execution, actions, states


RUNS = st.tuples(st.sampled_from(MAKERS), st.lists(st.integers(0, 99), min_size=1, max_size=15))


@settings(max_examples=200)
@given(RUNS)
def test_a_run_survives_trace_json_and_replay(drawn: tuple[object, list[int]]) -> None:
    maker, choices = drawn
    execution, actions, states = random_run(maker(), choices)  # type: ignore[operator]
    trace = make_trace(execution, actions)
    loaded = Trace.from_json(json.loads(json.dumps(trace.to_json())))
    assert loaded == trace
    assert replay(Execution(maker()), loaded) == states  # type: ignore[operator]


FIELDS = ["kind", "subject", "actor", "message", "sender", "outcome", "reason"]


@settings(max_examples=200)
@given(RUNS, st.sampled_from([*FIELDS, "changes", "parts", "sent"]), st.integers(0, 99))
def test_a_tampered_step_is_refused_at_its_place(drawn: tuple[object, list[int]], field: str, place: int) -> None:
    maker, choices = drawn
    execution, actions, _ = random_run(maker(), choices)  # type: ignore[operator]
    trace = make_trace(execution, actions)
    number = place % len(trace.steps)
    step = trace.steps[number]
    value = getattr(step, field)
    if field in FIELDS:
        altered = dataclasses.replace(step, **{field: value + "x"})
    elif value:
        altered = dataclasses.replace(step, **{field: value[1:]})
    else:
        return
    tampered = dataclasses.replace(trace, steps=(*trace.steps[:number], altered, *trace.steps[number + 1 :]))
    with pytest.raises(ReplayError, match=rf"^step {number + 1}: ") as caught:
        replay(execution, tampered)
    assert "\n" not in str(caught.value)


def test_a_step_out_of_place_is_refused_with_what_is_possible() -> None:
    execution, actions, _ = random_run(client_server(), [0, 0, 0])
    trace = make_trace(execution, actions)
    with pytest.raises(ReplayError) as caught:
        replay(execution, dataclasses.replace(trace, steps=trace.steps[1:]))
    assert str(caught.value) == (
        "step 1: deliver main Opened as recorded is not possible; possible: decide client client start"
    )


def test_a_trace_does_not_go_on_after_its_end() -> None:
    system = client_server()
    execution = Execution(dataclasses.replace(system, connections=()))
    ((action, firing),) = execution.firings(execution.initial())
    assert firing.state is None
    trace = make_trace(execution, [action])
    assert trace.steps[0].reason == "client.server is not connected to anything"
    assert replay(execution, trace) == [execution.initial()]
    with pytest.raises(ReplayError, match="step 2: the run ended at the step before"):
        make_trace(execution, [action, action])
    with pytest.raises(ReplayError, match="step 1: ends error, yet the trace goes on"):
        replay(execution, dataclasses.replace(trace, steps=trace.steps * 2))


def test_a_step_says_who_did_what_and_what_changed() -> None:
    execution = Execution(in_process())
    ((action, _),) = execution.firings(execution.initial())
    (step,) = make_trace(execution, [action]).steps
    assert (step.kind, step.actor, step.message, step.outcome) == ("decide", "caller", "call", "handled")
    assert [(part.actor, part.event, part.effects) for part in step.parts] == [
        ("caller", "call", ("callee: send Data(2)",)),
        ("callee", "Data(2) on caller", ("caller: send Ack",)),
        ("caller", "Ack on callee", ()),
    ]
    assert step.changes[0].state == ("idle", "done_calling")
    assert step.changes[0].variables == {"answers": ("0", "1")}
    assert step.changes[1].variables == {"last": ("0", "2")}


@pytest.mark.parametrize("broken", [{}, {"system": "s", "actors": [], "steps": [{}]}, {"system": "s", "actors": [1]}])
def test_json_of_another_shape_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Trace.from_json(broken)
