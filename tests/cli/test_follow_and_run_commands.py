"""``follow`` and ``run`` as processes: what they print and write, and how they end."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Run, Write, in_shell
from loopback_ports import refusing_port
from running_hosts import Running, running
from scripted_server import saying
from switchover.models.spice.protocol import main

SECRET = "s3cret-of-the-guest"
LISTENING = ("--port", "0")


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Running]:
    with running("run", "source", cwd=tmp_path) as found:
        found.port("spice")
        yield found


@pytest.fixture
def destination(tmp_path: Path) -> Iterator[Running]:
    with running("run", "destination", cwd=tmp_path) as found:
        found.port("migration")
        yield found


def address(host: Running) -> str:
    return f"spice://127.0.0.1:{host.port('spice')}"


def stream(host: Running) -> str:
    return f"127.0.0.1:{host.port('migration')}"


def hand_over(source: Running, destination: Running, client: Running) -> None:
    """The steps that management takes, on stdin."""
    client.until("first picture from A")
    source.say(f"info {address(destination)}")
    source.until("migrate_connect_complete")
    source.say(f"migrate {stream(destination)}")
    destination.until("hypervisor: idle → loading")
    source.say("complete")
    source.until("SPICE_MIGRATE_COMPLETED")


def test_a_handover_as_the_timeline_and_the_report_show_it(
    source: Running, destination: Running, tmp_path: Path, run: Run
) -> None:
    options = ("--design", "shipped", "--handovers", "1", "--record", "seen.jsonl")
    with running("follow", address(source), *options, cwd=tmp_path) as client:
        hand_over(source, destination, client)
        assert client.status() == 0, client.text
    for line in ("A  main       ← MIGRATE_BEGIN to 127.0.0.1", "B  display    → INIT", "session: arriving → completed"):
        assert line in client.text
    assert re.search(r"A → B, semi-seamless +completed +[\d.]+ m?s +[\d.]+ m?s +[\d.]+ m?s", client.text)
    assert "the model explains all that was seen" in client.text
    destination.until("RESUME")
    source.say("quit")
    assert source.status() == 0
    judged = run("conform", "seen.jsonl")
    assert judged.exit_code == 0, judged.output


def test_the_report_as_json(source: Running, destination: Running, tmp_path: Path) -> None:
    # Without a timeline to wait for: the source knows when its client is in service.
    with running("run", "client", address(source), "--handovers", "1", "--json", cwd=tmp_path) as client:
        source.until("CHANNELS_LIST")
        source.until("display .* ← INIT")
        source.say(f"info {address(destination)}")
        source.until("MIGRATE_CONNECTED|MIGRATE_CONNECT_ERROR")
        source.say(f"migrate {stream(destination)}")
        destination.until("hypervisor: idle → loading")
        source.say("complete")
        assert client.status() in (0, 1)
    report = json.loads(client.text)
    assert set(report) == {
        *("schema", "state", "in_service", "reason", "handovers", "not_allowed", "conformance", "departure")
    }
    assert report["schema"] == 1
    assert report["not_allowed"] == []
    for handover in report["handovers"]:
        assert set(handover) >= {"method", "result", "source", "target", "begun", "blackout", "clock_jumps"}


def test_a_handover_by_plan_with_a_password_that_nobody_prints(tmp_path: Path, write: Write) -> None:
    write("password", SECRET + "\n")
    password = ("--password-file", "password")
    with running("run", "destination", *password, cwd=tmp_path) as target:
        plan = ("--to", address(target), "--stream-to", stream(target), "--end-after", "0.2")
        with (
            running("run", "source", *password, *plan, cwd=tmp_path) as source,
            running("follow", address(source), *password, "--handovers", "1", "--all", cwd=tmp_path) as client,
        ):
            assert client.status() == 0
            assert source.status() == 0
        target.until("RESUME")
    assert re.search("^A → B, semi-seamless +completed ", client.text, re.MULTILINE)
    for each in (client, source, target):
        assert SECRET not in each.text


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_a_plan_may_end_otherwise(destination: Running, tmp_path: Path, ending: str) -> None:
    plan = ("--to", address(destination), "--stream-to", stream(destination), "--end", ending, "--end-after", "0.1")
    with (
        running("run", "source", *plan, cwd=tmp_path) as source,
        running("follow", address(source), "--handovers", "1", cwd=tmp_path) as client,
    ):
        client.until("MIGRATE_CANCEL")
        assert source.status() == 0


def test_a_client_with_the_wrong_password_is_refused(tmp_path: Path, write: Write) -> None:
    write("password", "right\n")
    write("other", SECRET)
    with running("run", "source", "--password-file", "password", cwd=tmp_path) as source:
        refused = in_shell("follow", address(source), "--password-file", "other", cwd=tmp_path)
    assert refused.returncode == 1
    assert "session: switching → lost" in refused.stdout
    assert SECRET not in refused.stdout + refused.stderr + source.text


def test_nobody_listens_there(tmp_path: Path) -> None:
    with refusing_port() as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--json", cwd=tmp_path)
    assert found.returncode == 1
    report = json.loads(found.stdout)
    assert report["state"] == "lost"
    assert report["reason"] == f"main at 127.0.0.1:{port}: connection refused"


def test_ctrl_c_ends_a_client_with_its_report(source: Running, tmp_path: Path) -> None:
    with running("follow", address(source), cwd=tmp_path) as client:
        client.until("first picture from A")
        client.interrupt()
        assert client.status() == 130
    assert "no handover" in client.text
    source.interrupt()
    assert source.status() == 130


def test_a_departure_from_the_model_is_told_at_once_and_again_at_the_end(tmp_path: Path) -> None:
    with (
        saying(main.MigrateCancel()) as port,
        running("follow", f"spice://127.0.0.1:{port}", cwd=tmp_path) as client,
    ):
        client.until(r"the model does not allow: A main server MIGRATE_CANCEL \(connection 1\)")
        client.until("^ +possible: ")
        client.interrupt()
        assert client.status() == 130
    report = client.text.partition("no handover")[2]
    assert re.search(r"no run of the model explains what was seen; it ends before [\d.]+: A main server", report)
    assert "  possible: " in report


def test_a_departure_in_json(tmp_path: Path) -> None:
    with saying(main.MigrateCancel()) as port:
        found = in_shell("follow", f"spice://127.0.0.1:{port}", "--for", "1", "--json", cwd=tmp_path)
    assert found.returncode == 1
    report = json.loads(found.stdout)
    assert (report["conformance"], report["not_allowed"]) == ("differs", [])
    assert report["departure"]["text"] == "A main server MIGRATE_CANCEL (connection 1)"
    assert report["departure"]["possible"]


def test_a_second_ctrl_c_ends_a_client_at_once(source: Running, tmp_path: Path) -> None:
    with running("follow", address(source), cwd=tmp_path) as client:
        client.until("first picture from A")
        # A server that does not answer: connections would be closed in order.
        os.kill(source.process.pid, signal.SIGSTOP)
        client.interrupt()
        client.interrupt()
        assert client.status() == 130
        os.kill(source.process.pid, signal.SIGCONT)
    assert "Traceback" not in client.text


def test_a_client_stops_after_so_many_seconds(source: Running, tmp_path: Path) -> None:
    with running("follow", address(source), "--for", "2", cwd=tmp_path) as client:
        assert client.status() == 0
    assert "session: completed → closed" in client.text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("dance", "dance: expected info spice://HOST:PORT"),
        ("info http://host:1", "expected spice://HOST:PORT"),
        (f"info spice://user:{SECRET}@host:1", "the address holds a password"),
        ("migrate somewhere", "'somewhere': expected HOST:PORT"),
        ("password nowhere", "nowhere: cannot be read"),
        ("cancel now", "cancel now: expected info"),
    ],
)
def test_a_line_on_stdin_that_makes_no_sense_is_answered_by_one(source: Running, line: str, said: str) -> None:
    source.say(line)
    source.until(re.escape(said))
    source.say("complete")
    source.until("not allowed: complete: no migration is under way")
    source.say("cancel")
    source.until("not allowed: migrate_cancel: no migration from here is under way")
    source.say("quit")
    assert source.status() == 0
    assert "Traceback" not in source.text
    assert SECRET not in source.text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("follow", "http://localhost:5900"), "expected spice://HOST:PORT"),
        (("follow", "spice://localhost"), "names no port"),
        (("follow", f"spice://:{SECRET}@localhost:5900"), "the address holds a password"),
        (("follow", f"spice://localhost:5900?password={SECRET}"), "the address holds a password"),
        (("follow", "spice://localhost:1", "--password-file", "missing"), "missing: cannot be read"),
        (("follow", "spice://localhost:1", "--record", "no/such/folder"), "no/such/folder"),
        (("run", "source", "--to", "spice://localhost:1"), "--to needs --stream-to"),
        (("run", "source", "--tls-port", "0"), "--tls-port needs --certificate"),
        (("run", "destination", "--repair", "everything"), "'everything': expected one of"),
        (("run", "destination", "--mutation", "all"), "'all': expected one of"),
    ],
)
def test_wrong_input_is_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert SECRET not in result.output


def test_a_port_that_is_taken_is_wrong_input(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = run("run", "destination", "--port", str(taken.getsockname()[1]))
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes cannot be stopped here")
@pytest.mark.parametrize(("design", "end"), [("shipped", "B"), ("reference", "C")])
def test_n02_can_be_seen(tmp_path: Path, design: str, end: str) -> None:
    """As docs/simulate.md tells it: a target that is stopped for a while makes the client's reply late."""
    options = ("--design", design)
    with (
        running("run", "source", *options, cwd=tmp_path) as source,
        running("run", "destination", *options, cwd=tmp_path) as first,
        running("run", "destination", *options, cwd=tmp_path) as second,
        running("follow", address(source), *options, "--for", "40", cwd=tmp_path) as client,
    ):
        first.port("spice")
        client.until("first picture from A")
        os.kill(first.process.pid, signal.SIGSTOP)
        source.say(f"info spice://127.0.0.1:{first.port('spice')}")
        client.until("B +main +→ LINK")
        source.say("migrate 127.0.0.1:1")
        source.until("MIGRATION failed")
        source.say(f"info spice://127.0.0.1:{second.port('spice')}")
        source.until("MIGRATE_BEGIN", times=2)
        os.kill(first.process.pid, signal.SIGCONT)
        source.until("migrate_connect_complete", times=2)
        source.say(f"migrate {stream(second)}")
        second.until("hypervisor: idle → loading")
        source.say("complete")
        source.until("SPICE_MIGRATE_COMPLETED")
        client.until(f"first picture from {end}")
        second.until("RESUME")
        client.interrupt()
        assert client.status() == 130
    assert re.search(rf"A → {end}, \S+ +completed", client.text)
