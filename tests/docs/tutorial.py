"""Reads a tutorial: its listings, its commands, and what it shows of their output; applies a listing to a file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Listing:
    """Code for ``file``. Its statements replace those that define the same names, and are added where there are none:
    at the top level, or within the class or function ``scope``.
    """

    file: str
    scope: str
    code: str


@dataclass(frozen=True)
class Command:
    """A command line, and the output that is shown below it; None: none is shown."""

    arguments: tuple[str, ...]
    shown: str | None


def read_tutorial(page: Path) -> list[Listing | Command]:
    """What a reader does, in order. Raises ValueError for a block that is neither of the two."""
    blocks = [(each["info"].split(), each["body"]) for each in FENCE.finditer(page.read_text(encoding="utf-8"))]
    return list(_steps(blocks))


def _steps(blocks: list[tuple[list[str], str]]) -> Iterator[Listing | Command]:
    for number, (info, body) in enumerate(blocks):
        if info[:1] == ["python"]:
            yield Listing(info[1], info[2] if len(info) > 2 else "", body)
        elif not info:
            lines = body.splitlines()
            below = blocks[number + 1] if number + 1 < len(blocks) else ([], "")
            for line in lines:
                if not line.startswith("$ switchover "):
                    raise ValueError(f"not a command: {line}")
                is_last = line == lines[-1] and below[0] == ["text"]
                yield Command(tuple(line.split()[2:]), below[1] if is_last else None)
        elif info != ["text"]:
            raise ValueError(f"a block of unknown kind: {info}")


def apply_listing(source: str, listing: Listing) -> str:
    """The file's text after a reader has done what the listing asks for. Raises ValueError for an unknown scope."""
    body = _body(ast.parse(source), listing.scope)
    lines = source.splitlines(keepends=True)
    replaced: dict[int, tuple[int, str]] = {}
    added: list[tuple[int, int, str]] = []
    for statement, text in _statements(listing):
        old = [each for each in body if _names(each) == _names(statement)]
        if old:
            replaced[_first_line(old[0])] = (old[0].end_lineno or 0, text)
        else:
            added.append((_place(body, statement), len(added), text))
    for start, (end, text) in sorted(replaced.items(), reverse=True):
        lines[start - 1 : end] = [text, *[""] * (end - start)]
    for place, _, text in sorted(added, reverse=True):
        lines.insert(place, text)
    return "".join(lines)


def _body(module: ast.Module, scope: str) -> list[ast.stmt]:
    if not scope:
        return module.body
    for each in module.body:
        if isinstance(each, ast.ClassDef | ast.FunctionDef) and each.name == scope:
            return each.body
    raise ValueError(f"there is no {scope} to change")


def _statements(listing: Listing) -> Iterator[tuple[ast.stmt, str]]:
    """The statements of a listing with their text, which for one within a scope is indented."""
    head = f"def {listing.scope}():\n" if listing.scope else ""
    code = head + listing.code
    body = _body(ast.parse(code), listing.scope)
    lines = code.splitlines(keepends=True)
    for each in body:
        yield each, "".join(lines[_first_line(each) - 1 : each.end_lineno])


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min(statement.lineno, *(each.lineno for each in decorators), statement.lineno)


def _names(statement: ast.stmt) -> tuple[str, ...]:
    """What a statement defines; the statement ``return`` counts as one name."""
    if isinstance(statement, ast.ClassDef | ast.FunctionDef):
        return (statement.name,)
    if isinstance(statement, ast.Assign):
        return tuple(ast.unparse(each) for each in statement.targets)
    if isinstance(statement, ast.AnnAssign):
        return (ast.unparse(statement.target),)
    return ("return",) if isinstance(statement, ast.Return) else (ast.unparse(statement),)


def _place(body: list[ast.stmt], statement: ast.stmt) -> int:
    """How many lines stand before a new statement: beside its like in a class, else above the last statement.

    The last statement of a file is the system's function, of that function ``return``; a new message comes first.
    """
    classes = [each for each in body if isinstance(each, ast.ClassDef)]
    if isinstance(statement, ast.ClassDef) and classes:
        return _first_line(classes[0]) - 1
    if classes or isinstance(body[-1], ast.Return):
        return _first_line(body[-1]) - 1
    is_handler = isinstance(statement, ast.FunctionDef)
    like = [each for each in body if isinstance(each, ast.FunctionDef) == is_handler]
    return (like or body)[-1].end_lineno or 0
