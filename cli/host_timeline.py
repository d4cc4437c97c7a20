"""What a host does, as it happens: a line for each event that matters to a handover."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text
from switchover.models.spice.protocol.channels import Side
from switchover.runtime.endpoint import Address
from switchover.runtime.spice.events import Channel, Ended, MessageSeen, NotAllowed, Opened, StateChanged
from switchover.runtime.spice.host_events import Commanded, HostEvent, NetTested
from switchover.runtime.spice.numbering import Target

from .excerpt import excerpt, printable
from .timeline import details, is_frequent

#: Characters of a text that somebody else gave.
_MOST_SHOWN = 100


class HostTimeline:
    """Prints events: seconds since the first, connection, channel, what came (←) or went (→).

    ``everything``: frequent messages too.
    """

    def __init__(self, console: Console, everything: bool) -> None:
        self._console = console
        self._everything = everything
        self._began: float | None = None

    def say(self, text: str) -> None:
        """Print a line that is no event."""
        self._console.print(Text(text), soft_wrap=True)

    def show(self, event: object) -> None:
        """Print an event, if it is one that is shown."""
        if isinstance(event, MessageSeen):
            if self._everything or not is_frequent(event):
                arrow = "←" if event.sender is Side.CLIENT else "→"
                style = "cyan" if "MIGRATE" in event.name else ""
                self._line(event.at, event.connection, event.channel, f"{arrow} {event.name}{details(event)}", style)
        elif isinstance(event, Opened):
            self._line(event.at, event.connection, event.channel, f"{event.address} connected", "dim")
        elif isinstance(event, Ended):
            style = "dim" if event.by is not None else "red"
            self._line(event.at, event.connection, event.channel, event.reason, style)
        elif isinstance(event, StateChanged):
            self._line(event.at, 0, None, f"{event.actor}: {event.before} → {event.after}", "bold")
        elif isinstance(event, HostEvent):
            self._line(event.at, 0, None, str(event), "magenta")
        elif isinstance(event, Commanded):
            self._line(event.at, 0, None, command_text(event), "magenta")
        elif isinstance(event, NetTested):
            self._line(event.at, 0, None, _line_text(event), "dim")
        elif isinstance(event, NotAllowed):
            self._line(event.at, event.connection, None, f"not allowed: {event.text}", "bold red")

    def _line(self, at: float, connection: int, channel: Channel | None, text: str, style: str) -> None:
        self._began = at if self._began is None else self._began
        name = "" if channel is None else channel[0].name.lower() + (f" {channel[1]}" if channel[1] else "")
        line = Text(f"{at - self._began:9.3f}  ")
        line.append(f"{f'#{connection}' if connection else '':4} {name:10} ", "bold")
        line.append(text, style)
        self._console.print(line, soft_wrap=True)


def _line_text(event: NetTested) -> str:
    rate = "too fast to tell its bit rate" if event.bit_rate is None else f"{event.bit_rate / 1e6:,.1f} Mbit/s"
    return f"line to the client: {rate}, latency {event.latency * 1e3:.1f} ms"


def command_text(event: Commanded) -> str:
    """What a host was told to do."""
    return f"command: {event.command}" + ("" if event.target is None else f" {target_text(event.target)}")


def target_text(target: Target) -> str:
    """A server, with the ports that it has and the subject of its certificate, in one line of bounded length."""
    host = shortened(target.host)
    ports = [] if target.port is None else [str(Address(host, target.port))]
    if target.tls_port is not None:
        ports.append(str(Address(host, target.tls_port, tls=True)))
    subject = [f"subject {shortened(target.subject)}"] if target.subject else []
    return ", ".join((*ports, *subject))


def shortened(text: str) -> str:
    """The beginning of a text that somebody else gave, without what would control a terminal."""
    return printable(excerpt(text, _MOST_SHOWN))
