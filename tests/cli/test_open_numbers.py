"""Questions over numbers left open: regions, proofs, examples and pictures, as a user gets them."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from command_line import Run, Write, in_shell
from switchover import DefinitionError, Trace, explore, replay_timed
from switchover.models.language import TimedExecution
from switchover.models.spice.mm_time.designs import DESIGNS
from user_files import ECHO, TIMED

UNSTATED = TIMED.replace("d >= limit,", "d > limit,", 1)
EXPLAINED = UNSTATED.replace(
    'gives_up, Answer.REGION, needs="symbolic"', 'gives_up, Answer.REGION, why="a tie is too late", needs="symbolic"'
)


def only(output: str) -> dict[str, Any]:
    (found,) = json.loads(output)["results"]
    return dict(found)


def waiting(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("timed_for_replay", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.waiting


# check


@pytest.mark.parametrize("width", ["80", "100", "120"])
def test_the_table_shows_where_it_fails_and_by_what_the_rest_is_proved(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    write("timed.py", TIMED)
    monkeypatch.setenv("COLUMNS", width)
    result = run("check", "--controls", "timed.py")
    assert result.exit_code == 0
    parts = ("✓ region", "fails when d ≥ limit", "✓ holds", "Proved for all values", "every path followed to its end")
    order = [result.stdout.index(part) for part in parts]
    assert order == sorted(order)
    assert "2 searches over open numbers" in result.stdout
    assert all(len(line) <= int(width) for line in result.stdout.splitlines())


def test_alternatives_stand_below_each_other(run: Run) -> None:
    lines = run("check", "MM07/1a").stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if "fails when" in line)
    first, second = (line.strip() for line in lines[place : place + 2])
    assert first == "fails when W ≥ L + a"
    assert second == "or D ≥ a + transit and D ≤ transit + 500"


def test_a_region_that_is_not_the_stated_one_is_wrong(run: Run, write: Write) -> None:
    write("timed.py", UNSTATED)
    result = run("check", "timed.py:family:T01")
    assert result.exit_code == 1
    assert "✗ region" in result.stdout
    assert "which is not the stated region" in result.stdout
    assert "expected: the stated region" in run("explain", "timed.py:family:T01").stdout


def test_unless_the_difference_is_explained(run: Run, write: Write) -> None:
    write("timed.py", EXPLAINED)
    result = run("check", "timed.py:family:T01")
    assert result.exit_code == 0
    assert "✓ region" in result.stdout
    assert "a tie is too late – T01" in result.stdout


@pytest.mark.parametrize(
    ("options", "status", "verdict", "note"),
    [
        (["--engine", "symbolic"], 0, "region", ""),
        (["--engine", "explicit"], 3, "unknown", "needs the symbolic engine: numbers are left open"),
        (["--engine", "stateful"], 0, "violated", "with d = "),
        (["--bound", "depth=1"], 1, "region", "which is not the stated region"),
        (["--max-states", "1"], 3, "unknown", "stopped at 1 symbolic states"),
        (["--max-seconds", "0.000001"], 3, "unknown", "stopped at 1e-06 s"),
    ],
)
def test_engines_bounds_and_limits(
    run: Run, write: Write, options: list[str], status: int, verdict: str, note: str
) -> None:
    write("timed.py", TIMED)
    result = run("check", "timed.py:family:T01", *options)
    assert result.exit_code == status
    assert note in " ".join(result.stdout.split())
    assert only(run("check", "--json", "timed.py:family:T01", *options).stdout)["verdict"] == verdict


def test_up_to_a_bound_nothing_found_is_bounded(run: Run) -> None:
    result = run("check", "MM07/1a", "--bound", "depth=9")
    assert result.exit_code == 1
    assert "bounded: no violation up to bound depth (depth = 9)" in result.stdout


def test_the_symbolic_engine_alone_leaves_the_rest_unknown(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    result = run("check", "echo.py", "--engine", "symbolic")
    assert result.exit_code == 3
    assert "no numbers are left open for the symbolic engine" in " ".join(result.stdout.split())


def test_a_timed_system_alone_is_not_explored(run: Run, write: Write) -> None:
    write("timed.py", TIMED)
    result = run("check", "timed.py:typical")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "timed.py:typical: nothing is asked of it" in result.stderr
    with pytest.raises(DefinitionError, match="is timed"):
        explore(DESIGNS["unpatched"]())


def test_what_a_chart_may_not_do_with_an_open_number_is_said_with_its_line(run: Run, write: Write) -> None:
    write("ranged.py", TIMED.replace('armed={"give_up": limit}', 'armed={"give_up": len(range(limit))}'))
    result = run("check", "ranged.py:family:T02")
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "ranged.py:family:T02" in result.stderr


# JSON


def test_a_region_as_json_has_its_formulas_and_its_plot(run: Run, write: Write) -> None:
    write("timed.py", TIMED)
    found = only(run("check", "--json", "timed.py:family:T01").stdout)
    region = found["region"]
    assert (region["fails"], region["holds"], found["as_stated"]) == ("d >= limit", "d < limit", True)
    assert (region["plot"]["x"]["name"], region["plot"]["y"]["name"]) == ("d", "limit")
    assert region["plot"]["polygons"]
    assert found["values"]["d"] >= found["values"]["limit"]
    assert found["trace"]["values"] == found["values"]
    assert (found["losses"], found["proof"]) == (None, None)


def test_a_proof_as_json_has_its_method_and_what_confirmed_it(run: Run, write: Write) -> None:
    write("timed.py", TIMED)
    found = only(run("check", "--json", "timed.py:family:T02").stdout)
    assert found["proof"]["method"]
    assert found["proof"]["confirmed"]
    assert (found["region"], found["trace"], found["values"], found["as_stated"]) == (None, None, None, None)


def test_losses_as_json(run: Run) -> None:
    (loss,) = only(run("check", "--json", "MM07/1a").stdout)["losses"]
    assert "W - L" in loss["text"]
    assert loss["pieces"]


def test_a_timed_trace_loads_back_and_replays(run: Run, write: Write, tmp_path: Path) -> None:
    path = write("timed.py", TIMED)
    assert run("check", "timed.py:family:T01", "--trace-dir", "traces").exit_code == 0
    (written,) = (tmp_path / "traces").iterdir()
    trace = Trace.from_json(json.loads(written.read_text(encoding="utf-8")))
    state = replay_timed(TimedExecution(waiting(path)(**trace.values)), trace)
    assert state.system.snapshots[0].states == ("late",)


# explain


def test_explain_says_it_all(run: Run, write: Write) -> None:
    write("timed.py", TIMED)
    result = run("explain", "timed.py:family:T01")
    assert result.exit_code == 0
    parts = (
        "d ≥ 0      how long the answer takes (ms)",
        "fails when d ≥ limit",
        "holds when d < limit",
        "the region that its source states",
        "for example with d = ",
        "give_up",
        "✗ breaks gives_up",
        "T01/repair:as long as it takes: holds",
    )
    order = [result.stdout.index(part) for part in parts]
    assert order == sorted(order)


def test_explain_shows_a_proof(run: Run, write: Write) -> None:
    write("timed.py", TIMED)
    shown = run("explain", "timed.py:family:T02").stdout
    assert "proved by following every path to its end" in shown
    assert "confirmed: " in shown


def test_explain_shows_clocks_and_frames_of_this_family(run: Run) -> None:
    shown = run("explain", "MM07/1a").stdout
    for part in ("source clock", "f=7000 due at 7 400", "1 301 → 7 300 (+5 999 ms) mm-time-reset", "✗ f=7040 dropped"):
        assert part in shown
    assert "W − L        where D > transit + 500 and W > L" in shown


# draw


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_timed_trace_a_region_and_a_plot_are_drawn(run: Run, write: Write, tmp_path: Path, suffix: str) -> None:
    write("timed.py", TIMED)
    assert run("draw", "timed.py:family:T01", "-o", f"trace.{suffix}").exit_code == 0
    assert run("draw", "timed.py:family:T01", "--region", "d,limit", "-o", f"region.{suffix}").exit_code == 0
    assert run("draw", "timed.py:family:patience", "-o", f"plot.{suffix}").exit_code == 0
    heads = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
    for name in ("trace", "region", "plot"):
        assert (tmp_path / f"{name}.{suffix}").read_bytes().startswith(heads[suffix])


def test_the_space_time_diagram_of_this_family(run: Run, tmp_path: Path) -> None:
    assert run("draw", "MM01", "-o", "mm01.svg").exit_code == 0
    drawn = (tmp_path / "mm01.svg").read_text(encoding="utf-8")
    for part in ("source clock (ms)", "destination clock (ms)", "session clock (ms)", "f=7000", "mm-time-reset"):
        assert part in drawn


def test_a_region_over_other_axes_and_values(run: Run, tmp_path: Path) -> None:
    options = ("--region", "W, D", "--set", "a=100", "--set", "L=300", "--range", "D=0:2000")
    assert run("draw", "MM07/1a", *options, "-o", "region.svg").exit_code == 0
    drawn = (tmp_path / "region.svg").read_text(encoding="utf-8")
    assert "L = 300 ms" in drawn
    assert "a = 100 ms" in drawn
    assert "example trace" not in drawn


def test_the_plot_of_losses_names_every_number_that_it_takes(run: Run, tmp_path: Path) -> None:
    assert run("draw", "spice.mm_time:losses", "-o", "losses.svg").exit_code == 0
    drawn = (tmp_path / "losses.svg").read_text(encoding="utf-8")
    for part in ("W = 700 ms (case 1: ", "lead = 700 ms (case 2: ", "L = 400", "a = 40 ms", "transit = 1 ms"):
        assert part in drawn


def test_a_region_with_the_largest_numbers(run: Run, tmp_path: Path) -> None:
    largest = str(10**12)
    options = ("--region", "D,W", "--set", f"a={largest}", "--range", f"W=-{largest}:{largest}")
    assert run("draw", "MM01", *options, "-o", "region.png").exit_code == 0
    assert (tmp_path / "region.png").exists()


BOUND = "from -1,000,000,000,000 to 1,000,000,000,000"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["MM07/2b", "-o", "x.svg"], "the verdict is holds, there is no trace to draw"),
        (["MM07/2b", "--region", "D,L", "-o", "x.svg"], "the verdict is holds, there is no region to draw"),
        (["MM01", "-o", "x.dot"], "a trace with times is drawn as .svg, .png, .pdf, not as .dot"),
        (["MM01", "--region", "D,W", "-o", "x.mmd"], "a region is drawn as .svg, .png, .pdf, not as .mmd"),
        (["spice.mm_time:losses", "-o", "x.dot"], "a plot is drawn as"),
        (["spice.mm_time:loses", "-o", "x.svg"], "nearest: spice.mm_time:losses"),
        (["MM01", "--region", "D", "-o", "x.svg"], "expected X,Y, the names of two quantities"),
        (["MM01", "--region", "D,D", "-o", "x.svg"], "both axes are D"),
        (["MM01", "--region", "D,Q", "-o", "x.svg"], "no quantity 'Q'; there are D, W, L, a, transit"),
        (["MM01", "--region", "D,W", "--set", "Q=1", "-o", "x.svg"], "no quantity 'Q'"),
        (["MM01", "--region", "D,W", "--set", "W=1", "-o", "x.svg"], "--set W: is one of the axes"),
        (["MM01", "--region", "D,W", "--set", "L=many", "-o", "x.svg"], "expected NAME=VALUE with a whole number"),
        (["MM01", "--region", "D,W", "--range", "D=4", "-o", "x.svg"], "expected NAME=LOW:HIGH"),
        (["MM01", "--region", "D,W", "--range", "D=4:2", "-o", "x.svg"], "the range of D, 4 to 2, is empty"),
        (["MM01", "--region", "D,W", "--set", f"a=1{20 * '0'}", "-o", "x.png"], BOUND),
        (["MM01", "--region", "D,W", "--set", "a=-1000000000001", "-o", "x.png"], BOUND),
        (["MM01", "--region", "D,W", "--set", f"a={9999 * '9'}", "-o", "x.png"], BOUND),
        (["MM01", "--region", "D,W", "--range", f"D=0:{23 * '9'}", "-o", "x.png"], BOUND),
        (["MM01", "--region", "D,W", "--set", "a=1", "--set", "a=2", "-o", "x.svg"], "'a' is there twice"),
        (["MM01", "--region", "D,W", "--range", "D=1:2", "--range", "D=1:3", "-o", "x.svg"], "'D' is there twice"),
        (["MM01", "--region", "D,W", "--range", "a=1:5", "-o", "x.svg"], "--range a: is not one of the axes, D and W"),
        (["MM01", "--set", "L=4", "-o", "x.svg"], "--set: is for a region; expected --region X,Y with it"),
        (["LT28/shipped", "--region", "D,W", "-o", "x.svg"], "there is no region to draw"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_one_line(
    run: Run, tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    result = run("draw", *arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert len(result.stderr) < 300
    assert complaint in result.stderr
    assert list(tmp_path.iterdir()) == []


# Ctrl-C


INTERRUPTED = TIMED.replace(
    "def waiting(*, d, limit):\n",
    """import os, signal


