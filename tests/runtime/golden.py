"""Bytes of real messages, from recordings of QEMU 7.2 with libspice-server 0.15.1 and spice-gtk 0.42, and from the
facts: SPICE 1.10; each with the record that it is.
"""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice.protocol import base, cursor, display, drawing, inputs, main, playback
from switchover.models.spice.protocol.channels import ChannelType, Side
from switchover.models.spice.protocol.link import Link, LinkReply


@dataclass(frozen=True)
class Golden:
    """A message as it was on the wire: ``body`` in hexadecimal digits."""

    channel: ChannelType
    sender: Side
    number: int
    name: str
    body: str
    message: Message

    def __str__(self) -> str:
        return f"{self.channel.name.lower()}-{self.sender}-{self.name}-{len(bytes.fromhex(self.body))}"


MAIN, DISPLAY, INPUTS = ChannelType.MAIN, ChannelType.DISPLAY, ChannelType.INPUTS
CURSOR, PLAYBACK = ChannelType.CURSOR, ChannelType.PLAYBACK
S, C = Side.SERVER, Side.CLIENT

_LOOPBACK = "3132372e302e302e3100"
_SUBJECT = "4f3d782c434e3d7900"
_MAIN_DATA = "4d4e4d44010000000100000000" + "00" * 52
_DISPLAY_DATA = (
    "44434d44010000000d00000000000000000100004001000000000100000000000000000000000000000000000000000000000000000000000000"
    "000100003000040000000300000000000000500000000100000000000000"
)
_SOUND = (
    "f4ad7d706b7b81cc7b2827600b6b96c4427cc85184fd0a1366bf51953aa8d6721e7070ba8611ac0781db32a8c2286a84f8c7ff1849690714ebc3"
    "dbca52990f526b7258dbd26ce9c50d316e6d1bc05ead8328fb0543674b69682550c252d2850566660abfae"
)
_DRAWING = (
    "000000003d000000000000003f0000000900000000390000000000000000000000020000000900000008000000000000000000000000000000"
)

