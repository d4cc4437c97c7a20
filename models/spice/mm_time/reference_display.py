"""Our display stream: no frame is judged by a clock that is not its own (the reference of this family)."""

from __future__ import annotations

from switchover.models.language import State, Timer, parameter, stay

from .calls import MmTimeSet, Shown
from .display_channel import DisplayChannel
from .messages import StreamData


class ReferenceDisplayStream(DisplayChannel):
    """A client alone, against any server: frames that come before the target's clock are held and judged by it when it
    comes; after ``hold_limit`` ms without it they are shown as they arrive. Every setting of the clock computes the
    timer anew, the scheduled frame takes part in the check of time's order, and of several frames that have become
    late the newest is shown. ``hold_limit`` must not be less than the latency of the servers.
    """

    hold_limit: int = parameter(1000)
    holds_frames: bool = parameter(True)
    checks_current_frame: bool = parameter(True)
    shows_newest_late_frame: bool = parameter(True)
    gives_up_waiting: bool = parameter(True)

    playing = State(initial=True)
    holding = State()
    unclocked = State()

    end_states = ("playing", "holding", "unclocked")

    stream_data = stay(playing, on="take") | stay(holding, on="take") | stay(unclocked, on="take")
    draw_copy = stay(playing) | stay(holding) | stay(unclocked)
    stream_create = stay(playing) | stay(holding) | stay(unclocked)
    stream_activate_report = stay(playing) | stay(holding) | stay(unclocked)
    stream_destroy = stay(playing, on="end_stream") | stay(holding, on="end_stream") | stay(unclocked, on="end_stream")
    stream_destroy_all = (
        stay(playing, on="end_stream") | stay(holding, on="end_stream") | stay(unclocked, on="end_stream")
    )
    channel_reset = stay(playing, on="end_stream") | stay(holding, on="end_stream") | stay(unclocked, on="end_stream")
    channel_destroyed = (
        stay(playing, on="end_stream") | stay(holding, on="end_stream") | stay(unclocked, on="end_stream")
    )
    audio_delay = stay(playing) | stay(holding) | stay(unclocked)
    migrate = stay(playing) | stay(holding) | stay(unclocked)
    target_ready = stay(playing)
    clock_unset = playing.to(holding, cond="holds_frames") | stay(playing, unless="holds_frames")
    mm_time_set = (
        stay(playing, on="follow_clock")
        | holding.to(playing, on="judge_held_frames")
        | unclocked.to(playing, on="set_clock")
    )
    hold_limit_reached = Timer(holding.to(unclocked))
    render = Timer(stay(playing))

    # The clock.

    def follow_clock(self, message: MmTimeSet) -> None:
        self.set_clock(message)
        self.disarm("render")
        self.schedule()

    def judge_held_frames(self, message: MmTimeSet) -> None:
        self.set_clock(message)
        self.disarm("hold_limit_reached")
        late = tuple(frame for frame in self.queue if self.margin(frame) < 0)
        self.queue = self.queue[len(late) :]
        if late and self.shows_newest_late_frame:
            self.screen.send(Shown(late[-1]))
            late = late[:-1]
        self.drop(late)
        self.schedule()

    # The stream.

    def place(self, message: StreamData) -> None:
        if self.is_in("holding"):
            self.hold(message)
        elif self.is_in("unclocked"):
            self.show_at_once(message)
        else:
            self.judge(message)
        self.count(message)

    def judge(self, message: StreamData) -> None:
        self.check_order(message)
        if self.margin(message) < 0:
            self.drop((message,))
        else:
            self.queue = (*self.queue, message)
            self.schedule()

    def hold(self, message: StreamData) -> None:
        self.check_order(message)
        if not self.queue and self.gives_up_waiting:
            self.arm("hold_limit_reached", after=self.hold_limit)
        self.queue = (*self.queue, message)

    def show_at_once(self, message: StreamData) -> None:
        self.screen.send(Shown(message))

    def on_hold_limit_reached(self) -> None:
        newest = self.queue[-1]
        self.drop(self.queue[:-1])
        self.queue = ()
        self.screen.send(Shown(newest))

    def check_order(self, frame: StreamData) -> None:
        """A frame older than one before it is of another clock: those before it would only be in the way."""
        older = self.queue if self.checks_current_frame else self.queue[1:]
        if older and frame.multi_media_time - older[-1].multi_media_time < 0:
            self.clear()

    def schedule(self) -> None:
        """Set the timer for the first frame in the queue that is still due; drop those before it."""
        if self.is_armed("render"):
            return
        while self.queue:
            if self.margin(self.queue[0]) >= 0:
                self.arm("render", after=self.margin(self.queue[0]))
                return
            self.drop(self.queue[:1])
            self.queue = self.queue[1:]

    def on_render(self) -> None:
        self.screen.send(Shown(self.queue[0]))
        self.queue = self.queue[1:]
        self.schedule()

    def clear(self) -> None:
        """Drop what is queued, and the timers."""
        self.drop(self.queue)
        self.queue = ()
        self.disarm("render")
        self.disarm("hold_limit_reached")
