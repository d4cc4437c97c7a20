"""The client's session: the one clock by which all its channels show things (facts: SPICE 5.3)."""

from __future__ import annotations

from switchover.models.language import Actor, Local, Port, State, parameter, stay, variable

from .calls import (
    AudioDelay,
    ChannelDestroyed,
    ChannelReset,
    ClockUnset,
    DisplaySwitched,
    MmTimeSet,
    SetMmTime,
    TargetReady,
)
from .messages import (
    ClientMigrateEnd,
    HandshakeTime,
    Init,
    Link,
    Migrate,
    MigrateData,
    MigrateEnd,
    MmTime,
    MultiMediaTime,
    SwitchHost,
)

#: A forward jump of more than this many ms emits mm-time-reset; so does any step back (facts: SPICE 5.3).
RESET_THRESHOLD = 500


class ClientSession(Actor):
    """SpiceSession and the main channel: the clock, and who may set it.

    The clock shows ``set_to`` plus the time since ``set_at``.
    ``waits_for_clock``: solution (2)(a): tells the display, when it goes over to the target, that the clock is not the
    target's yet. ``keeps_handshake_time``: solution (1)(a): the target's time, said while linking, sets the clock at
    the switch; ``as_offset``: by how far the clocks were apart then, not by the raw number. Without
    ``display_waits_for_init`` the display does not wait for the target's INIT after a switch that brings one.
    """

    keeps_handshake_time: bool = parameter(False)
    as_offset: bool = parameter(True)
    waits_for_clock: bool = parameter(False)
    handshake_latency: int = parameter(400)
    display_waits_for_init: bool = parameter(True)

    set_to: MmTime = variable(0)
    set_at: int = variable(0)
    has_handshake_time: bool = variable(False)
    target_time: MmTime = variable(0)
    target_time_at: int = variable(0)
    target_clock_known: bool = variable(False)

    source = Port(receives=(Init, MultiMediaTime, Migrate, MigrateEnd, SwitchHost))
    target = Port(receives=(Init, MultiMediaTime, HandshakeTime), sends=(MigrateData, ClientMigrateEnd, Link))
    display = Local(
        receives=(DisplaySwitched,),
        sends=(MmTimeSet, TargetReady, ClockUnset, AudioDelay, ChannelReset, ChannelDestroyed),
    )
    playback = Local(receives=(SetMmTime, AudioDelay), sends=(ChannelReset, ChannelDestroyed))

    on_source = State(initial=True)
    waiting_for_init = State()
    on_target = State()

    end_states = ("on_source", "on_target")

    source_init = stay(on_source)
    source_multi_media_time = stay(on_source)
    handshake_time = stay(on_source, on="keep_handshake_time") | stay(waiting_for_init, on_target, on="pass_over")
    migrate = on_source.to(on_target)
    migrate_end = on_source.to(waiting_for_init)
    switch_host = on_source.to(waiting_for_init)
    init = waiting_for_init.to(on_target)
    multi_media_time = stay(on_target)
    display_switched = stay(on_source, on="switch_clock") | stay(on_target, on="switch_clock")
    set_mm_time = (
        stay(on_source, on="set_by_playback")
        | stay(waiting_for_init, on="set_by_playback")
        | stay(on_target, on="set_by_playback")
    )
    audio_delay = stay(on_source) | stay(waiting_for_init) | stay(on_target)

    def reads(self, port: object) -> bool:
        """What the target sends is left unread until the switch, but for what belongs to the link."""
        return str(port) != "target" or self.keeps_handshake_time or not self.is_in("on_source")

    def mm_time(self) -> MmTime:
        """What the session's clock shows."""
        return self.set_to + (self.now - self.set_at)

    def set_clock(self, time: MmTime) -> None:
        """Set the clock; tell the display whether mm-time-reset is emitted."""
        jump = time - self.mm_time()
        reset = bool(jump > RESET_THRESHOLD) or bool(jump < 0)
        self.set_to = time
        self.set_at = self.now
        self.display.send(MmTimeSet(time, reset))

    def on_source_init(self, message: Init) -> None:
        self.set_clock(message.multi_media_time)

    def on_source_multi_media_time(self, message: MultiMediaTime) -> None:
        self.set_clock(message.time)

    def keep_handshake_time(self, message: HandshakeTime) -> None:
        self.has_handshake_time = True
        self.target_time = message.time
        self.target_time_at = self.now

    def pass_over(self) -> None:
        """An old client does not know the message, and reads it only after the switch."""

    def on_migrate(self) -> None:
        self.target.send(MigrateData())

    def switch_clock(self) -> None:
        """The display goes over: from now on its frames carry the target's time."""
        if self.target_clock_known:
            return
        if self.has_handshake_time:
            passed = self.now - self.target_time_at if self.as_offset else 0
            self.target_clock_known = True
            self.set_clock(self.target_time + passed - self.handshake_latency)
        elif self.waits_for_clock:
            self.display.send(ClockUnset())

    def on_migrate_end(self) -> None:
        self.display.send(ChannelReset())
        self.playback.send(ChannelReset())
        self.target.send(ClientMigrateEnd())
        self.start_display(early=True)

    def on_switch_host(self) -> None:
        self.display.send(ChannelDestroyed())
        self.playback.send(ChannelDestroyed())
        self.target.send(Link())
        self.start_display(early=True)

    def start_display(self, early: bool) -> None:
        """The other channels start when the session has INIT (facts: SPICE 4.3), unless they do not wait for it."""
        if early != self.display_waits_for_init:
            self.display.send(TargetReady())

    def on_init(self, message: Init) -> None:
        self.target_clock_known = True
        self.set_clock(message.multi_media_time)
        self.start_display(early=False)

    def on_multi_media_time(self, message: MultiMediaTime) -> None:
        self.target_clock_known = True
        self.set_clock(message.time)

    def set_by_playback(self, message: SetMmTime) -> None:
        self.target_clock_known = True
        self.set_clock(message.time)

    def on_audio_delay(self, message: AudioDelay) -> None:
        self.display.send(message)
