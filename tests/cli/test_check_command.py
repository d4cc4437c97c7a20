"""``switchover check`` on users' files: verdicts, exit statuses, bounds and limits, the table."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from command_line import Run, Write
from rich.text import Text
from switchover.commands.check import command
from switchover.main import main
from user_files import ECHO, FAMILY, HASTY, IMPATIENT

#: A property that cannot come out otherwise, above the system that has it.
NOTHING = '''@never
def nothing(client):
    """this says nothing"""
    return False and client.is_in("waiting")


def echo()'''


def row(output: str, *cells: str) -> bool:
    """Whether the table has a row with these cells, in this order."""
    lines = [line.split() for line in output.splitlines()]
    wanted = [word for cell in cells for word in cell.split()]
    return any(_in_order(wanted, line) for line in lines)


def _in_order(wanted: list[str], line: list[str]) -> bool:
    words = iter(line)
    return all(word in words for word in wanted)


def test_a_system_that_keeps_its_properties(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    result = run("check", "echo.py")
    assert result.exit_code == 0
    for name in ("two_answers", "asks", "no_deadlock", "no_unexpected_message", "no_error"):
        assert row(result.stdout, name, "✓ holds", "holds", "3")
    assert "5 results: 5 as expected · 1 exploration, 3 states" in result.stdout
    assert "design" not in result.stdout, "there is but one"
    assert result.stderr == ""


def test_a_file_as_a_whole_says_what_never_happens(run: Run, write: Write) -> None:
    idle = ECHO.replace(
        "    # give up",
        "    give_up = Decision(waiting.to(idle, cond='no'))\n\n    def no(self):\n        return False",
    )
    fixed = "    properties=(two_answers, asks, nothing),"
    write("idle.py", idle.replace("    properties=(two_answers, asks),", fixed).replace("def echo()", NOTHING))
    for selector in ("idle.py", "idle.py:echo"):
        result = run("check", selector)
        assert (
            "idle.py as a whole\n  no system takes the transition of Client: waiting → idle on give_up [no]"
            in result.stdout
        )
        assert "the property nothing says nothing: nothing that it reads ever changes" in result.stdout
    assert "as a whole" not in run("check", "idle.py:echo:asks").stdout
    assert "idle.py as a whole, within the bounds\n" in run("check", "idle.py", "--bound", "depth=1").stdout
    write("echo.py", ECHO)
    assert "as a whole" not in run("check", "echo.py").stdout, "everything in it happens"


@pytest.mark.parametrize("width", [60, 100, 120, 160])
def test_verdicts_and_figures_are_never_cut_and_a_claim_speaks_once(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    write("family.py", FAMILY)
    stdout = run("check", "family.py").stdout
    table = stdout.split("\n\n")[0].splitlines()
    figures = re.compile(r"[✓✗?] (holds|violated|bounded|unknown) +(holds|violated|region) +[\d–]+ +([\d–]+)( m?s)?$")
    rows = [line for line in table if figures.search(line)]
    assert f"{len(rows)} results" in stdout
    assert sum("two answers are never" in line for line in table) == 1
    assert sum("every message that" in line for line in table) == 1


def test_a_system_that_breaks_one(run: Run, write: Write) -> None:
    write("impatient.py", IMPATIENT)
    result = run("check", "impatient.py:echo")
    assert result.exit_code == 1
    assert row(result.stdout, "two_answers", "✗ violated", "holds")
    assert row(result.stdout, "no_unexpected_message", "✗ violated", "holds")
    assert "switchover explain impatient.py:echo:two_answers" in result.stdout


def test_a_bound_that_was_hit_is_said_and_never_rounded_up(run: Run, write: Write) -> None:
    write("hasty.py", HASTY)
    result = run("check", "hasty.py:echo:no_error")
    assert result.exit_code == 1
    assert row(result.stdout, "no_error", "✗ bounded", "holds")
    assert "a full queue disabled some step (queue = 8)" in result.stdout


def test_a_bound_can_be_replaced(run: Run, write: Write) -> None:
    write("hasty.py", HASTY)
    small, large = (run("check", "hasty.py", "--bound", f"queue={size}").stdout for size in (2, 3))
    assert "(queue = 2)" in small
    assert "(queue = 3)" in large
    assert small != large
    depth = run("check", "hasty.py:echo:no_error", "--bound", "depth=1")
    assert "(depth = 1)" in depth.stdout


def test_a_limit_ends_in_unknown(run: Run, write: Write) -> None:
    write("hasty.py", HASTY)
    result = run("check", "hasty.py:echo:no_error", "--max-states", "5")
    assert result.exit_code == 3
    assert row(result.stdout, "no_error", "? unknown", "holds", "5")
    assert "max_states reached after 5 states" in result.stdout
    assert run("check", "hasty.py:echo:no_error", "--max-memory", "2k").exit_code == 3


def test_a_found_violation_outweighs_a_limit(run: Run, write: Write) -> None:
    write("hasty.py", HASTY)
    assert run("check", "hasty.py", "--max-states", "20").exit_code == 1


def test_what_an_attack_has_not_broken_is_open(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    result = run("check", "echo.py", "--engine", "stateful", "--bound", "examples=20", "--bound", "steps=9")
    assert result.exit_code == 3
    assert row(result.stdout, "no_error", "? bounded", "holds", "20")
    assert row(result.stdout, "asks", "✓ holds", "holds", "1")
    assert "no violation in 20 examples of at most 9 steps" in result.stdout


def test_the_engines_that_are_there_agree(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    assert run("check", "echo.py", "--engine", "explicit").exit_code == 0


def test_expected_violations_are_expected(run: Run, write: Write) -> None:
    expected = "expected_violations=('no_unexpected_message', 'two_answers'),\n        properties="
    write("known.py", IMPATIENT.replace("properties=", expected))
    result = run("check", "known.py:echo:no_unexpected_message", "known.py:echo:two_answers")
    assert result.exit_code == 0
    assert row(result.stdout, "two_answers", "✓ violated", "violated")


def test_one_property_of_one_system(run: Run, write: Write) -> None:
    write("impatient.py", IMPATIENT)
    result = run("check", "impatient.py:echo:asks")
    assert result.exit_code == 0
    assert "1 result: 1 as expected" in result.stdout


def test_several_selectors_give_each_result_once(run: Run, write: Write) -> None:
    write("echo.py", ECHO)
    result = run("check", "echo.py", "echo.py:echo", "echo.py:echo:asks")
    assert "5 results" in result.stdout


def test_every_system_of_a_file_is_found(run: Run, write: Write) -> None:
    write("two.py", ECHO + "\n\nfixed = echo()\n\ndef needs_more(number) -> System:\n    return echo()\n")
    result = run("check", "two.py")
    assert "10 results" in result.stdout
    assert result.exit_code == 0


def test_annotations_as_text_are_understood(run: Run, write: Write) -> None:
    write("late.py", ECHO.replace('"""An echo service."""', "from __future__ import annotations"))
    assert run("check", "late.py").exit_code == 0


def test_a_file_may_import_from_beside_it_and_print(run: Run, write: Write) -> None:
    write("parts.py", ECHO)
    write("whole.py", "from parts import *\nfrom parts import echo\nprint('loaded')\nsystem = echo()\n")
    result = run("check", "whole.py")
    assert result.exit_code == 0
    assert "loaded" not in result.stdout


def test_claims_of_a_family(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    result = run("check", "family.py:family:E01", "family.py:family:E02", "family.py:family:E03")
    assert result.exit_code == 3
    assert row(result.stdout, "E01", "two answers are never", "patient", "✓ holds", "holds", "3")
    assert row(result.stdout, "E01", "impatient", "✓ violated", "violated")
    assert row(result.stdout, "E02", "? unknown", "region", "–", "–")
    assert "unknown: needs the symbolic engine – E02" in result.stdout
    assert "the client gives up – E01/impatient" in result.stdout
    assert "design=impatient – E01/impatient" in result.stdout
    assert "2 explorations" in result.stdout, "claims about one system share its exploration"


def test_controls_only_when_asked_for(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    assert "mutation" not in run("check", "family.py:family:E01").stdout
    result = run("check", "family.py:family:E01", "--controls")
    assert row(result.stdout, "E01", "mutation", "give up", "✓ violated", "violated")
    assert run("check", "family.py:family:E01/mutation:give up").exit_code == 0


def test_a_whole_family_says_what_never_happens(run: Run, write: Write) -> None:
    unused = "    answered = waiting.to(idle)\n    never_sent = Decision(waiting.to(idle, cond='no'))\n"
    text = FAMILY.replace("    answered = waiting.to(idle)\n", unused).replace(
        "    def on_ask(self):\n        self.server",
        "    def no(self):\n        return False\n\n    def on_ask(self):\n        self.server",
    )
    write("family.py", text)
    result = run("check", "family.py:family")
    assert "test.echo as a whole" in result.stdout
    assert "no system takes the transition of Patient: waiting → idle on never_sent [no]" in result.stdout
    assert "as a whole" not in run("check", "family.py:family:E01").stdout


def test_a_family_checks_what_its_claims_leave_open(run: Run, write: Write) -> None:
    write("family.py", FAMILY)
    result = run("check", "family.py:family")
    assert row(result.stdout, "no_error", "patient", "✓ holds")
    lines = [line for line in result.stdout.splitlines() if line.startswith("two_answers")]
    assert lines == [], "the claim E01 is about this property of both systems"
    assert row(run("check", "family.py:family:impatient").stdout, "two_answers", "✓ violated", "violated")


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_the_table_fits_its_width(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    write("family.py", FAMILY)
    result = run("check", "family.py")
    table = result.stdout.split("\n\n")[0]
    assert max(Text(line).cell_len for line in table.splitlines()) <= width
    assert "two answers are never" in result.stdout


def test_the_group_and_the_command_describe_themselves(run: Run) -> None:
    assert run("--help").exit_code == 0
    assert run("check", "--help").exit_code == 0
    assert set(main.commands) == set(), "commands are imported when they are named"
    assert {option for parameter in command.params for option in parameter.opts} >= {
        "--engine",
        "--bound",
        "--max-states",
        "--max-memory",
        "--json",
        "--trace-dir",
        "--controls",
    }


@pytest.mark.parametrize(
    "options",
    [(), ("--bound", "queue=3"), ("--engine", "stateful", "--bound", "examples=60", "--seed", "4")],
    ids=["explicit", "with a bound", "stateful"],
)
def test_the_hint_shows_the_trace_that_was_found(run: Run, write: Write, options: tuple[str, ...]) -> None:
    write("impatient.py", IMPATIENT)
    found = json.loads(run("check", "impatient.py", *options, "--json").stdout)
    hint = re.search(r"^See the trace: switchover (explain .*)$", run("check", "impatient.py", *options).stdout, re.M)
    assert hint is not None
    _, question, *words = shlex.split(hint[1])
    assert sorted(words) == sorted(options)
    again = json.loads(run("check", question, *words, "--json").stdout)["results"]
    wanted = [each for each in found["results"] if each["id"] == question]
    assert [each["trace"] for each in wanted] == [each["trace"] for each in again] != [None]
    assert run(*shlex.split(hint[1])).exit_code == 1


@pytest.mark.parametrize("width", [40, 50, 60, 80])
def test_the_last_lines_break_between_their_parts(
    run: Run, write: Write, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    write("impatient.py", IMPATIENT)
    whole = run("check", "impatient.py").stdout.splitlines()[-2]
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("check", "impatient.py").stdout.splitlines()
    start = next(number for number, line in enumerate(lines) if " results: " in line)
    folded = lines[start:-1]
    assert all(len(line) <= width for line in folded)
    assert all(line.startswith("  ") for line in folded[1:])
    # Numbers stay with what they count; how long it took is another each time.
    parts = [part for line in folded for part in re.split(r"(?:^|\s)·\s|, ?", line.strip()) if part]
    assert parts[:-1] == re.split(r" · |, ", whole)[:-1]
