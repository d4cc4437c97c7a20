"""The codec on real bytes, and on what no peer should send."""

from __future__ import annotations

import inspect
import re
import struct
from dataclasses import replace
from types import ModuleType

import pytest
from golden import GOLDEN, Golden
from golden_by_hand import BY_HAND
from switchover.models.language import Message
from switchover.models.spice.protocol import base, cursor, display, drawing, inputs, main, playback, record
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.runtime.spice import codec

ALL_GOLDEN = [*GOLDEN, *BY_HAND]

OWN_RECORDS: dict[ChannelType, tuple[ModuleType, ...]] = {
    ChannelType.MAIN: (main,),
    ChannelType.DISPLAY: (display, drawing),
    ChannelType.INPUTS: (inputs,),
    ChannelType.CURSOR: (cursor,),
    ChannelType.PLAYBACK: (playback,),
    ChannelType.RECORD: (record,),
}


@pytest.mark.parametrize("golden", ALL_GOLDEN, ids=str)
def test_known_bytes_are_the_record_and_the_record_is_the_bytes(golden: Golden) -> None:
    body = bytes.fromhex(golden.body)
    message = codec.decode(golden.channel, golden.sender, golden.number, body)
    assert message == golden.message
    assert codec.name_of(message) == golden.name
    assert codec.encode(golden.channel, golden.sender, golden.message) == (golden.number, body)


def test_there_are_known_bytes_for_every_message() -> None:
    known = {(each.sender, type(each.message)) for each in ALL_GOLDEN}
    assert known == {
        (sender, layout.record) for (_, sender), table in codec.TABLES.items() for layout in table.values()
    }


def records_in(modules: tuple[ModuleType, ...]) -> set[type[Message]]:
    return {
        each
        for module in modules
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, Message) and each.__module__ == module.__name__
    }


@pytest.mark.parametrize("channel", ChannelType, ids=str)
def test_records_and_tables_cover_each_other(channel: ChannelType) -> None:
    in_tables = {layout.record for sender in Side for layout in codec.TABLES[channel, sender].values()}
    defined = records_in((base, *OWN_RECORDS.get(channel, ()))) - {codec.Unknown}
    assert in_tables == defined


