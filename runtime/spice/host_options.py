"""How a host behaves: its design, its channels, its guest, its limits."""

from __future__ import annotations

from dataclasses import dataclass, field

from switchover.models.spice.link_timing.endpoints import ServerDesign
from switchover.models.spice.protocol.channels import ChannelType
from switchover.models.spice.protocol.link import LinkError

from .events import Channel
from .jpeg import BLOCK

#: The channels that a host can serve beside main.
SERVED = (ChannelType.DISPLAY, ChannelType.INPUTS, ChannelType.CURSOR, ChannelType.PLAYBACK)

#: The channels whose encryption a host may insist on, or refuse.
ALL_CHANNELS = frozenset((ChannelType.MAIN, *SERVED))

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
    load; None: only when told. ``tls_channels`` are linked with TLS only, ``plaintext_channels`` without; the client
    chooses for the others. ``tests_network``: a new client's main channel begins with PINGs that measure the line.

    Limits: seconds for a link; bytes of a client's message; connections that are not linked yet; ``silence_limit``:
    seconds after which a client is looked for, and after as many more without a byte given up if it owes an answer;
    ``watches_arrivals``: one that came by migration too, which shipped servers do not (N27); ``unread_limit``: bytes
    that may be under way to a client on a channel without acknowledgements.

    Raises ValueError for channels that a host cannot serve, or that can be linked neither with TLS nor without.
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
    tls_channels: frozenset[ChannelType] = frozenset()
    plaintext_channels: frozenset[ChannelType] = frozenset()
    tests_network: bool = True
    link_limit: float = 10.0
    message_limit: int = 1 << 20
    most_unlinked: int = 64
    silence_limit: float = 30.0
    watches_arrivals: bool = False
    unread_limit: int = 1 << 20

    def __post_init__(self) -> None:
        kinds = {each for each, _ in self.channels}
        if not kinds <= set(SERVED) or len(set(self.channels)) < len(self.channels):
            raise ValueError(f"channels: expected different ones of {', '.join(each.name for each in SERVED)}")
        if len(self.channels) > MOST_CHANNELS:
            raise ValueError(f"channels: at most {MOST_CHANNELS}")
        if len(self.uuid) != 16:
            raise ValueError("uuid: expected 16 bytes")
        names = ", ".join(sorted(each.name for each in ALL_CHANNELS))
        if not self.tls_channels | self.plaintext_channels <= ALL_CHANNELS:
            raise ValueError(f"tls_channels, plaintext_channels: expected some of {names}")
        if both := self.tls_channels & self.plaintext_channels:
            raise ValueError(f"{min(both).name} cannot be linked only with TLS and only without")

    def link_error(self, channel_type: int, *, is_secure: bool) -> LinkError:
        """Whether a channel of this type may be linked with TLS, or without (facts: SPICE 1.3)."""
        if is_secure:
            return LinkError.NEED_UNSECURED if channel_type in self.plaintext_channels else LinkError.OK
        return LinkError.NEED_SECURED if channel_type in self.tls_channels else LinkError.OK
