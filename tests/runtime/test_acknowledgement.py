"""Acknowledgement windows, each side and both together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.models.spice.protocol.base import AckSync, SetAck
from switchover.runtime.spice.acknowledgement import Acknowledger, SendWindow


@given(window=st.integers(1, 50), count=st.integers(0, 300))
def test_an_ack_for_every_window_of_messages(window: int, count: int) -> None:
    acknowledger = Acknowledger()
    assert acknowledger.on_set_ack(SetAck(3, window)) == AckSync(3)
    due = [number for number in range(1, count + 1) if acknowledger.on_message()]
    assert due == list(range(window, count + 1, window))


def test_without_a_window_nothing_is_acknowledged() -> None:
    acknowledger = Acknowledger()
    assert not any(acknowledger.on_message() for _ in range(100))
    acknowledger.on_set_ack(SetAck(1, 0))
    assert not any(acknowledger.on_message() for _ in range(100))


def test_a_new_window_counts_anew() -> None:
    acknowledger = Acknowledger()
    acknowledger.on_set_ack(SetAck(1, 3))
    acknowledger.on_message()
    acknowledger.on_message()
    acknowledger.on_set_ack(SetAck(2, 3))
    assert [acknowledger.on_message() for _ in range(3)] == [False, False, True]


def sent_until_blocked(window: SendWindow) -> int:
    count = 0
    while window.may_send:
        window.on_sent()
        count += 1
    return count


def test_a_new_channel_sends_nothing_until_it_is_released() -> None:
    window = SendWindow()
    assert not window.may_send
    window.release()
    assert window.may_send


def test_it_stops_when_more_than_two_windows_are_unacknowledged() -> None:
    window = SendWindow(20)
    window.release()
    assert window.set_ack() == SetAck(1, 20)
    assert sent_until_blocked(window) == 41


def test_an_ack_lets_a_window_more_go() -> None:
    window = SendWindow(20)
    window.release()
    window.on_ack_sync(AckSync(window.set_ack().generation))
    sent_until_blocked(window)
    window.on_ack()
    assert sent_until_blocked(window) == 20


@pytest.mark.parametrize("synced", [None, 1, 3])
def test_an_ack_of_another_generation_is_ignored(synced: int | None) -> None:
    window = SendWindow(5)
    window.release()
    window.set_ack()
    assert window.set_ack() == SetAck(2, 5)
    if synced is not None:
        window.on_ack_sync(AckSync(synced))
    sent_until_blocked(window)
    window.on_ack()
    assert not window.may_send


def test_more_acks_than_messages_are_no_credit() -> None:
    window = SendWindow(5)
    window.release()
    window.on_ack_sync(AckSync(window.set_ack().generation))
    for _ in range(10):
        window.on_ack()
    assert sent_until_blocked(window) == 11


@given(window=st.integers(1, 30), steps=st.lists(st.booleans(), max_size=300))
def test_both_sides_never_block_each_other_and_never_more_than_two_windows_are_under_way(
    window: int, steps: list[bool]
) -> None:
    sender, receiver = SendWindow(window), Acknowledger()
    sender.release()
    sender.on_ack_sync(receiver.on_set_ack(sender.set_ack()))
    under_way = 0
    for sends in steps:
        if sends and sender.may_send:
            sender.on_sent()
            under_way += 1
        elif under_way:
            under_way -= 1
            if receiver.on_message():
                sender.on_ack()
        assert under_way <= 2 * window + 1
    while under_way:
        under_way -= 1
        if receiver.on_message():
            sender.on_ack()
    assert sender.may_send
