"""spice-gtk with sound, semi-seamless: a channel that END has reset closes its old connection at what comes by it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from recordings import Rows, as_lines, find, moved
from switchover.checks.conformance import CONFORMS, DIFFERS, conform, conform_file

#: A packet capture of spice-gtk 0.42 between our hosts, as lines.
SOUND = Path(__file__).parent.parent / "data" / "peers" / "spice-gtk-sound-semi.jsonl.gz"


def sound() -> Rows:
    return [json.loads(line) for line in gzip.decompress(SOUND.read_bytes()).splitlines()]


def test_it_conforms_though_the_target_has_not_answered_yet() -> None:
    rows = sound()
    closes = find(rows, tcp="RST", channel="playback", host="A")
    assert find(rows, message="MIGRATE_END", host="B") < closes < find(rows, message="INIT", channel="main", host="B")
    assert rows[closes - 1]["message"] == "STOP"
    assert conform_file(SOUND).verdict == CONFORMS


def test_before_end_it_does_not() -> None:
    """It might be the user's leaving, until the client goes over."""
    rows = sound()
    closes, end = find(rows, tcp="RST", host="A"), find(rows, message="MIGRATE_END", sender="server")
    rows = moved(rows, closes, end)
    found = conform(as_lines(rows))
    assert found.verdict == DIFFERS
    assert found.line == find(rows, message="MIGRATE_END", sender="client") + 1
