"""A recording that is judged while it is made: as soon as possible, never wrongly, and by few of its rows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import Rows, as_lines, dropped, find, inserted, moved, rows_of
from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN, Conformance, conform, monitor
from switchover.checks.conformance.monitor import Monitor, Sieve
from switchover.models.spice.link_timing.variant import Repairs

SMALL = ("m1", "m2", "m3", "g-", "d1")


def seen(name: str) -> Rows:
    """What a client sees of a recording: its connections."""
    return [row for row in rows_of(name) if row["kind"] == "spice"]


def kept(rows: Rows) -> Iterator[tuple[int, bool, dict[str, object]]]:
    sieve = Sieve()
    return ((line, sieve.keeps(row), row) for line, row in enumerate(rows, start=1))


def at_the_end(rows: Rows) -> Conformance:
    """Judged by what a sieve keeps, and the last row."""
    found = Monitor(Repairs())
    for line, is_kept, row in kept(rows):
        if is_kept or line == len(rows):
            found.add(line, row)
    return found.judge(goes_on=False)


def same(found: Conformance, expected: Conformance) -> bool:
    """What a person is told is the same; what is outside the model is counted elsewhere."""
    names = ("verdict", "variant", "mapped", "explained", "states", "line", "text", "allowed", "nearest")
    return all(getattr(found, name) == getattr(expected, name) for name in names)


@pytest.mark.parametrize("name", ["a-", "c6", "e6", "h1", "i1", "m5", "s7"])
def test_the_rows_that_are_kept_are_judged_as_all_are(name: str) -> None:
    rows = seen(name)
    assert same(at_the_end(rows), conform(as_lines(rows)))
    assert sum(is_kept for _, is_kept, _ in kept(rows)) <= 150


@settings(max_examples=25, derandomize=True)
@given(st.sampled_from(SMALL), st.sampled_from(("drop", "move", "again", "cut")), st.data())
def test_that_is_so_for_what_departs_from_the_model_too(name: str, kind: str, data: st.DataObject) -> None:
    rows = seen(name)
    index = data.draw(st.integers(1, len(rows) - 1))
    if kind == "drop":
        rows = dropped(rows, index)
    elif kind == "cut":
        rows = rows[:index]
    else:
        other = data.draw(st.integers(0, len(rows) - 1))
        rows = moved(rows, index, other) if kind == "move" else inserted(rows, index, rows[other])
    assert same(at_the_end(rows), conform(as_lines(rows)))


@pytest.mark.parametrize("name", ["m1", "m2", "c8", "e8", "d1", "i1"])
def test_what_conforms_conforms_at_every_moment(name: str) -> None:
    found = Monitor(Repairs())
    moments = [(line, row) for line, is_kept, row in kept(seen(name)) if is_kept]
    for number, (line, row) in enumerate(moments):
        found.add(line, row)
        if number % 8 == 0 or number > len(moments) - 6:
            judged = found.judge(goes_on=True)
            assert judged.verdict == CONFORMS, (judged.line, judged.text, judged.nearest)


def test_a_departure_is_found_when_it_is_seen() -> None:
    """MIGRATE_END comes although the client has said nothing."""
    rows = seen("m1")
    rows = dropped(rows, find(rows, message="MIGRATE_CONNECTED"))
    end = find(rows, message="MIGRATE_END", sender="server") + 1
    found = Monitor(Repairs())
    verdicts = {}
    for line, is_kept, row in kept(rows):
        if is_kept and line <= end:
            found.add(line, row)
        if line in (end - 1, end):
            verdicts[line] = found.judge(goes_on=True)
    assert verdicts[end - 1].verdict == CONFORMS
    assert (verdicts[end].verdict, verdicts[end].line) == (DIFFERS, end)
    assert verdicts[end].allowed
    assert "MIGRATE_END" in verdicts[end].text


def test_where_everything_was_closed_by_one_side_more_may_come() -> None:
    """The other side answers later: there is no departure before."""
    rows = seen("m3")
    last = max(index for index, row in enumerate(rows) if row.get("tcp") != "FIN")
    for end in range(last + 1, len(rows) + 1):
        found = Monitor(Repairs())
        for line, row in enumerate(rows[:end], start=1):
            found.add(line, row)
        assert found.judge(goes_on=True).verdict == CONFORMS


def test_a_search_has_its_limit() -> None:
    found = Monitor(Repairs(), limit=5)
    for line, row in enumerate(seen("m1"), start=1):
        found.add(line, row)
    assert found.judge(goes_on=True).verdict == UNKNOWN


def test_a_monitor_holds_so_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "MOST_ROWS", 3)
    found = Monitor(Repairs())
    rows = seen("m1")
    for line in (1, 2, 3):
        found.add(line, rows[line])
    with pytest.raises(ValueError, match="more than 3 messages that concern the model"):
        found.add(4, rows[4])
