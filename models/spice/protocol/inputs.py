"""Messages of the inputs channel (facts: SPICE 1.13)."""

from __future__ import annotations

from switchover.models.language import Message

from .numbers import I32, U8, U16, U32


class Init(Message):
    """Beginning of the channel, with the guest's lock keys: 1 scroll, 2 num, 4 caps."""

    keyboard_modifiers: U16


class KeyModifiers(Message):
    """The lock keys have changed, at the sender's side."""

    modifiers: U16


class MouseMotionAck(Message):
    """The server has handled four motions or positions."""


class KeyDown(Message):
    """Up to four bytes of scan code, the first in the lowest byte."""

    code: U32


class KeyUp(Message):
    """As KEY_DOWN."""

    code: U32


class KeyScancode(Message):
    """Scan codes as they are."""

    data: bytes


class MouseMotion(Message):
    """The pointer has moved by so much."""

    dx: I32
    dy: I32
    buttons_state: U16


class MousePosition(Message):
    """The pointer is there."""

    x: U32
    y: U32
    buttons_state: U16
    display_id: U8


class MousePress(Message):
    """A button went down: 1 left, 2 middle, 3 right, 4 and 5 the wheel."""

    button: U8
    buttons_state: U16


class MouseRelease(Message):
    """A button went up."""

    button: U8
    buttons_state: U16
