"""Why a connection could not be opened or broke: the words for it, the same on real sockets and simulated ones."""

from __future__ import annotations

REFUSED = "connection refused"
RESET = "connection reset by the peer"
ONLY_ONE_SPEAKS_TLS = "TLS: only one side speaks it"


def no_answer(limit: float) -> str:
    """Nothing came back to an attempt to connect within ``limit`` seconds."""
    return f"no answer within {limit:g} s"


def no_port(number: int) -> str:
    """Nobody can listen at a port of that number."""
    return f"{number} is no port, expected 1 to 65535"


def too_much_waits(waiting: int, most: int) -> str:
    """More than ``most`` bytes wait to be sent: ``waiting``."""
    return f"the peer does not read: {waiting:,} bytes wait to be sent, at most {most:,} may"


def wrong_subject(found: str, expected: str) -> str:
    """A certificate has another subject than the one it must have."""
    return f"TLS: the certificate's subject is {found!r}, expected {expected!r}"


def of_error(error: Exception) -> str:
    """What an error of the operating system, or of a host name that is none, says, in one line."""
    if isinstance(error, ConnectionRefusedError):
        return REFUSED
    if isinstance(error, ConnectionResetError | BrokenPipeError):
        return RESET
    if isinstance(error, UnicodeError):
        return "not a host name"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return " ".join(str(error).split()) or type(error).__name__
