"""SPICE addresses and passwords as users give them."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from switchover.models.spice.link_timing.endpoints import ClientDesign
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.client import ClientOptions, Target

from .errors import InputError
from .excerpt import excerpt

_EXPECTED = "expected spice://HOST:PORT, or spice://HOST?port=PORT&tls-port=PORT"
#: A ticket has room for no more (facts: SPICE 1.2).
LONGEST_PASSWORD = 60

#: Of what a user gave, so many characters are repeated.
_MOST_SHOWN = 80


def read_address(text: str, subject: str = "") -> Target:
    """The server that a URL names. Raises InputError, one line; what might be a password is not repeated in it."""
    if "@" in text or "password" in text.partition("?")[2].lower():
        raise InputError(f"the address holds a password; {_EXPECTED}, and --password-file for the password")
    try:
        parts = urlsplit(text)
        port, queried = parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise InputError(f"{_shown(text)}: {_EXPECTED}") from None
    if (
        parts.scheme != "spice"
        or not parts.hostname
        or parts.path not in ("", "/")
        or set(queried) - {"port", "tls-port"}
        or (port is not None and "port" in queried)
    ):
        raise InputError(f"{_shown(text)}: {_EXPECTED}")
    plain = _port([str(port)] if port is not None else queried.get("port"), text)
    tls = _port(queried.get("tls-port"), text)
    if plain is None and tls is None:
        raise InputError(f"{_shown(text)} names no port; {_EXPECTED}")
    if subject and tls is None:
        raise InputError(f"{_shown(text)}: the subject of a certificate needs tls-port=PORT in the address")
    return Target(parts.hostname, plain, tls, subject)


def read_host_and_port(text: str) -> Address:
    """``HOST:PORT``. Raises InputError, one line."""
    found = re.fullmatch(r"(?:\[([^\[\]]+)\]|([^\[\]:]+)):([0-9]{1,5})", text)
    if found is None or not _is_port(found[3]):
        raise InputError(f"{_shown(text)}: expected HOST:PORT, [HOST]:PORT for an IPv6 address, PORT from 1 to 65535")
    return Address(found[1] or found[2], int(found[3]))


def _port(given: list[str] | None, text: str) -> int | None:
    if given is None:
        return None
    if len(given) == 1 and _is_port(given[0]):
        return int(given[0])
    raise InputError(f"{_shown(text)}: a port is a number from 1 to 65535; {_EXPECTED}")


def _is_port(text: str) -> bool:
    return re.fullmatch("[0-9]{1,5}", text) is not None and 0 < int(text) < 65536


def _shown(text: str) -> str:
    return repr(excerpt(text, _MOST_SHOWN))


def read_password(path: str | None) -> str:
    """The first line of a file, of stdin for ``-``; without a file, none. Raises InputError, one line."""
    if path is None:
        return ""
    try:
        line = _first_line(path).rstrip(b"\r\n")
        if len(line) > LONGEST_PASSWORD:
            most = f"the {LONGEST_PASSWORD} bytes that a SPICE ticket holds"
            raise InputError(f"{path}: the password is longer than {most}")
        password = line.decode()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text; expected the password on the first line") from None
    if "\0" in password:
        raise InputError(f"{path}: the password has a NUL, where a SPICE ticket ends")
    return password


def _first_line(path: str) -> bytes:
    # Two more than a password has, for the end of the line; what is longer is refused in any case.
    most = LONGEST_PASSWORD + 2
    if path != "-":
        with Path(path).open("rb") as file:
            return file.readline(most)
    if sys.stdin is None:
        raise InputError("-: stdin is closed; expected the password on its first line")
    # Unbuffered where it can be: what follows the password is for others.
    stdin = sys.stdin.buffer
    return bytes(getattr(stdin, "raw", stdin).readline(most))


def client_options(design: str) -> ClientOptions:
    """Our client with every repair (``reference``), or one that does as spice-gtk does (``shipped``)."""
    return (
        ClientOptions() if design == "reference" else ClientOptions(design=ClientDesign(), stream_design="since_0_34")
    )
