"""Sequence diagrams as pictures: what is read from a trace, and that a reader can read it."""

from __future__ import annotations

import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from drawn_systems import PROCESSES, guided_run, migration, random_run
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_traces import made_up_traces
from switchover.diagrams import draw_trace, sequence_model
from switchover.diagrams.drawing import Drawing, Line
from switchover.diagrams.sequence import RowKind
from switchover.diagrams.sequence_drawing import draw_sequence
from switchover.models.language import Change, Execution, Trace, TraceStep, replay

SVG = "{http://www.w3.org/2000/svg}"

CROSSING = guided_run(
    (
        "decide source draw",
        "decide administrator begin",
        "deliver admin Start",
        "deliver display2_a Frame(1)",
        "deliver main_a MigrateBegin(5901)",
        "deliver display1_a Frame(1)",
        "deliver display2_a Ack",
    )
)

CUT = guided_run(("decide source draw", "cut main_a ", "deliver main_a Lost", "deliver main_a Lost"))


def assert_readable(drawing: Drawing) -> None:
    for one, other in combinations(drawing.texts, 2):
        left, top, right, bottom = one.bounds
        other_left, other_top, other_right, other_bottom = other.bounds
        apart = right <= other_left or other_right <= left or bottom <= other_top or other_bottom <= top
        assert apart, (one, other)
    for each in drawing.texts:
        left, top, right, bottom = each.bounds
        assert left >= 0, each
        assert right <= drawing.width, each
        assert top >= 0, each
        assert bottom <= drawing.height, each


def test_rows_say_who_sent_what_and_when() -> None:
    model = sequence_model(CROSSING)
    frame = model.rows[5]
    assert frame.kind is RowKind.DELIVERY
    assert (model.lifelines[frame.sender or 0], model.lifelines[frame.lifeline or 0]) == ("source", "channel[0]")
    assert (frame.label, frame.connection, frame.sent) == ("Frame(1)", "display1_a", 1)
    assert frame.is_late
    assert not model.rows[2].is_late, "nothing came between the decision and the arrival of Start"


def test_in_process_calls_are_paired_with_their_callers() -> None:
    model = sequence_model(CROSSING)
    calls = [(model.lifelines[each.caller], model.lifelines[each.callee], each.label) for each in model.rows[4].calls]
    assert calls == [("session", "channel[0]", "LinkTarget"), ("session", "channel[1]", "LinkTarget")]


def test_actors_that_take_no_part_are_left_out() -> None:
    assert "administrator" in CUT.actors
    assert "target" in sequence_model(CROSSING).lifelines, "what was sent to it is under way at the end"
    assert "administrator" not in sequence_model(CUT).lifelines


def test_actors_of_one_process_share_a_lifeline() -> None:
    model = sequence_model(CROSSING, PROCESSES)
    assert model.lifelines == ("administrator", "servers", "client")
    begin = model.rows[4]
    assert begin.calls == ()
    assert [note.actor for note in begin.notes] == ["session", "channel[0]", "channel[1]"]
    assert model.rows[0].label == "source: draw"


def test_what_a_cut_destroys_is_told_with_its_sending() -> None:
    trace = guided_run(("decide administrator begin", "deliver admin Start", "cut main_a "))
    row = sequence_model(trace).rows[-1]
    assert row.kind is RowKind.FAULT
    assert [(loss.label, loss.connection, loss.sent) for loss in row.losses] == [("MigrateBegin(5901)", "main_a", 2)]
    assert [each.label for each in sequence_model(CUT).rows[2:]] == ["main_a lost", "main_a lost"]


def test_what_has_not_arrived_is_under_way_at_the_end() -> None:
    trace = guided_run(("decide administrator begin", "deliver admin Start"))
    model = sequence_model(trace)
    assert model.under_way_texts() == ["MigrateBegin(5901) (source to session, main_a)"]
    (begin,) = model.under_way
    assert (model.lifelines[begin.sender or 0], model.lifelines[begin.receiver], begin.sent) == ("source", "session", 2)
    assert "MigrateBegin(5901) under way" in [each.text for each in draw_sequence(model).texts]
    assert "--)a2: MigrateBegin(5901) (main_a, sent in 2, still under way)" in draw_trace(trace, "mmd").decode()
    assert sequence_model(guided_run(("decide administrator begin", "deliver admin Start", "cut main_a "))).under_way
    assert [each.label for each in sequence_model(CUT).under_way] == ["Frame(1)", "Frame(1)"]


def test_a_run_that_was_wanted_is_marked_as_such() -> None:
    wanted, unwanted = (draw_trace(CROSSING, "svg", ending="shown", reached=each) for each in (True, False))
    assert "✓ shown".encode() in wanted
    assert "✓ shown".encode() not in unwanted
    assert b"shown" in unwanted
    assert "Note over a0,a5: ✓ shown" in draw_trace(CROSSING, "mmd", ending="shown", reached=True).decode()


