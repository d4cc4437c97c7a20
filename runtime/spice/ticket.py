"""Tickets: a password, encrypted with the key of the server that is to read it (facts: SPICE 1.2).

RSA-OAEP with SHA-1, of the password and one NUL, under a key of 1024 bits: what the protocol prescribes. It is weak by
today's measure; what keeps a connection secret is TLS.
"""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from .malformed import MalformedError

#: Sizes in bytes: of an encrypted ticket, and of the longest password.
TICKET_SIZE = 128
MOST_PASSWORD = 60

_KEY_BITS = 1024
_PADDING = padding.OAEP(mgf=padding.MGF1(SHA1()), algorithm=SHA1(), label=None)


def password_bytes(password: str) -> bytes:
    """A password as it is encrypted, without its NUL. Raises ValueError, which does not show it, for one that is too
    long or has a NUL.
    """
    data = password.encode(errors="surrogatepass")
    if len(data) > MOST_PASSWORD:
        raise ValueError(f"the password has {len(data)} bytes; SPICE allows {MOST_PASSWORD}")
    if b"\x00" in data:
        raise ValueError("the password has a NUL")
    return data


class ServerKey:
    """A server's key pair. ``public_der``: what it shows to clients, 162 bytes."""

    def __init__(self, private: rsa.RSAPrivateKey) -> None:
        self._private = private
        public = private.public_key()
        self.public_der: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @classmethod
    def generate(cls) -> ServerKey:
        """A new key."""
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS))

    def decrypt(self, ticket: bytes) -> str | None:
        """The password in a ticket; None for one that was not made with this key, or holds no text."""
        try:
            data = self._private.decrypt(ticket, _PADDING)
            return data.partition(b"\x00")[0].decode()
        except ValueError:
            return None


def encrypt(password: str, public_der: bytes) -> bytes:
    """The ticket for the server that showed ``public_der``.

    Raises ValueError for a password that SPICE does not allow, MalformedError for a key that is none.
    """
    data = password_bytes(password)
    try:
        key = load_der_public_key(public_der)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size == _KEY_BITS:
            return key.encrypt(data + b"\x00", _PADDING)
    except (ValueError, UnsupportedAlgorithm):
        pass  # some keys are refused only when they are used
    raise MalformedError(f"LINK_REPLY: pub_key: expected an RSA key of {_KEY_BITS} bits, in DER")
