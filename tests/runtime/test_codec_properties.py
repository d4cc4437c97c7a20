"""Every message of every table: there and back, cut off anywhere, and bytes that are anything."""

from __future__ import annotations

import contextlib

import pytest
from any_messages import any_message
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.language import Message
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice import codec
from switchover.runtime.spice.layout import Layout
from switchover.runtime.spice.tables import LINK, LINK_REPLY

Place = tuple[ChannelType, Side, int]

#: One place for each layout: those of base messages would come with every channel.
PLACES: dict[Layout, Place] = {
    layout: (channel, sender, number)
    for (channel, sender), table in codec.TABLES.items()
    for number, layout in table.items()
}
NAMES = {f"{channel.name.lower()}-{sender}-{layout.name}": layout for layout, (channel, sender, _) in PLACES.items()}

every_layout = pytest.mark.parametrize("layout", NAMES.values(), ids=NAMES)


@every_layout
@given(data=st.data())
@settings(max_examples=25)
def test_there_and_back_is_the_same(layout: Layout, data: st.DataObject) -> None:
    channel, sender, number = PLACES[layout]
    message = data.draw(any_message(layout.record))
    found, body = codec.encode(channel, sender, message)
    assert (found, codec.decode(channel, sender, number, body)) == (number, message)


@every_layout
@given(data=st.data())
@settings(max_examples=10)
def test_a_body_cut_off_anywhere_is_malformed_or_another_message(layout: Layout, data: st.DataObject) -> None:
    channel, sender, number = PLACES[layout]
    _, body = codec.encode(channel, sender, data.draw(any_message(layout.record)))
    for size in range(len(body)):
        decode_anything(channel, sender, number, body[:size])


@every_layout
@given(body=st.binary(max_size=80))
@settings(max_examples=25)
def test_any_bytes_are_malformed_or_a_valid_record_that_comes_back(layout: Layout, body: bytes) -> None:
    message = decode_anything(*PLACES[layout], body)
    if message is not None:
        again = codec.encode(*PLACES[layout][:2], message)
        assert codec.decode(*PLACES[layout][:2], *again) == message


def decode_anything(channel: ChannelType, sender: Side, number: int, body: bytes) -> Message | None:
    """A message whose fields keep to their ranges, or None for a malformed body; no other exception."""
    with contextlib.suppress(codec.MalformedError):
        message = codec.decode(channel, sender, number, body)
        assert type(message)(**vars(message)) == message
        return message
    return None


@pytest.mark.parametrize("layout", [LINK, LINK_REPLY], ids=["LINK", "LINK_REPLY"])
@given(data=st.data())
def test_the_link_messages_go_there_and_back(layout: Layout, data: st.DataObject) -> None:
    message = data.draw(any_message(layout.record))
    body = layout.encode(message)
    assert layout.decode(body) == message
    for size in range(len(body)):
        with contextlib.suppress(codec.MalformedError):
            layout.decode(body[:size])
