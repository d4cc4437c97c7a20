"""Says why a recording is no behaviour: what was possible where it stops to fit, and what stood in the way."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

from switchover.models.language import Message
from switchover.models.language.actor import Close, Open, Output, Send
from switchover.models.language.execution import Execution
from switchover.models.language.observation import (
    ENDING,
    NOT_POSSIBLE,
    OPENING,
    Observation,
    Said,
    Vocabulary,
    wire_source,
)
from switchover.models.language.stepping import Decide, Expire, Input, Outcome, Receive, Snapshot, StepResult
from switchover.models.language.tracing import describe_input, describe_output, label

from .emission import Emission, Sent
from .search import Attempt, Explanation, Node

#: Nodes, and possibilities of them, that are told.
NODES = 6
MOST_TOLD = 12
EMISSIONS_TOLD = 4
NOTHING = "no actor of the model says this in any state that was reached"
#: How far back causes within a process are followed.
DEPTH = 5

Wanted = Callable[[int, Output], bool]


@dataclass(frozen=True)
class Hindrance:
    """Why a step that would have explained an observation did not happen. Lower ``rank`` is nearer."""

    rank: int
    text: str


def possibilities(explanation: Explanation, nodes: Sequence[Node]) -> tuple[str, ...]:
    """What the system could have done in ``nodes`` that an observer would have seen, least remarkable last."""
    chosen = sorted(nodes, key=lambda node: len(node.progress.strays))[:NODES]
    names, titles = list(explanation.script.sources), explanation.recording.titles
    instead: dict[str, None] = {}
    found: dict[str, int] = {}
    for node in chosen:
        if len(node.progress.strays) == len(chosen[0].progress.strays):
            for source, _, shown in node.progress.strays:
                title = titles.get(names[source], names[source])
                instead.setdefault(f"{title} {' '.join(map(str, shown))}, as part of a step that is recorded")
        for attempt in explanation.attempts(node):
            if attempt.firing.state is not None and attempt.emissions:
                found.setdefault(_describe(explanation, node, attempt), len(attempt.emissions))
    return (*instead, *sorted(found, key=lambda text: found[text]))[:MOST_TOLD]


def nearest(explanation: Explanation, nodes: Sequence[Node], observation: Observation, vocabulary: Vocabulary) -> str:
    """The action that would have come nearest to explaining ``observation``, and what stood in its way."""
    if observation.label == NOT_POSSIBLE:
        return "this side has closed or broken the connection before"
    chosen = (*nodes[:NODES], *nodes[-NODES:])
    found = [each for node in chosen for each in _hindrances(explanation, node, observation, vocabulary)]
    return min(found, key=lambda each: (each.rank, len(each.text)), default=Hindrance(9, "")).text or _silence(
        explanation, nodes[0], observation, vocabulary
    )


def _silence(explanation: Explanation, node: Node, observation: Observation, vocabulary: Vocabulary) -> str:
    names = explanation.execution.layout.actor_names
    senders = dict.fromkeys(actor for actor, _ in _senders(explanation, observation, vocabulary))
    if len(senders) == len(names) or not senders:
        return NOTHING
    found = [f"{names[actor]} in {'.'.join(node.state.snapshots[actor].states)}" for actor in senders]
    return f"{' and '.join(found)}: no input makes it say this, there or in any state that was reached"


def _describe(explanation: Explanation, node: Node, attempt: Attempt) -> str:
    shown = [_show(explanation, node, each) for each in attempt.emissions]
    more = f", and {len(shown) - EMISSIONS_TOLD} more" if len(shown) > EMISSIONS_TOLD else ""
    objection = f" ({attempt.objection})" if attempt.objection else ""
    return f"{_name(explanation, node, attempt)}: {', '.join(shown[:EMISSIONS_TOLD])}{more}{objection}"


def _name(explanation: Explanation, node: Node, attempt: Attempt) -> str:
    _, subject, actor, message, _ = label(explanation.execution, node.state, attempt.action)
    return f"{actor or subject} on {message or attempt.action.kind.value}"


def _show(explanation: Explanation, node: Node, emission: Emission) -> str:
    titles = explanation.recording.titles
    text = " ".join(map(str, emission.label))
    if isinstance(emission, Said):
        return f"{titles.get(emission.source, emission.source)} {text}"
    source = explanation.script.source_of(node.progress, emission)
    side = ("client", "server")[emission.end]
    name = explanation.execution.system.connections[emission.slot].name
    return f"{titles.get(source, f'{name} {side}')} {text}"


# Causes.


def _hindrances(
    explanation: Explanation, node: Node, observation: Observation, vocabulary: Vocabulary
) -> Iterator[Hindrance]:
    for attempt in explanation.attempts(node):
        if attempt.objection and any(_shows(explanation, node, each, observation) for each in attempt.emissions):
            yield Hindrance(0, f"{_name(explanation, node, attempt)}: {attempt.objection}")
    causes = _Causes(explanation.execution, node)
    for actor, wanted in _senders(explanation, observation, vocabulary):
        yield from causes.of(actor, wanted, DEPTH)


def _shows(explanation: Explanation, node: Node, emission: Emission, observation: Observation) -> bool:
    if emission.label != observation.label:
        return False
    if isinstance(emission, Sent):
        return explanation.script.source_of(node.progress, emission) == observation.source
    return emission.source == observation.source


def _senders(
    explanation: Explanation, observation: Observation, vocabulary: Vocabulary
) -> Iterator[tuple[int, Wanted]]:
    """The actors that could say ``observation``, and which of their outputs would."""
    execution = explanation.execution
    layout = execution.layout
    ends = [
        (slot, end)
        for slot, members in explanation.recording.places.items()
        for end in (0, 1)
        if any(wire_source(each, end) == observation.source for each in members)
    ]
    for slot, end in ends:
        actor, port = layout.ends[slot][end]
        yield actor, _sends(vocabulary, port, observation)
    if not ends:
        for actor in range(len(layout.workers)):
            yield actor, _says(execution, vocabulary, observation)


def _sends(vocabulary: Vocabulary, port: int, observation: Observation) -> Wanted:
    def wanted(_: int, output: Output) -> bool:
        if isinstance(output, Send):
            return output.port == port and vocabulary.on_wire(output.message) == observation.label
        ending = isinstance(output, Close) and observation.label == ENDING
        opening = isinstance(output, Open) and observation.label == OPENING
        return (ending or opening) and output.port == port  # type: ignore[union-attr]

    return wanted


def _says(execution: Execution, vocabulary: Vocabulary, observation: Observation) -> Wanted:
    names = execution.layout.actor_names

    def wanted(actor: int, output: Output) -> bool:
        if not isinstance(output, Send):
            return False
        wire = execution.layout.wires[actor][output.port]
        if wire is None or wire.connection >= 0:
            return False
        said = vocabulary.in_process(names[actor], names[wire.actor], output.message)
        return any((each.source, each.label) == (observation.source, observation.label) for each in said)

    return wanted


class _Causes:
    """Which inputs make an actor put something out, and what it does with them in a node."""

    def __init__(self, execution: Execution, node: Node) -> None:
        self.execution = execution
        self.layout = execution.layout
        self.node = node
        self.seen: set[tuple[int, str]] = set()

    def of(self, actor: int, wanted: Wanted, depth: int) -> Iterator[Hindrance]:
        snapshot = self.node.state.snapshots[actor]
        for event in self._events(actor):
            result = self.execution.local_step(actor, snapshot, event)
            if self._gives(actor, result, wanted):
                yield from self._missing(actor, event, depth)
            elif self._would_give(actor, event, wanted):
                yield self._hindered(actor, event, result)

    def _gives(self, actor: int, result: StepResult, wanted: Wanted) -> bool:
        return result.outcome is Outcome.HANDLED and any(wanted(actor, each) for each in result.outputs)

    def _would_give(self, actor: int, event: Input, wanted: Wanted) -> bool:
        """Whether the event does it in some state in which the search has seen such an actor."""
        kind = self.execution.kinds[actor]
        return any(
            known == kind and seen == event and self._gives(actor, result, wanted)
            for (known, _, seen), result in self.execution._steps.items()
        )

    def _hindered(self, actor: int, event: Input, result: StepResult) -> Hindrance:
        name = self.layout.actor_names[actor]
        if result.outcome is Outcome.REFUSED:
            return Hindrance(1, f"{name}: {result.reason}")
        if result.outcome is Outcome.HANDLED:
            done = "; ".join(describe_output(self.execution, actor, each) for each in result.outputs) or "nothing"
            where = ".".join(self.node.state.snapshots[actor].states)
            return Hindrance(3, f"{name} in {where} on {describe_input(self.execution, actor, event)} does: {done}")
        return Hindrance(4, f"{name}: {result.reason}")

    def _missing(self, actor: int, event: Input, depth: int) -> Iterator[Hindrance]:
        """The actor would do it, had the event come: who could have caused that?"""
        name, text = self.layout.actor_names[actor], describe_input(self.execution, actor, event)
        if not isinstance(event, Receive):
            yield Hindrance(2, f"{name} would do it by {text}, which is not possible here")
            return
        wire = self.layout.wires[actor][event.port]
        if wire is None or (actor, text) in self.seen:
            return
        self.seen.add((actor, text))
        yield Hindrance(5, f"{name} would do it on {text}, which has not come")
        if wire.connection < 0 and depth > 0:
            yield from self.of(wire.actor, self._call(wire.actor, wire.port, event.message), depth - 1)

    def _call(self, caller: int, port: int, message: Message) -> Wanted:
        def wanted(actor: int, output: Output) -> bool:
            return actor == caller and isinstance(output, Send) and (output.port, output.message) == (port, message)

        return wanted

    def _events(self, actor: int) -> Iterator[Input]:
        """The inputs of an actor that the search has seen, and its own."""
        worker, kind = self.layout.workers[actor], self.execution.kinds[actor]
        known: dict[Input, None] = {event: None for (seen, _, event) in self.execution._steps if seen == kind}
        for name in (*type(worker)._decisions, *type(worker)._tasks):
            known.setdefault(Decide(name))
        for timer in self.node.state.snapshots[actor].timers:
            known.setdefault(Expire(timer))
        for number, slot in enumerate(worker._slots):
            for message in slot.port.receives:
                for each in _examples(message):
                    known.setdefault(Receive(number, each))
        return iter([each for each in known if not isinstance(each, Expire) or self._is_armed(actor, each)])

    def _is_armed(self, actor: int, event: Expire) -> bool:
        snapshot: Snapshot = self.node.state.snapshots[actor]
        return event.timer in snapshot.timers


def _examples(kind: type[Message]) -> Iterator[Message]:
    """A few messages of a type, those whose fields are small numbers and truth values."""
    for values in itertools.product((0, 1, True, False), repeat=min(3, len(fields(kind)))):  # type: ignore[arg-type]
        with contextlib.suppress(ValueError, TypeError):
            yield kind(*values)
