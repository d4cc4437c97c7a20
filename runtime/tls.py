"""TLS without input and output: one end of a connection, and what its peer's certificate must be.

A client trusts the authorities it was given. Of the server's certificate it checks the subject, when it was told which
one that must be (facts: SPICE 1.10, MIGRATE_BEGIN), else that it is made out to the host.
"""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from os import PathLike

from . import reasons
from .certificate_subject import has_subject, subject_of
from .endpoint import Address

_PIECE = 65536


class TlsError(Exception):
    """The TLS connection cannot be made, or broke: one line that says why."""


@dataclass(frozen=True)
class Decrypted:
    """What came: ``data``, and whether it was the last (the peer has said so)."""

    data: bytes
    is_last: bool


class TlsStream:
    """One end of a TLS connection: encrypted bytes go in and come out; whoever uses it carries them.

    After each call, what ``to_send`` returns is to be sent. What is written before ``is_established`` waits.
    ``subject``: the subject that the peer's certificate must have, empty: any.
    """

    def __init__(self, context: ssl.SSLContext, *, is_server: bool, host: str | None = None, subject: str = "") -> None:
        self.is_established = False
        self._subject = subject
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=is_server, server_hostname=host)
        except (ValueError, TypeError) as error:
            raise TlsError(f"TLS: {host!r} is no host name") from error
        self._unsent: list[bytes] = []

    @property
    def has_unsent(self) -> bool:
        """Whether something written waits."""
        return bool(self._unsent)

    def start(self) -> None:
        """The connection is open: begin. Raises TlsError."""
        self._shake_hands()

    def receive(self, data: bytes) -> Decrypted:
        """Encrypted bytes have come. Raises TlsError."""
        self._incoming.write(data)
        if not self.is_established:
            self._shake_hands()
        if not self.is_established:
            return Decrypted(b"", is_last=False)
        pieces = []
        try:
            while piece := self._tls.read(_PIECE):
                pieces.append(piece)
        except ssl.SSLWantReadError:
            return Decrypted(b"".join(pieces), is_last=False)
        except ssl.SSLZeroReturnError:
            pass
        except ssl.SSLError as error:
            raise TlsError(_in_words(error)) from error
        return Decrypted(b"".join(pieces), is_last=True)

    def write(self, data: bytes) -> None:
        """Encrypt these bytes. Raises TlsError."""
        if not self.is_established:
            self._unsent.append(data)
            return
        view = memoryview(data)
        try:
            while view:
                view = view[self._tls.write(view) :]
        except ssl.SSLError as error:
            raise TlsError(_in_words(error)) from error

    def close(self) -> None:
        """Say that nothing more will come."""
        # An error: either the peer has not said so yet, which nobody waits for, or there is nobody to say it to.
        with suppress(ssl.SSLError):
            self._tls.unwrap()

    def to_send(self) -> bytes:
        """Encrypted bytes to be sent now."""
        return self._outgoing.read()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise TlsError(_in_words(error)) from error
        if self._subject:
            self._check_subject(self._tls.getpeercert(binary_form=True) or b"")
        self.is_established = True
        unsent, self._unsent = self._unsent, []
        for data in unsent:
            self.write(data)

    def _check_subject(self, certificate: bytes) -> None:
        if not has_subject(certificate, self._subject):
            raise TlsError(reasons.wrong_subject(subject_of(certificate), self._subject))


class Trust:
    """Whose certificates a client accepts: those of the authorities in ``ca_file`` (PEM), None: the system's.

    Raises OSError when the file cannot be read, ValueError when it is no list of certificates.
    """

    def __init__(self, ca_file: str | PathLike[str] | None = None) -> None:
        self._by_host = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._by_subject = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._by_subject.check_hostname = False
        for context in (self._by_host, self._by_subject):
            if ca_file is None:
                context.load_default_certs()
            else:
                _load_authorities(context, ca_file)

    def stream(self, address: Address) -> TlsStream:
        """The client's end of a connection to ``address``. Raises TlsError when its host can be no name."""
        context = self._by_subject if address.subject else self._by_host
        return TlsStream(context, is_server=False, host=address.host, subject=address.subject)


def server_context(certificate: str | PathLike[str], key: str | PathLike[str]) -> ssl.SSLContext:
    """How a server shows itself: with this certificate (PEM, with those between it and the authority) and its key.

    Raises OSError, with the file's name, when a file cannot be read, ValueError, which says what is wrong with which
    file, when they are not a certificate and its key. A key that a passphrase protects is of no use.
    """
    for file in (certificate, key):
        with open(file, "rb"):
            pass
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        # Without a passphrase of ours the library would ask for one on the terminal.
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as error:
        raise ValueError(_wrong_pair(certificate, key, error)) from error
    return context


def _wrong_pair(certificate: str | PathLike[str], key: str | PathLike[str], error: ssl.SSLError) -> str:
    """Which file is to blame, in words. The library names none."""
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"{key}: not the key of the certificate in {certificate}"
    try:
        _load_authorities(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), certificate)
    except ValueError:
        return f"{certificate}: no certificate in it; expected a PEM file"
    return f"{key}: no key in it that can be used; expected a PEM file, without a passphrase"


def _load_authorities(context: ssl.SSLContext, ca_file: str | PathLike[str]) -> None:
    try:
        context.load_verify_locations(ca_file)
    except ssl.SSLError as error:
        raise ValueError(f"{ca_file} holds no certificates: {_in_words(error)}") from error


def _in_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: the certificate is not accepted: {error.verify_message.rstrip('.')}"
    return f"TLS: {(error.reason or str(error)).replace('_', ' ').lower()}"
