"""The client's display stream in 2013: a queue of frames and one timer for the next (facts: SPICE 5.4, 5.5)."""

from __future__ import annotations

from switchover.models.language import State, Timer, distance, parameter, stay, variable

from .calls import MmTimeSet, Shown
from .display_channel import DisplayChannel
from .messages import MmTime, StreamData

#: What a stamp of 0 is replaced by: so many ms from now (facts: SPICE 5.4, N18).
INVALID_STAMP_DELAY = 100


class DisplayStream(DisplayChannel):
    """The video stream before the patch of 2013 (seed 000, ``unpatched``): ``display_stream_schedule`` returns at once
    when a timer is set already, and nothing revisits that timer when the clock changes.

    The queue's head stays there until it is rendered. ``waits_for_clock``: solution (2)(a), nothing is rendered between
    the switch and the next setting of the clock. ``zero_is_invalid``: a stamp of 0 is taken for none (N18).
    ``looks_after_rendering``: after a frame was rendered, every late one behind it is dropped (facts: SPICE 5.4). The
    source of 0.19 and 0.20 drops one and shows the next at once, whatever its time.
    """

    waits_for_clock: bool = parameter(False)
    zero_is_invalid: bool = parameter(False)
    looks_after_rendering: bool = parameter(True)

    playing = State(initial=True)
    waiting = State()

    end_states = ("playing", "waiting")

    stream_data = stay(playing, on="take") | stay(waiting, on="take")
    draw_copy = stay(playing) | stay(waiting)
    stream_create = stay(playing) | stay(waiting)
    stream_activate_report = stay(playing) | stay(waiting)
    stream_destroy = stay(playing, on="end_stream") | stay(waiting, on="end_stream")
    stream_destroy_all = stay(playing, on="end_stream") | stay(waiting, on="end_stream")
    channel_reset = stay(playing, on="end_stream") | stay(waiting, on="end_stream")
    channel_destroyed = stay(playing, on="end_stream") | stay(waiting, on="end_stream")
    audio_delay = stay(playing) | stay(waiting)
    migrate = stay(playing) | stay(waiting)
    target_ready = stay(playing)
    mm_time_set = stay(playing, on="follow_clock") | waiting.to(playing, on="start_playing")
    clock_unset = playing.to(waiting, cond="waits_for_clock")
    render = Timer(stay(playing))

    # The clock.

    def follow_clock(self, message: MmTimeSet) -> None:
        """A timer that is set stays as it is: multimedia time was taken to be monotonic."""
        self.set_clock(message)

    def start_playing(self, message: MmTimeSet) -> None:
        self.set_clock(message)
        self.schedule()

    # The stream.

    def place(self, message: StreamData) -> None:
        frame = self.with_valid_stamp(message)
        if self.is_in("waiting"):
            self.queue = (*self.queue, frame)
        else:
            self.judge(frame)
        self.count(frame)

    def judge(self, frame: StreamData) -> None:
        if self.is_before(frame.multi_media_time, self.mm_time()):
            self.drop((frame,))
        else:
            self.queue = (*self.queue, frame)
            self.schedule()

    def schedule(self) -> None:
        """Set the timer for the first frame in the queue that is still due; drop those before it."""
        if self.is_armed("render"):
            return
        while self.queue:
            if not self.drops_late_head():
                self.arm("render", after=self.time_to(self.queue[0]))
                return

    def on_render(self) -> None:
        self.show_head()
        while self.queue and not self.looks_after_rendering and self.drops_late_head():
            if self.queue:
                self.show_head()
        self.schedule()

    def show_head(self) -> None:
        head = self.queue[0]
        self.queue = self.queue[1:]
        self.screen.send(Shown(head))

    def drops_late_head(self) -> bool:
        """Drop the head if its time has come, and say whether it was so."""
        head = self.queue[0]
        if self.is_before(self.mm_time(), head.multi_media_time):
            return False
        self.queue = self.queue[1:]
        self.drop((head,))
        return True

    def clear(self) -> None:
        """Drop what is queued, and the timer."""
        frames, self.queue = self.queue, ()
        self.disarm("render")
        self.drop(frames)

    def is_before(self, first: MmTime, second: MmTime) -> bool:
        """Before 0.34 multimedia times were compared as they are, without regard to the wrap (facts: SPICE 5.4)."""
        return bool(first < second)

    def time_to(self, frame: StreamData) -> int:
        """How long until the frame is due, in ms."""
        return distance(self.mm_time(), frame.multi_media_time)

    def with_valid_stamp(self, frame: StreamData) -> StreamData:
        """A stamp of 0 counts as invalid (facts: SPICE 5.4)."""
        if self.zero_is_invalid and not frame.multi_media_time:
            return StreamData(self.mm_time() + INVALID_STAMP_DELAY, frame.number, frame.stamped_by)
        return frame


