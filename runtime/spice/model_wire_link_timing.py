"""The words of ``spice.link_timing``: hosts are addresses, sessions have ids of 32 bits, channels begin as they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base, display, inputs, link, main, playback
from switchover.models.spice.protocol.channels import ChannelType, Side

from .client_words import STARTS
from .model_wire_words import ModelWords, address_of, host_at, init_record, link_record, switch_host_record

#: The id of the session that connection id 1 of the model stands for; those of the others follow.
_FIRST_SESSION = 0x5E55_0001
_TRANSFERS = base.MigrateFlags.NEED_FLUSH | base.MigrateFlags.NEED_DATA_TRANSFER
_TIME = 1000

#: What a server says at the start of a channel, where it is one of those that tell a ChannelStart.
_START_RECORDS: dict[type[Message], Message] = {
    base.SetAck: base.SetAck(1, 20),
    inputs.Init: inputs.Init(0),
    playback.Mode: playback.Mode(_TIME, 1),
}


def _session(connection_id: int) -> int:
    return connection_id and _FIRST_SESSION + connection_id - 1


def _connection_id(session: int) -> int:
    return session and session - _FIRST_SESSION + 1


def _start(channel: ChannelType) -> Message:
    return _START_RECORDS[STARTS.get(channel, (base.SetAck,))[0]]


#: What a client says first on a channel. On other channels it has nothing of its own to say.
_BEGINNINGS: dict[ChannelType, Message] = {
    ChannelType.DISPLAY: display.Init(1, 1 << 20, 1, 1 << 18),
    ChannelType.INPUTS: inputs.KeyModifiers(0),
}
_NOTHING_OF_ITS_OWN = base.Pong(1, _TIME)


#: Shipped software does not number its attempts: 0 is not on the wire.
_TO_WIRE: dict[type[Message], Callable[[Any, ChannelType], Message]] = {
    spice.Link: lambda m, channel: link_record(_session(m.connection_id), channel),
    spice.LinkResult: lambda m, _: link.LinkResult(m.result.value),
    spice.Init: lambda m, _: init_record(_session(m.session_id), _TIME),
    spice.AttachChannels: lambda m, _: main.AttachChannels(),
    spice.ChannelsList: lambda m, _: main.ChannelsList((main.ChannelId(ChannelType.DISPLAY, 0),)),
    spice.MigrateBegin: lambda m, _: main.MigrateBegin(*address_of(m.host), attempt=m.attempt or None),
    spice.MigrateBeginSeamless: lambda m, _: main.MigrateBeginSeamless(*address_of(m.host), attempt=m.attempt or None),
    spice.MigrateConnected: lambda m, _: main.MigrateConnected(m.attempt or None),
    spice.MigrateConnectedSeamless: lambda m, _: main.MigrateConnectedSeamless(m.attempt or None),
    spice.MigrateConnectError: lambda m, _: main.MigrateConnectError(m.attempt or None),
    spice.MigrateCancel: lambda m, _: main.MigrateCancel(m.attempt or None),
    spice.MigrateEnd: lambda m, _: main.MigrateEnd(),
    spice.MigrateSwitchHost: lambda m, _: switch_host_record(m.host),
    spice.MigrateDstDoSeamless: lambda m, _: main.MigrateDstDoSeamless(1),
    spice.MigrateDstSeamlessAck: lambda m, _: main.MigrateDstSeamlessAck(),
    spice.MigrateDstSeamlessNack: lambda m, _: main.MigrateDstSeamlessNack(),
    spice.Migrate: lambda m, _: base.Migrate(_TRANSFERS if m.transfers else 0),
    spice.MigrateFlushMark: lambda m, _: base.MigrateFlushMark(),
    spice.MigrateData: lambda m, _: base.MigrateData(b"state"),
    spice.MultiMediaTime: lambda m, _: main.MultiMediaTime(_TIME),
    spice.MouseMode: lambda m, _: main.MouseMode(3, 1),
    spice.ChannelInit: lambda m, channel: _BEGINNINGS.get(channel, _NOTHING_OF_ITS_OWN),
    spice.ChannelStart: lambda m, channel: _start(channel),
    spice.ChannelTraffic: lambda m, _: base.Ping(1, _TIME),
}

_FROM_WIRE: dict[type[Message], Callable[[Any], Message]] = {
    link.Link: lambda r: spice.Link(_connection_id(r.connection_id)),
    link.LinkResult: lambda r: spice.LinkResult(spice.LinkError(r.result)),
    main.Init: lambda r: spice.Init(_connection_id(r.session_id)),
    main.AttachChannels: lambda _: spice.AttachChannels(),
    main.ChannelsList: lambda _: spice.ChannelsList(),
    main.MigrateBegin: lambda r: spice.MigrateBegin(host_at(r.port), r.attempt or 0),
    main.MigrateBeginSeamless: lambda r: spice.MigrateBeginSeamless(host_at(r.port), r.attempt or 0),
    main.MigrateConnected: lambda r: spice.MigrateConnected(r.attempt or 0),
    main.MigrateConnectedSeamless: lambda r: spice.MigrateConnectedSeamless(r.attempt or 0),
    main.MigrateConnectError: lambda r: spice.MigrateConnectError(r.attempt or 0),
    main.MigrateCancel: lambda r: spice.MigrateCancel(r.attempt or 0),
    main.MigrateEnd: lambda _: spice.MigrateEnd(),
    main.MigrateSwitchHost: lambda r: spice.MigrateSwitchHost(host_at(r.port)),
    main.MigrateDstDoSeamless: lambda _: spice.MigrateDstDoSeamless(),
    main.MigrateDstSeamlessAck: lambda _: spice.MigrateDstSeamlessAck(),
    main.MigrateDstSeamlessNack: lambda _: spice.MigrateDstSeamlessNack(),
    base.Migrate: lambda r: spice.Migrate(bool(r.flags & base.MigrateFlags.NEED_DATA_TRANSFER)),
    base.MigrateFlushMark: lambda _: spice.MigrateFlushMark(),
    base.MigrateData: lambda _: spice.MigrateData(),
    main.MultiMediaTime: lambda _: spice.MultiMediaTime(),
    main.MouseMode: lambda _: spice.MouseMode(),
    **{type(each): lambda _: spice.ChannelInit() for each in (*_BEGINNINGS.values(), _NOTHING_OF_ITS_OWN)},
    **dict.fromkeys(_START_RECORDS, lambda _: spice.ChannelStart()),
    base.Ping: lambda _: spice.ChannelTraffic(),
}

_FROM_SERVER = {*spice.MAIN_FROM_SERVER, *spice.CHANNEL_FROM_SERVER, *spice.PROPOSAL_FROM_SERVER}
_FROM_CLIENT = {*spice.MAIN_FROM_CLIENT, *spice.CHANNEL_FROM_CLIENT, *spice.PROPOSAL_FROM_CLIENT}


def _to_wire(message: Message, channel: ChannelType) -> Message:
    return _TO_WIRE[type(message)](message, channel)


def _from_wire(record: Message, channel: ChannelType, sender: Side) -> Message:
    return _FROM_WIRE[type(record)](record)


LINK_TIMING = ModelWords(frozenset(_TO_WIRE), frozenset(_FROM_SERVER - _FROM_CLIENT), _to_wire, _from_wire)
