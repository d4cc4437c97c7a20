"""What hosts are given: lines on stdin, wherever that leads, and options."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import cast

import pytest
from certificates import SUBJECT, Authority
from command_line import COMMAND, Run, Write
from hypothesis import given
from hypothesis import strategies as st
from loopback_ports import free_ports
from running_hosts import Running, running
from switchover.errors import InputError
from switchover.host_timeline import target_text
from switchover.models.spice.link_timing.channels import Kind
from switchover.models.spice.link_timing.endpoints import ServerDesign, server
from switchover.models.spice.link_timing.variant import Mutations, Repairs
from switchover.number import Number
from switchover.runtime.spice.numbering import Target
from switchover.server_design import server_design
from switchover.stdin_lines import LineSplitter
from terminal_sessions import shell

COMMAND_LINE = Path(__file__).parents[2] / "docs" / "command-line.md"
LIMIT = 60
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")


def address(host: Running) -> str:
    return f"spice://127.0.0.1:{host.port('spice')}"


def stream(host: Running) -> str:
    return f"127.0.0.1:{host.port('migration')}"


def source_that_reads(lines: bytes, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a source whose stdin is a file of these lines."""
    path = folder / "lines"
    path.write_bytes(lines)
    with path.open("rb") as file:
        return subprocess.run(
            [*COMMAND, "run", "source", *options],
            cwd=folder,
            stdin=file,
            capture_output=True,
            encoding="utf-8",
            timeout=LIMIT,
            check=False,
        )


