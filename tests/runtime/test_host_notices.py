"""NOTIFY: what a host tells the user, of itself (facts: SPICE 2.5, 3.2) and when it is told to."""

from __future__ import annotations

import pytest
from host_bench import BESIDE_MAIN, Bench, HostOnBench, new_client, preconnect
from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol import base, main
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.endpoint import Address
from switchover.runtime.simulation import Network
from switchover.runtime.spice.client import ClientEndpoint, Target
from switchover.runtime.spice.events import MessageSeen
from switchover.runtime.spice.host import HostEndpoint
from switchover.runtime.spice.host_options import HostOptions

INPUTS = ChannelType.INPUTS
INSECURE = "keyboard channel is insecure"


def notices(messages: list[object]) -> list[base.Notify]:
    return [each for each in messages if isinstance(each, base.Notify)]


def test_a_keyboard_without_tls_is_spoken_of_and_one_with_tls_is_not() -> None:
    for listener, expected in (("spice", [INSECURE]), ("spice-tls", [])):
        bench = Bench()
        host = bench.host("a")
        client = new_client(bench, host, channels=())
        bench.connect(host, listener).link(INPUTS, client.session)
        said = notices(client.main.messages)
        assert [each.message for each in said] == expected
        assert all((each.severity, each.visibility, each.what) == (1, 2, 0) for each in said)
        assert all(each.time_stamp == bench.now * 1e9 for each in said)


@pytest.mark.parametrize("seamless", [False, True])
def test_a_migrated_client_is_told_only_when_its_session_begins_anew(seamless: bool) -> None:
    bench = Bench()
    a = bench.host("a", HostOptions(design=ServerDesign(seamless=seamless)), with_guest=True)
    b = bench.host("b", HostOptions(design=ServerDesign(seamless=seamless)))
    twin = preconnect(bench, new_client(bench, a), b)
    twin.main.send(main.MigrateDstDoSeamless(1) if seamless else main.MigrateEnd())
    assert [each.message for each in notices(twin.main.messages)] == ([] if seamless else [INSECURE])


def test_what_the_host_is_told_to_say() -> None:
    bench = Bench()
    host = bench.host("a")
    client = new_client(bench, host)
    client.main.messages.clear()
    bench.tell(host, host.endpoint.notify, "Grüße", 2)
    bench.tell(host, host.endpoint.notify, "")
    said = notices(client.main.messages)
    assert [(each.message, each.severity) for each in said] == [("Grüße", 2), ("", 1)]
    assert host.complaints == []


def test_nobody_is_there_to_be_told() -> None:
    bench = Bench()
    host = bench.host("a")
    arriving: HostOnBench = bench.host("b")
    wire = bench.connect(arriving).link(ChannelType.MAIN, 0xAB)
    for each in (host, arriving):
        bench.tell(each, each.endpoint.notify, "hello")
        assert [complaint.text for complaint in each.complaints] == ["notify: no client is in service"]
    assert wire.take() == []


def test_between_migrate_and_its_data_nothing_is_said() -> None:
    """H14: the client would take it for the data."""
    bench = Bench()
    options = HostOptions(design=ServerDesign(seamless=True))
    a, b = bench.host("a", options, with_guest=True), bench.host("b", options)
    client = new_client(bench, a)
    bench.tell(a, a.endpoint.client_migrate_info, "b", b.port)
    client.main.send(main.MigrateConnectedSeamless())
    bench.tell(a, a.endpoint.migrate, b.migration)
    bench.tell(a, a.endpoint.complete)
    client.main.messages.clear()
    bench.tell(a, a.endpoint.notify, "hello")
    assert client.main.take() == []


@pytest.mark.parametrize(("text", "severity"), [("a\0b", 1), ("x" * 4097, 1), ("x", 3), ("x", -1)])
def test_what_no_notice_is(text: str, severity: int) -> None:
    with pytest.raises(ValueError, match=r"severity|notice"):
        HostEndpoint().notify(text, severity, now=0.0)


def test_our_client_reports_what_it_is_told() -> None:
    network = Network(seed=1)
    host, client = HostEndpoint(), ClientEndpoint(Target("a", 5900))
    seen: list[object] = []
    network.add("a", host, {"spice": Address("a", 5900)}).call(host.start_guest)
    network.add("client", client, on_report=seen.append).call(client.connect)
    network.run_until(lambda: len(client.attached) == 1 + len(BESIDE_MAIN))
    network.nodes["a"].call(host.notify, "maintenance at noon", 0)
    network.run_until(network.time + 1.0)
    told = notices([each.message for each in seen if isinstance(each, MessageSeen)])
    assert [each.message for each in told] == [INSECURE, "maintenance at noon"]
