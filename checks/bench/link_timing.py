"""A scalable link-timing system to measure the search on: every channel links to the target while a migration runs.

The same system stands in ``link_timing.pml``, action by action: what is a delivery or a decision here is a
``d_step`` there, and both are disabled when a queue that they send to is full.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Bounds,
    Connection,
    Decision,
    Endpoint,
    Message,
    Port,
    State,
    System,
    parameter,
    variable,
)

#: Messages that a queue holds, here and in the Promela text.
QUEUE = 2


class Begin(Message):
    """The source starts to migrate: link to the target."""


class Migrate(Message):
    """The guest has moved: switch over."""


class Cancel(Message):
    """The migration is cancelled: stay."""


class Link(Message):
    """A channel asks the target for a link."""


class Linked(Message):
    """The target has linked the channel."""


class Bye(Message):
    """The channel gives its link to the target up."""


class Source(Actor):
    """The server that the guest leaves: begins migrations, one after another, until one completes."""

    channels: int = parameter()
    migrations: int = parameter()

    cancelled: Annotated[int, Between(0, None)] = variable(0)

    channel = Port(sends=(Begin, Migrate, Cancel), count="channels")

    serving = State(initial=True)
    migrating = State()
    gone = State(final=True)

    begin = Decision(serving.to(migrating, cond="may_begin"))
    complete = Decision(migrating.to(gone))
    cancel = Decision(migrating.to(serving))

    def may_begin(self) -> bool:
        return self.cancelled < self.migrations

    def on_begin(self) -> None:
        self.tell(Begin())

    def on_complete(self) -> None:
        self.tell(Migrate())

    def on_cancel(self) -> None:
        self.cancelled += 1
        self.tell(Cancel())

    def tell(self, message: Message) -> None:
        for each in self.channel:
            each.send(message)


class Channel(Actor):
    """A client's channel: links to the target when the migration begins, switches over when it is told to."""

    end_states = ("on_source", "on_target", "stranded")

    source = Port(receives=(Begin, Migrate, Cancel))
    target = Port(sends=(Link, Bye), receives=(Linked,))

    on_source = State(initial=True)
    linking = State()
    ready = State()
    cancelling = State()
    switching = State()
    on_target = State()
    stranded = State()

    begin = (
        on_source.to(linking, on="ask")
        | linking.to(None)
        | ready.to(None)
        | cancelling.to(None)
        | switching.to(None)
        | on_target.to(None)
        | stranded.to(None)
    )
    linked = (
        linking.to(ready)
        | cancelling.to(on_source, on="leave")
        | switching.to(on_target)
        | on_source.to(None)
        | ready.to(None)
        | on_target.to(None)
        | stranded.to(None)
    )
    migrate = (
        ready.to(on_target)
        | linking.to(switching)
        | on_source.to(stranded)
        | cancelling.to(stranded)
        | switching.to(stranded)
        | on_target.to(stranded)
        | stranded.to(None)
    )
    cancel = (
        ready.to(on_source, on="leave")
        | linking.to(cancelling)
        | on_source.to(None)
        | cancelling.to(None)
        | switching.to(None)
        | on_target.to(None)
        | stranded.to(None)
    )

    def ask(self) -> None:
        self.target.send(Link())

    def leave(self) -> None:
        self.target.send(Bye())


class Target(Actor):
    """The server that the guest comes to: knows which channels are linked."""

    channels: int = parameter()

    links: tuple[bool, ...] = variable(())

    channel = Port(sends=(Linked,), receives=(Link, Bye), count="channels")

    up = State(initial=True)

    link = up.to(None)
    bye = up.to(None)

    def on_enter_up(self) -> None:
        self.links = (False,) * self.channels

    def on_link(self) -> None:
        self.note(self.origin, True)
        self.origin.send(Linked())

    def on_bye(self) -> None:
        self.note(self.origin, False)

    def note(self, channel: Endpoint, is_linked: bool) -> None:
        self.links = (*self.links[: channel.index], is_linked, *self.links[channel.index + 1 :])


@dataclass(frozen=True)
class Size:
    """How large the system is: channels of the client, migrations in a row."""

    channels: int
    migrations: int


def link_timing(size: Size) -> System:
    """The system of this size: every connection is open from the start."""
    count = size.channels
    connections = [
        *(Connection(f"source_{i}", f"source.channel[{i}]", f"channel[{i}].source", True) for i in range(count)),
        *(Connection(f"target_{i}", f"channel[{i}].target", f"target.channel[{i}]", True) for i in range(count)),
    ]
    return System(
        f"bench.link_timing ({count} channels, {size.migrations} migrations)",
        {
            "source": Source(channels=count, migrations=size.migrations),
            "channel": [Channel() for _ in range(count)],
            "target": Target(channels=count),
        },
        tuple(connections),
        bounds=Bounds(queue=QUEUE),
        variant=size,
    )
