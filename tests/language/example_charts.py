"""Actors and systems that the language's tests share: every construct that a chart may use stands here once."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Binding,
    Connection,
    Decision,
    Endpoint,
    Faults,
    Local,
    Message,
    Port,
    State,
    System,
    Task,
    Timer,
    always,
    never,
    parameter,
    variable,
)


class Mode(Enum):
    """A value of a variable."""

    SLOW = "slow"
    FAST = "fast"


class Hello(Message):
    pass


class Bye(Message):
    pass


class Data(Message):
    number: Annotated[int, Between(0, 3)] = 0


class Ack(Message):
    pass


class Client(Actor):
    """Connects, talks, gives up after a while."""

    tries: Annotated[int, Between(0, 2)] = variable(0)
    got: Annotated[int, Between(0, 3)] = variable(0)

    server = Port(receives=(Hello, Data), sends=(Hello, Bye, Data))

    idle = State(initial=True)
    connecting = State()
    up = State()

    start = Decision(idle.to(connecting))
    hello = connecting.to(up)
    data = up.to(None)
    server_closed = connecting.to(idle) | up.to(idle)
    server_lost = connecting.to(idle) | up.to(idle)
    server_refused = connecting.to(idle)
    give_up = Timer(connecting.to(idle, on="hang_up"))
    stop = Decision(up.to(idle))
    talk = Decision(up.to(None))

    @property
    def is_busy(self) -> bool:
        return not self.is_in("idle")

    def on_start(self) -> None:
        self.tries = min(self.tries + 1, 2)
        self.server.open()
        self.server.send(Hello())
        self.arm("give_up")

    def on_exit_connecting(self) -> None:
        self.disarm("give_up")

    def on_data(self, message: Data) -> None:
        self.got = message.number

    def on_talk(self) -> None:
        self.server.send(Data(self.tries))

    def hang_up(self) -> None:
        self.server.close()

    def on_stop(self) -> None:
        self.server.send(Bye())
        self.server.close()


class Server(Actor):
    """Accepts one client at a time."""

    deaf: bool = parameter(False)

    client = Port(receives=(Hello, Bye, Data), sends=(Hello, Data))

    idle = State(initial=True)
    busy = State()

    hello = idle.to(busy)
    bye = busy.to(idle)
    data = busy.to(None)
    client_closed = busy.to(idle) | idle.to(None)
    client_lost = busy.to(idle) | idle.to(None)

    def listens(self, port: Endpoint) -> bool | None:
        return not self.deaf

    def on_hello(self) -> None:
        self.client.send(Hello())

    def on_data(self, message: Data) -> None:
        self.client.send(message)


class Nested(Actor):
    """Compounds in compounds, a nested final state, eventless transitions, guards of every kind."""

    limit: Annotated[int, Between(0, 3)] = parameter(2)

    count: Annotated[int, Between(0, 3)] = variable(0)
    last: Annotated[int, Between(0, 3)] = variable(0)
    ready: bool = variable(False)
    mode: Mode = variable(Mode.SLOW)
    log: tuple[str, ...] = variable(())

    line = Port(receives=(Data, Hello), sends=(Ack,))

    class work(State.Compound):  # noqa: N801
        class inner(State.Compound):  # noqa: N801
            first = State(initial=True)
            second = State()

        waiting = State()
        finished = State(final=True)

        data = inner.to(waiting, cond="count < limit and not ready") | inner.to(finished, cond="is_last")
        hello = waiting.to(inner.second)

    ended = State(final=True)
    pause = State()

    data_late = Timer(work.to(pause, unless="ready", on="note_pause"))
    work.waiting.to(work.finished, cond="ready and count >= limit")  # eventless
    resume = Task(pause.to(work, cond="can_resume"))
    quit = Decision(work.to(ended, cond="2 <= count <= 3") | pause.to(ended))
    swap = Decision(work.inner.first.to(work.inner.second) | work.inner.second.to(work.inner.first))

    @property
    def can_resume(self) -> bool:
        return self.count > 0

    def is_last(self, message: Data) -> bool:
        return message.number == 3

    def on_data(self, message: Data) -> None:
        self.last = message.number
        self.count += 1
        self.ready = self.count >= 2
        self.write("data" if self.is_in("inner") else "data outside")

    def on_exit_inner(self) -> None:
        self.write("left inner" if self.is_in("inner") else "left")

    def on_enter_waiting(self) -> None:
        self.arm("data_late")
        if self.line.is_open:
            self.line.send(Ack())

    def on_enter_second(self, message: Message | None = None) -> None:
        self.mode = Mode.FAST if message is not None else Mode.SLOW

    def on_exit_work(self) -> None:
        self.write("left work in first" if self.is_in("first") else "left work")

    def note_pause(self) -> None:
        self.write("pause")

    def on_resume(self) -> None:
        self.log = ()

    def on_swap(self) -> None:
        self.disarm("data_late")

    def write(self, text: str) -> None:
        self.log = (*self.log, text)[-3:]


class Watcher(Actor):
    """Leaves of its own accord, before the input is offered, when its line ends or its timer has run out."""

    patient: bool = variable(False)

    line = Port(receives=(Data,))

    fresh = State(initial=True)
    linked = State()
    apart = State()
    over = State(final=True)

    line_opened = fresh.to(linked)
    data = linked.to(None)
    line_closed = apart.to(None, cond="patient")
    line_lost = linked.to(None)
    limit = Timer(linked.to(None))
    learn = Decision(linked.to(None))
    linked.to(apart, unless="is_linked")
    linked.to(over, cond="is_late")

    @property
    def is_linked(self) -> bool:
        return self.line.is_open

    @property
    def is_late(self) -> bool:
        return self.patient and not self.is_armed("limit")

    def on_learn(self) -> None:
        self.patient = True
        self.arm("limit")


class Reader(Actor):
    """Reads its port only after it was told to, and refuses numbers above its limit."""

    limit: Annotated[int, Between(0, 3)] = parameter(3)

    line = Port(receives=(Data,))

    closed = State(initial=True)
    reading = State()

    data = reading.to(None, cond="fits")
    unfreeze = Decision(closed.to(reading))

    def reads(self, port: Endpoint) -> bool:
        return self.is_in("reading")

    def fits(self, message: Data) -> bool:
        return message.number <= self.limit


class Writer(Actor):
    """Sends one number."""

    number: Annotated[int, Between(0, 3)] = parameter(1)

    line = Port(sends=(Data,))

    full = State(initial=True)
    empty = State()

    write = Task(full.to(empty))

    def on_write(self) -> None:
        self.line.send(Data(self.number))


class Caller(Actor):
    """Calls in-process, and is called back within the same step."""

    answers: Annotated[int, Between(0, 3)] = variable(0)

    callee = Local(receives=(Ack,), sends=(Data,))

    idle = State(initial=True)
    calling = State()
    done_calling = State()

    call = Decision(idle.to(calling))
    ack = calling.to(done_calling)

    def on_call(self) -> None:
        self.callee.send(Data(2))

    def on_ack(self) -> None:
        self.answers += 1


class Callee(Actor):
    """Answers each call once."""

    last: Annotated[int, Between(0, 3)] = variable(0)

    caller = Local(receives=(Data,), sends=(Ack,))

    ready = State(initial=True)

    data = ready.to(None)

    def on_data(self, message: Data) -> None:
        self.last = message.number
        self.caller.send(Ack())


NO_FAULTS = Faults()


@never
def both_up(client: Client, server: Server) -> bool:
    """The client is up while the server is idle."""
    return client.is_in("up") and server.is_in("idle")


@always
def few_tries(client: Client) -> bool:
    return client.tries <= 2


def client_server(faults: Faults = NO_FAULTS, deaf: bool = False) -> System:
    """A client and a server, each a process."""
    return System(
        "client and server",
        {"client": Client(), "server": Server(deaf=deaf)},
        (Connection("main", "client.server", "server.client"),),
        properties=(both_up, few_tries),
        faults=faults,
        processes={"client_host": ("client",), "server_host": ("server",)},
    )


def in_process() -> System:
    """A caller and its callee, in one process."""
    return System(
        "in-process",
        {"caller": Caller(), "callee": Callee()},
        bindings=(Binding("caller.callee", "callee.caller"),),
        processes={"host": ("caller", "callee")},
    )


def frozen_reader(limit: int = 3, number: int = 1) -> System:
    """A writer, and a reader that reads late or never."""
    return System(
        "frozen reader",
        {"writer": Writer(number=number), "reader": Reader(limit=limit)},
        (Connection("line", "writer.line", "reader.line", established=True),),
    )


ACTORS = (Client, Server, Nested, Watcher, Reader, Writer, Caller, Callee)
SYSTEMS = (client_server, in_process, frozen_reader)
