"""How ``follow`` ends when nothing goes as it should: what it says, where, and with which status."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from certificates import SUBJECT, SUBJECT_TEXT, Authority
from command_line import COMMAND, Run, Write, in_shell
from loopback_ports import refusing_port
from running_hosts import running
from scripted_server import saying
from switchover.models.spice.protocol import main

FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@contextmanager
def answering(*words: bytes) -> Iterator[int]:
    """A server that says these words to its first client, and then nothing. Its port comes back."""
    kept: list[socket.socket] = []

    def serve() -> None:
        kept.append(listener.accept()[0])
        for each in words:
            kept[0].sendall(each)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(10)
    for each in kept:
        each.close()


def test_who_is_never_answered_was_not_in_service(tmp_path: Path) -> None:
    with answering() as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--for", "1", cwd=tmp_path)
    assert found.returncode == 1
    assert "session: connecting" in found.stdout
    assert "session: switching → closed" in found.stdout
    assert "not in service at the end: the session was switching\n" in found.stdout
    assert found.stderr == ""


def test_who_is_answered_was_in_service(tmp_path: Path) -> None:
    with saying() as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--for", "2", "--json", cwd=tmp_path)
    assert found.returncode == 0
    report = json.loads(found.stdout)
    assert (report["in_service"], report["reason"]) == (True, None)


def test_in_json_it_says_so_too(tmp_path: Path) -> None:
    with refusing_port() as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--json", cwd=tmp_path)
    assert found.returncode == 1
    assert json.loads(found.stdout)["in_service"] is False


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "not a SPICE server"),
        (b"220\n", "not a SPICE server"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "it speaks TLS"),
    ],
)
def test_another_kind_of_server_is_called_so(tmp_path: Path, words: bytes, said: str) -> None:
    with answering(words) as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", cwd=tmp_path)
    assert found.returncode == 1
    assert said in found.stdout
    assert "Traceback" not in found.stderr


def test_the_wrong_password_is_called_by_its_name(tmp_path: Path, write: Write) -> None:
    write("password", "right\n")
    with running("run", "source", "--password-file", "password", cwd=tmp_path) as source:
        server = f"127.0.0.1:{source.port('spice')}"
        found = in_shell("follow", f"spice://{server}", cwd=tmp_path)
        in_json = in_shell("follow", f"spice://{server}", "--json", cwd=tmp_path)
    reason = f"main at {server}: LINK_RESULT 7 PERMISSION_DENIED"
    assert (found.returncode, in_json.returncode) == (1, 1)
    words = " ".join(found.stdout.split())
    assert f"not in service at the end: the session was lost: {reason} the model explains all that was seen" in words
    assert json.loads(in_json.stdout)["reason"] == reason


@FULL
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_the_report_comes_though_the_recording_cannot_be_written(tmp_path: Path, options: tuple[str, ...]) -> None:
    with saying(*[main.MultiMediaTime(number) for number in range(300)]) as port:
        server = f"spice://127.0.0.1:{port}"
        found = in_shell("follow", server, "--for", "2", "--record", "/dev/full", *options, cwd=tmp_path)
    assert found.returncode == 2
    assert "no handover" in found.stdout or json.loads(found.stdout)["in_service"]
    assert found.stderr == "switchover: --record /dev/full: cannot be written: No space left on device\n"


@FULL
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_recording_is_whole_though_nothing_can_be_printed(tmp_path: Path, options: tuple[str, ...]) -> None:
    with refusing_port() as port, Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [*COMMAND, "follow", f"spice://127.0.0.1:{port}", "--record", "seen.jsonl", *options],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert found.returncode == 2
    assert found.stderr == "switchover: stdout: No space left on device\n"
    assert all(json.loads(line) for line in (tmp_path / "seen.jsonl").read_text().splitlines())


def test_a_password_from_a_stdin_that_is_closed(tmp_path: Path) -> None:
    arguments = " ".join([*COMMAND, "follow", "spice://127.0.0.1:1", "--password-file", "-"])
    found = subprocess.run(
        ["sh", "-c", f"{arguments} <&-"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "switchover: -: stdin is closed; expected the password on its first line\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("spice://[::1:5900",), "'spice://[::1:5900': expected spice://HOST:PORT"),
        (("spice://127.0.0.1:0",), "a port is a number from 1 to 65535"),
        (("spice://h?tls-port=1", "--ca-file", "junk"), "--ca-file junk: holds no certificates; expected"),
        (("spice://h?tls-port=1", "--ca-file", "missing"), "--ca-file missing: cannot be read: No such file"),
        (("spice://h?tls-port=1", "--ca-file", "."), "--ca-file .: cannot be read: Is a directory"),
        (("spice://h:1", "--host-subject", "CN=h"), "the subject of a certificate needs tls-port=PORT"),
        (("spice://h:1", "--for", "nan"), "'--for': 'nan': expected a number"),
        (("spice://h:1", "--for", "inf"), "'--for': 'inf': expected a number"),
        (("spice://h:1", "--for", "1e300"), "'--for': '1e300': expected a number"),
        (("spice://h:1", "--record", "."), "--record .: cannot be written: Is a directory"),
    ],
)
def test_bad_input_is_one_line_and_harms_nothing(run: Run, write: Write, arguments: tuple[str, ...], said: str) -> None:
    write("junk", "-----BEGIN CERTIFICATE-----\nnone\n")
    earlier = write("earlier.jsonl", "kept")
    result = run("follow", *(() if "--record" in arguments else ("--record", "earlier.jsonl")), *arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert earlier.read_text() == "kept"


@pytest.mark.parametrize(("channels", "status"), [(("main",), 1), (("inputs", "cursor"), 0)])
def test_where_tls_is_wanted_the_address_can_name_its_port(
    tmp_path: Path, channels: tuple[str, ...], status: int
) -> None:
    authority = Authority(tmp_path)
    files = authority.vouch(SUBJECT)
    options = ["--tls-port", "0", "--certificate", str(files.certificate), "--key", str(files.key)]
    options += [each for name in channels for each in ("--tls-channel", name)]
    with running("run", "source", *options, cwd=tmp_path) as source:
        server = f"127.0.0.1:{source.port('spice')}"
        trusted = ("--ca-file", str(authority.file), "--for", "2", "--json")
        found = in_shell("follow", f"spice://{server}", *trusted, cwd=tmp_path)
        both = f"spice://127.0.0.1?port={source.port('spice')}&tls-port={source.port('spice-tls')}"
        right = in_shell("follow", both, *trusted, "--host-subject", SUBJECT_TEXT, cwd=tmp_path)
    assert (found.returncode, right.returncode, right.stderr) == (status, 0, "")
    (line,) = found.stderr.splitlines()
    said, _, expected = line.partition("; ")
    assert said.startswith("switchover: the server wants TLS for ")
    assert set(said.rpartition(" for ")[2].split(", ")) == set(channels)
    assert expected == "expected its port for that in the address, spice://HOST?port=PORT&tls-port=PORT"
    reason = f"main at {server}: LINK_REPLY 5 NEED_SECURED" if status else None
    assert json.loads(found.stdout)["reason"] == reason


def test_authorities_that_nobody_asked_for_are_mentioned(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    authority.vouch(SUBJECT)
    with refusing_port() as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--ca-file", str(authority.file), cwd=tmp_path)
        asked = in_shell("follow", f"spice://127.0.0.1?tls-port={port}", "--ca-file", str(authority.file), cwd=tmp_path)
    assert found.stderr == f"switchover: --ca-file {authority.file} was not needed: no server was met with TLS\n"
    assert asked.stderr == ""
    assert (found.returncode, asked.returncode) == (1, 1)
