"""Sequence diagrams as terminal text: exact columns in whatever width there is."""

from __future__ import annotations

import io

from drawn_systems import PROCESSES, guided_run, random_run
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_traces import made_up_traces
from rich.cells import cell_len
from rich.console import Console
from switchover.diagrams import TraceView, can_show, trace_text
from switchover.models.language import Trace

WIDTHS = st.integers(60, 140)

SHORT = guided_run(("decide administrator begin", "deliver admin Start", "deliver main_a MigrateBegin(5901)"))


def test_a_short_run_as_it_is_printed() -> None:
    assert trace_text(SHORT, 100, title="Begin", ending="ends here", processes=PROCESSES).splitlines() == [
        "Begin",
        "       administrator        servers                         client",
        "  1          ▸ begin           │                               │",
        "      [idle → moving]          │                               │",
        "  2          ├─ Start · admin ▶│                               │",
        "             │   [source: serving → migrating]                 │",
        "  3          │                 ├─ MigrateBegin(5901) · main_a ▶│",
        "             │                 │             [session: on_source → moving.linking]",
        "             │                 │                 [channel[0]: idle → linking]",
        "             │                 │                 [channel[1]: idle → linking]",
        "under way: opened, Link(0) (session to target, main_b); opened (session to target, display1_b);",
        "Link(1) (channel[0] to target, display1_b); opened (session to target, display2_b); Link(2)",
        "(channel[1] to target, display2_b)",
        "✗ ends here",
    ]


@settings(max_examples=200)
@given(made_up_traces(), WIDTHS, st.text(max_size=150), st.booleans(), st.booleans())
def test_no_line_is_wider_than_the_terminal(
    trace: Trace, width: int, said: str, variables: bool, ascii_only: bool
) -> None:
    text = trace_text(trace, width, title=said, ending=said, variables=variables, ascii_only=ascii_only)
    assert all(cell_len(line) <= width for line in text.split("\n"))
    assert not ascii_only or text.isascii()


@settings(max_examples=100)
@given(st.integers(0, 200), WIDTHS)
def test_every_step_has_its_numbered_line(seed: int, width: int) -> None:
    trace = random_run(seed)
    numbers = [line[:3].strip() for line in trace_text(trace, width).splitlines()]
    assert [each for each in numbers if each.isdigit()] == [str(number + 1) for number in range(len(trace.steps))]


@settings(max_examples=100)
@given(st.integers(0, 200), WIDTHS)
def test_lifelines_stand_in_the_same_columns_on_every_line(seed: int, width: int) -> None:
    lines = [line for line in trace_text(random_run(seed), width).splitlines() if line.count("│") >= 1]
    columns = {column for line in lines for column, sign in enumerate(line) if sign in "│├┤┼"}
    assert len(columns) <= 6


@settings(max_examples=50)
@given(st.integers(0, 200), WIDTHS)
def test_every_message_is_readable_in_any_width(seed: int, width: int) -> None:
    trace = random_run(seed)
    together = "".join(trace_text(trace, width).split())
    for step in trace.steps:
        if step.kind == "deliver" and step.message not in ("Opened", "Closed", "Refused", "Lost"):
            assert step.message.replace(" ", "") in together


def test_names_that_do_not_fit_become_numbers_with_a_key() -> None:
    trace = random_run(3)
    wide, narrow = trace_text(trace, 140), trace_text(trace, 40)
    assert "administrator" in wide.splitlines()[0]
    assert narrow.splitlines()[0].startswith("①=administrator")
    assert "①" in next(line for line in narrow.splitlines() if "=" not in line)


def test_a_cut_is_as_wide_as_the_diagram() -> None:
    text = trace_text(guided_run(("cut main_a ", "deliver main_a Lost")), 120)
    line = next(line for line in text.splitlines() if "✗ cut main_a" in line)
    assert len(line) < 60
    assert line.startswith("  1  ╌╌╌")


def test_a_run_that_was_wanted_ends_with_a_check_mark() -> None:
    assert trace_text(SHORT, ending="there", reached=True).splitlines()[-1] == "✓ there"
    assert trace_text(SHORT, ending="there", reached=True, ascii_only=True).splitlines()[-1] == "v there"


def test_same_text_in_ascii_sign_by_sign() -> None:
    lines = trace_text(SHORT, 80).splitlines()
    plain = trace_text(SHORT, 80, ascii_only=True).splitlines()
    assert [len(line) for line in plain] == [len(line) for line in lines]
    assert any("* begin" in line for line in plain)


def test_encodings_that_cannot_show_it() -> None:
    assert can_show("utf-8")
    assert not can_show("ascii")
    assert not can_show("latin-1")
    assert not can_show("no such encoding")


def test_rich_prints_it_in_the_console_s_width() -> None:
    for encoding in ("utf-8", "ascii"):
        stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
        console = Console(file=stream, width=72, force_terminal=False)
        console.print(TraceView(SHORT, title="Begin", ending="ends here"))
        stream.seek(0)
        printed = [line.rstrip() for line in stream.read().rstrip("\n").split("\n")]
        wanted = trace_text(SHORT, 72, title="Begin", ending="ends here", ascii_only=encoding == "ascii")
        assert printed == wanted.rstrip("\n").split("\n")
