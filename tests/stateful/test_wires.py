"""What is said on a connection comes out of its bytes as it went in: SPICE's records, and the plain format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, Flag
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from switchover.checks.stateful import Wire, wires_of
from switchover.checks.stateful.plain_wire import PlainWire, Vocabulary
from switchover.models.language import Between, Message, System, Wrap32
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing import family as link_timing
from switchover.models.spice.link_timing.designs import DISPLAY, INPUTS, PLAYBACK, shipped, strangers
from switchover.models.spice.mm_time import family as mm_time
from switchover.models.spice.mm_time import messages as clock
from switchover.models.spice.mm_time.designs import Variant, handover
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice.codec import decode, name_of
from switchover.runtime.spice.framing import FrameReader
from switchover.runtime.spice.model_wire import ModelWire, model_wires


class Colour(Enum):
    RED = "red"
    GREEN = 2


class Rights(Flag):
    READ = 1
    WRITE = 2


@dataclass(frozen=True)
class Place:
    x: int
    name: str | None


class Anything(Message):
    """A field of every type that there is."""

    number: Annotated[int, Between()]
    truth: bool
    time: int | Wrap32
    text: str
    data: bytes
    colour: Colour
    rights: Rights
    place: Place
    several: tuple[tuple[Place, ...] | bool | None, ...]


PLACES = st.builds(Place, st.integers(), st.none() | st.text())
ANYTHING = st.builds(
    Anything,
    st.integers(),
    st.booleans(),
    st.integers() | st.builds(Wrap32, st.integers(0, (1 << 32) - 1)),
    st.text(st.characters()),
    st.binary(),
    st.sampled_from(Colour),
    st.sampled_from([Rights.READ, Rights.READ | Rights.WRITE, Rights(0)]),
    PLACES,
    st.lists(st.none() | st.booleans() | st.lists(PLACES, max_size=3).map(tuple), max_size=4).map(tuple),
)


def through(wire: Wire, end: int, messages: list[Message], size: int) -> list[Message]:
    """What comes out when the bytes of all the messages come in pieces of this size."""
    data = b"".join(wire.encode(end, each) for each in messages)
    return [each for at in range(0, len(data), size) for each in wire.decode(end, data[at : at + size])]


@settings(max_examples=60)
@given(st.lists(ANYTHING, max_size=3), st.integers(1, 40), st.integers(0, 1))
def test_any_message_crosses_the_plain_wire_in_any_pieces(messages: list[Message], size: int, end: int) -> None:
    assert through(PlainWire(Vocabulary()), end, messages, size) == messages


def spoken(system: System) -> Iterator[tuple[str, ModelWire, int, list[Message]]]:
    """For each end of each SPICE channel: everything that it may say."""
    names = [each.name for each in system.connections]
    for number, makers in enumerate(zip(model_wires(system, True), model_wires(system, False), strict=True)):
        for make in makers:
            for end, (actor, port) in enumerate(system.layout.ends[number]):
                types = system.layout.workers[actor]._slots[port].port.sends
                if make is not None:
                    yield names[number], make(), end, [each for kind in types for each in some(kind, system)]


def some(kind: type[Message], system: System) -> list[Message]:
    """Messages of a type, with the values that matter to a wire."""
    times = [0, 17, -3] if not getattr(system.variant, "wraps", False) else [Wrap32(0), Wrap32(17), Wrap32(-3)]
    values: dict[str, list[Any]] = {
        "host": [0, 3],
        "attempt": [0, 5],
        "connection_id": [0, 1, 4],
        "session_id": [1, 4],
        "result": list(spice.LinkError),
        "transfers": [False, True],
        "time": times,
        "multi_media_time": times,
        "number": [0, 1023],
        "stamped_by": list(clock.Host),
    }
    made: list[dict[str, Any]] = [{}]
    for name, _ in kind._checks:
        made = [{**known, name: value} for known in made for value in values[name]]
    return [kind(**each) for each in made]


SYSTEMS = {
    **{f"link_timing {name}": make for name, make in link_timing.systems.items()},
    **{f"mm_time {name}": make for name, make in mm_time.systems.items()},
    "all channels": shipped(channels=(DISPLAY, INPUTS, PLAYBACK)),
    "strangers": strangers(host=1, words=(4, 1)),
    "clocks that wrap": lambda: handover(Variant(wraps=True, uptime=(1 << 32) - 1)),
}


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_message_crosses_its_channel_in_any_pieces(name: str) -> None:
    system = SYSTEMS[name]()
    said = 0
    for _, wire, end, messages in spoken(system):
        for size in (1, 7, 1000):
            assert through(wire, end, messages, size) == messages
        said += len(messages)
    assert said > 20


@pytest.mark.parametrize("name", SYSTEMS)
def test_only_what_is_no_channel_goes_by_the_plain_wire(name: str) -> None:
    system = SYSTEMS[name]()
    for declared, make in zip(system.connections, wires_of(system, True), strict=True):
        is_stream = declared.name.startswith(("stream", "guest"))
        assert isinstance(make(), PlainWire) is is_stream


@pytest.mark.parametrize("mini", [True, False])
def test_what_is_on_the_wire_is_spice(mini: bool) -> None:
    """Any decoder of SPICE reads it: here by the frames and tables alone."""
    system = shipped(seamless=True)()
    maker = model_wires(system, mini)[0]
    assert maker is not None
    wire, reader = maker(), FrameReader(mini, 1 << 16)
    for message in (spice.MigrateBeginSeamless(1), spice.MigrateEnd(), spice.Migrate(True)):
        reader.feed(wire.encode(1, message))
    frames = [reader.next() for _ in range(3)]
    records = [decode(ChannelType.MAIN, Side.SERVER, each.number, each.body) for each in frames if each is not None]
    assert [name_of(each) for each in records] == ["MIGRATE_BEGIN_SEAMLESS", "MIGRATE_END", "MIGRATE"]
    assert "host='host-1.example'" in repr(records[0])


def test_a_users_messages_go_by_the_plain_wire_whatever_their_connection_is_called() -> None:
    from switchover.models.language import Actor, Connection, Port, State

    class Talker(Actor):
        wire = Port(sends=(Anything,), receives=(Anything,))
        idle = State(initial=True)
        anything = idle.to(None)

    system = System("talk", {"one": Talker(), "two": Talker()}, (Connection("main_1", "one.wire", "two.wire"),))
    assert isinstance(wires_of(system, True)[0](), PlainWire)
