"""The destination server: its clock, its stream detection, and what it tells the client of its time (seed 000)."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Actor, Between, Port, State, Timer, parameter, stay, variable

from .messages import (
    ClientMigrateEnd,
    DisplayInit,
    DrawCopy,
    FrameNumber,
    GuestState,
    HandshakeTime,
    Host,
    Init,
    Link,
    MigrateData,
    MmTime,
    MultiMediaTime,
    PlaybackStart,
    StreamData,
)

#: Frames of one area after which a server takes them for a video stream (facts: SPICE 5.1).
STREAM_DETECTION_FRAMES = 20


class DestinationServer(Actor):
    """QEMU and libspice-server at the destination, to which the client is linked already.

    ``frames``: how many frames the guest draws here, one each ``interval`` ms (``endless``: without end, and
    without numbers). ``detection``: frames that are sent as
    plain images before the stream is detected. ``latency``: what the server subtracts from its clock when it tells it.
    ``audio``: a voice is open, and opens here ``voice_after`` ms after the guest started; from then on the clock is the
    playback channel's affair, unless the server tells it ``beside_the_voice`` too. ``sends_time``: MULTI_MEDIA_TIME
    when a session arrives in a seamless migration and no voice is open, promised in seed 000, built for RHBZ #958276.
    ``says_time_at_link``: solution (1)(a). ``drops_future_frames``: solutions (1)(b)
    and (2)(b). ``guest_stamps``: frames carry the guest driver's stamps (until 2014), not the time at which the server
    takes them from the ring.
    """

    frames: FrameNumber = parameter(1)
    endless: bool = parameter(False)
    interval: int = parameter(40)
    uptime: MmTime = parameter(0)
    detection: Annotated[int, Between(0, 64)] = parameter(STREAM_DETECTION_FRAMES)
    first_frame_after: int = parameter(0)
    latency: int = parameter(400)
    audio: bool = parameter(False)
    voice_after: int = parameter(0)
    sends_time: bool = parameter(True)
    beside_the_voice: bool = parameter(False)
    says_time_at_link: bool = parameter(False)
    drops_future_frames: bool = parameter(False)
    guest_stamps: bool = parameter(True)

    ring: tuple[MmTime, ...] = variable(())
    drawn: FrameNumber = variable(0)
    display_is_ready: bool = variable(True)
    seen: Annotated[int, Between(0, 64)] = variable(0)
    has_voice: bool = variable(False)

    main = Port(receives=(MigrateData, ClientMigrateEnd, Link), sends=(Init, MultiMediaTime, HandshakeTime))
    display = Port(receives=(DisplayInit,), sends=(DrawCopy, StreamData))
    playback = Port(sends=(PlaybackStart,))
    guest = Port(receives=(GuestState,))

    loading = State(initial=True)
    running = State()

    end_states = ("running", "loading")

    linked = Timer(stay(loading, on="say_time_at_link"))
    guest_state = loading.to(running)
    next_frame = Timer(stay(running, on="draw"))
    voice_opens = Timer(stay(running, on="start_playback"))
    migrate_data = stay(running, on="say_time") | stay(loading, on="say_time")
    client_migrate_end = stay(running, on="say_init") | stay(loading, on="say_init")
    link = stay(running, on="say_init") | stay(loading, on="say_init")
    display_init = stay(running, on="start_display") | stay(loading, on="start_display")

    def say_time_at_link(self) -> None:
        self.main.send(HandshakeTime(self.mm_time()))

    def on_guest_state(self, message: GuestState) -> None:
        self.ring = message.ring
        if self.audio:
            self.arm("voice_opens", after=self.voice_after)
        if self.display_is_ready:
            self.arm("next_frame", after=self.first_frame_after)

    def start_display(self) -> None:
        self.display_is_ready = True
        if self.is_in("running"):
            self.arm("next_frame", after=self.first_frame_after)

    def draw(self) -> None:
        """The display's worker takes what is in the command ring: first what the guest had drawn at the source."""
        if self.ring:
            ring, self.ring = self.ring, ()
            for number, stamp in enumerate(ring):
                self.send_frame(stamp if self.guest_stamps else self.mm_time(), number, self.ring_stamp())
        if self.endless or self.drawn < self.frames:
            self.send_frame(self.mm_time(), self.drawn, Host.TARGET)
        if not self.endless:
            self.drawn = self.drawn + 1
        if self.endless or self.drawn < self.frames:
            self.arm("next_frame", after=self.interval)

    def ring_stamp(self) -> Host:
        return Host.SOURCE if self.guest_stamps else Host.TARGET

    def send_frame(self, stamp: MmTime, number: int, stamped_by: Host) -> None:
        if self.seen < self.detection:
            self.seen = self.seen + 1
            self.display.send(DrawCopy(number))
        elif not (self.drops_future_frames and stamp - self.mm_time() > 0):
            self.display.send(StreamData(stamp, number, stamped_by))

    def say_time(self) -> None:
        """While no voice is open main owns the clock (facts: SPICE 5.2)."""
        if self.sends_time and (self.beside_the_voice or not self.has_voice):
            self.main.send(MultiMediaTime(self.mm_time() - self.latency))

    def say_init(self) -> None:
        self.main.send(Init(self.mm_time() - self.latency))

    def start_playback(self) -> None:
        self.has_voice = True
        self.playback.send(PlaybackStart(self.mm_time()))

    def mm_time(self) -> MmTime:
        """This server's clock: its host's uptime (facts: SPICE 5.1)."""
        return self.uptime + self.now
