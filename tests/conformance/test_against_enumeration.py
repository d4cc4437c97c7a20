"""The search agrees with a line-by-line enumeration of all states, and misses no run of the model."""

from __future__ import annotations

from enumeration import Enumeration
from hypothesis import given, settings
from hypothesis import strategies as st
from model_recordings import simulate
from recordings import Rows, as_lines, dropped, inserted, moved, rows_of, swapped
from switchover.checks.conformance import CONFORMS, DIFFERS, conform
from switchover.checks.conformance.emission import Observer
from switchover.checks.conformance.reading import read_lines
from switchover.checks.conformance.search import Explanation
from switchover.models.language.execution import Execution
from switchover.models.language.stepping import Outcome, Receive
from switchover.models.spice.link_timing.channels import Kind
from switchover.models.spice.link_timing.recording import interpret
from switchover.models.spice.link_timing.shipped import build
from switchover.models.spice.link_timing.variant import LinkTiming

#: Recordings with few channels, or few events: small enough for an enumeration.
SMALL = ("m1", "m2", "m3", "f2", "g-", "d1")


@st.composite
def edited(draw: st.DrawFn) -> Rows:
    """A small recording with one row dropped, moved or invented, two of one connection swapped, or cut off."""
    rows = rows_of(draw(st.sampled_from(SMALL)))
    observations = interpret(read_lines(as_lines(rows))).recording.observations
    mapped = sorted({each.line - 1 for each in observations})
    wire = [index for index in mapped if "connection" in rows[index]]
    index = draw(st.sampled_from(mapped))
    kind = draw(st.sampled_from(("drop", "move", "cut", "swap", "invent")))
    if kind == "drop":
        return dropped(rows, index)
    if kind == "move":
        return moved(rows, index, draw(st.sampled_from(mapped)))
    if kind == "cut":
        return rows[: index + 1]
    first = draw(st.sampled_from(wire))
    if kind == "invent":
        return inserted(rows, index, rows[first])
    same = [other for other in wire if rows[other]["connection"] == rows[first]["connection"]]
    return swapped(rows, first, draw(st.sampled_from(same)))


@settings(max_examples=35, derandomize=True)
@given(edited())
def test_edits_are_judged_as_by_enumeration(rows: Rows) -> None:
    lines = as_lines(rows)
    expected = CONFORMS if Enumeration(interpret(read_lines(lines))).conforms() else DIFFERS
    assert conform(lines).verdict == expected


@settings(max_examples=50, derandomize=True)
@given(
    st.builds(
        LinkTiming,
        seamless=st.booleans(),
        channels=st.sampled_from([(Kind.DISPLAY,), (Kind.CURSOR,), (Kind.INPUTS,), (Kind.PLAYBACK,)]),
        may_fail=st.booleans(),
        may_cancel=st.booleans(),
        may_quit=st.booleans(),
        ticket_may_expire=st.booleans(),
        targets=st.sampled_from([(1,), (1, 2)]),
        hosts=st.just(3),
        client_connected=st.just(False),
        waits_for_spice=st.just(False),
        ticket_may_be_renewed=st.just(True),
        restarts=st.just(False),
    ),
    st.integers(0, 10_000),
    st.integers(5, 90),
)
def test_every_run_of_the_model_conforms(variant: LinkTiming, seed: int, length: int) -> None:
    rows = simulate(variant, seed, length)
    if rows:
        found = conform(as_lines(rows))
        assert found.verdict == CONFORMS, (found.line, found.text, found.nearest)


@settings(max_examples=12, derandomize=True)
@given(st.sampled_from(("m1", "m2", "m3", "g-")), st.data())
def test_what_comes_before_the_named_line_is_a_behaviour(name: str, data: st.DataObject) -> None:
    rows = rows_of(name)
    observations = interpret(read_lines(as_lines(rows))).recording.observations
    mapped = sorted({each.line - 1 for each in observations if each.required})
    changed = dropped(rows, data.draw(st.sampled_from(mapped)))
    found = conform(as_lines(changed))
    if found.verdict == DIFFERS and found.line > 1:
        assert conform(as_lines(changed[: found.line - 1])).verdict == CONFORMS


def test_inert_messages_are_inert() -> None:
    """They set nothing off, and change only variables that no local step reads."""
    noted = {"started_by", "early"}
    checked = 0
    for name in ("a-", "b-", "c8", "r5"):
        reading = interpret(read_lines(as_lines(rows_of(name))))
        execution = Execution(build("recorded", reading.variant))
        Explanation(execution, reading.recording, reading.vocabulary).search(100_000)
        actors = {kind: actor for actor, kind in enumerate(execution.kinds)}
        for (kind, snapshot, event), result in list(execution._steps.items()):
            names = list(type(execution.layout.workers[actors[kind]])._variables)
            own = [number for number, each in enumerate(names) if each in noted]
            if not own and not isinstance(event, Receive):
                continue
            if isinstance(event, Receive) and reading.vocabulary.is_inert(event.message):
                if result.outcome is not Outcome.HANDLED:
                    continue
                changed = [
                    each
                    for each, old, new in zip(names, snapshot.variables, result.snapshot.variables, strict=True)
                    if old != new
                ]
                assert not result.outputs
                assert result.snapshot.states == snapshot.states
                assert set(changed) <= noted
                checked += 1
            elif own:
                values = list(snapshot.variables)
                for number in own:
                    values[number] = True if names[number] == "early" else 1
                other = execution.local_step(actors[kind], snapshot._replace(variables=tuple(values)), event)
                assert (other.outcome, other.outputs, other.transitions) == (
                    result.outcome,
                    result.outputs,
                    result.transitions,
                )
                assert other.snapshot.states == result.snapshot.states
                checked += 1
    assert checked > 100


def test_an_observer_sees_what_the_recording_has() -> None:
    """The first steps of a run, as an observer sees them."""
    reading = interpret(read_lines(as_lines(rows_of("m1"))))
    execution = Execution(build("recorded", reading.variant))
    observer = Observer(execution, reading.vocabulary, frozenset(reading.recording.places))
    state = execution.initial()
    seen = []
    for action, firing in execution.firings(state):
        if action.name == "connect":
            seen = [each.label for each in observer.emissions(state, action, firing)]
    assert seen == [("SYN",), ("Link", 0)]
