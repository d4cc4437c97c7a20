"""Judges a recording while it is made, row by row.

What was recorded so far is a recording that breaks off. When no run of the model explains it, none explains what it
grows to, so that a departure is certain as soon as one is found. Hosts, channels and migrations are read from the
recording and make the system, which is another one with each of them: hence each judgement is a search of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from switchover.models.spice.link_timing.recorded_rows import Row, row_of
from switchover.models.spice.link_timing.recording import BEGINNINGS, MAIN
from switchover.models.spice.link_timing.variant import Repairs

from .conformance import CONFORMS, STATE_LIMIT, Conformance, conform_recorded
from .reading import Recorded

#: Rows that a monitor holds at most. A handover takes about sixty.
MOST_ROWS = 10_000

_CLOCK = ("server", "MULTI_MEDIA_TIME")
_RESTORES = ("client", "MIGRATE_DATA")


class Sieve:
    """Tells rows of connections that an answer may depend on from those that it does not, which are by far the most.

    Whether the rows of what a channel is for are there, or how often, matters in one way: after a connection's end they
    show that this was not the end of the whole. So the first of each name is kept there.
    """

    def __init__(self) -> None:
        self._linked: set[int] = set()
        self._ended: set[tuple[int, str]] = set()
        self._restored: set[int] = set()
        self._begun: set[tuple[int, str, str]] = set()
        self._since_ending: set[str] | None = None

    def keeps(self, row: Mapping[str, Any]) -> bool:
        """Whether an answer may depend on the next row."""
        connection, sender = row["connection"], row["from"]
        if "tcp" in row:
            if row["tcp"] != "SYN":
                self._ended.add((connection, sender))
                self._since_ending = set()
            return True
        name = row["message"]
        if connection not in self._linked:
            if name == "LINK_RESULT":
                self._linked.add(connection)
            return True
        return (
            (connection, sender) in self._ended
            or self._is_mapped(connection, row["channel"], sender, name)
            or self._is_first_since_ending(name)
        )

    def _is_mapped(self, connection: int, channel: str, sender: str, name: str) -> bool:
        if (sender, name) == _CLOCK:
            is_answer = connection in self._restored
            self._restored.discard(connection)
            return is_answer
        if (sender, name) == _RESTORES:
            self._restored.add(connection)
        if (sender, name) in MAIN:
            return True
        if (channel, sender, name) not in BEGINNINGS:
            return False
        is_first = (connection, sender, name) not in self._begun
        self._begun.add((connection, sender, name))
        return is_first or name == "INIT"

    def _is_first_since_ending(self, name: str) -> bool:
        if self._since_ending is None or name in self._since_ending:
            return False
        self._since_ending.add(name)
        return True


class Monitor:
    """Holds ``rows``, which a sieve has kept, and judges them. ``client``: the repairs of the client that was watched.

    ``limit``: states that a search may visit.
    """

    def __init__(self, client: Repairs, limit: int = STATE_LIMIT) -> None:
        self._client = client
        self._limit = limit
        self.rows: list[Row] = []

    def add(self, line: int, row: object) -> None:
        """Take the row that is ``line`` of the recording. Raises ValueError for what is no row, or one too many."""
        if len(self.rows) >= MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS:,} messages that concern the model")
        self.rows.append(row_of(row, line))

    def judge(self, *, goes_on: bool, interrupted: Callable[[int], bool] | None = None) -> Conformance:
        """Whether what was recorded so far is a behaviour of the model; ``goes_on``: there may be more to come.

        ``interrupted``: as for ``conform``. Raises ValueError when the model has no room for it.
        """
        rows = self._settled() if goes_on else self.rows
        if not rows:
            return Conformance("what was seen", CONFORMS, "", 0, 0, 0)
        return conform_recorded(
            Recorded("what was seen", tuple(rows)),
            client=self._client,
            limit=self._limit,
            interrupted=interrupted,
            goes_on=goes_on,
        )

    def _settled(self) -> list[Row]:
        """Without connections that were only opened: of what channel they are shows later."""
        known = {each.connection for each in self.rows if each.name == "LINK" or each.is_ending}
        return [each for each in self.rows if each.connection in known]
