"""What the endpoints report: plain records, each with the time at which it was so, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice.protocol.channels import ChannelType, Side

#: A channel by its type and number.
Channel = tuple[ChannelType, int]


@dataclass(frozen=True)
class Opened:
    """A connection is open. ``address`` is the peer's. ``server``: what a client calls that server, whichever of its
    ports the address is; empty at a server.
    """

    at: float
    connection: int
    channel: Channel | None
    address: str
    server: str = ""


@dataclass(frozen=True)
class MessageSeen:
    """A message was sent or handled. ``message``: the record, None for the steps of a link; ``size``: of its body."""

    at: float
    connection: int
    channel: Channel
    sender: Side
    name: str
    number: int | None
    size: int
    message: Message | None = None


@dataclass(frozen=True)
class Ended:
    """A connection is over. ``by``: who ended it; None: it broke, or never was; ``reason`` in words; ``address`` and
    ``server`` as in Opened. ``is_unread``: it was not being read when it was closed, so that something may have come.
    """

    at: float
    connection: int
    channel: Channel | None
    by: Side | None
    reason: str
    address: str = ""
    server: str = ""
    is_unread: bool = False


@dataclass(frozen=True)
class StateChanged:
    """A chart is in another state. ``actor``: ``session``, ``display 0``, ``source``, …"""

    at: float
    actor: str
    before: str
    after: str


@dataclass(frozen=True)
class NotAllowed:
    """Something came that the charts do not expect; it was passed over."""

    at: float
    connection: int
    text: str


@dataclass(frozen=True)
class ClockSet:
    """The session's clock was set to ``time``; ``jump``: by so many ms, ``reset``: with mm-time-reset.

    Sound sets it once a second; by less than 40 ms, that is not told.
    """

    at: float
    time: int
    jump: int
    reset: bool


@dataclass(frozen=True)
class FrameShown:
    """A frame of a video stream was shown. ``connection``: by which it had come."""

    at: float
    connection: int
    display: int
    stream: int
    multi_media_time: int


@dataclass(frozen=True)
class FrameDropped:
    """A frame of a video stream will never be shown."""

    at: float
    connection: int
    display: int
    stream: int
    multi_media_time: int
