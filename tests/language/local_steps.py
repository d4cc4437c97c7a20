"""Helpers of the language's tests: every input an actor may get, and a bounded walk through its snapshots."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from switchover.models.language import Actor, Between, Closed, Lost, Message, Opened, Refused
from switchover.models.language.snapshot import Snapshot
from switchover.models.language.stepping import Decide, Expire, Input, Outcome, Receive, StepResult
from switchover.models.language.values import resolve_annotations


def messages_of(kind: type[Message]) -> Iterator[Message]:
    """Messages of a type: all numbers of small ranges, both bools, every enumeration member."""
    choices = [list(_choices(annotation)) for annotation in resolve_annotations(kind, {}).values()]
    for values in itertools.product(*choices):
        yield kind(*values)


def _choices(annotation: Any) -> Iterator[Any]:
    for extra in getattr(annotation, "__metadata__", ()):
        if isinstance(extra, Between):
            yield from range(extra.low or 0, min(extra.high or 3, (extra.low or 0) + 3) + 1)
            return
    if annotation is bool:
        yield from (False, True)
    elif annotation is int:
        yield from (0, 500)
    elif annotation is NoneType:
        yield None
    elif get_origin(annotation) is tuple:
        yield ()
    elif get_origin(annotation) in (UnionType, Union):
        yield from itertools.chain(*map(_choices, get_args(annotation)))
    elif issubclass(annotation, Message):
        yield from messages_of(annotation)
    elif issubclass(annotation, Enum):
        yield from annotation


def inputs_of(actor: Actor) -> list[Input]:
    """Every input of a small alphabet: each message and connection event on each port, decisions, tasks, timers."""
    found: list[Input] = []
    for number, slot in enumerate(actor._slots):
        for kind in slot.port.receives:
            found += [Receive(number, message) for message in messages_of(kind)]
        if not slot.port.in_process:
            found += [Receive(number, marker()) for marker in (Opened, Refused, Closed, Lost)]
    found += [Decide(name) for name in (*actor._decisions, *actor._tasks)]
    return found + [Expire(name) for name in actor._timers]


def walk(actor: Actor, stepper: Any, limit: int) -> Iterator[tuple[Snapshot, Input, StepResult]]:
    """Breadth first from the actor's initial snapshot: up to ``limit`` local steps."""
    frontier = [actor._initial_snapshot]
    seen = set(frontier)
    events = inputs_of(actor)
    for snapshot, event in itertools.islice(((at, event) for at in frontier for event in events), limit):
        result = stepper(actor, snapshot, event)
        yield snapshot, event, result
        if result.outcome is Outcome.HANDLED and result.snapshot not in seen:
            seen.add(result.snapshot)
            frontier.append(result.snapshot)
