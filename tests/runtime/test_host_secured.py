"""Channels that a host links with TLS only, or without: what is answered to whom (facts: SPICE 1.3)."""

from __future__ import annotations

import pytest
from host_bench import BESIDE_MAIN, MAIN_CAPS, Bench, HostOnBench, Wire
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import Ended, MessageSeen
from switchover.runtime.spice.host_options import ALL_CHANNELS, HostOptions

MAIN = ChannelType.MAIN
OK, NEED_SECURED, NEED_UNSECURED = 0, 5, 6
SECURE, PLAIN = "spice-tls", "spice"


def linked(bench: Bench, host: HostOnBench, listener: str, channel: ChannelType, session: int = 0) -> Wire:
    return bench.connect(host, listener).link(channel, session, MAIN_CAPS if channel is MAIN else None)


@settings(max_examples=40)
@given(st.data())
def test_each_channel_is_linked_as_the_host_wants_it(data: st.DataObject) -> None:
    secured = data.draw(st.frozensets(st.sampled_from(sorted(ALL_CHANNELS))))
    unsecured = data.draw(st.frozensets(st.sampled_from(sorted(ALL_CHANNELS)))) - secured
    bench = Bench()
    host = bench.host("a", HostOptions(video=None, tls_channels=secured, plaintext_channels=unsecured))
    first = linked(bench, host, PLAIN if MAIN in unsecured else SECURE, MAIN)
    session = first.last(main.Init).session_id
    for channel in BESIDE_MAIN:
        results = {each: linked(bench, host, each, channel, session).result for each in (SECURE, PLAIN)}
        assert results == {
            SECURE: NEED_UNSECURED if channel in unsecured else OK,
            PLAIN: NEED_SECURED if channel in secured else OK,
        }
    assert not first.is_closed


@pytest.mark.parametrize(("listener", "error"), [(PLAIN, NEED_SECURED), (SECURE, NEED_UNSECURED)])
def test_the_error_is_the_reply_and_the_connection_is_closed(listener: str, error: int) -> None:
    only = frozenset((MAIN,))
    options = HostOptions(tls_channels=only) if error == NEED_SECURED else HostOptions(plaintext_channels=only)
    bench = Bench()
    host = bench.host("a", options)
    wire = linked(bench, host, listener, MAIN)
    assert (wire.result, wire.is_closed) == (error, True)
    assert [each.name for each in host.all(MessageSeen)] == ["LINK", "LINK_REPLY"]
    reply = next(each for each in host.all(MessageSeen) if each.sender is Side.SERVER)
    assert reply.message.error == error  # type: ignore[union-attr, attr-defined]
    assert host.all(Ended)[0].reason in ("link refused: NEED_SECURED", "link refused: NEED_UNSECURED")


def test_a_refused_link_does_not_displace_the_client_in_service() -> None:
    bench = Bench()
    host = bench.host("a", HostOptions(tls_channels=frozenset((MAIN,))))
    served = linked(bench, host, SECURE, MAIN)
    assert linked(bench, host, PLAIN, MAIN).result == NEED_SECURED
    assert not served.is_closed


def test_with_tls_no_two_messages_share_a_record() -> None:
    """spice-gtk would not read the second one before more comes."""
    bench = Bench()
    host = bench.host("a", with_guest=True)
    wire = linked(bench, host, SECURE, MAIN)
    bench.advance(20)
    greeting = wire.writes[-7:]
    assert len(wire.messages) == len(greeting)
    assert all(each.ends_segment for each in greeting)


def test_what_cannot_be_wanted() -> None:
    with pytest.raises(ValueError, match="MAIN cannot be linked only with TLS and only without"):
        HostOptions(tls_channels=ALL_CHANNELS, plaintext_channels=frozenset((MAIN,)))
    with pytest.raises(ValueError, match="expected some of CURSOR, DISPLAY, INPUTS, MAIN, PLAYBACK"):
        HostOptions(tls_channels=frozenset((ChannelType.USBREDIR,)))
