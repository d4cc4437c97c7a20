"""The connection, by random sequences of what its two ends and the environment may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.language import Between, Closed, Lost, Message, Opened, Refused
from switchover.models.language import connection as transport
from switchover.models.language.connection import ESTABLISHED, FREE, ConnectionState

CAPACITY = 4


class Item(Message):
    """A message that knows which connection it was sent on, by which end, and when."""

    era: Annotated[int, Between(0)]
    end: Annotated[int, Between(0, 1)]
    number: Annotated[int, Between(0)]


@dataclass
class Rig:
    """A slot, and what each end knows of it, as an actor would."""

    state: ConnectionState = FREE
    era: int = 0
    eras: list[int] = field(default_factory=lambda: [0, 0])
    is_open: list[bool] = field(default_factory=lambda: [False, False])
    sent: list[int] = field(default_factory=lambda: [0, 0])
    received: list[list[Item]] = field(default_factory=lambda: [[], []])
    endings: list[list[type[Message]]] = field(default_factory=lambda: [[], []])

    def open(self, end: int) -> None:
        if self.is_open[end]:
            return
        after = transport.open_from(self.state, end)
        assert (after is not None) == self.state.is_free
        if after is not None:
            self.era += 1
            self.is_open[end], self.eras[end], self.state = True, self.era, after

    def send(self, end: int) -> None:
        if not self.is_open[end]:
            return
        after = transport.send_from(self.state, end, Item(self.eras[end], end, self.sent[end]), CAPACITY)
        if after is None:
            assert len(self.state.queues[1 - end]) >= CAPACITY
            return
        self.sent[end] += 1
        self.state = after

    def close(self, end: int) -> None:
        if self.is_open[end]:
            self.state, self.is_open[end] = transport.close_from(self.state, end), False
            assert not self.state.queues[end]

    def receive(self, end: int, accepts: bool = True, notice: bool = False) -> None:
        head = self.state.head(end)
        if head is None:
            return
        connecting = isinstance(head, Opened) and not self.is_open[end]
        if connecting and not accepts:
            self.state = transport.refuse_at(self.state, end)
            return
        before = self.state
        self.state = transport.receive_at(self.state, end)
        assert self.state.queues[end] == before.queues[end][1:]
        if connecting:
            self.is_open[end], self.eras[end] = True, self.era
            if notice:
                self.state = transport.accept_notice(self.state, end)
        elif isinstance(head, Item):
            self.received[end].append(head)
            assert self.is_open[end]
            assert head.era == self.eras[end]
        elif not isinstance(head, Opened):
            assert self.is_open[end]
            self.is_open[end] = False
            self.endings[end].append(type(head))

    def check(self) -> None:
        assert self.state.open_ends == (self.is_open[0], self.is_open[1])
        for end in (0, 1):
            queue = self.state.queues[end]
            endings = [number for number, each in enumerate(queue) if isinstance(each, Closed | Lost | Refused)]
            assert endings in ([], [len(queue) - 1])  # nothing follows an ending
            opened = [number for number, each in enumerate(queue) if isinstance(each, Opened)]
            assert opened in ([], [0])  # nothing precedes the opening
            assert all(each.era == self.era for each in queue if isinstance(each, Item))
            # An end that counts the connection as open will hear of its end, unless the peer is open or to be asked.
            if self.is_open[end] and not self.is_open[1 - end] and not endings:
                assert isinstance(self.state.head(1 - end), Opened)


OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["open", "send", "close", "receive", "notice", "refuse", "cut", "crash"]), st.integers(0, 1)
    ),
    max_size=60,
)


def run(rig: Rig, operations: list[tuple[str, int]]) -> None:
    for name, end in operations:
        if name == "receive":
            rig.receive(end)
        elif name == "notice":
            rig.receive(end, notice=True)
        elif name == "refuse":
            rig.receive(end, accepts=False)
        elif name == "cut":
            rig.state = transport.cut(rig.state)
            assert not any(isinstance(each, Item) for queue in rig.state.queues for each in queue)
        elif name == "crash":
            rig.state, rig.is_open[end] = transport.crash_at(rig.state, end), False
        else:
            getattr(rig, name)(end)
        rig.check()


def drain(rig: Rig) -> None:
    """Let both ends read everything, then close what is still open."""
    for _ in range(200):
        for end in (0, 1):
            rig.receive(end)
            rig.check()
        if not any(rig.state.queues):
            if not any(rig.is_open):
                return
            rig.close(0 if rig.is_open[0] else 1)
    raise AssertionError(f"never free: {rig}")


@settings(max_examples=600)
@given(OPERATIONS)
def test_what_arrives_is_in_order_and_of_this_connection(operations: list[tuple[str, int]]) -> None:
    rig = Rig()
    run(rig, operations)
    for end in (0, 1):
        numbers = [each.number for each in rig.received[end]]
        assert numbers == sorted(set(numbers))
        assert all(each.end == 1 - end for each in rig.received[end])


@settings(max_examples=300)
@given(OPERATIONS)
def test_a_slot_always_becomes_free_again(operations: list[tuple[str, int]]) -> None:
    rig = Rig()
    run(rig, operations)
    drain(rig)
    assert rig.state == FREE
    assert transport.open_from(rig.state, 1) == ConnectionState((False, True), ((Opened(),), ()))


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(["send", "receive"]), st.integers(0, 1)), max_size=40), st.integers(0, 1))
def test_closed_comes_after_all_that_was_in_flight(operations: list[tuple[str, int]], closer: int) -> None:
    rig = Rig(state=ESTABLISHED, is_open=[True, True])
    run(rig, operations)
    in_flight = [each for each in rig.state.queues[1 - closer] if isinstance(each, Item)]
    known = len(rig.received[1 - closer])
    rig.close(closer)
    while rig.state.queues[1 - closer]:
        rig.receive(1 - closer)
    assert rig.received[1 - closer][known:] == in_flight
    assert rig.endings[1 - closer] == [Closed]


@settings(max_examples=300)
@given(st.lists(st.tuples(st.sampled_from(["send", "receive", "close"]), st.integers(0, 1)), max_size=40))
def test_a_cut_drops_what_is_in_flight_and_every_open_end_finds_lost(operations: list[tuple[str, int]]) -> None:
    rig = Rig(state=ESTABLISHED, is_open=[True, True])
    run(rig, operations)
    received, were_open = [list(each) for each in rig.received], list(rig.is_open)
    known = [len(each) for each in rig.endings]
    rig.state = transport.cut(rig.state)
    for end in (0, 1):
        while rig.state.queues[end]:
            rig.receive(end)
    assert rig.received == received
    assert [each[known[end] :] for end, each in enumerate(rig.endings)] == [
        [Lost] if each else [] for each in were_open
    ]


def test_lost_at_one_end_leaves_the_other_its_own_lost() -> None:
    state = transport.cut(ESTABLISHED)
    assert transport.receive_at(state, 0) == ConnectionState((False, True), ((), (Lost(),)))
    assert transport.close_from(state, 0) == ConnectionState((False, True), ((), (Lost(),)))


def test_an_acceptance_is_not_told_to_a_peer_that_closed_before() -> None:
    state = transport.open_from(FREE, 0)
    assert state is not None
    accepted = transport.receive_at(transport.close_from(state, 0), 1)
    assert transport.accept_notice(accepted, 1) == accepted


def test_a_crash_leaves_what_was_closed_before_to_arrive() -> None:
    sent = transport.send_from(ESTABLISHED, 0, Item(0, 0, 0), CAPACITY)
    assert sent is not None
    closed = transport.close_from(sent, 0)
    assert transport.crash_at(closed, 0) == closed
    assert transport.crash_at(sent, 0) == ConnectionState((False, True), ((), (Lost(),)))


def test_sending_to_a_peer_that_has_ended_is_lost_without_a_word() -> None:
    closed = transport.close_from(ESTABLISHED, 0)
    assert transport.send_from(closed, 1, Item(0, 1, 0), CAPACITY) == closed


def test_a_refusal_drops_what_was_sent_ahead() -> None:
    state = transport.open_from(FREE, 0)
    assert state is not None
    state = transport.send_from(state, 0, Item(1, 0, 0), CAPACITY)
    assert state is not None
    assert transport.refuse_at(state, 1) == ConnectionState((True, False), ((Refused(),), ()))
