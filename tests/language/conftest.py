"""What the language's tests share: running source as an author of a model would write it."""

from __future__ import annotations

import importlib.util
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PREAMBLE = """\
import asyncio
from dataclasses import dataclass
from enum import Enum
from typing import Annotated
from statemachine import Event, HistoryState
from switchover.models.language import *

COUNTER = 0

class Go(Message):
    number: Annotated[int, Between(0, 3)] = 0

class Done(Message):
    pass

class Base(Actor):
    port = Port(receives=(Go,), sends=(Done,))
    idle = State(initial=True)
    busy = State()
    go = idle.to(busy)
    back = Decision(busy.to(idle))
    flag: bool = variable(False)
    count: Annotated[int, Between(0, 3)] = variable(0)
    fixed: bool = parameter(False)

"""


@pytest.fixture
def define(tmp_path: Path) -> Callable[[str], ModuleType]:
    """Run source after the preamble, as a module of its own."""

    def run(source: str) -> ModuleType:
        file = tmp_path / "written.py"
        file.write_text(PREAMBLE + textwrap.dedent(source))
        spec = importlib.util.spec_from_file_location("written", file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["written"] = module
        try:
            spec.loader.exec_module(module)
        finally:
            del sys.modules["written"]
        return module

    return run
