"""In-process calls inside the client: between its session, its display stream, its playback and the screen."""

from __future__ import annotations

from typing import Annotated

from switchover.models.language import Between, Message

from .messages import FrameNumber, Host, MmTime, StreamData


class MmTimeSet(Message):
    """The session's clock was set to ``time``. ``reset``: with the signal mm-time-reset (facts: SPICE 5.3)."""

    time: MmTime
    reset: bool


class SetMmTime(Message):
    """The playback sets the session's clock."""

    time: MmTime


class AudioDelay(Message):
    """What the audio back end answered last, in ms, while a voice is open; None: no voice is."""

    delay: Annotated[int, Between()] | None


class ChannelReset(Message):
    """Semi-seamless: the session resets its channels before they go on at the target (facts: SPICE 4.3)."""


class ChannelDestroyed(Message):
    """Switch-host: the session destroys its channels, and makes new ones at the target (facts: SPICE 4.6)."""


class DisplaySwitched(Message):
    """The display channel goes on at the target."""


class TargetReady(Message):
    """The session has the target's INIT: the other channels may start there."""


class ClockUnset(Message):
    """The session's clock is the source's still, and the display is about to follow the target (solution (2)(a))."""


class Shown(Message):
    """A frame of the stream is on the screen."""

    frame: StreamData


class Dropped(Message):
    """A frame of the stream will never be shown."""

    frame: StreamData


class Drawn(Message):
    """A plain image is on the screen."""

    number: FrameNumber
    host: Host
