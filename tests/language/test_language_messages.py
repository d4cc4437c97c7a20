"""Messages and the values that states may hold."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from switchover.models.language import Between, Closed, DefinitionError, Message, Opened
from switchover.models.language.message import snake_case
from switchover.models.language.values import value_check


class Colour(Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Address:
    host: str
    port: Annotated[int, Between(0, 65535)]


@dataclass(frozen=True)
class Loose:
    names: list[str]


@dataclass(frozen=True, eq=False)
class Identity:
    name: str


class Begin(Message):
    port: Annotated[int, Between(0, 65535)]
    colour: Colour = Colour.RED
    names: tuple[str, ...] = ()


class First(Message):
    pass


class Second(Message):
    pass


@pytest.mark.parametrize(
    ("name", "event"),
    [
        ("MigrateBegin", "migrate_begin"),
        ("MigrateBeginSeamless", "migrate_begin_seamless"),
        ("QMPEvent", "qmp_event"),
        ("Ack2", "ack2"),
        ("MMTime", "mm_time"),
    ],
)
def test_a_message_type_names_its_event(name: str, event: str) -> None:
    assert snake_case(name) == event


def test_messages_are_frozen_hashable_values() -> None:
    one, same = Begin(5, names=("a",)), Begin(5, names=("a",))
    assert one == same
    assert hash(one) == hash(same)
    assert one != Begin(6, names=("a",))
    assert str(one) == "Begin(5, Colour.RED, ('a',))"
    with pytest.raises(FrozenInstanceError):
        one.port = 6  # type: ignore[misc]


def test_messages_without_fields_differ_in_hash_by_type() -> None:
    assert len({hash(each()) for each in (First, Second, Opened, Closed)}) == 4
    assert First() != Second()


@given(st.integers())
def test_a_field_is_within_its_range_or_refused(port: int) -> None:
    if 0 <= port <= 65535:
        assert Begin(port).port == port
    else:
        with pytest.raises(ValueError, match=rf"^Begin\.port: {port} is outside 0 to 65535$"):
            Begin(port)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"port": True}, "Begin.port: True is not an int"),
        ({"port": 1, "colour": 1}, "Begin.colour: 1 is not a Colour"),
        ({"port": 1, "names": ["a"]}, "Begin.names: ['a'] is not a tuple"),
        ({"port": 1, "names": ("a", 2)}, "Begin.names: 2 is not a str"),
    ],
)
def test_a_field_of_another_type_is_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        Begin(**arguments)
    assert str(caught.value) == text


HELD = [
    (bool, [True], [1, "x", None]),
    (int, [0, -5], [True, 1.0]),
    (str, [""], [b"", None]),
    (bytes, [b"", b"x"], ["", bytearray(b"x"), None]),
    (None, [None], [0]),
    (Colour, [Colour.RED], [1]),
    (Annotated[int, Between(1, 3)], [1, 3], [0, 4, True]),
    (Annotated[int, Between(1)], [10**9], [0]),
    (Literal["a", 1], ["a", 1], ["b", True]),
    (str | None, ["x", None], [1]),
    (tuple[int, str], [(1, "a")], [(1,), ("a", 1), [1, "a"]]),
    (tuple[bool, ...], [(), (True,)], [(1,), True]),
    (Address, [Address("h", 1)], [Address("h", -1), Address(1, 1), ("h", 1)]),  # type: ignore[arg-type]
    (tuple[Address | None, ...], [(None, Address("h", 1))], [(1,)]),
]


@pytest.mark.parametrize(("annotation", "good", "bad"), HELD, ids=[str(each[0]) for each in HELD])
def test_a_value_is_of_its_type(annotation: Any, good: list[Any], bad: list[Any]) -> None:
    check = value_check(annotation, "Class.name")
    assert [check(each) for each in good] == [None] * len(good)
    assert all(check(each) for each in bad)


REFUSED = [
    (list[int], "Class.name: list is not a type a state can hold"),
    (set, "Class.name: set is not a type a state can hold"),
    (dict[str, int], "Class.name: dict is not a type a state can hold"),
    (float, "Class.name: float is not a type a state can hold"),
    (Any, "Class.name: Any is not a type a state can hold"),
    (Loose, "Class.name: Loose.names: list is not a type a state can hold"),
    (Identity, "Class.name: Identity is not a type a state can hold"),
    (tuple[float, ...], "Class.name: float is not a type a state can hold"),
    (Annotated[str, Between(0, 1)], "Class.name: Between is for int"),
    (bool | Annotated[int, Between(0, 1)], "Class.name: bool and int in one union"),
    (Literal[1, True], "Class.name: two of (1, True) are equal"),
]


@pytest.mark.parametrize(("annotation", "text"), REFUSED, ids=[str(each[0]) for each in REFUSED])
def test_a_type_that_a_state_cannot_hold_is_refused(annotation: Any, text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        value_check(annotation, "Class.name")
    assert str(caught.value).startswith(text)
    assert "\n" not in str(caught.value)
