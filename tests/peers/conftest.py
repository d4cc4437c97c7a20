"""Tests of this folder may be coroutines; certificates are made as in the runtime's tests."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Coroutine
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "runtime"))

TEST_LIMIT = 180.0
"""Seconds for one test: more than its longest wait, so that the wait says what was missing."""


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    asyncio.run(_limited(pyfuncitem.obj(**arguments)))
    return True


async def _limited(test: Coroutine[None, None, None]) -> None:
    async with asyncio.timeout(TEST_LIMIT):
        await test
