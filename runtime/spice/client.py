"""A SPICE client that follows a live migration, without input and output: the charts of ``models/spice`` drive it.

What happens to it goes in by the methods of ``Endpoint``, what it wants done comes out as wishes. The session and each
channel are the charts of ``link_timing``; the clock, sound and video are those of ``mm_time`` (``media.py``). This
module carries messages between charts and connections.
"""

from __future__ import annotations

from switchover.models.language import Message
from switchover.models.language.message import Closed, Lost, Refused
from switchover.models.language.outputs import Open, Send
from switchover.models.language.process import Effect, Reaction
from switchover.models.language.stepping import Outcome
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing.endpoints import SLOTS
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, DisplayCap, MainCap, Side

from ..endpoint import Report, Wish
from . import codec
from .client_capabilities import COMMON, announced
from .client_charts import MAIN, MOST_CHANNELS, ClientCharts
from .client_links import ClientLink, ClientLinks, ClientOptions
from .client_words import KINDS, ClientWords
from .connection import Received
from .events import Channel, NotAllowed, StateChanged
from .link import LinkOutcome, LinkRequest
from .media import Media, Saying, StreamReport
from .numbering import HostNumbers, Target

__all__ = ["ClientEndpoint", "ClientOptions", "Target"]

#: What is kept of a target's words on one channel, in messages; then it is left unread until the switch.
MOST_KEPT = 256

#: With these the client links to a target, unless it declines.
_BEGINNINGS = (main.MigrateBegin, main.MigrateBeginSeamless)
#: What a server may say a link came to (facts: SPICE 1.3); anything else counts as ERROR.
_RESULTS = {each.value: each for each in spice.LinkError}