def test_what_changes_no_state_shows_its_variables() -> None:
    quiet = TraceStep("decide", "a", "a", "leave", changes=(Change("a", None, {"away": ("False", "True")}),))
    long = TraceStep("decide", "a", "a", "more", changes=(Change("a", None, {"log": ("(1, 2)", "3, " * 99)}),))
    moving = TraceStep("decide", "a", "a", "go", changes=(Change("a", ("x", "y"), {"away": ("True", "False")}),))
    rows = sequence_model(Trace("s", ("a",), (quiet, long, moving))).rows
    shown = [row.shown_notes(False)[0][2] for row in rows]
    assert shown[0] == "away: False → True"
    assert shown[1].startswith("log: (1, 2) → 3, ")
    assert len(shown[1]) <= 48
    assert shown[2] == "x → y"


def test_both_ends_of_a_broken_connection_find_it_lost() -> None:
    assert sorted(step.actor for step in CUT.steps[2:]) == ["session", "source"]


def test_trace_with_flights_survives_json_and_replays() -> None:
    for seed in range(6):
        trace = random_run(seed)
        assert Trace.from_json(trace.to_json()) == trace
        assert len(replay(Execution(migration()), trace)) >= len(trace.steps)


def test_every_delivery_of_a_run_was_sent_by_an_earlier_row() -> None:
    for seed in range(12):
        for row in sequence_model(random_run(seed)).rows:
            if row.sender is not None:
                assert 0 < row.sent < row.number


def test_arrows_run_from_the_sending_to_the_arrival() -> None:
    drawing = draw_sequence(sequence_model(CROSSING))
    curves = [each for each in drawing.shapes if isinstance(each, Line) and each.curved]
    late = [row for row in sequence_model(CROSSING).rows if row.is_late]
    assert len(late) == 4
    assert len(curves) == len(late) + len(sequence_model(CROSSING).under_way)
    assert all(curve.points[0][1] < curve.points[-1][1] for curve in curves)


@pytest.mark.parametrize("processes", [None, PROCESSES])
@pytest.mark.parametrize("variables", [False, True])
def test_no_texts_of_a_run_overlap(variables: bool, processes: dict[str, tuple[str, ...]] | None) -> None:
    for seed in range(25):
        model = sequence_model(random_run(seed), processes)
        assert_readable(draw_sequence(model, title="A run", caption="x " * 200, ending="y " * 99, variables=variables))


@settings(max_examples=150)
@given(made_up_traces(), st.text(max_size=80), st.booleans())
def test_no_texts_of_any_trace_overlap(trace: Trace, said: str, variables: bool) -> None:
    assert_readable(draw_sequence(sequence_model(trace), title=said, caption=said, ending=said, variables=variables))


def test_svg_shows_each_message_where_it_arrives() -> None:
    root = ElementTree.fromstring(draw_trace(CROSSING, "svg", title="Crossing", caption="seen to cross"))
    shown = [each.text for each in root.iter(f"{SVG}text")]
    assert shown.count("Frame(1)") == 2
    assert shown.count("MigrateBegin(5901)") == 1
    assert shown.count("Ack under way") == 1
    assert shown.count("serving → migrating") == 1
    assert shown.count("Crossing") == shown.count("seen to cross") == 1
    assert [name for name in sequence_model(CROSSING).lifelines if shown.count(name) != 1] == []


def test_the_last_step_is_marked_with_its_reason() -> None:
    failing = next(trace for trace in map(random_run, range(40)) if trace.steps[-1].outcome == "unexpected")
    shown = " ".join(each.text for each in draw_sequence(sequence_model(failing)).texts)
    assert f"unexpected: {failing.steps[-1].reason}" in shown
    ended = draw_sequence(sequence_model(CROSSING), ending="violates never_two_owners")
    assert ended.texts[-1].text == "violates never_two_owners"
    assert len(ended.shapes) == len(draw_sequence(sequence_model(CROSSING)).shapes) + 2


@settings(max_examples=60)
@given(made_up_traces())
def test_svg_of_any_trace_is_xml(trace: Trace) -> None:
    root = ElementTree.fromstring(draw_trace(trace, "svg", title=trace.system))
    assert root.tag == f"{SVG}svg"


def test_mermaid_declares_its_lifelines_and_counts_its_steps() -> None:
    lines = draw_trace(CROSSING, "mmd", title="Crossing", ending="seen").decode().splitlines()
    assert lines[1] == 'title: "Crossing"'
    assert lines[3] == "sequenceDiagram"
    assert sum(line.startswith("    participant ") for line in lines) == len(sequence_model(CROSSING).lifelines)
    assert any(line.endswith("->>a3: 6. Frame(1) (display1_a, sent in 1)") for line in lines)
    assert sum(line.strip() == "end" for line in lines) == sum("rect rgb" in line for line in lines) == 1


@settings(max_examples=60)
@given(made_up_traces())
def test_mermaid_of_any_trace_has_a_known_word_on_every_line(trace: Trace) -> None:
    lines = draw_trace(trace, "mmd").decode().splitlines()
    for line in lines[4:]:
        body = line.strip()
        assert body == "end" or body.startswith(("participant a", "Note over a", "rect rgb(", "a")), line
        text = re.sub(r"#\d+;", "", re.sub(r"^a\d+-?->>a\d+", "", body))
        assert not set("#;<>{}") & set(text), line
