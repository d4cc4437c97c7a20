"""One TCP connection of a capture: whether it is SPICE, and what its two sides did."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from switchover.models.spice.protocol.channels import Side
from switchover.runtime.spice.link import MAGIC

from .dialogue import Dialogue, Said
from .headers import ACK, FIN, RST, SYN, Segment
from .reassembly import NEVER_CAME, Direction, Moment, Piece
from .remarks import Remark, Remarks

LATE_LINK = Remark("connection", "whose SYN was not captured, taken to open with its first packet")

#: The type of record, and the major version, with which TLS begins.
_TLS = b"\x16\x03"
_OTHER_SIDE = {Side.CLIENT: Side.SERVER, Side.SERVER: Side.CLIENT}


class Nature(Enum):
    """What a connection is, as far as its first bytes tell."""

    UNDECIDED = "on which nothing was said, left out"
    SPICE = "SPICE"
    TLS = "encrypted by TLS, left out"
    OTHER = "not SPICE, left out"
    BEGUN_BEFORE = "begun before the capture, left out, as SPICE cannot be read without its link"
    UNSEEN = "whose first bytes were not captured, left out"


class Conversation:
    """``client`` and ``server``: who is at the ends. ``said``: messages and TCP flags (SYN, FIN, RST) so far.

    ``counted``: what was last counted as ``held``, for whoever counts.
    """

    def __init__(self, segment: Segment, now: Moment) -> None:
        # Who opens the connection is the client; where that was not captured, who speaks first.
        is_answer = segment.flags & (SYN | ACK) == SYN | ACK
        self.client = segment.target if is_answer else segment.source
        self.server = segment.source if is_answer else segment.target
        self.nature = Nature.UNDECIDED
        self.said: list[Said] = []
        self.remarks = Remarks()
        self.counted = 0
        self._dialogue = Dialogue(self.remarks)
        self._directions = {side: Direction(self.remarks) for side in Side}
        self._first = now
        self._is_opening_seen = False
        self._has_begun_before = not segment.flags & SYN
        self._pieces: list[tuple[Side, Piece]] = []
        self._starts = dict.fromkeys(Side, b"")
        self._ended: dict[Side, str] = {}

    @property
    def held(self) -> int:
        """About how many bytes of memory it takes besides what was ``said``."""
        found = self._dialogue.held + sum(len(piece.data) for _, piece in self._pieces)
        for each in self._directions.values():
            found += each.held
        return found

    @property
    def is_harmed(self) -> bool:
        """Whether something was said that could not be read."""
        return self._dialogue.is_harmed or self.remarks[NEVER_CAME] > 0

    def is_reopened_by(self, segment: Segment) -> bool:
        """Whether a SYN opens another connection between the same ends."""
        if segment.flags & (SYN | ACK) != SYN:
            return False
        direction = self._directions[self._side(segment)]
        return not direction.is_beginning((segment.sequence + 1) & 0xFFFFFFFF)

    def take(self, segment: Segment, now: Moment) -> None:
        """A segment of this connection was captured."""
        side = self._side(segment)
        direction = self._directions[side]
        sequence = segment.sequence
        if segment.flags & SYN:
            sequence = (sequence + 1) & 0xFFFFFFFF
            self._open(side, sequence, now)
        elif not direction.is_known:
            direction.begin(sequence)
        if segment.flags & ACK:
            other = self._directions[_OTHER_SIDE[side]]
            if not other.is_known:
                # Its SYN was captured late or not at all; what it says first is what is expected of it now.
                other.begin(segment.acknowledged)
            other.acknowledge(segment.acknowledged)
        if segment.flags & RST:
            self._hear(side, direction.finish())
            if self._ended.get(side) == "FIN":
                # An answer to what came after its FIN: the other side's system has dropped the connection by it, and
                # sends no FIN any more when its program closes.
                self._end(_OTHER_SIDE[side], "FIN", now)
            self._end(side, "RST", now)
        elif side not in self._ended:
            length = len(segment.data) + segment.missing
            if segment.flags & FIN:
                direction.end((sequence + length) & 0xFFFFFFFF, now)
            if length:
                self._hear(side, direction.add(sequence, segment.data, segment.missing, now))
            self._note_end(side)

    def finish(self) -> None:
        """Nothing more comes."""
        for side in Side:
            self._hear(side, self._directions[side].finish())
            self._note_end(side)
        if self.nature is Nature.SPICE:
            self._dialogue.finish()

    def _side(self, segment: Segment) -> Side:
        return Side.CLIENT if segment.source == self.client else Side.SERVER

    def _open(self, side: Side, sequence: int, now: Moment) -> None:
        direction = self._directions[side]
        if not direction.is_known:
            direction.begin(sequence)
        if side is Side.CLIENT and not self._is_opening_seen:
            self._is_opening_seen = True
            self.said.append(_flag(Side.CLIENT, now, "SYN"))

    def _note_end(self, side: Side) -> None:
        over_at = self._directions[side].over_at
        if over_at is not None:
            self._end(side, "FIN", over_at)

    def _end(self, side: Side, flag: str, now: Moment) -> None:
        if side not in self._ended:
            self._ended[side] = flag
            self._directions[side].forget()
            self.said.append(_flag(side, now, flag, self._dialogue.channel))

    def _hear(self, side: Side, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            if self.nature is Nature.UNDECIDED:
                self._pieces.append((side, piece))
                self._decide(side, piece)
            elif self.nature is Nature.SPICE:
                self._overhear(side, piece)

    def _overhear(self, side: Side, piece: Piece) -> None:
        self.said += self._dialogue.hear(side, piece)
        if self._has_begun_before and self._dialogue.link is None and self._dialogue.is_harmed:
            # The server's answer may be the first that was captured; it begins as the client's link does.
            self._leave_out(Nature.BEGUN_BEFORE)

    def _decide(self, side: Side, piece: Piece) -> None:
        """Tell what this is from the first bytes of either side."""
        start = self._starts[side] = (self._starts[side] + piece.data)[: len(MAGIC)]
        if start == MAGIC:
            self._begin()
        elif not MAGIC.startswith(start) and start != _TLS[:1]:
            known = Nature.TLS if start.startswith(_TLS) else Nature.OTHER
            self._leave_out(Nature.BEGUN_BEFORE if self._has_begun_before else known)
        elif piece.missing:
            self._leave_out(Nature.UNSEEN)

    def _begin(self) -> None:
        self.nature = Nature.SPICE
        if not self._is_opening_seen:
            self._is_opening_seen = True
            self.remarks[LATE_LINK] += 1
            self.said.insert(0, _flag(Side.CLIENT, self._first, "SYN"))
        pieces, self._pieces = self._pieces, []
        for side, piece in pieces:
            self._overhear(side, piece)

    def _leave_out(self, nature: Nature) -> None:
        self.nature = nature
        self._pieces.clear()


def _flag(side: Side, come: Moment, name: str, channel: str = "?") -> Said:
    return Said(side, come, channel, name, {}, is_tcp=True)
