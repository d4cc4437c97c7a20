"""The judge beside a client: what it tells, when, and that it never holds anything up."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from switchover import judging
from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN
from switchover.judging import Judge, Judgement
from switchover.judging_words import judgement_lines, verdict_text
from switchover.models.spice.link_timing.variant import Repairs
from switchover.runtime.spice.recording import Row

RECORDINGS = Path(__file__).parent.parent / "data" / "recordings"
LIMIT = 60.0


def seen() -> list[Row]:
    """What a client saw of a handover."""
    lines = gzip.decompress((RECORDINGS / "m1-mini-semi.jsonl.gz").read_bytes()).decode().splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == "spice"]


def without(rows: list[Row], name: str) -> list[Row]:
    return [row for row in rows if row.get("message") != name]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(LIMIT):
        while not condition():
            await asyncio.sleep(0.01)


def judged(
    work: Callable[[Judge], Coroutine[Any, Any, None]], states: int = judging.STATES
) -> tuple[Judge, list[Judgement]]:
    """What became of a judge, and what it told."""
    told: list[Judgement] = []
    judge = Judge(Repairs(), told.append, states)

    async def whole() -> None:
        await judge.start()
        try:
            async with asyncio.timeout(LIMIT):
                await work(judge)
        finally:
            await judge.stop()

    asyncio.run(whole())
    return judge, told


def give(judge: Judge, rows: list[Row]) -> None:
    for line, row in enumerate(rows, start=1):
        judge.take(line, row)


def words(judge: Judge, lines: int) -> str:
    return verdict_text(judge.judgement, lines, lambda time: time)


def test_what_conforms_is_told_at_the_end_only() -> None:
    async def work(judge: Judge) -> None:
        give(judge, seen())
        await judge.finish()

    judge, told = judged(work)
    assert (judge.judgement.verdict, told) == (CONFORMS, [])
    assert words(judge, 70).startswith("the model explains all that was seen (")


def test_nothing_was_seen() -> None:
    judge, told = judged(Judge.finish)
    assert (judge.judgement.verdict, told, words(judge, 0)) == (CONFORMS, [], "nothing was seen")


def test_a_departure_is_told_before_the_end_and_once() -> None:
    rows = without(seen(), "MIGRATE_CONNECTED")

    async def work(judge: Judge) -> None:
        give(judge, rows)
        await until(lambda: judge.judgement.is_wrong)
        give(judge, rows)
        await judge.finish()

    judge, told = judged(work)
    assert told == [judge.judgement]
    found = judge.judgement.departure
    assert found is not None
    assert (judge.judgement.verdict, rows[found.line - 1]["message"]) == (DIFFERS, "MIGRATE_END")
    assert found.time == rows[found.line - 1]["t"]
    first, *more = judgement_lines(judge.judgement, lambda time: time)
    assert first.startswith("the model does not allow: ")
    assert any(each.startswith("possible: ") for each in more)
    assert "no run of the model explains what was seen; it ends before" in words(judge, 70)


def test_judgements_are_made_while_rows_come() -> None:
    rows = seen()

    async def work(judge: Judge) -> None:
        for line, row in enumerate(rows[:30], start=1):
            judge.take(line, row)
            if line in (10, 20, 30):
                before = judge.judgement.until
                await until(lambda before=before: judge.judgement.until not in (None, before))

    judge, told = judged(work)
    assert (judge.judgement.verdict, told) == (UNKNOWN, [])
    assert words(judge, 30).endswith("not judged further: the end was not waited for")


def test_a_search_that_meets_its_limit_is_told_once_and_never_taken_for_good() -> None:
    async def work(judge: Judge) -> None:
        give(judge, seen()[:1])
        await until(lambda: judge.judgement.until is not None)
        give(judge, seen()[1:])
        await until(lambda: told_of(judge))
        await judge.finish()

    judge, told = judged(work, states=40)
    assert told == [judge.judgement]
    assert judge.judgement.verdict == UNKNOWN
    assert judgement_lines(told[0], lambda time: time)[0].startswith("not judged further: ")
    assert re.match(r"the model explains what was seen up to [\d.]+; not judged further: the search", words(judge, 70))


def told_of(judge: Judge) -> bool:
    return judge.judgement.why.startswith("the search met its limit")


def test_what_comes_too_fast_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_WAITING", 5)

    async def work(judge: Judge) -> None:
        give(judge, seen())
        await judge.finish()

    judge, told = judged(work)
    assert told == [judge.judgement]
    assert words(judge, 70) == "not judged: more is seen than can be judged in time"


def test_the_model_has_no_room() -> None:
    begin = next(row for row in seen() if row.get("message") == "MIGRATE_BEGIN")

    async def work(judge: Judge) -> None:
        give(judge, [*seen()[:20], begin, begin, begin, begin, begin])
        await judge.finish()

    judge, _ = judged(work)
    assert judge.judgement.verdict == UNKNOWN
    assert words(judge, 25).endswith("migration attempts; the model has room for 4")


def test_a_process_that_ends_is_a_reason_not_to_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_CHILD", (sys.executable, "-c", "pass"))

    async def work(judge: Judge) -> None:
        give(judge, seen()[:20])
        await judge.finish()
        give(judge, seen())

    judge, told = judged(work)
    assert told == [judge.judgement]
    assert words(judge, 70) == "not judged: its process has ended"


def test_a_process_that_cannot_be_started_is_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_CHILD", ("/no/such/program",))

    async def work(judge: Judge) -> None:
        give(judge, seen())
        await judge.finish()

    judge, _ = judged(work)
    assert words(judge, 70).startswith("not judged: its process cannot be started: ")


def test_it_can_be_left_at_any_time() -> None:
    async def work(judge: Judge) -> None:
        give(judge, seen())

    judge, told = judged(work)
    assert (judge.judgement.verdict, told) == (UNKNOWN, [])
