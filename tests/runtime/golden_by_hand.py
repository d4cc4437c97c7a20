"""Bytes of messages that no recording has, written by hand after the facts (SPICE 1.8 to 1.13) and spice.proto; each
field has a value of its own.
"""

from __future__ import annotations

from golden import CURSOR, DISPLAY, INPUTS, MAIN, PLAYBACK, C, Golden, S
from switchover.models.spice.protocol import base, cursor, display, drawing, inputs, main, playback, record
from switchover.models.spice.protocol.channels import ChannelType
from switchover.models.spice.protocol.display import Head, Point, Rect, ResourceID

RECORD = ChannelType.RECORD
_BOX, _BOX_BYTES = Rect(1, -2, 3, 4), "01000000 feffffff 03000000 04000000"
_WAIT, _WAIT_BYTES = base.ChannelWait(2, 1, 9), "01 02 01 0900000000000000"
_DRAWINGS = [
    (302, "DRAW_FILL", drawing.DrawFill),
    (303, "DRAW_OPAQUE", drawing.DrawOpaque),
    (305, "DRAW_BLEND", drawing.DrawBlend),
    (306, "DRAW_BLACKNESS", drawing.DrawBlackness),
    (307, "DRAW_WHITENESS", drawing.DrawWhiteness),
    (308, "DRAW_INVERS", drawing.DrawInvers),
    (309, "DRAW_ROP3", drawing.DrawRop3),
    (310, "DRAW_STROKE", drawing.DrawStroke),
    (311, "DRAW_TEXT", drawing.DrawText),
    (312, "DRAW_TRANSPARENT", drawing.DrawTransparent),
    (313, "DRAW_ALPHA_BLEND", drawing.DrawAlphaBlend),
    (318, "DRAW_COMPOSITE", drawing.DrawComposite),
    (320, "GL_SCANOUT_UNIX", drawing.GlScanoutUnix),
]

