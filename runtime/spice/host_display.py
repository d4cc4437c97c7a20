"""A host's display channel: surface, video, and what a client that continues its session has already (facts: SPICE
1.12, 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base, display
from switchover.models.spice.protocol.channels import DisplayCap

from . import migrate_data, video
from .acknowledgement import WINDOW
from .host_options import Video
from .host_service import Machine, Situation, migrate

#: SET_ACK as a channel begins: the connection counts the generations (facts: SPICE 1.7).
SET_ACK = base.SetAck(1, WINDOW)

_STREAM = 0

#: What a client has that was never initialised.
_NOTHING = migrate_data.DisplayState(0, 0, 0, 0, 0, ())


@dataclass
class DisplayService:
    """``caps``: what the client announces. ``state``: what the client has, None: nobody has said so yet;
    ``is_restored``: MIGRATE_DATA said so; ``is_begun``: it was sent what it begins with; ``drawn``: frames drawn here
    before the stream; ``frame``: the one sent last.
    """

    machine: Machine
    caps: frozenset[int]
    state: migrate_data.DisplayState | None = None
    is_restored: bool = False
    is_begun: bool = False
    is_streaming: bool = False
    streams: int = 0
    drawn: int = 0
    frame: int | None = None
    deadline: float | None = None

    def meaning(self, message: Message) -> Message | None:
        if isinstance(message, display.Init):
            return spice.ChannelInit() if self.state is None else None
        if isinstance(message, base.MigrateData):
            self.state = migrate_data.read_display(message.data)
            self.is_restored = True
            return spice.MigrateData()
        return spice.MigrateFlushMark() if isinstance(message, base.MigrateFlushMark) else None

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, display.Init) and self.state is None:
            cache, dictionary = message.pixmap_cache_id, message.glz_dictionary_id
            sizes = message.pixmap_cache_size, message.glz_dictionary_window_size
            window = max(0, sizes[1])
            self.state = migrate_data.DisplayState(0, cache, sizes[0], dictionary, window, ())
        return []

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, spice.Migrate):
            return [*self._end_stream(), migrate(message)]
        if isinstance(message, spice.MigrateData):
            state = replace(self.state or _NOTHING, serial=situation.serial + 1)
            return [base.MigrateData(migrate_data.display_data(state))]
        return []

    def _end_stream(self) -> list[Message]:
        self.deadline = None
        if not self.is_streaming:
            return []
        self.is_streaming = False
        return [display.StreamDestroy(_STREAM)]

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        """Nothing before the client's DISPLAY_INIT or MIGRATE_DATA; a frame when one is due."""
        self.deadline = None
        if situation.state != "started" or self.state is None:
            return []
        beginning = [] if self.is_begun else self._begin(self.state)
        return beginning + self._next_frame(situation, now)

    def _begin(self, state: migrate_data.DisplayState) -> list[Message]:
        self.is_begun = True
        start: list[Message] = [SET_ACK]
        if self.is_restored and state.surfaces:
            return [*start, display.InvalAllPixmaps(()), display.InvalAllPalettes(), display.StreamDestroyAll()]
        self.state = replace(state, surfaces=(0,))
        options = self.machine.options
        monitors: list[Message] = []
        if DisplayCap.MONITORS_CONFIG in self.caps:
            head = display.Head(0, 0, options.width, options.height, 0, 0, 0)
            monitors.append(display.MonitorsConfig(1, (head,)))
        picture = video.surface(options.width, options.height)
        return [*start, display.InvalAllPalettes(), *picture, *monitors, display.Mark()]

    def _next_frame(self, situation: Situation, now: float) -> list[Message]:
        guest, options = self.machine.guest, self.machine.options.video
        if options is None or not guest.runs:
            return []
        number = guest.frame(now)
        self.deadline = guest.due(number + 1)
        if number == self.frame or not situation.may_send:
            return []
        self.frame = number
        return self._show(options, number, now)

    def _show(self, options: Video, number: int, now: float) -> list[Message]:
        place = number % options.columns
        if self.drawn < options.detection or not self._decodes():
            self.drawn += 1
            return video.plain_frame(options.columns, options.rows, place)
        begin = [] if self.is_streaming else self._begin_stream(options)
        picture = video.frame(options.columns, options.rows, place)
        return [*begin, display.StreamData(_STREAM, self.machine.mm_time(now), picture)]

    def _decodes(self) -> bool:
        return DisplayCap.MULTI_CODEC not in self.caps or DisplayCap.CODEC_MJPEG in self.caps

    def _begin_stream(self, options: Video) -> list[Message]:
        self.is_streaming = True
        self.streams += 1
        created: list[Message] = [video.stream_create(_STREAM, options.width, options.height)]
        if DisplayCap.STREAM_REPORT in self.caps:
            created.append(video.activate_report(_STREAM, self.streams))
        return created

    def stop(self, situation: Situation, now: float) -> list[Message]:
        return []

    def next_deadline(self) -> float | None:
        return self.deadline
