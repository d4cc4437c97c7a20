"""The connections of one client: which there are, whose each is, how far its link is, and how it ended."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from switchover.models.language import Message
from switchover.models.language.message import Closed, Lost
from switchover.models.language.process import Place
from switchover.models.spice.link_timing.endpoints import ClientDesign
from switchover.models.spice.link_timing.variant import ALL_REPAIRS
from switchover.models.spice.protocol import link as records
from switchover.models.spice.protocol.channels import ChannelType, Side

from ..endpoint import Address, Close, Connect, Pause, Report, Resume, Wish, Write
from . import codec
from .connection import ChannelConnection
from .events import Channel, Ended, MessageSeen, Opened
from .link import LinkOutcome, LinkRequest, reply_record
from .numbering import ServerNames, Target

#: The most that a server may announce as one message, in bytes.
MESSAGE_LIMIT = 64 << 20


@dataclass(frozen=True)
class ClientOptions:
    """How a client behaves.

    ``design``: what it does about a handover; ``stream_design``: how it shows video (``mm_time.client``).
    ``channels``: types to link besides main; None: all that the server lists. ``audio_delay``: ms that the sound lags
    behind the server's clock, by which an audio back end sets the client's while it plays. None: none answers; where
    sound goes on at a target before main has the session's data, nothing sets the clock then. ``follows``: it announces
    that it links to a target before the switch, ``seamless``: also that its session can go on there as it is. Limits
    are in seconds: for a TCP connection, for a link, and for going over to the target; what takes longer counts as
    lost. ``message_limit``: bytes of the longest message that is taken.
    """

    design: ClientDesign = field(default_factory=lambda: ClientDesign(repairs=ALL_REPAIRS))
    stream_design: str = "reference"
    channels: Collection[ChannelType] | None = None
    audio_delay: int | None = 400
    follows: bool = True
    seamless: bool = True
    connect_limit: float = 10.0
    link_limit: float = 10.0
    switch_limit: float = 10.0
    message_limit: int = MESSAGE_LIMIT


@dataclass
class ClientLink:
    """One connection, from the wish for it to its end, and the port of a chart that it serves.

    ``connection``: None until the link is begun. ``deadline``: when an unfinished link is given up. ``ending``: how it
    ended, as long as that is not handled. ``is_blocked``: a chart has refused what came first, for now.
    ``is_answered``: what the link came to is handled. ``is_begun``: the channel's beginning has come.
    ``awaits_time``: MIGRATE_DATA was sent, and the server's time is the answer. ``kept``: what a target has said before
    the switch, for the clock, sound and video after it, of ``kept_size`` bytes.
    """

    number: int
    place: Place
    channel: Channel
    target: Target
    address: Address
    request: LinkRequest | None = None
    connection: ChannelConnection | None = None
    deadline: float | None = None
    ending: Message | None = None
    reason: str = ""
    is_open: bool = False
    is_paused: bool = False
    is_blocked: bool = False
    is_answered: bool = False
    is_begun: bool = False
    awaits_time: bool = False
    kept: list[Message] = field(default_factory=list)
    kept_size: int = 0

    @property
    def has_something(self) -> bool:
        """Whether something has come, or may have, that is not handled."""
        if self.ending is not None:
            return True
        connection = self.connection
        if connection is None:
            return False
        return connection.has_something or (connection.outcome is not None and not self.is_answered)


class ClientLinks:
    """The connections, by number and by place; what is to be done about them is added to ``wishes``."""

    def __init__(self, password: str, options: ClientOptions, wishes: list[Wish]) -> None:
        self._password = password
        self._options = options
        self._wishes = wishes
        self._names = ServerNames()
        self._links: dict[int, ClientLink] = {}
        self._by_place: dict[Place, ClientLink] = {}
        #: Numbers of those that something has come by since all was handled there.
        self._touched: set[int] = set()
        self.count = 0

    def __iter__(self) -> Iterator[ClientLink]:
        return iter(list(self._links.values()))

    def get(self, number: int) -> ClientLink | None:
        """The connection of this number, unless it is over."""
        return self._links.get(number)

    def waiting(self) -> Iterator[ClientLink]:
        """The connections by which something has come, or may have, that is not handled; the oldest first."""
        for number in sorted(self._touched):
            link = self._links.get(number)
            if link is not None and link.has_something:
                yield link
            else:
                self._touched.discard(number)

    def at(self, place: Place) -> ClientLink | None:
        """The connection at a chart's port, if there is one."""
        return self._by_place.get(place)

    def move(self, names: dict[str, str]) -> None:
        """Actors are called otherwise: ``names`` has the new name of each."""
        self._by_place.clear()
        for link in self._links.values():
            link.place = Place(names.get(link.place.actor, link.place.actor), link.place.port, link.place.index)
            self._by_place[link.place] = link

    def next_deadline(self) -> float | None:
        """When the next unfinished link is given up."""
        return min((each.deadline for each in self._links.values() if each.deadline is not None), default=None)

    # The life of a connection.

    def open(self, place: Place, channel: Channel, target: Target, tls: bool, now: float) -> ClientLink:
        """Wish for a connection. Raises ValueError when the target has no port for it."""
        address = target.address(tls)
        self.count += 1
        link = ClientLink(self.count, place, channel, target, address)
        link.deadline = now + self._options.connect_limit + self._options.link_limit
        self._links[link.number] = self._by_place[place] = link
        self._wishes.append(Connect(link.number, address, self._options.connect_limit))
        return link

    def connected(self, number: int, now: float) -> None:
        """The connection is open."""
        link = self._links.get(number)
        if link is not None:
            link.is_open = True
            link.deadline = now + self._options.link_limit
            self._report(Opened(now, number, link.channel, str(link.address), self._names.name(link.target)))
            self._begin(link, now)

    def request(self, link: ClientLink, request: LinkRequest, now: float) -> None:
        """Say what the link is to ask for."""
        link.request = request
        self._begin(link, now)

    def _begin(self, link: ClientLink, now: float) -> None:
        if not link.is_open or link.request is None or link.connection is not None:
            return
        limit = self._options.message_limit
        link.connection = ChannelConnection(link.channel[0], link.request, self._password, limit)
        self.see(link, Side.CLIENT, "LINK", None, 0, link.request.record, now)
        self.write(link, link.connection.start())

    def received(self, number: int, data: bytes) -> None:
        """Bytes have come."""
        link = self._links.get(number)
        if link is None or link.connection is None or link.ending is not None:
            return
        self._touched.add(number)
        try:
            for each in link.connection.receive(data):
                self._wishes.append(Write(link.number, each, ends_segment=True))
        except codec.MalformedError as error:
            self.break_off(link, str(error))

    def try_with_tls(self, link: ClientLink, outcome: LinkOutcome, now: float) -> None:
        """The server wants TLS: the same link once more, on its other port (facts: SPICE 1.3)."""
        self._see_outcome(link, outcome, now)
        self.drop(link, "the server wants TLS", now)
        other = self.open(link.place, link.channel, link.target, True, now)
        other.request = link.request

    def end(self, number: int, ending: Message, reason: str) -> None:
        """The peer or the network has ended the connection; that is handled when everything before it is."""
        link = self._links.get(number)
        if link is not None and link.ending is None:
            self._set_ending(link, ending, reason)

    def break_off(self, link: ClientLink, reason: str) -> None:
        """This side gives the connection up; nothing more is taken from it."""
        if link.ending is None:
            self._set_ending(link, Lost(), reason)
            self._wishes.append(Close(link.number))

    def _set_ending(self, link: ClientLink, ending: Message, reason: str) -> None:
        link.ending, link.reason, link.deadline = ending, reason, None
        self._touched.add(link.number)

    def ended(self, link: ClientLink, now: float) -> None:
        """Its end was handled."""
        self._forget(link)
        by = Side.SERVER if isinstance(link.ending, Closed) else None
        self._report_end(link, by, link.reason, now)

    def drop(self, link: ClientLink, reason: str, now: float) -> None:
        """Close the connection from this side."""
        self._forget(link)
        self._report_end(link, Side.CLIENT, reason, now)
        self._wishes.append(Close(link.number))

    def _report_end(self, link: ClientLink, by: Side | None, reason: str, now: float) -> None:
        server = self._names.name(link.target)
        self._report(Ended(now, link.number, link.channel, by, reason, str(link.address), server, link.is_paused))

    def _forget(self, link: ClientLink) -> None:
        del self._links[link.number]
        if self._by_place.get(link.place) is link:
            del self._by_place[link.place]

    def answered(self, link: ClientLink, outcome: LinkOutcome, now: float) -> None:
        """The server's answer to the link is handled."""
        link.is_answered = True
        link.deadline = None
        self._see_outcome(link, outcome, now)

    def _see_outcome(self, link: ClientLink, outcome: LinkOutcome, now: float) -> None:
        error = outcome.result if outcome.in_reply else records.LinkError.OK
        record = reply_record(error, b"", outcome.common_caps, outcome.channel_caps)
        self.see(link, Side.SERVER, "LINK_REPLY", None, 0, record, now)
        if not outcome.in_reply:
            self.see(link, Side.SERVER, "LINK_RESULT", None, 0, records.LinkResult(outcome.result), now)

    # What goes over it.

    def write(self, link: ClientLink, data: bytes) -> None:
        """Bytes to send."""
        if data:
            self._wishes.append(Write(link.number, data))

    def send(self, link: ClientLink, record: Message, now: float) -> None:
        """A message to send; nothing if the link is not accepted, or over."""
        if link.connection is None or not link.connection.is_linked or link.ending is not None:
            return
        data, number, size = link.connection.encode(record)
        self.see(link, Side.CLIENT, codec.name_of(record), number, size, record, now)
        self.write(link, data)

    def see(
        self,
        link: ClientLink,
        sender: Side,
        name: str,
        number: int | None,
        size: int,
        message: Message | None,
        now: float,
    ) -> None:
        """Report a message."""
        self._report(MessageSeen(now, link.number, link.channel, sender, name, number, size, message))

    def set_reading(self, link: ClientLink, is_read: bool) -> None:
        """Take from the connection, or leave what comes where it is."""
        if link.is_open and link.is_paused == is_read and link.ending is None:
            link.is_paused = not is_read
            self._wishes.append(Resume(link.number) if is_read else Pause(link.number))

    def _report(self, event: object) -> None:
        self._wishes.append(Report(event))
