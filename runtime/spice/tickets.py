"""Who is let in: the ticket of a host, its password and the end of its life (facts: SPICE 1.2)."""

from __future__ import annotations

import hmac

#: Bytes of the longest password that a ticket can carry.
LONGEST_PASSWORD = 60


class Tickets:
    """The present ticket. As long as no password was ever given, there is no ticketing: whoever links is let in."""

    def __init__(self, password: str | None = None) -> None:
        self._is_on = False
        self._password: bytes | None = None
        self.expires: float | None = None
        if password is not None:
            self.renew(password, None, 0.0)

    def renew(self, password: str | None, lifetime: float | None, now: float) -> None:
        """From now on this password counts, for ``lifetime`` seconds, None: for ever. None or an empty password:
        nobody is let in.

        Raises ValueError for a password of more than 60 bytes.
        """
        encoded = None if password is None else password.encode()
        if encoded is not None and len(encoded) > LONGEST_PASSWORD:
            raise ValueError(f"a password has at most {LONGEST_PASSWORD} bytes, this one has {len(encoded)}")
        self._is_on = True
        self._password = encoded
        self.expires = None if lifetime is None else now + lifetime

    def admits(self, password: str) -> bool:
        """Whether the password is the right one. When it runs out is not asked here: the chart knows it."""
        if not self._is_on:
            return True
        return bool(self._password) and hmac.compare_digest(self._password or b"", password.encode())
