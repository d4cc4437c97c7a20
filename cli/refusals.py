"""Why a client's session was lost, and which of its channels were refused for want of TLS."""

from __future__ import annotations

from dataclasses import dataclass, field

from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.models.spice.protocol.link import LinkError, LinkReply
from switchover.runtime.spice.events import Ended, MessageSeen, Opened, StateChanged

from .excerpt import excerpt, printable
from .timeline import cause, details

#: Characters of a reason, in which the name of a host may be a server's.
_MOST_SHOWN = 300


@dataclass
class Refusals:
    """Is fed a client's events in order. ``reason``: why the session was lost; None: it was not.

    ``wanting_tls``: channels that the first server links with TLS only; ``is_tls_wanted``: some server did so.
    """

    reason: str | None = None
    wanting_tls: list[str] = field(default_factory=list)
    is_tls_wanted: bool = False
    _opened: dict[int, Opened] = field(default_factory=dict)
    _first: str | None = None
    _latest: str | None = None

    def feed(self, event: object) -> None:
        """Take note of an event."""
        if isinstance(event, Opened):
            self._opened[event.connection] = event
            self._first = event.server if self._first is None else self._first
        elif isinstance(event, MessageSeen):
            self._see(event)
        elif isinstance(event, Ended):
            self._opened.pop(event.connection, None)
            # That the client closes follows from something else.
            if event.by is not Side.CLIENT and event.channel is not None and event.channel[0] is ChannelType.MAIN:
                self._latest = _reason(event.address, cause(event))
        elif isinstance(event, StateChanged) and event.actor == "session" and event.after == "lost":
            # Nothing but the end, or the refusal, of a main connection does that to a session.
            self.reason = self._latest

    def _see(self, event: MessageSeen) -> None:
        if event.name not in ("LINK_REPLY", "LINK_RESULT") or not (error := details(event)):
            return
        opened = self._opened.get(event.connection)
        if event.channel[0] is ChannelType.MAIN:
            self._latest = _reason("" if opened is None else opened.address, event.name + error)
        if isinstance(event.message, LinkReply) and event.message.error == LinkError.NEED_SECURED:
            self.is_tls_wanted = True
            name = event.channel[0].name.lower()
            if opened is not None and opened.server == self._first and name not in self.wanting_tls:
                self.wanting_tls.append(name)


def _reason(address: str, text: str) -> str:
    return printable(excerpt(f"main at {address}: {text}", _MOST_SHOWN))
