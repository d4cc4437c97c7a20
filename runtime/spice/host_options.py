"""How a host behaves: its design, its channels, its guest, its limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol.channels import ChannelType

from .events import Channel
from .jpeg import BLOCK

#: The channels that a host can serve beside main.
SERVED = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR, ChannelType.PLAYBACK)

#: Channels of a host beside main at most.
MOST_CHANNELS = 15


@dataclass(frozen=True)
class Video:
    """A synthetic video: ``columns`` × ``rows`` blocks of 8 × 8 pixels, a frame every ``interval`` seconds, of which
    the first ``detection`` at each host are drawn plainly, as if the server were still to find out that it is a video.
    """

    columns: int = 24
    rows: int = 18
    interval: float = 0.04
    detection: int = 0

    @property
    def width(self) -> int:
        """In pixels."""
        return self.columns * BLOCK

    @property
    def height(self) -> int:
        """In pixels."""
        return self.rows * BLOCK


@dataclass(frozen=True)
class HostOptions:
    """``design``: what it does about a handover; its client's capabilities are filled in when a client links.

    ``channels``: those beside main. ``clock_offset``: seconds by which the host's multimedia clock is ahead of the time
    that it is told. ``password``: None: no ticketing. ``video``: None: the screen stays as it is. ``sound``: the guest
    plays a tone. ``migration_time``: a migration completes by itself so many seconds after the target has begun to
    load; None: only when told. Limits: seconds for a link, bytes of a client's message, connections that are not linked
    yet.

    Raises ValueError for channels that a host cannot serve.
    """

    design: ServerDesign = field(default_factory=ServerDesign)
    name: str = "switchover"
    uuid: bytes = bytes(16)
    channels: tuple[Channel, ...] = tuple((each, 0) for each in SERVED)
    clock_offset: float = 0.0
    password: str | None = field(default=None, repr=False)
    width: int = 640
    height: int = 480
    video: Video | None = field(default_factory=Video)
    sound: bool = False
    migration_time: float | None = None
    link_limit: float = 10.0
    message_limit: int = 1 << 20
    most_unlinked: int = 64

    def __post_init__(self) -> None:
        kinds = {each for each, _ in self.channels}
        if not kinds <= set(SERVED) or len(set(self.channels)) < len(self.channels):
            raise ValueError(f"channels: expected different ones of {', '.join(each.name for each in SERVED)}")
        if len(self.channels) > MOST_CHANNELS:
            raise ValueError(f"channels: at most {MOST_CHANNELS}")
        if len(self.uuid) != 16:
            raise ValueError("uuid: expected 16 bytes")
