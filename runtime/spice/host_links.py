"""The SPICE connections of one host: which there are, whose each is, and what was read and written there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from switchover.models.language import Message
from switchover.models.language.process import Place
from switchover.models.spice.protocol import base
from switchover.models.spice.protocol import link as records
from switchover.models.spice.protocol.channels import ChannelType, CommonCap, InputsCap, MainCap, PlaybackCap, Side
from switchover.models.spice.protocol.channels import DisplayCap as Display

from ..endpoint import Close, Pause, Report, Resume, Wish, Write
from . import codec
from .connection import Received
from .events import Channel, Ended, MessageSeen, Opened
from .host_options import HostOptions
from .host_service import Service
from .link import reply_record
from .server_connection import ServerConnection
from .ticket import ServerKey

_COMMON = frozenset((CommonCap.PROTOCOL_AUTH_SELECTION, CommonCap.AUTH_SPICE, CommonCap.MINI_HEADER))
_OWN: dict[int, frozenset[int]] = {
    ChannelType.DISPLAY: frozenset((Display.MONITORS_CONFIG, Display.STREAM_REPORT)),
    ChannelType.PLAYBACK: frozenset((PlaybackCap.VOLUME,)),
    ChannelType.INPUTS: frozenset((InputsCap.KEY_SCANCODE,)),
}
_MAIN = frozenset(
    (
        MainCap.SEMI_SEAMLESS_MIGRATE,
        MainCap.NAME_AND_UUID,
        MainCap.AGENT_CONNECTED_TOKENS,
        MainCap.SEAMLESS_MIGRATE,
    )
)


@dataclass
class HostLink:
    """One connection, from its acceptance to its end. ``is_secure``: with TLS.

    ``deadline``: when an unfinished link is given up. ``place``: the port of a chart that it serves, once one is found;
    ``service``: since the link was accepted. ``state``: of its chart, as it was when last looked at. ``ending``: how it
    ended, as long as that is not handled. ``is_refused``: a chart has refused what came first, for now.
    ``may_have_input``, ``may_go_on``: something may have come that can be taken; the service may have something to say.
    """

    number: int
    peer: str
    connection: ServerConnection
    deadline: float
    is_secure: bool = False
    channel: Channel | None = None
    place: Place | None = None
    service: Service | None = None
    state: str = ""
    ending: Message | None = None
    reason: str = ""
    is_paused: bool = False
    is_refused: bool = False
    may_have_input: bool = True
    may_go_on: bool = True


class HostLinks:
    """The connections, by number and by place; what is to be done about them is added to ``wishes``."""

    def __init__(self, options: HostOptions, key: ServerKey, wishes: list[Wish]) -> None:
        self._options = options
        self._key = key
        self._wishes = wishes
        self._links: dict[int, HostLink] = {}
        self._by_place: dict[Place, HostLink] = {}

    def __iter__(self) -> Iterator[HostLink]:
        return iter(list(self._links.values()))

    def get(self, number: int) -> HostLink | None:
        """The connection of this number, unless it is over."""
        return self._links.get(number)

    def at(self, place: Place) -> HostLink | None:
        """The connection at a chart's port, if there is one."""
        return self._by_place.get(place)

    def next_deadline(self) -> float | None:
        """When the next unfinished link is given up, or something is to be said."""
        found = [each.deadline for each in self._links.values() if is_unfinished(each)]
        services = (each.service.next_deadline() for each in self._links.values() if each.service is not None)
        return min((*found, *(each for each in services if each is not None)), default=None)

    # The life of a connection.

    def accept(self, number: int, peer: str, is_secure: bool, now: float) -> None:
        """Somebody has connected. With too many that have not linked yet, the connection is closed at once."""
        options = self._options
        policy = partial(options.link_error, is_secure=is_secure)
        connection = ServerConnection(self._key, self._announced, options.message_limit, policy)
        link = HostLink(number, peer, connection, now + options.link_limit, is_secure)
        self._report(Opened(now, number, None, peer))
        unlinked = sum(each.place is None for each in self._links.values())
        self._links[number] = link
        if unlinked >= options.most_unlinked:
            self.close(link, f"more than {options.most_unlinked} connections that are not linked", now)

    def place(self, link: HostLink, place: Place) -> None:
        """The connection serves this port of a chart from now on."""
        link.place = place
        self._by_place[place] = link

    def close(self, link: HostLink, reason: str, now: float) -> None:
        """This side closes the connection, after what was written."""
        self.forget(link)
        self._wishes.append(Close(link.number))
        self._report(Ended(now, link.number, link.channel, Side.SERVER, reason, link.peer))

    def end(self, link: HostLink, by: Side | None, now: float) -> None:
        """The connection has ended by itself."""
        self.forget(link)
        self._report(Ended(now, link.number, link.channel, by, link.reason, link.peer))

    def forget(self, link: HostLink) -> None:
        """The connection is over."""
        self._links.pop(link.number, None)
        if link.place is not None and self._by_place.get(link.place) is link:
            del self._by_place[link.place]

    def pause(self, link: HostLink, is_paused: bool) -> None:
        """Read nothing from the connection, or read again."""
        if link.is_paused != is_paused and link.number in self._links:
            link.is_paused = is_paused
            self._wishes.append(Pause(link.number) if is_paused else Resume(link.number))

    # What comes and goes.

    def receive(self, link: HostLink, data: bytes, now: float) -> None:
        """Bytes have come. A link that the connection refuses is closed. Raises MalformedError."""
        connection = link.connection
        link.may_have_input = True
        had_request, was_complete = connection.request is not None, connection.waits_for_answer
        answer = connection.receive(data)
        if not had_request and connection.request is not None:
            self._note_request(link, now)
        elif connection.request is None and connection.refused is not None:
            self._see(link, Side.SERVER, records.LinkReply(connection.refused, b"", (), ()), now)
        if not was_complete and (connection.waits_for_answer or connection.refused_ticket):
            self._note_ticket(link, now)
        if answer:
            self._wishes.append(Write(link.number, answer))
        if connection.refused is not None:
            self.close(link, f"link refused: {records.LinkError(connection.refused)}", now)

    def _note_request(self, link: HostLink, now: float) -> None:
        request = link.connection.request
        assert request is not None
        if request.channel_type in list(ChannelType):
            link.channel = (ChannelType(request.channel_type), request.channel_id)
        self._see(link, Side.CLIENT, request.record, now)
        refused = link.connection.refused
        if refused is not None and not link.connection.refused_ticket:
            self._see(link, Side.SERVER, records.LinkReply(refused, b"", (), ()), now)
            return
        announced = self._announced(request.channel_type)
        self._see(link, Side.SERVER, reply_record(0, self._key.public_der, *announced), now)

    def _note_ticket(self, link: HostLink, now: float) -> None:
        self._see(link, Side.CLIENT, records.Auth(records.AuthMechanism.SPICE), now)
        if link.connection.refused is not None:
            self._see(link, Side.SERVER, records.LinkResult(link.connection.refused), now)

    def answer(self, link: HostLink, result: int, now: float) -> None:
        """The link's result."""
        self._wishes.append(Write(link.number, link.connection.answer(result), ends_segment=True))
        self._see(link, Side.SERVER, records.LinkResult(result), now)

    def note_received(self, link: HostLink, received: Received, now: float) -> None:
        """A client's message is handled."""
        link.connection.note(received.message)
        name = codec.name_of(received.message)
        self._see(link, Side.CLIENT, received.message, now, name, received.number, received.size)

    def send(self, link: HostLink, messages: list[Message], now: float) -> None:
        """These go out, or wait until the client has acknowledged enough; with nobody there they go nowhere."""
        if link.ending is None:
            link.connection.send(messages)
            self.flush(link, now)

    def flush(self, link: HostLink, now: float) -> None:
        """Whatever may go out now goes."""
        for sent in link.connection.flush():
            self._see(link, Side.SERVER, sent.message, now, codec.name_of(sent.message), sent.number, sent.size)
            # The answer to a PING must not wait for what is sent behind it. And with TLS spice-gtk waits for its socket
            # after each message, even if more came in the same record: no message may share one.
            alone = link.is_secure or isinstance(sent.message, base.Ping)
            self._wishes.append(Write(link.number, sent.data, ends_segment=alone))

    def _see(
        self,
        link: HostLink,
        sender: Side,
        message: Message,
        now: float,
        name: str | None = None,
        number: int | None = None,
        size: int = 0,
    ) -> None:
        if link.channel is not None:
            shown = name or message.event.upper()
            self._report(MessageSeen(now, link.number, link.channel, sender, shown, number, size, message))

    def _report(self, event: object) -> None:
        self._wishes.append(Report(event))

    def _announced(self, channel: int) -> tuple[frozenset[int], frozenset[int]]:
        """What the host announces for a type of channel (facts: SPICE 1.4)."""
        if channel != ChannelType.MAIN:
            return _COMMON, _OWN.get(channel, frozenset())
        numbers_attempts = self._options.design.repairs.numbers_attempts
        return _COMMON, _MAIN | {MainCap.MIGRATE_ATTEMPT} if numbers_attempts else _MAIN


def is_unfinished(link: HostLink) -> bool:
    """Whether the client has yet to say all that a link consists of."""
    return link.service is None and not link.connection.waits_for_answer
