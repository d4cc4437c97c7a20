"""The one transport: duplex, FIFO, reliable until closed or lost, as TCP is."""

from __future__ import annotations

from typing import NamedTuple

from .message import ENDINGS, Closed, Lost, Message, Opened, Refused


class ConnectionState(NamedTuple):
    """A slot for one connection. End 0 is the first endpoint of its declaration, end 1 the second.

    ``open_ends``: which ends count it as open. ``queues``: for each end, what is on its way to it,
    first to arrive first: messages, and connection events in order with them.
    """

    open_ends: tuple[bool, bool]
    queues: tuple[tuple[Message, ...], tuple[Message, ...]]

    @property
    def is_free(self) -> bool:
        """Both ends closed and drained: the slot may be used again."""
        return not any(self.open_ends) and not any(self.queues)

    def head(self, end: int) -> Message | None:
        """What would arrive next at ``end``."""
        return self.queues[end][0] if self.queues[end] else None


FREE = ConnectionState((False, False), ((), ()))
ESTABLISHED = ConnectionState((True, True), ((), ()))

_OPENED, _REFUSED, _CLOSED, _LOST = Opened(), Refused(), Closed(), Lost()


def _with(
    state: ConnectionState, end: int, is_open: bool, own: tuple[Message, ...], other: tuple[Message, ...]
) -> ConnectionState:
    opens, queues = list(state.open_ends), list(state.queues)
    opens[end], queues[end], queues[1 - end] = is_open, own, other
    return ConnectionState((opens[0], opens[1]), (queues[0], queues[1]))


def _has_ended(state: ConnectionState, end: int) -> bool:
    """Whether the connection is over for ``end``, which may not know yet: closed, refused or lost is on its way."""
    own = state.queues[end]
    return bool(own) and isinstance(own[-1], ENDINGS)


def open_from(state: ConnectionState, end: int) -> ConnectionState | None:
    """``end`` connects; None when the slot is still in use (a bound, not a behaviour)."""
    return _with(state, end, True, (), (_OPENED,)) if state.is_free else None


def send_from(state: ConnectionState, end: int, message: Message, capacity: int) -> ConnectionState | None:
    """``end`` sends; None when the queue is full (a bound). Gone without a word if the peer has ended it already."""
    own, other = state.queues[end], state.queues[1 - end]
    if _has_ended(state, end):
        return state
    if len(other) >= capacity:
        return None
    return _with(state, end, True, own, (*other, message))


def close_from(state: ConnectionState, end: int) -> ConnectionState:
    """``end`` closes: what it sent still arrives, then *closed*; what was on its way to it is gone."""
    other = state.queues[1 - end]
    return _with(state, end, False, (), other if _has_ended(state, end) else (*other, _CLOSED))


def receive_at(state: ConnectionState, end: int) -> ConnectionState:
    """The head of the queue to ``end`` arrives there: *opened* opens this end, an ending closes it."""
    own, other = state.queues[end], state.queues[1 - end]
    head, rest = own[0], own[1:]
    is_open = isinstance(head, Opened) or (state.open_ends[end] and not isinstance(head, ENDINGS))
    return _with(state, end, is_open, rest, other)


def accept_notice(state: ConnectionState, end: int) -> ConnectionState:
    """``end`` has accepted: the peer is told *opened*, before anything that is sent to it; nothing, if it closed."""
    if not state.open_ends[1 - end]:
        return state
    return _with(state, end, True, state.queues[end], (*state.queues[1 - end], _OPENED))


def refuse_at(state: ConnectionState, end: int) -> ConnectionState:
    """``end`` does not listen: the peer is told *refused*, what it sent is gone; nothing, if it closed already."""
    peer_open = state.open_ends[1 - end]
    return _with(state, end, False, (), (_REFUSED,) if peer_open else ())


def cut(state: ConnectionState) -> ConnectionState:
    """The connection breaks: what is in flight is gone, each open end finds *lost*."""
    queues = tuple((_LOST,) if is_open else () for is_open in state.open_ends)
    return ConnectionState(state.open_ends, (queues[0], queues[1]))


def crash_at(state: ConnectionState, end: int) -> ConnectionState:
    """The process at ``end`` is gone: what is in flight is gone, the peer, if open, finds *lost*.

    A connection that ``end`` had closed or refused before is left to drain.
    """
    if not state.open_ends[end] and _has_ended(state, 1 - end):
        return state
    return _with(state, end, False, (), (_LOST,) if state.open_ends[1 - end] else ())
