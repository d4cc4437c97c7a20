"""A host's main channel: greeting, mouse mode, clock, pings, and where the client is to go (facts: SPICE 1.9, 2.5)."""

from __future__ import annotations

from dataclasses import dataclass

from switchover.models.language import Message
from switchover.models.spice import messages as spice
from switchover.models.spice.protocol import base, main
from switchover.models.spice.protocol.channels import ChannelType, MainCap

from . import migrate_data
from .host_service import LAST_TIME, Machine, Situation, migrate, ping, ping_after_much
from .host_sessions import HostSessions
from .net_test import NetTest
from .numbering import NO_PORT, HostNumbers, Target

_SERVER_MOUSE = 1
_CLIENT_MOUSE = 2
_MOUSE_MODES = _SERVER_MOUSE | _CLIENT_MOUSE
_AGENT_TOKENS = 10
_AGENT_GONE = 1

#: Bytes of the longest notice that a client is sent.
_LONGEST_NOTICE = 4096

#: NOTIFY's ``severity``: information, warning, error.
_SEVERITIES = range(3)

#: NOTIFY's ``visibility``, as a server's notices are.
_HIGH = 2

#: Seconds between pings (facts: SPICE 7).
PING_INTERVAL = 15.0

_FROM_CLIENT: dict[type[Message], Message] = {
    main.AttachChannels: spice.AttachChannels(),
    main.MigrateDstDoSeamless: spice.MigrateDstDoSeamless(),
    main.MigrateEnd: spice.MigrateEnd(),
    base.MigrateFlushMark: spice.MigrateFlushMark(),
}
_PLAIN: dict[type[Message], Message] = {
    spice.MigrateEnd: main.MigrateEnd(),
    spice.MigrateDstSeamlessAck: main.MigrateDstSeamlessAck(),
    spice.MigrateDstSeamlessNack: main.MigrateDstSeamlessNack(),
}
_ATTEMPTS = 8


