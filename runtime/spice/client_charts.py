"""The charts of one client: its session, and one for each channel that the server has listed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from switchover.models.language import Message
from switchover.models.language.outputs import Send
from switchover.models.language.process import Place, Process
from switchover.models.language.view import ActorView
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing import endpoints
from switchover.models.spice.link_timing.endpoints import SLOTS, ClientDesign
from switchover.models.spice.protocol.channels import ChannelType

from .client_words import KINDS
from .events import Channel

MAIN: Channel = (ChannelType.MAIN, 0)
#: Channels besides main that a client may have (``Count`` of the session's chart).
MOST_CHANNELS = 16

_SESSION = "session"
#: What a target answers, if all goes well.
_ANSWERS: dict[type[Message], Message] = {
    spice.Link: spice.LinkResult(spice.LinkError.OK),
    spice.MigrateDstDoSeamless: spice.MigrateDstSeamlessAck(),
}
#: States of the session in which it waits for a server: it has left the source, or is about to.
_GOING_OVER = frozenset(("arriving", "swapping", "handing_over", "leaving", "switching"))


class ClientCharts:
    """``process`` runs them. Which charts there are changes with the server's list of channels."""

    def __init__(self, design: ClientDesign) -> None:
        self._design = design
        self._names: dict[Channel, str] = {}
        self._titles: dict[str, str] = {_SESSION: _SESSION}
        self._states: dict[str, str] = {}
        self._rehearsed: tuple[ClientDesign, tuple[Channel, ...], int] | None = None
        self.process = Process(endpoints.client(design))
        self.changed_states()

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels besides main."""
        return tuple(self._names)

    @property
    def session(self) -> ActorView:
        """The session's chart."""
        return self.process.view(_SESSION)

    @property
    def is_going_over(self) -> bool:
        """Whether the session is between servers."""
        return not _GOING_OVER.isdisjoint(self.process.states(_SESSION))

    @property
    def is_in_service(self) -> bool:
        """Whether the session goes on at one server, by every channel."""
        return "completed" in self.process.states(_SESSION) and len(self.attached) == len(self._names) + 1

    @property
    def attached(self) -> dict[Channel, int]:
        """The number of the host that each channel is attached to, of those that are."""
        views = {MAIN: self.session} | {channel: self.process.view(name) for channel, name in self._names.items()}
        return {channel: view.host for channel, view in views.items() if view.host >= 0}

    def channel(self, place: Place) -> Channel:
        """Whose port a place is."""
        if place.actor == _SESSION:
            return MAIN
        return next(channel for channel, name in self._names.items() if name == place.actor)

    def is_here(self, place: Place) -> bool:
        """Whether this is the connection that its channel uses."""
        return bool(self.process.view(place.actor).here == place.index)

    def is_twin(self, place: Place) -> bool:
        """Whether this is the connection to a target that its channel has not gone over to."""
        return bool(self.process.view(place.actor).twin == place.index)

    def hosts(self) -> set[int]:
        """The numbers of the hosts that the session may still go to, or is at."""
        session = self.session
        places = [each for each in (session.here, session.twin, session.old) if each >= 0]
        return {session.endpoint, session.source, session.target} | {each // SLOTS for each in places}

    def awaited(self) -> list[Place]:
        """The connections from which something has to come before the session is in service."""
        swapping = [each for each in self.process.actors("channel") if self.process.view(each).is_in("swapping")]
        if swapping:
            return [Place(each, "server", self.process.view(each).here) for each in swapping]
        return [Place(_SESSION, "main", self.session.here)]

    def changed_states(self) -> list[tuple[str, str, str]]:
        """(name, before, after) of each chart that is in another state than when this was asked last."""
        found = []
        for actor, name in self._titles.items():
            state = self.process.states(actor)[-1]
            before = self._states.get(name, state)
            self._states[name] = state
            if state != before:
                found.append((name, before, state))
        return found

    # Which there are.

    def expect_list(self) -> None:
        """The list of channels is to come: until then a BEGIN finds the session incomplete, if the design looks."""
        if self._design.repairs.waits_for_channels:
            self.process.rewrite(_SESSION, unready=1)

    def use_list(self, listed: Iterable[Channel]) -> dict[str, str]:
        """Each channel that is listed gets a chart; one that is neither listed nor attached loses it.

        Returns the new name of each actor that stays. At most ``MOST_CHANNELS`` have charts.
        """
        wanted = dict.fromkeys(listed)
        stay = [channel for channel, name in self._names.items() if channel in wanted or self._is_attached(name)]
        moved = self._exchange(self._design, list(dict.fromkeys((*stay, *wanted)))[:MOST_CHANNELS])
        if self._design.repairs.waits_for_channels:
            absent = [each for each in self.process.actors("channel") if self.process.view(each).is_in("absent")]
            self.process.rewrite(_SESSION, unready=len(absent))
        # A handover is to find everything ready, its first events too.
        self.process.prepare()
        return moved

    def rehearse(self, target: int) -> None:
        """Go through linking to a host of this number on copies: the steps are remembered, and the real ones are quick.

        Does nothing but once for the same charts.
        """
        if self._rehearsed == (self._design, self.channels, target):
            return
        self._rehearsed = (self._design, self.channels, target)
        main = Place(_SESSION, "main", self.session.here)
        for begin in (spice.MigrateBegin(target), spice.MigrateBeginSeamless(target)):
            _link_everywhere(self.process.copy(), main, begin)

    def _is_attached(self, name: str) -> bool:
        view = self.process.view(name)
        return bool(view.here >= 0 or view.twin >= 0) or self.session.is_in("linking", "migrating", *_GOING_OVER)

    def note_seamless_target(self, is_seamless: bool) -> None:
        """The target that is linked announces seamless migration, or does not."""
        if is_seamless != self._design.target_seamless:
            self._exchange(replace(self._design, target_seamless=is_seamless), list(self._names))

    def _exchange(self, design: ClientDesign, channels: list[Channel]) -> dict[str, str]:
        names = {channel: f"channel[{number}]" for number, channel in enumerate(channels)}
        old, moved = self._names, {}
        if design != self._design or names != old:
            execution = endpoints.client(design, tuple(KINDS[kind] for kind, _ in channels))
            self.process.exchange(execution, {name: old.get(channel) for channel, name in names.items()})
            moved = {old[channel]: name for channel, name in names.items() if channel in old}
            self._design, self._names = design, names
            titles = {name: f"{kind.name.lower()} {number}" for (kind, number), name in names.items()}
            self._titles = {_SESSION: _SESSION} | titles
        return moved


def _link_everywhere(process: Process, main: Place, begin: Message) -> None:
    """What happens from BEGIN until every link is accepted."""
    agenda: list[tuple[Place, Message]] = [(main, begin)]
    while agenda:
        place, message = agenda.pop(0)
        effects = process.receive(place, message, 0).effects
        process.reads(place)
        for effect in effects:
            answer = _ANSWERS.get(type(effect.output.message)) if isinstance(effect.output, Send) else None
            if answer is not None:
                process.reads(effect.place)
                agenda.append((effect.place, answer))
        process.reads(main)
        process.tasks()
