"""SPICE addresses and passwords as users give them."""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from switchover.models.spice.link_timing.endpoints import ClientDesign
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import ClientOptions, Target

from .errors import InputError

_EXPECTED = "expected spice://HOST:PORT, or spice://HOST?port=PORT&tls-port=PORT"
#: A ticket has room for no more (facts: SPICE 1.2).
LONGEST_PASSWORD = 60


def read_address(text: str, subject: str = "") -> Target:
    """The server that a URL names. Raises InputError, one line; what might be a password is not repeated in it."""
    parts = urlsplit(text)
    if "@" in parts.netloc or "password" in parts.query:
        raise InputError(f"the address holds a password; {_EXPECTED}, and --password-file for the password")
    try:
        port, queried = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise InputError(f"{text!r}: {_EXPECTED}") from None
    if (
        parts.scheme != "spice"
        or not parts.hostname
        or parts.path not in ("", "/")
        or set(queried) - {"port", "tls-port"}
    ):
        raise InputError(f"{text!r}: {_EXPECTED}")
    plain = port if port is not None else _port(queried.get("port"), text)
    tls = _port(queried.get("tls-port"), text)
    if plain is None and tls is None:
        raise InputError(f"{text!r} names no port; {_EXPECTED}")
    return Target(parts.hostname, plain, tls, subject)


def read_host_and_port(text: str) -> Address:
    """``HOST:PORT``. Raises InputError, one line."""
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise InputError(f"{text!r}: expected HOST:PORT")
    return Address(host.strip("[]"), int(port))


def _port(given: list[str] | None, text: str) -> int | None:
    if given is None:
        return None
    if len(given) == 1 and given[0].isascii() and given[0].isdigit() and 0 < int(given[0]) < 65536:
        return int(given[0])
    raise InputError(f"{text!r}: a port is a number from 1 to 65535; {_EXPECTED}")


def read_password(path: str | None) -> str:
    """The first line of a file, of stdin for ``-``; without a file, none. Raises InputError, one line."""
    if path is None:
        return ""
    try:
        line = sys.stdin.readline() if path == "-" else _first_line(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; expected the password on the first line") from None
    password = line.rstrip("\r\n")
    if len(password.encode()) > LONGEST_PASSWORD:
        raise InputError(f"{path}: the password is longer than the {LONGEST_PASSWORD} bytes that a SPICE ticket holds")
    return password


def _first_line(path: str) -> str:
    with Path(path).open(encoding="utf-8") as file:
        return file.readline(LONGEST_PASSWORD * 8)


def client_options(design: str) -> ClientOptions:
    """Our client with every repair (``reference``), or one that does as spice-gtk does (``shipped``)."""
    return (
        ClientOptions() if design == "reference" else ClientOptions(design=ClientDesign(), stream_design="since_0_34")
    )
