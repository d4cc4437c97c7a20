"""What a client saw of each handover: how long it took, what was lost, what the clock did."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum

from switchover.models.spice.protocol import main
from switchover.models.spice.protocol.channels import ChannelType, Side

from .events import Channel, ClockSet, Ended, FrameDropped, FrameShown, MessageSeen, NotAllowed, Opened, StateChanged

#: Messages that put something on the screen as they come; frames of a stream do when they are shown.
_PICTURES = ("DRAW_", "COPY_BITS", "GL_DRAW")
_BEGINNINGS = ("MIGRATE_BEGIN", "MIGRATE_BEGIN_SEAMLESS")
_REPLIES = ("MIGRATE_CONNECTED", "MIGRATE_CONNECTED_SEAMLESS")


class Method(Enum):
    """How a client is handed over."""

    SEMI_SEAMLESS = "semi-seamless"
    SEAMLESS = "seamless"
    SWITCH_HOST = "switch-host"

    def __str__(self) -> str:
        return self.value


class Result(Enum):
    """What became of an attempt."""

    UNDER_WAY = "under way"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"

    def __str__(self) -> str:
        return self.value


#: What has become of an attempt by which the client goes over, or may.
_GOES_OVER = (Result.UNDER_WAY, Result.COMPLETED)


@dataclass(frozen=True)
class Handover:
    """One attempt to hand the client over. Times are in seconds by the client's clock; None: it did not happen.

    ``begun``: the client was told of the target, ``connected``: it said that it is linked there, ``switched``: it was
    told to go, ``completed``: the last of its channels went on at the target. ``last_picture`` of the source, and
    ``first_picture`` of the target. ``frames_lost``: video frames that came after the switch and were never shown.
    """

    method: Method
    source: str
    begun: float
    target: str = ""
    connected: float | None = None
    switched: float | None = None
    completed: float | None = None
    result: Result = Result.UNDER_WAY
    last_picture: float | None = None
    first_picture: float | None = None
    frames_lost: int = 0
    clock_jumps: tuple[ClockSet, ...] = ()

    @property
    def linking(self) -> float | None:
        """From BEGIN to CONNECTED, in seconds."""
        return None if self.connected is None else self.connected - self.begun

    @property
    def switching(self) -> float | None:
        """From the order to go until every channel is at the target, in seconds."""
        return None if self.completed is None or self.switched is None else self.completed - self.switched

    @property
    def blackout(self) -> float | None:
        """From the source's last picture to the target's first, in seconds."""
        if self.last_picture is None or self.first_picture is None:
            return None
        return self.first_picture - self.last_picture


@dataclass
class HandoverLog:
    """Makes handovers of a client's events, which are fed to it in order."""

    handovers: list[Handover] = field(default_factory=list)
    not_allowed: list[NotAllowed] = field(default_factory=list)
    _hosts: dict[int, str] = field(default_factory=dict)
    _channels: dict[int, Channel] = field(default_factory=dict)
    _states: dict[str, str] = field(default_factory=dict)
    _served: tuple[str, ...] = ()
    _mark: int = 0
    _attempt: int | None = None
    _at: int = -1
    _before: tuple[int, int] | None = None
    _newest: int = 0
    _last_picture: float | None = None

    def feed(self, event: object) -> None:
        """Take note of an event."""
        if isinstance(event, Opened):
            self._open(event)
        elif isinstance(event, MessageSeen):
            self._see(event)
        elif isinstance(event, StateChanged):
            self._change(event)
        elif isinstance(event, ClockSet):
            self._set_clock(event)
        elif isinstance(event, FrameShown):
            self._picture(event.connection, event.at)
        elif isinstance(event, FrameDropped):
            self._drop()
        elif isinstance(event, NotAllowed):
            self.not_allowed.append(event)
        elif isinstance(event, Ended):
            self._channels.pop(event.connection, None)

    def host(self, connection: int) -> str:
        """The server that a connection leads, or led, to; empty: it was never open."""
        return self._hosts.get(connection, "")

    @property
    def _present(self) -> Handover | None:
        return self.handovers[self._at] if self.handovers else None

    def _amend(self, **changes: object) -> None:
        if self.handovers:
            self.handovers[self._at] = replace(self.handovers[self._at], **changes)  # type: ignore[arg-type]

    def _is_under_way(self) -> bool:
        return self._present is not None and self._present.result is Result.UNDER_WAY

    def _open(self, event: Opened) -> None:
        self._hosts[event.connection] = event.server
        self._newest = max(self._newest, event.connection)
        if event.channel is not None:
            self._channels[event.connection] = event.channel
            if event.channel[0] is ChannelType.MAIN and self._is_under_way() and event.connection > self._mark:
                self._amend(target=event.server)

    def _see(self, event: MessageSeen) -> None:
        if event.channel[0] is ChannelType.MAIN:
            self._see_main(event)
        elif event.sender is Side.SERVER and event.name.startswith(_PICTURES):
            self._picture(event.connection, event.at)

    def _see_main(self, event: MessageSeen) -> None:
        if event.sender is Side.SERVER and event.name in _BEGINNINGS:
            method = Method.SEAMLESS if event.name.endswith("SEAMLESS") else Method.SEMI_SEAMLESS
            self._begin(method, event)
        elif event.sender is Side.CLIENT and event.name in _REPLIES:
            self._give_up_previous()
            self._amend(connected=event.at)
        elif event.sender is Side.CLIENT and event.name == "MIGRATE_CONNECT_ERROR":
            self._fail(event.at)
        elif event.sender is Side.SERVER and event.name == "MIGRATE_CANCEL":
            if self._is_called_off_by(event):
                self._amend(result=Result.CANCELLED)
        elif event.sender is Side.SERVER and event.name in ("MIGRATE", "MIGRATE_END"):
            if self._is_under_way():
                self._amend(switched=event.at)
        elif event.sender is Side.SERVER and event.name == "MIGRATE_SWITCH_HOST":
            if self._is_under_way():
                self._amend(result=Result.FAILED)
            self._begin(Method.SWITCH_HOST, event)
            self._amend(switched=event.at)

    def _is_called_off_by(self, cancel: MessageSeen) -> bool:
        """Whether CANCEL is about the present attempt: one behind SWITCH_HOST, or another number, means one before."""
        present = self._present
        if present is None or present.result is not Result.UNDER_WAY or present.method is Method.SWITCH_HOST:
            return False
        return _attempt(cancel) == self._attempt

    def _begin(self, method: Method, event: MessageSeen) -> None:
        self._before = (self._at, self._mark) if self._is_under_way() else None
        self._mark = self._newest
        self._attempt = _attempt(event)
        self._served = tuple(actor for actor, state in self._states.items() if state not in ("absent", "connecting"))
        source = self.host(event.connection)
        self.handovers.append(Handover(method, source, event.at, last_picture=self._last_picture))
        self._at = len(self.handovers) - 1

    def _fail(self, at: float) -> None:
        """The present attempt has failed. One that was declined at once leaves the one before under way."""
        present, before = self._present, self._before
        self._amend(result=Result.FAILED)
        if present is not None and before is not None and at == present.begun:
            (self._at, self._mark), self._before = before, None
        else:
            self._give_up_previous()

    def _give_up_previous(self) -> None:
        if self._before is not None:
            at, self._before = self._before[0], None
            self.handovers[at] = replace(self.handovers[at], result=Result.CANCELLED)

    def _change(self, event: StateChanged) -> None:
        self._states[event.actor] = event.after
        present = self._present
        if event.actor == "session" and event.after == "lost" and present is not None:
            if present.result is Result.UNDER_WAY:
                self._amend(result=Result.LOST)
        elif self._is_under_way() and present is not None and present.switched is not None and self._is_complete():
            self._amend(result=Result.COMPLETED, completed=event.at)

    def _is_complete(self) -> bool:
        """Whether the session, and each channel that was in service before, is in service again."""
        return all(self._states.get(actor) == "completed" for actor in ("session", *self._served))

    def _set_clock(self, event: ClockSet) -> None:
        present = self._present
        if present is not None and event.jump:
            self._amend(clock_jumps=(*present.clock_jumps, event))

    def _picture(self, connection: int, at: float) -> None:
        self._last_picture = at
        present = self._present
        if present is None or present.first_picture is not None or present.result not in _GOES_OVER:
            return
        self._amend(**{"last_picture" if connection <= self._mark else "first_picture": at})

    def _drop(self) -> None:
        present = self._present
        if present is not None and present.switched is not None:
            self._amend(frames_lost=present.frames_lost + 1)


def _attempt(event: MessageSeen) -> int | None:
    """The number of the attempt that a message is about; None: it has none."""
    message = event.message
    if isinstance(message, main.MigrateBegin | main.MigrateBeginSeamless | main.MigrateCancel):
        return message.attempt
    return None