GOLDEN = [
    Golden(
        MAIN,
        S,
        101,
        "MIGRATE_BEGIN",
        "2b176f170a00000014000000090000001e000000" + _LOOPBACK + _SUBJECT,
        main.MigrateBegin(5931, 5999, "127.0.0.1", "O=x,CN=y"),
    ),
    Golden(
        MAIN,
        S,
        116,
        "MIGRATE_BEGIN_SEAMLESS",
        "2b176f170a00000018000000090000002200000001000000" + _LOOPBACK + _SUBJECT,
        main.MigrateBeginSeamless(5931, 5999, "127.0.0.1", "O=x,CN=y", 1),
    ),
    Golden(
        MAIN,
        S,
        111,
        "MIGRATE_SWITCH_HOST",
        "2b17ffff0a000000140000000000000000000000" + _LOOPBACK,
        main.MigrateSwitchHost(5931, 65535, "127.0.0.1"),
    ),
    Golden(
        MAIN,
        S,
        101,
        "MIGRATE_BEGIN",
        "e395ffff0a000000140000000000000000000000" + _LOOPBACK,
        main.MigrateBegin(38371, 65535, "127.0.0.1"),
    ),
    Golden(
        MAIN,
        S,
        116,
        "MIGRATE_BEGIN_SEAMLESS",
        "838dffff0a00000018000000000000000000000001000000" + _LOOPBACK,
        main.MigrateBeginSeamless(36227, 65535, "127.0.0.1"),
    ),
    Golden(MAIN, S, 1, "MIGRATE", "03000000", base.Migrate(base.MigrateFlags(3))),
    Golden(MAIN, S, 2, "MIGRATE_DATA", _MAIN_DATA, base.MigrateData(bytes.fromhex(_MAIN_DATA))),
    Golden(MAIN, S, 4, "PING", "0100000052c2fb5600000000", base.Ping(1, 1459339858)),
    Golden(
        MAIN,
        S,
        7,
        "NOTIFY",
        "6ed4d2c8530100000100000002000000000000001c0000006b6579626f617264206368616e6e656c20697320696e73656375726500",
        base.Notify(0x153C8D2D46E, 1, 2, 0, "keyboard channel is insecure"),
    ),
    Golden(MAIN, S, 102, "MIGRATE_CANCEL", "", main.MigrateCancel()),
    Golden(
        MAIN,
        S,
        103,
        "INIT",
        "a0e8cd52010000000100000001000000000000000a000000fb42160000e07f00",
        main.Init(1389226144, 1, 1, 1, 0, 10, 1458939, 8380416),
    ),
    Golden(
        MAIN,
        S,
        104,
        "CHANNELS_LIST",
        "03000000020004000300",
        main.ChannelsList((main.ChannelId(2, 0), main.ChannelId(4, 0), main.ChannelId(3, 0))),
    ),
    Golden(MAIN, S, 106, "MULTI_MEDIA_TIME", "f4661600", main.MultiMediaTime(1468148)),
    Golden(MAIN, S, 112, "MIGRATE_END", "", main.MigrateEnd()),
    Golden(MAIN, S, 113, "NAME", "050000006d696e6900", main.Name("mini")),
    Golden(
        MAIN,
        S,
        114,
        "UUID",
        "00000000000040008000000000000001",
        main.Uuid(bytes.fromhex("00000000000040008000000000000001")),
    ),
    Golden(MAIN, S, 117, "MIGRATE_DST_SEAMLESS_ACK", "", main.MigrateDstSeamlessAck()),
    Golden(MAIN, C, 3, "PONG", "0100000052c2fb5600000000", base.Pong(1, 1459339858)),
    Golden(MAIN, C, 4, "MIGRATE_FLUSH_MARK", "", base.MigrateFlushMark()),
    Golden(MAIN, C, 5, "MIGRATE_DATA", _MAIN_DATA, base.MigrateData(bytes.fromhex(_MAIN_DATA))),
    Golden(MAIN, C, 102, "MIGRATE_CONNECTED", "", main.MigrateConnected()),
    Golden(MAIN, C, 103, "MIGRATE_CONNECT_ERROR", "", main.MigrateConnectError()),
    Golden(MAIN, C, 104, "ATTACH_CHANNELS", "", main.AttachChannels()),
    Golden(MAIN, C, 109, "MIGRATE_END", "", main.MigrateEnd()),
    Golden(MAIN, C, 110, "MIGRATE_DST_DO_SEAMLESS", "01000000", main.MigrateDstDoSeamless(1)),
    Golden(MAIN, C, 111, "MIGRATE_CONNECTED_SEAMLESS", "", main.MigrateConnectedSeamless()),
    Golden(DISPLAY, S, 2, "MIGRATE_DATA", _DISPLAY_DATA, base.MigrateData(bytes.fromhex(_DISPLAY_DATA))),
    Golden(DISPLAY, S, 3, "SET_ACK", "0100000014000000", base.SetAck(1, 20)),
    Golden(DISPLAY, S, 102, "MARK", "", display.Mark()),
    Golden(DISPLAY, S, 106, "INVAL_ALL_PIXMAPS", "00", display.InvalAllPixmaps(())),
    Golden(DISPLAY, S, 108, "INVAL_ALL_PALETTES", "", display.InvalAllPalettes()),
    Golden(
        DISPLAY,
        S,
        122,
        "STREAM_CREATE",
        "000000003100000001010000000000000000c000000090000000c0000000900000006400000064000000f40000002401000000",
        display.StreamCreate(0, 49, 1, 1, 0, 192, 144, 192, 144, display.Rect(100, 100, 244, 292), None),
    ),
    Golden(
        DISPLAY,
        S,
        123,
        "STREAM_DATA",
        "310000000d382c0004000000ffd8ffe0",  # a real header, with the first bytes of its frame
        display.StreamData(49, 2897933, bytes.fromhex("ffd8ffe0")),
    ),
    Golden(DISPLAY, S, 124, "STREAM_CLIP", "310000000100000000", display.StreamClip(49, ())),
    Golden(DISPLAY, S, 125, "STREAM_DESTROY", "31000000", display.StreamDestroy(49)),
    Golden(DISPLAY, S, 126, "STREAM_DESTROY_ALL", "", display.StreamDestroyAll()),
    Golden(DISPLAY, S, 304, "DRAW_COPY", _DRAWING, drawing.DrawCopy(bytes.fromhex(_DRAWING))),
    Golden(
        DISPLAY,
        S,
        314,
        "SURFACE_CREATE",
        "00000000d0020000900100002000000001000000",
        display.SurfaceCreate(0, 720, 400, 32, 1),
    ),
    Golden(
        DISPLAY,
        S,
        317,
        "MONITORS_CONFIG",
        "010001000000000000000000d002000090010000000000000000000000000000",
        display.MonitorsConfig(1, (display.Head(0, 0, 720, 400, 0, 0, 0),)),
    ),
    Golden(
        DISPLAY,
        S,
        319,
        "STREAM_ACTIVATE_REPORT",
        "310000007348336605000000e8030000",
        display.StreamActivateReport(49, 1714636915, 5, 1000),
    ),
    Golden(DISPLAY, C, 1, "ACK_SYNC", "01000000", base.AckSync(1)),
    Golden(DISPLAY, C, 2, "ACK", "", base.Ack()),
    Golden(DISPLAY, C, 101, "INIT", "0100004001000000000100003000", display.Init(1, 0x1400000, 1, 0x300000)),
    Golden(
        DISPLAY,
        C,
        102,
        "STREAM_REPORT",
        "3100000073483366ec372c0072382c0005000000000000009001000000000000",
        display.StreamReport(49, 1714636915, 2897900, 2898034, 5, 0, 400, 0),
    ),
    Golden(
        INPUTS, S, 2, "MIGRATE_DATA", "49434d44010000000000", base.MigrateData(bytes.fromhex("49434d44010000000000"))
    ),
    Golden(INPUTS, S, 101, "INIT", "0000", inputs.Init(0)),
    Golden(INPUTS, S, 102, "KEY_MODIFIERS", "0000", inputs.KeyModifiers(0)),
    Golden(INPUTS, C, 103, "KEY_MODIFIERS", "0000", inputs.KeyModifiers(0)),
    Golden(
        CURSOR,
        S,
        101,
        "INIT",
        "0000000000000000010100",
        cursor.Init(cursor.Point16(0, 0), 0, 0, 1, cursor.NO_CURSOR),
    ),
    Golden(CURSOR, S, 108, "INVAL_ALL", "", cursor.InvalAll()),
    Golden(PLAYBACK, S, 101, "DATA", "a3352c00" + _SOUND, playback.Data(2897315, bytes.fromhex(_SOUND))),
    Golden(PLAYBACK, S, 102, "MODE", "8f352c000300", playback.Mode(2897295, 3)),
    Golden(PLAYBACK, S, 103, "START", "02000000010080bb00008f352c00", playback.Start(2, 1, 48000, 2897295)),
    Golden(PLAYBACK, S, 104, "STOP", "", playback.Stop()),
    Golden(PLAYBACK, S, 107, "LATENCY", "04000000", playback.Latency(4)),
]

_KEY = (
    "30819f300d06092a864886f70d010101050003818d003081890281810099f7a4d61c7cf668b8b27a645e1703877d7715cc792a4d4c9dd2b711d3"
    "674a9c44e6c66bc5d6f3490c35477c4a43dad326842f9217ebdfe94a66abce3228806f032e1bf9c2752518baa46bd6107d44fc183f2758958aaa"
    "ee92e45fbbbae3e71e5dd5d0bf614203f57bd910c48b0ff9b4e1c167a799c7fe6b8ec76362447b21410203010001"
)
#: What spice-gtk says first on a main channel, and what spice-server answers, each with its header.
LINK = "5245445102000000020000001a000000" + "0000000001000100000001000000120000000d0000000f000000"
LINK_REPLY = "524544510200000002000000ba000000" + "00000000" + _KEY + "0100000001000000b20000000b0000000f000000"
LINK_RECORD = Link(0, 1, 0, (0, 2, 3), (0, 1, 2, 3))
LINK_REPLY_RECORD = LinkReply(0, bytes.fromhex(_KEY), (0, 1, 3), (0, 1, 2, 3))