def interrupted(*, d, limit):
    if not isinstance(d, int):  # once the search has begun
        os.kill(os.getpid(), signal.SIGINT)
    return waiting(d=d, limit=limit)


def waiting(*, d, limit):
""",
).replace('Case("patient", waiting, "no_unexpected', 'Case("patient", interrupted, "no_unexpected')


def test_ctrl_c_leaves_what_was_found_until_then(write: Write, tmp_path: Path) -> None:
    write("timed.py", INTERRUPTED)
    ended = in_shell("check", "timed.py:family:T01", "timed.py:family:T02", cwd=tmp_path)
    assert ended.returncode == 130
    for part in (
        "fails when d ≥ limit",
        "? unknown",
        "not reached: interrupted before – T02",
        "Interrupted. 2 results",
    ):
        assert part in ended.stdout


HARD_QUERY = """
import os, signal, threading, z3
from switchover.interrupting import prompt_interrupts

solver, numbers = z3.Solver(), z3.Ints("a b c d")
solver.set(timeout=50_000)
solver.add(z3.Sum([n * n * n for n in numbers]) == numbers[0] * numbers[1] * 7 + 33, *(n > 10**6 for n in numbers))
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    with prompt_interrupts():
        print(solver.check())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_reaches_the_program_while_the_solver_works() -> None:
    ended = subprocess.run([sys.executable, "-c", HARD_QUERY], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout == "interrupted\n"


@pytest.mark.parametrize(("d", "limit"), list(product((0, 1, 30), repeat=2)))
def test_the_region_is_what_the_charts_do(d: int, limit: int, write: Write) -> None:
    execution = TimedExecution(waiting(write("timed.py", TIMED))(d=d, limit=limit))
    fails, todo = False, [execution.initial()]
    while todo:
        state = todo.pop()
        fails = fails or state.system.snapshots[0].states == ("late",)
        for moment in execution.moments(state):
            if execution.allows(state, moment.action, moment.earliest):
                following = execution.fire(state, moment.action, moment.earliest).state
                todo += [following] if following is not None else []
    assert fails is (d >= limit)
