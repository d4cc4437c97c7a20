"""TLS in the asyncio driver: whom a client trusts, what it says when it does not, and all bytes in order."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import socket
from pathlib import Path

import pytest
from certificates import DAY, NOW, SUBJECT, SUBJECT_TEXT, Authority, Files
from hypothesis import given
from hypothesis import strategies as st
from switchover.runtime import reasons
from switchover.runtime.asyncio_driver import Driver, Limits
from switchover.runtime.endpoint import Address, Close, Write
from switchover.runtime.tls import TlsError, TlsStream, Trust, server_context
from toy_endpoints import Told, Toy, echo, sender, slow_reader
from waiting import run, until

pytestmark = pytest.mark.filterwarnings("error")

HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def server(authority: Authority) -> Files:
    return authority.vouch(SUBJECT, hosts=("localhost", HOST))


def outcome(files: Files, ca_file: Path | None, host: str, subject: str = "") -> list[Told]:
    """What a client is told that connects to a server with that certificate."""
    told: list[Told] = []

    async def main() -> None:
        server, client = echo(), Toy()
        async with Driver(server) as below, Driver(client, ca_file=ca_file) as above:
            port = await below.listen("spice-tls", ssl=server_context(files.certificate, files.key))
            above.call(client.connect, Address(host, port, tls=True, subject=subject))
            await until(lambda: client.told)
            if client.heard("connected"):
                above.call(client.do, Write(2, b"bye\n"))
                await until(lambda: client.heard("ended"))
                assert client.got[2] == b"bye\n"
            else:
                # The server hears why, or at least that it is over.
                await until(lambda: server.heard("ended") or server.heard("lost"))
        told.extend(client.told)

    run(main())
    return told


CONNECTED = [Told("connected", 2), Told("ended", 2)]


def refused(reason: str) -> list[Told]:
    return [Told("refused", 2, reason)]


@pytest.mark.parametrize("host", [HOST, "localhost"])
def test_a_host_that_the_certificate_names(authority: Authority, server: Files, host: str) -> None:
    assert outcome(server, authority.file, host) == CONNECTED


def test_a_host_that_only_the_subject_names(authority: Authority) -> None:
    """Certificates without alternative names are common among SPICE servers."""
    files = authority.vouch([*SUBJECT[:-1], (SUBJECT[-1][0], "localhost")], name="by_subject")
    assert outcome(files, authority.file, "localhost") == CONNECTED


def test_another_host(authority: Authority) -> None:
    files = authority.vouch(SUBJECT, hosts=("elsewhere.example",), name="elsewhere")
    [told] = outcome(files, authority.file, "localhost")
    assert told.detail.startswith("TLS: the certificate is not accepted: Hostname mismatch")


def test_the_subject_decides_when_there_is_one(authority: Authority) -> None:
    files = authority.vouch(SUBJECT, hosts=("elsewhere.example",), name="with_subject")
    assert outcome(files, authority.file, HOST, SUBJECT_TEXT) == CONNECTED
    other = SUBJECT_TEXT.replace("XX", "YY")
    assert outcome(files, authority.file, HOST, other) == refused(reasons.wrong_subject(SUBJECT_TEXT, other))
    assert outcome(files, authority.file, HOST, "nonsense") == refused(reasons.wrong_subject(SUBJECT_TEXT, "nonsense"))


def test_a_subject_does_not_replace_an_authority(server: Files, tmp_path: Path) -> None:
    stranger = Authority(tmp_path, "stranger")
    [told] = outcome(server, stranger.file, HOST, SUBJECT_TEXT)
    assert told.detail == "TLS: the certificate is not accepted: unable to get local issuer certificate"


def test_the_system_does_not_know_the_authority(server: Files) -> None:
    [told] = outcome(server, None, HOST)
    assert told.detail == "TLS: the certificate is not accepted: unable to get local issuer certificate"


def test_a_certificate_that_has_expired(authority: Authority) -> None:
    files = authority.vouch(SUBJECT, hosts=(HOST,), until=NOW - DAY, name="expired")
    [told] = outcome(files, authority.file, HOST)
    assert told.detail == "TLS: the certificate is not accepted: certificate has expired"


def test_a_server_without_tls() -> None:
    async def main() -> None:
        server, client = Toy(accepted=lambda *_: [Write(1, b"REDQ, as a server that knows no TLS")]), Toy()
        async with Driver(server) as below, Driver(client) as above:
            above.call(client.connect, Address(HOST, await below.listen("spice"), tls=True))
            await until(lambda: client.told)
        assert client.told == refused("TLS: wrong version number")

    run(main())


def test_a_server_that_closes_in_the_middle(authority: Authority) -> None:
    async def main() -> None:
        server, client = Toy(received=lambda *_: [Close(1)]), Toy()
        async with Driver(server) as below, Driver(client, ca_file=authority.file) as above:
            above.call(client.connect, Address(HOST, await below.listen("spice"), tls=True))
            await until(lambda: client.told)
        assert client.told == refused(reasons.RESET)

    run(main())


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.0\r\n\r\n", b"REDQ" + bytes(100), bytes(range(256)) * 20])
def test_a_client_without_tls(server: Files, garbage: bytes) -> None:
    async def main() -> None:
        toy = echo()
        async with Driver(toy) as driver:
            port = await driver.listen("spice-tls", ssl=server_context(server.certificate, server.key))
            _, writer = await asyncio.open_connection(HOST, port)
            writer.write(garbage)
            await until(lambda: toy.heard("lost"))
            writer.close()
            [lost] = toy.heard("lost")
            assert lost.detail.startswith("TLS: ")

    run(main())


def test_many_bytes_both_ways_and_a_reader_that_rests(authority: Authority, server: Files) -> None:
    data, answer = random.Random(1).randbytes(3_000_000), random.Random(2).randbytes(500_000)

    async def main() -> None:
        below_toy, above_toy = sender(data, pieces=5), slow_reader(rest=0.001)
        above_toy.rules["connected"] = lambda *_: [Write(2, answer)]
        async with Driver(below_toy) as below, Driver(above_toy, ca_file=authority.file) as above:
            port = await below.listen("spice-tls", ssl=server_context(server.certificate, server.key))
            above.call(above_toy.connect, Address(HOST, port, tls=True))
            await until(lambda: above_toy.heard("ended"))
        assert above_toy.got[2] == data
        # The server had closed before the answer came.
        assert [each.what for each in below_toy.told] == ["accepted"]

    run(main())


def test_what_is_written_before_tls_is_there_waits(authority: Authority, server: Files) -> None:
    async def main() -> None:
        greeting, client = Toy(accepted=lambda *_: [Write(1, b"welcome")]), Toy()
        async with Driver(greeting) as below, Driver(client, ca_file=authority.file) as above:
            port = await below.listen("spice-tls", ssl=server_context(server.certificate, server.key))
            above.call(client.connect, Address(HOST, port, tls=True))
            await until(lambda: client.got)
        assert client.got[2] == b"welcome"

    run(main())


def test_a_connection_is_closed_while_tls_is_made(server: Files) -> None:
    async def main() -> None:
        toy = echo()
        async with Driver(toy, limits=Limits(closing=0.05)) as driver:
            port = await driver.listen("spice-tls", ssl=server_context(server.certificate, server.key))
            with socket.create_connection((HOST, port)):
                await until(lambda: toy.heard("accepted"))

    run(main())


def test_files_that_hold_no_certificates(tmp_path: Path, server: Files) -> None:
    with pytest.raises(OSError, match="No such file"):
        Driver(Toy(), ca_file=tmp_path / "none.pem")
    (tmp_path / "empty.pem").write_text("nothing here")
    with pytest.raises(ValueError, match=r"empty.pem holds no certificates: TLS: "):
        Driver(Toy(), ca_file=tmp_path / "empty.pem")
    other = Authority(tmp_path).vouch(SUBJECT)
    with pytest.raises(ValueError, match="not the key of the certificate in"):
        server_context(server.certificate, other.key)


@pytest.mark.parametrize("host", ["", ".leading", "a" * 300, "a..b", "a\0b"])
def test_a_host_that_can_be_no_name(host: str) -> None:
    with pytest.raises(TlsError):
        Trust().stream(Address(host, 5900, tls=True))


@given(
    up=st.binary(max_size=40_000),
    down=st.binary(max_size=40_000),
    shares=st.lists(st.floats(0.001, 1.0), min_size=1, max_size=20),
)
def test_bytes_may_be_cut_anywhere(
    authority: Authority, server: Files, up: bytes, down: bytes, shares: list[float]
) -> None:
    """Two ends without sockets, and everything between them cut in pieces."""
    client = Trust(authority.file).stream(Address(HOST, 5900, tls=True))
    host = TlsStream(server_context(server.certificate, server.key), is_server=True)
    got, under_way = {client: b"", host: b""}, {client: b"", host: b""}
    share = itertools.cycle(shares)
    said_last = []

    def carry_all() -> None:
        while True:
            under_way[host] += client.to_send()
            under_way[client] += host.to_send()
            if not any(under_way.values()):
                return
            for end in (client, host):
                size = math.ceil(len(under_way[end]) * next(share))
                piece, under_way[end] = under_way[end][:size], under_way[end][size:]
                decrypted = end.receive(piece)
                got[end] += decrypted.data
                if decrypted.is_last:
                    said_last.append(end)

    client.write(up)
    host.write(down)
    client.start()
    host.start()
    carry_all()
    assert (got, said_last) == ({host: up, client: down}, [])
    host.close()
    carry_all()
    assert said_last == [client]
