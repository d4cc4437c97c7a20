"""A SPICE host without input and output: source and destination of migrations.

What it does about a handover its charts decide (``link_timing.endpoints.server``): every message and event that they
know goes to them (``host_inbox``), and whatever they send, open or close is carried out (``host_charts``). What is
below the charts is in the channels' services (``host_main``, ``host_display``, ``host_input``, ``host_playback``).
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from switchover.models.language import Message
from switchover.models.language.message import Closed, Lost
from switchover.models.language.process import Place
from switchover.models.spice.link_timing import calls
from switchover.models.spice.protocol.channels import Side

from ..endpoint import Address, Close, Wish
from .events import NotAllowed
from .guest import Guest
from .host_charts import HostCharts
from .host_deadlines import HostDeadlines
from .host_events import Commanded
from .host_inbox import HostInbox
from .host_limits import HostLimits
from .host_links import HostLink
from .host_main import check_notice
from .host_options import HostOptions
from .host_service import Machine
from .host_services import HostServices
from .host_sessions import HostSessions
from .malformed import MalformedError
from .numbering import NO_PORT, HostNumbers, Target
from .ticket import ServerKey
from .tickets import Tickets

#: Where clients connect, and where guests arrive.
SECURE = "spice-tls"
LISTENERS = ("spice", SECURE)
MIGRATION = "migration"

_MANAGEMENT = Place("hypervisor", "management")
_HERE = Target("this host", None)


class HostEndpoint:
    """One host. ``key``: for tickets; ``draw``: random numbers of 32 bits, for session ids.

    It listens at "spice" and "spice-tls" (whose bytes come decrypted) and, for guests, at "migration". Until
    ``start_guest`` or a migration no guest runs here. What it is told to do and cannot is reported as NotAllowed.
    """

    def __init__(
        self,
        options: HostOptions | None = None,
        *,
        key: ServerKey | None = None,
        draw: Callable[[], int] = lambda: secrets.randbits(32),
    ) -> None:
        self.options = options or HostOptions()
        video = self.options.video
        self._machine = Machine(self.options, Guest(video.interval if video is not None else 1.0))
        self._hosts = HostNumbers(_HERE, self._hosts_in_use)
        sessions = HostSessions(draw)
        services = HostServices(self._machine, self._hosts, sessions)
        self._charts = HostCharts(self._machine, key or ServerKey.generate(), services.serve)
        self._tickets = Tickets(self.options.password)
        self._inbox = HostInbox(self._charts, sessions, self._tickets)
        self._limits = HostLimits(self._charts)
        self._deadlines = HostDeadlines(self._charts, self._tickets, self._limits)
        self._is_over = False

    # What its management may ask for.

    def start_guest(self, *, now: float) -> list[Wish]:
        """Run a guest here: the first host does."""
        self._proceed(now)
        self._charts.start_guest()
        return self._settled()

    def client_migrate_info(
        self, host: str, port: int = -1, tls_port: int = -1, subject: str = "", *, now: float
    ) -> list[Wish]:
        """Where the client will have to go: the target's SPICE ports, -1 for one that it has not, and with TLS the
        subject of its certificate. Raises ValueError when both ports are missing.
        """
        target = Target(host, _port(port), _port(tls_port), subject)
        if target.port is None and target.tls_port is None:
            raise ValueError("client_migrate_info: expected a port, or a TLS port")
        self._command(now, "client_migrate_info", target)
        self._manage(calls.ClientMigrateInfo(self._hosts.number(target)))
        return self._settled()

    def migrate(self, address: Address, *, now: float) -> list[Wish]:
        """Begin to migrate the guest to the target's migration listener."""
        target = Target(address.host, address.port)
        self._command(now, "migrate", target)
        hypervisor = self._charts.process.view("hypervisor")
        if not self._machine.guest.runs:
            self._charts.report(NotAllowed(now, 0, "migrate: no guest runs here"))
        else:
            self._charts.stream_to = address
            number = hypervisor.target if hypervisor.informed else self._hosts.number(target)
            self._manage(calls.MigrateCommand(number))
        return self._settled()

    def complete(self, *, now: float) -> list[Wish]:
        """The migration is complete: the guest runs at the target."""
        self._proceed(now)
        self._decide("complete")
        return self._settled()

    def fail(self, *, now: float) -> list[Wish]:
        """The migration fails by itself."""
        self._proceed(now)
        self._decide("fail")
        return self._settled()

    def migrate_cancel(self, *, now: float) -> list[Wish]:
        """Give the migration up."""
        self._command(now, "migrate_cancel", None)
        if self._charts.process.view("hypervisor").state != "active":
            self._charts.report(NotAllowed(now, 0, "migrate_cancel: no migration from here is under way"))
            return self._settled()
        self._charts.is_cancelling = True
        self._manage(calls.MigrateCancelCommand())
        self._charts.is_cancelling = False
        return self._settled()

    def set_password(self, password: str | None, lifetime: float | None = None, *, now: float) -> list[Wish]:
        """A new ticket, for ``lifetime`` seconds, None: for ever. Without a password nobody is let in.

        Raises ValueError for a password of more than 60 bytes.
        """
        self._proceed(now)
        self._tickets.renew(password, lifetime, now)
        self._charts.decide("destination", "ticket_is_renewed")
        return self._settled()

    def notify(self, text: str, severity: int = 1, *, now: float) -> list[Wish]:
        """Tell the client's user. ``severity``: 0 information, 1 warning, 2 error.

        Raises ValueError for another one, and for a text with a NUL or of more than 4,096 bytes.
        """
        check_notice(text, severity)
        self._proceed(now)
        if not self._charts.notify(text, severity):
            self._charts.report(NotAllowed(now, 0, "notify: no client is in service"))
        return self._settled()

    def quit(self, *, now: float) -> list[Wish]:
        """The process ends: every connection is closed, and no more are accepted."""
        charts = self._charts
        charts.now = now
        self._is_over = True
        self._machine.guest.stop(now)
        for link in charts.links:
            charts.links.close(link, "the host has quit", now)
        charts.streams.close_all(now)
        return self._settled()

    @property
    def runs_guest(self) -> bool:
        """Whether the guest runs here."""
        return self._machine.guest.runs

    @property
    def is_streaming(self) -> bool:
        """Whether a migration from here may complete at any moment: its target is loading."""
        return bool(self._charts.process.view("hypervisor").streaming)

    @property
    def state(self) -> str:
        """How its present client arrived: ``vacant``, ``linking``, ``migrating``, or ``completed``: in service."""
        return str(self._charts.process.view("destination").state)

    def frame(self, now: float) -> int:
        """Number of the frame that the guest shows, or would show if it ran here."""
        return self._machine.guest.frame(now)

    def mm_time(self, now: float) -> int:
        """What the multimedia clock shows, in ms, 0 to 2^32 - 1."""
        return self._machine.mm_time(now)

    # What happens to it.

    def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
        """Somebody has connected. Raises ValueError for a listener that a host has not."""
        if listener not in (*LISTENERS, MIGRATION):
            raise ValueError(f"listener: expected one of {', '.join((*LISTENERS, MIGRATION))}, not {listener!r}")
        self._proceed(now)
        number = self._charts.new_number()
        if self._is_over:
            self._charts.wishes.append(Close(number))
        elif listener == MIGRATION:
            self._charts.streams.accept(number, peer, now + self.options.link_limit, now)
        else:
            self._charts.links.accept(number, peer, listener == SECURE, now)
        return number, self._settled()

    def connected(self, connection: int, now: float) -> list[Wish]:
        """A migration stream is open."""
        self._proceed(now)
        if connection in self._charts.streams:
            self._charts.streams.connected(connection, now)
        return self._settled()

    def refused(self, connection: int, reason: str, now: float) -> list[Wish]:
        """A migration stream could not be opened."""
        return self._end(connection, reason, None, now)

    def received(self, connection: int, data: bytes, now: float) -> list[Wish]:
        """Bytes have come."""
        self._proceed(now)
        link = self._charts.links.get(connection)
        if link is not None:
            self._receive(link, data)
        elif connection in self._charts.streams:
            self._receive_stream(connection, data)
        return self._settled()

    def ended(self, connection: int, now: float) -> list[Wish]:
        """The peer has closed the connection, after all its bytes."""
        return self._end(connection, "closed by the client", Side.CLIENT, now)

    def lost(self, connection: int, reason: str, now: float) -> list[Wish]:
        """The connection broke."""
        return self._end(connection, reason, None, now)

    def timeout(self, now: float) -> list[Wish]:
        """Time has come to do what was put off."""
        self._proceed(now)
        return self._settled()

    def next_deadline(self) -> float | None:
        """When ``timeout`` is to be called at the latest."""
        return None if self._is_over else self._deadlines.next()

    # How it is done.

    def _proceed(self, now: float) -> None:
        """What was due before now comes first."""
        self._charts.now = now
        if not self._is_over:
            self._deadlines.do_due()

    def _settled(self) -> list[Wish]:
        """Take everything that can be taken, and say what there is to say; then what was wished for."""
        self._handle_all()
        while self._limits.give_up_deaf():
            self._handle_all()
        self._limits.watch()
        wishes = list(self._charts.wishes)
        self._charts.wishes.clear()
        return wishes

    def _handle_all(self) -> None:
        if not self._is_over:
            self._inbox.handle_all()
        for link in self._charts.links:
            if self._may_go_on(link):
                self._go_on(link)

    def _may_go_on(self, link: HostLink) -> bool:
        if link.service is None or link.ending is not None:
            return False
        deadline = link.service.next_deadline()
        return link.may_go_on or (deadline is not None and deadline <= self._charts.now)

    def _go_on(self, link: HostLink) -> None:
        charts = self._charts
        link.may_go_on = False
        assert link.service is not None
        charts.links.flush(link, charts.now)
        charts.links.send(link, link.service.go_on(charts.situation(link), charts.now), charts.now)

    def _receive(self, link: HostLink, data: bytes) -> None:
        try:
            self._charts.links.receive(link, data, self._charts.now)
        except MalformedError as error:
            self._charts.break_off(link, str(error))

    def _receive_stream(self, connection: int, data: bytes) -> None:
        charts = self._charts
        was_streaming = self.is_streaming
        charts.streams.received(connection, data, charts.now)
        if self.is_streaming and not was_streaming and self.options.migration_time is not None:
            self._deadlines.complete_at = charts.now + self.options.migration_time

    def _end(self, connection: int, reason: str, by: Side | None, now: float) -> list[Wish]:
        self._proceed(now)
        link = self._charts.links.get(connection)
        if link is not None and link.ending is None:
            link.ending, link.reason = Lost() if by is None else Closed(), reason
            link.may_have_input = True
        elif connection in self._charts.streams:
            self._charts.streams.over(connection, reason, now)
        return self._settled()

    def _command(self, now: float, command: str, target: Target | None) -> None:
        self._proceed(now)
        self._charts.report(Commanded(now, command, target))

    def _manage(self, message: Message) -> None:
        self._charts.deliver(_MANAGEMENT, message)

    def _decide(self, name: str) -> None:
        if not self._charts.decide("hypervisor", name):
            self._charts.report(NotAllowed(self._charts.now, 0, f"{name}: no migration is under way that could"))

    def _hosts_in_use(self) -> set[int]:
        views = (self._charts.process.view(actor) for actor in ("source", "hypervisor"))
        return {0, *(view.target for view in views)}


def _port(number: int) -> int | None:
    return None if number in (-1, 0, NO_PORT) else number