@pytest.mark.parametrize("sender", Side, ids=str)
@pytest.mark.parametrize("channel", ChannelType, ids=str)
def test_a_name_is_that_of_one_message_of_a_channel_and_side(channel: ChannelType, sender: Side) -> None:
    names = [layout.name for layout in codec.TABLES[channel, sender].values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("channel", [*ChannelType, 200])
def test_what_no_table_knows_passes_through(channel: int) -> None:
    message = codec.decode(channel, Side.SERVER, 999, b"as it is")
    assert message == codec.Unknown(999, b"as it is")
    assert codec.name_of(message) == "UNKNOWN_999"
    assert codec.encode(channel, Side.SERVER, message) == (999, b"as it is")


def test_on_a_channel_that_is_not_known_the_base_messages_are() -> None:
    assert codec.decode(200, Side.SERVER, 1, b"\0\0\0\0") == base.Migrate(0)
    assert codec.decode(ChannelType.USBREDIR, Side.CLIENT, 5, b"data") == base.MigrateData(b"data")
    assert codec.encode(200, Side.CLIENT, base.Ack()) == (2, b"")


def test_the_same_number_from_the_other_side_is_another_message() -> None:
    assert codec.decode(ChannelType.MAIN, Side.SERVER, 102, b"") == main.MigrateCancel()
    assert codec.decode(ChannelType.MAIN, Side.CLIENT, 102, b"") == main.MigrateConnected()


@pytest.mark.parametrize(
    ("channel", "sender", "message"),
    [
        (ChannelType.MAIN, Side.CLIENT, main.MigrateCancel()),
        (ChannelType.INPUTS, Side.SERVER, main.MultiMediaTime(0)),
        (ChannelType.DISPLAY, Side.SERVER, display.Init(0, 0, 0, 0)),
        (200, Side.SERVER, display.Mark()),
    ],
)
def test_a_message_that_a_side_does_not_send_is_not_encoded(channel: int, sender: Side, message: Message) -> None:
    with pytest.raises(ValueError, match=f"^{codec.name_of(message)}: a {sender} sends no such message"):
        codec.encode(channel, sender, message)


def target(size: int, offset: int, subject_size: int = 0, subject_offset: int = 0, rest: bytes = b"host\0") -> bytes:
    return struct.pack("<HHIIII", 5900, 65535, size, offset, subject_size, subject_offset) + rest


MALFORMED = {
    "cut in a number": (101, target(5, 20)[:3], "MIGRATE_BEGIN: sport: expected a body of at least 4 bytes, came 3"),
    "cut behind a number": (
        101,
        target(5, 20)[:2],
        "MIGRATE_BEGIN: sport: expected a body of at least 4 bytes, came 2",
    ),
    "cut in a pointer": (101, target(5, 20)[:9], "MIGRATE_BEGIN: host: expected a body of at least 12 bytes, came 9"),
    "offset behind the end": (101, target(5, 21), "MIGRATE_BEGIN: host: expected 5 bytes from 21 on, in a body of 25"),
    "huge offset": (
        101,
        target(5, 2**32 - 1),
        "MIGRATE_BEGIN: host: expected 5 bytes from 4294967295 on, in a body of 25",
    ),
    "huge size": (101, target(2**32 - 1, 20), "MIGRATE_BEGIN: host: expected 4294967295 bytes from 20 on"),
    "offset in the fields": (101, target(5, 4), "MIGRATE_BEGIN: host: expected an offset of 20 or more, came 4"),
    "no host": (101, target(0, 0), "MIGRATE_BEGIN: host: expected an offset of 20 or more, came 0"),
    "empty host": (101, target(0, 20), "MIGRATE_BEGIN: host: expected text that ends in NUL, came b''"),
    "no NUL": (101, target(4, 20), "MIGRATE_BEGIN: host: expected text that ends in NUL, came b'host'"),
    "NUL within": (
        101,
        target(5, 20, rest=b"h\0st\0"),
        "MIGRATE_BEGIN: host: expected text without NUL, came b'h\\x00st'",
    ),
    "subject": (101, target(5, 20, 9, 0), "MIGRATE_BEGIN: cert_subject: expected an offset of 20 or more, came 0"),
    "cut attempt": (
        101,
        target(5, 20) + b"\1\0\0",
        "MIGRATE_BEGIN: attempt: expected 4 bytes from 25 on, in a body of 28",
    ),
    "channels": (104, b"\4\0\0\0" + bytes(6), "CHANNELS_LIST: channels: expected 8 bytes from 4 on, in a body of 10"),
    "too many channels": (104, b"\1\0\1\0" + bytes(131074), "CHANNELS_LIST: channels: expected at most 65536 elements"),
    "name": (113, b"\4\0\0\0ab\0", "NAME: name: expected 4 bytes from 4 on, in a body of 7"),
    "notice": (7, bytes(20) + b"\2\0\0\0a", "NOTIFY: message: expected 2 bytes from 24 on, in a body of 25"),
    "uuid": (114, bytes(15), "UUID: uuid: expected 16 bytes from 0 on, in a body of 15"),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_body_is_refused_in_one_line(case: str) -> None:
    number, body, complaint = MALFORMED[case]
    with pytest.raises(codec.MalformedError, match=f"^{re.escape(complaint)}") as caught:
        codec.decode(ChannelType.MAIN, Side.SERVER, number, body)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("number", "body", "complaint"),
    [
        (123, struct.pack("<III", 1, 2, 2**32 - 1), "STREAM_DATA: data: expected 4294967295 bytes from 12 on"),
        (124, b"\1\0\0\0\2", "STREAM_CLIP: clip: expected a type of 0 or 1, came 2"),
        (124, b"\1\0\0\0\1\1\0\0\0", "STREAM_CLIP: clip: expected 16 bytes from 9 on, in a body of 9"),
        (317, b"\2\0\0\0" + bytes(28), "MONITORS_CONFIG: heads: expected 56 bytes from 4 on, in a body of 32"),
    ],
)
def test_a_malformed_body_on_a_display_channel(number: int, body: bytes, complaint: str) -> None:
    with pytest.raises(codec.MalformedError, match=f"^{re.escape(complaint)}"):
        codec.decode(ChannelType.DISPLAY, Side.SERVER, number, body)


UNSENDABLE: list[tuple[ChannelType, Message, str]] = [
    (ChannelType.MAIN, main.MigrateBegin(1, 2, "a\0b"), "MIGRATE_BEGIN: host: expected text without NUL"),
    (ChannelType.MAIN, main.Name("\udc80"), "NAME: "),
    (ChannelType.MAIN, main.Uuid(b"short"), "UUID: uuid: expected 16 bytes, came 5"),
    (ChannelType.PLAYBACK, playback.Volume((0,) * 256), "VOLUME: volume: expected at most 255 on the wire, came 256"),
]


@pytest.mark.parametrize(("channel", "message", "complaint"), UNSENDABLE)
def test_what_the_wire_cannot_carry_is_refused_in_one_line(channel: int, message: Message, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{complaint}") as caught:
        codec.encode(channel, Side.SERVER, message)
    assert "\n" not in str(caught.value)


def test_text_that_is_not_utf_8_is_shown_with_its_bytes() -> None:
    assert codec.decode(ChannelType.MAIN, Side.SERVER, 113, b"\3\0\0\0a\xff\0") == main.Name("a\\xff")


def test_a_notice_without_its_nul_is_a_notice() -> None:
    body = bytes(20) + b"\2\0\0\0ab"
    assert codec.decode(ChannelType.MAIN, Side.SERVER, 7, body) == base.Notify(0, 0, 0, 0, "ab")


def test_strings_may_lie_in_any_order_and_the_attempt_follows_the_last() -> None:
    body = target(5, 22, 2, 20, rest=b"s\0host\0") + b"\7\0\0\0"
    expected = main.MigrateBegin(5900, 65535, "host", "s", 7)
    assert codec.decode(ChannelType.MAIN, Side.SERVER, 101, body) == expected


@pytest.mark.parametrize(
    "record",
    [
        main.MigrateBegin,
        main.MigrateBeginSeamless,
        main.MigrateCancel,
        main.MigrateConnected,
        main.MigrateConnectedSeamless,
        main.MigrateConnectError,
    ],
)
def test_the_number_of_an_attempt_is_four_bytes_more(record: type[Message]) -> None:
    needed = {"port": 1, "sport": 2, "host": "host"} if "Begin" in record.__name__ else {}
    sender = Side.CLIENT if "Connect" in record.__name__ else Side.SERVER
    number, without = codec.encode(ChannelType.MAIN, sender, record(**needed))
    assert codec.encode(ChannelType.MAIN, sender, record(**needed, attempt=0x01020304)) == (
        number,
        without + b"\4\3\2\1",
    )


#: Messages that end in opaque bytes: what is appended belongs to those.
OPEN_ENDED = (base.MigrateData, base.Ping, drawing.DrawCopy, cursor.Init, playback.Data, playback.Mode)


@pytest.mark.parametrize("golden", [each for each in GOLDEN if not isinstance(each.message, OPEN_ENDED)], ids=str)
def test_what_newer_software_appends_is_ignored(golden: Golden) -> None:
    body = bytes.fromhex(golden.body) + b"\1\2\3\4" + b"more"
    attempt = {"attempt": 0x04030201} if hasattr(golden.message, "attempt") else {}
    expected = replace(golden.message, **attempt)  # type: ignore[type-var]
    assert codec.decode(golden.channel, golden.sender, golden.number, body) == expected
