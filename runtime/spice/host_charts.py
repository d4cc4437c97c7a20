"""The charts of one host at work: what has come goes to them, what they send, open and close is carried out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from switchover.models.language import Message
from switchover.models.language.message import Lost
from switchover.models.language.outputs import Close as ClosePort
from switchover.models.language.outputs import Send
from switchover.models.language.process import Effect, Place, Process, Reaction
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing import calls
from switchover.models.spice.link_timing.channels import Kind
from switchover.models.spice.link_timing.endpoints import ServerDesign, server
from switchover.models.spice.protocol.channels import ChannelType

from ..endpoint import Address, Wish
from .client_words import KINDS
from .events import Channel, NotAllowed, StateChanged
from .host_events import Happening, HostEvent
from .host_links import HostLink, HostLinks
from .host_main import MainService
from .host_service import Machine, Service, Situation
from .host_streams import HostStreams
from .migration_stream import GuestState
from .ticket import ServerKey

#: Actors of which each host has one.
_SINGLE = ("hypervisor", "source", "destination")

#: What is said as a keyboard is linked without TLS, unless its client continues its session (facts: SPICE 2.5, 3.2).
_KEYBOARD: Channel = (ChannelType.INPUTS, 0)
_INSECURE_KEYBOARD = "keyboard channel is insecure"
_WARNING = 1

_EVENTS: dict[type[Message], Happening] = {
    calls.MigrationCompleted: Happening.MIGRATION_COMPLETED,
    calls.MigrationFailed: Happening.MIGRATION_FAILED,
    calls.ConnectCompleted: Happening.CONNECT_COMPLETED,
    calls.SpiceMigrateCompleted: Happening.SPICE_MIGRATE_COMPLETED,
    calls.GuestResumed: Happening.GUEST_RESUMED,
}


class HostCharts:
    """``now``: the time, in seconds; whoever calls sets it before. ``wishes``: what came of it. ``serve`` makes the
    service of a connection whose link was accepted. ``stream_to``: where the hypervisor's next stream goes.
    ``has_changed``: a step was made since it was last set to False: tasks may be enabled. ``is_cancelling``: what
    happens now is because the migration is given up on command.
    """

    def __init__(self, machine: Machine, key: ServerKey, serve: Callable[[HostLink], Service]) -> None:
        self.machine = machine
        self.now = 0.0
        self.wishes: list[Wish] = machine.wishes
        self.design = machine.options.design
        self.process = Process(server(self.design, self._kinds()))
        self.links = HostLinks(machine.options, key, self.wishes)
        self.streams = HostStreams(machine.guest, self.process, self.deliver, self.fail, self.wishes)
        self.stream_to: Address | None = None
        self.has_changed = False
        self.is_cancelling = False
        self._serve = serve
        self._count = 0
        self._states = dict(self._single_states())

    def new_number(self) -> int:
        """For one more connection."""
        self._count += 1
        return self._count

    def report(self, event: object) -> None:
        """Tell whoever uses the host."""
        self.machine.report(event)

    # The charts are told.

    @property
    def milliseconds(self) -> int:
        """The time of the charts."""
        return round(self.now * 1000)

    def deliver(self, place: Place, message: Message, connection: int = 0) -> bool:
        """Something has arrived at a place: whether it was handled."""
        return self.take(self.process.receive(place, message, self.milliseconds), connection)

    def decide(self, actor: str, name: str) -> bool:
        """Take a decision, or do a task; False: it is not enabled."""
        reaction = self.process.decide(actor, name, self.milliseconds)
        return reaction.is_handled and self.take(reaction)

    def fail(self, reason: str) -> None:
        """A migration from here cannot go on."""
        self.decide("hypervisor", "fail")

    def let_time_pass(self) -> None:
        """Fire the timers that are due."""
        while (reaction := self.process.expire(self.milliseconds)) is not None:
            self.take(reaction)

    def exchange(self, design: ServerDesign) -> None:
        """Go on as a host of another design."""
        if design != self.design:
            self.design = design
            self.process.exchange(server(design, self._kinds()))

    def start_guest(self) -> None:
        """A guest is started here, rather than arriving by migration."""
        self.process.rewrite("hypervisor", runs_guest=True)
        self.process.rewrite("destination", runs_guest=True)
        self.machine.guest.start(GuestState(0), self.now)
        self.report(HostEvent(self.now, Happening.GUEST_RESUMED))
        self._note_change()

    def _kinds(self) -> tuple[Kind, ...]:
        return tuple(KINDS[kind] for kind, _ in self.machine.options.channels)

    # What they do.

    def take(self, reaction: Reaction, connection: int = 0) -> bool:
        """Carry out what a step of the charts did; whether it was a step."""
        if not reaction.is_handled:
            self.report(NotAllowed(self.now, connection, reaction.reason))
            return False
        guest, runs = self.machine.guest, self.process.view("hypervisor").runs_guest
        if guest.runs and not runs:
            self._stop_guest()
        for effect in reaction.effects:
            self._carry_out(effect)
        if runs and not guest.runs:
            guest.start(self.streams.arrived or GuestState(0), self.now)
        self._note_states()
        self._note_change()
        return True

    def _note_change(self) -> None:
        """Anybody may have something to do now, even who was refused before."""
        self.has_changed = True
        for link in self.links:
            link.may_have_input = link.may_go_on = True
            link.is_refused = False

    def _stop_guest(self) -> None:
        """The channels say so before anything is said about a handover, as they stood before."""
        self.report(HostEvent(self.now, Happening.GUEST_STOPPED))
        for link in self.links:
            if link.service is not None:
                self.links.send(link, link.service.stop(self.situation(link, link.state), self.now), self.now)
        self.machine.guest.stop(self.now)

    def _carry_out(self, effect: Effect) -> None:
        if effect.place.actor == "hypervisor":
            self._at_hypervisor(effect)
            return
        link = self.links.at(effect.place)
        if link is not None and isinstance(effect.output, ClosePort):
            self.links.close(link, "closed by the host", self.now)
        elif link is not None and isinstance(effect.output, Send):
            self._say(link, effect.output.message)

    def _at_hypervisor(self, effect: Effect) -> None:
        output = effect.output
        if isinstance(output, ClosePort):
            self.streams.close(effect.place, self.now)
        elif not isinstance(output, Send):
            assert self.stream_to is not None
            self.streams.open(self.new_number(), effect.place, self.stream_to)
        elif effect.place.port == "outgoing":
            self.streams.send_guest(effect.place, self.now)
        else:
            what = _EVENTS[type(output.message)]
            self.report(HostEvent(self.now, what, self.is_cancelling and what is Happening.MIGRATION_FAILED))

    def _say(self, link: HostLink, message: Message) -> None:
        if isinstance(message, spice.LinkResult):
            self.links.answer(link, message.result.value, self.now)
            if message.result is spice.LinkError.OK:
                link.service = self._serve(link)
        elif link.service is not None:
            if isinstance(message, spice.ChannelStart) and link.channel == _KEYBOARD and not link.is_secure:
                self.notify(_INSECURE_KEYBOARD, _WARNING)
            self.links.send(link, link.service.say(message, self.situation(link), self.now), self.now)

    def notify(self, text: str, severity: int) -> bool:
        """Tell the user; whether there is a client in service that can."""
        for link in self.links:
            if isinstance(link.service, MainService) and link.service.is_in_service(self.situation(link)):
                self.links.send(link, [link.service.notice(text, severity, self.now)], self.now)
                return True
        return False

    def break_off(self, link: HostLink, reason: str) -> None:
        """This side gives the connection up; for the chart it broke."""
        self.links.close(link, reason, self.now)
        if link.place is not None and self.process.is_open(link.place):
            self.deliver(link.place, Lost(), link.number)

    # How it stands.

    def situation(self, link: HostLink, state: str | None = None) -> Situation:
        """How it stands with a linked connection. ``state``: of its chart, if not the present one."""
        destination = self.process.view("destination")
        connection = link.connection
        return Situation(
            self.state(link) if state is None else state,
            destination.state == "migrating",
            connection.may_send,
            connection.serial,
            connection.unread.size,
            connection.unread.unpinged,
        )

    def state(self, link: HostLink) -> str:
        """The state of the chart that a connection belongs to; empty: it belongs to none any more."""
        if link.place is None:
            return ""
        view = self.process.view(link.place.actor)
        is_elsewhere = link.place.actor == "destination" and view.client != link.place.index
        return "" if is_elsewhere else str(view.state)

    def _single_states(self) -> Iterator[tuple[str, str]]:
        for actor in _SINGLE:
            yield actor, str(self.process.view(actor).state)

    def _note_states(self) -> None:
        for actor, state in self._single_states():
            if self._states[actor] != state:
                self.report(StateChanged(self.now, actor, self._states[actor], state))
                self._states[actor] = state
        for link in self.links:
            if link.channel is None or link.place is None:
                continue
            state, before = self.state(link), link.state or "idle"
            if state != before and link.channel[0] is not ChannelType.MAIN:
                kind, number = link.channel
                self.report(StateChanged(self.now, f"{kind.name.lower()} {number}", before, state))
            link.state = state
