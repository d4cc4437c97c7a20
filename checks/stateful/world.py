"""A system run as its real counterpart would be: processes that know nothing of each other, and bytes between them.

Whoever runs it says what happens next. It is told what the reference semantics say of the same run, after each step,
and must be in the same state.
"""

from __future__ import annotations

from collections.abc import Iterator

from switchover.models.language import GlobalState, Message, Opened
from switchover.models.language.connection import ConnectionState
from switchover.models.language.execution import Action, ActionKind
from switchover.models.language.outputs import Close, Open, Send
from switchover.models.language.process import Reaction
from switchover.models.language.snapshot import Snapshot, crashed_snapshot
from switchover.models.language.stepping import Outcome
from switchover.models.language.timed import TimedState

from .line import Line, WireFault
from .parties import Parts, Party, PortNumber
from .wires import WireMaker


class DisagreementError(Exception):
    """The processes and the reference semantics differ: one line, where, and what each has."""


class World:
    """One run of a system. ``makers``: what makes the wires of its connections."""

    def __init__(self, parts: Parts, makers: list[WireMaker]) -> None:
        self._system = parts.system
        self._layout = parts.system.layout
        self._parties = [Party(parts, members) for members in parts.members]
        homes = zip(self._parties, parts.members, strict=True)
        self._home = {actor: party for party, members in homes for actor in members}
        declared = zip(self._system.connections, makers, strict=True)
        self._lines = [Line(make, each.established) for each, make in declared]
        for number, each in enumerate(self._system.connections):
            for port in self._layout.ends[number] if each.established else ():
                self._home[port[0]].set_open(port)
        self._compared: GlobalState | None = None
        self._found: dict[int, Snapshot] = {}
        self._touched: set[int] = set()
        numbers = self._layout.numbers
        self._groups = [[n for role in roles for n in numbers(role)] for roles in self._system.processes.values()]

    # What happens.

    def perform(self, action: Action, at: int | None) -> Outcome:
        """One action, ``at`` so many ms after the start; None in an untimed system. Says how it ended.

        Raises DisagreementError for a wire that does not carry a message.
        """
        now = at or 0
        try:
            return self._perform(action, now)
        except WireFault as fault:
            raise DisagreementError(f"{action.kind.value} {action.name}: the wire: {fault}") from None

    def _perform(self, action: Action, now: int) -> Outcome:
        kind, subject = action.kind, action.subject
        if kind is ActionKind.DELIVER:
            return self._deliver(subject, action.end, now)
        if kind in (ActionKind.TASK, ActionKind.DECIDE):
            return self._carry_out(subject, self._home[subject].decide(subject, action.name, now))
        if kind in (ActionKind.TIMEOUT, ActionKind.EARLY):
            return self._carry_out(subject, self._home[subject].fire(subject, action.name, now))
        if kind is ActionKind.CUT:
            self._line(subject).cut()
        elif kind is ActionKind.CRASH:
            self._crash(self._groups[subject])
        else:
            self._restart(self._groups[subject])
        return Outcome.HANDLED

    def _deliver(self, number: int, end: int, now: int) -> Outcome:
        line, port = self._line(number), self._layout.ends[number][end]
        party, lives = self._home[port[0]], self._home[port[0]].lives(port[0])
        is_connecting = isinstance(line.first(end), Opened) and not line.open_ends[end]
        if is_connecting and not (lives and party.listens(port)):
            line.refuse(end)
            return Outcome.HANDLED
        arrived = line.take(end)
        if is_connecting and self._wants_notice(self._layout.ends[number][1 - end]):
            line.tell_accepted(end)
        if not lives:
            return Outcome.HANDLED
        return self._carry_out(port[0], party.receive(port, arrived, now))

    def _line(self, number: int) -> Line:
        """A line to which something happens."""
        self._touched.add(number)
        return self._lines[number]

    def _wants_notice(self, port: PortNumber) -> bool:
        """Whether a chart says what it does when its connection is accepted."""
        worker = self._layout.workers[port[0]]
        return (worker._slots[port[1]].name, Opened) in worker._receive_events

    def _carry_out(self, actor: int, reaction: Reaction) -> Outcome:
        for port, output in self._home[actor].outgoing(reaction):
            wire = self._layout.wires[port[0]][port[1]]
            if wire is None:
                return Outcome.ERROR
            if wire.connection >= 0:
                _put_out(self._line(wire.connection), wire.end, output)
        return reaction.outcome

    def _crash(self, actors: list[int]) -> None:
        for party in self._parties:
            party.crash([actor for actor in actors if self._home[actor] is party])
        for number, ends in enumerate(self._layout.ends):
            for end, (actor, _) in enumerate(ends):
                if actor in actors:
                    self._line(number).crash(end)

    def _restart(self, actors: list[int]) -> None:
        for party in self._parties:
            party.restart([actor for actor in actors if self._home[actor] is party])

    # Whether it is where it should be.

    def require_same(self, state: GlobalState | TimedState) -> None:
        """Compare every actor and everything under way. Raises DisagreementError for the first difference."""
        expected = state.system if isinstance(state, TimedState) else state
        for what, there, here in self._differences(expected):
            raise DisagreementError(f"{what}: the reference semantics have {there}, the processes {here}")
        if isinstance(state, TimedState):
            self._require_same_deadlines(state)

    def _differences(self, state: GlobalState) -> Iterator[tuple[str, object, object]]:
        """What differs of all that has changed since they were compared last."""
        before, self._compared = self._compared, state
        for actor, expected in enumerate(state.snapshots):
            found = self._snapshot(actor)
            is_new = before is None or expected is not before.snapshots[actor] or found is not self._found[actor]
            if is_new and found != expected:
                yield self._layout.actor_names[actor], expected, found
            self._found[actor] = found
        for number, connection in enumerate(state.connections):
            is_new = before is None or connection is not before.connections[number] or number in self._touched
            arriving = self._lines[number].state if is_new else connection
            if arriving != connection:
                yield self._system.connections[number].name, _text(connection), _text(arriving)
        self._touched.clear()

    def _snapshot(self, actor: int) -> Snapshot:
        if self._home[actor].lives(actor):
            return self._home[actor].snapshot(actor)
        return crashed_snapshot(self._layout.workers[actor]._initial_snapshot)

    def _require_same_deadlines(self, state: TimedState) -> None:
        for actor, deadlines in enumerate(state.deadlines):
            timers = type(self._layout.workers[actor])._timers
            expected = {name: due for name, due in deadlines if name in timers}
            found = self._home[actor].deadlines(actor)
            if found != expected:
                name = self._layout.actor_names[actor]
                raise DisagreementError(
                    f"{name}: its timers are due at {expected} in the reference semantics, at {found} in its process"
                )


def _put_out(line: Line, end: int, output: Send | Open | Close) -> None:
    if isinstance(output, Send):
        line.write(end, output.message)
    elif isinstance(output, Open):
        line.connect(end)
    else:
        line.close(end)


def _text(state: ConnectionState) -> str:
    def listed(messages: tuple[Message, ...]) -> str:
        return ", ".join(map(str, messages)) or "nothing"

    opened = " and ".join(f"end {end}" for end in (0, 1) if state.open_ends[end]) or "no end"
    return f"{opened} open, {listed(state.queues[0])} to end 0, {listed(state.queues[1])} to end 1"