@dataclass
class MainService:
    """``caps``: what the client announces; ``is_new``: it linked without a connection id; ``test``: of its line."""

    machine: Machine
    hosts: HostNumbers
    sessions: HostSessions
    caps: frozenset[int]
    is_new: bool
    mouse_mode: int = _SERVER_MOUSE
    had_agent: bool = False
    is_leaving: bool = False
    next_ping: float | None = None
    test: NetTest | None = None

    @property
    def numbers_attempts(self) -> bool:
        """Whether both sides say which attempt a message is about."""
        return MainCap.MIGRATE_ATTEMPT in self.caps and self.machine.options.design.repairs.numbers_attempts

    def meaning(self, message: Message) -> Message | None:
        if isinstance(message, main.MigrateConnected):
            return spice.MigrateConnected(self._attempt(message.attempt))
        if isinstance(message, main.MigrateConnectedSeamless):
            return spice.MigrateConnectedSeamless(self._attempt(message.attempt))
        if isinstance(message, main.MigrateConnectError):
            return spice.MigrateConnectError(self._attempt(message.attempt))
        if isinstance(message, base.MigrateData):
            self.had_agent = migrate_data.read_main(message.data).has_agent
            return spice.MigrateData()
        return _FROM_CLIENT.get(type(message))

    def _attempt(self, number: int | None) -> int:
        return (number or 0) % _ATTEMPTS if self.numbers_attempts else 0

    def take(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, main.MouseModeRequest) and self.is_in_service(situation):
            return self._change_mouse_mode(message.mode)
        if isinstance(message, base.Pong) and self.test is not None:
            tested = self.test.on_pong(message, now)
            if tested is not None:
                self.machine.report(tested)
        return []

    def _change_mouse_mode(self, mode: int) -> list[Message]:
        if mode not in (_SERVER_MOUSE, _CLIENT_MOUSE) or mode == self.mouse_mode:
            return []
        self.mouse_mode = mode
        return [main.MouseMode(_MOUSE_MODES, mode)]

    def say(self, message: Message, situation: Situation, now: float) -> list[Message]:
        if isinstance(message, spice.Init):
            return self._greeting(message, now)
        if isinstance(message, spice.MultiMediaTime):
            return self._restored(now)
        if isinstance(message, spice.Migrate):
            self.is_leaving = True
            return [migrate(message)]
        if isinstance(message, spice.MigrateData):
            return [base.MigrateData(migrate_data.main_data(migrate_data.MainState()))]
        if isinstance(message, spice.ChannelsList):
            return [self._channels()]
        return [self._about_handover(message)]

    def _about_handover(self, message: Message) -> Message:
        if isinstance(message, spice.MigrateCancel):
            return main.MigrateCancel(self._said(message.attempt))
        if isinstance(message, spice.MigrateSwitchHost):
            target = self.hosts.target(message.host)
            return main.MigrateSwitchHost(_port(target.port), _port(target.tls_port), target.host, target.subject)
        if isinstance(message, spice.MigrateBegin):
            return _begin(main.MigrateBegin, self.hosts.target(message.host), self._said(message.attempt))
        if isinstance(message, spice.MigrateBeginSeamless):
            return _begin(main.MigrateBeginSeamless, self.hosts.target(message.host), self._said(message.attempt))
        return _PLAIN[type(message)]

    def _said(self, attempt: int) -> int | None:
        return attempt if self.numbers_attempts else None

    def _greeting(self, message: spice.Init, now: float) -> list[Message]:
        """A client that arrives by migration knows the guest's name already."""
        self.next_ping = now + PING_INTERVAL
        options = self.machine.options
        session = self.sessions.session(message.session_id)
        displays = sum(kind is ChannelType.DISPLAY for kind, _ in options.channels)
        time = self.machine.client_time(now)
        init = main.Init(session, displays, _MOUSE_MODES, self.mouse_mode, 0, _AGENT_TOKENS, time, 0)
        if not self.is_new:
            return [init]
        knows = MainCap.NAME_AND_UUID in self.caps
        names: list[Message] = [main.Name(options.name), main.Uuid(options.uuid)] if knows else []
        if not options.tests_network:
            return [init, *names]
        self.test = NetTest(now)
        return [init, *names, *self.test.pings()]

    def _restored(self, now: float) -> list[Message]:
        """No agent is here: a client that had one at the source must know."""
        gone: list[Message] = [main.AgentDisconnected(_AGENT_GONE)] if self.had_agent else []
        return [main.MultiMediaTime(self.machine.client_time(now)), *gone]

    def _channels(self) -> main.ChannelsList:
        listed = (main.ChannelId(int(kind), number) for kind, number in self.machine.options.channels)
        return main.ChannelsList(tuple(listed))

    def go_on(self, situation: Situation, now: float) -> list[Message]:
        if not self.is_in_service(situation):
            self.next_ping = None
            return []
        if self.next_ping is None:
            self.next_ping = now + PING_INTERVAL
        if now < self.next_ping:
            return ping_after_much(situation, now)
        self.next_ping = now + PING_INTERVAL
        return [ping(now)]

    def is_in_service(self, situation: Situation) -> bool:
        """Whether its client has arrived, and is not about to leave."""
        return situation.state == "completed" and not self.is_leaving

    def is_watched(self, situation: Situation) -> bool:
        """Whether its client is given up when it falls silent."""
        return self.is_in_service(situation) and (self.is_new or self.machine.options.watches_arrivals)

    def notice(self, text: str, severity: int, now: float) -> Message:
        """Words for the user."""
        return base.Notify(int(now * 1e9) & LAST_TIME, severity, _HIGH, 0, text)

    def stop(self, situation: Situation, now: float) -> list[Message]:
        """With the sound gone the clock is the main channel's again (facts: SPICE 5.2)."""
        if not (self.machine.options.sound and self.is_in_service(situation)):
            return []
        return [main.MultiMediaTime(self.machine.client_time(now))]

    def next_deadline(self) -> float | None:
        return self.next_ping


def check_notice(text: str, severity: int) -> None:
    """Raises ValueError for what no NOTIFY of a host carries."""
    if severity not in _SEVERITIES:
        raise ValueError(f"severity: expected 0 to {max(_SEVERITIES)}, not {severity}")
    if "\0" in text or len(text.encode()) > _LONGEST_NOTICE:
        raise ValueError(f"a notice has no NUL and at most {_LONGEST_NOTICE:,} bytes")


def _begin(
    kind: type[main.MigrateBegin] | type[main.MigrateBeginSeamless], target: Target, attempt: int | None
) -> Message:
    return kind(_port(target.port), _port(target.tls_port), target.host, target.subject, attempt=attempt)


def _port(number: int | None) -> int:
    return NO_PORT if number is None else number
