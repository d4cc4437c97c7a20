"""The PINGs that a new client's main channel begins with, and what a host measures by them (facts: SPICE 1.9)."""

from __future__ import annotations

import pytest
from host_bench import Bench, HostOnBench, Wire
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.models.spice.protocol import base
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.endpoint import Address
from switchover.runtime.simulation import Link, Network
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_events import NetTested
from switchover.runtime.spice.host_options import HostOptions

SIZES = [0, 0, 256_000]


def pings(wire: Wire) -> list[base.Ping]:
    return [each for each in wire.messages if isinstance(each, base.Ping)]


def measure(bench: Bench, trips: tuple[float, float, float]) -> tuple[HostOnBench, list[NetTested]]:
    """What the host measured when its PINGs are answered so many seconds after they were sent."""
    host = bench.host("a", HostOptions(video=None))
    wire = bench.connect(host).link(ChannelType.MAIN, 0)
    began = bench.now
    for ping, trip in zip(pings(wire), trips, strict=True):
        assert host.all(NetTested) == []
        bench.now = began + trip
        wire.send(base.Pong(ping.id, ping.timestamp))
    return host, host.all(NetTested)


def test_two_short_pings_and_a_long_one_follow_the_greeting() -> None:
    bench = Bench()
    wire = bench.connect(bench.host("a")).link(ChannelType.MAIN, 0)
    found = pings(wire)
    assert [(each.id, len(each.data)) for each in found] == list(enumerate(SIZES, start=1))
    assert wire.take() == ["INIT", "NAME", "UUID", "PING", "PING", "PING"]


def test_the_bit_rate_is_that_of_what_the_long_one_takes_longer() -> None:
    _, found = measure(Bench(), (0.07, 0.05, 0.05 + 0.256))
    assert [(each.latency, each.bit_rate) for each in found] == [(0.05, 8_000_000)]


def test_a_line_too_fast_to_tell() -> None:
    _, found = measure(Bench(), (0.05, 0.05, 0.05))
    assert [(each.latency, each.bit_rate) for each in found] == [(0.05, None)]


@settings(max_examples=50)
@given(st.lists(st.floats(0, 100), min_size=3, max_size=3).map(sorted))
def test_whatever_the_round_trips_the_bit_rate_is_positive(trips: list[float]) -> None:
    _, found = measure(Bench(), (trips[0], trips[1], trips[2]))
    assert len(found) == 1
    assert 0 <= found[0].latency <= trips[2] + 1e-6
    assert found[0].bit_rate is None or found[0].bit_rate > 0


@pytest.mark.parametrize("ids", [(3, 3, 3), (1, 3, 3), (1, 2, 9), (1, 1, 3), (3, 2, 1)])
def test_answers_in_another_order_measure_nothing(ids: tuple[int, int, int]) -> None:
    bench = Bench()
    host = bench.host("a")
    wire = bench.connect(host).link(ChannelType.MAIN, 0)
    for number in ids:
        wire.send(base.Pong(number, pings(wire)[0].timestamp))
    assert host.all(NetTested) == []
    assert not wire.is_closed


def test_without_the_test_there_are_no_pings_and_a_migrated_client_is_not_tested() -> None:
    bench = Bench()
    plain = bench.host("a", HostOptions(tests_network=False))
    assert pings(bench.connect(plain).link(ChannelType.MAIN, 0)) == []
    other = bench.host("b")
    assert bench.connect(other).link(ChannelType.MAIN, 0xAB).messages == []


@pytest.mark.parametrize("bandwidth", [100_000, 1_000_000])
def test_our_client_answers_and_the_line_is_measured(bandwidth: int) -> None:
    """Bytes a second, in a network in which nothing else delays them."""
    network = Network(seed=1, link=Link(latency=0.02, bandwidth=bandwidth), segments=False)
    found: list[object] = []
    host, client = HostEndpoint(HostOptions(video=None)), ClientEndpoint(Target("a", 5900))
    network.add("a", host, {"spice": Address("a", 5900)}, on_report=found.append)
    network.add("client", client).call(client.connect)
    network.run_until(lambda: any(isinstance(each, NetTested) for each in found))
    measured = next(each for each in found if isinstance(each, NetTested))
    assert measured.latency == pytest.approx(0.04, abs=0.01)
    assert measured.bit_rate == pytest.approx(8 * bandwidth, rel=0.05)
