"""What a client's charts and the wire say to each other: messages of the model for records, and back.

What no chart is concerned with has no message here: it is upkeep (``connection.py``), or service.
"""

from __future__ import annotations

from collections.abc import Callable

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.link_timing.channels import Kind
from switchover.models.spice.protocol import base, display, inputs, main, playback
from switchover.models.spice.protocol.channels import ChannelType

from .numbering import NO_PORT, HostNumbers, SessionNumbers, Target

#: The channels that a client links besides main, and what the model calls them.
KINDS = {each: Kind(each.name.lower()) for each in ChannelType if each.name.lower() in {kind.value for kind in Kind}}

#: What a server's channel begins with (facts: SPICE 3.1, 3.2): the model's ChannelStart, the first time.
STARTS: dict[ChannelType, tuple[type[Message], ...]] = {
    ChannelType.CURSOR: (base.SetAck,),
    ChannelType.INPUTS: (inputs.Init,),
    ChannelType.PLAYBACK: (playback.Mode, playback.Start),
}

_PLAIN: dict[type[Message], Message] = {
    main.ChannelsList: spice.ChannelsList(),
    main.MigrateEnd: spice.MigrateEnd(),
    main.MigrateDstSeamlessAck: spice.MigrateDstSeamlessAck(),
    main.MigrateDstSeamlessNack: spice.MigrateDstSeamlessNack(),
    base.MigrateData: spice.MigrateData(),
}
_SENT: dict[type[Message], Message] = {
    spice.AttachChannels: main.AttachChannels(),
    spice.MigrateEnd: main.MigrateEnd(),
    spice.MigrateFlushMark: base.MigrateFlushMark(),
}
_REPLIES: dict[type[Message], Callable[[int | None], Message]] = {
    spice.MigrateConnected: main.MigrateConnected,
    spice.MigrateConnectedSeamless: main.MigrateConnectedSeamless,
    spice.MigrateConnectError: main.MigrateConnectError,
}
_UPKEEP = (base.Ping, base.SetAck)
#: What a display's client offers to keep: pictures, and a dictionary, in pixels.
_PIXMAP_CACHE = 1 << 20
_DICTIONARY = 1 << 18


def target_of(message: main.MigrateBegin | main.MigrateBeginSeamless | main.MigrateSwitchHost) -> Target:
    """The host that a message names. Raises ValueError when it names no port."""
    port, tls_port = (None if each in (0, NO_PORT) else each for each in (message.port, message.sport))
    if port is None and tls_port is None:
        raise ValueError(f"{type(message).__name__} names no port")
    return Target(message.host, port, tls_port, message.cert_subject)


class ClientWords:
    """Translates for one client. It remembers what the model leaves out: the ids behind numbers, and opaque data."""

    def __init__(self, hosts: HostNumbers) -> None:
        self._hosts = hosts
        self._sessions = SessionNumbers()
        self._data: dict[str, bytes] = {}
        self._source_version = 1

    def move(self, names: dict[str, str]) -> None:
        """Actors are called otherwise: ``names`` has the new name of each."""
        self._data = {names.get(actor, actor): data for actor, data in self._data.items()}

    def session(self, number: int) -> int:
        """The session id that a connection id of the model stands for."""
        return self._sessions.session(number)

    def from_main(self, message: Message, actor: str) -> Message | None:
        """What a record on the main channel is in the model; None: nothing. Raises ValueError for a target that
        cannot be.
        """
        if isinstance(message, main.Init):
            return spice.Init(self._sessions.learn(message.session_id))
        if isinstance(message, main.MigrateBegin):
            return spice.MigrateBegin(self._hosts.number(target_of(message)), (message.attempt or 0) % 8)
        if isinstance(message, main.MigrateBeginSeamless):
            self._source_version = message.src_mig_version
            return spice.MigrateBeginSeamless(self._hosts.number(target_of(message)), (message.attempt or 0) % 8)
        if isinstance(message, main.MigrateSwitchHost):
            return spice.MigrateSwitchHost(self._hosts.number(target_of(message)))
        if isinstance(message, main.MigrateCancel):
            return spice.MigrateCancel((message.attempt or 0) % 8)
        return self._from_any(message, actor)

    def from_channel(self, message: Message, actor: str, channel: ChannelType, is_begun: bool) -> Message | None:
        """The same for another channel. ``is_begun``: its beginning has been seen on this connection."""
        found = self._from_any(message, actor)
        if found is not None:
            return found
        if not is_begun and isinstance(message, STARTS.get(channel, ())):
            return spice.ChannelStart()
        return None if isinstance(message, _UPKEEP) else spice.ChannelTraffic()

    def _from_any(self, message: Message, actor: str) -> Message | None:
        if isinstance(message, base.Migrate):
            return spice.Migrate(bool(message.flags & base.MigrateFlags.NEED_DATA_TRANSFER))
        if isinstance(message, base.MigrateData):
            self._data[actor] = message.data
        return _PLAIN.get(type(message))

    def to_wire(self, message: Message, actor: str, channel: ChannelType, numbers_attempts: bool) -> Message:
        """The record for a message that a chart sends. ``numbers_attempts``: both sides do so (N02's repair)."""
        if isinstance(message, spice.MigrateData):
            return base.MigrateData(self._data.pop(actor, b""))
        if isinstance(message, spice.ChannelInit):
            return _beginning(channel)
        if isinstance(message, spice.MigrateDstDoSeamless):
            return main.MigrateDstDoSeamless(self._source_version)
        if isinstance(message, spice.MigrateConnected | spice.MigrateConnectedSeamless | spice.MigrateConnectError):
            reply = _REPLIES[type(message)]
            return reply(message.attempt if numbers_attempts else None)
        return _SENT[type(message)]


def _beginning(channel: ChannelType) -> Message:
    """DISPLAY_INIT with small caches, or the keyboard's modifiers."""
    if channel is ChannelType.DISPLAY:
        return display.Init(1, _PIXMAP_CACHE, 1, _DICTIONARY)
    return inputs.KeyModifiers(0)
