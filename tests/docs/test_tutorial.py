"""A tutorial is done as a reader does it: its listings, in order, and its commands print what it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from switchover.main import main
from tutorial import Command, Listing, apply_listing, read_tutorial

TUTORIALS = sorted((Path(__file__).parents[2] / "docs" / "tutorial").glob("*.md"))

#: Stands in a shown output for lines that are left out.
OMITTED = "…"


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_what_is_shown_is_what_is_printed(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "120")
    shown = 0
    for step in read_tutorial(page):
        if isinstance(step, Listing):
            write(tmp_path / step.file, step)
            continue
        printed = run(step)
        if step.shown is not None:
            assert_shows(step.shown, printed)
            shown += 1
    assert shown


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_a_page_links_only_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize(
    ("scope", "code", "expected"),
    [
        ("", "class B:\n    y = 2\n", "class B:\n    y = 2\nclass A:\n    x = 1\n\ndef f():\n    return A\n"),
        ("A", "    x = 2\n", "class A:\n    x = 2\n\ndef f():\n    return A\n"),
        ("A", "    z: int = 3\n", "class A:\n    x = 1\n    z: int = 3\n\ndef f():\n    return A\n"),
        ("f", "    a = 1\n    return a\n", "class A:\n    x = 1\n\ndef f():\n    a = 1\n    return a\n"),
    ],
)
def test_a_listing_replaces_what_has_its_names_and_adds_the_rest(scope: str, code: str, expected: str) -> None:
    source = "class A:\n    x = 1\n\ndef f():\n    return A\n"
    assert apply_listing(source, Listing("x.py", scope, code)) == expected


@pytest.mark.parametrize("shown", ["a\nc\n", "b\n…\na\n", "a\nb holds\n"])
def test_what_is_not_printed_so_is_noticed(shown: str) -> None:
    with pytest.raises(AssertionError, match="not printed"):
        assert_shows(shown, "a\nb\nc\n")


def write(path: Path, listing: Listing) -> None:
    path.write_text(apply_listing(path.read_text("utf-8"), listing) if path.exists() else listing.code, "utf-8")


def run(command: Command) -> str:
    result = CliRunner().invoke(main, list(command.arguments))
    assert result.exit_code in (0, 1), f"{command.arguments}: {result.output} {result.exception!r}"
    if command.arguments[0] == "draw":
        assert Path(command.arguments[-1]).stat().st_size > 0
    return result.stdout


def assert_shows(shown: str, printed: str) -> None:
    """Each block of shown lines is printed as a block, and the blocks, which ``…`` divides, in this order."""
    rest = comparable(printed)
    for block in re.split(rf"^{OMITTED}$", "\n".join(comparable(shown)), flags=re.MULTILINE):
        lines = block.strip("\n").split("\n")
        rest = rest[rest.index(lines[0]) :] if lines[0] in rest else []
        assert rest[: len(lines)] == lines, f"not printed:\n{block}\nbut:\n{printed}"
        rest = rest[len(lines) :]


def comparable(text: str) -> list[str]:
    """The lines without durations, empty ones, and widths that follow from durations."""
    times = re.sub(r" *\b\d+(\.\d+)? m?s\b", " TIME", text)
    lines = re.sub(r"─+", "─", re.sub(r" +", " ", times)).splitlines()
    return [line.rstrip() for line in lines if line.strip()]
