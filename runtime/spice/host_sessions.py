"""Session ids at a host: its own session's, and those that its migrated clients bring with them (facts: SPICE 1.5)."""

from __future__ import annotations

from collections.abc import Callable

from switchover.models.spice.link_timing.endpoints import OWN_SESSION

#: Numbers of the model for other hosts' sessions, of which one may be in use, and for an id that nobody here has.
_OTHERS = (2, 3)
_NOBODYS = 4


class HostSessions:
    """Which id each connection id of the model stands for. ``draw``: a random number of 32 bits."""

    def __init__(self, draw: Callable[[], int]) -> None:
        self._draw = draw
        self._own = 0
        self._others = dict.fromkeys(_OTHERS, 0)

    def session(self, number: int) -> int:
        """The id that a number of the model stands for."""
        return self._own if number == OWN_SESSION else self._others.get(number, 0)

    def begin_own(self) -> None:
        """A new client: this host's session has a new id."""
        self._own = self._draw() or 1

    def of_main(self, session: int, in_use: int) -> int:
        """The number of the id that a main channel's link presents; ``in_use``: that of the present client."""
        if session == 0:
            return 0
        known = self.of_channel(session)
        if known != _NOBODYS:
            return known
        number = next(each for each in _OTHERS if each != in_use)
        self._others[number] = session
        return number

    def of_channel(self, session: int) -> int:
        """The number of the id that another channel's link presents."""
        if session == 0:
            return 0
        if session == self._own:
            return OWN_SESSION
        return next((number for number, each in self._others.items() if each == session), _NOBODYS)
