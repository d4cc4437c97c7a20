"""One line of a recording of real software, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = ("spice", "qmp-command", "qmp-event", "server-api")
SIDES = ("client", "server")
TCP = ("SYN", "FIN", "RST")

#: No name in a recording is longer.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Row:
    """``name``: a message, a TCP flag, a QMP command or event, a call. Off the wire there is no connection (-1).

    ``time``: in s, on any clock. ``packet``: number of the packet that brought it, in a packet capture. ``is_assumed``:
    it was not seen, but must have come, behind what else was not seen.
    """

    line: int
    kind: str
    host: str
    name: str
    connection: int = -1
    channel: str = ""
    sender: str = ""
    is_tcp: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)
    time: float = 0.0
    packet: int = 0
    is_assumed: bool = False

    @property
    def is_wire(self) -> bool:
        """Whether it was seen on a connection."""
        return self.kind == "spice"

    @property
    def is_ending(self) -> bool:
        """Whether one side closes or breaks its connection."""
        return self.is_tcp and self.name != "SYN"

    def number(self, key: str) -> int | None:
        """A field that is a number, None when it is missing or something else."""
        value = self.fields.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def __str__(self) -> str:
        return f"{self.host} {self.kind} {self.name}"


def row_of(value: object, line: int) -> Row:
    """The row that one line of a recording holds, decoded from JSON.

    Raises ValueError, saying what is wrong and what was expected.
    """
    if not isinstance(value, dict):
        raise ValueError("expected a JSON object")
    time = value.get("t")
    if not isinstance(time, int | float) or isinstance(time, bool) or not abs(time) < float("inf"):
        raise ValueError('"t" must be a number of seconds')
    kind = value.get("kind")
    if kind not in KINDS:
        raise ValueError(f'"kind" must be one of {", ".join(KINDS)}, not {_shown(kind)}')
    host = _name(value, "host")
    if kind != "spice":
        data = value.get("data", {})
        return Row(line, kind, host, _name(value, "name"), fields=_mapping(data, "data"), time=time)
    return _wire_row(value, line, host, time)


def _wire_row(value: dict[str, Any], line: int, host: str, time: float) -> Row:
    connection = value.get("connection")
    if not isinstance(connection, int) or isinstance(connection, bool) or connection < 0:
        raise ValueError(f'"connection" must be the number of a connection, not {_shown(connection)}')
    sender = value.get("from")
    if sender not in SIDES:
        raise ValueError(f'"from" must be client or server, not {_shown(sender)}')
    channel = _name(value, "channel") if value.get("channel") is not None else "?"
    if ("tcp" in value) == ("message" in value):
        raise ValueError('expected either "message" or "tcp"')
    if "tcp" in value:
        if value["tcp"] not in TCP:
            raise ValueError(f'"tcp" must be one of {", ".join(TCP)}, not {_shown(value["tcp"])}')
        assumed = value.get("assumed", False)
        if not isinstance(assumed, bool):
            raise ValueError(f'"assumed" must be true or false, not {_shown(assumed)}')
        return Row(line, "spice", host, value["tcp"], connection, channel, sender, True, time=time, is_assumed=assumed)
    fields = _mapping(value.get("fields", {}), "fields")
    return Row(line, "spice", host, _name(value, "message"), connection, channel, sender, fields=fields, time=time)


def _name(value: dict[str, Any], key: str) -> str:
    found = value.get(key)
    if not isinstance(found, str) or not found or len(found) > LONGEST_NAME or not found.isprintable():
        raise ValueError(f'"{key}" must be a name, not {_shown(found)}')
    return found


def _mapping(value: object, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f'"{key}" must be an object, not {_shown(value)}')
    return value


def _shown(value: object) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= 40 else f"{text[:40]}…"
