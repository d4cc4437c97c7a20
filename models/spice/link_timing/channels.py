"""The channels beside main that differ in a handover (facts: SPICE 1.14, 3.2)."""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """A channel type, with what matters of it here."""

    DISPLAY = "display"
    CURSOR = "cursor"
    INPUTS = "inputs"
    PLAYBACK = "playback"
    RECORD = "record"
    SMARTCARD = "smartcard"
    USBREDIR = "usbredir"
    PORT = "port"
    WEBDAV = "webdav"

    @property
    def transfers(self) -> bool:
        """Whether MIGRATE_DATA goes with it."""
        return self not in (Kind.CURSOR, Kind.PLAYBACK, Kind.RECORD)

    @property
    def client_initialises(self) -> bool:
        """Whether the client sends something first: DISPLAY_INIT, KEY_MODIFIERS."""
        return self in (Kind.DISPLAY, Kind.INPUTS)

    @property
    def server_starts(self) -> bool:
        """Whether the server sends something at the start by itself."""
        return self is not Kind.DISPLAY

    @property
    def starts_when_continued(self) -> bool:
        """Whether it does so for a client that continues its session: a playback channel is silent then."""
        return self in (Kind.CURSOR, Kind.INPUTS)

    def __str__(self) -> str:
        return self.value
