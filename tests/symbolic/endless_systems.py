"""Small timed systems that run for ever, with numbers left open, and for each a change that breaks what it promises."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import (
    Actor,
    ActorView,
    Between,
    Connection,
    Decision,
    Latency,
    Message,
    Open,
    Port,
    Quantity,
    State,
    System,
    Timer,
    Timing,
    always,
    never,
    parameter,
    stay,
    variable,
)

# A sender with a period, and a receiver that shows each frame a fixed time after it was drawn.


class Frame(Message):
    """A frame; ``drawn_at`` by the sender's clock."""

    drawn_at: Annotated[int, Between()]


class Sender(Actor):
    """Sends a frame each ``interval`` ms, for ever."""

    interval: int = parameter()

    wire = Port(sends=(Frame,))

    running = State(initial=True)
    tick = Timer(stay(running, on="send_frame"))

    def send_frame(self) -> None:
        self.wire.send(Frame(self.now))
        self.arm("tick", after=self.interval)


class Display(Actor):
    """Shows each frame ``delay`` ms after it was drawn, first come, first shown."""

    delay: int = parameter()
    counts_from_arrival: bool = parameter(False)

    queue: tuple[Frame, ...] = variable(())
    lateness: int = variable(0)

    wire = Port(receives=(Frame,))

    showing = State(initial=True)
    frame = stay(showing, on="take")
    show = Timer(stay(showing, on="show_head"))

    def take(self, message: Frame) -> None:
        self.queue = (*self.queue, message)
        self.schedule()

    def schedule(self) -> None:
        if not self.is_armed("show") and self.queue:
            left = self.delay if self.counts_from_arrival else self.queue[0].drawn_at + self.delay - self.now
            self.arm("show", after=left if left > 0 else 0)

    def show_head(self) -> None:
        self.lateness = self.now - (self.queue[0].drawn_at + self.delay)
        self.queue = self.queue[1:]
        self.schedule()


@always
def never_late(display: ActorView) -> bool:
    """No frame is shown after its time."""
    return display.lateness <= 0


def sender_and_display(*, delay: int, interval: int, transit: int, counts_from_arrival: bool = False) -> System:
    """A stream with a fixed delay of presentation."""
    return System(
        name="sender_and_display",
        actors={
            "sender": Sender(interval=interval, armed={"tick": 0}),
            "display": Display(delay=delay, counts_from_arrival=counts_from_arrival),
        },
        connections=(Connection("wire", "sender.wire", "display.wire", established=True),),
        timing=Timing(latencies={"wire": Latency.exactly(transit)}),
    )


DELAY = Quantity("delay", "from drawing a frame to showing it", low=0, typical=30)
INTERVAL = Quantity("interval", "between two frames", low=1, typical=40)
TRANSIT = Quantity("transit", "on the way", low=0, typical=5)


def arrives_in_time(delay: int, interval: int, transit: int) -> tuple[bool, ...]:
    """The network takes no longer than the delay allows, and one frame at a time is under way."""
    return (transit <= delay, delay < interval)


def up_to_two_under_way(delay: int, interval: int, transit: int) -> tuple[bool, ...]:
    """As above, with up to two frames waiting."""
    return (transit <= delay, delay < 2 * interval)


def network_may_be_slow(delay: int, interval: int, transit: int) -> tuple[bool, ...]:
    """The network may take longer than the delay allows."""
    return (transit <= delay + 1, delay < interval)


OVER_STREAM = (DELAY, INTERVAL, TRANSIT)
IN_TIME = Open(OVER_STREAM, arrives_in_time)
TWO_WAITING = Open(OVER_STREAM, up_to_two_under_way)
SLOW_NETWORK = Open(OVER_STREAM, network_may_be_slow)

# A detector that counts frames before it makes a stream of them.


class Image(Message):
    """A frame as a plain image."""


class StreamFrame(Message):
    """A frame of the stream."""


