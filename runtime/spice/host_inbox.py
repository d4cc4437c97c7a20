"""What comes from a host's clients, taken in the order in which the charts read it: links, then messages, then ends."""

from __future__ import annotations

from dataclasses import replace

from switchover.models.language.message import Closed, Lost, Opened
from switchover.models.language.process import Place
from switchover.models.language.stepping import Outcome
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing.endpoints import SLOTS, ServerDesign
from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, MainCap, Side

from .connection import Received
from .events import Channel
from .host_charts import HostCharts
from .host_links import HostLink
from .host_sessions import HostSessions
from .link import LinkRequest
from .malformed import MalformedError
from .migrate_data import VERSION
from .tickets import Tickets

_MAIN: Channel = (ChannelType.MAIN, 0)


class HostInbox:
    """Hands to the charts what their places read, until nothing is left that can be taken."""

    def __init__(self, charts: HostCharts, sessions: HostSessions, tickets: Tickets) -> None:
        self._charts = charts
        self._sessions = sessions
        self._tickets = tickets

    def handle_all(self) -> None:
        """Take everything that can be taken now."""
        while any(self._handle_next(link) for link in self._charts.links) or self._do_task():
            pass

    def _do_task(self) -> bool:
        """A voice is opened by the guest, if it runs; other tasks are done at once."""
        charts = self._charts
        if not charts.has_changed:
            return False
        charts.has_changed = False
        for actor, name in charts.process.tasks():
            if name != "play" or charts.machine.guest.runs:
                return charts.decide(actor, name)
        return False

    def _handle_next(self, link: HostLink) -> bool:
        """Take the next thing that came by this connection; False: there is none, or it must wait."""
        if not link.may_have_input:
            return False
        link.may_have_input = self._charts.links.get(link.number) is link and self._take_next(link)
        if not link.may_have_input:
            self._pause(link)
        return link.may_have_input

    def _pause(self, link: HostLink) -> None:
        """Read on, unless the charts do not."""
        is_read = link.place is None or self._charts.process.reads(link.place)
        self._charts.links.pause(link, not is_read or link.is_refused)

    def _take_next(self, link: HostLink) -> bool:
        charts = self._charts
        if link.is_refused:
            return False
        if link.connection.waits_for_answer:
            return self._admit(link)
        if link.place is None:
            return self._handle_ending(link)
        if not charts.process.reads(link.place):
            return False
        try:
            received = link.connection.pull() if not isinstance(link.ending, Lost) else None
            if received is None:
                return self._handle_ending(link)
            self._handle(link, received)
        except MalformedError as error:
            charts.break_off(link, str(error))
        return True

    def _handle_ending(self, link: HostLink) -> bool:
        ending, charts = link.ending, self._charts
        if ending is None:
            return False
        charts.links.end(link, Side.CLIENT if isinstance(ending, Closed) else None, charts.now)
        if link.place is not None and charts.process.is_open(link.place):
            charts.deliver(link.place, ending, link.number)
        return True

    # Messages.

    def _handle(self, link: HostLink, received: Received) -> None:
        charts, service, message = self._charts, link.service, received.message
        assert service is not None
        assert link.place is not None
        meaning = service.meaning(message)
        if meaning is None:
            link.may_go_on = True
            charts.links.note_received(link, received, charts.now)
            charts.links.send(link, service.take(message, charts.situation(link), charts.now), charts.now)
            return
        design = charts.design
        if isinstance(message, main.MigrateDstDoSeamless) and message.src_version > VERSION:
            charts.exchange(replace(design, agrees_to_seamless=False))
        reaction = charts.process.receive(link.place, meaning, charts.milliseconds)
        charts.exchange(design)
        if reaction.outcome is Outcome.REFUSED:
            link.connection.put_back(received)
            link.is_refused = True
            return
        charts.links.note_received(link, received, charts.now)
        link.may_go_on = True
        if reaction.is_handled:
            charts.links.send(link, service.take(message, charts.situation(link), charts.now), charts.now)
        charts.take(reaction, link.number)

    # Links.

    def _admit(self, link: HostLink) -> bool:
        """A link is complete: what is below the charts is checked here, the rest is theirs."""
        charts, request = self._charts, link.connection.request
        assert request is not None
        if link.channel != _MAIN and link.channel not in charts.machine.options.channels:
            return self._refuse(link, spice.LinkError.CHANNEL_NOT_AVAILABLE)
        if not self._tickets.admits(link.connection.password or ""):
            return self._refuse(link, spice.LinkError.PERMISSION_DENIED)
        if link.place is None:
            place = self._free_place(link.channel)
            if place is None or charts.process.listens(place) is False:
                charts.break_off(link, f"no more than {SLOTS} connections of a channel at once")
                return True
            if not charts.process.reads(place):
                return False
            charts.links.place(link, place)
            charts.deliver(place, Opened(), link.number)
        self._link(link, request)
        return True

    def _refuse(self, link: HostLink, error: spice.LinkError) -> bool:
        charts = self._charts
        charts.links.answer(link, error.value, charts.now)
        charts.links.close(link, f"link refused: {error}", charts.now)
        return True

    def _free_place(self, channel: Channel | None) -> Place | None:
        """A socket of that channel which nobody has."""
        charts = self._charts
        if channel == _MAIN or channel is None:
            places = charts.process.places("destination", "main")
        else:
            first = charts.machine.options.channels.index(channel) * SLOTS
            places = tuple(Place(f"server_channel[{first + slot}]", "client") for slot in range(SLOTS))
        return next((each for each in places if self._is_free(each)), None)

    def _is_free(self, place: Place) -> bool:
        process = self._charts.process
        is_idle = place.actor == "destination" or process.view(place.actor).is_in("idle")
        return is_idle and not process.is_open(place) and self._charts.links.at(place) is None

    def _link(self, link: HostLink, request: LinkRequest) -> None:
        charts = self._charts
        assert link.place is not None
        before = charts.design
        if link.channel == _MAIN:
            number = self._sessions.of_main(request.connection_id, charts.process.view("destination").connection_id)
            charts.exchange(self._design_for(request.channel_caps))
        else:
            number = self._sessions.of_channel(request.connection_id)
        reaction = charts.process.receive(link.place, spice.Link(number), charts.milliseconds)
        if reaction.outcome is Outcome.REFUSED:
            link.is_refused = True
            charts.exchange(before)
            return
        if link.channel == _MAIN and charts.process.view("destination").client != link.place.index:
            charts.exchange(before)
        elif link.channel == _MAIN and number == 0:
            self._sessions.begin_own()
        if not charts.take(reaction, link.number):
            charts.break_off(link, reaction.reason)

    def _design_for(self, caps: frozenset[int]) -> ServerDesign:
        """The host's design with a client that announces these capabilities on its main channel."""
        design = self._charts.machine.options.design
        numbers_attempts = design.repairs.numbers_attempts and MainCap.MIGRATE_ATTEMPT in caps
        return replace(
            design,
            follows=MainCap.SEMI_SEAMLESS_MIGRATE in caps,
            client_seamless=caps >= {MainCap.SEAMLESS_MIGRATE, MainCap.AGENT_CONNECTED_TOKENS},
            repairs=replace(design.repairs, numbers_attempts=numbers_attempts),
        )
