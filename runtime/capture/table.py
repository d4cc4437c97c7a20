"""The TCP connections of a capture. Of those that are not SPICE only where their servers were is kept."""

from __future__ import annotations

from collections.abc import Iterator

from .conversation import Conversation, Nature
from .headers import ACK, FIN, RST, SYN, Place, Segment
from .reassembly import Moment
from .remarks import Remark, Remarks

#: SPICE connections in one capture.
MOST_CONNECTIONS = 10_000
#: Other TCP connections that are remembered; of more, the oldest are forgotten.
MOST_OTHERS = 20_000
#: Bytes that may wait for what comes before or behind them, in all connections together.
MOST_HELD = 256 << 20

FORGOTTEN = Remark("connection", f"forgotten, as {MOST_OTHERS:,} came after it, left out")

_Ends = tuple[Place, Place]


class Table:
    """Follows all TCP connections. ``ends``: of the connections that are left out, where they were."""

    def __init__(self, most_rows: int) -> None:
        self.remarks = Remarks()
        self.ends: dict[Nature, set[Place]] = {each: set() for each in Nature}
        self._most_rows = most_rows
        self._rows = 0
        self._held = 0
        self._spice: dict[_Ends, Conversation] = {}
        self._past: list[Conversation] = []
        self._others: dict[_Ends, Conversation | None] = {}

    def take(self, segment: Segment, now: Moment) -> None:
        """A segment was captured. Raises ValueError, one line, when there is no room for it."""
        ends = (segment.source, segment.target)
        if segment.target < segment.source:
            ends = (segment.target, segment.source)
        conversation = self._conversation(ends, segment, now)
        if conversation is None:
            return
        rows = _rows(conversation)
        conversation.take(segment, now)
        self._rows += _rows(conversation) - rows
        if segment.data or segment.flags & (FIN | RST):
            self._count(conversation)
        if conversation.nature is Nature.SPICE:
            self._others.pop(ends, None)
            self._spice[ends] = conversation
        elif conversation.nature is not Nature.UNDECIDED:
            self._leave_out(ends, conversation)
        self._require_room()

    def finish(self) -> Iterator[Conversation]:
        """The connections that are SPICE, and those on which nothing was said."""
        others = [each for each in self._others.values() if each is not None]
        for each in (*self._past, *self._spice.values(), *others):
            each.finish()
            if each.nature in (Nature.SPICE, Nature.UNDECIDED):
                yield each
            else:
                self._forget(each)

    def _conversation(self, ends: _Ends, segment: Segment, now: Moment) -> Conversation | None:
        """The connection that a segment belongs to; None where that does not matter."""
        known = self._spice.get(ends) or self._others.get(ends)
        if known is not None and not known.is_reopened_by(segment):
            return known
        is_opening = segment.flags & (SYN | ACK) == SYN
        if known is None and not is_opening and ends in self._others:
            return None
        if not (segment.flags & SYN or segment.data or segment.missing):
            return None
        if known is not None:
            self._put_by(ends, known)
        self._others.pop(ends, None)
        found = self._others[ends] = Conversation(segment, now)
        return found

    def _count(self, conversation: Conversation, held: int | None = None) -> None:
        """Note how much a connection takes; ``held``: None: what it says."""
        now = conversation.held if held is None else held
        self._held += now - conversation.counted
        conversation.counted = now

    def _put_by(self, ends: _Ends, conversation: Conversation) -> None:
        """A connection is over, as another one has its ends now."""
        if self._spice.pop(ends, None) is None:
            self._forget(conversation)
        else:
            self._past.append(conversation)

    def _leave_out(self, ends: _Ends, conversation: Conversation) -> None:
        """Only that there was such a connection is kept, so that what comes on it is not taken for another."""
        self._spice.pop(ends, None)
        self._others[ends] = None
        self._forget(conversation)

    def _forget(self, conversation: Conversation) -> None:
        self._count(conversation, 0)
        self.remarks[Remark("connection", conversation.nature.value)] += 1
        places = self.ends[conversation.nature]
        if len(places) < MOST_OTHERS:
            places.update((conversation.client, conversation.server))

    def _require_room(self) -> None:
        if self._rows > self._most_rows:
            raise ValueError(f"more than {self._most_rows} messages")
        if len(self._spice) + len(self._past) > MOST_CONNECTIONS:
            raise ValueError(f"more than {MOST_CONNECTIONS} SPICE connections")
        if self._held > MOST_HELD:
            raise ValueError(f"more than {MOST_HELD >> 20} MiB of messages that are not complete")
        while len(self._others) > MOST_OTHERS:
            oldest = self._others.pop(next(iter(self._others)))
            if oldest is not None:
                self.remarks[FORGOTTEN] += 1
                self._count(oldest, 0)


def _rows(conversation: Conversation) -> int:
    return len(conversation.said) if conversation.nature is Nature.SPICE else 0
