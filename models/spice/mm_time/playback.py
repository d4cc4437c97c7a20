"""The client's playback channel: with audio, it is what sets the session's clock (facts: SPICE 5.3)."""

from __future__ import annotations

from switchover.models.language import Actor, Local, Port, State, Timer, parameter, stay, variable

from .calls import AudioDelay, ChannelDestroyed, ChannelReset, SetMmTime
from .messages import MmTime, PlaybackData, PlaybackStart, PlaybackStop

#: How often the audio back end is asked for its delay while it plays, in ms (facts: SPICE 5.3).
TICK = 1000


class PlaybackChannel(Actor):
    """The audio back end is asked for its delay when a voice opens, and then once a second: the clock is the time of
    the last START or DATA minus ``delay`` ms. None: the back end does not answer, and sound leaves the clock alone.

    A START while the voice is open asks nothing; seconds in which no DATA came are left out.
    """

    delay: int | None = parameter(400)

    latency: int = variable(0)
    last_time: MmTime = variable(0)
    started_at: int = variable(0)

    source = Port(receives=(PlaybackStart, PlaybackData, PlaybackStop))
    target = Port(receives=(PlaybackStart, PlaybackData, PlaybackStop))
    session = Local(receives=(ChannelReset, ChannelDestroyed), sends=(SetMmTime, AudioDelay))

    silent = State(initial=True)
    playing = State()

    end_states = ("silent", "playing")

    playback_start = silent.to(playing, on="open_voice") | stay(playing, on="note_time")
    playback_data = stay(silent, on="note_time") | stay(playing, on="go_on_playing")
    playback_stop = playing.to(silent, on="close_voice") | stay(silent)
    channel_reset = playing.to(silent, on="close_voice") | stay(silent)
    channel_destroyed = playing.to(silent, on="forget_voice") | stay(silent, on="forget")
    tick = Timer(stay(playing, on="ask_back_end"))

    def open_voice(self, message: PlaybackStart) -> None:
        self.last_time = message.time
        self.started_at = self.now
        self.ask_back_end()
        self.session.send(AudioDelay(self.latency))

    def note_time(self, message: PlaybackStart | PlaybackData) -> None:
        """The time alone sets no clock."""
        self.last_time = message.time

    def go_on_playing(self, message: PlaybackData) -> None:
        self.last_time = message.time
        if self.delay is not None and not self.is_armed("tick"):
            self.arm("tick", after=TICK - (self.now - self.started_at) % TICK)

    def ask_back_end(self) -> None:
        if self.delay is not None:
            self.latency = self.delay
            self.session.send(SetMmTime(self.last_time - self.delay))

    def close_voice(self) -> None:
        """The latency and the last time are kept."""
        self.disarm("tick")
        self.session.send(AudioDelay(None))

    def forget_voice(self) -> None:
        self.close_voice()
        self.forget()

    def forget(self) -> None:
        self.latency = 0