class ClientEndpoint:
    """One client. ``connect`` begins; then it stays with its guest through migrations until ``quit``.

    ``server`` is where it connects first, with TLS if ``tls``. Implements ``Endpoint``; events are reported as the
    records of ``events``.
    """

    def __init__(
        self, server: Target, password: str = "", options: ClientOptions | None = None, *, tls: bool = False
    ) -> None:
        self.options = options or ClientOptions()
        self._tls = tls
        self._wishes: list[Wish] = []
        self._links = ClientLinks(password, self.options, self._wishes)
        self._charts = ClientCharts(self.options.design)
        self._hosts = HostNumbers(server, self._hosts_in_use)
        self._words = ClientWords(self._hosts)
        self._media = Media(self.options.stream_design, self.options.audio_delay)
        self._going_over_since: float | None = None
        #: Whether it may be that other connections are read now than before.
        self._is_changed = False
        self._now = 0.0

    # What the user may ask for.

    def connect(self, now: float) -> list[Wish]:
        """Make the first connection."""
        self._now = now
        self._charts.expect_list()
        self._decide("connect")
        return self._settled()

    def quit(self, now: float) -> list[Wish]:
        """Leave, closing every connection."""
        self._now = now
        self._decide("quit")
        return self._settled()

    @property
    def state(self) -> str:
        """The session's state: in ``completed``, ``on_source`` and ``cancelled`` it is served, ``lost`` and ``closed``
        are the end.
        """
        return str(self._charts.session.state)

    @property
    def is_over(self) -> bool:
        """Whether the session is lost or was left."""
        return self.state in ("lost", "closed")

    @property
    def attached(self) -> dict[Channel, Target]:
        """The host that each channel is attached to, of those that are."""
        return {channel: self._hosts.target(number) for channel, number in self._charts.attached.items()}

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels besides main."""
        return self._charts.channels

    def mm_time(self, now: float) -> int:
        """What the session's multimedia clock shows, in ms, 0 to 2^32 - 1."""
        return self._media.mm_time(int(now * 1000))

    # What happens to it.

    def accepted(self, listener: str, peer: str, now: float) -> tuple[int, list[Wish]]:
        """A client listens nowhere. Raises ValueError."""
        raise ValueError("a client accepts no connections")

    def connected(self, connection: int, now: float) -> list[Wish]:
        """A connection wished for is open."""
        self._now = now
        self._links.connected(connection, now)
        link = self._links.get(connection)
        if link is not None:
            self._links.set_reading(link, self._reads(link))
        return self._settled()

    def refused(self, connection: int, reason: str, now: float) -> list[Wish]:
        """A connection wished for could not be opened."""
        return self._end(connection, Refused(), reason, now)

    def received(self, connection: int, data: bytes, now: float) -> list[Wish]:
        """Bytes have come."""
        self._now = now
        self._links.received(connection, data)
        return self._settled()

    def ended(self, connection: int, now: float) -> list[Wish]:
        """The server has closed the connection, after all its bytes."""
        return self._end(connection, Closed(), "closed by the server", now)

    def lost(self, connection: int, reason: str, now: float) -> list[Wish]:
        """The connection broke."""
        return self._end(connection, Lost(), reason, now)

    def _end(self, connection: int, ending: Message, reason: str, now: float) -> list[Wish]:
        self._now = now
        self._links.end(connection, ending, reason)
        return self._settled()

    def timeout(self, now: float) -> list[Wish]:
        """Time has come to do what was put off."""
        self._now = now
        while (reaction := self._charts.process.expire(self._milliseconds())) is not None:
            self._take(reaction, 0)
        self._say(self._media.let_time_pass(self._milliseconds(), now))
        for link in self._links:
            if link.deadline is not None and link.deadline <= now:
                self._links.break_off(link, f"the link was not done within {self.options.link_limit:g} s")
        self._give_up_going_over()
        return self._settled()

    def next_deadline(self) -> float | None:
        """When ``timeout`` is to be called at the latest."""
        milliseconds = (self._charts.process.next_deadline(), self._media.next_deadline())
        # One past the millisecond: rounded down it would be that millisecond in any case.
        deadlines = [(each + 0.5) / 1000 for each in milliseconds if each is not None]
        link = self._links.next_deadline()
        if link is not None:
            deadlines.append(link)
        if self._going_over_since is not None:
            deadlines.append(self._going_over_since + self.options.switch_limit)
        return min(deadlines, default=None)

    # How the charts and the connections meet.

    def _milliseconds(self) -> int:
        return int(self._now * 1000)

    def _settled(self) -> list[Wish]:
        """Handle everything that can be handled now; then what was wished for."""
        while self._handle_something() or self._do_a_task():
            pass
        if self._is_changed:
            self._is_changed = False
            for link in self._links:
                self._links.set_reading(link, self._reads(link))
        wishes = list(self._wishes)
        self._wishes.clear()
        return wishes

    def _do_a_task(self) -> bool:
        for actor, name in self._charts.process.tasks():
            self._take(self._charts.process.decide(actor, name, self._milliseconds()), 0)
            return True
        return False

    def _decide(self, name: str) -> None:
        reaction = self._charts.process.decide("session", name, self._milliseconds())
        if reaction.is_handled:
            self._take(reaction, 0)

    def _handle_something(self) -> bool:
        return any(self._reads(link) and self._handle_next(link) for link in self._links.waiting())

    def _reads(self, link: ClientLink) -> bool:
        has_room = len(link.kept) < MOST_KEPT and link.kept_size < self.options.message_limit
        return not link.is_blocked and has_room and self._charts.process.reads(link.place)

    def _handle_next(self, link: ClientLink) -> bool:
        """Handle what came next by this connection; False: nothing did."""
        self._is_changed = True
        connection = link.connection
        if connection is not None and not isinstance(link.ending, Lost):
            if connection.outcome is not None and not link.is_answered:
                self._handle_outcome(link, connection.outcome)
                return True
            try:
                received = connection.pull()
            except codec.MalformedError as error:
                self._links.break_off(link, str(error))
                return True
            if received is not None:
                return self._handle(link, received)
        if link.ending is None:
            return False
        reaction = self._charts.process.receive(link.place, link.ending, self._milliseconds())
        if reaction.outcome is Outcome.REFUSED:
            link.is_blocked = True
            return False
        self._links.ended(link, self._now)
        self._take(reaction, link.number)
        return True

    def _handle_outcome(self, link: ClientLink, outcome: LinkOutcome) -> None:
        error = _RESULTS.get(outcome.result, spice.LinkError.ERROR)
        if error is spice.LinkError.NEED_SECURED and not link.address.tls and link.target.tls_port is not None:
            self._links.try_with_tls(link, outcome, self._now)
            return
        self._links.answered(link, outcome, self._now)
        if self._going_over_since is not None:
            self._going_over_since = self._now
        if link.channel == MAIN:
            self._charts.note_seamless_target(MainCap.SEAMLESS_MIGRATE in outcome.channel_caps)
        self._take(self._charts.process.receive(link.place, spice.LinkResult(error), self._milliseconds()), link.number)

    def _handle(self, link: ClientLink, received: Received) -> bool:
        """Handle a message; False: a chart has refused it, for now."""
        message = received.message
        meaning = self._meaning(link, message)
        if isinstance(message, main.ChannelsList) and link.channel == MAIN:
            self._list_channels(link, message)
        reaction = None
        if meaning is not None:
            reaction = self._charts.process.receive(link.place, meaning, self._milliseconds())
            if reaction.outcome is Outcome.REFUSED and link.connection is not None:
                link.connection.put_back(received)
                link.is_blocked = True
                return False
        name = codec.name_of(message)
        self._links.see(link, Side.SERVER, name, received.number, received.size, message, self._now)
        links = self._links.count
        if link.channel == MAIN and isinstance(message, main.MigrateSwitchHost):
            self._media.begin_handover(links)
        if self._charts.is_twin(link.place):
            link.kept.append(message)
            link.kept_size += received.size
        else:
            self._show(link, message)
        if reaction is not None:
            link.is_begun = link.is_begun or isinstance(meaning, spice.ChannelStart)
            self._take(reaction, link.number)
        if isinstance(message, _BEGINNINGS) and self._links.count > links:
            self._media.begin_handover(links)
        if link.connection is not None and self._links.get(link.number) is link:
            for answer in link.connection.upkeep(received):
                self._links.send(link, answer, self._now)
        return True

    def _show(self, link: ClientLink, message: Message) -> None:
        self._say(self._media.handle(link.channel, link.number, message, self._milliseconds(), self._now))

    def _show_kept(self) -> None:
        """What targets have said before the switch is shown when their channel goes over to them."""
        for link in self._links:
            if link.kept and not self._charts.is_twin(link.place):
                kept, link.kept, link.kept_size = link.kept, [], 0
                for message in kept:
                    self._show(link, message)

    def _meaning(self, link: ClientLink, message: Message) -> Message | None:
        """What a record is to the charts; None: nothing."""
        if link.channel != MAIN:
            return self._words.from_channel(message, link.place.actor, link.channel[0], link.is_begun)
        if isinstance(message, main.MultiMediaTime):
            is_answer, link.awaits_time = link.awaits_time, False
            return spice.MultiMediaTime() if is_answer else None
        try:
            return self._words.from_main(message, link.place.actor)
        except ValueError as error:
            self._report(NotAllowed(self._now, link.number, f"{codec.name_of(message)}: {error}"))
            return None

    def _take(self, reaction: Reaction, connection: int) -> None:
        """What a chart did is carried out; what it did not expect is reported."""
        self._is_changed = True
        if not reaction.is_handled:
            self._report(NotAllowed(self._now, connection, reaction.reason))
            return
        for effect in reaction.effects:
            self._carry_out(effect)
        for link in self._links:
            link.is_blocked = False
        self._note_states()
        self._show_kept()

    def _carry_out(self, effect: Effect) -> None:
        place, output = effect.place, effect.output
        if isinstance(output, Open):
            target = self._hosts.target(place.index // SLOTS)
            self._links.open(place, self._charts.channel(place), target, self._tls, self._now)
            return
        link = self._links.at(place)
        if link is None:
            return
        if isinstance(output, Send):
            self._send(link, output.message)
        else:
            self._links.drop(link, "closed by the client", self._now)

    def _send(self, link: ClientLink, message: Message) -> None:
        if isinstance(message, spice.Link):
            self._request(link, self._words.session(message.connection_id))
            return
        caps = link.connection.outcome.channel_caps if link.connection and link.connection.outcome else frozenset()
        numbers_attempts = self.options.design.repairs.numbers_attempts and MainCap.MIGRATE_ATTEMPT in caps
        record = self._words.to_wire(message, link.place.actor, link.channel[0], numbers_attempts)
        self._links.send(link, record, self._now)
        if isinstance(message, spice.MigrateData):
            link.awaits_time = True
        elif isinstance(message, spice.MigrateEnd):
            self._say(self._media.goes_over(self._milliseconds(), self._now))

    def _request(self, link: ClientLink, session: int) -> None:
        if link.channel == MAIN and session == 0:
            self._media.connects_anew()
        self._links.request(link, self._link_request(link.channel, session), self._now)

    def _link_request(self, channel: Channel, session: int) -> LinkRequest:
        return LinkRequest(session, *channel, COMMON, announced(channel[0], self.options))

    def _list_channels(self, link: ClientLink, message: main.ChannelsList) -> None:
        listed = [(ChannelType(each.type), each.id) for each in message.channels if self._wants(each.type)]
        if len(set(listed)) > MOST_CHANNELS:
            self._report(NotAllowed(self._now, link.number, f"CHANNELS_LIST: more than {MOST_CHANNELS} channels"))
        moved = self._charts.use_list(listed)
        self._links.move(moved)
        self._words.move(moved)

    def _wants(self, kind: int) -> bool:
        return kind in KINDS and (self.options.channels is None or kind in self.options.channels)

    def _hosts_in_use(self) -> set[int]:
        return self._charts.hosts() | {link.place.index // SLOTS for link in self._links}

    # Limits that the charts do not have.

    def _give_up_going_over(self) -> None:
        """Nothing has come for too long from the server that the session waits for: its connection counts as lost."""
        since = self._going_over_since
        if since is None or self._now < since + self.options.switch_limit:
            return
        self._going_over_since = self._now
        for place in self._charts.awaited():
            link = self._links.at(place)
            if link is not None and link.is_answered:
                self._links.break_off(link, f"the server did not go on within {self.options.switch_limit:g} s")

    # What is reported.

    def _report(self, event: object) -> None:
        self._wishes.append(Report(event))

    def _say(self, sayings: list[Saying]) -> None:
        for each in sayings:
            if isinstance(each, StreamReport):
                self._send_report(each)
            else:
                self._report(each)

    def _send_report(self, report: StreamReport) -> None:
        for link in self._links:
            outcome = link.connection.outcome if link.connection is not None else None
            is_here = link.channel == report.channel and self._charts.is_here(link.place)
            if is_here and outcome is not None and DisplayCap.STREAM_REPORT in outcome.channel_caps:
                self._links.send(link, report.record, self._now)

    def _prepare_for_handover(self) -> None:
        """When every channel is in service: the first BEGIN is to be answered as fast as the second."""
        target = self._hosts.next() if self._charts.is_in_service else None
        if target is not None:
            self._charts.rehearse(target)
            self._link_request(MAIN, self._words.session(self._charts.session.connection_id)).prepare()

    def _note_states(self) -> None:
        changed = self._charts.changed_states()
        for name, before, after in changed:
            self._report(StateChanged(self._now, name, before, after))
        if changed:
            self._prepare_for_handover()
        if not self._charts.is_going_over:
            self._going_over_since = None
        elif self._going_over_since is None:
            self._going_over_since = self._now
