"""``switchover explain`` and ``switchover draw``, on users' files."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Run, Write
from rich.cells import cell_len
from user_files import ECHO, FAMILY, HASTY, IMPATIENT


def test_a_violation_comes_with_its_trace(run: Run, write: Write) -> None:
    write("impatient.py", IMPATIENT)
    result = run("explain", "impatient.py:echo:no_unexpected_message")
    assert result.exit_code == 1
    assert "✗ violated (expected: holds)" in result.stdout
    order = [result.stdout.index(text) for text in ("client", "▸ ask", "▸ give_up", "unexpected: Client in idle")]
    assert order == sorted(order)
    assert "breaks no_unexpected_message" in result.stdout


def test_what_holds_says_what_was_explored_and_assumed(run: Run, write: Write) -> None:
    write(
        "family.py",
        FAMILY.replace(
            "    variant=Variant(design)", "    variant=Variant(design, (3,)), faults=Faults(cut=0, early=2)"
        ),
    )
    result = run("explain", "family.py:family:E01/patient")
    assert result.exit_code == 0
    assert "✓ holds (as expected)" in result.stdout
    assert "system patient: 3 states, 3 transitions, depth 2" in result.stdout
    assert "assuming early ≤ 2, rounds=3" in result.stdout


def test_a_claim_shows_its_sentence_its_designs_and_what_changes_the_verdict(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    result = run("explain", "family.py:family:E01")
    parts = (
        "E01  test.echo · said: here",
        "“two answers are never under way at once”",
        "E01/patient  ✓ holds",
        "E01/impatient  ✓ violated",
        "differs from the ledger: the client gives up",
        "breaks two_answers",
        "E01/mutation:give up: violated after 5 steps (impatient,",
    )
    order = [result.stdout.index(text) for text in parts]
    assert order == sorted(order)
    assert result.exit_code == 0


def test_an_open_verdict_says_why(run: Run, write: Write) -> None:
    write("hasty.py", HASTY)
    assert "bounded: a full queue disabled some step (queue = 8)" in run("explain", "hasty.py:echo:no_error").stdout
    write("family.py", FAMILY)
    result = run("explain", "family.py:family:E02")
    assert result.exit_code == 3
    assert "needs the symbolic engine" in result.stdout


def test_a_deadlock_says_what_is_stuck(run: Run, write: Write) -> None:
    write("stuck.py", ECHO.replace("        self.client.send(Answered())", "        pass"))
    result = run("explain", "stuck.py:echo:no_deadlock")
    assert result.exit_code == 1
    assert "✗ breaks no_deadlock, nothing can happen any more: client in waiting is no end state" in result.stdout


def test_what_is_under_way_at_the_end_is_said(run: Run, write: Write) -> None:
    write("impatient.py", IMPATIENT)
    shown = run("explain", "impatient.py:echo:two_answers").stdout
    assert "under way: Answered × 2 (server to client, wire)" in shown


def test_what_was_to_be_reached_is_ticked(run: Run, write: Write, tmp_path: Path) -> None:
    write("echo.py", ECHO)
    assert "\n✓ shows asks: the client asks at some time\n" in run("explain", "echo.py:echo:asks").stdout
    assert run("draw", "echo.py:echo:asks", "-o", "asks.svg").exit_code == 0
    assert "✓ shows asks" in (tmp_path / "asks.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 72, 100, 250])
def test_it_fits_the_terminal_and_a_hundred_columns(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    write("impatient.py", IMPATIENT)
    lines = run("explain", "impatient.py:echo:two_answers").stdout.splitlines()
    assert max(map(cell_len, lines)) <= min(width, 100)


def test_no_line_ends_in_blanks(run: Run, write: Write) -> None:
    write("impatient.py", IMPATIENT)
    lines = run("explain", "impatient.py:echo:two_answers").stdout.splitlines()
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("picture.svg", b"<?xml"),
        ("picture.png", b"\x89PNG"),
        ("picture.pdf", b"%PDF"),
        ("picture.dot", b"digraph"),
        ("picture.mmd", b"stateDiagram-v2"),
    ],
)
def test_a_chart_in_every_format(run: Run, write: Write, tmp_path: Path, name: str, start: bytes) -> None:
    write("echo.py", ECHO)
    result = run("draw", "echo.py:Client", "-o", name)
    assert (result.exit_code, result.output) == (0, "")
    content = (tmp_path / name).read_bytes()
    assert start in content[:200]
    if name.endswith(("svg", "dot", "mmd")):
        assert b"waiting" in content


def test_a_chart_needs_no_system(run: Run, write: Write, tmp_path: Path) -> None:
    write("alone.py", ECHO[: ECHO.index("def echo")])
    assert run("draw", "alone.py:Server", "-o", "server.svg").exit_code == 0
    assert b"ready" in (tmp_path / "server.svg").read_bytes()


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf", "dot", "mmd"])
def test_a_trace_in_every_format(run: Run, write: Write, tmp_path: Path, suffix: str) -> None:
    write("impatient.py", IMPATIENT)
    result = run("draw", "impatient.py:echo:two_answers", "-o", f"trace.{suffix}")
    assert (result.exit_code, result.output) == (0, "")
    assert len((tmp_path / f"trace.{suffix}").read_bytes()) > 100


@pytest.mark.parametrize(
    ("selector", "output", "complaint"),
    [
        ("echo.py:Client", "chart.gif", "expected a name that ends in .svg, .png, .pdf, .dot, .mmd"),
        ("echo.py:Client", "no/such/place.svg", "no/such/place.svg: No such file or directory"),
        ("echo.py:Cliemt", "chart.svg", "nearest: echo.py:Client"),
        ("echo.py:echo:two_answers", "trace.svg", "the verdict is holds, there is no trace to draw"),
        ("impatient.py:echo", "trace.svg", "has 3 traces; name one: impatient.py:echo:two_answers"),
        ("echo.py:*", "chart.svg", "expected one of them"),
    ],
)
def test_what_cannot_be_drawn(
    run: Run, write: Write, tmp_path: Path, selector: str, output: str, complaint: str
) -> None:
    write("echo.py", ECHO)
    write("impatient.py", IMPATIENT)
    before = set(tmp_path.iterdir())
    result = run("draw", selector, "-o", output)
    assert result.exit_code == 2
    assert complaint in result.stderr
    assert result.stderr.count("\n") == 1
    assert set(tmp_path.iterdir()) == before
