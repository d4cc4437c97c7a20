"""Whatever a user gives, what is wrong with it is said in one line, with exit status 2 and no traceback."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from command_line import Run, Write
from hypothesis import example, given, settings
from hypothesis import strategies as st
from switchover.main import main
from user_files import ECHO, FAMILY


def complaint(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    return result.stderr.strip()


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("syntax.py", "x = 1\ndef broken(:\n", "syntax.py:2: syntax error: "),
        (
            "imports.py",
            "\nimport no_such_module\n",
            "imports.py:2: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("raises.py", "raise ValueError('first\\nsecond')\n", "raises.py:1: ValueError: first second"),
        ("leaves.py", "import sys\nsys.exit(3)\n", "leaves.py:2: SystemExit: 3"),
        ("empty.py", "", "empty.py: no system in it; expected a module-level System"),
        ("binary.py", "x = '\0'\n", "binary.py"),
        (
            "undeclared.py",
            "from switchover import *\n\nclass A(Actor):\n    a: set = variable(set())\n    s = State(initial=True)\n",
            "undeclared.py:3: A.a: set is not a type a state can hold",
        ),
        (
            "wrong.py",
            "from switchover import *\n\ndef system() -> System:\n    return System('s', {'a': [1]})\n",
            "wrong.py:4: system s: role 'a' is 1, not an Actor",
        ),
        (
            "plain.py",
            "from switchover import *\n\ndef system() -> System:\n    return System('s', {'a': 1})\n",
            "plain.py:4: system s: role 'a' is 1, not an Actor",
        ),
        (
            "none.py",
            "from switchover import *\n\ndef system() -> System:\n    pass\n",
            "none.py:3: system() returned None, not a System",
        ),
        ("actors.py", ECHO[: ECHO.index("def echo")], "actors.py: actors but no system in it"),
    ],
)
def test_a_file_that_cannot_be_used(run: Run, write: Write, name: str, text: str, expected: str) -> None:
    write(name, text)
    assert complaint(run("check", name)).startswith(f"switchover: {expected}")


def test_a_handler_error_is_a_verdict_not_a_complaint(run: Run, write: Write) -> None:
    write("raises.py", ECHO.replace("        self.client.send(Answered())", "        raise ValueError('oh')"))
    result = run("check", "raises.py:echo:no_error")
    assert result.exit_code == 1
    assert "ValueError: oh" in run("explain", "raises.py:echo:no_error").stdout


def test_a_predicate_that_raises_is_unknown_and_says_so(run: Run, write: Write) -> None:
    write("raises.py", ECHO.replace("return len(wire.to_first) > 1", "return 1 / 0"))
    result = run("check", "raises.py:echo:two_answers")
    assert result.exit_code == 3
    assert "the predicate raised ZeroDivisionError: division by zero" in result.stdout


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            "return len(wire.to_frist) > 1",
            "property two_answers (typo.py:LINE): a connection has no 'to_frist'; "
            "it has is_free, open_ends, to_first, to_second",
        ),
        ("return client.is_in('waitng')", "property two_answers (typo.py:LINE): Client has no state 'waitng'"),
        (
            "return client.wating",
            "property two_answers (typo.py:LINE): Client has no 'wating'; it has server, state, is_in, is_armed",
        ),
        ("return client.server.is_opne", "a port has no 'is_opne'; it has is_open"),
    ],
)
def test_a_wrong_name_in_a_predicate(run: Run, write: Write, code: str, expected: str) -> None:
    text = ECHO.replace("def two_answers(wire)", "def two_answers(wire, client)")
    line = text[: text.index("return len(wire.to_first) > 1")].count("\n") + 1
    write("typo.py", text.replace("return len(wire.to_first) > 1", code))
    said = complaint(run("check", "typo.py"))
    assert said.startswith("switchover: typo.py:echo:two_answers: property two_answers (typo.py:")
    assert expected.replace("LINE", str(line)) in said


@pytest.mark.parametrize("method", ["reads", "listens"])
def test_a_wrong_name_in_reads_or_listens(run: Run, write: Write, method: str) -> None:
    code = f"    def {method}(self, port):\n        return port == self.sevrer\n\n    def on_ask"
    write("typo.py", ECHO.replace("    def on_ask", code, 1))
    said = complaint(run("check", "typo.py"))
    line = ECHO[: ECHO.index("    def on_ask")].count("\n") + 2
    assert said == (
        f"switchover: typo.py:echo: Client in waiting: reads or listens(server) (typo.py:{line}): "
        "Client has no 'sevrer'; it has server, is_in, is_armed"
    )


def test_a_wrong_name_in_a_handler_is_found_with_its_line(run: Run, write: Write) -> None:
    write("typo.py", ECHO.replace("        self.client.send(Answered())", "        self.cleint.send(Answered())"))
    line = ECHO[: ECHO.index("        self.client.send(Answered())")].count("\n") + 1
    result = run("explain", "typo.py:echo:no_error")
    assert result.exit_code == 1
    assert f"(typo.py:{line})" in " ".join(result.stdout.split())


@pytest.mark.parametrize("before", ["", "class Lonely(Actor):\n    here = State(initial=True)\n\n"])
def test_a_function_that_lacks_its_annotation_is_pointed_at(run: Run, write: Write, before: str) -> None:
    write("bare.py", f"from switchover import *\n\n{before}def system():\n    pass\n\ndef needs(one):\n    pass\n")
    assert "(system: a function counts when it is annotated -> System)" in complaint(run("check", "bare.py"))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nowhere.py"], "nowhere.py: no such file"),
        (["folder.py"], "folder.py: is a directory"),
        (["echo.py:echos"], "nothing is called 'echo.py:echos'; nearest: echo.py:echo"),
        (["echo.py:zzz"], "nothing is called 'echo.py:zzz'; it has echo"),
        (["echo.py:echo:ask"], "nearest: echo.py:echo:asks"),
        (["echo.py", "--bound", "queue"], "expected queue=N"),
        (["echo.py", "--bound", "queue=0"], "expected queue=N with a number from 1 on"),
        (["echo.py", "--bound", "width=3"], "'width' is no bound; there are queue, depth"),
        (["echo.py", "--max-states", "0"], "--max-states"),
        (["echo.py", "--max-memory", "lots"], "'lots' is no size; expected for example 512M or 2G"),
        (["echo.py", "--engine", "steam"], "'steam' is not one of"),
        (["echo.py", "--frobnicate"], "No such option"),
        (["echo.py", "--trace-dir", "echo.py"], "--trace-dir echo.py: File exists"),
    ],
)
def test_arguments_that_cannot_be_used(
    run: Run, write: Write, tmp_path: Path, arguments: list[str], expected: str
) -> None:
    write("echo.py", ECHO)
    (tmp_path / "folder.py").mkdir()
    assert expected in complaint(run("check", *arguments))


def test_a_trace_that_cannot_be_written(run: Run, write: Write, tmp_path: Path) -> None:
    write("echo.py", ECHO)
    (tmp_path / "traces" / "echo.py_echo_asks.json").mkdir(parents=True)
    result = run("check", "echo.py:echo:asks", "--trace-dir", "traces")
    assert "echo.py_echo_asks.json: Is a directory" in complaint(result)
    assert [each.name for each in (tmp_path / "traces").iterdir()] == ["echo.py_echo_asks.json"]


@pytest.mark.parametrize("arguments", [["chek"], ["explain"], ["draw", "x"], ["list", "x"], ["--wrong"]])
def test_commands_that_are_not_there(run: Run, arguments: list[str]) -> None:
    assert complaint(run(*arguments)).startswith("switchover")


def test_a_case_with_a_property_that_its_system_lacks(run: Run, write: Write) -> None:
    write("family.py", FAMILY.replace('patient, "no_unexpected_message"', 'patient, "no_such_property"'))
    assert "family.py:family:E03: system patient has no property 'no_such_property'" in complaint(
        run("check", "family.py:family:E03")
    )


reproducible = settings(derandomize=True, max_examples=60)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@reproducible
@given(st.lists(st.one_of(words, words.map("{}.py".format), words.map("echo.py:{}".format)), min_size=1, max_size=3))
@example(["--"])
@example(["["])
@example(["a\0b.py"])
@example(["echo.py:"])
@example([".py"])
@example([""])
def test_junk_for_selectors_never_ends_in_a_traceback(selectors: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        previous = os.getcwd()
        os.chdir(folder)
        try:
            Path("echo.py").write_text(ECHO, encoding="utf-8")
            result = CliRunner().invoke(main, ["check", "echo.py", "--max-states", "2", "--", *selectors])
        finally:
            os.chdir(previous)
    assert isinstance(result.exception, SystemExit | None)
    assert result.exit_code in (0, 1, 2, 3)
    assert "Traceback" not in result.output
    if result.exit_code == 2:
        assert result.stderr.count("\n") == 1


@reproducible
@given(st.binary(max_size=200))
@example(b"\xff\xfe")
@example(b"def f():\n\treturn 1\n        return 2\n")
@example(b"(" * 150)
def test_junk_for_a_file_never_ends_in_a_traceback(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "junk.py"
        # A file that happens to be Python must not run: what it says is put after the end of the program.
        path.write_bytes(b"raise SystemExit\n" + content)
        result = CliRunner().invoke(main, ["check", str(path)])
    assert complaint(result).startswith(f"switchover: {path}")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("raise ValueError('no clients today')", "ValueError: no clients today"),
        ("return 3", "made 3, not a System"),
    ],
)
def test_a_family_whose_system_cannot_be_made(run: Run, write: Write, body: str, expected: str) -> None:
    write("family.py", FAMILY.replace('return make(Impatient, "impatient")', body))
    for selector in ("family.py:family", "family.py:family:impatient", "family.py:family:E01"):
        assert expected in complaint(run("check", selector))
    line = FAMILY[: FAMILY.index('return make(Impatient, "impatient")')].count("\n") + 1
    if body.startswith("raise"):
        assert f"family.py:{line}: ValueError" in complaint(run("explain", "family.py:family:E01/impatient"))