class Detector(Actor):
    """Sends plain images until it has seen ``needed`` frames, and a stream from then on."""

    needed: Annotated[int, Between(0, 64)] = parameter(20)
    interval: int = parameter()

    seen: Annotated[int, Between(0, 64)] = variable(0)

    wire = Port(sends=(Image, StreamFrame))

    running = State(initial=True)
    tick = Timer(stay(running, on="send_frame"))

    def send_frame(self) -> None:
        if self.seen < self.needed:
            self.seen = self.seen + 1
            self.wire.send(Image())
        else:
            self.wire.send(StreamFrame())
        self.arm("tick", after=self.interval)


class Counter(Actor):
    """Counts images without a limit, and notes when the stream began."""

    images: int = variable(0)
    has_stream: bool = variable(False)

    wire = Port(receives=(Image, StreamFrame))

    on = State(initial=True)
    image = stay(on, on="count")
    stream_frame = stay(on, on="begin")

    def count(self) -> None:
        self.images = self.images + 1

    def begin(self) -> None:
        self.has_stream = True


@always
def twenty_images_come_first(counter: ActorView) -> bool:
    """The stream begins after 20 images."""
    return not counter.has_stream or counter.images >= 20


def detector(*, interval: int, transit: int, needed: int = 20) -> System:
    """Stream detection, for ever."""
    return System(
        name="detector",
        actors={"detector": Detector(interval=interval, needed=needed, armed={"tick": 0}), "counter": Counter()},
        connections=(Connection("wire", "detector.wire", "counter.wire", established=True),),
        timing=Timing(latencies={"wire": Latency.exactly(transit)}),
    )


def one_under_way(interval: int, transit: int) -> tuple[bool, ...]:
    """A frame arrives before the next is sent."""
    return (transit < interval,)


DETECTION = Open((INTERVAL, TRANSIT), one_under_way)

# A token that goes round a ring, each message taking its time.


class Token(Message):
    """Whoever has it may work."""


class Member(Actor):
    """Works for ``work`` ms when it has the token, and hands it on."""

    work: int = parameter()
    hands_on_too_early: bool = parameter(False)

    worked: int = variable(0)
    began: int = variable(0)

    before = Port(receives=(Token,))
    after = Port(sends=(Token,))

    idle = State(initial=True)
    working = State()

    token = idle.to(working, on="begin")
    start = Timer(idle.to(working, on="begin"))
    done = Timer(working.to(idle, on="finish"))

    def begin(self) -> None:
        self.began = self.now
        self.arm("done", after=self.work)
        if self.hands_on_too_early:
            self.after.send(Token())

    def finish(self) -> None:
        self.worked = self.worked + (self.now - self.began)
        if not self.hands_on_too_early:
            self.after.send(Token())


@never
def two_work_at_once(first: ActorView, second: ActorView, third: ActorView) -> bool:
    """Two members work at the same time."""
    return [each.is_in("working") for each in (first, second, third)].count(True) > 1


def token_ring(*, work: int, low: int, hands_on_too_early: bool = False) -> System:
    """Three members; a token is on its way for at least ``low`` ms, with no upper limit."""
    options = {"work": work, "hands_on_too_early": hands_on_too_early}
    return System(
        name="token_ring",
        actors={
            "first": Member(armed={"start": 0}, **options),
            "second": Member(**options),
            "third": Member(**options),
        },
        connections=(
            Connection("one", "first.after", "second.before", established=True),
            Connection("two", "second.after", "third.before", established=True),
            Connection("three", "third.after", "first.before", established=True),
        ),
        timing=Timing(latencies={name: Latency(low, None) for name in ("one", "two", "three")}),
    )


RING = Open(
    (
        Quantity("work", "how long a member works", low=1, typical=10),
        Quantity("low", "shortest time on the way", low=0, typical=3),
    )
)

# Frames without end, and a clock that must be set before any is judged.


class ClockIs(Message):
    """The server's clock."""

    time: Annotated[int, Between()]