def in_sh(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``switchover`` is the command; of what it started nothing is left."""
    line = f'switchover() {{ "{sys.executable}" -m switchover "$@"; }}; {command}'
    process = subprocess.Popen(
        ["sh", "-c", line],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=LIMIT)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(line, process.returncode, out, err)


# A terminal.


@needs_bash
def test_a_host_in_the_background_of_a_terminal_is_not_stopped_and_obeys_in_the_foreground(tmp_path: Path) -> None:
    with shell(tmp_path) as terminal:
        terminal.type("switchover run source &\n")
        terminal.until("RESUME")
        terminal.type("echo for the sh''ell\n")
        terminal.until("for the shell")
        terminal.type("jobs; echo en''d\n")
        assert "Running" in terminal.until("(?s).*end")[0]
        terminal.type("fg\n")
        terminal.until("switchover run source")
        terminal.type("notify a\n")
        terminal.until("notify: no client is in service")
        terminal.type("\x1a")
        terminal.until("Stopped")
        terminal.type("bg\n")
        terminal.until("&")
        terminal.type("echo for the sh''ell; jobs; echo en''d\n")
        assert "Running" in terminal.until("(?s)for the shell.*end")[0]
        terminal.type("fg\n")
        terminal.until("switchover run source")
        terminal.type("quit\necho status $?\n")
        terminal.until("status 0")


def example() -> str:
    """The one of docs/command-line.md, at ports that are free."""
    text = COMMAND_LINE.read_text(encoding="utf-8")
    found = re.search(r"```\n(switchover run destination .*?)```", text, re.DOTALL)
    assert found is not None
    ports = free_ports(3)
    return re.sub("590([123])", lambda port: str(ports[int(port[1]) - 1]), found[1])


@needs_bash
def test_the_example_with_hosts_in_the_background_as_it_is_typed(tmp_path: Path) -> None:
    with shell(tmp_path) as terminal:
        terminal.type(example() + "echo status $?; jobs; echo en''d\n")
        terminal.until("A → B, semi-seamless +completed")
        assert "Stopped" not in terminal.until("(?s)status 0.*end")[0]


def test_the_example_with_hosts_in_the_background_as_a_script(tmp_path: Path) -> None:
    found = in_sh(example().replace("--for 30", "--for 10"), tmp_path)
    assert found.returncode == 0, found.stdout
    assert re.search("A → B, semi-seamless +completed", found.stdout)
    assert found.stderr == ""


# No terminal.


@pytest.mark.parametrize("redirected", ["</dev/null", "<&-"])
def test_the_end_of_input_does_not_end_a_host(tmp_path: Path, redirected: str) -> None:
    found = in_sh(f"switchover run source --for 0.3 {redirected}", tmp_path)
    assert (found.returncode, found.stderr) == (0, "")
    assert "RESUME" in found.stdout


def test_the_lines_of_a_file_are_obeyed_in_order_and_wrong_ones_answered_on_stderr(tmp_path: Path) -> None:
    lines = (
        b"info spice://127.0.0.1:0",
        b"info spice://[::1:6",
        b"notify " + b"x" * 70_000,
        b"notify " + b"x" * 4097,
        b"x" * 200_000,
        b"notify one",
        b"info spice://127.0.0.1:65535",
        b"info spice://" + b"x" * 256 + b":1",
        b"",
        b"password missing\x00",
        b"password -",
        b"password lines nan",
        b"password empty",
        b"\xff\x1b[2J",
        b"migrate 127.0.0.1:99999",
        b"dance\r",
        b"complete",
        b"notify two",
        b"quit",
        b"dance",
    )
    (tmp_path / "empty").touch()
    found = source_that_reads(b"\n".join(lines), tmp_path)
    assert found.returncode == 0, found.stderr
    done = re.findall(r"not allowed: (\w+):", found.stdout)
    assert done == ["notify", "complete", "notify"] or done == ["notify", "notify", "complete"]
    answered = [int(each) for each in re.findall(r"^stdin, line (\d+): ", found.stderr, re.MULTILINE)]
    assert answered == [1, 2, 3, 4, 5, 7, 8, 10, 11, 12, 13, 14, 15, 16]
    assert found.stderr.count("\n") == len(answered)
    assert max(len(each) for each in found.stderr.splitlines()) < 300
    assert "\x1b" not in found.stderr
    assert "stdin" not in found.stdout


@given(st.lists(st.binary(max_size=12)), st.integers(0, 8))
def test_lines_are_the_same_however_they_are_cut(pieces: list[bytes], longest: int) -> None:
    splitter = LineSplitter(longest)
    found = [line for piece in pieces for line in splitter.feed(piece)] + splitter.finish()
    *complete, last = b"".join(pieces).split(b"\n")
    assert found == [line[: longest + 1] for line in (*complete, *([last] if last else []))]


# The output.


def test_a_closed_stdout_is_wrong_input(tmp_path: Path) -> None:
    found = in_sh("switchover run source --for 1 >&-", tmp_path)
    assert found.returncode == 2
    assert re.fullmatch(r"switchover: stdout is closed; expected .*\n", found.stderr)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_full_stdout_is_named(tmp_path: Path) -> None:
    found = in_sh("switchover run source --for 1 >/dev/full", tmp_path)
    assert (found.returncode, found.stderr) == (2, "switchover: stdout: No space left on device\n")


def test_run_without_a_role_shows_its_help(run: Run) -> None:
    result = run("run")
    assert result.exit_code == 0
    assert re.search(r"(?m)^  destination +A host that waits", result.stdout)


# What becomes of a plan.


def is_served_until_it_leaves(folder: Path, said: str, *plan: str) -> None:
    """A source of this plan says so, stays with its client, and ends with it."""
    with (
        running("run", "source", *plan, cwd=folder) as source,
        running("follow", address(source), cwd=folder) as client,
    ):
        source.until(said)
        client.until("session: completed → ")
        with pytest.raises(subprocess.TimeoutExpired):
            source.process.wait(1)
        client.interrupt()
        client.status()
        assert source.status() == 0
    assert " → lost" not in client.text


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_client_whose_guest_has_stayed_is_served_until_it_leaves(tmp_path: Path, ending: str) -> None:
    with running("run", "destination", cwd=tmp_path) as target:
        plan = ("--to", address(target), "--stream-to", stream(target), "--end", ending)
        is_served_until_it_leaves(tmp_path, f"MIGRATION {ending}", *plan)


def test_a_client_whose_guest_could_not_go_is_served_until_it_leaves(tmp_path: Path) -> None:
    with running("run", "destination", cwd=tmp_path) as target:
        is_served_until_it_leaves(tmp_path, "MIGRATION failed", "--to", address(target), "--stream-to", "127.0.0.1:1")


# What a host says it was told.


def test_a_password_and_a_target_on_stdin_are_shown(tmp_path: Path, write: Write) -> None:
    write("password", "s3cret\n")
    with running("run", "source", cwd=tmp_path) as source:
        source.until("RESUME")
        source.say("password password 60")
        source.until("command: set_password, for 60 s$")
        source.say("info spice://[::1]?port=6001&tls-port=6002 O=One, CN=host")
        source.until(re.escape("command: client_migrate_info [::1]:6001, [::1]:6002 (TLS), subject O=One, CN=host"))
        source.say("quit")
        assert source.status() == 0
    assert "s3cret" not in source.text


@given(st.text(), st.none() | st.integers(1, 65535), st.none() | st.integers(1, 65535), st.text())
def test_a_target_is_shown_in_a_short_line(host: str, port: int | None, tls_port: int | None, subject: str) -> None:
    found = target_text(Target(host * 50, port, tls_port, subject * 50))
    assert len(found) < 400
    assert found.isprintable()


# Options.

TARGET = ("--to", "spice://127.0.0.1:5", "--stream-to", "127.0.0.1:5")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--for", "nan"), "'--for': 'nan': expected a number, 0 to 1,000,000,000"),
        (("--for", "inf"), "'--for': 'inf': expected a number"),
        (("--for", "-1"), "'--for': '-1': expected a number"),
        (("--for", "soon"), "'--for': 'soon': expected a number"),
        (("--clock-offset", "nan"), "'--clock-offset': 'nan': expected a number, -4,294,967 to 4,294,967"),
        (("--clock-offset", "1e300"), "'--clock-offset': '1e300': expected a number"),
        (("--password-file", "good", "--ticket-lifetime", "nan"), "'--ticket-lifetime': 'nan'"),
        ((*TARGET, "--begin-after", "nan"), "'--begin-after': 'nan'"),
        ((*TARGET, "--end-after", "1e10"), "'--end-after': '1e10'"),
        (("--begin-after", "5"), "--begin-after needs --to and --stream-to"),
        (("--end-after", "0.5"), "--end-after needs --to and --stream-to"),
        (("--end", "completed"), "--end needs --to and --stream-to"),
        (("--host-subject", "CN=a"), "--host-subject needs --to and --stream-to"),
        ((*TARGET, "--host-subject", "CN=a"), "the subject of a certificate needs tls-port"),
        (("--to", "spice://127.0.0.1:0", "--stream-to", "127.0.0.1:1"), "'spice://127.0.0.1:0': a port is a number"),
        (("--to", "spice://h:65535", "--stream-to", "h:1"), "clients take port 65535 for none"),
        (("--to", f"spice://{'x' * 256}:1", "--stream-to", "h:1"), "expected a host of at most 255 bytes"),
        (("--ticket-lifetime", "5"), "--ticket-lifetime needs --password-file"),
        (("--password-file", "empty"), "empty: the password is empty, and nobody would be let in"),
        (("--certificate", "a"), "--certificate needs --tls-port"),
        (("--key", "a"), "--key needs --tls-port"),
        (("--plaintext-channel", "main"), "--plaintext-channel needs --tls-port"),
        (
            ("--design", "reference", "--repair", "never_blocks"),
            "--repair 'never_blocks': the reference design has it",
        ),
        (
            ("--repair", "watches_twin"),
            "--repair 'watches_twin': is a client's, and changes no host; expected one of resets_seamless",
        ),
        (("--design", "reference", "--repair", "watches_twin"), "'watches_twin': is a client's, and changes no host"),
        (
            ("--mutation", "reads_twin"),
            "--mutation 'reads_twin': is a client's, and changes no host; expected one of keeps_waiting",
        ),
        (("--mutation", "x" * 500), "x…': expected one of keeps_waiting"),
        (("--listen", "name.invalid"), "--listen 'name.invalid', port 0: cannot listen for spice: "),
        (("--listen", ""), "--listen '', port 0: cannot listen for spice: "),
        (("--listen", "a" * 300), "cannot listen for spice: not a host name; expected an address of this machine"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_line(run: Run, write: Write, options: tuple[str, ...], said: str) -> None:
    write("good", "password\n")
    write("empty", "\n")
    result = run("run", "source", "--for", "0", *options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr


class Asked:
    """Repairs or mutations, none of which is chosen, that remember which of them mattered."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getattr__(self, name: str) -> bool:
        self.names.add(name)
        return False


def test_a_host_takes_the_repairs_and_mutations_that_change_it_and_no_others() -> None:
    repairs, mutations = Asked(), Asked()
    server(ServerDesign(repairs=cast(Repairs, repairs), mutations=cast(Mutations, mutations)), (Kind.DISPLAY,))

    def is_taken(repairs: tuple[str, ...], mutations: tuple[str, ...]) -> bool:
        with suppress(InputError):
            return server_design("seamless", repairs, mutations) != server_design("seamless")
        return False

    assert {each.name for each in fields(Repairs) if is_taken((each.name,), ())} == repairs.names
    assert {each.name for each in fields(Mutations) if is_taken((), (each.name,))} == mutations.names


@pytest.mark.parametrize("role", ["source", "destination"])
def test_the_help_of_a_host_says_what_each_option_is_and_its_default(run: Run, role: str) -> None:
    help_text = run("run", role, "--help").stdout
    for option in ("--listen", "--port", "--tls-port", "--ticket-lifetime", "--design", "--clock-offset"):
        (said,) = re.findall(rf"(?ms)^  {option} (.*?)(?=^  -)", help_text)
        assert re.search(r"[a-z]{3,}.*\[default:\s", said, re.DOTALL), option


@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("missing", "server-key.pem", "missing: cannot be read: No such file or directory; expected a PEM file"),
        ("server.pem", "folder", "folder: cannot be read: Is a directory; expected a PEM file"),
        ("junk", "server-key.pem", "junk: no certificate in it; expected a PEM file"),
        ("server.pem", "junk", "junk: no key in it that can be used; expected a PEM file, without a passphrase"),
        ("server.pem", "locked.pem", "locked.pem: no key in it that can be used; expected a PEM file, without a"),
        ("server.pem", "other-key.pem", "other-key.pem: not the key of the certificate in server.pem"),
    ],
)
def test_a_file_that_is_no_certificate_or_key_is_named(
    run: Run, tmp_path: Path, certificate: str, key: str, said: str
) -> None:
    authority = Authority(tmp_path)
    authority.vouch(SUBJECT)
    authority.vouch(SUBJECT, name="other")
    (tmp_path / "junk").write_text("junk")
    (tmp_path / "folder").mkdir()
    (tmp_path / "locked.pem").write_bytes(locked_key())
    result = run("run", "source", "--for", "0", "--tls-port", "0", "--certificate", certificate, "--key", key)
    assert result.exit_code == 2
    assert result.stderr.startswith(f"switchover: {said}")
    assert result.stderr.count("\n") == 1


def locked_key() -> bytes:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    passphrase = serialization.BestAvailableEncryption(b"passphrase")
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, passphrase)


@given(st.floats(), st.booleans())
def test_a_number_is_finite_and_in_its_range(value: float, is_open: bool) -> None:
    number = Number(0, 1e9, is_open=is_open)
    if 0 < value <= 1e9 or (value == 0 and not is_open):
        assert number.read(str(value)) == value
    else:
        with pytest.raises(InputError, match=r"^'.*': expected a number, "):
            number.read(str(value))


@pytest.mark.parametrize("text", ["", "a\nb", "1e400", "-inf", "NaN", "x" * 500])
def test_what_is_no_number_is_one_short_line(text: str) -> None:
    with pytest.raises(InputError) as found:
        Number(-5, 5).read(text)
    assert re.fullmatch(r"'.{0,50}': expected a number, -5 to 5", str(found.value))
