"""A client's events as rows of a recording, by which ``conform`` can judge them (``docs/conformance.md``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from switchover.models.spice.protocol.channels import Side

from ..capture.rows import channel_name, fields_of
from .events import Channel, Ended, MessageSeen, Opened

#: A row: what becomes one line of JSON.
Row = dict[str, Any]


@dataclass
class ClientRecording:
    """Makes rows of one client's events, fed in order. Hosts are called A, B, … as the client meets them.

    Times are in seconds since the first event, which was at ``began``; None: there was none yet.
    """

    began: float | None = None
    _hosts: dict[str, str] = field(default_factory=dict)
    _linked: set[int] = field(default_factory=set)
    _answers: list[Row] = field(default_factory=list)
    _connections: dict[int, str] = field(default_factory=dict)

    def rows(self, event: object) -> list[Row]:
        """The rows of one event; none for those that are not about connections."""
        if isinstance(event, Opened):
            return [self._open(event)]
        if isinstance(event, MessageSeen):
            return [self._message(event)]
        return self._ending(event) if isinstance(event, Ended) else []

    def host(self, server: str) -> str:
        """The letter of a server."""
        return self._hosts.setdefault(server, _letters(len(self._hosts)))

    def _row(self, at: float, connection: int, channel: Channel | None, sender: Side) -> Row:
        self.began = at if self.began is None else self.began
        return {
            "t": round(at - self.began, 6),
            "kind": "spice",
            "host": self._connections[connection],
            "connection": connection,
            "channel": channel_name(channel[0]) if channel is not None and connection in self._linked else "?",
            "from": str(sender),
        }

    def _open(self, event: Opened | Ended) -> Row:
        self._connections[event.connection] = self.host(event.server)
        return {**self._row(event.at, event.connection, None, Side.CLIENT), "tcp": "SYN"}

    def _message(self, event: MessageSeen) -> Row:
        self._linked.add(event.connection)
        row = {**self._row(event.at, event.connection, event.channel, event.sender), "message": event.name}
        if event.number is not None:
            row |= {"number": event.number, "size": event.size}
        fields = fields_of(event.message) if event.message is not None else {}
        return {**row, "fields": fields} if fields else row

    def _ending(self, event: Ended) -> list[Row]:
        rows = [] if event.connection in self._connections else [self._open(event)]
        side = event.by or Side.SERVER
        ending = "RST" if event.by is None else "FIN"
        rows.append({**self._row(event.at, event.connection, event.channel, side), "tcp": ending})
        if event.by is not None:
            other = Side.CLIENT if side is Side.SERVER else Side.SERVER
            assumed = {"assumed": True} if event.is_unread and other is Side.SERVER else {}
            self._answers.append({**rows[-1], "from": str(other), **assumed})
        return rows

    def endings(self) -> list[Row]:
        """The last rows: the other side of each connection that was closed has closed it too, at a time that the client
        is not told.
        """
        latest = max((row["t"] for row in self._answers), default=0.0)
        answers, self._answers = self._answers, []
        return [{**row, "t": latest} for row in answers]


def _letters(number: int) -> str:
    """A, B, … Z, A2, B2, …"""
    turn, letter = divmod(number, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")
