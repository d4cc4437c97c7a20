"""``run`` with TLS, and what a host tells its client's user."""

from __future__ import annotations

from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority, Files
from command_line import Run
from running_hosts import Running, running
from switchover.errors import InputError
from switchover.models.spice.protocol.channels import ChannelType
from switchover.runtime.spice.host_options import ALL_CHANNELS
from switchover.server_design import secured_channels

MAIN, INPUTS = ChannelType.MAIN, ChannelType.INPUTS


def secured(files: Files) -> tuple[str, ...]:
    certified = ("--certificate", str(files.certificate), "--key", str(files.key))
    return ("--tls-port", "0", *certified, "--tls-channel", "default")


def address(host: Running) -> str:
    return f"spice://127.0.0.1?tls-port={host.port('spice-tls')}"


def test_a_handover_with_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    options = secured(authority.vouch(SUBJECT))
    with running("run", "destination", *options, cwd=tmp_path) as target:
        stream = f"127.0.0.1:{target.port('migration')}"
        plan = ("--to", address(target), "--host-subject", SUBJECT_TEXT, "--stream-to", stream, "--begin-after", "1")
        with running("run", "source", *options, *plan, cwd=tmp_path) as source:
            plain = f"spice://127.0.0.1:{source.port('spice')}"
            with running("follow", plain, cwd=tmp_path) as client:
                assert client.status() == 1, client.text
            source.until("main +link refused: NEED_SECURED")
            trusted = ("--ca-file", str(authority.file), "--host-subject", SUBJECT_TEXT, "--handovers", "1")
            with running("follow", address(source), *trusted, cwd=tmp_path) as client:
                client.until("B +inputs +connected to .* \\(TLS\\)")
                assert client.status() == 0, client.text
            assert "keyboard channel is insecure" not in source.text


def test_a_host_with_two_ports_is_one_host(tmp_path: Path) -> None:
    """Main and display with TLS, which the server insists on, inputs and cursor without."""
    authority = Authority(tmp_path)
    files = authority.vouch(SUBJECT)
    options = ("--certificate", str(files.certificate), "--key", str(files.key), "--tls-port", "0")
    options += ("--tls-channel", "main", "--tls-channel", "display")

    def both(host: Running) -> str:
        return f"spice://127.0.0.1:{host.port('spice')}?tls-port={host.port('spice-tls')}"

    with running("run", "destination", *options, cwd=tmp_path) as target:
        stream = f"127.0.0.1:{target.port('migration')}"
        plan = ("--to", both(target), "--host-subject", SUBJECT_TEXT, "--stream-to", stream, "--begin-after", "1")
        with running("run", "source", *options, *plan, cwd=tmp_path) as source:
            trusted = ("--ca-file", str(authority.file), "--host-subject", SUBJECT_TEXT, "--handovers", "1")
            with running("follow", both(source), *trusted, cwd=tmp_path) as client:
                client.until("B +inputs +connected to .*[0-9]$")
                assert client.status() == 0, client.text
    assert "the server wants TLS" in client.text
    assert "no run of the model" not in client.text
    assert "C  " not in client.text


def test_a_notice_reaches_the_client_s_user_and_does_not_control_the_terminal(tmp_path: Path) -> None:
    with running("run", "source", cwd=tmp_path) as source:
        where = f"spice://127.0.0.1:{source.port('spice')}"
        with running("follow", where, cwd=tmp_path) as client:
            client.until("← NOTIFY: keyboard channel is insecure")
            source.until("line to the client: ")
            source.say("notify back at  noon\x1b[2J")
            source.until("→ NOTIFY: back at  noon�\\[2J")
            client.until("← NOTIFY: back at  noon�\\[2J")
            source.say("notify " + "x" * 5000)
            source.until("notify: a notice has no NUL and at most 4,096 bytes")
            source.say("quit")
            assert source.status() == 0


def test_a_channel_with_tls_needs_a_port_for_it(run: Run) -> None:
    result = run("run", "source", "--tls-channel", "main")
    assert (result.exit_code, result.stderr.strip()) == (2, "switchover: --tls-channel needs --tls-port")


@pytest.mark.parametrize(
    ("tls", "plaintext", "expected"),
    [
        ((), (), ([], [])),
        (("main", "inputs"), (), ([MAIN, INPUTS], [])),
        (("default",), (), (ALL_CHANNELS, [])),
        (("default",), ("main",), (ALL_CHANNELS - {MAIN}, [MAIN])),
        (("inputs",), ("default", "main"), ([INPUTS], ALL_CHANNELS - {INPUTS})),
    ],
)
def test_channels_by_name(
    tls: tuple[str, ...], plaintext: tuple[str, ...], expected: tuple[list[ChannelType], list[ChannelType]]
) -> None:
    assert secured_channels(tls, plaintext) == (frozenset(expected[0]), frozenset(expected[1]))


@pytest.mark.parametrize("name", ["default", "main"])
def test_a_channel_cannot_be_both(name: str) -> None:
    with pytest.raises(InputError, match=f"{name}: a channel cannot be linked only with TLS and only without"):
        secured_channels(("main", name), (name,))
