"""SPICE addresses and passwords: what can be used, and the one line for what cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.errors import InputError
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import Target
from switchover.spice_address import read_address, read_host_and_port, read_password


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("spice://host:5900", Target("host", 5900)),
        ("spice://[::1]:5900/", Target("::1", 5900)),
        ("spice://host?port=5900&tls-port=5901", Target("host", 5900, 5901)),
        ("spice://host:5900?tls-port=5901", Target("host", 5900, 5901)),
        ("spice://[::1]?tls-port=5901", Target("::1", None, 5901)),
    ],
)
def test_an_address_names_a_server(text: str, target: Target) -> None:
    assert read_address(text) == target


@pytest.mark.parametrize(
    "text",
    [
        "",
        "host:5900",
        "spice://[::1:5900",
        "spice://::1]:5900",
        "spice://[]:5900",
        "spice://host:",
        "spice://host:0",
        "spice://host:65536",
        "spice://host:+1",
        "spice://host:" + "9" * 5000,
        "spice://host?port=0",
        "spice://host?tls-port=" + "9" * 5000,
        "spice://host?tls-port=٣",
        "spice://host:1?port=2",
        "spice://host?port=1&port=2",
        "spice://host:1/path",
        "spice://host?port=1&more=2",
        "spice://" + "h" * 5000,
    ],
)
def test_any_other_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(InputError, match="expected spice://HOST:PORT") as refused:
        read_address(text)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


def outcome(text: str) -> Target | str:
    try:
        return read_address(text)
    except InputError as refused:
        return str(refused)


@given(st.text())
def test_no_address_is_too_odd(text: str) -> None:
    for each in (text, f"spice://{text}", f"spice://host:1?{text}"):
        found = outcome(each)
        if isinstance(found, str):
            assert "\n" not in found
        else:
            assert found.address(tls=False).port in range(1, 65536)


@pytest.mark.parametrize(
    "text", ["spice://u:secret@[::1:5900", "spice://[x?password=secret", "spice://h:1?Password=secret"]
)
def test_what_might_be_a_password_is_not_repeated(text: str) -> None:
    with pytest.raises(InputError, match="the address holds a password") as refused:
        read_address(text)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("text", "address"), [("host:1", Address("host", 1)), ("[::1]:65535", Address("::1", 65535))])
def test_a_host_and_its_port(text: str, address: Address) -> None:
    assert read_host_and_port(text) == address


@pytest.mark.parametrize(
    "text", ["", "host", "host:", ":1", "host:0", "host:65536", "[::1:6", "::1]:6", "::1:6", "[]:6", "h:-1"]
)
def test_any_other_host_and_port_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="expected HOST:PORT"):
        read_host_and_port(text)


@pytest.mark.parametrize(
    ("data", "password"),
    [(b"", ""), (b"word", "word"), (b"w\xc3\xb6rd\r\nmore\xff", "wörd"), (b"x" * 60 + b"\r\n", "x" * 60)],
)
def test_the_password_is_the_first_line(tmp_path: Path, data: bytes, password: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(data)
    assert read_password(str(file)) == password


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * 61, "longer than the 60 bytes"),
        ("ö".encode() * 5000, "longer than the 60 bytes"),
        (b"\xff\n", "not UTF-8"),
        (b"a\0b\n", "has a NUL"),
    ],
)
def test_a_password_that_no_ticket_holds_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    file = tmp_path / "password"
    file.write_bytes(data)
    with pytest.raises(InputError, match=said) as refused:
        read_password(str(file))
    assert str(refused.value).startswith(f"{file}: ")
