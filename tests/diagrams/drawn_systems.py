"""A small migration to draw: a session with two channels, two servers, an administrator; and its random runs."""

from __future__ import annotations

import random
from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Binding,
    Connection,
    Decision,
    Execution,
    Faults,
    Local,
    Message,
    Port,
    State,
    System,
    Task,
    Timer,
    Trace,
    make_trace,
    parameter,
    variable,
)

PROCESSES = {"client": ("session", "channel"), "servers": ("source", "target")}


class MigrateBegin(Message):
    port: Annotated[int, Between(0, 65535)]


class MigrateConnected(Message):
    pass


class MigrateEnd(Message):
    pass


class MigrateCancel(Message):
    pass


class Link(Message):
    channel: Annotated[int, Between(0, 3)]


class LinkReply(Message):
    pass


class Frame(Message):
    number: Annotated[int, Between(0, 9)]


class Ack(Message):
    pass


class Start(Message):
    pass


class Finish(Message):
    pass


class Cancel(Message):
    pass


class LinkTarget(Message):
    pass


class ChannelLinked(Message):
    pass


class Session(Actor):
    """Client side of the main channel.

    It links to the target while the source still serves it.
    """

    linked_channels: Annotated[int, Between(0, 4)] = variable(0)

    source = Port(receives=(MigrateBegin, MigrateEnd, MigrateCancel), sends=(MigrateConnected,))
    target = Port(receives=(LinkReply, Frame), sends=(Link,))
    channel = Local(receives=(ChannelLinked,), sends=(LinkTarget,), count=2)

    on_source = State(initial=True)

    class moving(State.Compound):  # noqa: N801
        linking = State(initial=True)
        linked = State()
        linking.to(linked, cond="all_linked")

    completed = State()
    broken = State(final=True)

    migrate_begin = on_source.to(moving) | moving.to.itself() | completed.to(None)
    channel_linked = moving.to(None, on="count") | on_source.to(None)
    link_reply = moving.to(None, on="count")
    frame = moving.to(None) | completed.to(None)
    migrate_end = moving.to(completed, cond="all_linked") | moving.to(broken)
    migrate_cancel = moving.to(on_source, on="give_up") | on_source.to(None)
    target_refused = moving.to(on_source)
    target_lost = moving.to(on_source) | completed.to(broken)
    source_lost = moving.to(broken) | completed.to(None) | on_source.to(broken)
    link_limit = Timer(moving.to(on_source, on="give_up", unless="all_linked") | on_source.to(None))
    tidy = Task(completed.to(None, cond="is_untidy"))

    def is_untidy(self) -> bool:
        return self.linked_channels > 0

    def all_linked(self) -> bool:
        return self.linked_channels == 3

    def on_migrate_begin(self) -> None:
        if not self.target.is_open:
            self.target.open()
            self.target.send(Link(0))
            self.arm("link_limit")
            for each in self.channel:
                each.send(LinkTarget())

    def count(self) -> None:
        self.linked_channels = min(self.linked_channels + 1, 3)
        if self.all_linked() and self.source.is_open:
            self.disarm("link_limit")
            self.source.send(MigrateConnected())

    def give_up(self) -> None:
        self.linked_channels = 0
        if self.target.is_open:
            self.target.close()

    def on_tidy(self) -> None:
        self.linked_channels = 0


class Channel(Actor):
    """Client side of a display channel."""

    number: int = parameter(1)

    session = Local(receives=(LinkTarget,), sends=(ChannelLinked,))
    source = Port(receives=(Frame,), sends=(Ack,))
    target = Port(receives=(LinkReply, Frame), sends=(Link, Ack))

    idle = State(initial=True)
    linking = State()
    linked = State()

    link_target = idle.to(linking) | linking.to(None) | linked.to(None)
    link_reply = linking.to(linked)
    source_frame = idle.to(None, on="answer") | linking.to(None, on="answer") | linked.to(None, on="answer")
    target_frame = linked.to(None)

    def on_link_target(self) -> None:
        if not self.target.is_open:
            self.target.open()
            self.target.send(Link(self.number))

    def on_link_reply(self) -> None:
        self.session.send(ChannelLinked())

    def answer(self) -> None:
        if self.source.is_open:
            self.source.send(Ack())


