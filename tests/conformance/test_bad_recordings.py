"""What is no recording is refused in one line that says where and what; nothing else ever goes wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordings import as_lines, find, lines_of, rows_of
from switchover.checks.conformance import CONFORMS, DIFFERS, UNKNOWN, conform, conform_file
from switchover.checks.conformance.reading import LONGEST_LINE

GOOD = {"t": 1.0, "kind": "spice", "host": "A", "connection": 1, "channel": "main", "from": "client", "message": "LINK"}


def without(key: str) -> dict[str, Any]:
    return {name: value for name, value in GOOD.items() if name != key}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("no json", "x:1: not JSON"),
        ("[1]", "x:1: expected a JSON object"),
        ("[" * 50_000, "x:1: not JSON"),
        (b"\xff\xfe\x00\x01", "x:1: not UTF-8"),
        (json.dumps(without("t")), '"t" must be a number'),
        (json.dumps({**GOOD, "t": True}), '"t" must be a number'),
        ('{"t": NaN, "kind": "qmp-event", "host": "A", "name": "STOP"}', '"t" must be a number'),
        (json.dumps({**GOOD, "kind": "smoke"}), '"kind" must be one of spice'),
        (json.dumps(without("host")), '"host" must be a name, not missing'),
        (json.dumps({**GOOD, "host": "A\x1b[2J"}), '"host" must be a name'),
        (json.dumps({**GOOD, "connection": "1"}), '"connection" must be the number'),
        (json.dumps({**GOOD, "connection": -1}), '"connection" must be the number'),
        (json.dumps({**GOOD, "from": "me"}), '"from" must be client or server'),
        (json.dumps(without("message")), 'expected either "message" or "tcp"'),
        (json.dumps({**GOOD, "tcp": "SYN"}), 'expected either "message" or "tcp"'),
        (json.dumps({**without("message"), "tcp": "ACK"}), '"tcp" must be one of SYN, FIN, RST'),
        (json.dumps({**GOOD, "fields": [1]}), '"fields" must be an object'),
        (json.dumps({"t": 1, "kind": "qmp-event", "host": "A"}), '"name" must be a name'),
        ("x" * (LONGEST_LINE + 1), "is longer than"),
    ],
)
def test_a_bad_line_is_refused(line: str | bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match="x:1: ") as caught:
        conform([line], name="x")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_line_is_named() -> None:
    lines = list(lines_of("m1"))
    lines[40] = "{"
    with pytest.raises(ValueError, match=r"^m1:41: not JSON"):
        conform(lines, name="m1")


@pytest.mark.parametrize("content", [b"", b"\n\n \n"])
def test_an_empty_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="the recording is empty"):
        conform_file(path)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing.jsonl"):
        with pytest.raises(ValueError, match="cannot be read"):
            conform_file(path)


def test_a_line_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"x" * 5_000_000)
    with pytest.raises(ValueError, match=r"long.jsonl:1: the line is longer than 65536"):
        conform_file(path)


def test_what_the_model_has_no_room_for_is_refused() -> None:
    begin = {"t": 0, "kind": "qmp-command", "host": "A", "name": "migrate", "data": {}}
    with pytest.raises(ValueError, match="5 migration attempts; the model has room for 4"):
        conform(as_lines([begin] * 5))
    with pytest.raises(ValueError, match="more hosts than the 4"):
        conform(as_lines([{**GOOD, "connection": n, "host": f"H{n}"} for n in range(5)]))
    with pytest.raises(ValueError, match="line 2: connection 1 is at B, and at A before"):
        conform(as_lines([GOOD, {**GOOD, "host": "B"}]))
    with pytest.raises(ValueError, match="more main connections to one host than the 8"):
        conform(as_lines([{**GOOD, "connection": n} for n in range(9)]))


def test_a_limit_gives_unknown() -> None:
    for answer in (conform(lines_of("b-"), limit=20), conform(lines_of("b-"), interrupted=lambda states: states > 20)):
        assert answer.verdict == UNKNOWN
        assert 20 <= answer.states < 60
        assert not answer.conforms


def test_the_answer_as_plain_data() -> None:
    rows = rows_of("c1")
    rows = rows[: find(rows, message="MIGRATE_CANCEL")]
    good = conform(as_lines(rows), name="good").to_json()
    assert (good["recording"], good["verdict"], good["line"], good["allowed"]) == ("good", CONFORMS, None, [])
    rows.insert(find(rows, message="MIGRATE_BEGIN"), rows[find(rows, message="MIGRATE_CONNECTED")])
    bad = json.loads(json.dumps(conform(as_lines(rows), name="bad").to_json()))
    assert bad["verdict"] == DIFFERS
    assert bad["line"] == find(rows, message="MIGRATE_CONNECTED") + 1
    assert bad["lines"] == len(rows)
    assert bad["mapped"] + sum(bad["outside"].values()) == len(rows)


@settings(max_examples=150, derandomize=True)
@given(st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=40)), max_size=5))
def test_arbitrary_lines(lines: list[str | bytes]) -> None:
    with pytest.raises(ValueError, match=r"\S") as caught:
        conform(lines)
    assert len(str(caught.value).splitlines()) == 1


def is_answered_or_refused(lines: list[str]) -> bool:
    """Whether there is a verdict, or a complaint of one line."""
    try:
        return conform(lines, limit=500).verdict in (CONFORMS, DIFFERS, UNKNOWN)
    except ValueError as error:
        return len(str(error).splitlines()) == 1


VALUES = st.one_of(st.none(), st.booleans(), st.integers(-5, 70000), st.floats(), st.text(max_size=5), st.just("A"))
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "t": VALUES,
        "kind": st.sampled_from(["spice", "qmp-command", "qmp-event", "server-api", "?"]),
        "host": st.one_of(st.sampled_from(["A", "B", "C"]), VALUES),
        "connection": st.one_of(st.integers(0, 3), VALUES),
        "channel": st.one_of(st.sampled_from(["main", "display", "cursor", "?", "usbredir"]), VALUES),
        "from": st.sampled_from(["client", "server"]),
        "tcp": st.sampled_from(["SYN", "FIN", "RST"]),
        "message": st.sampled_from(["LINK", "LINK_RESULT", "INIT", "MIGRATE_BEGIN", "MIGRATE", "MIGRATE_DATA", "PING"]),
        "name": st.sampled_from(["migrate", "client_migrate_info", "MIGRATION", "SHUTDOWN", "RESUME", "connect"]),
        "fields": st.dictionaries(st.sampled_from(["port", "id", "session_id", "result", "flags"]), VALUES, max_size=3),
        "data": st.dictionaries(st.sampled_from(["port", "status", "reason"]), VALUES, max_size=2),
    },
)


@settings(max_examples=150, derandomize=True)
@given(st.lists(ROWS, min_size=1, max_size=12))
def test_arbitrary_rows(rows: list[dict[str, Any]]) -> None:
    filled = [{**GOOD, **row} if "tcp" not in row else {**without("message"), **row} for row in rows]
    for row in filled:
        if "message" in row and "tcp" in row:
            del row["message"]
    assert is_answered_or_refused(as_lines(filled))


@settings(max_examples=40, derandomize=True)
@given(st.sampled_from(["a-", "d1", "m2"]), st.data())
def test_a_recording_with_damaged_values(name: str, data: st.DataObject) -> None:
    rows = rows_of(name)
    row = rows[data.draw(st.integers(0, len(rows) - 1))]
    key = data.draw(st.sampled_from(sorted(row)))
    row[key] = data.draw(VALUES)
    assert is_answered_or_refused(as_lines(rows))