class PatchedDisplayStream(DisplayStream):
    """The patch of seed 000 as it was merged (GTK 0.20, RHBZ #951664): mm-time-reset computes the timer anew, and a
    frame older than the last one queued clears the queue (facts: SPICE 5.5).
    """

    def follow_clock(self, message: MmTimeSet) -> None:
        self.set_clock(message)
        if message.reset:
            self.disarm("render")
            self.schedule()

    def judge(self, frame: StreamData) -> None:
        if self.is_before(frame.multi_media_time, self.mm_time()):
            self.drop((frame,))
            return
        self.check_order(frame)
        self.queue = (*self.queue, frame)
        self.schedule()

    def check_order(self, frame: StreamData) -> None:
        """Time went back: the source's frames in the queue would only be in the way."""
        if self.queue and self.is_before(frame.multi_media_time, self.queue[-1].multi_media_time):
            self.clear()


class DisplayStreamSince032(PatchedDisplayStream):
    """The stream since 0.32 (2016): the scheduled frame is kept outside the queue, and time's order is checked before
    lateness (facts: SPICE 5.4). ``checks_current_frame`` is the repair of N17. ``signed_differences``: since 0.34.
    """

    checks_current_frame: bool = parameter(False)
    signed_differences: bool = parameter(True)

    current: tuple[StreamData, ...] = variable(())

    def follow_clock(self, message: MmTimeSet) -> None:
        self.set_clock(message)
        if message.reset:
            self.disarm("render")
            self.queue = (*self.current, *self.queue)
            self.current = ()
            self.schedule()

    def judge(self, frame: StreamData) -> None:
        self.check_order(frame)
        if self.is_before(frame.multi_media_time, self.mm_time()):
            self.drop((frame,))
            return
        self.queue = (*self.queue, frame)
        self.schedule()

    def check_order(self, frame: StreamData) -> None:
        """The scheduled frame is not in the queue: alone, it goes unnoticed (N17)."""
        waiting = (*self.current, *self.queue) if self.checks_current_frame else self.queue
        if waiting and self.is_before(frame.multi_media_time, waiting[-1].multi_media_time):
            self.clear()

    def schedule(self) -> None:
        if self.is_armed("render"):
            return
        while self.queue:
            head = self.queue[0]
            self.queue = self.queue[1:]
            if not self.is_before(head.multi_media_time, self.mm_time()):
                self.current = (head,)
                self.arm("render", after=self.time_to(head))
                return
            self.drop((head,))

    def on_render(self) -> None:
        self.screen.send(Shown(self.current[0]))
        self.current = ()
        self.schedule()

    def clear(self) -> None:
        frames = (*self.current, *self.queue)
        self.current = ()
        self.queue = ()
        self.disarm("render")
        self.drop(frames)

    def is_before(self, first: MmTime, second: MmTime) -> bool:
        return bool(first - second < 0) if self.signed_differences else bool(first < second)