class Source(Actor):
    """The server that the client is on."""

    client = Port(receives=(MigrateConnected,), sends=(MigrateBegin, MigrateEnd, MigrateCancel))
    display = Port(receives=(Ack,), sends=(Frame,), count=2)
    admin = Port(receives=(Start, Finish, Cancel))

    frames: Annotated[int, Between(0, 3)] = variable(0)

    serving = State(initial=True)
    migrating = State()
    done = State()

    start = serving.to(migrating) | done.to(None)
    finish = migrating.to(done)
    cancel = migrating.to(serving, on="tell_cancelled") | serving.to(None)
    migrate_connected = migrating.to(None) | serving.to(None) | done.to(None)
    ack = serving.to(None) | migrating.to(None) | done.to(None)
    draw = Decision(serving.to(None, cond="may_draw") | migrating.to(None, cond="may_draw"))

    def may_draw(self) -> bool:
        return self.frames < 3 and self.display[0].is_open and self.display[1].is_open

    def on_draw(self) -> None:
        self.frames += 1
        for each in self.display:
            each.send(Frame(self.frames))

    def on_start(self) -> None:
        if self.client.is_open:
            self.client.send(MigrateBegin(5901))

    def on_finish(self) -> None:
        if self.client.is_open:
            self.client.send(MigrateEnd())

    def tell_cancelled(self) -> None:
        if self.client.is_open:
            self.client.send(MigrateCancel())


class Target(Actor):
    """The server that the client moves to."""

    end = Port(receives=(Link, Ack), sends=(LinkReply, Frame), count=3)

    waiting = State(initial=True)

    link = waiting.to(None)
    ack = waiting.to(None)

    def on_link(self) -> None:
        self.origin.send(LinkReply())


class Administrator(Actor):
    """Who starts the migration."""

    source = Port(sends=(Start, Finish, Cancel))

    idle = State(initial=True)
    moving = State()
    gone = State(final=True)

    begin = Decision(idle.to(moving))
    finish = Decision(moving.to(gone))
    cancel = Decision(moving.to(idle))

    def on_begin(self) -> None:
        if self.source.is_open:
            self.source.send(Start())

    def on_finish(self) -> None:
        if self.source.is_open:
            self.source.send(Finish())

    def on_cancel(self) -> None:
        if self.source.is_open:
            self.source.send(Cancel())


def migration() -> System:
    """Five roles, seven connections, and one connection that may break."""
    return System(
        "migration",
        {
            "administrator": Administrator(),
            "source": Source(),
            "session": Session(),
            "channel": [Channel(number=1), Channel(number=2)],
            "target": Target(),
        },
        (
            Connection("main_a", "session.source", "source.client", established=True),
            Connection("main_b", "session.target", "target.end[0]"),
            Connection("display1_a", "channel[0].source", "source.display[0]", established=True),
            Connection("display1_b", "channel[0].target", "target.end[1]"),
            Connection("display2_a", "channel[1].source", "source.display[1]", established=True),
            Connection("display2_b", "channel[1].target", "target.end[2]"),
            Connection("admin", "administrator.source", "source.admin", established=True),
        ),
        (
            Binding("session.channel[0]", "channel[0].session"),
            Binding("session.channel[1]", "channel[1].session"),
        ),
        faults=Faults(cut=1),
    )


def random_run(seed: int, steps: int = 25) -> Trace:
    """Some run of the migration, the same for the same seed."""
    choose = random.Random(seed)
    execution = Execution(migration())
    state = execution.initial()
    actions = []
    while state is not None and len(actions) < steps:
        firings = execution.firings(state)
        if not firings:
            break
        action, firing = choose.choice(firings)
        actions.append(action)
        state = firing.state
    return make_trace(execution, actions)


def guided_run(wanted: tuple[str, ...]) -> Trace:
    """The run that takes, one after the other, the action whose label (``deliver main_a session``) is wanted."""
    execution = Execution(migration())
    state = execution.initial()
    actions = []
    for each in wanted:
        assert state is not None
        for action, firing in execution.firings(state):
            step = make_trace(execution, [*actions, action]).steps[-1]
            if f"{step.kind} {step.subject} {step.message}" == each:
                actions.append(action)
                state = firing.state
                break
        else:
            raise AssertionError(f"{each} is not possible")
    return make_trace(execution, actions)
