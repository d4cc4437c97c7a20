"""Our client follows the guest of real QEMUs with TLS; BEGIN says which subject the target's certificate has."""

from __future__ import annotations

from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority
from our_client import Tls, our_client
from qemu_host import QemuOptions, qemu_pair
from requirements import needs_qemu
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.events import Ended, Opened
from switchover.runtime.spice.handovers import Result

CHANNELS = (ChannelType.DISPLAY, ChannelType.CURSOR, ChannelType.INPUTS)

pytestmark = needs_qemu


def certified(folder: Path) -> Path:
    """A folder as QEMU wants it, with a certificate that names no host: only the subject vouches for it."""
    authority = Authority(folder)
    files = authority.vouch(SUBJECT)
    for source, name in ((authority.file, "ca-cert"), (files.certificate, "server-cert"), (files.key, "server-key")):
        (folder / f"{name}.pem").write_bytes(source.read_bytes())
    return folder


@pytest.mark.parametrize("seamless", [False, True], ids=["semi-seamless", "seamless"])
async def test_the_client_goes_over_with_tls(tmp_path: Path, seamless: bool) -> None:
    folder = certified(tmp_path)
    async with qemu_pair(tmp_path, QemuOptions(seamless, x509=folder)) as (a, b):
        tls = Tls(a.tls_port, folder / "ca-cert.pem", SUBJECT_TEXT)
        async with our_client(a.port, tls=tls) as client:
            await client.until_attached(a.port, *CHANNELS)
            await a.client_migrate_info(b.port, b.tls_port, SUBJECT_TEXT)
            await client.until_preconnected()
            await a.migrate(b.migration_uri)
            await client.until_handover(Result.COMPLETED)
            await client.until_attached(b.port, *CHANNELS)
            assert {each.address for each in client.all(Opened)} == {
                f"127.0.0.1:{a.tls_port} (TLS)",
                f"127.0.0.1:{b.tls_port} (TLS)",
            }
            assert all(each["tls"] for each in (await b.query_spice())["channels"])
            assert client.log.not_allowed == []


async def test_a_target_with_another_subject_is_refused(tmp_path: Path) -> None:
    folder = certified(tmp_path)
    async with qemu_pair(tmp_path, QemuOptions(x509=folder)) as (a, b):
        tls = Tls(a.tls_port, folder / "ca-cert.pem", SUBJECT_TEXT)
        async with our_client(a.port, tls=tls) as client:
            await client.until_attached(a.port, *CHANNELS)
            await a.client_migrate_info(b.port, b.tls_port, "CN=somebody else")
            await client.until(
                "MIGRATE_CONNECT_ERROR", lambda: bool(client.messages(Side.CLIENT, "MIGRATE_CONNECT_ERROR"))
            )
            assert "subject" in client.all(Ended)[0].reason
            await client.until_attached(a.port, *CHANNELS)
            assert await b.channels() == []