class Server(Actor):
    """Sends frames for ever, and at some moment its clock."""

    interval: int = parameter()
    offset: int = parameter()

    frames = Port(sends=(Frame,))
    clock = Port(sends=(ClockIs,))

    running = State(initial=True)
    tick = Timer(stay(running, on="send_frame"))
    tell = Timer(stay(running, on="tell_clock"))

    def send_frame(self) -> None:
        self.frames.send(Frame(self.now + self.offset))
        self.arm("tick", after=self.interval)

    def tell_clock(self) -> None:
        self.clock.send(ClockIs(self.now + self.offset))


class Client(Actor):
    """Judges a frame by the clock; until that is set it drops what comes."""

    waits: bool = parameter(True)

    offset: int = variable(0)
    is_set: bool = variable(False)
    judged: bool = variable(False)
    age: int = variable(0)

    frames = Port(receives=(Frame,))
    clock = Port(receives=(ClockIs,))

    on = State(initial=True)
    frame = stay(on, on="take")
    clock_is = stay(on, on="set_clock")

    def take(self, message: Frame) -> None:
        if self.is_set or not self.waits:
            self.judged = True
            self.age = self.now + self.offset - message.drawn_at

    def set_clock(self, message: ClockIs) -> None:
        self.is_set = True
        self.offset = message.time - self.now


@always
def nothing_is_judged_before_the_clock(client: ActorView) -> bool:
    """No frame is judged by a clock that is not set."""
    return not client.judged or client.is_set


@always
def no_age_is_wrong(client: ActorView) -> bool:
    """By the clock as it was told, no frame is older than 0: both messages are on the way for the same time."""
    return not client.judged or client.age == 0


def clock_and_frames(*, skew: int, lead: int, interval: int, transit: int, waits: bool = True) -> System:
    """The clock is told ``lead`` ms after the first frame; each message takes ``transit`` ms."""
    return System(
        name="clock_and_frames",
        actors={
            "server": Server(interval=interval, offset=skew, armed={"tick": 0, "tell": lead}),
            "client": Client(waits=waits),
        },
        connections=(
            Connection("frames", "server.frames", "client.frames", established=True),
            Connection("clock", "server.clock", "client.clock", established=True),
        ),
        timing=Timing(latencies={"frames": Latency.exactly(transit), "clock": Latency.exactly(transit)}),
    )


CLOCK = Open(
    (
        Quantity("skew", "server's clock minus client's", typical=6000),
        Quantity("lead", "from the first frame to the clock", low=0, typical=700),
        INTERVAL,
        TRANSIT,
    ),
    lambda transit, interval, **_: (transit < interval,),
)

# Counters without limits, and an inequality between three of them.


class Books(Actor):
    """Each frame sent may be shown, or dropped, or neither."""

    counts_twice: bool = parameter(False)

    sent: int = variable(0)
    shown: int = variable(0)
    dropped: int = variable(0)

    on = State(initial=True)
    show = Decision(stay(on, on="count_shown"))
    drop = Decision(stay(on, on="count_dropped"))
    keep = Decision(stay(on, on="count_sent"))

    def count_sent(self) -> None:
        self.sent = self.sent + 1

    def count_shown(self) -> None:
        self.count_sent()
        self.shown = self.shown + 1

    def count_dropped(self) -> None:
        self.count_sent()
        self.dropped = self.dropped + (2 if self.counts_twice else 1)


@always
def no_more_than_were_sent(books: ActorView) -> bool:
    """What was shown or dropped was sent."""
    return books.shown + books.dropped <= books.sent


def books(*, start: int, counts_twice: bool = False) -> System:
    """The counters, of which some frames were sent before."""
    return System(
        name="books",
        actors={"books": Books(counts_twice=counts_twice, initial={"sent": start})},
        timing=Timing(),
    )


BOOKS = Open((Quantity("start", "frames sent before", unit="frames", low=0, typical=3),))
