"""Finds in an actor's source what open values cannot notice: ``is``, tests of a value's type, and ``match``.

An operator asks the value itself; these ask the interpreter, and get an answer for the stand-in instead of for
the number. Hence they are looked for before a chart runs on open values.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import textwrap
from collections.abc import Iterator
from enum import Enum
from types import FunctionType
from typing import Any, NamedTuple

from switchover.models.language import Actor

__all__ = ["unsupported_syntax"]

_OPEN_TYPES = (int, bool, float)
_UNKNOWN = object()


class _Names(NamedTuple):
    """What a function's names stand for: its module's, those around it, the builtins."""

    found: dict[str, Any]

    def value(self, node: ast.expr) -> Any:
        """What a dotted name or a literal stands for; ``_UNKNOWN`` when only a run could tell."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Attribute):
            owner = self.value(node.value)
            return _UNKNOWN if owner is _UNKNOWN else getattr(owner, node.attr, _UNKNOWN)
        return self.found.get(node.id, _UNKNOWN) if isinstance(node, ast.Name) else _UNKNOWN


def unsupported_syntax(cls: type[Actor]) -> list[str]:
    """``charts.py:12 in on_frame: is …`` for each place of the author's methods that would go wrong on open values.

    ``is None`` and ``is`` with a class or a member of an enumeration are right: no open value is one of those. A
    function whose source cannot be read is reported too.
    """
    complaints: list[str] = []
    for name, function in _own_functions(cls):
        complaints += _complaints(name, function)
    return complaints


def _own_functions(cls: type[Actor]) -> Iterator[tuple[str, FunctionType]]:
    authors = cls.__mro__[: cls.__mro__.index(Actor)]
    names = {name: None for base in authors for name in base.__dict__}
    for name in names:
        found = inspect.getattr_static(cls, name)
        parts = (found.fget, found.fset) if isinstance(found, property) else (getattr(found, "__func__", found),)
        yield from ((name, each) for each in parts if isinstance(each, FunctionType))


def _complaints(name: str, function: FunctionType) -> list[str]:
    file = os.path.basename(function.__code__.co_filename)
    first = function.__code__.co_firstlineno
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return [f"{file}:{first} in {name}: the source cannot be read, so that nobody knows what it asks of values"]
    names = _Names({**vars(builtins), **function.__globals__, **inspect.getclosurevars(function).nonlocals})
    nodes: list[Any] = list(ast.walk(tree))
    found = sorted((first + node.lineno - 1, text) for node in nodes for text in _judge(node, names))
    return [f"{file}:{line} in {name}: {text}" for line, text in found]


def _judge(node: Any, names: _Names) -> Iterator[str]:
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, operands, operands[1:], strict=False):
            if isinstance(operator, ast.Is | ast.IsNot) and not (_is_safe(left, names) or _is_safe(right, names)):
                yield f"{ast.unparse(left)} is {ast.unparse(right)} compares identity; write == or a truth by itself"
    elif isinstance(node, ast.Match):
        yield f"match {ast.unparse(node.subject)} may look at types and identity; write if and =="
    elif isinstance(node, ast.Call) and names.value(node.func) is isinstance and len(node.args) == 2:
        if any(names.value(each) is kind for each in _members(node.args[1]) for kind in _OPEN_TYPES):
            yield f"{ast.unparse(node)} is False for an open number; a variable's annotation says its type"
    elif isinstance(node, ast.Call) and names.value(node.func) is type and len(node.args) == 1:
        yield f"{ast.unparse(node)} is another type for an open value; a variable's annotation says its type"


def _is_safe(node: ast.expr, names: _Names) -> bool:
    value = names.value(node)
    return value is None or (value is not _UNKNOWN and isinstance(value, Enum | type))


def _members(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Tuple):
        return list(node.elts)
    return [*_members(node.left), *_members(node.right)] if isinstance(node, ast.BinOp) else [node]