BASE = [
    Golden(MAIN, S, 5, "WAIT_FOR_CHANNELS", _WAIT_BYTES, base.WaitForChannels((_WAIT,))),
    Golden(MAIN, S, 4, "PING", "01000000 0200000000000000 0000", base.Ping(1, 2, b"\0\0")),
    Golden(MAIN, S, 6, "DISCONNECTING", "0200000000000000 01000000", base.Disconnecting(2, 1)),
    Golden(MAIN, C, 6, "DISCONNECTING", "0200000000000000 01000000", base.Disconnecting(2, 1)),
    Golden(MAIN, S, 8, "LIST", "0000", base.List(b"\0\0")),
]
MAIN_CHANNEL = [
    Golden(MAIN, S, 105, "MOUSE_MODE", "0300 0100", main.MouseMode(3, 1)),
    Golden(MAIN, S, 107, "AGENT_CONNECTED", "", main.AgentConnected()),
    Golden(MAIN, S, 108, "AGENT_DISCONNECTED", "01000000", main.AgentDisconnected(1)),
    Golden(MAIN, S, 109, "AGENT_DATA", "6162", main.AgentData(b"ab")),
    Golden(MAIN, S, 110, "AGENT_TOKEN", "0a000000", main.AgentToken(10)),
    Golden(MAIN, S, 115, "AGENT_CONNECTED_TOKENS", "0a000000", main.AgentConnectedTokens(10)),
    Golden(MAIN, S, 118, "MIGRATE_DST_SEAMLESS_NACK", "", main.MigrateDstSeamlessNack()),
    Golden(MAIN, C, 101, "CLIENT_INFO", "0100000000000080", main.ClientInfo((1 << 63) + 1)),
    Golden(MAIN, C, 105, "MOUSE_MODE_REQUEST", "0200", main.MouseModeRequest(2)),
    Golden(MAIN, C, 106, "AGENT_START", "ffffffff", main.AgentStart((1 << 32) - 1)),
    Golden(MAIN, C, 107, "AGENT_DATA", "6162", main.AgentData(b"ab")),
    Golden(MAIN, C, 108, "AGENT_TOKEN", "0a000000", main.AgentToken(10)),
    Golden(MAIN, C, 112, "QUALITY_INDICATOR", "01", main.QualityIndicator(b"\1")),
]
DISPLAY_CHANNEL = [
    Golden(DISPLAY, S, 101, "MODE", "80020000 e0010000 20000000", display.Mode(640, 480, 32)),
    Golden(DISPLAY, S, 103, "RESET", "", display.Reset()),
    Golden(
        DISPLAY,
        S,
        104,
        "COPY_BITS",
        f"07000000 {_BOX_BYTES} 00 05000000 faffffff",
        display.CopyBits(7, _BOX, None, Point(5, -6)),
    ),
    Golden(DISPLAY, S, 105, "INVAL_LIST", "0100 01 0900000000000000", display.InvalList((ResourceID(1, 9),))),
    Golden(DISPLAY, S, 106, "INVAL_ALL_PIXMAPS", _WAIT_BYTES, display.InvalAllPixmaps((_WAIT,))),
    Golden(DISPLAY, S, 107, "INVAL_PALETTE", "0900000000000000", display.InvalPalette(9)),
    Golden(
        DISPLAY,
        S,
        122,
        "STREAM_CREATE",
        "01000000 02000000 03 04 0500000000000000 06000000 07000000 08000000 09000000"
        f"{_BOX_BYTES} 01 01000000 {_BOX_BYTES}",
        display.StreamCreate(1, 2, 3, 4, 5, 6, 7, 8, 9, _BOX, (_BOX,)),
    ),
    *(Golden(DISPLAY, S, number, name, "6162", kind(b"ab")) for number, name, kind in _DRAWINGS),
    Golden(DISPLAY, S, 315, "SURFACE_DESTROY", "02000000", display.SurfaceDestroy(2)),
    Golden(
        DISPLAY,
        S,
        316,
        "STREAM_DATA_SIZED",
        f"01000000 02000000 03000000 04000000 {_BOX_BYTES} 02000000 6162",
        display.StreamDataSized(1, 2, 3, 4, _BOX, b"ab"),
    ),
    Golden(
        DISPLAY,
        S,
        317,
        "MONITORS_CONFIG",
        "0100 0400 01000000 02000000 03000000 04000000 05000000 06000000 07000000",
        display.MonitorsConfig(4, (Head(1, 2, 3, 4, 5, 6, 7),)),
    ),
    Golden(DISPLAY, S, 321, "GL_DRAW", "01000000 02000000 03000000 04000000", display.GlDraw(1, 2, 3, 4)),
    Golden(DISPLAY, C, 101, "INIT", "01 feffffffffffffff 03 fcffffff", display.Init(1, -2, 3, -4)),
    Golden(
        DISPLAY,
        C,
        102,
        "STREAM_REPORT",
        "01000000 02000000 03000000 04000000 05000000 06000000 f9ffffff ffffffff",
        display.StreamReport(1, 2, 3, 4, 5, 6, -7, (1 << 32) - 1),
    ),
    Golden(DISPLAY, C, 103, "PREFERRED_COMPRESSION", "02", display.PreferredCompression(2)),
    Golden(DISPLAY, C, 104, "GL_DRAW_DONE", "", display.GlDrawDone()),
    Golden(DISPLAY, C, 105, "PREFERRED_VIDEO_CODEC_TYPE", "02 02 01", display.PreferredVideoCodecType((2, 1))),
]
INPUTS_CHANNEL = [
    Golden(INPUTS, S, 111, "MOUSE_MOTION_ACK", "", inputs.MouseMotionAck()),
    Golden(INPUTS, C, 101, "KEY_DOWN", "1e000000", inputs.KeyDown(30)),
    Golden(INPUTS, C, 102, "KEY_UP", "9e000000", inputs.KeyUp(0x9E)),
    Golden(INPUTS, C, 104, "KEY_SCANCODE", "e01c", inputs.KeyScancode(b"\xe0\x1c")),
    Golden(INPUTS, C, 111, "MOUSE_MOTION", "01000000 feffffff 0300", inputs.MouseMotion(1, -2, 3)),
    Golden(INPUTS, C, 112, "MOUSE_POSITION", "01000000 02000000 0300 04", inputs.MousePosition(1, 2, 3, 4)),
    Golden(INPUTS, C, 113, "MOUSE_PRESS", "01 0200", inputs.MousePress(1, 2)),
    Golden(INPUTS, C, 114, "MOUSE_RELEASE", "01 0200", inputs.MouseRelease(1, 2)),
]
CURSOR_CHANNEL = [
    Golden(
        CURSOR,
        S,
        101,
        "INIT",
        "0100 feff 0300 0400 01 0100",
        cursor.Init(cursor.Point16(1, -2), 3, 4, 1, cursor.NO_CURSOR),
    ),
    Golden(CURSOR, S, 102, "RESET", "", cursor.Reset()),
    Golden(CURSOR, S, 103, "SET", "0100 feff 01 0100", cursor.Set(cursor.Point16(1, -2), 1, cursor.NO_CURSOR)),
    Golden(CURSOR, S, 104, "MOVE", "0100 feff", cursor.Move(cursor.Point16(1, -2))),
    Golden(CURSOR, S, 105, "HIDE", "", cursor.Hide()),
    Golden(CURSOR, S, 106, "TRAIL", "0100 0200", cursor.Trail(1, 2)),
    Golden(CURSOR, S, 107, "INVAL_ONE", "0900000000000000", cursor.InvalOne(9)),
]
SOUND = [
    Golden(PLAYBACK, S, 102, "MODE", "01000000 0200 03", playback.Mode(1, 2, b"\3")),
    Golden(PLAYBACK, S, 103, "START", "01000000 0200 03000000 04000000", playback.Start(1, 2, 3, 4)),
    Golden(PLAYBACK, S, 105, "VOLUME", "02 ffff 0001", playback.Volume((65535, 256))),
    Golden(PLAYBACK, S, 106, "MUTE", "01", playback.Mute(1)),
    Golden(RECORD, S, 101, "START", "01000000 0200 03000000", record.Start(1, 2, 3)),
    Golden(RECORD, S, 102, "STOP", "", record.Stop()),
    Golden(RECORD, S, 103, "VOLUME", "02 ffff 0001", record.Volume((65535, 256))),
    Golden(RECORD, S, 104, "MUTE", "01", record.Mute(1)),
    Golden(RECORD, C, 101, "DATA", "01000000 6162", record.Data(1, b"ab")),
    Golden(RECORD, C, 102, "MODE", "01000000 0200 03", record.Mode(1, 2, b"\3")),
    Golden(RECORD, C, 103, "START_MARK", "01000000", record.StartMark(1)),
]
BY_HAND = [*BASE, *MAIN_CHANNEL, *DISPLAY_CHANNEL, *INPUTS_CHANNEL, *CURSOR_CHANNEL, *SOUND]
