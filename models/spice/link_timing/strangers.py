"""Our servers facing two peers that say anything, in any order (LT26)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

from switchover.models.language import (
    Actor,
    Between,
    Binding,
    Connection,
    Decision,
    Port,
    State,
    System,
    parameter,
    stay,
    variable,
)

from .. import messages as spice
from . import shipped
from .channels import Kind
from .variant import ALL_REPAIRS, LinkTiming, Repairs


@dataclass(frozen=True)
class Strangers:
    """``host``: 0, the source of a migration that may fail, or 1, its target. ``words``: how often each peer may
    speak, open or close; a socket is opened once at most. ``channel``: which one there is beside main. ``repaired``:
    the servers are those of the reference design, else shipped ones. ``trusting``: the mutation, a server that
    believes everyone.
    """

    host: int = 0
    words: tuple[int, ...] = (2, 2)
    channel: Kind = Kind.DISPLAY
    repaired: bool = True
    trusting: bool = False


class Stranger(Actor):
    """A peer with a main socket and one of another channel, and no idea of the protocol. It reads everything."""

    words: int = parameter(2)

    main_was_open: bool = variable(False)
    channel_was_open: bool = variable(False)
    said: Annotated[int, Between(0, 16)] = variable(0)

    main = Port(
        sends=spice.MAIN_FROM_CLIENT,
        receives=spice.MAIN_FROM_SERVER,
    )
    channel = Port(
        sends=spice.CHANNEL_FROM_CLIENT,
        receives=spice.CHANNEL_FROM_SERVER,
    )

    talking = State(initial=True)

    open_main = Decision(stay(talking, cond="may_speak", unless="main_was_open"))
    close_main = Decision(stay(talking, cond="may_use_main"))
    link_as_new = Decision(stay(talking, cond="may_use_main", on="say_link_new"))
    link_as_migrated = Decision(stay(talking, cond="may_use_main", on="say_link_migrated"))
    say_attach_channels = Decision(stay(talking, cond="may_use_main"))
    say_connected = Decision(stay(talking, cond="may_use_main"))
    say_connected_seamless = Decision(stay(talking, cond="may_use_main"))
    say_connect_error = Decision(stay(talking, cond="may_use_main"))
    say_do_seamless = Decision(stay(talking, cond="may_use_main"))
    say_migrate_end = Decision(stay(talking, cond="may_use_main"))
    say_flush_mark = Decision(stay(talking, cond="may_use_main"))
    say_migrate_data = Decision(stay(talking, cond="may_use_main"))
    open_channel = Decision(stay(talking, cond="may_speak", unless="channel_was_open"))
    close_channel = Decision(stay(talking, cond="may_use_channel"))
    link_channel = Decision(stay(talking, cond="may_use_channel"))
    say_channel_init = Decision(stay(talking, cond="may_use_channel"))
    say_channel_flush_mark = Decision(stay(talking, cond="may_use_channel"))
    say_channel_data = Decision(stay(talking, cond="may_use_channel"))

    link_result = init = channels_list = migrate_begin = migrate_begin_seamless = migrate_cancel = migrate_end = stay(
        talking
    )
    migrate_switch_host = migrate = migrate_data = migrate_dst_seamless_ack = migrate_dst_seamless_nack = stay(talking)
    multi_media_time = channel_start = channel_traffic = stay(talking)

    def may_speak(self) -> bool:
        return self.said < self.words

    def main_is_open(self) -> bool:
        return bool(self.main.is_open)

    def channel_is_open(self) -> bool:
        return bool(self.channel.is_open)

    def may_use_main(self) -> bool:
        return self.may_speak() and self.main_is_open()

    def may_use_channel(self) -> bool:
        return self.may_speak() and self.channel_is_open()

    def count(self) -> None:
        self.said = self.said + 1

    def on_open_main(self) -> None:
        self.count()
        self.main_was_open = True
        self.main.open()

    def on_close_main(self) -> None:
        self.count()
        self.main.close()

    def say_link_new(self) -> None:
        self.count()
        self.main.send(spice.Link(0))

    def say_link_migrated(self) -> None:
        self.count()
        self.main.send(spice.Link(1))

    def on_say_attach_channels(self) -> None:
        self.count()
        self.main.send(spice.AttachChannels())

    def on_say_connected(self) -> None:
        self.count()
        self.main.send(spice.MigrateConnected())

    def on_say_connected_seamless(self) -> None:
        self.count()
        self.main.send(spice.MigrateConnectedSeamless())

    def on_say_connect_error(self) -> None:
        self.count()
        self.main.send(spice.MigrateConnectError())

    def on_say_do_seamless(self) -> None:
        self.count()
        self.main.send(spice.MigrateDstDoSeamless())

    def on_say_migrate_end(self) -> None:
        self.count()
        self.main.send(spice.MigrateEnd())

    def on_say_flush_mark(self) -> None:
        self.count()
        self.main.send(spice.MigrateFlushMark())

    def on_say_migrate_data(self) -> None:
        self.count()
        self.main.send(spice.MigrateData())

    def on_open_channel(self) -> None:
        self.count()
        self.channel_was_open = True
        self.channel.open()

    def on_close_channel(self) -> None:
        self.count()
        self.channel.close()

    def on_link_channel(self) -> None:
        self.count()
        self.channel.send(spice.Link(1))

    def on_say_channel_init(self) -> None:
        self.count()
        self.channel.send(spice.ChannelInit())

    def on_say_channel_flush_mark(self) -> None:
        self.count()
        self.channel.send(spice.MigrateFlushMark())

    def on_say_channel_data(self) -> None:
        self.count()
        self.channel.send(spice.MigrateData())


def build(name: str, variant: Strangers) -> System:
    """Servers with seamless migration, and two strangers at one of them."""
    design = LinkTiming(
        seamless=True,
        repairs=ALL_REPAIRS if variant.repaired else Repairs(),
        channels=(variant.channel,),
        may_fail=True,
        client_connected=variant.host == 0,
    )
    if variant.trusting:
        design = replace(design, mutations=replace(design.mutations, trusting=True))
    honest = shipped.build(name, design)
    actors = {role: actor for role, actor in honest.actors.items() if role not in ("session", "channel")}
    strangers = [_stranger(words, variant.host == 0 and slot == 0) for slot, words in enumerate(variant.words)]
    return replace(
        honest,
        actors={**actors, "stranger": strangers},
        connections=(
            *_sockets(design, variant),
            *(each for each in honest.connections if each.name.startswith("stream")),
        ),
        bindings=_bindings(honest),
        processes={name: roles for name, roles in honest.processes.items() if name != "client"},
        assumptions=(
            f"two peers that speak, open or close {' and '.join(map(str, variant.words))} times in all",
            f"they talk to the {'target' if variant.host else 'source'} of one migration, which may fail",
        ),
        expected_violations=("no_deadlock",) if variant.host else (),
        variant=variant,
    )


def _stranger(words: int, connected: bool) -> Stranger:
    return Stranger(words=words, initial={"main_was_open": connected, "channel_was_open": connected})


def _sockets(design: LinkTiming, variant: Strangers) -> tuple[Connection, ...]:
    first = variant.host * design.slots
    return tuple(
        connection
        for slot in range(design.slots)
        for connection in (
            Connection(
                f"main_{slot}",
                f"stranger[{slot}].main",
                f"destination[{variant.host}].main[{slot}]",
                established=variant.host == 0 and slot == 0,
            ),
            Connection(
                f"{variant.channel.value}_{slot}",
                f"stranger[{slot}].channel",
                f"server_channel[{first + slot}].client",
                established=variant.host == 0 and slot == 0,
            ),
        )
    )


def _bindings(honest: System) -> tuple[Binding, ...]:
    return tuple(each for each in honest.bindings if not each.first.startswith("session."))
