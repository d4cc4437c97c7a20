"""A host's playback channel: a tone while the guest runs, if it plays one (facts: SPICE 1.11)."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base, playback
from switchover.models.spice.protocol.channels import PlaybackCap

from . import tone
from .host_events import Happening, HostEvent
from .host_service import Machine, Situation, migrate, ping_after_much

#: Bytes under way to the client with which no more sound is sent: about 1.4 s of it.
MOST_UNREAD = 1 << 18

_RAW = 1
_FULL = 0xFFFF

#: Packets that are made up for at once, when time has run ahead.
_MOST_LATE = 10

#: A packet is due when its time has come but for rounding, in packets.
_SLACK = 1e-6


@dataclass
class PlaybackService:
    """``caps``: what the client announces. ``since``: when the sound began, None: nothing is played; ``packets``: that
    were sent since; ``is_left_out``: the last of them were not, as the client did not read.
    """

    machine: Machine
    caps: frozenset[int]
    is_begun: bool = False
    since: float | None = None
    packets: int = 0
    is_left_out: bool = False

    def meaning(self, message: Message) -> Message | None:
        if isinstance(message, base.MigrateData):
            return spice.MigrateData()
        return spice.MigrateFlushMark() if isinstance(message, base.MigrateFlushMark) else None

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        return []

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, spice.ChannelStart):
            self.is_begun = True
            mode = playback.Mode(self.machine.mm_time(now), _RAW)
            has_volume = PlaybackCap.VOLUME in self.caps
            volume = [playback.Volume((_FULL,) * tone.CHANNELS), playback.Mute(0)] if has_volume else []
            return [mode, *volume]
        return [migrate(message)] if isinstance(message, spice.Migrate) else []

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        is_played = self.machine.options.sound and self.machine.guest.runs
        if not (is_played and self.is_begun and situation.state == "started"):
            self.since = None
            return []
        start = [] if self.since is not None else self._start(now)
        return [*start, *self._packets(situation, now), *ping_after_much(situation, now)]

    def _start(self, now: float) -> list[Message]:
        self.since, self.packets, self.is_left_out = now, 0, False
        return [playback.Start(tone.CHANNELS, tone.FORMAT_S16, tone.FREQUENCY, self.machine.mm_time(now))]

    def _packets(self, situation: Situation, now: float) -> list[Message]:
        """Those that are due; of those that are late the last few; none to a client that does not read."""
        assert self.since is not None
        due = int((now - self.since) / tone.PACKET_TIME + _SLACK) + 1
        first = max(self.packets, due - _MOST_LATE)
        self.packets = max(self.packets, due)
        was_left_out, self.is_left_out = self.is_left_out, situation.unread > MOST_UNREAD
        if self.is_left_out:
            if not was_left_out:
                self.machine.report(HostEvent(now, Happening.SOUND_LEFT_OUT))
            return []
        times = (self.since + number * tone.PACKET_TIME for number in range(first, due))
        return [playback.Data(self.machine.mm_time(at), tone.PACKET) for at in times]

    def stop(self, situation: Situation, now: float) -> list[Message]:
        if self.since is None:
            return []
        self.since = None
        return [playback.Stop()] if situation.state == "started" else []

    def next_deadline(self) -> float | None:
        return None if self.since is None else self.since + self.packets * tone.PACKET_TIME
