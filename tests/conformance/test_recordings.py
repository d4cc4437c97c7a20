"""Every recording of real software is a behaviour of the model, whole, cut off, and with other names."""

from __future__ import annotations

import random

import pytest
from recordings import NAMES, Rows, as_lines, find, lines_of, rows_of
from switchover.checks.conformance import CONFORMS, conform, conform_file
from switchover.models.spice.link_timing import recording

REASONS = {
    recording.LINK_DETAIL,
    recording.UPKEEP,
    recording.SERVICE,
    recording.CLOCK,
    recording.OTHER_CHANNEL,
    recording.REPEATED_ENDING,
    recording.ADMINISTRATION,
    recording.REPORTS,
    recording.INCOMING,
    recording.GUEST_STOP,
}


@pytest.mark.parametrize("name", NAMES)
def test_conforms(name: str) -> None:
    found = conform(lines_of(name), name=name)
    assert (found.verdict, found.line) == (CONFORMS, 0)
    assert found.explained == found.mapped > 5
    assert set(found.outside) <= REASONS
    # A line without LINK stands for two observations.
    assert found.mapped + sum(found.outside.values()) == found.lines


def test_there_are_all_kinds() -> None:
    assert len(NAMES) == 31
    assert {name[0] for name in NAMES} == set("abcdefghimrs")


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("m6x")])
def test_a_recording_may_break_off_anywhere(name: str) -> None:
    lines = lines_of(name)
    chosen = random.Random(name)
    for length in chosen.sample(range(2, len(lines)), 2):
        assert conform(lines[:length]).verdict == CONFORMS, length


@pytest.mark.parametrize("name", ["a0-", "b-", "c8", "d1", "h1", "r5", "m2"])
def test_names_and_numbers_do_not_matter(name: str) -> None:
    rows = rows_of(name)
    hosts = {host: f"host-{number}" for number, host in enumerate(sorted({row["host"] for row in rows}, reverse=True))}
    for row in rows:
        row["host"] = hosts[row["host"]]
        if "connection" in row:
            row["connection"] = 1000 - 7 * row["connection"]
    assert conform(as_lines(rows)).verdict == CONFORMS


def test_a_link_that_the_server_wants_with_tls_is_no_link() -> None:
    rows = rows_of("a-")
    linked = next(
        number for number, row in enumerate(rows) if row.get("message") == "LINK" and row["channel"] == "display"
    )
    plain = {**rows[linked], "connection": 999}
    syn = {**plain, "tcp": "SYN", "channel": "?"}
    del syn["message"], syn["fields"]
    reply = {**plain, "from": "server", "message": "LINK_REPLY", "fields": {"error": 5}}
    ends = [{**syn, "tcp": "FIN", "channel": "display", "from": side} for side in ("server", "client")]
    tried = [*rows[:linked], syn, plain, reply, *ends, *rows[linked:]]
    found = conform(as_lines(tried))
    assert (found.verdict, found.outside[recording.OTHER_PORT]) == (CONFORMS, 5)
    # It counts as one where the server has another reason.
    reply["fields"] = {"error": 1}
    assert conform(as_lines(tried)).verdict != CONFORMS
    with pytest.raises(ValueError, match="nothing but links that the server wants at its other port"):
        conform(as_lines([syn, plain, {**reply, "fields": {"error": 6}}, *ends]))


def test_a_file_and_its_lines_are_the_same(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "anything.jsonl"
    path.write_text("\n".join(lines_of("a-")) + "\n")
    whole, lines = conform_file(path), conform(lines_of("a-"))
    assert whole.recording == str(path)
    assert (whole.verdict, whole.states, whole.transitions) == (lines.verdict, lines.states, lines.transitions)


def there_and_back() -> Rows:
    """A seamless handover from A to B, and the same again from B to A2."""
    rows = rows_of("b-")
    first, last = find(rows, name="client_migrate_info"), find(rows, message="KEY_MODIFIERS", host="B")
    hosts, numbers = {"A": "B", "B": "A2"}, {1: 5, 2: 8, 3: 7, 4: 6, 5: 21, 6: 22, 7: 23, 8: 24}
    again = []
    for row in rows_of("b-")[first : last + 1]:
        row["host"] = hosts[row["host"]]
        if "connection" in row:
            row["connection"] = numbers[row["connection"]]
        for part in (row.get("fields", {}), row.get("data", {})):
            if "port" in part:
                part["port"] = 12345
        again.append(row)
    return rows[: last + 1] + again + [row for row in rows[last + 1 :] if row["kind"] != "spice"]


def seamless_then(name: str, reset: tuple[str, str] = ("", "")) -> Rows:
    """A seamless preparation, then what another recording has from its migration on.

    On the channel that ``reset`` names first, the side that it names second resets its connection to B.
    """
    rows, other = rows_of("b-"), rows_of(name)
    numbers = {"A": {"main": 1, "display": 2, "cursor": 3, "inputs": 4}}
    numbers["B"] = {"main": 5, "display": 8, "cursor": 7, "inputs": 6}
    rest = []
    for row in other[find(other, name="migrate") :]:
        if "connection" in row:
            row["connection"] = numbers[row["host"]][row["channel"]]
            if row["host"] == "B" and row.get("tcp") == "FIN" and row["channel"] == reset[0]:
                if row["from"] != reset[1] and reset[1] == "server":
                    continue
                row["tcp"] = "RST" if row["from"] == reset[1] else "FIN"
        rest.append(row)
    return rows[: find(rows, name="migrate")] + rest


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(there_and_back(), id="seamless there and back"),
        pytest.param(seamless_then("c1"), id="seamless, cancelled"),
        pytest.param(seamless_then("c1", ("cursor", "client")), id="seamless, cancelled, the client resets"),
        pytest.param(seamless_then("c1", ("cursor", "server")), id="seamless, cancelled, the target resets"),
        pytest.param(seamless_then("c6"), id="seamless, the target dies"),
        pytest.param(seamless_then("i1"), id="seamless, the client quits"),
        pytest.param([row for row in rows_of("f2") if row["kind"] != "spice"], id="no client"),
    ],
)
def test_other_kinds_conform(rows: Rows) -> None:
    """Put together from the recordings, after the order that the notes on unrecorded scenarios give."""
    found = conform(as_lines(rows))
    assert found.verdict == CONFORMS, (found.line, found.text, found.nearest)
