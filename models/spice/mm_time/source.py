"""The source server: it stamps frames with its own clock, and hands over (seed 000; facts: SPICE 5.1, 5.2, 5.5)."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Actor, Between, Port, State, Timer, parameter, stay, variable

from .messages import (
    FrameNumber,
    GuestState,
    Host,
    Migrate,
    MigrateEnd,
    MmTime,
    StreamData,
    StreamDestroy,
    SwitchHost,
)
from .variant import Method


class SourceServer(Actor):
    """QEMU and libspice-server at the source, from the last frames before the guest stops.

    ``frames``: how many frames of the stream the client gets before that, one each ``interval`` ms; ``ring``: how
    many more the guest had drawn, and its driver stamped, that were in the command ring when it stopped.
    ``offset``: multimedia time minus this host's clock.
    """

    method: Method = parameter(Method.SEAMLESS)
    frames: FrameNumber = parameter(0)
    ring: Annotated[int, Between(0, 32)] = parameter(0)
    interval: int = parameter(40)
    uptime: MmTime = parameter(0)

    drawn: FrameNumber = variable(0)

    main = Port(sends=(Migrate, MigrateEnd, SwitchHost))
    display = Port(sends=(StreamData, StreamDestroy, Migrate))
    guest = Port(sends=(GuestState,))

    running = State(initial=True)
    migrated = State()

    end_states = ("migrated",)

    next_frame = Timer(stay(running, on="draw"))
    migration_completes = Timer(running.to(migrated))

    def draw(self) -> None:
        self.display.send(StreamData(self.mm_time(), self.drawn, Host.SOURCE))
        self.drawn = self.drawn + 1
        if self.drawn < self.frames:
            self.arm("next_frame", after=self.interval)

    def on_migration_completes(self) -> None:
        """The guest goes first; then each channel is told (facts: SPICE 2.3, 5.5: streams are destroyed before)."""
        self.disarm("next_frame")
        self.guest.send(GuestState((self.mm_time(),) * self.ring))
        self.display.send(StreamDestroy())
        if self.method is Method.SEAMLESS:
            self.display.send(Migrate())
            self.main.send(Migrate())
        elif self.method is Method.SEMI_SEAMLESS:
            self.main.send(MigrateEnd())
        else:
            self.main.send(SwitchHost())

    def mm_time(self) -> MmTime:
        """This server's clock: its host's uptime (facts: SPICE 5.1)."""
        return self.uptime + self.now
